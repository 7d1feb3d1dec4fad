import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Those among these people who have departed. */
export const departedAmong = (refs: readonly string[]): Statement => ({
  text: `select ref from record where organisation = (select present_organisation()) and register = $1 and ref = any($2)
          and state = ${named.person.state('departed')}`,
  values: [named.person.name, refs],
  name: 'departed-among',
});
