import * as z from 'zod';
import { erase, previewErasure } from '../app/erasure.ts';
import { Failure } from '../base/failure.ts';
import { ERASURE_BASES, GROUPS } from '../ledger/index.ts';
import { askingWith } from './asking.ts';
import { checked } from './body.ts';
import type { Call, Operation } from './operation.ts';

const BASE = '/api/v1/:org/erasure';

const ref = z
  .string({ error: 'expected the number of a record' })
  .regex(/^[A-Z]{3}-\d{4,9}$/, { error: 'expected the number of a record, such as PSN-0007' });
const version = z.number({ error: 'expected a version number' }).int().min(1);

const what = {
  kind: z
    .enum(['parts', 'person'], { error: 'expected parts or person' })
    .describe('parts: groups of some versions of one record; person: everything that says who somebody is'),
  ref,
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

const previewBody = z.strictObject(what);
const eraseBody = z.strictObject({
  ...what,
  basis: z
    .enum(ERASURE_BASES, { error: `expected one of ${ERASURE_BASES.join(', ')}` })
    .describe('Legal basis: a letter of Article 17(1) GDPR, a retention period that ended, or another law'),
  reason: z.string({ error: 'expected text' }).max(5000).describe('Why. It is kept: no personal data in it'),
  password: z.string({ error: 'expected text' }).max(200).nullish().describe('Your password, once more'),
});

/** What is meant: each kind takes its own members and none of the other's. */
function requestOf(b: z.infer<typeof previewBody>) {
  const foreign = b.kind === 'parts' ? (['mentions'] as const) : (['groups', 'versions'] as const);
  for (const name of foreign)
    if (b[name] !== undefined)
      throw new Failure(
        'INVALID',
        `${name}: has no meaning when ${b.kind === 'parts' ? 'parts are' : 'a person is'} erased.`,
        [{ path: `/${name}`, message: `is not taken with kind ${b.kind}` }],
      );
  if (b.kind === 'person') return { kind: b.kind, ref: b.ref, ...(b.mentions ? { mentions: true } : {}) };
  if (!b.groups)
    throw new Failure('INVALID', `groups: name what to erase, of ${GROUPS.join(', ')}.`, [
      { path: '/groups', message: 'is missing' },
    ]);
  return { kind: b.kind, ref: b.ref, groups: b.groups, ...(b.versions ? { versions: b.versions } : {}) };
}

async function carryOut(c: Call) {
  const { basis, reason, password, ...asked } = checked(eraseBody, c.body);
  return erase(c.app, askingWith(c, password ?? undefined), { ...requestOf(asked), basis, reason });
}

/** Erasing values and salts for good, and what it would do. */
export const erasureOperations = (): Operation[] => [
  {
    id: 'erasure.preview',
    method: 'POST',
    path: `${BASE}/preview`,
    tag: 'Ledger',
    summary: 'What an erasure would do, and what would stay; nothing is changed',
    access: 'member',
    mutates: false,
    input: previewBody,
    handler: (c) => previewErasure(c.app, c.ask, requestOf(checked(previewBody, c.body))),
  },
  {
    id: 'erasure.run',
    method: 'POST',
    path: BASE,
    tag: 'Ledger',
    summary: 'Erase values and salts for good, with an entry in the log that says so',
    access: 'member',
    mutates: true,
    input: eraseBody,
    handler: carryOut,
  },
];
