import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { unreported } from '../../store/work/incidents.ts';
import { handsOut, isOpen } from './handing-out.ts';
import type { WorkRule } from './rule.ts';
import { day, next, part, sinceOf, stepNext, whenSaid, why } from './words.ts';

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
