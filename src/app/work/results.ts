import type { Sentence } from '../../base/sentence.ts';
import type { StateOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { registers } from '../../registers/index.ts';
import { recordOf } from '../../store/authority/covers.ts';
import { HERE } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row, Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
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

/** SQL of whether drill `r` failed, of a plan that still holds, and none of the kind has succeeded since. */
const FAILED = `(r."values"->>${named.drill.field('outcome')} = 'failed' and r."values"->>${named.drill.field('heldOn')} <= $2::text
  and exists (select from link k ${recordOf('k', 'k.to_id', 'p')}
    where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.drill.link('rollbackPlan')} and p.state <> ${named.rollbackPlan.state('retired')}
      and not exists (select from link b ${recordOf('b', 'b.from_id', 'o')} where b.organisation = p.organisation and b.to_id = p.id
        and b.from_register = ${named.drill.register()} and b.name = ${named.drill.link('rollbackPlan')} and o.state in (${named.drill.state('held', 'verified')})
        and o."values"->>${named.drill.field('kind')} = r."values"->>${named.drill.field('kind')} and o."values"->>${named.drill.field('outcome')} = 'succeeded'
        and o."values"->>${named.drill.field('heldOn')} > r."values"->>${named.drill.field('heldOn')})))`;

/** What the person owns and what came out otherwise than it should: values, drills; and what they have to answer without a day for it, which `due` tells. */
const askingForSomething = (w: Whose): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values" - array[${named.monitor.field('readings', 'what')}, ${named.objective.field('plan', 'measure')}, ${named.drill.field('observations')}, ${named.auditFinding.field('fact')}] as said,
      (select max(v.at) from version v where v.organisation = r.organisation and v.record_id = r.id and v.transition = ${named.auditFinding.step('raise')}) as raised
    from jsonb_to_recordset($3) g(register text, state text)
      cross join lateral (select o.* from record o where o.organisation = (select present_organisation()) and o.register = g.register and o.owner = $1 and o.state = g.state offset 0) r
    where ${HERE} and case r.register when ${named.monitor.register()} then coalesce(r.derived->>${named.monitor.derived('withinLimit')} = 'no', false)
        when ${named.objective.register()} then coalesce(r.derived->>${named.objective.derived('onTarget')} = 'no', false)
        when ${named.drill.register()} then ${FAILED} else r."values"->>${named.auditFinding.field('answerBy')} is null end
    order by r.register, r.number limit ${w.most + 1}`,
  values: [
    w.person.ref,
    w.today,
    JSON.stringify(LOOKED_AT.filter((x) => isOpen(w, w.app.registry.get(x.register)))),
  ],
  name: 'work-results',
});

export const results: WorkRule = {
  kind: 'results',
  statement: askingForSomething,
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
