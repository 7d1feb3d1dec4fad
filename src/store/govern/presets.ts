import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Management beside a person. */
export const management = (ref: string): Statement => ({
  text: `select ref, title from record where organisation = (select present_organisation()) and register = $1 and state = ${named.person.state('active')} and ref <> $2
        and ("values"->${named.person.field('roles')} ? 'designatedManagement' or "values"->${named.person.field('roles')} ? 'topManagement') order by number limit 50`,
  values: [named.person.name, ref],
  name: 'management',
});
