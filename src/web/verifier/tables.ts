import canonicalize from 'canonicalize';
import { type Findings, need } from './findings.ts';
import { asList, asObject, type Json, jsonObject, utf8 } from './reading.ts';
import type { PackFiles } from './zip.ts';

/**
 * The tables for people say what the records say: a row for each record, in their order, and in each cell the value of the field, link or derived
 * value that its column names. Nothing signs these files; they are what people read.
 */
export async function checkTables(files: PackFiles, early: boolean, findings: Findings): Promise<void> {
  for (const file of files.under('documents/')) {
    const records = `records/${file.slice('documents/'.length).replace(/\.csv$/, '')}.jsonl`;
    if (files.has(records))
      await findings.attempt({ file }, () => checkTable(files, file, records, early, findings));
  }
}

async function checkTable(
  files: PackFiles,
  file: string,
  records: string,
  early: boolean,
  findings: Findings,
): Promise<void> {
  need(!early, 'a pack of an earlier state has no tables');
  const rows = readCsv(await files.text(file));
  const head = rows?.[0];
  need(
    rows !== undefined && head !== undefined && new Set(head).size === head.length && head[0] === 'ref',
    'it is no table with columns that are named once, "ref" first',
  );
  let at = 0;
  for await (const bytes of files.lines(records)) {
    await findings.step();
    const record = jsonObject(utf8(bytes), 'the line');
    const row = rows[++at];
    const ref = String(record.ref);
    need(
      row?.[0] === ref && row.length === head.length,
      `row ${at} is not of ${ref}, which stands there in ${records}`,
    );
    if (record.present === null) continue;
    const odd = head.find((column, i) => !saysSo(record, column, row[i]!));
    if (odd !== undefined) findings.add({ file, ref }, `"${odd}" is not what the record says`);
  }
  need(rows.length === at + 1, `it has ${rows.length - 1} rows for ${at} records`);
}

function saysSo(record: Json, column: string, cell: string): boolean {
  const present = asObject(record.present, '"present"');
  const versions = asList(record.versions, '"versions"').map((v) => asObject(v, 'a version'));
  const own = {
    ref: record.ref,
    state: present.state,
    version: present.version,
    createdAt: versions[0]?.at,
    updatedAt: versions.at(-1)?.at,
  };
  const derived = asObject(present.derived, '"derived"');
  const from = [own, asObject(present.values, '"values"'), asObject(present.links, '"links"'), derived].find(
    (o): o is Json => Object.hasOwn(o, column),
  );
  const value = from?.[column];
  if (from === derived && typeof value === 'boolean') return cell === String(value);
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
    return canonicalize(JSON.parse(cell.replace(/^'/, ''))) === canonicalize(value);
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
