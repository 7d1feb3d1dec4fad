import { type Actor, holds } from '../../register/who.ts';
import { named } from '../records/named.ts';
import { recordOf } from './covers.ts';
import { IN_FORCE, inForceSql } from './newest.ts';

/**
 * What rules of one register say of its steps (`rules-of-registers.ts`), in SQL: nobody is sent to a step that a rule closes to them. The twins are held
 * equal over all registers by a test.
 */
const level = (from: string): string => `(r.derived->>${from})::numeric`;

/** SQL of the level that an acceptance of risk `r` is about: after treatment where that was rated, else before. */
export const ACCEPTED_LEVEL = `coalesce(${level(named.risk.derived('residualLevel'))}, ${level(named.risk.derived('level'))})`;

/** SQL of the level from which only top management accepts, by the criteria in force. */
export const ACCEPT_AT = `${inForceSql(named.criteria.field('acceptAtLevel'))}::numeric`;
/** SQL of the appetite of the criteria in force. */
export const APPETITE = `${inForceSql(named.criteria.field('appetite'))}::numeric`;

const verifier = `r."values"->>${named.action.field('verifier')}`;
const worksOn = `exists (select from version v where v.organisation = r.organisation and v.record_id = r.id
    and (v.transition is null or v.transition = any(s.worked)) and (v.actor = ${verifier} or exists (select from content c
      where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version and c.part = 'actor' and c.value ? 'for' and c.value->>'for' = ${verifier})))`;

/** By its name, SQL of whether the rule leaves the step `s` on record `r` open to person $1. */
const RULES = {
  ownText: `coalesce(r.derived->>${named.document.derived('untouched')}, '') = ''`,
  someText: `coalesce(r."values"->>${named.document.field('body')}, '') <> '' or coalesce(r."values"->>${named.document.field('address')}, '') <> ''
    or coalesce(r."values"->>${named.document.field('attachment')}, '') <> ''`,
  level: `coalesce(${ACCEPTED_LEVEL} < ${ACCEPT_AT}, true)`,
  notVerifier: `${verifier} is distinct from $1`,
  fitVerifier: `${verifier} is null or (${verifier} is distinct from r.owner and ${verifier} <> $1 and not ${worksOn})`,
  verifierNotOwner: `${verifier} is distinct from r.owner`,
  taking: `r."values"->>${named.impactAssessment.field('conclusion')} is distinct from 'notAcceptable'`,
  noManager: `not coalesce(r."values"->${named.person.field('roles')} ?| array['topManagement', 'designatedManagement'], false)`,
} as const;

type RuleName = keyof typeof RULES;

const TEXT: Readonly<Record<string, RuleName>> = {
  submit: 'someText',
  approve: 'ownText',
  publish: 'ownText',
  review: 'ownText',
};
const MANAGED: Readonly<Record<string, RuleName>> = {
  invite: 'noManager',
  depart: 'noManager',
  return: 'noManager',
};

/** Which of them there are for a person, by register and step. */
export function ruleFor(person: Actor, register: string, step: string): RuleName | null {
  const top = holds(person, 'topManagement');
  const eases = top || holds(person, 'aimsManager') || holds(person, 'designatedManagement');
  const all: Readonly<Record<string, Readonly<Record<string, RuleName>>>> = {
    document: TEXT,
    action: { finish: 'notVerifier', agree: 'fitVerifier', confirm: 'verifierNotOwner' },
    ...(top ? {} : { risk: { accept: 'level' }, person: MANAGED }),
    ...(eases ? {} : { impactAssessment: { reopen: 'taking' } }),
  };
  return all[register]?.[step] ?? null;
}

/** SQL of whether the rule of step `s` leaves it open, where it may be one of those that `among` lets through. */
export const ruledOpen = (among: (rule: string) => boolean): string =>
  `(case s.ruled ${Object.entries(RULES)
    .filter(([name]) => among(name))
    .map(([name, sql]) => `when '${name}' then ${sql}`)
    .join(' ')} else true end)`;

/** SQL of whether a risk `r` is within the appetite of the criteria in force, so that nobody needs to accept it (`needsAcceptance`). */
export const WITHIN_APPETITE = `(r.register = ${named.risk.register()} and coalesce(${ACCEPTED_LEVEL} <= ${APPETITE}, false))`;

/**
 * SQL of the criteria that risk `r` was rated under, where they were in force once and are not now: its scores mean levels of other scales. Null where it
 * was rated under those in force.
 */
export const RATED_BEFORE = `(select c.ref from link k ${recordOf('k', 'k.to_id', 'c')} where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.risk.link('criteria')}
    and c.state in (${named.criteria.state('approved', 'superseded')}) and c.ref is distinct from ${IN_FORCE} and ${IN_FORCE} is not null limit 1)`;

/** SQL of whether nobody looked at risk `r` by the day set for it, $2 being today. */
export const REVIEW_MISSED = `(coalesce(r."values"->>${named.risk.field('reviewBy')} < $2::text, false) and coalesce((select max(v.at) from version v
    where v.organisation = r.organisation and v.record_id = r.id and v.transition = ${named.risk.step('assess')}) < ((r."values"->>${named.risk.field('reviewBy')})::date + 1)::timestamp at time zone 'UTC', true))`;

/** SQL of whether record `r` is no risk, or one whose acceptance somebody needs, and that is rated by what holds now. */
export const ACCEPTANCE_WAITS = `(case when r.register <> ${named.risk.register()} then true
    else coalesce(${ACCEPTED_LEVEL} > ${APPETITE}, false) and ${RATED_BEFORE} is null and not ${REVIEW_MISSED} end)`;
