import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** A few of the people who hold a role. */
export const riskRoleHolders = (role: string): Statement => ({
  text: `select r.title, r.ref from record r where r.organisation = (select present_organisation()) and r.register = $1
        and r.state = ${named.person.state('active')} and r."values"->${named.person.field('roles')} ? $2 order by r.number limit 5`,
  values: [named.person.name, role],
  name: 'risk-role-holders',
});
