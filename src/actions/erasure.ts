import * as z from 'zod';
import { erased, erasureView } from '../answers/erasure.ts';
import { ERASURE_BASES, GROUPS } from '../ledger/index.ts';
import { defineAction } from './action.ts';
import { maybe, password, reason, recordRef } from './parts.ts';

const version = z.number({ error: 'expected a version number' }).int().min(1);

const what = {
  kind: z
    .enum(['parts', 'person'], { error: 'expected parts or person' })
    .describe('parts: groups of some versions of one record; person: everything that says who somebody is'),
  ref: recordRef('PSN-0007'),
  groups: z
    .array(z.enum(GROUPS, { error: `expected one of ${GROUPS.join(', ')}` }))
    .min(1, { error: 'name at least one group' })
    .max(GROUPS.length)
    .optional()
    .describe('parts: the groups to erase'),
  versions: z
    .tuple([version, version], { error: 'expected the first and the last version, such as [1, 4]' })
    .optional()
    .describe('parts: first and last version; all past ones unless told'),
  mentions: z
    .boolean()
    .optional()
    .describe('person: erase past versions of other records that mention the person, too'),
};

export const previewErasure = defineAction({
  id: 'erasure.preview',
  method: 'POST',
  path: 'erasure/preview',
  tag: 'Ledger',
  summary: 'What an erasure would do, and what would stay; nothing is changed',
  body: z.strictObject(what),
  answer: erasureView,
});

export const erase = defineAction({
  id: 'erasure.run',
  method: 'POST',
  path: 'erasure',
  tag: 'Ledger',
  summary: 'Erase values and salts for good, with an entry in the log that says so',
  writes: true,
  body: z.strictObject({
    ...what,
    basis: z
      .enum(ERASURE_BASES, { error: `expected one of ${ERASURE_BASES.join(', ')}` })
      .describe('Legal basis: a letter of Article 17(1) GDPR, a retention period that ended, or another law'),
    reason: reason.describe('Why. It is kept: no personal data in it'),
    password: maybe(password).describe('Your password, once more'),
  }),
  answer: erased,
});
