import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** An answer: JSON unless `text` or `bytes` is given. */
export interface Reply {
  status?: number;
  json?: unknown;
  text?: string;
  bytes?: Uint8Array;
  headers?: Record<string, string | string[]>;
  /** Declares this many bytes and breaks off after what is given. */
  breakOff?: number;
}

export type Handler = (seen: Seen) => Reply;

/** A small HTTP server on the loopback that answers as told and remembers what it was asked. For tests only. */
export class FixtureServer {
  readonly seen: Seen[] = [];
  private routes: Record<string, Handler | Reply> = {};
  private constructor(private readonly server: Server) {}

  static async start(): Promise<FixtureServer> {
    const server = createServer();
    const fixture = new FixtureServer(server);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://fixture');
        const seen: Seen = {
          method: request.method ?? '',
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body: Buffer.concat(parts),
        };
        fixture.seen.push(seen);
        const r = fixture.answer(seen);
        const body = r.bytes ?? r.text ?? JSON.stringify(r.json ?? null);
        const type =
          r.bytes || r.text !== undefined
            ? 'text/plain'
            : (r.status ?? 200) >= 400
              ? 'application/problem+json'
              : 'application/json';
        response.writeHead(r.status ?? 200, {
          'content-type': type,
          ...(r.breakOff ? { 'content-length': String(r.breakOff) } : {}),
          ...r.headers,
        });
        if (r.breakOff) response.write(body, () => response.destroy());
        else response.end(body);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return fixture;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Forgets what was seen and answers `METHOD /path` as told; everything else is 404. */
  serve(routes: Record<string, Handler | Reply>): void {
    this.seen.length = 0;
    this.routes = routes;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private answer(seen: Seen): Reply {
    const route = this.routes[`${seen.method} ${seen.path}`];
    if (route) return typeof route === 'function' ? route(seen) : route;
    return problem(404, 'NOT_FOUND', `There is nothing at ${seen.method} ${seen.path}.`);
  }
}

/** Problem details as the server sends them. */
export function problem(
  status: number,
  code: string,
  detail: string,
  problems: { path: string; message: string }[] = [],
): Reply {
  return {
    status,
    json: { type: `/problems/${code}`, title: code, status, detail, code, problems, requestId: 'f1' },
  };
}

/** A record as the server answers it. */
export function record(ref: string, register: string, more: Record<string, unknown> = {}) {
  return {
    ref,
    register,
    version: 1,
    state: 'open',
    title: `Title of ${ref}`,
    values: {},
    derived: {},
    links: {},
    createdAt: '2027-01-01T08:00:00.000Z',
    createdBy: 'PSN-0001',
    updatedAt: '2027-01-01T08:00:00.000Z',
    updatedBy: 'PSN-0001',
    ...more,
  };
}
