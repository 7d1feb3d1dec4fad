import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answered } from '../actions/index.ts';
import { readLogs } from '../actions/log.ts';
import type { App } from '../app/context.ts';
import { readBundle, readTile } from '../app/log/log.ts';
import { type LogHead, logHead, logHeads, logPath, logPolicy, signingKey } from '../app/log/log-heads.ts';
import { findOrganisation, type Organisation } from '../app/people/organisations.ts';
import { Failure } from '../base/failure.ts';
import { member } from '../base/member.ts';
import { encodeBundle, parseTilePath, TILE_WIDTH } from '../ledger/index.ts';
import * as cell from '../store/db/cells.ts';
import { logToken } from '../store/log/log-admin.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const TEXT = 'text/plain; charset=utf-8';

type Opened = (request: FastifyRequest) => Promise<Organisation>;

/**
 * The logs at their C2SP tlog-tiles paths, with the keys beside them: the first log of an organisation at `/log/<organisation>`, the one
 * that continues it at `/log/<organisation>/2`. A log that is not public is shown to members and to whoever has its read token; for
 * everybody else it does not exist.
 */
export function publicLog(server: FastifyInstance, app: App): void {
  const open: Opened = async (request) => {
    const org = String(member(request.params, 'org'));
    const organisation = await findOrganisation(app, org);
    if (organisation && (organisation.logPublic || (await mayRead(app, organisation, request))))
      return organisation;
    throw new Failure('NOT_FOUND', `There is no public log of ${org.slice(0, 40)}.`);
  };
  server.get(readLogs.path, async (request, reply) => {
    const o = await open(request);
    const logs: Answered<'GET /log/:org/logs'>['logs'] = (await logHeads(app, o.id)).map((h) => ({
      number: h.number,
      origin: h.origin,
      path: logPath(o.slug, h.number),
      open: h.open,
      size: h.size,
      root: h.root.toString('base64'),
      keys: h.keys,
    }));
    return send(reply, o, 'application/json; charset=utf-8', 'no-cache', JSON.stringify({ logs }));
  });
  server.get('/log/:org/gate.pem', async (request, reply) => {
    const o = await open(request);
    return send(reply, o, 'application/x-pem-file', 'no-cache', app.keys.gatePublicPem(o.slug));
  });
  oneLog(server, app, open, '/log/:org');
  oneLog(server, app, open, '/log/:org/:number');
}

/** A member, or the bearer of the log's read token. */
async function mayRead(app: App, o: Organisation, request: FastifyRequest): Promise<boolean> {
  const { cookie, authorization } = request.headers;
  const token = /^Bearer (aimslog_[A-Za-z0-9_-]{43})$/.exec(authorization ?? '')?.[1];
  if (token !== undefined) {
    const [rows] = await app.db.run(o.id, [logToken]);
    const known = cell.orNull(cell.bytes)(rows![0]?.log_token);
    return known !== null && timingSafeEqual(known, createHash('sha256').update(token).digest());
  }
  return (await app.identity.identify({ cookie, authorization }, o.slug)) !== undefined;
}

function send(reply: FastifyReply, o: Organisation, type: string, cache: string, body: Buffer | string) {
  // Anybody may read a public log from any page: that is what it is for.
  if (o.logPublic)
    reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin');
  return reply
    .header('content-type', type)
    .header('cache-control', o.logPublic ? cache : 'private, no-store')
    .send(body);
}

function oneLog(server: FastifyInstance, app: App, open: Opened, base: string): void {
  const head = async (request: FastifyRequest): Promise<{ o: Organisation; log: LogHead }> => {
    const o = await open(request);
    const number = String(member(request.params, 'number') ?? '1');
    if (!/^[1-9]\d{0,5}$/.test(number))
      throw new Failure('NOT_FOUND', `There is no log ${number.slice(0, 20)} of ${o.slug}.`);
    return { o, log: await logHead(app, o, Number(number)) };
  };
  server.get(`${base}/checkpoint`, async (request, reply) => {
    const { o, log } = await head(request);
    if (!log.checkpoint)
      throw new Failure('NOT_FOUND', `The log of ${o.slug} has no checkpoint yet; ask again in a moment.`);
    return send(reply, o, TEXT, 'no-cache', log.checkpoint);
  });
  server.get(`${base}/vkey`, async (request, reply) => {
    const { o, log } = await head(request);
    return send(reply, o, TEXT, 'no-cache', `${signingKey(log)}\n`);
  });
  server.get(`${base}/policy`, async (request, reply) => {
    const { o, log } = await head(request);
    return send(reply, o, TEXT, 'no-cache', await logPolicy(app, o, log));
  });
  server.get(`${base}/tile/*`, async (request, reply) => {
    const { o, log } = await head(request);
    const path = `tile/${(request.params as { '*': string })['*']}`;
    const wanted = parseTilePath(path);
    const none = () => new Failure('NOT_FOUND', `The log of ${o.slug} has no ${path.slice(0, 80)}.`);
    if (!wanted) throw none();
    if (wanted.kind === 'entries') {
      const entries = await readBundle(app, o.id, log.number, wanted.index, wanted.width);
      if (!entries) throw none();
      return send(reply, o, 'application/octet-stream', IMMUTABLE, encodeBundle(entries));
    }
    const width = wanted.width ?? TILE_WIDTH;
    const tile = await readTile(app, o.id, log.number, wanted.level, wanted.index, width);
    if (!tile) throw none();
    return send(reply, o, 'application/octet-stream', IMMUTABLE, tile);
  });
}
