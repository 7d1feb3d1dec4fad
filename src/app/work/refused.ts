import type { StateOf, StepOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { refusedOf } from '../../store/work/refused.ts';
import { isOpen } from './handing-out.ts';
import type { Told, WorkRule } from './rule.ts';
import { day, next, sinceOf, stepNext, why } from './words.ts';

/** So many days after it was refused somebody is reminded: whoever leaves it so has answered. */
const DAYS = 30;

interface Refusing {
  readonly register: Register;
  readonly state: string;
  readonly step: string;
  readonly worked?: false;
  readonly next: Told['next'];
}

const refusing = <R extends Register>(
  register: R,
  state: StateOf<R>,
  step: StepOf<R>,
  o: Pick<Refusing, 'next' | 'worked'>,
): Refusing => ({ register, state, step, ...o });

/** Where a decision against something leaves it to whoever owns it, or made it, to go on. */
const REFUSING: readonly Refusing[] = [
  refusing(registers.release, 'refused', 'refuse', { next: stepNext(registers.release, 'revise') }),
  refusing(registers.change, 'refused', 'refuse', { next: stepNext(registers.change, 'revise') }),
  refusing(registers.document, 'revising', 'refuse', { next: { said: next('submitAgain') } }),
  refusing(registers.action, 'ineffective', 'fail', {
    worked: false,
    next: stepNext(registers.action, 'replan'),
  }),
];

export const refused: WorkRule = {
  kind: 'refused',
  statement: (w) =>
    refusedOf(
      w,
      DAYS,
      REFUSING.map(({ register, state, step }) => ({ register: register.name, state, step })),
      REFUSING.map((x) => x.register)
        .filter((r) => isOpen(w, r))
        .map((r) => r.name),
    ),
  tells: (r) => {
    const found = REFUSING.find((x) => x.register.name === r.register)!;
    const params = { by: cell.text(r.by), day: day(r.since) };
    return [
      {
        rule: `${found.register.name}.${found.step}`,
        since: sinceOf(r),
        why: found.worked === false ? why('failed', params) : why('refused', params),
        next: found.next,
      },
    ];
  },
};
