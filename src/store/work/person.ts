import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Somebody whose list is asked for by another. */
export const personStatement = (person: string): Statement => ({
  text: `select r.ref, r.title, r.state, r."values"->${named.person.field('roles')} as roles, r."values"->>${named.person.field('manager')} as manager from record r
      where r.organisation = (select present_organisation()) and r.register = $1 and r.ref = $2`,
  values: [named.person.name, person],
  name: 'work-person',
});
