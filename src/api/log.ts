import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../app/context.ts';
import { readBundle, readTile } from '../app/log.ts';
import { findOrganisation, type Organisation } from '../app/organisations.ts';
import { Failure } from '../base/failure.ts';
import { encodeBundle, parseTilePath, TILE_WIDTH } from '../ledger/index.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';

/**
 * The log at its C2SP tlog-tiles paths below `/log/<organisation>/`, with the keys beside it. A log that is not public is
 * shown to members only; for everybody else it does not exist.
 */
export function publicLog(server: FastifyInstance, app: App): void {
  const open = async (request: FastifyRequest): Promise<Organisation> => {
    const { org } = request.params as { org: string };
    const organisation = await findOrganisation(app, org);
    const headers = { cookie: request.headers.cookie, authorization: request.headers.authorization };
    if (organisation && (organisation.logPublic || (await app.identity.identify(headers, org))))
      return organisation;
    throw new Failure('NOT_FOUND', `There is no public log of ${org.slice(0, 40)}.`);
  };
  const send = (reply: FastifyReply, o: Organisation, type: string, cache: string, body: Buffer | string) => {
    // Anybody may read a public log from any page: that is what it is for.
    if (o.logPublic)
      reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin');
    return reply
      .header('content-type', type)
      .header('cache-control', o.logPublic ? cache : 'private, no-store')
      .send(body);
  };

  server.get('/log/:org/checkpoint', async (request, reply) => {
    const o = await open(request);
    const [rows] = await app.db.run(o.id, [
      {
        text: 'select checkpoint from log where organisation = (select present_organisation())',
        name: 'log-note',
      },
    ]);
    const note = rows![0]?.checkpoint as string | null;
    if (!note)
      throw new Failure('NOT_FOUND', `The log of ${o.slug} has no checkpoint yet; ask again in a moment.`);
    return send(reply, o, 'text/plain; charset=utf-8', 'no-cache', note);
  });
  server.get('/log/:org/vkey', async (request, reply) => {
    const o = await open(request);
    return send(reply, o, 'text/plain; charset=utf-8', 'no-cache', `${app.keys.logVkey(o.slug, o.origin)}\n`);
  });
  server.get('/log/:org/gate.pem', async (request, reply) => {
    const o = await open(request);
    return send(reply, o, 'application/x-pem-file', 'no-cache', app.keys.gatePublicPem(o.slug));
  });
  server.get('/log/:org/tile/*', async (request, reply) => {
    const o = await open(request);
    const path = `tile/${(request.params as { '*': string })['*']}`;
    const wanted = parseTilePath(path);
    const none = () => new Failure('NOT_FOUND', `The log of ${o.slug} has no ${path.slice(0, 80)}.`);
    if (!wanted) throw none();
    if (wanted.kind === 'entries') {
      const entries = await readBundle(app, o.id, wanted.index, wanted.width);
      if (!entries) throw none();
      return send(reply, o, 'application/octet-stream', IMMUTABLE, encodeBundle(entries));
    }
    const tile = await readTile(app, o.id, wanted.level, wanted.index, wanted.width ?? TILE_WIDTH);
    if (!tile) throw none();
    return send(reply, o, 'application/octet-stream', IMMUTABLE, tile);
  });
}
