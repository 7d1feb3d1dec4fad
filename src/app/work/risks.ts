import { whoSaid } from '../../register/said.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { asking } from '../../store/work/risks.ts';
import { isOpen } from './handing-out.ts';
import type { Told, WorkRule } from './rule.ts';
import { next, stepNext, why } from './words.ts';

const FOUND = ['unrated', 'ratedBefore', 'untreated', 'treatedAbove'] as const;

/** For the owner of a risk. What tests say against a rating is told by the gate. */
export const risks: WorkRule = {
  kind: 'risks',
  statement: (w) => (isOpen(w, registers.risk) ? asking(w) : undefined),
  tells: (r) => {
    const found = cell.oneOf(FOUND)(r.found);
    return [{ rule: `risk.${found}`, ...TELLS[found](r) }];
  },
};

const above = (r: Row) => ({
  level: Number(r.level),
  appetite: Number(r.appetite),
  criteria: cell.text(r.criteria),
});

const TELLS: Record<(typeof FOUND)[number], (r: Row) => Omit<Told, 'rule'>> = {
  unrated: () => ({ why: why('unrated'), next: { said: next('rate') } }),
  ratedBefore: (r) => ({
    why: why('ratedBefore', { cited: cell.text(r.cited), criteria: cell.text(r.criteria) }),
    next: { said: next('rate') },
  }),
  untreated: (r) => ({
    why: why('untreated', above(r)),
    next: r.ready ? stepNext(registers.risk, 'treat') : { said: next('chooseTreatment') },
  }),
  treatedAbove: (r) => {
    const who = whoSaid([r.reserved ? 'topManagement' : 'designatedManagement']);
    const items = cell.orNull(cell.texts)(r.people) ?? [];
    return {
      why: why('treatedAbove', above(r)),
      next: {
        said:
          items.length > 0
            ? next('acceptanceOf', { who, people: { join: 'or', items } })
            : next('acceptance', { who }),
      },
    };
  },
};
