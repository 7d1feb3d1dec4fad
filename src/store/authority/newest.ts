import type { Statement } from '../database.ts';
import { named } from '../named.ts';
import { RECORD_SELECT } from '../records.ts';
import { quote } from './covers.ts';

/** SQL of the newest criteria `c` that were ever approved, from `from` on: those in force, unless they are superseded. */
export const newestCriteriaSql = (criteria: string): string =>
  `from record c where c.organisation = (select present_organisation()) and c.register = ${quote(criteria)}
    and c.state in (${named.criteria.state('approved', 'superseded')}) order by c.number desc limit 1`;

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
