import type { Register, Registry } from '../../register/register.ts';
import { type DecisionPlace, decidedSql } from '../authority/covers.ts';
import { newestCriteriaSql } from '../authority/newest.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** The period that a review looks at, and the one of the same length before it. */
export interface Period {
  /** Exclusive; null: from the beginning. */
  since: string | null;
  /** Beginning of the period before; null when there is none to compare with. */
  before: string | null;
  /** When the checkpoint was signed that the inputs are drawn from. */
  until: string;
}

/** A group of records that are alike in what inputs speak of. */
export interface Tally {
  register: string;
  state: string;
  kind: string | null;
  opportunity: boolean;
  within: string | null;
  total: number;
  /** Created in the period, in the one before, and changed in the period though older. */
  fresh: number;
  earlier: number;
  changed: number;
  /** Past the day by which their owner had to act. */
  overdue: number;
}

/** The review before: the one linked, else the newest that was held. */
export const previousReviewStatement = (register: string, ref: string): Statement => ({
  text: `select r.ref, r."values"->>${named.managementReview.field('inputsAt')} as inputs_at, r."values"->>${named.managementReview.field('heldOn')} as held_on from record r
      left join link k on k.organisation = r.organisation and k.name = ${named.managementReview.link('previous')} and k.to_id = r.id and k.from_id = (
        select s.id from record s where s.organisation = (select present_organisation()) and s.register = $1 and s.ref = $2)
    where r.organisation = (select present_organisation()) and r.register = $1 and r.ref <> $2
      and (k.from_id is not null or r.state in (${named.managementReview.state('held', 'closed')}))
    order by k.from_id is null, r.number desc limit 1`,
  values: [register, ref],
});

/** How many records of these registers are how; what hides a record from somebody does not change a count. */
export const talliesStatement = (registers: readonly string[], p: Period): Statement => ({
  text: `select r.register, r.state, coalesce(r."values"->>${named.auditFinding.field('grade')}, r."values"->>${named.incident.field('severity')}, r."values"->>${named.gateDecision.field('verdict')}, r."values"->>${named.action.field('kind')}) as kind,
      coalesce(r."values"->>${named.contextIssue.field('opportunity')}, 'false') = 'true' as opportunity,
      coalesce(r.derived->>${named.monitor.derived('withinLimit')}, r.derived->>${named.objective.derived('onTarget')}) as within, count(*)::int as total,
      count(*) filter (where r.created_at > $2::timestamptz)::int as fresh,
      count(*) filter (where r.created_at <= $2::timestamptz and r.created_at > $3::timestamptz)::int as earlier,
      count(*) filter (where r.created_at <= $2::timestamptz and r.updated_at > $2::timestamptz)::int as changed,
      count(*) filter (where r.due < ($4::timestamptz at time zone 'UTC')::date)::int as overdue
    from record r where r.organisation = (select present_organisation()) and r.register = any($1)
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`,
  values: [registers, p.since ?? '-infinity', p.before ?? p.since ?? '-infinity', p.until],
});

/** Actions that earlier reviews decided on, by state: how many, how many overdue, and the first of them by number. */
export const earlierActionsStatement = (
  review: string,
  action: string,
  ref: string,
  until: string,
): Statement => ({
  text: `select a.state, count(*)::int as total, count(*) filter (where a.due < ($4::timestamptz at time zone 'UTC')::date)::int as overdue,
      (array_agg(a.ref order by a.number))[1:40] as refs
    from record a where a.organisation = (select present_organisation()) and a.register = $2 and a.id in (
      select k.to_id from link k join record m on m.organisation = k.organisation and m.id = k.from_id and m.ref <> $3
      where k.organisation = (select present_organisation()) and k.from_register = $1 and k.name = ${named.managementReview.link('actions')})
    group by a.state order by a.state`,
  values: [review, action, ref, until],
});

/** Risks that are not closed against the appetite of the criteria in force, and what acceptances stand on. */
export function risksStatement(
  registry: Registry,
  risk: Register,
  criteria: string,
  place: DecisionPlace,
  until: string,
): Statement {
  return {
    text: `with appetite as (select (c."values"->>${named.criteria.field('appetite')})::float8 as level, c.ref from (select c.* ${newestCriteriaSql(criteria)}) c
        where c.state = ${named.criteria.state('approved')}),
      judged as (select r.state, coalesce((r.derived->>${named.risk.derived('residualLevel')})::float8, (r.derived->>${named.risk.derived('level')})::float8) as level,
          case when r.state = ${named.risk.state('accepted')} then ${decidedSql(registry, risk, 'r', place, '$2')} end as standing
        from record r where r.organisation = (select present_organisation()) and r.register = $1 and r.state <> ${named.risk.state('closed')})
      select (select ref from appetite) as criteria, (select level from appetite) as appetite, count(*)::int as total,
        count(level)::int as rated, count(*) filter (where level > (select level from appetite))::int as above,
        count(*) filter (where level > (select level from appetite) and state = ${named.risk.state('accepted')} and standing = 'current')::int as above_accepted,
        count(*) filter (where state = ${named.risk.state('accepted')})::int as accepted,
        count(*) filter (where state = ${named.risk.state('accepted')} and standing is distinct from 'current')::int as stale
      from judged`,
    values: [risk.name, until.slice(0, 10)],
  };
}

/** A row where somebody among those who attended holds the role. */
export const reviewAttended = (attendees: string[], top: string): Statement => ({
  text: `select 1 from record where organisation = (select present_organisation()) and register = $1 and ref = any($2)
        and "values"->${named.person.field('roles')} ? $3 limit 1`,
  values: [named.person.name, attendees, top],
  name: 'review-attended',
});
