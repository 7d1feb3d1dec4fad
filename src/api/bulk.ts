import * as z from 'zod';
import { BULK_MOST, inBulk } from '../app/bulk.ts';
import { demandRead } from '../app/query.ts';
import { Failure } from '../base/failure.ts';
import { askingWith } from './asking.ts';
import { registerOf } from './beside.ts';
import { checked } from './body.ts';
import type { Operation } from './operation.ts';

const bulkBody = z.strictObject({
  refs: z
    .array(
      z
        .string({ error: 'expected the number of a record' })
        .regex(/^[A-Z]{3}-\d{4,9}$/, { error: 'expected the number of a record, such as RSK-0001' }),
      { error: 'expected a list of records' },
    )
    .min(1, { error: 'name at least one record' })
    .max(BULK_MOST, { error: `takes at most ${BULK_MOST} records` })
    .refine((a) => new Set(a).size === a.length, { error: 'names a record twice' }),
  values: z
    .record(z.string(), z.unknown(), { error: 'expected the fields to change' })
    .nullish()
    .describe('Edit: the new values; null clears a field'),
  transition: z
    .string({ error: 'expected the name of a step' })
    .max(60)
    .nullish()
    .describe('Or the step that all of them take'),
  reason: z.string({ error: 'expected text' }).max(5000).nullish(),
  until: z
    .string({ error: 'expected a day' })
    .refine((s) => /^\d{4}-\d{2}-\d{2}$/.test(s) && !Number.isNaN(Date.parse(s)), {
      error: 'expected a day such as 2027-03-31',
    })
    .nullish(),
  password: z.string({ error: 'expected text' }).max(200).nullish(),
});

/** The same for many records of a register. */
export function bulkOperations(): Operation[] {
  return [
    {
      id: 'bulk',
      method: 'POST',
      path: '/api/v1/:org/:register/bulk',
      tag: 'Records',
      summary: `The same edit or the same step for up to ${BULK_MOST} records, all or none; every refused one is named`,
      access: 'member',
      mutates: true,
      input: bulkBody,
      handler: async (c) => {
        const register = registerOf(c);
        const b = checked(bulkBody, c.body);
        const { values, transition } = b;
        if ((values === undefined || values === null) === (transition === undefined || transition === null))
          throw new Failure(
            'INVALID',
            'Give values, to edit the records, or transition, the step they take: one of the two.',
            [{ path: '/transition', message: 'give either values or transition' }],
          );
        demandRead(c.ask, register);
        const reason = b.reason ?? undefined;
        const until = b.until ?? undefined;
        if (values && until)
          throw new Failure('INVALID', 'until: an edit has no end; it goes with a step.', [
            { path: '/until', message: 'goes with a transition' },
          ]);
        const ask = askingWith(c, b.password ?? undefined);
        return inBulk(
          c.app,
          ask,
          register,
          b.refs,
          transition ? { transition, reason, until } : { values, reason },
        );
      },
    },
  ];
}
