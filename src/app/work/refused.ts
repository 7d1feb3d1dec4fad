import type { StateOf, StepOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { registers } from '../../registers/index.ts';
import { HERE } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import { isOpen } from './handing-out.ts';
import type { Told, Whose, WorkRule } from './rule.ts';
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

/** What was decided against in the last days and is as that left it: of the owner, and where nobody owns it, of whoever made it. */
const refusedOf = (w: Whose): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, v.at as since, coalesce((select p.title from record p where p.organisation = r.organisation and p.ref = v.actor), v.actor) as by
    from (select g.step, o.* from jsonb_to_recordset($3) as g(register text, state text, step text)
        cross join lateral (select o.* from record o where o.organisation = (select present_organisation()) and o.register = g.register and o.owner = $1 and o.state = g.state offset 0) o
      union all select ${named.release.step('refuse')}, o.* from record o where o.organisation = (select present_organisation()) and o.register = ${named.release.register()}
        and o.state = ${named.release.state('refused')} and o.created_by = $1) r
      cross join lateral (select v.at, v.actor, v.transition from version v where v.organisation = r.organisation and v.record_id = r.id and v.transition is not null
        order by v.version desc limit 1) v
    where ${HERE} and r.register = any($4) and v.transition = r.step and v.at >= $2::date - ${DAYS} order by v.at desc, r.ref limit ${w.most + 1}`,
  values: [
    w.person.ref,
    w.today,
    JSON.stringify(REFUSING.map(({ register, state, step }) => ({ register: register.name, state, step }))),
    REFUSING.map((x) => x.register)
      .filter((r) => isOpen(w, r))
      .map((r) => r.name),
  ],
  name: 'work-refused',
});

export const refused: WorkRule = {
  kind: 'refused',
  statement: refusedOf,
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
