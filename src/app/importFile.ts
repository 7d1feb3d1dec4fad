import { Readable } from 'node:stream';
import { setImmediate as others } from 'node:timers/promises';
import { type CsvError, parse as csvParser } from 'csv-parse';
import { Failure } from '../base/failure.ts';
import { isJsonObject, type JsonObject, parseJson } from '../base/json.ts';
import type { Register } from '../register/register.ts';
import type { Cell } from '../sheet/cell.ts';
import { inputNames } from './importColumns.ts';

/** At most this many rows are imported at once: they are stored in one transaction. */
export const IMPORT_ROWS = 10_000;

/** Members and elements of a JSON import: far more than the rows need, far fewer than fill the memory. */
const JSON_MEMBERS = 1_000_000;
/** Longest row of a CSV, in characters: a record with large tables is one. */
const CSV_ROW = 16_000_000;
/** Bytes read before others get their turn. */
const PIECE = 262_144;

export const IMPORT_FORMATS = ['csv', 'json', 'xlsx'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** A file of rows and columns, as it stands. */
export interface Grid {
  format: 'csv' | 'xlsx';
  /** Where the heading is: `line 1`, `row 3`. */
  headPlace: string;
  head: string[];
  rows: { place: string; cells: Cell[] }[];
  sheet?: string;
  sheets?: string[];
  /** Columns (from 0) where the results of formulas were taken. */
  formulas: number[];
}

/** A file of objects, as it stands. */
export interface Items {
  format: 'json';
  rows: { place: string; item: JsonObject }[];
}

/** The head line of an import file. */
export function templateCsv(register: Register): string {
  const { fields, links } = inputNames(register);
  return `${['ref', ...fields, ...links].join(',')}\n`;
}

/** What a file is: what was told, or what its first bytes say. A workbook that was called something else is refused. */
export function formatOf(bytes: Buffer, told: ImportFormat | undefined): ImportFormat {
  const workbook = ['504b0304', 'd0cf11e0'].includes(bytes.subarray(0, 4).toString('hex'));
  if (workbook && told !== undefined && told !== 'xlsx')
    throw new Failure(
      'INVALID',
      `The file is a workbook, not ${told.toUpperCase()}; name it .xlsx or say format=xlsx.`,
      [{ path: 'file', message: `is not ${told.toUpperCase()}` }],
    );
  return told ?? (workbook ? 'xlsx' : 'csv');
}

/** Reads a file as far as its form goes; what its columns mean is asked later. Throws INVALID, TOO_LARGE or BAD_JSON. */
export async function readImport(bytes: Buffer, format: ImportFormat, sheet?: string): Promise<Grid | Items> {
  if (format === 'xlsx') return xlsxGrid(bytes, sheet);
  if (sheet !== undefined)
    throw new Failure('BAD_INPUT', 'sheet: only a workbook (XLSX) has sheets.', [
      { path: '/sheet', message: 'is for workbooks' },
    ]);
  return format === 'csv' ? csvGrid(bytes) : jsonItems(utf8(bytes));
}

async function xlsxGrid(bytes: Buffer, sheet: string | undefined): Promise<Grid> {
  // Loaded when a workbook comes: most requests never need it.
  const { readWorkbook } = await import('../sheet/index.ts');
  const read = await readWorkbook(bytes, { sheet, maxRows: IMPORT_ROWS + 1 });
  if (read.more) throw tooMany();
  const [head, ...rows] = read.rows;
  if (!head) throw noHead('row 1');
  return {
    format: 'xlsx',
    headPlace: `row ${head.row}`,
    head: head.cells.map((c) => (c === null || typeof c === 'object' ? '' : String(c).trim())),
    rows: rows
      .filter((r) => !r.cells.every((c) => c === null || (typeof c === 'string' && isBlank(c))))
      .map((r) => ({ place: `row ${r.row}`, cells: r.cells })),
    sheet: read.sheet,
    sheets: read.sheets,
    formulas: read.formulas,
  };
}

/** What a reader of CSV found, in words: `CSV_INVALID_OPENING_QUOTE` reads `invalid opening quote`. */
export const csvFault = (code: string | undefined): string =>
  (code ?? 'unreadable').replace(/^CSV_/, '').replaceAll('_', ' ').toLowerCase();

const tooMany = () =>
  new Failure(
    'TOO_LARGE',
    `The file has more than ${IMPORT_ROWS} rows, the most that are imported at once. Split it.`,
  );

const noHead = (place: string) =>
  new Failure('INVALID', 'The file is empty; its first line must name the columns.', [
    { path: place, message: 'is missing' },
  ]);

/** Rows of a CSV whose first line names the columns. Throws INVALID naming the line. */
export async function csvGrid(bytes: Buffer): Promise<Grid> {
  const text = utf8(bytes);
  // Said by some spreadsheets in a line of its own, which no other reader shows.
  const said = /^sep=([^\r\n])[,;\t]*(?:\r\n|\n|\r)/i.exec(text)?.[1];
  const parser = Readable.from(pieces(bytes)).pipe(
    csvParser({
      bom: true,
      info: true,
      delimiter: said ?? delimiterOf(text),
      from_line: said === undefined ? 1 : 2,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: CSV_ROW,
    }),
  );
  const records: { record: string[]; info: { lines: number } }[] = [];
  try {
    for await (const r of parser) {
      // One more than may be: enough to show that there are too many, before they fill the memory.
      if (records.length > IMPORT_ROWS) throw tooMany();
      records.push(r as { record: string[]; info: { lines: number } });
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const e = error as CsvError & { lines?: number };
    throw new Failure(
      'INVALID',
      `The file cannot be read as CSV from line ${e.lines ?? '?'} on (${csvFault(e.code)}). Export the register to see how one looks.`,
      [{ path: `line ${e.lines ?? '?'}`, message: 'cannot be read as CSV' }],
    );
  }
  const [first, ...rest] = records;
  const headPlace = said === undefined ? 'line 1' : 'line 2';
  if (!first) throw noHead(headPlace);
  const head = first.record.map((h) => h.trim());
  return {
    format: 'csv',
    headPlace,
    head,
    formulas: [],
    rows: rest.filter(saysSomething).map(({ record: all, info }) => {
      const record = withinHead(all, head.length);
      // A cell too many means that the row is not what its columns say: a comma in a text without quotes.
      if (record.length > head.length)
        throw new Failure(
          'INVALID',
          `Line ${info.lines} has ${record.length} cells, the first line names ${head.length} columns; put quotes around a text that holds the separator.`,
          [{ path: `line ${info.lines}`, message: `has ${record.length} cells for ${head.length} columns` }],
        );
      return { place: `line ${info.lines}`, cells: record.map((c) => (c === '' ? null : unguard(c))) };
    }),
  };
}

const isBlank = (cell: string): boolean => cell.trim() === '';

/** Spreadsheets write rows of which only the separators are left. */
export const saysSomething = (row: { record: readonly string[] }): boolean => !row.record.every(isBlank);

/** A row without the empty cells beyond the last column: they are what is left of columns that were emptied. */
export const withinHead = (record: string[], columns: number): string[] =>
  record.slice(columns).every(isBlank) ? record.slice(0, columns) : record;

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE) {
    yield bytes.subarray(at, at + PIECE);
    await others();
  }
}

export function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(
      'INVALID',
      'The file is not UTF-8; save it as UTF-8 (in a spreadsheet: "CSV UTF-8") and send it again.',
      [{ path: 'line 1', message: 'is not UTF-8' }],
    );
  }
}

/** Spreadsheets of many countries separate by semicolon: the head line, which holds no texts, tells. */
export function delimiterOf(body: string): string {
  const head = body.slice(0, 20_000).split(/\r\n|\n|\r/, 1)[0]!;
  const count = (d: string) => head.split(d).length;
  return [',', ';', '\t'].reduce((best, d) => (count(d) > count(best) ? d : best));
}

/** Text that a spreadsheet would run as a formula gets an apostrophe in a CSV; `unguard` takes it away again. */
export const guard = (text: string): string => (/^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text);
export const unguard = (cell: string): string => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);

/** Stands for "nothing" where an empty cell would be filled with the field's usual value. */
const EMPTY = '(empty)';
/** The text form of an absent value whose field has a usual one; a text that reads the same is told apart by an apostrophe. */
export const saidEmpty = EMPTY;
export const isSaidEmpty = (text: string): boolean => text === EMPTY;
export const sayText = (text: string): string => (/^'*\(empty\)$/.test(text) ? `'${text}` : text);
export const saidText = (cell: string): string => (/^'+\(empty\)$/.test(cell) ? cell.slice(1) : cell);

/** Rows of a JSON list of flat records. Throws BAD_JSON or INVALID naming the row. */
function jsonItems(body: string): Items {
  const data = parseJson(body, { maxDepth: 12, maxKeys: JSON_MEMBERS });
  if (!Array.isArray(data))
    throw new Failure('INVALID', 'Expected a list of records.', [{ path: '/', message: 'expected a list' }]);
  if (data.length > IMPORT_ROWS) throw tooMany();
  return {
    format: 'json',
    rows: data.map((item, i) => {
      if (!isJsonObject(item))
        throw new Failure('INVALID', `Row ${i + 1}: expected an object.`, [
          { path: `row ${i + 1}`, message: 'expected an object' },
        ]);
      return { place: `row ${i + 1}`, item };
    }),
  };
}
