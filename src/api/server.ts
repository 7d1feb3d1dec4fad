import { existsSync } from 'node:fs';
import { constants } from 'node:zlib';
import fastifyCompress from '@fastify/compress';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { App, Asking } from '../app/context.ts';
import { standingHeader, standstillOf } from '../app/log/log-standing.ts';
import { Failure } from '../base/failure.ts';
import { parseJson } from '../base/json.ts';
import { closedTo } from '../register/closed.ts';
import { ANSWERS } from '../store/db/reachable.ts';
import { behindSentence } from '../store/ledger/newest-entries.ts';
import { Front } from './front.ts';
import { publicLog } from './log.ts';
import { keyOf, Once } from './once.ts';
import { openApi } from './openapi.ts';
import type { Call, Operation } from './operation.ts';
import { allOperations } from './operations.ts';
import type { ServerOptions } from './options.ts';
import { answerFailure, answerUnreadable } from './problems.ts';

/** Longest JSON body (bytes), longest import. Files are streamed, and limited where they are stored. */
const JSON_LIMIT = 1_048_576;
/**
 * A body of JSON is read on the thread that answers: it is small, its nesting is shallow and its members are few, so that reading it takes some
 * hundredths of a second whatever it holds. Files go to the intake.
 */
const JSON_BODY = { maxDepth: 32, maxKeys: 100_000, bigIntegers: 'refuse' } as const;
const IMPORT_LIMIT = 20 * 1_048_576;

/** Answers shorter than this (bytes) fit into one packet as they are. */
const COMPRESS_FROM = 1_400;

const NUL = 'must not hold NUL or broken characters';

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** The server with the list of what it serves. */
export type Served = FastifyInstance & { operations: Operation[] };

/** The HTTP server: every operation as a route, the public log, the interface description and the pages. */
export async function createServer(o: ServerOptions): Promise<Served> {
  const { app } = o;
  const front = new Front({ baseUrl: app.baseUrl, log: app.log, ...o.front });
  const requestId = () => app.random.bytes(8).toString('hex');
  const server = Fastify({
    logger: false,
    trustProxy: (address) => front.trusts(address),
    bodyLimit: JSON_LIMIT,
    genReqId: requestId,
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, requestId()),
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: 'idle',
    // The largest file, over a line of 5 MBit/s.
    requestTimeout: 900_000,
    // An address that cannot even be read (half an escape, an endless parameter) is answered like every other fault.
    frameworkErrors: (error, request, reply) => answerFailure(error, request, reply, app.log),
  });
  server.setErrorHandler((error, request, reply) => {
    app.storage.note(error);
    answerFailure(error, request, reply, app.log);
  });
  server.setNotFoundHandler((request, reply) => {
    answerFailure(
      new Failure('NOT_FOUND', `There is nothing at ${request.method} ${request.url.slice(0, 200)}.`),
      request,
      reply,
      app.log,
    );
  });
  server.addHook('onRequest', async (request) => front.admit(request));
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) =>
      body.length === 0 ? undefined : parseJson(body, JSON_BODY),
  );
  server.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!reply.hasHeader(name)) reply.header(name, value);
  });

  // Only what an operation answers as JSON: files keep their length, by which a cut download is noticed.
  await server.register(fastifyCompress, {
    global: true,
    // What is sent to us is not unpacked: a small request must not become a large one.
    globalDecompression: false,
    threshold: COMPRESS_FROM,
    encodings: ['br', 'gzip'],
    customTypes: /^application\/(problem\+)?json/,
    // As fast as gzip, and smaller; the highest levels take a hundred times as long.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    zlibOptions: { level: 4 },
  });
  const operations = [...allOperations(app.registry, o), ...(o.also ?? [])];
  addRoutes(server, { app, front, once: new Once() }, operations);
  server.get('/healthz', async (_request, reply) => {
    await app.db.across(ANSWERS);
    const newest = app.db.newest.ahead(app.clock.now());
    if (newest)
      return reply
        .code(503)
        .send({ status: 'clock behind', problem: behindSentence(app.clock.now(), newest) });
    const refusal = await app.storage.refusal();
    if (refusal) throw new Failure('UNAVAILABLE', refusal);
    const still = [...app.sequencer.standstills().values()];
    // Which organisation it is of is nobody's business here: the output of the server and whoever keeps the log say it.
    if (still.length > 0)
      return reply.code(503).send({
        status: 'log not signed',
        causes: [...new Set(still.map((s) => s.cause))].sort(),
        logs: still.length,
        since: still
          .map((s) => s.since.toISOString())
          .sort()
          .at(0),
      });
    return { status: 'ok' };
  });
  // For what starts the server anew or sends nobody to it when it is not well: reading works whatever stands in /healthz.
  server.get('/livez', async () => {
    await app.db.across(ANSWERS);
    return { status: 'ok' };
  });
  // Made when it is first asked for: most servers never are, and it takes longer than opening the database.
  let description: string | undefined;
  server.get('/api/v1/openapi.json', async (_request, reply) => {
    reply.header('content-type', 'application/json; charset=utf-8');
    description ??= JSON.stringify(openApi(app.registry, operations, o.version));
    return description;
  });
  publicLog(server, app);
  if (o.site && existsSync(o.site))
    await server.register(fastifyStatic, {
      root: o.site,
      cacheControl: false,
      preCompressed: true,
      setHeaders: cacheHeaders,
    });
  // Fastify's own type of this instance carries more parameters than ours names.
  return Object.assign(server as unknown as FastifyInstance, { operations });
}

/** Built files carry a digest in their names and never change; the page itself is asked for anew each time. */
function cacheHeaders(res: { setHeader(name: string, value: string): unknown }, path: string): void {
  res.setHeader(
    'cache-control',
    /[/\\]assets[/\\]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  );
}

/** What a request goes through before its operation. */
interface Doors {
  app: App;
  front: Front;
  once: Once;
}

/** Operations by how their body comes: one scope for each kind, for a scope of its own for every register's import would slow the start. */
function addRoutes(server: FastifyInstance, doors: Doors, operations: readonly Operation[]): void {
  const of = (body: Operation['body']) => operations.filter((op) => op.body === body);
  for (const op of operations)
    if (op.body !== 'bytes' && op.body !== 'file') server.route(routeOf(doors, op));
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The stream itself: it goes to disk while it is hashed, and never lies in memory as a whole.
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const op of of('bytes'))
      scope.route({ ...routeOf(doors, op), bodyLimit: doors.app.limits.fileBytes + 1 });
  });
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: IMPORT_LIMIT },
      async (_request: FastifyRequest, body: Buffer) => body,
    );
    for (const op of of('file')) scope.route({ ...routeOf(doors, op), bodyLimit: IMPORT_LIMIT });
  });
}

/** What a request carries in its address, as the router took it apart. */
interface Asked {
  Params: Call['params'];
  Querystring: Call['query'];
}

function routeOf({ app, front, once }: Doors, op: Operation) {
  const route = async (request: FastifyRequest<Asked>, reply: FastifyReply): Promise<unknown> => {
    if (op.method !== 'GET') front.refuseForeignOrigin(request);
    const { params } = request;
    const ask = op.access === 'member' ? await askingOf(app, request, params.org!, op) : ({} as Asking);
    const still = ask.actor && standstillOf(app, ask.actor.organisation);
    if (still) reply.header('openaims-log', standingHeader(still));
    if (!op.filters) refuseUnknownQuery(op, request.query);
    reply.header('cache-control', 'no-store');
    const body = op.body === 'bytes' || op.body === 'file' ? request.body : jsonBody(op, request);
    const answer = await once.carry(op, {
      // Whatever the handler reads, it reads on behalf of whoever asks.
      app: ask.actor ? { ...app, db: app.db.as(ask.actor.ref, closedTo(app.registry, ask.actor)) } : app,
      ask,
      params,
      query: request.query,
      body,
      request,
      reply,
    });
    return reply.sent ? reply : answer;
  };
  return { method: op.method, url: op.path, handler: route };
}

/** A misspelt parameter that is passed over in silence gives another answer than the one asked for. */
function refuseUnknownQuery(op: Operation, query: Call['query']): void {
  const known = Object.keys(op.query ?? {});
  for (const [name, value] of Object.entries(query)) {
    const well = known.includes(name) && !Array.isArray(value);
    if (well && !String(value).includes('\0')) continue;
    const shown = name.slice(0, 60);
    const what = well ? NUL : known.includes(name) ? 'is given more than once' : 'is not known here';
    throw new Failure(
      'BAD_INPUT',
      `${shown} ${what}; ${known.length > 0 ? `parameters are ${known.join(', ')}` : 'this address takes no parameters'}.`,
      [{ path: `/${shown}`, message: what }],
    );
  }
}

/** A JSON operation that needs a body gets an object; what is not one is refused before the handler. */
function jsonBody(op: Operation, request: FastifyRequest): unknown {
  if (op.method === 'GET') return undefined;
  const body = request.body;
  if (body === undefined || body === null) return op.body === 'none' ? undefined : {};
  if (typeof body !== 'object' || Array.isArray(body))
    throw new Failure('INVALID', 'The body: expected a JSON object.', [
      { path: '/', message: 'expected an object' },
    ]);
  refuseNul(body, '');
  return body;
}

/** The database keeps no NUL: told here by its place, whatever the operation makes of the text. */
function refuseNul(value: unknown, path: string): void {
  if (typeof value === 'string') {
    if (value.includes('\0'))
      throw new Failure('INVALID', `${path.slice(1)}: ${NUL}.`, [{ path, message: NUL }]);
  } else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) refuseNul(inner, `${path}/${name.slice(0, 60)}`);
}

/**
 * Who asks. Nobody known: 401. Known, but not of this organisation: 404, as if it did not exist.
 */
async function askingOf(app: App, request: FastifyRequest, slug: string, op: Operation): Promise<Asking> {
  const headers = { cookie: request.headers.cookie, authorization: request.headers.authorization };
  const actor = await app.identity.identify(headers, slug);
  if (!actor) {
    if (!(await app.identity.whoAmI(headers)))
      throw new Failure(
        'NOT_SIGNED_IN',
        'Sign in first, or send a valid API key as "Authorization: Bearer aims_…".',
      );
    throw new Failure('NOT_FOUND', `There is no organisation ${slug.slice(0, 40)} for you.`);
  }
  return { actor, idempotency: keyOf(request, op) };
}
