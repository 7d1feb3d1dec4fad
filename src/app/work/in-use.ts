import { holds } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { toldTo } from '../../store/release/in-use.ts';
import { emergencyUses } from '../../store/work/in-use.ts';
import { tellUse, USE_NAMES, usedSaid } from '../release/in-use.ts';
import { isOpen } from './handing-out.ts';
import { UNTOLD, type WorkRule } from './rule.ts';
import { day, next, why } from './words.ts';

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
