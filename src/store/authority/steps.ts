import { coversOf, rulesOf } from '../../register/covering.ts';
import { asList, type Register, type Registry, type Transition } from '../../register/register.ts';
import { type Actor, admittedAs, holds, type Who } from '../../register/who.ts';
import { named } from '../records/named.ts';
import { workOf } from '../records/records.ts';
import { quote, RULE_SQL, recordOf } from './covers.ts';
import { ruledOpen, ruleFor } from './ruled.ts';

/**
 * What the steps of all registers ask, as rows that a statement is given, and SQL that reads them: `s` is such a row, `r` a record, $1 the person. One
 * statement so serves every register. With a part for each, the database took a third of a second to plan what it carries out in a few milliseconds,
 * on every reading.
 */
export interface StepRow {
  register: string;
  step: string;
  states: readonly string[];
  /** A role of theirs admits the person, whatever the record. */
  role: boolean;
  owner: boolean;
  author: boolean;
  /** Fields of the record that name the one, or those, who may. */
  fields: readonly string[];
  lists: readonly string[];
  /** Fields of linked records, by the link. */
  linked: readonly { link: string; fields: readonly string[] }[];
  /** By a part in linked records one decides on all of them, or works on one. */
  decides: boolean;
  /** Closed to whoever wrote it or took one of the steps `worked`. */
  separate: boolean;
  worked: readonly string[];
  /** What its declaration says of the record's values: closed where a field has one of these, or, `unless`, none of them. */
  closed: readonly { field: string; among: readonly string[]; unless: boolean }[];
  /** Not before so many days, which one field holds, after the day in another. */
  day: string | null;
  days: string | null;
  /** Fields and links that must be filled in. */
  asks: readonly string[];
  links: readonly string[];
  /** More of them where a field has one of these values (`requiresOf`). */
  more: readonly {
    field: string;
    among: readonly string[];
    asks: readonly string[];
    links: readonly string[];
  }[];
  /** The rule of its register about it (`ruleFor`). */
  ruled: string | null;
}

/** Columns of `StepRow` for `jsonb_to_recordset`. */
export const STEP_COLUMNS = `register text, step text, states text[], role boolean, owner boolean, author boolean, fields text[], lists text[], linked jsonb,
  decides boolean, separate boolean, worked text[], closed jsonb, day text, days text, asks text[], links text[], more jsonb, ruled text`;

/** The row of a step in some of its states. */
export function stepRow(
  person: Actor,
  register: Register,
  step: string,
  t: Transition,
  states: readonly string[],
): StepRow {
  const who = asList(t.by);
  const parts = who.filter((w) => w.includes('.')).map((w) => w.split('.') as [string, string]);
  const own = parts.filter(([link]) => link === 'self').map(([, field]) => field);
  const several = (name: string) => register.fields[name]?.kind === 'people';
  const asked = (names: readonly string[] = []) => {
    // What the step finds out is told with it.
    const needed = names.filter((n) => !t.finds?.includes(n));
    return {
      asks: needed.filter((n) => !register.links[n]),
      links: needed.filter((n) => register.links[n]),
    };
  };
  return {
    register: register.name,
    step,
    states,
    role: admittedAs(person, who.filter(isRole)) !== undefined,
    owner: who.includes('owner'),
    author: who.includes('author'),
    fields: own.filter((name) => !several(name)),
    lists: own.filter(several),
    linked: [...new Set(parts.map(([link]) => link))]
      .filter((link) => link !== 'self')
      .map((link) => ({ link, fields: parts.filter(([l]) => l === link).map(([, field]) => field) })),
    decides: t.decision !== undefined,
    separate: t.separate === true,
    worked: workOf(register),
    closed: closedBy(person, t, states),
    day: t.after?.day ?? null,
    days: t.after?.days ?? null,
    ...asked(t.requires),
    more: (t.requiresOf ?? []).map(({ field, is, names }) => ({ field, among: is, ...asked(names) })),
    ruled: ruleFor(person, register.name, step),
  };
}

/** Conditions on the values that close the step to this person. One that holds in some states alone is looked at where the row is about those. */
function closedBy(person: Actor, { when, onlyBy }: Transition, states: readonly string[]): StepRow['closed'] {
  const applies = when && (!when.from || states.every((s) => when.from?.includes(s)));
  return [
    ...(applies && when.is ? [{ field: when.field, among: when.is, unless: true }] : []),
    ...(applies && when.isNot ? [{ field: when.field, among: when.isNot, unless: false }] : []),
    ...(onlyBy && person.kind !== 'engine' && !holds(person, onlyBy.role)
      ? [{ field: onlyBy.field, among: onlyBy.is, unless: false }]
      : []),
  ];
}

const isRole = (w: Who): boolean => w !== 'owner' && w !== 'author' && !w.includes('.');

/** May somebody be admitted by their part in a record, and not by a role alone? */
export const byPart = (s: StepRow): boolean =>
  s.owner || s.author || s.fields.length + s.lists.length + s.linked.length > 0;

/**
 * What some steps ask at all. A statement says nothing of what none of its steps asks: the database sets up every part of it, whether a row needs it or
 * not, and that was most of what my work cost.
 */
export interface Asked {
  /** Whether one of them says something in this column. */
  readonly some: (column: string) => boolean;
  /** Whether one of them is under this rule of its register. */
  readonly rule: (name: string) => boolean;
  /** Whether one of them is of this register, which is given as SQL. */
  readonly of: (register: string) => boolean;
}

export const ANYTHING: Asked = { some: () => true, rule: () => true, of: () => true };

type Said = Readonly<Record<string, unknown>>;

/** What these rows ask. */
export const askedBy = (rows: readonly (Said & Pick<StepRow, 'register' | 'ruled'>)[]): Asked => ({
  some: (column) => rows.some((r) => (Array.isArray(r[column]) ? r[column].length > 0 : Boolean(r[column]))),
  rule: (name) => rows.some((r) => r.ruled === name),
  of: (register) => rows.some((r) => quote(r.register) === register),
});

/** SQL of all that there is of these, each with whether it is asked. */
const allOf = (...parts: readonly (readonly [boolean, string])[]): string => joined(' and ', 'true', parts);
const anyOf = (...parts: readonly (readonly [boolean, string])[]): string => joined(' or ', 'false', parts);

function joined(by: string, none: string, parts: readonly (readonly [boolean, string])[]): string {
  const there = parts.flatMap(([asked, sql]) => (asked ? [sql] : []));
  return there.length === 0 ? none : `(${there.join(by)})`;
}

/** SQL of whether a field of record `r`, or of what it is linked to, names the person as step `s` demands. Whoever decides by their part in linked records has that part in all of them. */
const namedPart = ({ some }: Asked): string =>
  anyOf(
    [some('fields'), 'exists (select from unnest(s.fields) f where r."values"->>f = $1)'],
    [some('linked'), NAMED_BESIDE],
  );

const NAMED_BESIDE = `exists (select from jsonb_to_recordset(s.linked) as w(link text, fields text[]) cross join lateral (
      select array_agg(o."values") as there from link k
        ${recordOf('k', 'k.to_id', 'o')}
        where k.organisation = r.organisation and k.from_id = r.id and k.name = w.link) l
    where exists (select from unnest(w.fields) f where (
      select case when s.decides then bool_and(coalesce(v->>f = $1, false)) else bool_or(v->>f = $1) end from unnest(l.there) v)))`;

/** SQL of whether the person's part in record `r` admits them. */
export const partOf = (asked: Asked): string =>
  anyOf(
    [asked.some('owner'), '(s.owner and r.owner = $1)'],
    [asked.some('author'), '(s.author and r.created_by = $1)'],
    [asked.some('lists'), 'exists (select from unnest(s.lists) f where r."values"->f ? $1)'],
    [true, namedPart(asked)],
  );

/** The same, whatever is asked. */
export const PART = partOf(ANYTHING);

/** SQL of whether the declaration leaves step `s` open to the person, by what record `r` says. Cheap, and so asked first. */
const LEFT_OPEN = `(s.closed = '[]' or not exists (select from jsonb_to_recordset(s.closed) as c(field text, among jsonb, "unless" boolean)
    where coalesce(c.among ? (r."values"->>c.field), false) <> c."unless"))`;

/** SQL of whether something that row `of` asks for, field or link, is not filled in. */
const lacking = (of: string): string =>
  `((${of}.asks <> '{}' and exists (select from unnest(${of}.asks) f where coalesce(r."values"->f, 'null') in ('null', '""', '[]')))
    or (${of}.links <> '{}' and exists (select from unnest(${of}.links) f where not exists (
      select from link k where k.organisation = r.organisation and k.from_id = r.id and k.name = f))))`;

/** SQL of what step `s` asks of record `r` on day $2, whoever takes it. */
const ready = ({ some, rule }: Asked): string =>
  allOf(
    [some('ruled'), `(s.ruled is null or ${ruledOpen(rule)})`],
    [
      some('day'),
      `(s.day is null or r."values"->>s.day is null
    or greatest((r."values"->>s.day)::date, (r."values"->>(s.day || 'Entered'))::date) + ceil(coalesce((r."values"->>s.days)::float8, 0))::int <= ($2::text)::date)`,
    ],
    [some('asks') || some('links'), `not ${lacking('s')}`],
    [
      some('more'),
      `(s.more = '[]' or not exists (select from jsonb_to_recordset(s.more) as q(field text, among jsonb, asks text[], links text[])
    where coalesce(q.among ? (r."values"->>q.field), false) and ${lacking('q')}))`,
    ],
  );

/** SQL of the versions of record `r`, as rows `v`. Looked up by the record: left to choose, the database gathers all that a person ever wrote. */
export const VERSIONS = 'version v where v.organisation = r.organisation and v.record_id = r.id';

/** SQL of whether version `v` is the person's own work where step `s` is closed to whoever worked on the record. */
export const OWN_WORK = `((v.transition is null or v.transition = any(s.worked)) and (v.actor = $1 or exists (select from (select from content c
  where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version and c.part = 'actor' and c.value ? 'for' and c.value->>'for' = $1
  limit 1) c)))`;

const opened = (part: string, asked: Asked): string =>
  `(case ${asked.some('closed') ? `when not ${LEFT_OPEN} then false ` : ''}when ${part} then ${ready(asked)} else false end)`;

/**
 * SQL of whether the person may take step `s` on record `r` on day $2, its state left out, and that it may be their own work: what costs more is asked where the
 * person is admitted alone. Of a thousand releases that wait for somebody, few wait for them.
 */
export const openToOthers = (asked: Asked): string => opened(`s.role or ${partOf(asked)}`, asked);

/** The same where it is known that no role admits them, nor their part in the record itself, but only what it is linked to, or fields that name them. */
export const openByName = (asked: Asked): string => opened(namedPart(asked), asked);

/** SQL of whether record `r` is the person's own work, where step `s` is closed to whoever worked on it. */
const OWN = `(s.separate and exists (select from (select from ${VERSIONS} and ${OWN_WORK} limit 1) v))`;

/** SQL of whether the person may take step `s` on record `r` on day $2, its state left out, on their own work, where `alone` says so. */
export const openUnlessOwn = (alone = 'false', asked = ANYTHING): string =>
  asked.some('separate')
    ? `(case when ${openToOthers(asked)} then not ${OWN} or ${alone} else false end)`
    : openToOthers(asked);

/** What `mayTake` says of their own right. */
export const OPEN = openUnlessOwn();

/** What decisions cover in all registers, by the version of the register's rule, as rows for `sameAsNow`. */
export function coverRows(registry: Registry): unknown[] {
  return registry.all.flatMap((register) =>
    rulesOf(register).flatMap((rule) => rowsUnder(registry, register, rule)),
  );
}

function rowsUnder(registry: Registry, register: Register, rule: number): unknown[] {
  const covers = coversOf(register, rule);
  return covers.map((c) => {
    const back = c.inverse
      ? registry.inversesOf(register.links[c.link]!.to).find((i) => i.inverse === c.inverse)!
      : undefined;
    return {
      register: register.name,
      rule,
      link: c.link,
      back: back?.link ?? null,
      other: back?.register.name ?? null,
      states: c.states ?? null,
      several: covers.length > 1,
      narrowed: c.where ?? {},
    };
  });
}

/** SQL of what decisions on record `r` cover by the rules `c` that `which` names: a record as often as ways that the register tells apart lead to it. */
const coveredBy = (covers: string, which: string, read: string, by: string): string =>
  `select ${read}
      from jsonb_to_recordset(${covers}) as c(register text, rule int, link text, back text, other text, states text[], several boolean, narrowed jsonb)
        join link k on k.organisation = r.organisation and k.from_id = r.id and k.name = c.link
        cross join lateral (select k.to_id as id where c.back is null union all
          select b.from_id from link b where b.organisation = k.organisation and b.to_id = k.to_id and b.from_register = c.other
            and b.name = c.back) i
        ${recordOf('k', 'i.id', 't')}
      where c.register = r.register and ${which} and (c.states is null or t.state = any(c.states))
        and not exists (select from jsonb_each(c.narrowed) n(field, of) where not coalesce(n.of ? (t."values"->>n.field), false))${by}`;

/** SQL of the records that decisions on record `r` would cover now: `id`, `register`. `covers` is a parameter holding `coverRows`. */
export const coveredNow = (covers: string): string =>
  coveredBy(
    covers,
    `c.rule = (select max(m.rule) from jsonb_to_recordset(${covers}) as m(register text, rule int) where m.register = r.register)`,
    't.id, t.register',
    '',
  );

/**
 * SQL of the digest over everything that decisions on record `r` cover, under the rule that decision `d` was taken under, null where it covers nothing: what `coverDigestSql` says of one
 * register, for any. `covers` is a parameter holding `coverRows`. What comes twice is told there (`coveredRows`).
 */
export const coverDigest = (covers: string, rule = RULE_SQL): string =>
  `case when exists (select from jsonb_to_recordset(${covers}) as c(register text, rule int) where c.register = r.register and c.rule = ${rule}) then (
    select 'sha256:' || encode(sha256(convert_to(coalesce(string_agg(x.ref || ' ' || x.material, E'\\n' order by x.ref), ''), 'UTF8')), 'hex') from (
      ${coveredBy(covers, `c.rule = ${rule}`, 't.ref, t.material', '\n      group by t.ref, t.material, case when not c.several then k.to_id end')}) x) end`;

/** SQL of whether decision `d` is about record `r`, of any register, as it is now. */
export const sameAsNow = (covers: string): string =>
  `case when d."values" ? ${named.decision.field('ownDigest')}
      then d."values"->>${named.decision.field('ownDigest')} = r.material and d."values"->>${named.decision.field('coverDigest')} is not distinct from ${coverDigest(covers)}
      else d."values"->>${named.decision.field('subjectDigest')} = r.material end`;
