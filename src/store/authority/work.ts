import { hash } from 'node:crypto';
import { restingStates } from '../../register/decisions.ts';
import { asList, type Register, type Registry, type Transition } from '../../register/register.ts';
import type { Actor } from '../../register/who.ts';
import type { Statement } from '../db/database.ts';
import {
  endsOn,
  heldSql,
  keptQueries,
  keptStates,
  RESTS,
  restingRows,
  standingOn,
  standingRules,
} from '../standing/standing.ts';
import { type AloneTerms, aloneCountsSql, decidesAlone, membersOnce } from './alone.ts';
import { type DecisionPlace, recordOf } from './covers.ts';
import { criteriaOnce } from './newest.ts';
import { WITHIN_APPETITE } from './ruled.ts';
import { askedBy, byPart, openToOthers, openUnlessOwn, STEP_COLUMNS, stepRow } from './steps.ts';
import { inTurns, WAITING_COLUMNS, waitsAnew } from './waiting.ts';

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
  /** Of what is long to tell, so many are told in full: nobody sees more at once. */
  shown: number;
  /** So many days ahead. */
  ahead: number;
  /** When the only person of an organisation decides alone. */
  alone: AloneTerms;
}

/** In every statement of this file $1 is the person, $2 today. A record hidden from them is no work of theirs. */
export const HERE = `r.organisation = (select present_organisation()) and (r.hidden_from is null or $1 <> all (r.hidden_from))`;

export const COLUMNS = 'r.ref, r.register, r.title, r.state, r.number, r.updated_at';

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

export const agrees = (t: Transition): boolean =>
  t.decision === 'approve' || t.decision === 'accept' || t.decision === 'waive';

/** What was made of the declarations, by registry. */
const MADE = new WeakMap<Registry, Map<string, unknown>>();
/** So many are kept: combinations of roles that people hold are few. */
const KEPT = 200;

/** What a statement is made of follows from the declarations and the roles of a person, whoever they are: made once for all who hold the same. */
export function madeFor<T>(registry: Registry, w: WorkOf, what: string, make: () => T): T {
  const known = MADE.get(registry) ?? new Map<string, unknown>();
  MADE.set(registry, known);
  const { place, most, ahead, person } = w;
  const key = [
    what,
    place.register,
    place.subject,
    most,
    ahead,
    person.kind,
    ...person.roles,
    '',
    ...w.registers.map((r) => r.name),
  ].join(' ');
  if (!known.has(key)) {
    if (known.size >= KEPT) known.clear();
    known.set(key, make());
  }
  return known.get(key) as T;
}

/**
 * Records whose state rests on decisions that do not count any more, or end within the days ahead: for the owner, and for whoever can renew it or take
 * it back. `steps` names what the person may do about it. One statement: what is kept of standing is read where it holds, what entries touched since is
 * found anew in it, and so is everything while nothing is kept.
 */
export function standingDue(registry: Registry, w: WorkOf): Statement {
  const { text, name, values } = madeFor(registry, w, 'standing', () => standingMade(registry, w));
  return { text, values: [w.person.ref, w.today, ...values, w.now], name };
}

function standingMade(registry: Registry, w: WorkOf): Required<Omit<Statement, 'types'>> {
  const steps = w.registers.flatMap((register) =>
    keptStates(register).flatMap((state) =>
      renewing(register, state).flatMap(([name, t]) => {
        return inTurns(registry, register, t).flatMap(({ by, ...waiting }) => {
          const row = stepRow(w.person, register, name, { ...t, by }, [state]);
          // What anybody of a role may take back at any time is not put before each of them.
          return row.role || byPart(row)
            ? [{ ...row, ...waiting, asked: t.decision !== undefined || !row.role || !byPart(row) }]
            : [];
        });
      }),
    ),
  );
  const { covers, backs, digest } = standingRules(registry, w.place);
  const until = `($2::text::date + ${w.ahead})::text`;
  const asks = askedBy(steps);
  const open = openUnlessOwn(decidesAlone(registry, w.alone, { covers: '$5', now: '$8' }), asks);
  // What was decided alone counts as long as that may be.
  const counts = `(${standingOn('$2')} = 'current' or ${standingOn('$2')} = 'alone' and ${aloneCountsSql(w.alone)})`;
  const ways = `(select coalesce(array_agg(s.step order by s.n) filter (where s.open), '{}') as steps,
        coalesce(bool_or(s.open and s.asked), false) as asked
      from (select s.n, s.step, s.asked, ${open} and ${waitsAnew(w, '$5', asks)} as open
        from rows from (jsonb_to_recordset($4) as (${STEP_COLUMNS}, ${WAITING_COLUMNS}, asked boolean)) with ordinality
          as s(${names(STEP_COLUMNS)}, ${names(WAITING_COLUMNS)}, asked, n)
        where s.register = r.register and r.state = any(s.states)) s) o`;
  // Where nothing is kept, what may be theirs is found before what it stands on: as far as that is cheap to say.
  const theirs = `(r.owner = $1 or exists (select from jsonb_to_recordset($4) as s(${STEP_COLUMNS})
    where s.register = r.register and r.state = any(s.states) and ${openToOthers(asks)}))`;
  const text = `with ${keptQueries(w.place, '$6', '$7')},
      known as materialized (
        select k.organisation, k.record_id as id, k.counts_until, k.alone_until from kept p cross join lateral (
            select k.* from standing k where k.organisation = p.organisation and k.counts_until is null and k.counts_until is distinct from 'infinity'
            union all select k.* from standing k where k.organisation = p.organisation and k.counts_until <= ${until} and k.counts_until is distinct from 'infinity') k
          where k.record_id not in (select t.id from touched t)
        union all
        select r.organisation, r.id, h.counts_until, h.alone_until
          from (select ${HELD} from touched t cross join kept p
                cross join lateral (select o.* from record o where o.organisation = p.organisation and o.id = t.id limit 1) r where ${RESTS('$3')}
              union all select ${HELD} from jsonb_to_recordset($3) as g(name text, states text[])
                join record r on ${HERE} and r.register = g.name and r.state = any(g.states)
                where not exists (select from kept) and ${theirs} offset 0) r
            cross join lateral (${heldSql(w.place, '$5')}) h)
    select ${COLUMNS}, ${standingOn('$2')} as standing, ${counts} as counts, ${endsOn('$2')} as ends, o.steps
      from (select k.* from known k where ${standingOn('$2')} <> 'current' or ${endsOn('$2')} <= ${until}) k
        ${recordOf('k', 'k.id', 'r')} cross join lateral ${ways}
      where ${HERE} and ${RESTS('$3')} and (r.owner = $1 or o.asked) and not ${WITHIN_APPETITE} and $8::text is not null
        and (coalesce(${endsOn('$2')} <= ${until}, false) or not ${counts})
      order by ends nulls first, r.updated_at, r.ref limit ${w.most + 1}`;
  const once = membersOnce(criteriaOnce(text));
  return {
    text: once,
    name: `work-standing-${hash('sha256', once).slice(0, 16)}`,
    values: [JSON.stringify(restingRows(w.registers)), JSON.stringify(steps), covers, backs, digest],
  };
}

/** What `heldSql` reads of a record. */
const HELD = 'r.organisation, r.id, r.ref, r.register, r.material';

const names = (columns: string): string =>
  columns
    .split(',')
    .map((c) => c.trim().split(' ')[0])
    .join(', ');

/** Steps by which a state rests on a decision again: deciding anew where that is possible, otherwise the way back to where one decides. */
export function renewing(register: Register, state: string): [string, Transition][] {
  const resting = restingStates(register);
  const from = Object.entries(register.transitions).filter(([, t]) => asList(t.from).includes(state));
  // A waiver lets one thing pass; nothing is decided anew by it.
  const anew = from.filter(([, t]) => agrees(t) && t.decision !== 'waive' && resting.has(t.to));
  if (anew.length > 0) return anew;
  const deciding = new Set(
    Object.values(register.transitions)
      .filter(agrees)
      .flatMap((t) => [...asList(t.from)]),
  );
  return from.filter(([, t]) => !t.decision && deciding.has(t.to));
}
