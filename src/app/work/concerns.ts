import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { handled } from '../../store/work/concerns.ts';
import { handsOut, isOpen } from './handing-out.ts';
import type { WorkRule } from './rule.ts';
import { day, sinceOf, stepNext, whenSaid, why } from './words.ts';

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
