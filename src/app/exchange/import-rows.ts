import type { Target } from '../../answers/exchange.ts';
import { Failure, type Problem } from '../../base/failure.ts';
import { MOST_COLUMNS } from '../../intake/csv.ts';
import type { Grid, Items } from '../../intake/grid.ts';
import { humanise } from '../../register/describe.ts';
import type { Field } from '../../register/field.ts';
import { kindOf, splitList } from '../../register/kinds.ts';
import { type Register, refOf } from '../../register/register.ts';
import { type Cell, dayOf, momentOf } from '../../sheet/cell.ts';
import { fold, headingsOf, MADE_FOR, type Meaning, nearnessIn, targetsOf } from './import-columns.ts';
import { isSaidEmpty, saidText } from './import-file.ts';

/** Which column of a file becomes what; null leaves a column out. */
export type Mapping = Readonly<Record<string, string | null>>;

/** One record of an import file. */
export interface ImportRow {
  /** `line 3` of a CSV, `row 3` of a workbook or a JSON list. */
  place: string;
  ref?: string;
  input: Record<string, unknown>;
  /** Names of people and titles of records that stand for references, by field or link; looked up before the row is checked. */
  names: Record<string, string[]>;
  /** Person who wrote it before it was brought here. */
  madeFor?: string;
  /** What is wrong with it already; the path is the field or link. */
  faults: Problem[];
}

export interface Understood {
  rows: ImportRow[];
  /** Heading of each field or link in the file, where it is not its name. */
  headings: Readonly<Record<string, string>>;
  /** Headings of columns that nothing is taken from. */
  unmapped: string[];
}

/** A mapping as it was sent. Throws BAD_INPUT. */
export function mappingOf(register: Register, text: string | undefined): Mapping | undefined {
  if (text === undefined || text === '') return undefined;
  const known = targetsOf(register).map((t) => t.name);
  const wrong = (what: string) =>
    new Failure(
      'BAD_INPUT',
      `mapping: ${what}. Expected a JSON object such as {"Risk owner":"owner","Remarks":null}; known are ${known.join(', ')}.`,
      [{ path: '/mapping', message: what }],
    );
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw wrong('is not JSON');
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw wrong('is not an object');
  const entries = Object.entries(data);
  if (entries.length > MOST_COLUMNS) throw wrong(`names more than ${MOST_COLUMNS} columns`);
  for (const [heading, to] of entries)
    if (to !== null && (typeof to !== 'string' || !known.includes(to)))
      throw wrong(`${JSON.stringify(heading.slice(0, 60))} is mapped to what is not known here`);
  return Object.fromEntries(entries.map(([heading, to]): [string, string | null] => [heading.trim(), to]));
}

/** What becomes of a column, and how that was found. */
export interface ColumnPlan {
  column: number;
  heading: string;
  to: string | null;
  how: 'mapping' | 'name' | 'label' | 'shown' | null;
}

/** What each column of a file becomes. Throws INVALID when two become the same. */
export function planColumns(
  register: Register,
  head: readonly string[],
  place: string,
  mapping: Mapping | undefined,
): ColumnPlan[] {
  const means = headingsOf(register);
  const plans = head.map((heading, column): ColumnPlan => {
    if (mapping && Object.hasOwn(mapping, heading))
      return { column, heading, to: mapping[heading]!, how: 'mapping' };
    const meaning: Meaning = means(heading);
    return { column, heading, to: meaning?.to ?? null, how: meaning?.how ?? null };
  });
  const seen = new Map<string, string>();
  for (const { heading, to } of plans) {
    if (to === null) continue;
    const other = seen.get(to);
    if (other !== undefined)
      throw new Failure(
        'INVALID',
        other === heading
          ? `A column is named twice: ${JSON.stringify(heading.slice(0, 60))}.`
          : `${JSON.stringify(other.slice(0, 60))} and ${JSON.stringify(heading.slice(0, 60))} would both become ${to}; map one of them to null.`,
        [{ path: place, message: 'names a column twice' }],
      );
    seen.set(to, heading);
  }
  const headings = new Set(head);
  const missing = Object.keys(mapping ?? {}).filter((h) => mapping![h] !== null && !headings.has(h));
  if (missing.length > 0)
    throw new Failure(
      'BAD_INPUT',
      `mapping: the file has no column ${JSON.stringify(missing[0]!.slice(0, 60))}; it has ${head.filter(Boolean).join(', ').slice(0, 400)}.`,
      [{ path: '/mapping', message: 'names a column that the file does not have' }],
    );
  return plans;
}

/** What headings that say nothing known may mean, best first; of the columns that are `free`. */
export function nearTargets(
  register: Register,
  targets: readonly Target[],
): (heading: string, free: (t: Target) => boolean) => string[] {
  const nearness = nearnessIn(register, targets);
  return (heading, free) => {
    const near = nearness(heading);
    return targets
      .filter(free)
      .map((t) => ({ name: t.name, score: near(t) }))
      .filter((t) => t.score >= 0.6)
      .sort((a, b) => b.score - a.score)
      .map((t) => t.name);
  };
}

/** Columns that say nothing known, all of them at once, each with what it may be. */
const unknownColumns = (register: Register, headings: readonly string[], place: string): Failure => {
  const targets = targetsOf(register);
  const known = targets.map((t) => t.name);
  const nearest = nearTargets(register, targets);
  const said = headings.slice(0, 50).map((heading) => {
    const near = nearest(heading, () => true)[0];
    return `${JSON.stringify(heading.slice(0, 60))}${near ? `, perhaps ${near}` : ''}`;
  });
  const more = headings.length > said.length ? `; and ${headings.length - said.length} more` : '';
  return new Failure(
    'INVALID',
    `Unknown ${headings.length === 1 ? 'column' : 'columns'} ${said.join('; ')}${more}; known are ${known.join(', ')}. Map each to one of them, or to null to leave it out.`,
    headings.slice(0, 50).map((h) => ({ path: place, message: `unknown column ${h.slice(0, 60)}` })),
  );
};

/** Rows below the first one that are looked at for headings. */
const HEADINGS_WITHIN = 20;

/**
 * Where a file of which no heading is known may have them: a title stands above the table, or another sheet holds it. Undefined where nothing points
 * anywhere.
 */
function headingsElsewhere(register: Register, file: Grid): Failure | undefined {
  const means = headingsOf(register);
  const near = file.rows.slice(0, HEADINGS_WITHIN);
  const texts = (cells: readonly Cell[]) => cells.filter((c) => typeof c === 'string' && c.trim() !== '');
  // One cell alone is a title; whatever register the table below is of, it has more.
  const titled = file.head.filter((h) => h !== '').length === 1;
  const below =
    near.find(({ cells }) => texts(cells).filter((c) => means(String(c))?.to).length >= 2) ??
    (titled ? near.find(({ cells }) => texts(cells).length >= 3) : undefined);
  const others = (file.sheets ?? []).filter((s) => s !== file.sheet);
  if (!below && others.length === 0) return undefined;
  const sheets = others.slice(0, 20).map((s) => JSON.stringify(s.slice(0, 60)));
  return new Failure(
    'INVALID',
    below
      ? `The headings seem to be in ${below.place}, not in ${file.headPlace}. Delete the rows above ${below.place}, then import the file again.`
      : `No heading of ${file.headPlace} on the sheet ${JSON.stringify(file.sheet)} is known. The workbook also has ${sheets.join(', ')}: choose the sheet that holds the table (--sheet on the command line).`,
    [{ path: file.headPlace, message: 'has no known heading' }],
  );
}

/** The rows of a file as input for records. Without a mapping every column must be known. */
export function understand(register: Register, file: Grid | Items, mapping: Mapping | undefined): Understood {
  if (file.format === 'json') return understandItems(register, file, mapping);
  const width = file.rows.reduce((most, r) => Math.max(most, r.cells.length), file.head.length);
  const head = Array.from({ length: width }, (_, i) => file.head[i] ?? '');
  const plans = planColumns(register, head, file.headPlace, mapping);
  const used = (column: number) => file.rows.some((r) => (r.cells[column] ?? null) !== null);
  const left = plans.filter(
    (p) => p.to === null && p.how !== 'shown' && (p.heading !== '' || used(p.column)),
  );
  if (!mapping && left.length > 0)
    throw (
      (plans.every((p) => p.to === null) && headingsElsewhere(register, file)) ||
      unknownColumns(
        register,
        left.map((p) => p.heading || `(column ${p.column + 1}, without a heading)`),
        file.headPlace,
      )
    );
  const taken = plans.filter((p) => p.to !== null);
  return {
    rows: file.rows.map(({ place, cells }) => {
      const row: ImportRow = { place, input: {}, names: {}, faults: [] };
      for (const { column, to } of taken) put(register, row, to!, cells[column] ?? null);
      // An empty cell empties the field of a record that is there; a new one gets the field's usual value.
      if (row.ref !== undefined)
        for (const { to } of taken) if (register.fields[to!] && !told(row, to!)) row.input[to!] = null;
      return row;
    }),
    headings: Object.fromEntries(taken.filter((p) => p.heading !== p.to).map((p) => [p.to!, p.heading])),
    unmapped: left.map((p) => p.heading || `column ${p.column + 1}`),
  };
}

const told = (row: ImportRow, name: string): boolean =>
  Object.hasOwn(row.input, name) || row.faults.some((f) => f.path === name);

/** Puts one cell into a row, in the form its field takes. */
function put(register: Register, row: ImportRow, to: string, cell: Cell): void {
  if (cell !== null && typeof cell === 'object' && 'fault' in cell) {
    row.faults.push({ path: to, message: cell.fault });
    return;
  }
  const link = register.links[to];
  const field = register.fields[to];
  const text = cell === null ? '' : plainText(cell);
  if (to === 'ref') {
    // `42` is what a spreadsheet makes of a number column.
    const n = text.trim();
    if (n !== '') row.ref = /^\d{1,9}$/.test(n) ? refOf(register, Number(n)) : n;
  } else if (to === MADE_FOR) {
    if (text.trim() !== '') row.names[MADE_FOR] = [text.trim()];
  } else if (link) {
    row.input[to] = [];
    if (text.trim() !== '') row.names[to] = [text];
  } else if (field) {
    const value = inputOf(field, cell);
    if (value !== undefined) row.input[to] = value;
    if ((field.kind === 'person' || field.kind === 'people') && text.trim() !== '' && value !== null)
      row.names[to] = [text];
  }
}

const plainText = (cell: Exclude<Cell, null | { fault: string }>): string => {
  if (typeof cell === 'object') return dayOf(cell.serial) ?? momentOf(cell.serial) ?? String(cell.serial);
  return typeof cell === 'boolean' ? (cell ? 'yes' : 'no') : String(cell);
};

/** What a cell says to a field: undefined for nothing, null for "nothing, on purpose". */
function inputOf(field: Field, cell: Exclude<Cell, { fault: string }>): unknown {
  if (cell === null) return undefined;
  if (typeof cell === 'string' && cell === '') return undefined;
  if (typeof cell === 'string' && isSaidEmpty(cell)) return null;
  if (typeof cell === 'number' && (field.kind === 'number' || field.kind === 'score')) return cell;
  if (typeof cell === 'boolean' && field.kind === 'yesNo') return cell;
  if (typeof cell === 'object' && field.kind === 'moment')
    return momentOf(cell.serial) ?? String(cell.serial);
  const text = saidText(plainText(cell));
  const { options } = field;
  if (field.kind === 'choice') return optionOf(options!, text);
  if (field.kind === 'choices') return optionsOf(options!, text);
  if (field.kind === 'yesNo') return yesOrNo(text);
  return kindOf(field).parse(text, field);
}

const YES = ['yes', 'y', 'true', '1', 'on', 'x'];
const NO = ['no', 'n', 'false', '0', 'off'];

const yesOrNo = (text: string): unknown => {
  const word = text.trim().toLowerCase();
  return YES.includes(word) ? true : NO.includes(word) ? false : text;
};

/** The option itself, or the only one that reads like the text (`In scope` for `inScope`). */
function optionOf(options: readonly string[], text: string): string {
  if (options.includes(text)) return text;
  const alike = options.filter((o) => fold(o) === fold(text) || fold(humanise(o)) === fold(text));
  return alike.length === 1 ? alike[0]! : text;
}

function optionsOf(options: readonly string[], text: string): string[] {
  const words = splitList(text).map((w) => optionOf(options, w));
  if (words.every((w) => options.includes(w))) return words;
  const other = text.split(/[,\n]/).map((w) => optionOf(options, w.trim()));
  return other.every((w) => options.includes(w)) ? other : words;
}

function understandItems(register: Register, file: Items, mapping: Mapping | undefined): Understood {
  const names = new Map<string, string | null>(targetsOf(register).map((t) => [t.name, t.name]));
  const unmapped = new Set<string>();
  const headings: Record<string, string> = {};
  const rows = file.rows.map(({ place, item }): ImportRow => {
    const row: ImportRow = { place, input: {}, names: {}, faults: [] };
    for (const [key, value] of Object.entries(item)) {
      const to = mapping && Object.hasOwn(mapping, key) ? mapping[key]! : (names.get(key) ?? undefined);
      if (to === null || (to === undefined && mapping)) unmapped.add(key);
      else if (to === 'ref' || to === MADE_FOR) {
        // A ref that is not text must not quietly make a new record out of an update.
        if (value !== null && typeof value !== 'string')
          throw new Failure(
            'INVALID',
            `Row ${place.slice(4)}: ${key}: expected a reference such as ${register.prefix}-0001.`,
            [{ path: `${place}, column ${key}`, message: 'expected a reference' }],
          );
        if (to === 'ref') row.ref = value || undefined;
        else if (value) row.names[MADE_FOR] = [value];
      } else {
        // An unknown name goes on as it is, and is refused with the known ones beside it.
        row.input[to ?? key] = value;
        if (to !== undefined && to !== key) headings[to] = key;
      }
    }
    return row;
  });
  return { rows, headings, unmapped: [...unmapped] };
}
