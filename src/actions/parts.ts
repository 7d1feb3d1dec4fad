import * as z from 'zod';

/** Parts of bodies that several actions take. */

/** A member that may be left out; null means the same. */
export const maybe = <S extends z.ZodType>(schema: S) => schema.nullish().transform((v) => v ?? undefined);

export const personRef = z
  .string({ error: 'expected a person' })
  .regex(/^PSN-\d{4,9}$/, { error: 'expected a person such as PSN-0001' });

export const recordRef = (example: string) =>
  z
    .string({ error: 'expected the number of a record' })
    .regex(/^[A-Z]{3}-\d{4,9}$/, { error: `expected the number of a record, such as ${example}` });

export const reason = z.string({ error: 'expected text' }).max(5000);
export const password = z.string({ error: 'expected text' }).max(200);

export const untilDay = z
  .string({ error: 'expected a day' })
  .refine((s) => /^\d{4}-\d{2}-\d{2}$/.test(s) && !Number.isNaN(Date.parse(s)), {
    error: 'expected a day such as 2027-03-31',
  });
