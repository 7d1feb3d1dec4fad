import type { Statement } from '../database.ts';
import { named } from '../named.ts';
import { RECORD_SELECT } from '../records.ts';
import { quote, recordOf } from './covers.ts';

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
  `from link k ${recordOf('k', 'k.from_id', 'd')} where d."values"->>${named.gateDecision.field('verdict')} = 'allow' and k.organisation = ${organisation} and k.to_id = ${release} and k.from_register = ${quote(gateDecision)} and k.name = ${named.gateDecision.link('release')}
    order by d.number desc limit 1`;
