import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { toAccept } from '../../store/work/appointments.ts';
import type { WorkRule } from './rule.ts';
import { day, sinceOf, stepNext, why } from './words.ts';

export const appointments: WorkRule = {
  kind: 'appointments',
  statement: toAccept,
  tells: (r) => [
    {
      rule: 'responsibility.accept',
      since: sinceOf(r),
      due: cell.textOrNull(r.starts),
      why: r.starts
        ? why('offeredFrom', { since: day(r.since), starts: cell.text(r.starts) })
        : why('offered', { since: day(r.since) }),
      next: stepNext(registers.responsibility, 'accept'),
    },
  ],
};
