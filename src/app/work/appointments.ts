import { registers } from '../../registers/index.ts';
import { HERE } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import type { Whose, WorkRule } from './rule.ts';
import { day, sinceOf, stepNext, why } from './words.ts';

/** Appointments and delegations offered to the person. */
const toAccept = (w: Whose): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values"->>${named.responsibility.field('kind')} as kind, r."values"->>${named.responsibility.field('startsOn')} as starts, r.updated_at as since
    from record r where ${HERE} and r.register = $3 and r.state = ${named.responsibility.state('proposed')} and r.owner = $1 and $2::text is not null
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.responsibility.name],
  name: 'work-appointments',
});

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
