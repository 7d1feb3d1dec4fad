import type { Sentence } from '../../base/sentence.ts';
import type { StateOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { askingForSomething } from '../../store/work/results.ts';
import { isOpen } from './handing-out.ts';
import type { Told, Whose, WorkRule } from './rule.ts';
import { day, daysBetween, next, part, sinceOf, stepNext, why } from './words.ts';

const { auditFinding, drill, monitor, objective } = registers;

const inState = <R extends Register>(register: R, ...states: StateOf<R>[]) =>
  states.map((state) => ({ register: register.name, state }));

/** In which states what was found or measured asks for something. */
const LOOKED_AT = [
  ...inState(auditFinding, 'raised'),
  ...inState(monitor, 'running'),
  ...inState(objective, 'agreed'),
  ...inState(drill, 'held', 'verified'),
];

export const results: WorkRule = {
  kind: 'results',
  statement: (w) =>
    askingForSomething(
      w,
      LOOKED_AT.filter((x) => isOpen(w, w.app.registry.get(x.register))),
    ),
  tells: (r, w) => [TELLS[cell.oneOf(Object.keys(TELLS))(r.register)]!(cell.object(r.said), r, w)],
};

type Said = Readonly<Record<string, unknown>>;

/** `at most 5 %`. */
const bound = ({ direction, unit }: Said, value: unknown): Sentence => {
  const params = { value: withUnit(unit, value) };
  return direction === 'atLeast' ? part('atLeast', params) : part('atMost', params);
};

const withUnit = (unit: unknown, value: unknown): string =>
  [value, unit].filter((x) => x !== undefined && x !== null).join(' ');

const TELLS: Readonly<Record<string, (said: Said, r: Row, w: Whose) => Told>> = {
  [auditFinding.name]: (said, r) => ({
    rule: 'auditFinding.answer',
    since: sinceOf({ since: r.raised }),
    why: r.raised ? why('answer', { since: day(r.raised) }) : why('answerSince'),
    next: said.answer ? stepNext(auditFinding, 'answer') : { said: next('answer') },
  }),
  [monitor.name]: (said) => ({
    rule: 'monitor.outsideLimit',
    urgency: 'soon',
    why: why('outsideLimit', {
      value: withUnit(said.unit, said.latest),
      on: String(said.latestOn),
      limit: bound(said, said.threshold),
    }),
    next: { said: next('findOut') },
  }),
  [objective.name]: (said, _, w) => {
    const by = String(said.dueOn);
    return {
      rule: 'objective.offTarget',
      urgency: daysBetween(w.today, by) <= w.ahead ? 'soon' : 'later',
      why: why('offTarget', {
        value: withUnit(said.unit, said.latest),
        on: String(said.latestOn),
        target: bound(said, said.target),
        by,
      }),
      next: { said: next('catchUp') },
    };
  },
  [drill.name]: (said) => ({
    rule: 'drill.failed',
    urgency: 'soon',
    why: why('drillFailed', { kind: String(said.kind), held: String(said.heldOn) }),
    next: { said: next('drillAgain') },
  }),
};
