import { parse as parseCsv } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { Failure } from '../base/failure.ts';
import { csvFault, delimiterOf, saysSomething, unguard, withinHead } from './importFile.ts';

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
export function tableLines(body: string, columns: Columns, most: number): TableLine[] {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parseCsv(body, {
      bom: true,
      info: true,
      delimiter: delimiterOf(body),
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
      to: most + 2,
    }) as never;
  } catch (error) {
    const e = error as { lines?: number; code?: string };
    throw refused(
      `line ${e.lines ?? '?'}`,
      'cannot be read as CSV',
      `The file cannot be read as CSV: ${csvFault(e.code)}`,
    );
  }
  const [head, ...rows] = records;
  if (!head) throw refused('line 1', 'is missing', 'The file is empty; its first line must name the columns');
  if (rows.length > most)
    throw new Failure(
      'TOO_LARGE',
      `The file has more than ${most} rows, the most that are taken at once. Split it.`,
    );
  const columnsUsed = head.record.findLastIndex((cell) => cell.trim() !== '') + 1;
  const names = head.record.slice(0, columnsUsed).map((cell) => nameOf(cell, columns));
  const known = Object.keys(columns).join(', ');
  for (const [i, name] of names.entries()) {
    const cell = JSON.stringify(head.record[i]!.trim().slice(0, 60));
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
  return rows.filter(saysSomething).map(({ record: all, info }) => {
    const record = withinHead(all, names.length);
    const place = `line ${info.lines}`;
    if (record.length > names.length)
      throw refused(
        place,
        `has ${record.length} cells for ${names.length} columns`,
        `Line ${info.lines} has too many cells; put quotes around a text that holds the separator`,
      );
    return { place, cells: Object.fromEntries(names.map((n, i) => [n!, unguard(record[i] ?? '').trim()])) };
  });
}

function nameOf(cell: string, columns: Columns): string | undefined {
  const plain = (s: string) => s.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return Object.entries(columns).find(([name, c]) =>
    [name, ...(c.also ?? [])].some((n) => plain(n) === plain(cell)),
  )?.[0];
}

const refused = (path: string, message: string, sentence: string) =>
  new Failure('INVALID', `${sentence}.`, [{ path, message }]);

/** `2027-03-31`, a day that exists. */
export function isDay(text: string): boolean {
  if (!/^[1-9]\d{3}-\d{2}-\d{2}$/.test(text)) return false;
  const d = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(d.getTime()) && d.toISOString().slice(0, 10) === text;
}

/** Lines of text as CSV. A cell that a spreadsheet would run as a formula gets an apostrophe. */
export const csvText = (lines: readonly (readonly string[])[]): string =>
  stringify(lines.map((line) => line.map((cell) => (/^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell))));
