import { registers } from '../../registers/index.ts';
import { HERE } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import type { Whose, WorkRule } from './rule.ts';
import { day, next, sinceOf, why } from './words.ts';

/** Comments that mention the person and are not settled. */
const mentioning = (w: Whose): Statement => ({
  text: `select s.ref, s.register, s.title, s.state, r.ref as comment, r.number, r.created_at as since, r.created_by as by,
      (select p.title from record p where p.organisation = r.organisation and p.ref = r.created_by) as by_name
    from record r cross join lateral (select o.* from record o where o.organisation = r.organisation
      and o.ref = r."values"->>${named.comment.field('subject')} limit 1) s
    where ${HERE} and r.register = $3 and r.state = ${named.comment.state('made')} and coalesce(r."values"->${named.comment.field('mentions')} ? $1, false) and s.register = any($4)
      and (s.hidden_from is null or $1 <> all (s.hidden_from)) and $2::text is not null
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.comment.name, w.registers.map((r) => r.name)],
  name: 'work-mentions',
});

export const mentions: WorkRule = {
  kind: 'mentions',
  statement: mentioning,
  tells: (r) => {
    const comment = cell.text(r.comment);
    const by = cell.textOrNull(r.by_name) ?? cell.text(r.by);
    return [
      {
        rule: 'comment.mention',
        since: sinceOf(r),
        why: why('mentioned', { by, comment, since: day(r.since) }),
        next: { said: next('settle', { comment }) },
      },
    ];
  },
};
