import { hash } from 'node:crypto';
import { onceFor } from '../../base/once-for.ts';
import {
  type Covered,
  type CoverRule,
  coversOf,
  FIRST_RULE,
  presentRule,
  rulesOf,
} from '../../register/covering.ts';
import { restingStates } from '../../register/decisions.ts';
import type { Cover, Register, Registry } from '../../register/register.ts';
import type { Row, Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Names and values of declarations, never of requests: quoted all the same. */
export const quote = (s: string): string => `'${s.replaceAll("'", "''")}'`;
const listed = (all: readonly string[]): string => `(${all.map(quote).join(', ')})`;

/** What is read of a covered record `t`. */
const PART = 't.organisation, t.id, t.ref, t.register, t.version, t.material, t.title';

/**
 * SQL of the records that decisions on record `s` cover now, with the columns of `PART`; undefined when its register covers none. Each is looked
 * up once, and none that is not covered, but for those in another state or of another kind. A part that two systems share comes twice where the
 * register covers parts alone: so it stands in the digests of the decisions that were ever taken. With `filtered` false, also those that are in another state or of another kind than the declaration names: for a state that was.
 */
export function coveredRows(
  registry: Registry,
  register: Register,
  s: string,
  filtered = true,
  rule: CoverRule = presentRule(register),
): string | undefined {
  const hops = hopsOf(registry, register, s, filtered, coversOf(register, rule), () => PART);
  return hops.length === 0 ? undefined : hops.join(' union ');
}

/** SQL of the records that each cover leads to, one text a cover. */
function hopsOf(
  registry: Registry,
  register: Register,
  s: string,
  filtered: boolean,
  covers: readonly Cover[],
  columns: (c: Cover) => string,
): string[] {
  return covers.map((c) => {
    const read = columns(c);
    const link = `k.organisation = ${s}.organisation and k.from_id = ${s}.id and k.name = ${quote(c.link)}`;
    const to = register.links[c.link]!.to;
    if (!c.inverse)
      return `select ${read} from link k ${recordOf('k', 'k.to_id', 't')}
      where ${link}${narrowed(c, filtered)}`;
    const back = registry.inversesOf(to).find((i) => i.inverse === c.inverse)!;
    return `select ${read} from link k join link b on b.organisation = k.organisation and b.to_id = k.to_id
        and b.from_register = ${quote(back.register.name)} and b.name = ${quote(back.link)}
      ${recordOf('b', 'b.from_id', 't')}
      where ${link}${narrowed(c, filtered)}`;
  });
}

/**
 * SQL of a join with the one record that has this id, looked up by it. Left to choose, the database joins whole tables row by row while it has no
 * statistics yet, as after a large import.
 */
export const recordOf = (beside: string, id: string, as: string): string =>
  `cross join lateral (select o.* from record o where o.organisation = ${beside}.organisation and o.id = ${id} limit 1) ${as}`;

const narrowed = (c: Cover, filtered: boolean): string =>
  filtered
    ? [
        ...(c.states ? [` and t.state in ${listed(c.states)}`] : []),
        ...Object.entries(c.where ?? {}).map(([f, of]) => ` and t."values"->>${quote(f)} in ${listed(of)}`),
      ].join('')
    : '';

/** SQL of the digest over everything that decisions on record `s` cover; null when its register covers nothing. */
export function coverDigestSql(
  registry: Registry,
  register: Register,
  s: string,
  rule = presentRule(register),
): string {
  const rows = coveredRows(registry, register, s, true, rule);
  return rows === undefined
    ? 'null'
    : `(select 'sha256:' || encode(sha256(convert_to(coalesce(string_agg(x.ref || ' ' || x.material, E'\\n' order by x.ref), ''), 'UTF8')), 'hex')
        from (${rows}) x)`;
}

/**
 * What decisions on the given records cover now: rows with `for_ref` beside the columns of `Covered`. One statement, however many records.
 * With `filtered` false, what they could ever cover (see `coveredRows`).
 */
export function coveredStatement(
  registry: Registry,
  subjects: readonly { register: Register; refs: readonly string[] }[],
  filtered = true,
): Statement | undefined {
  const covering = subjects.filter((s) => s.register.covers.length > 0);
  if (covering.length === 0 || subjects.every((s) => s.refs.length === 0)) return undefined;
  // As many as there are sets of registers that are asked about together: few.
  const known = coveredTexts(registry);
  const key = `${filtered} ${covering.map((s) => s.register.name).join(' ')}`;
  const made =
    known.get(key) ??
    coveredText(
      registry,
      covering.map((s) => s.register),
      filtered,
    );
  known.set(key, made);
  return { ...made, values: covering.map((s) => s.refs) };
}

const coveredTexts = onceFor((_: Registry) => new Map<string, { text: string; name: string }>());

function coveredText(registry: Registry, registers: readonly Register[], filtered: boolean) {
  const parts = registers.map((register, i) => {
    const by = (c: Cover) => `${PART}, ${register.covers.indexOf(c)} as by`;
    const rows = hopsOf(registry, register, 's', filtered, register.covers, by).join(' union ');
    return `select s.ref as for_ref, t.ref, t.register, t.version, t.material as digest, t.title, t.by from record s cross join lateral (${rows}) t
      where s.organisation = (select present_organisation()) and s.register = ${quote(register.name)} and s.ref = any($${i + 1})`;
  });
  const text = `${parts.join(' union all ')} order by 1, 2`;
  return { text, name: `covered-${hash('sha256', text).slice(0, 32)}` };
}

/** SQL of all of it about record `s`, for a statement that reads the record beside it: a list for `toCovered`. */
export function coveredListSql(registry: Registry, register: Register, s: string): string {
  const by = (c: Cover) => `${PART}, ${register.covers.indexOf(c)} as by`;
  const rows = hopsOf(registry, register, s, true, register.covers, by).join(' union ');
  return `(select coalesce(jsonb_agg(jsonb_build_object('for_ref', ${s}.ref, 'ref', t.ref, 'register', t.register, 'version', t.version,
    'digest', t.material, 'title', t.title, 'by', t.by) order by t.ref), '[]'::jsonb) from (${rows}) t)`;
}

/** Covered records by the record they are covered for, in the order of their references. */
export function toCovered(rows: readonly Row[]): Record<string, Covered[]> {
  const out: Record<string, Covered[]> = {};
  for (const r of rows) {
    const one = {
      ref: r.ref as string,
      register: r.register as string,
      version: r.version as number,
      digest: r.digest as string,
      title: r.title as string,
      by: r.by as number,
    };
    out[r.for_ref as string] = [...(out[r.for_ref as string] ?? []), one];
  }
  return out;
}

/** References of everything that decisions on a record could ever cover, whatever state it is in: for a state that was. */
export function coverableStatement(
  registry: Registry,
  register: Register,
  ref: string,
): Statement | undefined {
  const rows = hopsOf(registry, register, 's', false, register.covers, () => PART).join(' union ');
  return rows === ''
    ? undefined
    : {
        text: `select distinct t.ref from record s cross join lateral (${rows}) t
          where s.organisation = (select present_organisation()) and s.register = $1 and s.ref = $2`,
        values: [register.name, ref],
      };
}

/** Where decisions are kept: their register, and the typed column of the reference they are on. */
export interface DecisionPlace {
  register: string;
  subject: string;
}

/**
 * SQL of what the state of record `r` stands on: `current` when a decision that led there is about it as it is now, `alone` when only such as the
 * author took alone are, `ended` when one was, and its
 * day has come, `stale` when it changed since; null in states that rest on no decision. `today` is a parameter holding a day.
 */
export function standingSql(
  registry: Registry,
  register: Register,
  r: string,
  place: DecisionPlace,
  today: string,
): string {
  const resting = [...restingStates(register)];
  if (resting.length === 0) return 'null';
  return `case when ${r}.state in ${listed(resting)} then ${decidedSql(registry, register, r, place, today)} end`;
}

/** SQL of the same for a record in any state: whether somebody agreed to it as it is now. `stale` also when nobody ever did. */
export function decidedSql(
  registry: Registry,
  register: Register,
  r: string,
  place: DecisionPlace,
  today: string,
): string {
  return `(select coalesce(
      max(case when d.same and d.standing and not d.alone then 'current' end), max(case when d.same and d.standing then 'alone' end), max(case when d.same then 'ended' end), 'stale') from (
      select (d."values"->>${named.decision.field('until')} is null or d."values"->>${named.decision.field('until')} > ${today}) as standing,
        coalesce(d."values"->>${named.decision.field('manner')} = 'alone', false) as alone,
        ${sameSql(registry, register, r)} as same
      from record d where d.organisation = ${r}.organisation and d.register = ${quote(place.register)}
        and d.${place.subject} = lower(${r}.ref) and d."values"->>${named.decision.field('kind')} in ('approve', 'accept', 'waive')) d)`;
}

/** SQL of the version of the rule that decision `d` was taken under (`ruleOf`). */
export const RULE_SQL = `coalesce((d."values"->>${named.decision.field('rule')})::int, ${FIRST_RULE})`;

/** SQL of whether decision `d` is about record `r` as it is now, by what its register covered when it was taken. */
export const sameSql = (registry: Registry, register: Register, r: string): string => {
  const rules = rulesOf(register);
  const under = (rule: number) => coverDigestSql(registry, register, r, rule);
  const cover =
    rules.length === 1
      ? under(rules[0]!)
      : `case ${RULE_SQL} ${rules.map((n) => `when ${n} then ${under(n)}`).join(' ')} end`;
  return `case when d."values" ? ${named.decision.field('ownDigest')}
          then d."values"->>${named.decision.field('ownDigest')} = ${r}.material and d."values"->>${named.decision.field('coverDigest')} is not distinct from ${cover}
          else d."values"->>${named.decision.field('subjectDigest')} = ${r}.material end`;
};
