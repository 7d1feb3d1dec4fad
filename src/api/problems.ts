import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemDetails } from '../answers/problem.ts';
import { Failure } from '../base/failure.ts';
import { JsonError } from '../base/json.ts';
import { keyOf } from '../base/sentence.ts';
import { type Thrown, thrown } from '../base/thrown.ts';
import { storageFailure } from '../store/db/storage.ts';

/** Fastify's own refusals, in our codes. */
const FROM_FASTIFY: Readonly<Record<string, [Failure['code'], string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    'TOO_LARGE',
    'The body is larger than this address takes; nothing was stored.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'UNSUPPORTED_TYPE',
    'This content type is not taken here; send application/json, or application/octet-stream for a file.',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['BAD_JSON', 'The body is empty; expected JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'BAD_INPUT',
    'Content-Length does not agree with the body; send it again.',
  ],
};

export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof JsonError)
    return new Failure('BAD_JSON', `The body is not acceptable JSON: ${error.message}`, [
      { path: `line ${error.line}, column ${error.column}`, message: error.message },
    ]);
  const e = thrown(error);
  const full = storageFailure(error);
  if (full) return full;
  const known = FROM_FASTIFY[e.code ?? ''];
  if (known) return new Failure(known[0], known[1]);
  // 22xxx: a value that the database cannot take (a cursor or filter somebody made up).
  if (typeof e.code === 'string' && /^22[0-9A-Z]{3}$/.test(e.code))
    return new Failure(
      'BAD_INPUT',
      'A value in the request has a form that cannot be stored or compared; check cursor and filters.',
    );
  if (e.code === '57014' || e.code === '53300' || e.code === '57P03' || e.code === 'ECONNREFUSED')
    return new Failure('UNAVAILABLE', 'The database is busy or starting; try again in a moment.');
  if (brokeOff(e))
    return new Failure(
      'UNAVAILABLE',
      'The connection to the database broke off. Whether a change was stored is not known: look before you repeat it, or repeat it with the same Idempotency-Key.',
    );
  if (typeof e.statusCode === 'number' && e.statusCode >= 400 && e.statusCode < 500)
    return new Failure(
      e.statusCode === 413 ? 'TOO_LARGE' : 'BAD_INPUT',
      'The request could not be read; check address, headers and body.',
    );
  return undefined;
}

/** Errors of the wire to the database: its answer, a commit's too, may have been on its way. */
function brokeOff(e: Thrown): boolean {
  const code = e.code ?? '';
  return (
    /^(08...|57P0[12])$/.test(code) ||
    ['ECONNRESET', 'EPIPE'].includes(code) ||
    e.syscall === 'connect' ||
    /^(Connection terminated|Client (has encountered|was closed))/.test(e.message ?? '')
  );
}

/** Answers a failure as problem details. Unknown errors are logged with the request's id, and say nothing of the inside. */
export function answerFailure(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: (line: string) => void,
): void {
  const known = failureOf(error);
  if (!known) {
    const e = thrown(error);
    // The message may hold values of the request; name, code and place are enough to find the fault.
    const place =
      e.stack
        ?.split('\n')
        .find((l) => l.trim().startsWith('at '))
        ?.trim() ?? '';
    log(
      `${request.id} ${request.method} ${request.routeOptions.url ?? '?'}: ${e.name ?? 'Error'} ${e.code ?? ''} ${place}`,
    );
  }
  const failure =
    known ??
    new Failure(
      'INTERNAL',
      `Something went wrong on our side. Look whether your change was stored before you repeat it, and please quote request ${request.id}.`,
    );
  reply
    .code(failure.status)
    .header('content-type', PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(failure, request.id)));
}

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const problemOf = (failure: Failure, requestId: string): ProblemDetails => ({
  type: `/problems/${failure.code}`,
  title: STATUS_CODES[failure.status] ?? 'Error',
  status: failure.status,
  detail: failure.message,
  ...(failure.said ? keyOf(failure.said) : {}),
  code: failure.code,
  problems: failure.problems.slice(0, 200),
  requestId,
});

/** Answers what never became a request: no HTTP, an address or headers that are too long, or too slow. The connection ends with it. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket, requestId: string): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const failure =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new Failure('TOO_LARGE', 'Address and headers together are longer than 16 KiB; nothing was read.')
      : new Failure(
          'BAD_INPUT',
          'This is not a request as HTTP/1.1 has them, or it came too slowly; nothing was done.',
        );
  const body = JSON.stringify(problemOf(failure, requestId));
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  socket.destroy(error);
}
