import type { PlanBefore } from '../../facts/uses.ts';
import { quote, recordOf } from '../authority/covers.ts';
import * as cell from '../db/cells.ts';
import type { Row, Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { iso } from '../records/records.ts';

/** Names of the registers that say by which plan a release was let through. */
export interface PlanNames {
  release: string;
  gateDecision: string;
  component: string;
}

/** SQL of allowances `g` for releases `o` of systems `s`; those in an emergency, and for the use of what a vendor runs, rest on no plan. */
const allowances = (
  n: PlanNames,
  from = 'link u',
): string => `from ${from} ${recordOf('u', 'u.from_id', 'o')} ${recordOf('u', 'u.to_id', 's')}
    join link y on y.organisation = o.organisation and y.to_id = o.id and y.from_register = ${quote(n.gateDecision)} and y.name = ${named.gateDecision.link('release')}
    ${recordOf('y', 'y.from_id', 'g')}
  where u.organisation = (select present_organisation()) and u.from_register = ${quote(n.release)} and u.name = ${named.release.link('system')}
    and g."values"->>${named.gateDecision.field('verdict')} = 'allow' and coalesce(g."values"->>${named.gateDecision.field('basis')}, '') not in ('emergency', 'useClearance')`;

const FOUND = 'o.id as release_id, o.ref as release, s.ref as system, g.number, g.created_at as at';

/** SQL of whether release `o` consists of what release $2 does: exactly, or half of it or more and not only models and where they run. */
const ALIKE = `(select count(*) filter (where x.shared) * 2 >= count(*) and bool_or(x.shared and x.kind not in ('model', 'compute'))
      or bool_and(x.shared) and count(*) = (select count(*) from link t where t.organisation = o.organisation and t.from_id = o.id and t.name = ${named.release.link('components')})
    from (select coalesce(m."values"->>${named.component.field('kind')}, '') as kind, exists (select from link t ${recordOf('t', 't.to_id', 'c')}
          where t.organisation = o.organisation and t.from_id = o.id and t.name = ${named.release.link('components')}
            and (c.id = m.id or c."values"->>${named.component.field('digest')} = m."values"->>${named.component.field('digest')})) as shared
        from link k ${recordOf('k', 'k.to_id', 'm')}
        where k.organisation = o.organisation and k.from_id = $2 and k.name = ${named.release.link('components')}) x)`;

/**
 * The plans by which a release is measured: that of the system's release let through last before it, its own when it was let through before, and for the
 * first release of a system that of a release in use elsewhere that consists of the same. Without a release that of the system's release let through last.
 * What consists of the same is looked for among the releases that share a part (`near`): each other one of the organisation would be compared part by part.
 */
export const plansBefore = (n: PlanNames, system: string, release: string | null): Statement => ({
  text: `with own as materialized (select ${FOUND} ${allowances(n)} and u.to_id = $1 and o.id = $2 order by g.number desc limit 1),
    other as materialized (select ${FOUND} ${allowances(n)} and u.to_id = $1 and o.id is distinct from $2
      and g.number < coalesce((select number from own), 2147483647) order by g.number desc limit 1),
    mine as materialized (select m.id, m."values"->>${named.component.field('digest')} as digest from link k ${recordOf('k', 'k.to_id', 'm')}
      where k.organisation = (select present_organisation()) and k.from_id = $2 and k.name = ${named.release.link('components')} and not exists (select from other)),
    parts as materialized (select id from mine union select c.id from record c where c.organisation = (select present_organisation())
      and c.register = ${quote(n.component)} and exists (select from mine) and c."values"->>${named.component.field('digest')} = any(array(select digest from mine where digest is not null))),
    near as materialized (select distinct t.from_id as id from parts join link t on t.organisation = (select present_organisation()) and t.to_id = parts.id
      and t.from_register = ${quote(n.release)} and t.name = ${named.release.link('components')}),
    alike as materialized (select ${FOUND} ${allowances(n, 'near join link u on u.organisation = (select present_organisation()) and u.from_id = near.id')} and u.to_id <> $1 and o.state = ${named.release.state('shipped')} and ${ALIKE}
      and not exists (select from other) and g.number < coalesce((select number from own), 2147483647) order by g.number desc limit 1)
    select b.release, b.system, p.ref as plan, f.at, f.says from (select * from own union all select * from other union all select * from alike) b
      join lateral (select c.value->${named.release.link('plan')}->>0 as plan from version v join content c on c.organisation = v.organisation
          and c.record_id = v.record_id and c.version = v.version and c.part = 'links'
        where v.organisation = (select present_organisation()) and v.record_id = b.release_id and v.at <= b.at order by v.version desc limit 1) l on true
      join record p on p.organisation = (select present_organisation()) and p.ref = l.plan
      join lateral (select v.at, (select c.value from content c where c.organisation = v.organisation and c.record_id = v.record_id
            and c.version = v.version and c.part = 'values') as says from version v
        where v.organisation = p.organisation and v.record_id = p.id and v.transition = ${named.verificationPlan.step('fix')} and v.at <= b.at order by v.version desc limit 1) f on true`,
  values: [system, release],
  name: 'gate-plans-before',
});

export const toPlanBefore = (row: Row): PlanBefore => ({
  release: cell.text(row.release),
  system: cell.text(row.system),
  plan: cell.text(row.plan),
  says: cell.orNull(cell.object)(row.says),
  fixedAt: iso(row.at),
});
