import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** What was decided against in the last days and is as that left it: of the owner, and where nobody owns it, of whoever made it. */
export const refusedOf = (
  w: WorkOf,
  days: number,
  refusing: readonly { register: string; state: string; step: string }[],
  open: readonly string[],
): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, v.at as since, coalesce((select p.title from record p where p.organisation = r.organisation and p.ref = v.actor), v.actor) as by
    from (select g.step, o.* from jsonb_to_recordset($3) as g(register text, state text, step text)
        cross join lateral (select o.* from record o where o.organisation = (select present_organisation()) and o.register = g.register and o.owner = $1 and o.state = g.state offset 0) o
      union all select ${named.release.step('refuse')}, o.* from record o where o.organisation = (select present_organisation()) and o.register = ${named.release.register()}
        and o.state = ${named.release.state('refused')} and o.created_by = $1) r
      cross join lateral (select v.at, v.actor, v.transition from version v where v.organisation = r.organisation and v.record_id = r.id and v.transition is not null
        order by v.version desc limit 1) v
    where ${HERE} and r.register = any($4) and v.transition = r.step and v.at >= $2::date - ${days} order by v.at desc, r.ref limit ${w.most + 1}`,
  values: [w.person.ref, w.today, JSON.stringify(refusing), open],
  name: 'work-refused',
});
