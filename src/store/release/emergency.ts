import type { EmergencyUse } from '../../facts/uses.ts';
import { recordOf } from '../authority/covers.ts';
import { newestAllowanceSql } from '../authority/newest.ts';
import type { Row, Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Emergencies that were carried out and have no nonconformity yet that looks back at them. `subject` is the typed column that a decision names its record in. */
export const emergenciesUnreviewed = (subject: string): Statement => ({
  text: `select r.ref, r.title, max(d.created_at) as decided, r.owner as requester,
          (select jsonb_agg(jsonb_build_array(s.ref, s.register, s."values"->>${named.aiSystem.field('owner')}) order by s.number) from link k
            join record s on s.organisation = k.organisation and s.id = k.to_id
            where k.organisation = r.organisation and k.from_id = r.id and k.name in (${named.change.link('systems', 'incident')})) as around
        from record r join record d on d.organisation = r.organisation and d.register = $2 and d.${subject} = lower(r.ref)
          and d."values"->>${named.decision.field('kind')} = 'approve'
        where r.organisation = (select present_organisation()) and r.register = $1 and r."values"->>${named.change.field('kind')} = 'emergency'
          and r.state in (${named.change.state('submitted', 'approved', 'implemented')})
          and not exists (select from link n join record c on c.organisation = n.organisation and c.id = n.from_id
            and c.created_by = 'engine' where n.organisation = r.organisation and n.to_id = r.id and n.from_register = $3 and n.name = ${named.nonconformity.link('changes')})
        group by r.organisation, r.id, r.ref, r.title, r.owner order by r.ref`,
  values: [named.change.name, named.decision.name, named.nonconformity.name],
  name: 'emergencies-unreviewed',
});

/**
 * SQL of the releases in use by an emergency decision alone, as `e`: `id`, `system_id`, `until`, `reviewed`. The newest word of the gate on it is an
 * emergency's, it was not rolled back, and no release of its system that the gate let through otherwise has been shipped since. A review says that
 * the decision was right; it replaces none of the approvals, and ends nothing. Begun from emergency decisions, which are few and have an index of their own
 * (migration 0022 says the same words), and not from all that is in use.
 */
export const EMERGENCY_USE = `(select r.id, r.organisation, y.to_id as system_id, g."values"->>${named.gateDecision.field('allowedUntil')} as until,
    exists (select from link c join record t on t.organisation = c.organisation and t.id = c.to_id and t.register = '${named.change.name}' and t.state = ${named.change.state('closed')}
      where c.organisation = r.organisation and c.from_id = r.id and c.name = ${named.release.link('change')}) as reviewed
  from record first join link of on of.organisation = first.organisation and of.from_id = first.id and of.name = ${named.gateDecision.link('release')}
  ${recordOf('of', 'of.to_id', 'r')} join link y on y.organisation = r.organisation and y.from_id = r.id and y.name = ${named.release.link('system')}
  cross join lateral (select d.number, d."values" ${newestAllowanceSql(named.gateDecision.name, 'r.id', 'r.organisation')}) g
  where first.organisation = (select present_organisation()) and first.register = '${named.gateDecision.name}' and first."values"->>${named.gateDecision.field('basis')} = 'emergency'
    and first.number = g.number and r.register = '${named.release.name}' and r.state = ${named.release.state('shipped')} and g."values"->>${named.gateDecision.field('basis')} = 'emergency'
    and not exists (select from link z join record o on o.organisation = z.organisation and o.id = z.from_id and o.state = ${named.release.state('shipped')}
      join link k on k.organisation = o.organisation and k.to_id = o.id and k.from_register = '${named.gateDecision.name}' and k.name = ${named.gateDecision.link('release')}
      join record d on d.organisation = k.organisation and d.id = k.from_id and d."values"->>${named.gateDecision.field('verdict')} = 'allow'
        and coalesce(d."values"->>${named.gateDecision.field('basis')}, '') <> 'emergency' and d.number > g.number
      where z.organisation = r.organisation and z.to_id = y.to_id and z.from_register = '${named.release.name}' and z.name = ${named.release.link('system')}))`;

/** Those of one AI system. */
export const emergencyUseOf = (system: string): Statement => ({
  text: `select r.ref, r.title, e.until from ${EMERGENCY_USE} e join record r on r.organisation = e.organisation and r.id = e.id
    join record s on s.organisation = e.organisation and s.id = e.system_id where s.ref = $1 order by r.number`,
  values: [system],
  name: 'emergency-use',
});

export const toEmergencyUse = (rows: readonly Row[]): EmergencyUse[] =>
  rows.map((r) => ({ release: String(r.ref), title: String(r.title), until: String(r.until) }));
