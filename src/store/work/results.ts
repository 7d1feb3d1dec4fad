import { recordOf } from '../authority/covers.ts';
import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** SQL of whether drill `r` failed, of a plan that still holds, and none of the kind has succeeded since. */
const FAILED = `(r."values"->>${named.drill.field('outcome')} = 'failed' and r."values"->>${named.drill.field('heldOn')} <= $2::text
  and exists (select from link k ${recordOf('k', 'k.to_id', 'p')}
    where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.drill.link('rollbackPlan')} and p.state <> ${named.rollbackPlan.state('retired')}
      and not exists (select from link b ${recordOf('b', 'b.from_id', 'o')} where b.organisation = p.organisation and b.to_id = p.id
        and b.from_register = ${named.drill.register()} and b.name = ${named.drill.link('rollbackPlan')} and o.state in (${named.drill.state('held', 'verified')})
        and o."values"->>${named.drill.field('kind')} = r."values"->>${named.drill.field('kind')} and o."values"->>${named.drill.field('outcome')} = 'succeeded'
        and o."values"->>${named.drill.field('heldOn')} > r."values"->>${named.drill.field('heldOn')})))`;

/** What the person owns and what came out otherwise than it should: values, drills; and what they have to answer without a day for it, which `due` tells. */
export const askingForSomething = (
  w: WorkOf,
  states: readonly { register: string; state: string }[],
): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values" - array[${named.monitor.field('readings', 'what')}, ${named.objective.field('plan', 'measure')}, ${named.drill.field('observations')}, ${named.auditFinding.field('fact')}] as said,
      (select max(v.at) from version v where v.organisation = r.organisation and v.record_id = r.id and v.transition = ${named.auditFinding.step('raise')}) as raised
    from jsonb_to_recordset($3) g(register text, state text)
      cross join lateral (select o.* from record o where o.organisation = (select present_organisation()) and o.register = g.register and o.owner = $1 and o.state = g.state offset 0) r
    where ${HERE} and case r.register when ${named.monitor.register()} then coalesce(r.derived->>${named.monitor.derived('withinLimit')} = 'no', false)
        when ${named.objective.register()} then coalesce(r.derived->>${named.objective.derived('onTarget')} = 'no', false)
        when ${named.drill.register()} then ${FAILED} else r."values"->>${named.auditFinding.field('answerBy')} is null end
    order by r.register, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, JSON.stringify(states)],
  name: 'work-results',
});
