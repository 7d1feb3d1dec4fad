import type { Registry } from '../../register/register.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { workedSql, workOf } from '../records/records.ts';

/** People as rules look at them. */
export const peopleStatement = (refs: readonly string[]): Statement => ({
  text: `select r.ref, r.state, r."values"->>${named.person.field('name')} as name, r."values"->${named.person.field('roles')} as roles,
      r."values"->>${named.person.field('guest')} = 'true' as guest from record r
    where r.organisation = (select present_organisation()) and r.register = $1 and r.ref = any($2)`,
  values: [named.person.name, refs],
  name: 'facts-people',
});

/** Holds the place of a statement that is not asked, so that what one reads is always the same number of statements. */
export const NOTHING: Statement = { text: 'select where false', name: 'nothing' };

/** Who worked on each record: creators, editors, and those who carried it forward otherwise than by deciding. */
export const authorsStatement = (registry: Registry, refs: readonly string[]): Statement => ({
  text: `select r.ref, ${workedSql(`(r.register || '/' || v.transition) = any($2)`)} as worked from record r
      where r.organisation = (select present_organisation()) and r.ref = any($1)`,
  values: [refs, registry.all.flatMap((r) => workOf(r).map((name) => `${r.name}/${name}`))],
  name: 'facts-authors',
});
