import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Answer, Witness } from './witness.ts';

/** Longest request that is read: 63 hashes and a checkpoint with a hundred signatures of the largest kind fit well. */
export const MOST_BYTES = 512 * 1024;

const PLAIN = 'text/plain; charset=utf-8';

export interface ServedWitness {
  port: number;
  /** Answers what is under way, then stops listening. */
  close(): Promise<void>;
}

/**
 * Serves a witness over HTTP: `POST /add-checkpoint` and `GET /`. Whatever comes in is answered or cut off, and never ends the process.
 * Fails with the system's error when it cannot listen. Speaks no TLS: put a proxy before it.
 */
export async function serveWitness(
  witness: Witness,
  o: { host: string; port: number; report: (line: string) => void },
): Promise<ServedWitness> {
  const server = createServer(
    // Slow senders are cut off, so that they cannot hold every connection.
    { requestTimeout: 15_000, headersTimeout: 10_000, keepAliveTimeout: 60_000, maxHeaderSize: 8192 },
    (request, response) => {
      request.on('error', () => {});
      response.on('error', () => {});
      respond(witness, request, response).catch((error) => {
        o.report(error instanceof Error ? error.message : 'a request failed');
        send(response, {
          status: 500,
          type: PLAIN,
          body: 'the witness cannot answer now; its operator was told\n',
        });
      });
    },
  );
  server.maxConnections = 256;
  server.on('clientError', (_, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  await listen(server, o);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : o.port,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeIdleConnections();
      }),
  };
}

async function respond(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  if (path === '/add-checkpoint') {
    if (request.method !== 'POST') return wrongMethod(response, 'POST');
    const body = await readBody(request);
    if (body === undefined) return;
    if (body.length > MOST_BYTES)
      return send(response, {
        status: 413,
        type: PLAIN,
        body: `a request has at most ${MOST_BYTES} bytes\n`,
      });
    return send(response, await witness.addCheckpoint(body));
  }
  if (path !== '/')
    return send(response, { status: 404, type: PLAIN, body: 'there is POST /add-checkpoint and GET /\n' });
  if (request.method !== 'GET' && request.method !== 'HEAD') return wrongMethod(response, 'GET, HEAD');
  send(response, { status: 200, type: PLAIN, body: await witness.page() });
}

function wrongMethod(response: ServerResponse, allow: string): void {
  response.setHeader('allow', allow);
  send(response, { status: 405, type: PLAIN, body: `this answers ${allow}\n` });
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(answer.body);
}

/**
 * The body; undefined when the sender broke off or sends without end. Of one that is too long, somewhat more than the limit is kept and
 * the rest thrown away, so that the sender hears why.
 */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((done) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      if (length <= MOST_BYTES) chunks.push(chunk);
      length += chunk.length;
      if (length > 16 * MOST_BYTES) request.destroy();
    });
    request.on('end', () => done(Buffer.concat(chunks)));
    request.on('close', () => done(undefined));
  });
}

function listen(server: Server, o: { host: string; port: number }): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(o.port, o.host, () => {
      server.off('error', fail);
      done();
    });
  });
}
