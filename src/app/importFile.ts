import { parse as parseCsv } from 'csv-parse/sync';
import { Failure } from '../base/failure.ts';
import { isJsonObject, parseJson } from '../base/json.ts';
import { kindOf } from '../register/kinds.ts';
import type { Register } from '../register/register.ts';

/** At most this many rows are imported at once: they are stored in one transaction. */
export const IMPORT_ROWS = 10_000;

/** Members and elements of a JSON import: far more than the rows need, far fewer than fill the memory. */
const JSON_MEMBERS = 1_000_000;

/** One record of an import file. */
export interface ImportRow {
  /** `line 3` of a CSV, `row 3` of a JSON list. */
  place: string;
  ref?: string;
  input: Record<string, unknown>;
}

/** Names that a person may fill in. */
export const inputNames = (register: Register) => ({
  fields: Object.keys(register.fields).filter((n) => !register.fields[n]!.engine),
  links: Object.keys(register.links).filter((n) => !register.links[n]!.engine),
});

/** The head line of an import file. */
export function templateCsv(register: Register): string {
  const { fields, links } = inputNames(register);
  return `${['ref', ...fields, ...links].join(',')}\n`;
}

/** Rows of a CSV file whose first line names the columns. Throws INVALID naming the line. */
export function csvRows(register: Register, body: string): ImportRow[] {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parseCsv(body, {
      bom: true,
      info: true,
      delimiter: delimiterOf(body),
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 1_000_000,
      // The head line, the rows, and one more to show that there are too many: a file of nothing but short lines
      // would otherwise fill the memory before anybody counts them.
      to: IMPORT_ROWS + 2,
    }) as never;
  } catch (error) {
    const e = error as { lines?: number; code?: string };
    throw new Failure(
      'INVALID',
      `The file is not a CSV: ${e.code ?? 'unreadable'} at line ${e.lines ?? '?'}.`,
      [{ path: `line ${e.lines ?? '?'}`, message: 'cannot be read as CSV' }],
    );
  }
  const head = records[0]?.record.map((h) => h.trim());
  if (!head)
    throw new Failure('INVALID', 'The file is empty; its first line must name the columns.', [
      { path: 'line 1', message: 'is missing' },
    ]);
  const { fields, links } = inputNames(register);
  // Columns that an export carries for the reader; they cannot be set.
  const ignored = [
    'version',
    'state',
    'createdAt',
    'createdBy',
    'updatedAt',
    'updatedBy',
    ...Object.keys(register.derived),
  ];
  const unknown = head.filter(
    (h) =>
      ![...fields, ...links, ...ignored, 'ref'].includes(h) &&
      !Object.hasOwn(register.fields, h) &&
      !Object.hasOwn(register.links, h),
  );
  if (unknown.length > 0 || new Set(head).size !== head.length)
    throw new Failure(
      'INVALID',
      unknown.length > 0
        ? `Unknown column ${JSON.stringify(unknown[0]!.slice(0, 60))}; known are ref, ${[...fields, ...links].join(', ')}.`
        : 'A column is named twice.',
      [
        {
          path: 'line 1',
          message: unknown.length > 0 ? `unknown column ${unknown[0]!.slice(0, 60)}` : 'names a column twice',
        },
      ],
    );
  return records.slice(1).map(({ record, info }) => {
    // A cell too many means that the row is not what its columns say: a comma in a text without quotes.
    if (record.length > head.length)
      throw new Failure(
        'INVALID',
        `Line ${info.lines} has ${record.length} cells, the first line names ${head.length} columns; put quotes around a text that holds the separator.`,
        [{ path: `line ${info.lines}`, message: `has ${record.length} cells for ${head.length} columns` }],
      );
    const input: Record<string, unknown> = {};
    let ref: string | undefined;
    head.forEach((h, i) => {
      const cell = unguard(record[i] ?? '');
      if (h === 'ref') ref = cell.trim() || undefined;
      else if (links.includes(h))
        input[h] = cell
          .split(';')
          .map((s) => s.trim())
          .filter(Boolean);
      else if (fields.includes(h))
        input[h] = cell === '' ? null : kindOf(register.fields[h]!).parse(cell, register.fields[h]!);
    });
    return { place: `line ${info.lines}`, ref, input };
  });
}

/** Spreadsheets of many countries separate by semicolon: the head line, which holds no texts, tells. */
export function delimiterOf(body: string): string {
  const head = body.slice(0, 20_000).split(/\r\n|\n|\r/, 1)[0]!;
  const count = (d: string) => head.split(d).length;
  return [',', ';', '\t'].reduce((best, d) => (count(d) > count(best) ? d : best));
}

/** Undoes the apostrophe that an export puts before text a spreadsheet would take for a formula. */
export const unguard = (cell: string): string => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);

/** Rows of a JSON list of flat records. Throws BAD_JSON or INVALID naming the row. */
export function jsonRows(register: Register, body: string): ImportRow[] {
  const data = parseJson(body, { maxDepth: 12, maxKeys: JSON_MEMBERS });
  if (!Array.isArray(data))
    throw new Failure('INVALID', 'Expected a list of records.', [{ path: '/', message: 'expected a list' }]);
  return data.map((item, i) => {
    if (!isJsonObject(item))
      throw new Failure('INVALID', `Row ${i + 1}: expected an object.`, [
        { path: `row ${i + 1}`, message: 'expected an object' },
      ]);
    const { ref, ...input } = item;
    // A ref that is not text must not quietly make a new record out of an update.
    if (ref !== undefined && ref !== null && typeof ref !== 'string')
      throw new Failure(
        'INVALID',
        `Row ${i + 1}: ref: expected a reference such as ${register.prefix}-0001.`,
        [{ path: `row ${i + 1}, column ref`, message: 'expected a reference' }],
      );
    return { place: `row ${i + 1}`, ref: ref || undefined, input };
  });
}
