import type { Sentence } from '../../base/sentence.ts';
import { asList } from '../../register/register.ts';
import { whoSaid } from '../../register/said.ts';
import { decisionsDue } from '../../store/authority/decisions-due.ts';
import { renewing, standingDue } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { iso } from '../../store/records/records.ts';
import { lenderOf, type Told, type Whose, type WorkRule } from './rule.ts';
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
        why: waits(r, { since: day(r.since), step: stepWithin(register, step) }),
        next: r.inTheWay
          ? { said: refusedNow(r) }
          : r.alone
            ? { said: aloneSaid(register, step), step }
            : stepNext(register, step),
      },
    ];
  },
};

function waits(r: Row, on: { since: string; step: Sentence }): Sentence {
  if (r.alone) return why('waitsAlone', { since: on.since });
  if (r.asked) return why('waitsAsked', on);
  const lender = lenderOf(r);
  return lender ? why('waitsFor', { ...on, who: `${lender.name} (${lender.ref})` }) : why('waits', on);
}

/** What a rule has against the step. */
const refusedNow = (r: Row): Sentence => next('refused', { says: cell.text(r.inTheWay) });

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
  if (r.inTheWay) return { said: refusedNow(r) };
  if (step) return stepNext(register, step);
  const [way] = renewing(register, cell.text(r.state));
  if (!way) return { said: next('open') };
  const who = whoSaid(asList(way[1].by), register.whoLabels);
  return { said: next('ask', { who, step: stepWithin(register, way[0]) }) };
}
