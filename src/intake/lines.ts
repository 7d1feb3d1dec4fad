import { CsvError, parse as parseCsv } from 'csv-parse/sync';
import { Failure } from '../base/failure.ts';
import { csvFault, delimiterOf, headingsIn, saysSomething, unguard, utf8, withinHead } from './csv.ts';

/** One row of a small table that was handed in as CSV: cells by the name of their column, and its line. */
export interface TableLine {
  /** `line 3`. */
  place: string;
  cells: Record<string, string>;
}

/** The columns of a file: each by its own name, and by others that people give it. */
export type Columns = Readonly<Record<string, { also?: readonly string[]; required?: boolean }>>;

/**
 * Rows of a CSV whose first line names the columns, in any order and any case. Throws INVALID naming the line: for what is no CSV, columns that
 * are unknown, missing or named twice, too many cells, too many rows.
 */
export function tableLines(bytes: Uint8Array, columns: Columns, most: number): TableLine[] {
  const body = utf8(bytes);
  const rows: { record: string[]; line: number }[] = [];
  let first: string[] | undefined;
  try {
    parseCsv(body, {
      delimiter: delimiterOf(body),
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
      on_record: (record: string[], { lines }) => {
        if (!first) first = record;
        else if (rows.push({ record, line: lines }) > most) throw tooMany(most);
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw refused(
      `line ${error.lines ?? '?'}`,
      'cannot be read as CSV',
      `The file cannot be read as CSV: ${csvFault(error.code)}`,
    );
  }
  if (!first)
    throw refused('line 1', 'is missing', 'The file is empty; its first line must name the columns');
  const headings = headingsIn(first, 'line 1');
  const columnsUsed = headings.findLastIndex((cell) => cell !== '') + 1;
  const names = headings.slice(0, columnsUsed).map((cell) => nameOf(cell, columns));
  const known = Object.keys(columns).join(', ');
  for (const [i, name] of names.entries()) {
    const cell = JSON.stringify(headings[i]!.slice(0, 60));
    if (name === undefined)
      throw refused('line 1', `unknown column ${cell}`, `Unknown column ${cell}; known are ${known}`);
    if (names.indexOf(name) !== i)
      throw refused('line 1', `names ${name} twice`, `The column ${name} is named twice`);
  }
  for (const [name, c] of Object.entries(columns))
    if (c.required && !names.includes(name))
      throw refused(
        'line 1',
        `the column ${name} is missing`,
        `The column ${name} is missing; known are ${known}`,
      );
  return rows
    .filter(({ record }) => saysSomething(record))
    .map(({ record: all, line }) => {
      const record = withinHead(all, names.length);
      const place = `line ${line}`;
      if (record.length > names.length)
        throw refused(
          place,
          `has ${record.length} cells for ${names.length} columns`,
          `Line ${line} has too many cells; put quotes around a text that holds the separator`,
        );
      return { place, cells: Object.fromEntries(names.map((n, i) => [n!, unguard(record[i] ?? '').trim()])) };
    });
}

const tooMany = (most: number) =>
  new Failure('TOO_LARGE', `The file has more than ${most} rows, the most that are taken at once. Split it.`);

function nameOf(cell: string, columns: Columns): string | undefined {
  const plain = (s: string) => s.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return Object.entries(columns).find(([name, c]) =>
    [name, ...(c.also ?? [])].some((n) => plain(n) === plain(cell)),
  )?.[0];
}

const refused = (path: string, message: string, sentence: string) =>
  new Failure('INVALID', `${sentence}.`, [{ path, message }]);
