import * as z from 'zod';
import { createdKey, departed, handOver, invitedPerson, owned } from '../answers/people.ts';
import type { StepOf } from '../register/rec.ts';
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
import { strong } from './command.ts';
import { limit, words } from './params.ts';
import { maybe, recordRef } from './parts.ts';

const { person, apiKey } = registers;
const DEPART = 'depart' satisfies StepOf<typeof person>;
const tag = 'People';
const successor = z
  .string({ error: 'expected a person' })
  .regex(/^PSN-\d{4,9}$/, { error: 'expected a person such as PSN-0003' });
const reason = maybe(z.string({ error: 'expected text' }).max(4000));

export const invite = defineAction({
  id: `${person.name}.invite`,
  method: 'POST',
  path: `${person.name}/:ref/invite`,
  tag,
  summary: 'Invite a person; answers the link once',
  writes: 'showsOnce',
  body: z.strictObject({ values: maybe(z.unknown()), reason: maybe(z.string().max(5000)) }),
  answer: invitedPerson,
});

export const createKey = defineAction({
  id: `${apiKey.name}.create`,
  method: 'POST',
  path: apiKey.name,
  tag,
  summary: 'Make an API key; answers its secret once',
  writes: 'showsOnce',
  status: 201,
  body: 'json',
  answer: createdKey,
});

export const readOwned = defineAction({
  id: `${person.name}.owned`,
  method: 'GET',
  path: `${person.name}/:ref/owned`,
  tag,
  summary: 'What somebody owns, approves or looks after, and the API keys they made',
  query: { after: words('number of the last record seen (`next`)'), limit },
  answer: owned,
  command: {
    name: 'person owned',
    says: 'What somebody owns, approves or looks after, and the API keys they made.',
    takes: { ref: 'number of the person' },
    form: 'text',
    pages: true,
    shows({ items, keys, total, registers: counts }, say) {
      for (const i of items) say.line(strong(i.ref), ` ${i.title}, ${i.state}: ${i.as.join(', ')}`);
      for (const k of keys)
        say.line(strong(k.ref), ` ${k.title}: API key they made, works until ${k.expires}`);
      say.note(
        total === 0
          ? `${say.given('ref')} holds nothing.`
          : `${total} in all: ${counts.map((r) => `${r.label} ${r.count}`).join(', ')}`,
      );
    },
  },
});

export const reassign = defineAction({
  id: `${person.name}.reassign`,
  method: 'POST',
  path: `${person.name}/:ref/reassign`,
  tag,
  summary: 'Hand over what somebody holds, or a part of it, to somebody else; all or none',
  writes: true,
  body: z.strictObject({
    successor: successor.describe('Who takes over'),
    registers: maybe(
      z
        .array(z.string({ error: 'expected the name of a register' }).max(60), {
          error: 'expected a list of registers',
        })
        .min(1, { error: 'name at least one register' })
        .max(60),
    ).describe('Only records of these registers'),
    refs: maybe(
      z
        .array(recordRef('SYS-0001'), { error: 'expected a list of records' })
        .min(1, { error: 'name at least one record' })
        .max(500, { error: 'takes at most 500 records' }),
    ).describe('Only these records'),
    reason,
  }),
  answer: handOver,
  command: {
    name: 'person reassign',
    says: 'Hand over what somebody holds, or a part of it, to somebody else; all or none.',
    takes: {
      ref: 'number of the person who hands over',
      successor: { as: '--successor <ref>', says: 'who takes over' },
      registers: {
        as: '--register <name>',
        says: 'only records of this register; repeat it for more',
      },
      refs: { as: '--record <ref>', says: 'only this record; repeat it for more' },
      reason: { as: '--reason <text>', says: 'why, kept with every new version' },
    },
    form: 'text',
    shows: ({ total, to }, say) =>
      say.line(`${total} ${total === 1 ? 'record' : 'records'} handed over to ${to}.`),
  },
});

export const depart = defineAction({
  id: `${person.name}.${DEPART}`,
  method: 'POST',
  path: `${person.name}/:ref/${DEPART}`,
  tag,
  summary: 'Let a person depart; a successor takes over everything they hold, in the same transaction',
  writes: true,
  body: z.strictObject({
    values: maybe(z.unknown()),
    successor: maybe(successor).describe(
      'Who takes over everything the leaver holds; needed when there is something',
    ),
    keys: maybe(z.enum(['keep', 'revoke'], { error: 'expected keep or revoke' })).describe(
      'What becomes of API keys that the leaver made; needed when there are some',
    ),
    reason,
  }),
  answer: departed,
});
