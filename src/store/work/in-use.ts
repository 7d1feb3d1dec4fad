import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { EMERGENCY_USE } from '../release/emergency.ts';

/** Releases that are in use by an emergency decision alone: for the owner of the system, who made the release or its ticket, and AIMS managers. */
export const emergencyUses = (w: WorkOf, manages: boolean): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, s.ref as system, e.until, e.reviewed, e.until <= $3 as over
    from ${EMERGENCY_USE} e join record r on r.organisation = e.organisation and r.id = e.id
    join record s on s.organisation = e.organisation and s.id = e.system_id
    where ${HERE} and $2::text is not null and ($4 or s.owner = $1 or r.created_by = $1 or exists (select from link c
      join record t on t.organisation = c.organisation and t.id = c.to_id and t.owner = $1
      where c.organisation = r.organisation and c.from_id = r.id and c.name = ${named.release.link('change')}))
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, w.now, manages],
  name: 'work-emergencies',
});
