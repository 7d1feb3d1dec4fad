import * as action from '../actions/log.ts';
import { wholeNumber } from '../actions/params.ts';
import { readLog } from '../app/log/log.ts';
import { makeReadToken, rotateKey, setLogPublic } from '../app/log/log-admin.ts';
import { logStanding } from '../app/log/log-standing.ts';
import { beginNewLog } from '../app/log/new-log.ts';
import { listStamps, readStamp, setStampService, stopStamps } from '../app/log/stamps.ts';
import { addWitness, listWitnesses, removeWitness } from '../app/log/witnesses.ts';
import { makePack } from '../app/pack/pack.ts';
import { differences } from '../app/read/differences.ts';
import { present } from '../app/write/idempotent.ts';
import { Failure } from '../base/failure.ts';
import * as cell from '../store/db/cells.ts';
import { askingWith } from './asking.ts';
import type { Operation } from './operation.ts';
import { type Asked, madeBefore, Raw, serve } from './serve.ts';

/** The log: read, packed, compared; what its keepers can do to it; its witnesses and time stamps. */
export const ledgerOperations = (): Operation[] => [
  ...serve(action.readLog, async ({ app, query, organisation }) =>
    readLog(app, await organisation(), query.before, query.limit, query.number),
  ),
  ...serve(action.standing, ({ app, ask }) => logStanding(app, ask.actor.organisation)),
  ...serve(action.auditPack, async ({ app, ask, query, organisation, reply }) => {
    const pack = await makePack(app, ask, await organisation(), query);
    reply
      .header('content-type', 'application/zip')
      .header('content-length', pack.bytes)
      .header('content-disposition', `attachment; filename="${pack.fileName}"`);
    return new Raw(pack.stream);
  }),
  ...serve(action.compare, ({ app, ask, query }) => differences(app, ask, query)),
  ...serve(
    action.setVisibility,
    async ({ app, ask, body, organisation }) => setLogPublic(app, ask, await organisation(), body),
    madeBefore,
  ),
  ...serve(action.setToken, async ({ app, ask, body, organisation }) =>
    makeReadToken(app, ask, await organisation(), body),
  ),
  ...serve(
    action.rotateKey,
    async (c) => {
      const { password, ...o } = c.body;
      return rotateKey(c.app, askingWith(c, password), await c.organisation(), o);
    },
    async ({ app, ask }, kept) => ({
      ...(await present(app, ask, kept)),
      ...cell.members({ vkey: cell.text, until: cell.text })(kept.more),
    }),
  ),
  ...serve(
    action.beginNew,
    async (c) => {
      const { password, ...o } = c.body;
      return beginNewLog(c.app, askingWith(c, password), await c.organisation(), o);
    },
    async ({ app, ask }, kept) => ({
      ...(await present(app, ask, kept)),
      ...cell.members({ origin: cell.text, vkey: cell.text })(kept.more),
    }),
  ),
  ...serve(action.witnesses, ({ app, ask }) => listWitnesses(app, ask.actor.organisation)),
  ...serve(
    action.addWitness,
    async ({ app, ask, body, organisation }) => addWitness(app, ask, await organisation(), body),
    async (_, { more }) => action.addWitness.answer.parse(more),
  ),
  ...serve(
    action.removeWitness,
    async ({ app, ask, body, organisation }) => removeWitness(app, ask, await organisation(), body),
    async () => ({ witness: null }),
  ),
  ...serve(action.stamps, ({ app, ask, query }) => listStamps(app, ask.actor.organisation, query)),
  ...serve(
    action.setStamps,
    async ({ app, ask, body, organisation }) => setStampService(app, ask, await organisation(), body),
    async (_, { more }) => action.setStamps.answer.parse(more),
  ),
  ...serve(
    action.stopStamps,
    async ({ app, ask, body, organisation }) => stopStamps(app, ask, await organisation(), body),
    async () => ({ service: null }),
  ),
  ...serve(action.readStamp, async (c) => {
    const { token: _, ...view } = await stampOf(c);
    return view;
  }),
  ...serve(action.readStampToken, async (c) => {
    const { log, size, token } = await stampOf(c);
    if (!token)
      throw new Failure(
        'NOT_FOUND',
        `The stamp of the checkpoint of size ${size} is still waited for; the list says why.`,
      );
    const { slug } = await c.organisation();
    c.reply
      .header('content-type', 'application/timestamp-reply')
      .header('content-disposition', `attachment; filename="${slug}-${log}-${size}.tsr"`);
    return new Raw(token);
  }),
];

type StampCall = Asked<'log/stamps/:size', (typeof action.readStamp)['query'], 'none'>;

async function stampOf({
  app,
  params,
  query,
  organisation,
}: Pick<StampCall, 'app' | 'params' | 'query' | 'organisation'>) {
  const o = await organisation();
  return readStamp(app, o, wholeNumber(params.size, 'size', 1, 2 ** 31 - 1), query.log ?? o.logNumber);
}
