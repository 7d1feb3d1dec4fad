import { Failure } from '../base/failure.ts';

/** Columns of a table that is read, and units of UTF-16 in a heading: work grows with both, and no register comes near them. */
export const MOST_COLUMNS = 500;
export const LONGEST_HEADING = 2_000;

/** What a reader of CSV found, in words: `CSV_INVALID_OPENING_QUOTE` reads `invalid opening quote`. */
export const csvFault = (code: string | undefined): string =>
  (code ?? 'unreadable').replace(/^CSV_/, '').replaceAll('_', ' ').toLowerCase();

const isBlank = (cell: string): boolean => cell.trim() === '';

/** Spreadsheets write rows of which only the separators are left. */
export const saysSomething = (record: readonly string[]): boolean => !record.every(isBlank);

/** A row without the empty cells beyond the last column: they are what is left of columns that were emptied. */
export const withinHead = (record: string[], columns: number): string[] =>
  record.slice(columns).every(isBlank) ? record.slice(0, columns) : record;

export function utf8(bytes: Uint8Array): string {
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

/** The headings of a table, trimmed. Throws TOO_LARGE when they are more, INVALID when one is longer, than is read. */
export function headingsIn(cells: readonly string[], place: string): string[] {
  const used = cells.findLastIndex((cell) => !isBlank(cell)) + 1;
  if (used > MOST_COLUMNS)
    throw new Failure(
      'TOO_LARGE',
      `The file has ${used} columns; at most ${MOST_COLUMNS} are read. Leave out those that are not needed, or split it.`,
      [{ path: place, message: `names ${used} columns; at most ${MOST_COLUMNS} are read` }],
    );
  const long = cells.findIndex((cell) => cell.length > LONGEST_HEADING);
  if (long >= 0)
    throw new Failure(
      'INVALID',
      `The heading of column ${long + 1} has ${cells[long]!.length} characters; at most ${LONGEST_HEADING} are read. The first line must name the columns.`,
      [{ path: place, message: `has a heading of more than ${LONGEST_HEADING} characters` }],
    );
  return cells.slice(0, MOST_COLUMNS).map((cell) => cell.trim());
}

/** Text that a spreadsheet would run as a formula gets an apostrophe in a CSV; `unguard` takes it away again. */
export const guard = (text: string): string => (/^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text);
export const unguard = (cell: string): string => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);
