import { holds } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { HERE } from '../../store/authority/work.ts';
import type { Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import { EMERGENCY_USE } from '../../store/release/emergency.ts';
import { toldTo } from '../../store/release/in-use.ts';
import { tellUse, USE_NAMES, usedSaid } from '../release/in-use.ts';
import { isOpen } from './handing-out.ts';
import { UNTOLD, type Whose, type WorkRule } from './rule.ts';
import { day, next, why } from './words.ts';

/** Releases that are in use by an emergency decision alone: for the owner of the system, who made the release or its ticket, and AIMS managers. */
const emergencyUses = (w: Whose, manages: boolean): Statement => ({
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

export const emergencies: WorkRule = {
  kind: 'emergencies',
  statement: (w) =>
    isOpen(w, registers.release) ? emergencyUses(w, holds(w.person, 'aimsManager')) : undefined,
  tells: (r) => {
    const until = String(r.until);
    const params = {
      system: String(r.system),
      end: until.slice(0, 16).replace('T', ' '),
      reviewed: r.reviewed ? ('yes' as const) : ('other' as const),
    };
    return [
      {
        rule: 'release.emergency',
        due: day(until),
        // It holds for hours, not for days: overdue from the minute on.
        urgency: r.over ? 'overdue' : 'soon',
        why: r.over ? why('emergencyOver', params) : why('emergency', params),
        next: { said: next('replace') },
      },
    ];
  },
};

export const inUse: WorkRule = {
  kind: 'inUse',
  statement: (w) =>
    isOpen(w, registers.release) ? toldTo(USE_NAMES, w, holds(w.person, 'aimsManager')) : undefined,
  tells: (r) => [
    {
      rule: 'release.inUse',
      urgency: 'soon',
      why: r.reasons === null ? UNTOLD : why('inUse', { told: usedSaid(tellUse(r)) }),
      next: { said: next('gate') },
    },
  ],
};
