import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** A row where a person is a guest. */
export const guestNamed = (ref: string): Statement => ({
  text: `select from record where organisation = (select present_organisation()) and ref = $1 and "values"->>${named.person.field('guest')} = 'true'`,
  values: [ref],
  name: 'is-guest',
});

/** Of these audits those that a person neither leads nor makes. */
export const auditsOfOthers = (refs: string[], ref: string): Statement => ({
  text: `select ref from record where organisation = (select present_organisation()) and register = $1 and ref = any($2)
        and not (owner = $3 or coalesce("values"->${named.audit.field('auditors')}, '[]'::jsonb) ? $3)`,
  values: [named.audit.name, refs, ref],
  name: 'audits-of-others',
});
