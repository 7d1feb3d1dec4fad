import { canonicalJson } from '../base/canonical.ts';
import { PACK_FILES, PACK_LIMITS, type PackManifest, type PackRecord, recordsPath } from './format.ts';
import { jsonLine } from './json-line.ts';
import type { Problems } from './problems.ts';
import { recordOf } from './record-line.ts';
import { FileFault, type PackZip } from './zip-read.ts';

/**
 * The tables for people say what the records say: a row for each record, in their order, and in each cell the value of the field, link or derived
 * value that its column names. Nothing signs these files; they are what people read.
 */
export async function checkTables(zip: PackZip, manifest: PackManifest, problems: Problems): Promise<void> {
  for (const file of [...zip.names].filter((n) => n.startsWith(PACK_FILES.documents)).sort()) {
    const records = recordsPath(file.slice(PACK_FILES.documents.length).replace(/\.csv$/, ''));
    if (!zip.names.has(records)) continue;
    try {
      await checkTable(zip, file, records, manifest, problems);
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      problems.add('present', { file }, `the file ${error.message}`);
    }
  }
}

async function checkTable(
  zip: PackZip,
  file: string,
  records: string,
  manifest: PackManifest,
  problems: Problems,
): Promise<void> {
  const say = (message: string, ref?: string) =>
    problems.add('present', { file, ...(ref === undefined ? {} : { ref: ref.slice(0, 40) }) }, message);
  if (manifest.asOf !== null) return say('a pack of an earlier state has no tables');
  const rows = readCsv((await zip.bytes(file, PACK_LIMITS.line)).toString('utf8'));
  const head = rows?.[0];
  if (rows === undefined || head === undefined || new Set(head).size !== head.length || head[0] !== 'ref')
    return say('it is no table with columns that are named once, "ref" first');
  let at = 0;
  for await (const { bytes } of zip.lines(records)) {
    const { record } = recordOf(jsonLine(bytes).value);
    if (record === undefined) continue;
    at += 1;
    const row = rows[at];
    if (row?.[0] !== record.ref || row.length !== head.length)
      return say(
        `row ${at} is not of ${record.ref.slice(0, 40)}, which stands there in ${records}`,
        record.ref,
      );
    if (record.present === null) continue;
    const odd = head.find((column, i) => !saysSo(record, column, row[i]!));
    if (odd !== undefined)
      say(`${record.ref.slice(0, 40)}: "${odd.slice(0, 64)}" is not what the record says`, record.ref);
  }
  if (rows.length !== at + 1) say(`it has ${rows.length - 1} rows for ${at} records`);
}

function saysSo(record: PackRecord, column: string, cell: string): boolean {
  const present = record.present!;
  const own: Record<string, unknown> = {
    ref: record.ref,
    state: present.state,
    version: present.version,
    createdAt: record.versions[0]!.at,
    updatedAt: record.versions.at(-1)!.at,
  };
  const from = [own, present.values, present.links, present.derived].find((o) => Object.hasOwn(o, column));
  const value = from?.[column];
  if (from === present.derived && typeof value === 'boolean') return cell === String(value);
  return isTextOf(value, cell);
}

/** Text that a spreadsheet would run gets an apostrophe, and so does one that reads as the word for an emptied field. */
function isTextOf(value: unknown, cell: string): boolean {
  const is = (text: string) => cell === text || cell === `'${text}`;
  if (value === null || value === undefined) return cell === '' || cell === '(empty)';
  if (typeof value === 'string') return is(value);
  if (typeof value === 'boolean') return cell === (value ? 'yes' : 'no');
  // A list without words may be one of rows.
  if (Array.isArray(value) && value.length === 0) return cell === '' || cell === '[]';
  if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return is(joined(value));
  try {
    return canonicalJson(JSON.parse(cell.replace(/^'/, ''))) === canonicalJson(value);
  } catch {
    return false;
  }
}

/** Words in one cell; one that holds the separator, a quotation mark or outer blanks stands in quotes. */
const joined = (words: readonly string[]): string =>
  words.map((w) => (/[;"\r\n]|^\s|\s$/.test(w) || w === '' ? `"${w.replaceAll('"', '""')}"` : w)).join('; ');

/** Rows of a CSV file (RFC 4180, LF); undefined when it is none. */
function readCsv(text: string): string[][] | undefined {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/gy;
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (found === null || found[3] === '') return undefined;
    row.push(found[1] === undefined ? found[2]! : found[1].replaceAll('""', '"'));
    if (found[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return row.length === 0 ? rows : undefined;
}
