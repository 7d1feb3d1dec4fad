import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { RECORD_SELECT } from '../records/records.ts';
import { quote } from './covers.ts';

/** SQL of the newest criteria `c` that were ever approved, from `from` on: those in force, unless they are superseded. */
export const newestCriteriaSql = (criteria: string): string => newestOf(quote(criteria));

function newestOf(quoted: string): string {
  return `from record c where c.organisation = (select present_organisation()) and c.register = ${quoted}
    and c.state in (${named.criteria.state('approved', 'superseded')}) order by c.number desc limit 1`;
}

const CRITERIA = `(select c.* ${newestOf(named.criteria.register())}) n where n.state = ${named.criteria.state('approved')}`;

/** SQL of what the criteria in force say in a field, as text; null where none are in force. */
export const inForceSql = (field: string): string => `(select n."values"->>${field} from ${CRITERIA})`;

/** SQL of their reference. */
export const IN_FORCE = `(select n.ref from ${CRITERIA})`;

/**
 * The statement with the criteria in force read once, wherever its parts ask for them. The database sets up each reading of a statement before it knows whether a
 * row needs it: of what my work cost, that was more than finding anything.
 */
export const criteriaOnce = (text: string): string =>
  readOnce(
    text,
    `from ${CRITERIA}`,
    'from in_force n',
    `in_force as materialized (select n.ref, n."values" from ${CRITERIA})`,
  );

/** The statement with `part` replaced by `instead`, which reads the named query that is put before the others. */
export function readOnce(text: string, part: string, instead: string, query: string): string {
  const body = text.replaceAll(part, instead);
  if (body === text) return text;
  return body.startsWith('with ') ? `with ${query}, ${body.slice(5)}` : `with ${query} ${body}`;
}

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
