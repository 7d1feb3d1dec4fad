import * as z from 'zod';
import { depart, ownedBy, reassign } from '../app/departure.ts';
import { DEPART } from '../app/departureGuards.ts';
import { registers } from '../registers/index.ts';
import { checked } from './body.ts';
import { wholeNumber } from './listing.ts';
import { type Operation, single } from './operation.ts';
import { ifMatch } from './records.ts';

const BASE = `/api/v1/:org/${registers.person.name}/:ref`;

const person = z
  .string({ error: 'expected a person' })
  .regex(/^PSN-\d{4,9}$/, { error: 'expected a person such as PSN-0003' });
const reason = z.string({ error: 'expected text' }).max(4000).nullish();

const departBody = z.strictObject({
  values: z.unknown().optional(),
  successor: person
    .nullish()
    .describe('Who takes over everything the leaver holds; needed when there is something'),
  keys: z
    .enum(['keep', 'revoke'], { error: 'expected keep or revoke' })
    .nullish()
    .describe('What becomes of API keys that the leaver made; needed when there are some'),
  reason,
});
const reassignBody = z.strictObject({
  successor: person.describe('Who takes over'),
  registers: z
    .array(z.string({ error: 'expected the name of a register' }).max(60), {
      error: 'expected a list of registers',
    })
    .min(1, { error: 'name at least one register' })
    .max(60)
    .nullish()
    .describe('Only records of these registers'),
  refs: z
    .array(
      z
        .string({ error: 'expected the number of a record' })
        .regex(/^[A-Z]{3}-\d{4,9}$/, { error: 'expected the number of a record, such as SYS-0001' }),
      {
        error: 'expected a list of records',
      },
    )
    .min(1, { error: 'name at least one record' })
    .max(500, { error: 'takes at most 500 records' })
    .nullish()
    .describe('Only these records'),
  reason,
});

/** Leaving, and handing over what somebody holds. */
export function peopleOperations(): Operation[] {
  const common = { tag: 'People', access: 'member' as const };
  return [
    {
      ...common,
      id: `${registers.person.name}.owned`,
      method: 'GET',
      path: `${BASE}/owned`,
      summary: 'What somebody owns, approves or looks after, and the API keys they made',
      mutates: false,
      query: {
        after: 'number of the last record seen (`next`)',
        limit: 'how many, 1 to 200; 50 unless told',
      },
      handler: (c) =>
        ownedBy(
          c.app,
          c.ask,
          c.params.ref!,
          single(c.query, 'after'),
          wholeNumber(single(c.query, 'limit') ?? '50', 'limit', 1, 200),
        ),
    },
    {
      ...common,
      id: `${registers.person.name}.reassign`,
      method: 'POST',
      path: `${BASE}/reassign`,
      summary: 'Hand over what somebody holds, or a part of it, to somebody else; all or none',
      mutates: true,
      input: reassignBody,
      handler: (c) => {
        const b = checked(reassignBody, c.body);
        return reassign(c.app, c.ask, c.params.ref!, {
          successor: b.successor,
          registers: b.registers ?? undefined,
          refs: b.refs ?? undefined,
          reason: b.reason ?? undefined,
        });
      },
    },
    {
      ...common,
      id: `${registers.person.name}.${DEPART}`,
      method: 'POST',
      path: `${BASE}/${DEPART}`,
      summary: 'Let a person depart; a successor takes over everything they hold, in the same transaction',
      mutates: true,
      input: departBody,
      handler: async (c) => {
        const b = checked(departBody, c.body);
        const done = await depart(c.app, c.ask, c.params.ref!, {
          values: b.values ?? undefined,
          successor: b.successor ?? undefined,
          keys: b.keys ?? undefined,
          reason: b.reason ?? undefined,
          expect: ifMatch(c),
        });
        c.reply.header('etag', `"${done.record.version}"`);
        if (done.replayed) c.reply.header('idempotent-replay', 'true');
        return { ...done.record, handedOver: done.handedOver, keys: done.keys };
      },
    },
  ];
}
