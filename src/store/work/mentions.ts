import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Comments that mention the person and are not settled. */
export const mentioning = (w: WorkOf): Statement => ({
  text: `select s.ref, s.register, s.title, s.state, r.ref as comment, r.number, r.created_at as since, r.created_by as by,
      (select p.title from record p where p.organisation = r.organisation and p.ref = r.created_by) as by_name
    from record r cross join lateral (select o.* from record o where o.organisation = r.organisation
      and o.ref = r."values"->>${named.comment.field('subject')} limit 1) s
    where ${HERE} and r.register = $3 and r.state = ${named.comment.state('made')} and coalesce(r."values"->${named.comment.field('mentions')} ? $1, false) and s.register = any($4)
      and (s.hidden_from is null or $1 <> all (s.hidden_from)) and $2::text is not null
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, named.comment.name, w.registers.map((r) => r.name)],
  name: 'work-mentions',
});
