import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Controls that are there already. */
export const soaCodes = (codes: string[]): Statement => ({
  text: `select r.unique_key from record r where r.organisation = (select present_organisation()) and r.register = $1
        and r.unique_key = any($2)`,
  values: [named.control.name, codes],
  name: 'soa-codes',
});

/** What the proposals for a statement follow from: roles of the AI systems, hazards. */
export const soaAround: Statement = {
  text: `select r.register, r.ref, r."values"->${named.aiSystem.field('isoRoles')} as roles, r."values"->>${named.hazard.field('code')} as code from record r
        where r.organisation = (select present_organisation()) and ((r.register = $1 and r.state in (${named.aiSystem.state('proposed', 'inScope')}))
          or (r.register = $2 and r.state <> ${named.hazard.state('retired')})) order by r.number limit 5000`,
  values: [named.aiSystem.name, named.hazard.name],
  name: 'soa-around',
};
