import { asList } from '../../register/register.ts';
import { whoSaid } from '../../register/said.ts';
import { decisionsDue } from '../../store/authority/decisions-due.ts';
import { renewing, standingDue } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { iso } from '../../store/records/records.ts';
import type { Told, Whose, WorkRule } from './rule.ts';
import { aloneSaid, day, next, sinceOf, stepNext, stepWithin, whenSaid, why } from './words.ts';

/** Decisions that the person may take now. */
export const decisions: WorkRule = {
  kind: 'decisions',
  statement: (w) => decisionsDue(w.app.registry, w),
  tells: (r, w) => {
    const register = w.app.registry.get(cell.text(r.register));
    const step = cell.text(r.step);
    return [
      {
        rule: `${register.name}.${step}`,
        since: sinceOf(r),
        why: r.alone
          ? why('waitsAlone', { since: day(r.since) })
          : why('waits', { since: day(r.since), step: stepWithin(register, step) }),
        next: r.alone ? { said: aloneSaid(register, step), step } : stepNext(register, step),
      },
    ];
  },
};

/** States that rest on decisions which no longer count, or soon will not. */
export const standing: WorkRule = {
  kind: 'standing',
  statement: (w) => standingDue(w.app.registry, w),
  tells: (r, w) => [{ rule: `${cell.text(r.register)}.standing`, ...standsOn(r, w) }],
};

function standsOn(r: Row, w: Whose): Omit<Told, 'rule'> {
  const on = nextFor(r, w);
  if (r.counts) {
    const ends = cell.text(r.ends);
    return { due: ends, why: why('ends', { ends, when: whenSaid(ends, w.today) }), next: on };
  }
  if (r.standing === 'alone') return { since: iso(r.updated_at), why: why('alone'), next: on };
  return {
    since: iso(r.updated_at),
    why: r.standing === 'ended' ? why('ended') : why('stale', { changed: day(r.updated_at) }),
    next: on,
  };
}

function nextFor(r: Row, w: Whose): Told['next'] {
  const register = w.app.registry.get(cell.text(r.register));
  const [step] = cell.texts(r.steps);
  if (step) return stepNext(register, step);
  const [way] = renewing(register, cell.text(r.state));
  if (!way) return { said: next('open') };
  const who = whoSaid(asList(way[1].by), register.whoLabels);
  return { said: next('ask', { who, step: stepWithin(register, way[0]) }) };
}
