import { createHash } from 'node:crypto';
import { Failure } from '../../base/failure.ts';
import { restingStates, STANDINGS } from '../../register/decisions.ts';
import { kindOf, sortText } from '../../register/kinds.ts';
import type { Register, Registry } from '../../register/register.ts';
import { NO_MOMENT, NO_NUMBER, NO_TEXT, type Slots } from '../../register/slots.ts';
import { wordsQuery } from '../../register/words.ts';
import { type DecisionPlace, quote, recordOf, standingSql } from '../authority/covers.ts';
import { MOMENTS_AS_TEXT, type Row, type Statement } from '../db/database.ts';
import { type Cursor, decode, orderOf } from './cursors.ts';
import { RECORD_COLUMNS, type Reference, type Stored, storedWith } from './records.ts';

export type Comparison = 'in' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte';

/** One condition of a list. `name` is a field, derived value, link, way back, `state`, `owner`, `ref` or `updatedAt`. */
export interface Filter {
  name: string;
  op: Comparison;
  values: string[];
}

export interface ListQuery {
  filters: Filter[];
  sort: { name: string; descending: boolean };
  words?: string;
  limit: number;
  after?: string;
  total: boolean;
  /** Only these fields, links and derived values are wanted of each record; all unless told. */
  only?: readonly string[];
  /** Asks beside each record what its state stands on, as of this day. */
  standing?: { place: DecisionPlace; today: string };
  /** Asked of an earlier state: its cursors belong to that state. */
  point?: { log: number; size: number };
}

/** A search looks at no more matches than this when it is combined with a filter or another order. */
export const SEARCH_CAP = 10_000;

/** Filter by what the state of a record stands on; no column of any register. */
const STANDING = 'standing';

/** So many records are looked through for words before the words' index is asked. */
const SEARCH_NEAR = 1_000;

const OPS: Record<Exclude<Comparison, 'in'>, string> = { ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };

/** Plain columns that every record has. */
const PLAIN: Record<string, { column: string; cast: string }> = {
  number: { column: 'number', cast: 'int' },
  state: { column: 'state', cast: 'text' },
  owner: { column: 'owner', cast: 'text' },
  ref: { column: 'ref', cast: 'text' },
  updatedAt: { column: 'updated_at', cast: 'timestamptz' },
};

function columnOf(
  register: Register,
  slots: Slots,
  name: string,
): { column: string; cast: string } | undefined {
  if (name === 'owner' && !register.fields.owner) return undefined;
  if (name === 'createdAt') return PLAIN.number;
  if (PLAIN[name]) return PLAIN[name];
  const slot = slots[name];
  if (!slot || !register.columns.includes(name)) return undefined;
  return {
    column: slot,
    cast: slot.startsWith('n') ? 'float8' : slot.startsWith('d') ? 'timestamptz' : 'text',
  };
}

/** Names that a list of this register can be sorted by. */
export function sortableNames(register: Register, slots: Slots): string[] {
  return ['number', 'state', 'updatedAt', ...register.columns].filter(
    (n, i, all) => all.indexOf(n) === i && columnOf(register, slots, n) !== undefined,
  );
}

/** Names that a list can be filtered by. */
export function filterableNames(registry: Registry, register: Register, slots: Slots): string[] {
  return [
    ...new Set([
      'state',
      'ref',
      'updatedAt',
      ...(register.fields.owner ? ['owner'] : []),
      ...(restingStates(register).size > 0 ? [STANDING] : []),
      ...Object.keys(slots).filter((n) => register.columns.includes(n)),
      ...Object.keys(register.links),
      ...registry.inversesOf(register.name).map((i) => i.inverse),
    ]),
  ];
}

/** Names that a list can be cut to. */
export const showableNames = (register: Register): string[] => [
  ...Object.keys(register.fields),
  ...Object.keys(register.links),
  ...Object.keys(register.derived),
];

/** What the values of a statement are taken from, when its text is there already. */
interface Given {
  q: ListQuery;
  cursor: Cursor | undefined;
  words: string | undefined;
}

/** A text and, for each of its parameters, where its value comes from. */
interface Built {
  text: string;
  name?: string;
  values: ((g: Given) => unknown)[];
}

type Add = (value: (g: Given) => unknown) => string;

/** Lists that keep their plan: with the sizes of page that pages and commands ask for. Any other would be kept for nobody to come again. */
const KEPT_LIMITS = [20, 50, 100, 200];

/** Texts of lists without filters, which come again and again, by the registers' slots: those are made once for an application. */
const texts = new WeakMap<Slots, Map<string, Built>>();

/** The one statement of a list page. Fetches one row more than asked, to know whether there is a next page. */
export function listStatement(registry: Registry, register: Register, slots: Slots, q: ListQuery): Statement {
  const words = q.words === undefined ? undefined : wordsQuery(q.words);
  const cursor = q.after === undefined ? undefined : decode(q.after, orderOf(q));
  const given: Given = { q, cursor, words };
  const built = kept(registry, register, slots, given) ?? build(registry, register, slots, given);
  const values = built.values.map((value) => value(given));
  return { text: built.text, values, types: MOMENTS_AS_TEXT, ...(built.name ? { name: built.name } : {}) };
}

/** The text that was built for such a list before, or now; undefined for combinations of filters, which are without number. */
function kept(registry: Registry, register: Register, slots: Slots, g: Given): Built | undefined {
  const { q } = g;
  if (q.filters.length > 0 || q.point || !KEPT_LIMITS.includes(q.limit)) return undefined;
  const key = [
    register.name,
    q.sort.name,
    q.sort.descending,
    q.limit,
    q.total,
    q.only !== undefined,
    g.cursor !== undefined,
    q.words !== undefined,
    g.words !== undefined,
    q.standing?.place.subject,
  ].join();
  const known = texts.get(slots) ?? new Map<string, Built>();
  texts.set(slots, known);
  const there = known.get(key);
  if (there) return there;
  const built = build(registry, register, slots, g);
  built.name = `list-${createHash('sha256').update(built.text).digest('base64url').slice(0, 16)}`;
  known.set(key, built);
  return built;
}

function build(
  registry: Registry,
  register: Register,
  slots: Slots,
  { q, cursor, words: tsq }: Given,
): Built {
  const values: Built['values'] = [() => register.name];
  const add: Add = (value) => `$${values.push(value)}`;
  // On a first page the register stands in the text: a plan that is kept for any register expects few rows of it, and sorts them all (14 ms
  // instead of 1.4). On later ones the place of the cursor says enough, and knowing the register leads away from its index.
  const where = [
    'r.organisation = (select present_organisation())',
    cursor ? 'r.register = $1' : `r.register = ${quote(register.name)} and $1::text is not null`,
  ];
  for (const f of q.filters)
    where.push(
      f.name === STANDING
        ? standingFilter(registry, register, f, q, add)
        : filterSql(registry, register, slots, f, add),
    );

  const key = columnOf(register, slots, q.sort.name)!;
  const plainNumber = key.column === 'number';
  const direction = q.sort.descending ? 'desc' : 'asc';
  const cmp = q.sort.descending ? '<' : '>';
  if (!PLAIN[q.sort.name] && !plainNumber) where.push(`r.${key.column} is not null`);
  if (key.column === 'owner') where.push('r.owner is not null');

  if (q.words !== undefined && tsq === undefined) where.push('false');
  let found: string | undefined;
  let words = '';
  const direct = plainNumber && q.filters.length === 0 && !q.total;
  if (tsq !== undefined) {
    const edge = (g: Given) => (direct && g.cursor ? g.cursor.n : null);
    words = add((g) => g.words);
    found = q.point
      ? `r.search @@ (select words_here(${words}))`
      : `r.number = any(array(select search_numbers($1, ${words}, ${add((g) => (q.sort.descending ? edge(g) : null))}::int,
        ${add((g) => (q.sort.descending ? null : (edge(g) ?? (direct ? -1 : null))))}::int, ${add(() => (direct ? q.limit + 1 : SEARCH_CAP))}::int)))`;
  }
  const beforePaging = [...where];
  if (cursor) {
    const n = add((g) => g.cursor?.n);
    if (plainNumber) where.push(`r.number ${cmp} ${n}::int`);
    else
      where.push(`(r.${key.column}, r.number) ${cmp} (${add((g) => g.cursor?.v)}::${key.cast}, ${n}::int)`);
  }
  const order = (t: string, column: string) =>
    plainNumber ? `${t}.number ${direction}` : `${t}.${column} ${direction}, ${t}.number ${direction}`;
  const total = q.total
    ? `, (select count(*)::int from record r where ${[...beforePaging, ...(found ? [found] : [])].join(' and ')}) as total`
    : '';
  // The limit stands in the text: a plan kept for any limit expects a tenth of the register and fetches it in bulk.
  const limit = q.limit + 1;
  const by = `order by ${order('r', key.column)} limit`;
  const pageOf = (more: string[]) => `select ${RECORD_COLUMNS}, r.${key.column} as sort_key
      from record r where ${[...where, ...more].join(' and ')} ${by} ${limit}`;
  // A common word fills the page from the next records in the order asked for; only when it does not, the words' index is
  // asked for every match there is, and those are sorted. How many are looked through is a question to the database, too: told as a number it would
  // expect to need them all, and sort the whole register for them.
  const near = `near as materialized (select ${RECORD_COLUMNS}, r.${key.column} as sort_key
      from (select r.* from record r where ${where.join(' and ')} ${by} (select ${SEARCH_NEAR})) r
      where r.search @@ (select words_here(${words})) ${by} ${limit}),`;
  const enough = `(select count(*) from near) = ${limit}`;
  const page =
    found === undefined
      ? pageOf([])
      : direct || q.point || q.filters.length > 0
        ? pageOf([found])
        : `select * from near where ${enough} union all (${pageOf([`not ${enough}`, found])})`;
  // Of an earlier state only the place of each record is asked: what it said is read from its versions.
  if (q.point)
    return {
      text: `with page as materialized (${page})
        select r.id, r.ref, r.number, r.version, r.state, r.sort_key::text as sort_key${total} from page r order by ${order('r', 'sort_key')}`,
      values,
    };
  const standing =
    q.standing && restingStates(register).size > 0
      ? `, (select ${standingSql(
          registry,
          register,
          'm',
          q.standing.place,
          add((g) => g.q.standing?.today),
        )} from record m
        where m.organisation = (select present_organisation()) and m.id = r.id) as standing`
      : '';
  const only = q.only ? `${add((g) => g.q.only)}::text[]` : undefined;
  const text = `with ${page.includes('from near') ? near : ''} page as materialized (${page})
    select ${only ? cutColumns(only) : RECORD_COLUMNS}, r.sort_key::text as sort_key${total}${standing},
      (select json_agg(json_build_array(l.name, o.ref, o.register, o.title, o.state)) from link l ${recordOf('l', 'l.to_id', 'o')}
        where l.organisation = (select present_organisation()) and l.from_id = r.id${only ? ` and l.name = any(${only})` : ''}) as linked,
      case when row_number() over (order by ${order('r', 'sort_key')}) = 1 then (
        select json_agg(json_build_array(o.ref, o.register, o.title, o.state))
        from (select distinct named.ref from page x, lateral (${peopleOf(register)}) named(ref)) person
        cross join lateral (select o.ref, o.register, o.title, o.state from record o
          where o.organisation = (select present_organisation()) and o.ref = person.ref limit 1) o) end as people
    from page r order by ${order('r', 'sort_key')}`;
  return { text, values };
}

/** Columns of a record, its values and derived values cut to those that the parameter `only` names. */
function cutColumns(only: string): string {
  const cut = (column: string) =>
    `coalesce((select jsonb_object_agg(k, r.${column}->k) from unnest(${only}) k where r.${column} ? k), '{}'::jsonb) as ${column}`;
  return RECORD_COLUMNS.replace('r."values"', cut('"values"')).replace('r.derived', cut('derived'));
}

/** What people may be named in a record of the register, as rows over the page `x`. */
const peopleOf = (register: Register): string => {
  const of = (kind: string) => Object.keys(register.fields).filter((n) => register.fields[n]!.kind === kind);
  const one = ['x.updated_by', ...of('person').map((n) => `x."values"->>'${n}'`)].map((ref) => `(${ref})`);
  const many = of('people').map(
    (n) => `union all select jsonb_array_elements_text(coalesce(x."values"->'${n}', '[]'::jsonb))`,
  );
  return `values ${one.join(', ')} ${many.join(' ')}`;
};

/** A page as the statement gave it: the records with their links, and the titles of what they name. */
export function toPage(rows: Row[]): { records: Stored[]; references: Record<string, Reference> } {
  const references: Record<string, Reference> = {};
  // People stand in the first row, for the whole page at once: most of a page names the same few.
  for (const [ref, register, title, state] of (rows[0]?.people ?? []) as string[][])
    references[ref!] = { register: register!, title: title!, state: state! };
  const records = rows.map((row) => {
    const links: Record<string, string[]> = {};
    for (const [name, ref, register, title, state] of (row.linked ?? []) as string[][]) {
      links[name!] ??= [];
      links[name!]!.push(ref!);
      references[ref!] = { register: register!, title: title!, state: state! };
    }
    for (const refs of Object.values(links)) refs.sort();
    return storedWith(row, links);
  });
  return { records, references };
}

function filterSql(registry: Registry, register: Register, slots: Slots, f: Filter, add: Add): string {
  const linked = register.links[f.name];
  const back = registry.inversesOf(register.name).find((i) => i.inverse === f.name);
  if (linked || back) {
    if (f.op !== 'in') throw badFilter(f, 'a link is compared by equality only');
    const [mine, other] = linked ? ['from_id', 'to_id'] : ['to_id', 'from_id'];
    const name = linked ? f.name : back!.link;
    return `r.id in (select l.${mine} from link l join record o on o.organisation = l.organisation and o.id = l.${other}
      where l.organisation = (select present_organisation()) and l.name = ${add(() => name)} and l.from_register = ${linked ? '$1' : add(() => back!.register.name)}
      and o.register = ${add(() => (linked ? linked.to : back!.register.name))} and o.ref = any(${add(() => f.values)}))`;
  }
  const key = columnOf(register, slots, f.name)!;
  const values = f.values.map((v) => filterValue(register, slots, f, key.cast, v));
  if (f.op === 'in')
    return values.length === 1
      ? `r.${key.column} = ${add(() => values[0])}::${key.cast}`
      : `r.${key.column} = any(${add(() => values)}::${key.cast}[])`;
  if (values.length !== 1) throw badFilter(f, 'takes one value');
  // What is missing sorts last, but it is not more than anything: an unrated risk is none of level 10 or above.
  const there =
    f.op === 'gt' || f.op === 'gte' ? ` and r.${key.column} <> '${missing(key.cast)}'::${key.cast}` : '';
  return `r.${key.column} ${OPS[f.op]} ${add(() => values[0])}::${key.cast}${there}`;
}

/** Records by what their state stands on, told as of the day of the question. */
function standingFilter(registry: Registry, register: Register, f: Filter, q: ListQuery, add: Add): string {
  if (!q.standing) throw badFilter(f, 'is known of the present only, not of an earlier state');
  if (f.op !== 'in') throw badFilter(f, 'is compared by equality only');
  const wrong = f.values.find((v) => !STANDINGS.some((s) => s === v));
  if (wrong !== undefined)
    throw badFilter(f, `expected ${STANDINGS.join(', ')}, got ${JSON.stringify(wrong.slice(0, 40))}`);
  return `${standingSql(
    registry,
    register,
    'r',
    q.standing.place,
    add((g) => g.q.standing?.today),
  )} = any(${add(() => f.values)}::text[])`;
}

/** What stands in a typed column for a value that is missing; no plain column is ever without one. */
const missing = (cast: string): string =>
  cast === 'text' ? NO_TEXT : cast === 'timestamptz' ? NO_MOMENT : NO_NUMBER;

function filterValue(register: Register, slots: Slots, f: Filter, cast: string, raw: string): unknown {
  const field = register.fields[f.name];
  if (raw === '') return missing(cast);
  if (cast === 'float8' || cast === 'int') {
    const n = field?.kind === 'duration' ? (kindOf(field).slotValue(raw) as number) : Number(raw);
    if (!Number.isFinite(n)) throw badFilter(f, `expected a number, got ${JSON.stringify(raw.slice(0, 40))}`);
    return n;
  }
  if (cast === 'timestamptz') {
    const day = /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(raw) && !Number.isNaN(Date.parse(raw));
    if (!day)
      throw badFilter(f, `expected a day such as 2027-03-31, got ${JSON.stringify(raw.slice(0, 40))}`);
    return new Date(raw).toISOString();
  }
  if (slots[f.name] === undefined) return raw;
  return field ? kindOf(field).slotValue(kindOf(field).parse(raw, field)) : sortText(raw);
}

const badFilter = (f: Filter, message: string) =>
  new Failure('BAD_INPUT', `${f.name}: ${message}.`, [{ path: `/${f.name}`, message }]);
