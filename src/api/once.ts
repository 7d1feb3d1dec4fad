import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Asking } from '../app/context.ts';
import { notYetDone } from '../app/write/idempotent.ts';
import { Failure } from '../base/failure.ts';
import { DoneBefore } from '../store/records/idempotency.ts';
import type { Call, Operation } from './operation.ts';

/** The key that a request carries, with a digest of what it asks for. What proves who asks is no part of that. */
export function keyOf(request: FastifyRequest, op: Operation): Asking['idempotency'] {
  const key = request.headers['idempotency-key'];
  if (key === undefined || op.method === 'GET') return undefined;
  if (Array.isArray(key) || key.length < 1 || key.length > 200)
    throw new Failure('BAD_INPUT', 'Idempotency-Key: expected 1 to 200 characters.', [
      { path: 'Idempotency-Key', message: 'has a wrong length' },
    ]);
  const fingerprint = createHash('sha256')
    .update(`${request.method} ${request.url}\n`)
    // A file on its way is read later: whoever keeps it adds its digest.
    .update(op.body === 'bytes' ? '' : Buffer.isBuffer(request.body) ? request.body : asText(request.body))
    .digest('hex');
  return { key, fingerprint };
}

const asText = (body: unknown): string =>
  JSON.stringify(body ?? null, (name, value) => (name === 'password' ? undefined : value));

/**
 * Carries requests out, and those with one key one after the other: the first is carried out, and what was kept of it answers the others. A request
 * that was refused has done nothing, and is tried again.
 */
export class Once {
  private readonly last = new Map<string, Promise<unknown>>();

  async carry(op: Operation, call: Call): Promise<unknown> {
    const { actor, idempotency } = call.ask;
    if (!idempotency || !op.mutates) return op.handler(call);
    const whose = `${actor.organisation} ${actor.ref} ${idempotency.key}`;
    const before = this.last.get(whose);
    const own = (async () => {
      await before?.catch(() => {});
      return this.first(op, call);
    })();
    this.last.set(whose, own);
    try {
      return await own;
    } finally {
      if (this.last.get(whose) === own) this.last.delete(whose);
    }
  }

  private async first(op: Operation, call: Call): Promise<unknown> {
    try {
      // Of a file it is not known yet which one it is.
      if (op.body !== 'bytes') await notYetDone(call.app, call.ask);
      return await op.handler(call);
    } catch (error) {
      if (!(error instanceof DoneBefore)) throw error;
      if (!op.again)
        throw new Failure(
          'ALREADY_EXISTS',
          'This was carried out before, under the same Idempotency-Key. What it showed is shown once: look what was made, and make another if that is lost.',
        );
      const answer = await op.again(call, error.kept);
      call.reply.code(200).header('idempotent-replay', 'true');
      return answer;
    }
  }
}
