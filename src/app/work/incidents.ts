import { registers } from '../../registers/index.ts';
import { HERE } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import { handsOut, isOpen } from './handing-out.ts';
import type { Whose, WorkRule } from './rule.ts';
import { day, next, part, sinceOf, stepNext, whenSaid, why } from './words.ts';

/** Incidents that must be reported and were not told to anybody yet; and, for those who hand them out, the ones that nobody handles. */
const unreported = (w: Whose, free: boolean): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r.owner = $1 as mine, r."values"->>${named.incident.field('owner')} is null as free,
      r."values"->>${named.incident.field('reportBy')} as due, r.created_at as since, t.reportable
    from record r cross join lateral (select coalesce(r."values"->>${named.incident.field('reportBy')} is not null or r."values"->${named.incident.field('reportable')} = 'true', false)
        and not exists (select from link k join record m on m.organisation = k.organisation and m.id = k.to_id and m.register = $5 and m.state = ${named.communication.state('sent')}
          where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.incident.link('communications')}) as reportable) t
    where ${HERE} and r.register = $3 and r.state <> ${named.incident.state('closed')} and $2::text is not null
      and ((r.owner = $1 and t.reportable) or ($4 and r."values"->>${named.incident.field('owner')} is null))
    order by r.due nulls last, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.incident.name, free, registers.communication.name],
  name: 'work-incidents',
});

export const incidents: WorkRule = {
  kind: 'incidents',
  statement: (w) =>
    isOpen(w, registers.incident) ? unreported(w, handsOut(w, registers.incident)) : undefined,
  tells: (r, w) => {
    const due = cell.textOrNull(r.due);
    const report = due === null ? part('report') : part('reportBy', { due, when: whenSaid(due, w.today) });
    const items = [...(r.free ? [part('unhandled')] : []), ...(r.reportable ? [report] : [])];
    return [
      {
        rule: r.free ? 'incident.handle' : 'incident.report',
        since: sinceOf(r),
        due: r.reportable ? due : null,
        why: why('incident', { since: day(r.since), parts: { join: 'sentences', items } }),
        next: r.free ? stepNext(registers.incident, 'handle') : { said: next('report') },
      },
    ];
  },
};
