import * as z from 'zod';
import { findOrganisation } from '../app/organisations.ts';
import { listStamps, readStamp, setStampService, stopStamps } from '../app/stamps.ts';
import { Failure } from '../base/failure.ts';
import { checked } from './body.ts';
import { wholeNumber } from './listing.ts';
import { type Call, type Operation, single } from './operation.ts';

const BASE = '/api/v1/:org/log/stamps';
const reason = z.string().max(5000).optional();
const service = z.strictObject({
  url: z.string().min(1).max(2000),
  chain: z.string().min(1).max(65_536),
  every: z.enum(['hour', 'day']),
  reason,
});
const off = z.strictObject({ reason });

/** Time stamps of others (RFC 3161) on checkpoints. */
export function logStampOperations(): Operation[] {
  const common = { access: 'member' as const, tag: 'Ledger' };
  const organisationOf = async (c: Call) => (await findOrganisation(c.app, c.params.org!))!;
  const stampOf = async (c: Call) => {
    const organisation = await organisationOf(c);
    const log = single(c.query, 'log') ?? String(organisation.logNumber);
    const found = await readStamp(
      c.app,
      organisation,
      wholeNumber(c.params.size!, 'size', 1, 2 ** 31 - 1),
      wholeNumber(log, 'log', 1, 1_000_000),
    );
    return { organisation, ...found };
  };
  const one = { log: 'number of the log; the open one unless told' };
  return [
    {
      ...common,
      id: 'log.stamps',
      method: 'GET',
      path: BASE,
      mutates: false,
      summary: 'The time-stamping authority, and the stamps it gave or still owes',
      query: { after: '`next` of the page before', limit: '1 to 200; 50 unless told' },
      handler: async (c) =>
        listStamps(c.app, c.ask.actor.organisation, {
          after: single(c.query, 'after'),
          limit: wholeNumber(single(c.query, 'limit') ?? '50', 'limit', 1, 200),
        }),
    },
    {
      ...common,
      id: 'log.stamps.set',
      method: 'POST',
      path: `${BASE}/service`,
      mutates: true,
      summary: 'Have a time-stamping authority stamp a checkpoint each hour or day',
      input: service,
      handler: async (c) => setStampService(c.app, c.ask, await organisationOf(c), checked(service, c.body)),
    },
    {
      ...common,
      id: 'log.stamps.off',
      method: 'POST',
      path: `${BASE}/service/off`,
      mutates: true,
      summary: 'Have no more checkpoints stamped',
      input: off,
      handler: async (c) => stopStamps(c.app, c.ask, await organisationOf(c), checked(off, c.body)),
    },
    {
      ...common,
      id: 'log.stamps.one',
      method: 'GET',
      path: `${BASE}/:size`,
      mutates: false,
      summary: 'The stamp of the checkpoint of this size, with the certificates it was checked with',
      query: one,
      handler: async (c) => {
        const { organisation: _, token: __, ...view } = await stampOf(c);
        return view;
      },
    },
    {
      ...common,
      id: 'log.stamps.token',
      method: 'GET',
      path: `${BASE}/:size/token`,
      mutates: false,
      summary: 'The stamp itself (TimeStampResp in DER), as `openssl ts` reads it',
      query: one,
      handler: async (c) => {
        const { organisation, log, size, token } = await stampOf(c);
        if (!token)
          throw new Failure(
            'NOT_FOUND',
            `The stamp of the checkpoint of size ${size} is still waited for; the list says why.`,
          );
        c.reply
          .header('content-type', 'application/timestamp-reply')
          .header('content-disposition', `attachment; filename="${organisation.slug}-${log}-${size}.tsr"`);
        return token;
      },
    },
  ];
}
