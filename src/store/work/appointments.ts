import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Appointments and delegations offered to the person. */
export const toAccept = (w: WorkOf): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values"->>${named.responsibility.field('kind')} as kind, r."values"->>${named.responsibility.field('startsOn')} as starts, r.updated_at as since
    from record r where ${HERE} and r.register = $3 and r.state = ${named.responsibility.state('proposed')} and r.owner = $1 and $2::text is not null
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, named.responsibility.name],
  name: 'work-appointments',
});
