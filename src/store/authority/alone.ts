import type { Registry } from '../../register/register.ts';
import { named } from '../records/named.ts';
import { quote } from './covers.ts';
import { inForceSql, readOnce } from './newest.ts';
import { coveredNow, VERSIONS } from './steps.ts';

// What the only person of an organisation may decide alone, in SQL: what `mayTake` and `aloneCounts` say of it.

/** What they ask: of which classes the systems concerned may be, and for how long nothing has changed. */
export interface AloneTerms {
  readonly classes: readonly string[];
  readonly hours: number;
}

/** SQL of whether person `p` belongs to the organisation: neither departed nor a guest. */
const MEMBER = `p.organisation = (select present_organisation()) and p.register = ${named.person.register()} and p.state <> ${named.person.state('departed')} and coalesce(p."values"->>${named.person.field('guest')}, 'false') <> 'true'`;

/** SQL of how many people belong to the organisation, counted up to 2. */
export const MEMBERS = `(select count(*)::int from (select from record p where ${MEMBER} limit 2) x)`;

/** The statement with them counted once, wherever its parts ask. */
export const membersOnce = (text: string): string =>
  readOnce(
    text,
    MEMBERS,
    '(select m.people from members m)',
    `members as materialized (select ${MEMBERS} as people)`,
  );

const MODE = inForceSql(named.criteria.field('mode'));

/** SQL of whether decisions on record `r` may be taken alone by the criteria in force, or by its own where it is criteria (`modeFor`). */
const MODE_ALONE = `(case when r.register = ${named.criteria.register()} and ${MODE} is distinct from 'larger'
    then coalesce(r."values"->>${named.criteria.field('mode')}, ${MODE}) else ${MODE} end is not distinct from 'alone')`;

/** SQL of whether what was decided alone on record `r` counts. The organisation is asked once a statement, and before the record. */
export const aloneCountsSql = ({ classes }: AloneTerms): string =>
  `(case when ${MEMBERS} <> 1 or not ${MODE_ALONE} then false else not exists (
    select from (select r.id union all select k.to_id from link k where k.organisation = r.organisation and k.from_id = r.id) i
      cross join lateral (select o.* from record o where o.organisation = r.organisation and o.id = i.id limit 1) o
      where o.register = ${named.aiSystem.register()} and coalesce(o."values"->>${named.aiSystem.field('riskClass')}, '') not in (${classes.map(quote).join(', ')})) end)`;

/**
 * SQL of whether step `s` is a decision that person $1 may take alone, on their own work: what it would be bound to has not changed for a while. `covers` is a
 * parameter holding `coverRows`, `now` one holding the moment.
 */
export function decidesAlone(
  registry: Registry,
  terms: AloneTerms,
  { covers, now }: { covers: string; now: string },
): string {
  const deciding = registry.all.flatMap((r) =>
    Object.entries(r.transitions).flatMap(([name, t]) => (t.decision ? [quote(`${r.name}/${name}`)] : [])),
  );
  const worked = (on: string) =>
    `(v.transition is null or ${on}.register || '/' || v.transition not in (${deciding.join(', ')}))`;
  return `(case when not (s.separate and s.decides) or not ${aloneCountsSql(terms)}
      or not exists (select from record p where p.ref = $1 and ${MEMBER}) then false
    else greatest((select max(v.at) from ${VERSIONS} and ${worked('r')}),
      (select max(v.at) from (${coveredNow(covers)}) t join version v on v.organisation = r.organisation and v.record_id = t.id and ${worked('t')}))
      <= ${now}::timestamptz - interval '${terms.hours} hours' end)`;
}
