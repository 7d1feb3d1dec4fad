import { CsvError, parse as parseCsv } from 'csv-parse/sync';
import { Failure } from '../base/failure.ts';
import { isJsonObject, type JsonObject, parseJson } from '../base/json.ts';
import type { Cell } from '../sheet/cell.ts';
import {
  csvFault,
  delimiterOf,
  headingsIn,
  MOST_COLUMNS,
  saysSomething,
  unguard,
  utf8,
  withinHead,
} from './csv.ts';

/** At most this many rows are imported at once: they are stored in one transaction. */
export const IMPORT_ROWS = 10_000;
/** At most this many cells: all of them lie in memory while their rows are checked. */
export const IMPORT_CELLS = 1_000_000;

/** Longest row of a CSV, in characters: a record with large tables is one. */
const CSV_ROW = 16_000_000;

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

/** What a file is: what was told, or what its first bytes say. A workbook that was called something else is refused. */
export function formatOf(bytes: Uint8Array, told: ImportFormat | undefined): ImportFormat {
  const workbook = ['504b0304', 'd0cf11e0'].includes(Buffer.from(bytes.subarray(0, 4)).toString('hex'));
  if (workbook && told !== undefined && told !== 'xlsx')
    throw new Failure(
      'INVALID',
      `The file is a workbook, not ${told.toUpperCase()}; name it .xlsx or say format=xlsx.`,
      [{ path: 'file', message: `is not ${told.toUpperCase()}` }],
    );
  return told ?? (workbook ? 'xlsx' : 'csv');
}

/** Reads a file as far as its form goes; what its columns mean is asked later. Throws INVALID, TOO_LARGE or BAD_JSON. */
export async function readGrid(
  bytes: Uint8Array,
  o: { format?: ImportFormat | undefined; sheet?: string | undefined } = {},
): Promise<Grid | Items> {
  const format = formatOf(bytes, o.format);
  if (format === 'xlsx') return xlsxGrid(bytes, o.sheet);
  if (o.sheet !== undefined)
    throw new Failure('BAD_INPUT', 'sheet: only a workbook (XLSX) has sheets.', [
      { path: '/sheet', message: 'is for workbooks' },
    ]);
  return format === 'csv' ? csvGrid(bytes) : jsonItems(utf8(bytes));
}

async function xlsxGrid(bytes: Uint8Array, sheet: string | undefined): Promise<Grid> {
  // Loaded when a workbook comes: most files are none.
  const { readWorkbook } = await import('../sheet/index.ts');
  const read = await readWorkbook(bytes, { sheet, maxRows: IMPORT_ROWS + 1 });
  if (read.more) throw tooMany();
  const [head, ...rows] = read.rows;
  if (!head) throw noHead('row 1');
  const headPlace = `row ${head.row}`;
  const count = counting();
  return {
    format: 'xlsx',
    headPlace,
    head: headingsIn(
      head.cells.map((c) => (c === null || typeof c === 'object' ? '' : String(c))),
      headPlace,
    ),
    rows: rows
      .filter((r) => !r.cells.every((c) => c === null || (typeof c === 'string' && c.trim() === '')))
      .map((r) => {
        count(r.cells.length);
        return { place: `row ${r.row}`, cells: r.cells };
      }),
    sheet: read.sheet,
    sheets: read.sheets,
    formulas: read.formulas,
  };
}

const tooMany = () =>
  new Failure(
    'TOO_LARGE',
    `The file has more than ${IMPORT_ROWS} rows, the most that are imported at once. Split it.`,
  );

/** Adds up cells; throws TOO_LARGE beyond those that are read. */
function counting(): (cells: number) => void {
  let seen = 0;
  return (cells) => {
    seen += cells;
    if (seen > IMPORT_CELLS)
      throw new Failure(
        'TOO_LARGE',
        `The file has more than ${IMPORT_CELLS.toLocaleString('en')} cells, the most that are read at once. Split it.`,
      );
  };
}

const noHead = (place: string) =>
  new Failure('INVALID', 'The file is empty; its first line must name the columns.', [
    { path: place, message: 'is missing' },
  ]);

/** Rows of a CSV whose first line names the columns. Throws INVALID naming the line. */
export function csvGrid(bytes: Uint8Array): Grid {
  const text = utf8(bytes);
  // Said by some spreadsheets in a line of its own, which no other reader shows.
  const said = /^sep=([^\r\n])[,;\t]*(?:\r\n|\n|\r)/i.exec(text)?.[1];
  const headPlace = said === undefined ? 'line 1' : 'line 2';
  let head: string[] | undefined;
  let seen = 0;
  const count = counting();
  const rows: Grid['rows'] = [];
  const take = (record: string[], { lines }: { lines: number }) => {
    if (!head) head = headingsIn(record, headPlace);
    // Before they fill the memory.
    else if (++seen > IMPORT_ROWS) throw tooMany();
    else if (saysSomething(record)) {
      const cells = cellsOf(record, lines, head.length);
      count(cells.length);
      rows.push({ place: `line ${lines}`, cells });
    }
    return null;
  };
  try {
    parseCsv(text, {
      delimiter: said ?? delimiterOf(text),
      from_line: said === undefined ? 1 : 2,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: CSV_ROW,
      on_record: take,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const at = error.lines ?? '?';
    throw new Failure(
      'INVALID',
      `The file cannot be read as CSV from line ${at} on (${csvFault(error.code)}). Export the register to see how one looks.`,
      [{ path: `line ${at}`, message: 'cannot be read as CSV' }],
    );
  }
  if (!head) throw noHead(headPlace);
  return { format: 'csv', headPlace, head, formulas: [], rows };
}

function cellsOf(all: string[], line: number, columns: number): (string | null)[] {
  const record = withinHead(all, columns);
  // A cell too many means that the row is not what its columns say: a comma in a text without quotes.
  if (record.length > columns)
    throw new Failure(
      'INVALID',
      `Line ${line} has ${record.length} cells, the first line names ${columns} columns; put quotes around a text that holds the separator.`,
      [{ path: `line ${line}`, message: `has ${record.length} cells for ${columns} columns` }],
    );
  return record.map((c) => (c === '' ? null : unguard(c)));
}

/** Rows of a JSON list of flat records. Throws BAD_JSON or INVALID naming the row. */
function jsonItems(body: string): Items {
  const data = parseJson(body, { maxDepth: 12, maxKeys: IMPORT_CELLS });
  if (!Array.isArray(data))
    throw new Failure('INVALID', 'Expected a list of records.', [{ path: '/', message: 'expected a list' }]);
  if (data.length > IMPORT_ROWS) throw tooMany();
  const names = new Set<string>();
  return {
    format: 'json',
    rows: data.map((item, i) => {
      const place = `row ${i + 1}`;
      if (!isJsonObject(item))
        throw new Failure('INVALID', `Row ${i + 1}: expected an object.`, [
          { path: place, message: 'expected an object' },
        ]);
      for (const name of Object.keys(item)) names.add(name);
      if (names.size > MOST_COLUMNS)
        throw new Failure(
          'TOO_LARGE',
          `The rows up to ${i + 1} name ${names.size} different members; at most ${MOST_COLUMNS} are read.`,
          [{ path: place, message: `more than ${MOST_COLUMNS} different members` }],
        );
      return { place, item };
    }),
  };
}
