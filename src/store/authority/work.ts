import { restingStates } from '../../register/decisions.ts';
import { asList, type Register, type Registry, type Transition } from '../../register/register.ts';
import type { Actor } from '../../register/who.ts';
import type { Statement } from '../database.ts';
import { named } from '../named.ts';
import {
  decisionsOn,
  endsOn,
  heldSql,
  keptQueries,
  keptStates,
  RESTS,
  restingRows,
  standingOn,
  standingRules,
} from '../standing.ts';
import { type DecisionPlace, recordOf } from './covers.ts';
import { byPart, coverRows, OPEN, PART, STEP_COLUMNS, sameAsNow, stepRow } from './steps.ts';

/** Whose work is asked for, as far as the statements need it. */
export interface WorkOf {
  person: Actor;
  /** Registers that may be read by the person, and by whoever asks for them. */
  registers: readonly Register[];
  place: DecisionPlace;
  today: string;
  /** RFC 3339. */
  now: string;
  /** Most rows of one statement; one more is fetched, so that a cut is never silent. */
  most: number;
  /** So many days ahead. */
  ahead: number;
}

/** In every statement of this file $1 is the person, $2 today. A record hidden from them is no work of theirs. */
export const HERE = `r.organisation = (select present_organisation()) and (r.hidden_from is null or $1 <> all (r.hidden_from))`;

const COLUMNS = 'r.ref, r.register, r.title, r.state, r.number, r.updated_at';

/** Records that the person owns and has something to do on by a day, soonest first. `others` have rules of their own. */
export function dueStatement(w: WorkOf, others: readonly string[]): Statement {
  const names = [
    ...new Set(w.registers.flatMap((r) => Object.keys(r.fields).filter((n) => r.fields[n]!.due))),
  ];
  return {
    text: `select ${COLUMNS}, r.due::text as due, (select jsonb_object_agg(k, r."values"->k) from unnest($4::text[]) k where r."values" ? k) as days
      from record r where ${HERE} and r.owner = $1 and r.due is not null and r.due <= $2::date + ${w.ahead}
        and r.register = any($3) order by r.due, r.register, r.number limit ${w.most + 1}`,
    values: [w.person.ref, w.today, w.registers.map((r) => r.name).filter((n) => !others.includes(n)), names],
    name: 'work-due',
  };
}

const agrees = (t: Transition): boolean =>
  t.decision === 'approve' || t.decision === 'accept' || t.decision === 'waive';

/**
 * Records that wait for a decision which the person may take now: in a state that does not rest on a decision yet, everything the step asks for
 * filled in, not their own work, not decided by them on the present content. Somebody named in the record is asked until they have
 * decided; who may by a role is asked until anybody has. One statement, which takes the records of each state in the order of their index, and stops where
 * there are enough.
 */
export function decisionsDue(registry: Registry, w: WorkOf): Statement {
  const rows = w.registers.flatMap((register) => {
    const resting = restingStates(register);
    return Object.entries(register.transitions).flatMap(([name, t]) => {
      const stays = asList(t.from).every((s) => s === t.to);
      if (!agrees(t) && !(t.decision === 'acknowledge' && !stays)) return [];
      const states = asList(t.from).filter((s) => !resting.has(s));
      const row = stepRow(w.person, register, name, t, states);
      if (states.length === 0 || !(row.role || byPart(row))) return [];
      const several = (t.quorum ?? 1) > 1 || (t.order?.length ?? 0) > 1;
      return [
        {
          ...row,
          // Ways into the state it is in now.
          ways: Object.keys(register.transitions).filter((n) => {
            const way = register.transitions[n]!;
            return !asList(way.from).every((s) => s === way.to);
          }),
          decision: t.decision,
          undecided: stays || several,
          unsettled: stays && !several,
        },
      ];
    });
  });
  return {
    text: `select x.*, s.step from jsonb_to_recordset($3) as s(${STEP_COLUMNS}, ways text[], decision text, undecided boolean, unsettled boolean)
      cross join unnest(s.states) as st(state)
      cross join lateral (select ${COLUMNS}, coalesce((select max(v.at) from version v where v.organisation = r.organisation and v.record_id = r.id
          and v.state = r.state and v.transition = any(s.ways)), r.created_at) as since
        from record r where ${HERE} and r.register = s.register and r.state = st.state and $2::text is not null and ${OPEN}
          and case when s.undecided or s.unsettled then (
            select not (s.undecided and coalesce(bool_or(d.by = $1 and d.kind = s.decision), false))
              and (not s.unsettled or ${PART} or not coalesce(bool_or(d.kind in ('approve', 'accept', 'waive')), false))
            from (select d."values"->>${named.decision.field('by')} as by, d."values"->>${named.decision.field('kind')} as kind from ${decisionsOn(w.place)}
              and (d."values"->>${named.decision.field('until')} is null or d."values"->>${named.decision.field('until')} > $2) and ${sameAsNow('$4')}) d) else true end
        order by r.number limit ${w.most + 1}) x
      order by since, ref limit ${w.most + 1}`,
    values: [w.person.ref, w.today, JSON.stringify(rows), JSON.stringify(coverRows(registry))],
    name: 'work-decisions',
  };
}

/**
 * Records whose state rests on decisions that do not count any more, or end within the days ahead: for the owner, and for whoever can renew it or take
 * it back. `steps` names what the person may do about it. One statement: what is kept of standing is read where it holds, what entries touched since is
 * found anew in it, and so is everything while nothing is kept.
 */
export function standingDue(registry: Registry, w: WorkOf): Statement {
  const steps = w.registers.flatMap((register) =>
    keptStates(register).flatMap((state) =>
      renewing(register, state).flatMap(([name, t]) => {
        const row = stepRow(w.person, register, name, t, [state]);
        // What anybody of a role may take back at any time is not put before each of them.
        return row.role || byPart(row)
          ? [{ ...row, asked: t.decision !== undefined || !row.role || !byPart(row) }]
          : [];
      }),
    ),
  );
  const { covers, backs, digest } = standingRules(registry, w.place);
  const until = `($2::text::date + ${w.ahead})::text`;
  const ways = `(select coalesce(array_agg(s.step order by s.n) filter (where s.open), '{}') as steps,
        coalesce(bool_or(s.open and s.asked), false) as asked
      from (select s.n, s.step, s.asked, ${OPEN} as open
        from rows from (jsonb_to_recordset($4) as (${STEP_COLUMNS}, asked boolean)) with ordinality
          as s(${names(STEP_COLUMNS)}, asked, n)
        where s.register = r.register and r.state = any(s.states)) s) o`;
  return {
    text: `with ${keptQueries(w.place, '$6', '$7')},
      known as materialized (
        select k.organisation, k.record_id as id, k.counts_until, k.alone_until from kept p cross join lateral (
            select k.* from standing k where k.organisation = p.organisation and k.counts_until is null
            union all select k.* from standing k where k.organisation = p.organisation and k.counts_until <= ${until} and k.counts_until is distinct from 'infinity') k
          where k.record_id not in (select t.id from touched t)
        union all
        select r.organisation, r.id, h.counts_until, h.alone_until from touched t cross join kept p
          cross join lateral (select o.* from record o where o.organisation = p.organisation and o.id = t.id limit 1) r
          cross join lateral (${heldSql(w.place, '$5')}) h where ${RESTS('$3')}
        union all
        select r.organisation, r.id, h.counts_until, h.alone_until
          from (select r.* from jsonb_to_recordset($3) as g(name text, states text[])
              join record r on ${HERE} and r.register = g.name and r.state = any(g.states) cross join lateral ${ways}
              where not exists (select from kept) and (r.owner = $1 or o.asked) offset 0) r
            cross join lateral (${heldSql(w.place, '$5')}) h)
    select ${COLUMNS}, ${standingOn('$2')} as standing, ${endsOn('$2')} as ends, o.steps
      from (select k.* from known k where ${standingOn('$2')} <> 'current' or ${endsOn('$2')} <= ${until}) k
        ${recordOf('k', 'k.id', 'r')} cross join lateral ${ways}
      where ${HERE} and ${RESTS('$3')} and (r.owner = $1 or o.asked)
      order by ends nulls first, r.updated_at, r.ref limit ${w.most + 1}`,
    values: [
      w.person.ref,
      w.today,
      JSON.stringify(restingRows(w.registers)),
      JSON.stringify(steps),
      covers,
      backs,
      digest,
    ],
    name: 'work-standing',
  };
}

const names = (columns: string): string =>
  columns
    .split(',')
    .map((c) => c.trim().split(' ')[0])
    .join(', ');

/** Steps by which a state rests on a decision again: deciding anew where that is possible, otherwise the way back to where one decides. */
export function renewing(register: Register, state: string): [string, Transition][] {
  const resting = restingStates(register);
  const from = Object.entries(register.transitions).filter(([, t]) => asList(t.from).includes(state));
  const anew = from.filter(([, t]) => agrees(t) && resting.has(t.to));
  if (anew.length > 0) return anew;
  const deciding = new Set(
    Object.values(register.transitions)
      .filter(agrees)
      .flatMap((t) => [...asList(t.from)]),
  );
  return from.filter(([, t]) => !t.decision && deciding.has(t.to));
}
