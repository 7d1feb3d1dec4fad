import { columnsOfFirstRelease } from './first-release.ts';
import { PACK_FILES, PACK_LIMITS, type PackManifest, type PackRecord, recordsPath } from './format.ts';
import { jsonLine } from './json-line.ts';
import type { Problems } from './problems.ts';
import { recordOf } from './record-line.ts';
import { FileFault, type PackZip } from './zip-read.ts';

/**
 * The tables for people say what the records say, byte for byte: a column for each name that a record has, a row for each record, in their order,
 * and each cell in the one spelling that the record gives it. Nothing is read as a table here: two programs read the same table in two ways
 * (a quotation mark in the middle, a lone CR, a blank line). Nothing signs these files; they are what people read.
 */
export async function checkTables(zip: PackZip, manifest: PackManifest, problems: Problems): Promise<void> {
  for (const file of [...zip.names].filter((n) => n.startsWith(PACK_FILES.documents)).sort()) {
    const register = file.slice(PACK_FILES.documents.length).replace(/\.csv$/, '');
    if (!zip.names.has(recordsPath(register))) continue;
    try {
      await checkTable(zip, file, register, manifest, problems);
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      problems.add('present', { file }, `the file ${error.message}`);
    }
  }
}

/** What every table begins and ends with. */
const HEAD = /^ref((?:,[a-z][A-Za-z0-9]{0,63})*),state,version,createdAt,updatedAt\n/;
const ENDS = ['state', 'version', 'createdAt', 'updatedAt'];

async function checkTable(
  zip: PackZip,
  file: string,
  register: string,
  manifest: PackManifest,
  problems: Problems,
): Promise<void> {
  const say = (message: string, ref?: string) =>
    problems.add('present', { file, ...(ref === undefined ? {} : { ref: ref.slice(0, 40) }) }, message);
  if (manifest.asOf !== null) return say('a pack of an earlier state has no tables');
  const text = utf8(await zip.bytes(file, PACK_LIMITS.line));
  if (text === undefined) return say('it is not UTF-8');
  const head = HEAD.exec(text);
  const own = head?.[1]?.split(',').slice(1) ?? [];
  const columns = ['ref', ...own, ...ENDS];
  if (head === null || new Set(columns).size !== columns.length)
    return say('it is no table with columns that are named once, "ref" first');
  const names = new Set(columns);
  const held = new Set<string>();
  let at = head[0].length;
  let row = 0;
  for await (const { bytes } of zip.lines(recordsPath(register))) {
    const { record } = recordOf(jsonLine(bytes).value);
    if (record === undefined) continue;
    row += 1;
    const ref = record.ref.slice(0, 40);
    for (const [i, column] of columns.entries()) {
      const end = i === columns.length - 1 ? '\n' : ',';
      const cell = cellsOf(record, column).map((t) => `${written(t)}${end}`);
      const found = cell.find((t) => text.startsWith(t, at));
      if (found === undefined)
        return say(
          i === 0
            ? `row ${row} is not of ${ref}, which stands there in ${recordsPath(register)}`
            : `${ref}: "${column}" is not what the record says`,
          record.ref,
        );
      at += found.length;
    }
    const absent = namesIn(record).find((name) => !names.has(name));
    if (absent !== undefined)
      return say(`it has no column "${absent.slice(0, 64)}", of which ${ref} says something`, record.ref);
    for (const name of namesIn(record)) held.add(name);
  }
  if (at !== text.length) return say(`it goes on after its ${row} records`);
  const known = columnsOfFirstRelease(register);
  const empty = own.find((name) => !held.has(name) && !known.has(name));
  if (empty !== undefined) say(`it has a column "${empty}", of which no record says anything`);
}

/** Fields, links and derived values of which the present record says something. */
function namesIn({ present }: PackRecord): string[] {
  return [present?.values, present?.links, present?.derived].flatMap((o) =>
    Object.entries(o ?? {}).flatMap(([name, value]) => (value === null ? [] : [name])),
  );
}

/** The texts that a cell may have: one, but for what says nothing. */
function cellsOf(record: PackRecord, column: string): string[] {
  const { present, versions } = record;
  if (column === 'ref') return [record.ref];
  // Its row was ahead of the log when the pack was made: nothing in the pack says what it said.
  if (present === null) return [''];
  if (column === 'state') return [present.state];
  if (column === 'version') return [String(present.version)];
  if (column === 'createdAt') return [versions[0]!.at];
  if (column === 'updatedAt') return [versions.at(-1)!.at];
  const from = [present.values, present.links, present.derived].find((o) => Object.hasOwn(o, column));
  const value = from?.[column];
  if (from === present.derived && typeof value !== 'object') return [String(value)];
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

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
