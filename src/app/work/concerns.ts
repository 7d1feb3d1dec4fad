import { registers } from '../../registers/index.ts';
import { HERE } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import { handsOut, isOpen } from './handing-out.ts';
import type { Whose, WorkRule } from './rule.ts';
import { day, sinceOf, stepNext, whenSaid, why } from './words.ts';

/** Concerns that the person handles, and, for those who hand them out, the ones that nobody handles yet. */
const handled = (w: Whose, free: boolean): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r.owner = $1 as mine, r."values"->>${named.concern.field('answerBy')} as due, r.created_at as since
    from record r where ${HERE} and r.register = $3 and r.state in (${named.concern.state('received', 'examining')}) and $2::text is not null
      and (r.owner = $1 or ($4 and r."values"->>${named.concern.field('owner')} is null))
    order by r.due nulls last, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.concern.name, free],
  name: 'work-concerns',
});

export const concerns: WorkRule = {
  kind: 'concerns',
  // Whoever was made to handle a concern has to know of it, whatever roles they hold.
  statement: (w) => {
    const open = isOpen(w, registers.concern);
    return open || w.own ? handled(w, open && handsOut(w, registers.concern)) : undefined;
  },
  tells: (r, w) => {
    const due = cell.textOrNull(r.due);
    const mine = r.mine ? 'yes' : 'other';
    const since = day(r.since);
    return [
      {
        rule: r.mine ? 'concern.answer' : 'concern.handle',
        since: sinceOf(r),
        due,
        why:
          due === null
            ? why('raised', { since, mine })
            : why('raisedBy', { since, mine, due, when: whenSaid(due, w.today) }),
        next: stepNext(registers.concern, r.mine ? 'answer' : 'examine'),
      },
    ];
  },
};
