import { type Findings, need } from './findings.ts';
import { columnsOfFirstRelease } from './first-release.ts';
import { asList, asObject, asText, type Json, lineObject } from './reading.ts';
import type { PackFiles } from './zip.ts';

/**
 * The tables for people say what the records say, byte for byte: a column for each name that a record has, a row for each record, in their order,
 * and each cell in the one spelling that the record gives it. Nothing is read as a table here: two programs read the same table in two ways.
 * Nothing signs these files; they are what people read.
 */
export async function checkTables(files: PackFiles, early: boolean, findings: Findings): Promise<void> {
  for (const file of files.under('documents/')) {
    const register = file.slice('documents/'.length).replace(/\.csv$/, '');
    if (files.has(`records/${register}.jsonl`))
      await findings.attempt({ file }, () => checkTable(files, file, register, early, findings));
  }
}

/** What every table begins and ends with. */
const HEAD = /^ref((?:,[a-z][A-Za-z0-9]{0,63})*),state,version,createdAt,updatedAt\n/;
const ENDS = ['state', 'version', 'createdAt', 'updatedAt'];

async function checkTable(
  files: PackFiles,
  file: string,
  register: string,
  early: boolean,
  findings: Findings,
): Promise<void> {
  need(!early, 'a pack of an earlier state has no tables');
  const records = `records/${register}.jsonl`;
  const text = await files.text(file);
  const head = HEAD.exec(text);
  const own = head?.[1]?.split(',').slice(1) ?? [];
  const columns = ['ref', ...own, ...ENDS];
  need(
    head !== null && new Set(columns).size === columns.length,
    'it is no table with columns that are named once, "ref" first',
  );
  const held = new Set<string>();
  let at = head[0].length;
  let row = 0;
  for await (const bytes of files.lines(records)) {
    await findings.step();
    const record = lineObject(bytes);
    row += 1;
    const ref = asText(record.ref, '"ref"');
    for (const [i, column] of columns.entries()) {
      const end = i === columns.length - 1 ? '\n' : ',';
      const found = cellsOf(record, column)
        .map((t) => `${written(t)}${end}`)
        .find((t) => text.startsWith(t, at));
      need(
        found !== undefined,
        i === 0
          ? `row ${row} is not of ${ref}, which stands there in ${records}`
          : `${ref}: "${column}" is not what the record says`,
      );
      at += found.length;
    }
    for (const name of namesIn(record)) {
      need(columns.includes(name), `it has no column "${name}", of which ${ref} says something`);
      held.add(name);
    }
  }
  need(at === text.length, `it goes on after its ${row} records`);
  const known = columnsOfFirstRelease(register);
  const empty = own.find((name) => !held.has(name) && !known.has(name));
  need(empty === undefined, `it has a column "${empty}", of which no record says anything`);
}

/** Fields, links and derived values of the present record. */
function partsOf(record: Json): Json[] {
  if (record.present === null) return [];
  const present = asObject(record.present, '"present"');
  return ['values', 'links', 'derived'].map((part) => asObject(present[part], `"${part}"`));
}

/** Those of which it says something. */
const namesIn = (record: Json): string[] =>
  partsOf(record).flatMap((o) =>
    Object.entries(o).flatMap(([name, value]) => (value === null ? [] : [name])),
  );

/** The texts that a cell may have: one, but for what says nothing. */
function cellsOf(record: Json, column: string): string[] {
  if (column === 'ref') return [asText(record.ref, '"ref"')];
  const parts = partsOf(record);
  // Its row was ahead of the log when the pack was made: nothing in the pack says what it said.
  if (parts.length === 0) return [''];
  const present = asObject(record.present, '"present"');
  const versions = asList(record.versions, '"versions"').map((v) => asObject(v, 'a version'));
  if (column === 'state') return [asText(present.state, '"state"')];
  if (column === 'version') return [String(present.version)];
  if (column === 'createdAt') return [String(versions[0]?.at)];
  if (column === 'updatedAt') return [String(versions.at(-1)?.at)];
  const from = parts.find((o) => Object.hasOwn(o, column));
  const value = from?.[column];
  if (from !== undefined && from === parts[2] && typeof value !== 'object') return [String(value)];
  return textsOf(value);
}

function textsOf(value: unknown): string[] {
  if (value === null || value === undefined) return ['', '(empty)'];
  if (typeof value === 'string') return [guarded(value)];
  if (typeof value === 'boolean') return [value ? 'yes' : 'no'];
  // A list without words may be one of rows.
  if (Array.isArray(value) && value.length === 0) return ['', '[]'];
  if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return [guarded(joined(value))];
  return [JSON.stringify(value)];
}

/** Text that a spreadsheet would run gets an apostrophe, and so does one that reads as the word for an emptied field. */
const guarded = (text: string): string => (/^'*(?:\(empty\)$|[=+\-@\t\r])/.test(text) ? `'${text}` : text);

/** Words in one cell; one that holds the separator, a quotation mark or outer blanks stands in quotes. */
const joined = (words: readonly string[]): string =>
  words.map((w) => (/[;"\r\n]|^\s|\s$/.test(w) || w === '' ? `"${w.replaceAll('"', '""')}"` : w)).join('; ');

/** A cell as it is written (RFC 4180): in quotes when it must be, and only then. */
const written = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
