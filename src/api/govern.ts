import * as action from '../actions/govern.ts';
import { addReadings, listReadings } from '../app/assure/readings.ts';
import { csvText } from '../app/exchange/csv-table.ts';
import { acknowledge } from '../app/govern/acknowledge.ts';
import { acknowledgeFromFile } from '../app/govern/acknowledge-file.ts';
import { acknowledgeByLink, makeLinks, openLink, withdrawLinks } from '../app/govern/acknowledge-links.ts';
import { acknowledgements, readEditions, readingCounts } from '../app/govern/editions.ts';
import { raciCsv, raciMatrix } from '../app/govern/raci.ts';
import { Rate, tooMany } from '../app/rate.ts';
import { present } from '../app/write/idempotent.ts';
import { startRecord, startsOf } from '../app/write/start-record.ts';
import { Failure } from '../base/failure.ts';
import { registers } from '../registers/index.ts';
import { addressOf } from './front.ts';
import type { Call, Operation } from './operation.ts';
import { csvFile, serve } from './serve.ts';

/** Misses of one address within ten minutes before nothing more is looked up for it. */
const MISSES = 20;

/** Documents in their editions, who has read them, readings of objectives and monitors, the RACI matrix. */
export const governOperations = (): Operation[] => [
  ...serve(action.listStarts, async ({ register }) => ({ items: startsOf(register) })),
  ...serve(action.startRecord, async ({ app, ask, register, body, wrote }) =>
    wrote(await startRecord(app, ask, register, body)),
  ),
  ...serve(action.addReadings, async ({ app, ask, register, params, query, body, request, wrote }) => {
    const format = query.format ?? (/json/.test(request.headers['content-type'] ?? '') ? 'json' : 'csv');
    return wrote(await addReadings(app, ask, register, params.ref, body, format));
  }),
  ...serve(action.listReadings, ({ app, ask, register, params, query }) =>
    listReadings(app, ask, register, params.ref, query.after, query.limit),
  ),
  ...serve(action.readEditions, ({ app, ask, params }) => readEditions(app, ask, params.ref)),
  ...serve(
    action.acknowledge,
    async ({ app, ask, params, body, wrote }) => {
      const done = await acknowledge(app, ask, params.ref, body.reason);
      return { ...wrote(done), decision: done.decision };
    },
    async ({ app, ask, params, wrote }, { record }) => {
      const read = { register: registers.document.name, ref: params.ref };
      return { ...wrote(await present(app, ask, { record: read })), decision: record.ref };
    },
  ),
  ...serve(action.readAcknowledgements, ({ app, ask, params, query: { acknowledged, after, limit } }) =>
    acknowledgements(app, ask, params.ref, {
      acknowledged: acknowledged && acknowledged === 'yes',
      after,
      limit,
    }),
  ),
  ...serve(action.importAcknowledgements, ({ app, ask, params, body, query }) =>
    acknowledgeFromFile(app, ask, params.ref, body, query.dryRun),
  ),
  ...serve(action.countReadings, ({ app, ask, query }) => readingCounts(app, ask, query)),
  ...serve(action.raci, async ({ app, ask, query, reply }) => {
    const matrix = await raciMatrix(app, ask, query.system);
    return query.format === 'csv'
      ? csvFile(reply, raciCsv(matrix), `raci-${matrix.system?.ref ?? 'organisation'}`)
      : matrix;
  }),
  ...serve(action.makeLinks, async ({ app, ask, params, query, body, organisation, reply }) => {
    const { people, days = action.LINK_DAYS } = body;
    const made = await makeLinks(app, ask, await organisation(), params.ref, { people, days });
    if (query.format === 'json') return made;
    const lines = made.items.map((i) => [i.name, i.email, i.link]);
    return csvFile(reply, csvText([['name', 'email', 'link'], ...lines]), `links-${params.ref}`);
  }),
  ...serve(action.withdrawLinks, ({ app, ask, params, body }) => withdrawLinks(app, ask, params.ref, body)),
  ...linkOperations(),
];

/** What personal links open, for people without an account. */
function linkOperations(): Operation[] {
  let misses: Rate | undefined;
  /** Misses count, and after many an address is told no more; a right link opens all the same, whoever guessed beside it. */
  const guarded = async <T>(c: Pick<Call, 'app' | 'request'>, look: () => Promise<T>): Promise<T> => {
    misses ??= new Rate(c.app.clock, MISSES, 600_000);
    const address = addressOf(c.request);
    try {
      return await look();
    } catch (error) {
      if (error instanceof Failure && error.code === 'NOT_FOUND') {
        if (misses.full(address)) throw tooMany();
        misses.count(address);
      }
      throw error;
    }
  };
  return [
    ...serve(action.readLink, (c) =>
      guarded(c, async () => openLink(c.app, await c.organisation(), c.body.token)),
    ),
    ...serve(action.useLink, (c) =>
      guarded(c, async () => acknowledgeByLink(c.app, await c.organisation(), c.body.token)),
    ),
  ];
}
