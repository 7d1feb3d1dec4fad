import type { Statement } from '../database.ts';
import { named } from '../named.ts';
import { RECORD_SELECT } from '../records.ts';
import { quote } from './covers.ts';

/** SQL of the newest criteria `c` that were ever approved, from `from` on: those in force, unless they are superseded. */
export const newestCriteriaSql = (criteria: string): string => newestOf(quote(criteria));

function newestOf(quoted: string): string {
  return `from record c where c.organisation = (select present_organisation()) and c.register = ${quoted}
    and c.state in (${named.criteria.state('approved', 'superseded')}) order by c.number desc limit 1`;
}

/** SQL of what the criteria in force say in a field, as text; null where none are in force. Asked once a statement. */
export const inForceSql = (field: string): string =>
  `(select n."values"->>${field} from (select c.* ${newestOf(named.criteria.register())}) n where n.state = ${named.criteria.state('approved')})`;

/** SQL of their reference. */
export const IN_FORCE = `(select n.ref from (select c.* ${newestOf(named.criteria.register())}) n where n.state = ${named.criteria.state('approved')})`;

/** Those criteria; whether they are in force their state says (`criteriaInForce`). */
export const newestCriteria = (criteria: string): Statement => ({
  text: `select ${RECORD_SELECT} from (select c.* ${newestCriteriaSql(criteria)}) r`,
  name: 'newest-criteria',
});

/** SQL of the gate decision `d` that let a release through last, from `from` on; `release` is SQL of its id, `organisation` of the organisation's. */
export const newestAllowanceSql = (gateDecision: string, release: string, organisation: string): string =>
  `from link k cross join lateral (select o.* from record o where o.organisation = k.organisation and o.register = ${quote(gateDecision)} and o.number = k.from_number
      and o."values"->>${named.gateDecision.field('verdict')} = 'allow' limit 1) d
    where k.organisation = ${organisation} and k.to_id = ${release} and k.from_register = ${quote(gateDecision)} and k.name = ${named.gateDecision.link('release')}
    order by k.from_number desc limit 1`;
