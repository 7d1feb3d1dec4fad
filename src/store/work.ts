import { restingStates } from '../register/decisions.ts';
import { asList, type Register, type Registry, type Transition } from '../register/register.ts';
import { type Actor, admittedAs, type Who } from '../register/who.ts';
import { type DecisionPlace, sameSql, standingSql } from './covers.ts';
import type { Statement } from './database.ts';

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

/** Names of declarations, never of requests: quoted all the same. */
export const quote = (s: string): string => `'${s.replaceAll("'", "''")}'`;
const listed = (all: readonly string[]): string => `(${all.map(quote).join(', ')})`;

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

/** SQL of whether the person is admitted by a relation to record `r`; false where only roles are named. */
function bySql(register: Register, who: readonly Who[]): string {
  const one = (w: Who): string[] => {
    if (w === 'owner') return ['r.owner = $1'];
    if (w === 'author') return ['r.created_by = $1'];
    if (!w.includes('.')) return [];
    const [link, field] = w.split('.') as [string, string];
    if (link === 'self')
      return register.fields[field]?.kind === 'people'
        ? [`coalesce(r."values"->${quote(field)} ? $1, false)`]
        : [`r."values"->>${quote(field)} = $1`];
    // Whoever decides by their part in linked records has that part in all of them.
    const linked = `from link k join record o on o.organisation = k.organisation and o.id = k.to_id
      where k.organisation = r.organisation and k.from_id = r.id and k.name = ${quote(link)}`;
    return [
      `(exists (select ${linked}) and not exists (select ${linked} and o."values"->>${quote(field)} is distinct from $1))`,
    ];
  };
  const parts = who.flatMap(one);
  return parts.length > 0 ? `(${parts.join(' or ')})` : 'false';
}

/** Does a role of theirs admit the person, whatever the record? */
const byRole = (w: WorkOf, who: readonly Who[]): boolean =>
  admittedAs(
    w.person,
    who.filter((x) => x !== 'owner' && x !== 'author' && !x.includes('.')),
  ) !== undefined;

/** SQL of whether the person may take this step on record `r`, its state left out. */
function openSql(w: WorkOf, register: Register, t: Transition): string {
  const who = asList(t.by);
  const admitted = byRole(w, who) ? 'true' : bySql(register, who);
  return [
    admitted,
    ...(t.separate ? [separateSql(register)] : []),
    ...(t.requires ?? []).map((n) => filledSql(register, n)),
  ].join(' and ');
}

/** SQL of whether record `r` is somebody else's work. */
function separateSql(register: Register): string {
  const work = Object.keys(register.transitions).filter((n) => !register.transitions[n]!.decision);
  const worked = work.length > 0 ? ` or v.transition in ${listed(work)}` : '';
  return `not exists (select from version v where v.organisation = r.organisation and v.record_id = r.id and v.actor = $1
    and (v.transition is null${worked}))`;
}

const filledSql = (register: Register, name: string): string =>
  register.links[name]
    ? `exists (select from link k where k.organisation = r.organisation and k.from_id = r.id and k.name = ${quote(name)})`
    : `coalesce(r."values"->${quote(name)}, 'null') not in ('null', '""', '[]')`;

/** SQL of the moment at which record `r` came into its state. */
function sinceSql(register: Register): string {
  const ways = Object.entries(register.transitions).flatMap(([n, t]) =>
    asList(t.from).every((s) => s === t.to) ? [] : [`(v.transition = ${quote(n)} and v.state = r.state)`],
  );
  return ways.length === 0
    ? 'r.created_at'
    : `coalesce((select max(v.at) from version v where v.organisation = r.organisation and v.record_id = r.id and (${ways.join(' or ')})), r.created_at)`;
}

const decisionsSql = (w: WorkOf, more: string): string =>
  `exists (select from record d where d.organisation = r.organisation and d.register = ${quote(w.place.register)}
    and d.${w.place.subject} = lower(r.ref) and (d."values"->>'until' is null or d."values"->>'until' > $2) and ${more})`;

/**
 * Records that wait for a decision which the person may take now: in a state that does not rest on a decision yet, everything the step asks for
 * filled in, not their own work, not decided by them on the present content. Somebody named in the record is asked until they have
 * decided; who may by a role is asked until anybody has. `when` adds conditions by register and step. One statement.
 */
export function decisionsDue(
  registry: Registry,
  w: WorkOf,
  when: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Statement | undefined {
  const parts = w.registers.flatMap((register) => {
    const resting = restingStates(register);
    return Object.entries(register.transitions).flatMap(([name, t]) => {
      const stays = asList(t.from).every((s) => s === t.to);
      if (!agrees(t) && !(t.decision === 'acknowledge' && !stays)) return [];
      const states = asList(t.from).filter((s) => !resting.has(s));
      const who = asList(t.by);
      if (states.length === 0 || (!byRole(w, who) && bySql(register, who) === 'false')) return [];
      const same = sameSql(registry, register, 'r');
      const several = (t.quorum ?? 1) > 1 || (t.order?.length ?? 0) > 1;
      const undecided =
        stays || several
          ? [
              `not ${decisionsSql(w, `d."values"->>'by' = $1 and d."values"->>'kind' = ${quote(t.decision!)} and ${same}`)}`,
            ]
          : [];
      const unsettled =
        stays && !several
          ? [
              `(${bySql(register, who)} or not ${decisionsSql(w, `d."values"->>'kind' in ('approve', 'accept', 'waive') and ${same}`)})`,
            ]
          : [];
      const extra = when[register.name]?.[name];
      return `(select ${COLUMNS}, ${quote(name)} as step, ${sinceSql(register)} as since from record r
        where ${HERE} and r.register = ${quote(register.name)} and r.state in ${listed(states)} and ${[openSql(w, register, t), ...(extra ? [extra] : []), ...undecided, ...unsettled].join(' and ')}
        order by r.number limit ${w.most + 1})`;
    });
  });
  if (parts.length === 0) return undefined;
  return {
    text: `select * from (${parts.join(' union all ')}) x order by since, ref limit ${w.most + 1}`,
    values: [w.person.ref, w.today],
  };
}

/**
 * Records whose state rests on decisions that do not count any more, or end within the days ahead: for the owner, and for whoever can renew it or take
 * it back. `steps` names what the person may do about it. One statement.
 */
export function standingDue(registry: Registry, w: WorkOf): Statement | undefined {
  const parts = w.registers.flatMap((register) => {
    const states = [...restingStates(register)].filter((s) => !register.ended.includes(s));
    if (states.length === 0) return [];
    const steps = states.flatMap((state) =>
      renewing(register, state).map(([name, t]) => ({ name, t, state })),
    );
    const can = (s: (typeof steps)[number]) => `r.state = ${quote(s.state)} and ${openSql(w, register, s.t)}`;
    const usable = steps.filter(
      (s) => byRole(w, asList(s.t.by)) || bySql(register, asList(s.t.by)) !== 'false',
    );
    const mine = [
      'r.owner = $1',
      ...usable
        .filter(
          (s) => s.t.decision || !byRole(w, asList(s.t.by)) || bySql(register, asList(s.t.by)) === 'false',
        )
        .map((s) => `(${can(s)})`),
    ];
    const named = usable.map((s) => `case when ${can(s)} then ${quote(s.name)} end`);
    return `(select ref, register, title, state, number, updated_at, standing, ends, steps from (
        select ${COLUMNS}, ${standingSql(registry, register, 'r', w.place, '$2')} as standing, ${endsSql(registry, register, w)} as ends,
          ${named.length > 0 ? `array_remove(array[${named.join(', ')}], null)` : `'{}'::text[]`} as steps
        from record r where ${HERE} and r.register = ${quote(register.name)} and r.state in ${listed(states)} and (${mine.join(' or ')})) x
      where standing <> 'current' or ends <= ($2::date + ${w.ahead})::text order by number limit ${w.most + 1})`;
  });
  if (parts.length === 0) return undefined;
  return {
    text: `select * from (${parts.join(' union all ')}) x order by ends nulls first, updated_at, ref limit ${w.most + 1}`,
    values: [w.person.ref, w.today],
  };
}

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

/** SQL of the day on which the last of the decisions that still count ends; null when one of them never does. */
const endsSql = (registry: Registry, register: Register, w: WorkOf): string =>
  `(select case when bool_or(d.until is null) then null else max(d.until) end from (
      select d."values"->>'until' as until, ${sameSql(registry, register, 'r')} as same from record d
      where d.organisation = r.organisation and d.register = ${quote(w.place.register)} and d.${w.place.subject} = lower(r.ref)
        and d."values"->>'kind' in ('approve', 'accept', 'waive')) d
    where d.same and (d.until is null or d.until > $2))`;
