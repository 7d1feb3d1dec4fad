import { Failure } from '../base/failure.ts';
import { Archive, notRead } from './archive.ts';
import { type Cell, columnName } from './cell.ts';
import { SHEET_LIMITS } from './limits.ts';
import { readStyles } from './styles.ts';
import { fromSheetText } from './text.ts';
import { CONTINUED } from './write.ts';
import { Enough, readXml } from './xml.ts';

export interface ReadRow {
  /** As the spreadsheet counts it, from 1. */
  row: number;
  cells: Cell[];
}

export interface ReadSheet {
  /** Sheets that are shown, in order. */
  sheets: string[];
  /** The one that was read. */
  sheet: string;
  /** Rows that hold something. */
  rows: ReadRow[];
  /** There were more than `maxRows`. */
  more: boolean;
  /** Columns (from 0) in which a formula stood; the values that were saved with them are what was taken. */
  formulas: number[];
}

/**
 * Reads one sheet of an XLSX file: the one named, or the first that is shown. Formulas are never evaluated: the value saved beside one is
 * taken, and a formula without one is a fault of its cell. Nothing that the file refers to is fetched. Throws INVALID or TOO_LARGE.
 */
export async function readWorkbook(
  bytes: Uint8Array,
  o: { sheet?: string; maxRows: number },
): Promise<ReadSheet> {
  const archive = await Archive.open(bytes);
  const book = await readBook(archive);
  const shown = book.sheets.filter((s) => !s.hidden);
  const wanted =
    o.sheet === undefined ? (shown[0] ?? book.sheets[0]) : book.sheets.find((s) => s.name === o.sheet);
  if (!wanted)
    throw new Failure(
      'INVALID',
      o.sheet === undefined
        ? 'The workbook has no sheet.'
        : `The workbook has no sheet ${JSON.stringify(o.sheet.slice(0, 60))}; it has ${shown
            .map((s) => s.name)
            .join(', ')
            .slice(0, 300)}.`,
      [{ path: '/sheet', message: 'is not in the workbook' }],
    );
  const texts = await readTexts(archive, book.texts);
  const dates = await readStyles(archive, book.styles);
  const shared = { texts, dates, from1904: book.from1904 };
  const read = await readRows(archive, wanted.path, shared, o.maxRows);
  const rest = book.sheets.find((s) => s.hidden && s.name === CONTINUED);
  if (rest) await continueTexts(archive, rest.path, shared, wanted.name, read.rows);
  return { sheets: shown.map((s) => s.name), sheet: wanted.name, ...read };
}

interface Book {
  sheets: { name: string; path: string; hidden: boolean }[];
  texts: string;
  styles: string;
  from1904: boolean;
}

/** The workbook part, wherever it lies, and where its sheets, texts and styles are. */
async function readBook(archive: Archive): Promise<Book> {
  const main = (await relationsOf(archive, '')).find((r) => r.type === 'officeDocument')?.path;
  if (!main || !archive.has(main)) throw notRead('it names no workbook');
  const relations = await relationsOf(archive, main);
  const byId = new Map(relations.map((r) => [r.id, r]));
  const sheets: Book['sheets'] = [];
  let from1904 = false;
  await readXml(main, archive.chunks(main), {
    open(name, a) {
      if (name === 'workbookPr') from1904 = /^(1|true)$/.test(a.get('date1904') ?? '');
      if (name !== 'sheet') return;
      if (sheets.length >= SHEET_LIMITS.sheets)
        throw notRead(`it has more than ${SHEET_LIMITS.sheets} sheets`);
      const relation = byId.get(a.get('id') ?? '');
      // Charts and dialogues are sheets too, without rows.
      if (relation?.type === 'worksheet')
        sheets.push({
          name: a.get('name') ?? '',
          path: relation.path,
          hidden: (a.get('state') ?? 'visible') !== 'visible',
        });
    },
  });
  const path = (type: string) => relations.find((r) => r.type === type)?.path ?? '';
  return { sheets, texts: path('sharedStrings'), styles: path('styles'), from1904 };
}

async function relationsOf(
  archive: Archive,
  of: string,
): Promise<{ id: string; type: string; path: string }[]> {
  const folder = of.includes('/') ? of.slice(0, of.lastIndexOf('/') + 1) : '';
  const part = `${folder}_rels/${of.slice(folder.length)}.rels`;
  const out: { id: string; type: string; path: string }[] = [];
  await readXml(part, archive.chunks(part), {
    open(name, a) {
      if (name !== 'Relationship' || a.get('TargetMode') === 'External' || out.length >= SHEET_LIMITS.parts)
        return;
      const target = a.get('Target') ?? '';
      const path = target.startsWith('/') ? target.slice(1) : resolved(folder, target);
      out.push({ id: a.get('Id') ?? '', type: (a.get('Type') ?? '').split('/').pop()!, path });
    },
  });
  return out;
}

function resolved(folder: string, target: string): string {
  const steps = folder.split('/').filter(Boolean);
  for (const step of target.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.' && step !== '') steps.push(step);
  }
  return steps.join('/');
}

async function readTexts(archive: Archive, path: string): Promise<string[]> {
  const texts: string[] = [];
  if (path === '') return texts;
  let inside = false;
  let reading = false;
  let phonetic = false;
  let held = '';
  let characters = 0;
  await readXml(path, archive.chunks(path), {
    open(name) {
      if (name === 'si') {
        inside = true;
        held = '';
      } else if (name === 'rPh') phonetic = true;
      else if (name === 't') reading = inside && !phonetic;
    },
    text(text) {
      if (!reading) return;
      characters += text.length;
      if (characters > SHEET_LIMITS.characters) throw tooMuchText();
      held += text;
    },
    close(name) {
      if (name === 't') reading = false;
      else if (name === 'rPh') phonetic = false;
      else if (name === 'si') {
        inside = false;
        if (texts.length >= SHEET_LIMITS.texts) throw tooMuchText();
        texts.push(fromSheetText(held));
      }
    },
  });
  return texts;
}

const tooMuchText = () =>
  new Failure(
    'TOO_LARGE',
    'The workbook holds more text than is read at once. Copy the rows into a new workbook, or split them.',
  );

interface Shared {
  texts: readonly string[];
  dates: readonly boolean[];
  from1904: boolean;
}

/** One cell while it is read. */
interface Open {
  column: number;
  type: string;
  style: number;
  value: string | undefined;
  text: string | undefined;
  formula: boolean;
}

async function readRows(
  archive: Archive,
  path: string,
  shared: Shared,
  maxRows: number,
): Promise<Pick<ReadSheet, 'rows' | 'more' | 'formulas'>> {
  const rows: ReadRow[] = [];
  const formulas = new Set<number>();
  let more = false;
  let row = 0;
  let cells: Cell[] = [];
  let next = 0;
  let cell: Open | undefined;
  let into: 'value' | 'text' | undefined;
  let phonetic = false;
  let characters = 0;
  await readXml(path, archive.chunks(path), {
    open(name, a) {
      if (name === 'row') {
        const told = Number(a.get('r'));
        row = Number.isSafeInteger(told) && told > row ? told : row + 1;
        cells = [];
        next = 0;
      } else if (name === 'c') {
        const column = columnOf(a.get('r')) ?? next;
        next = column + 1;
        cell = {
          column,
          type: a.get('t') ?? 'n',
          style: Number(a.get('s') ?? 0),
          value: undefined,
          text: undefined,
          formula: false,
        };
      } else if (!cell) return;
      else if (name === 'f') cell.formula = true;
      else if (name === 'rPh') phonetic = true;
      else if (name === 'v') into = 'value';
      else if (name === 't' && !phonetic) into = 'text';
    },
    text(text) {
      if (!cell || !into) return;
      characters += text.length;
      if (characters > SHEET_LIMITS.characters) throw tooMuchText();
      cell[into] = (cell[into] ?? '') + text;
    },
    close(name) {
      if (name === 'v' || name === 't') into = undefined;
      else if (name === 'rPh') phonetic = false;
      else if (name === 'c' && cell) {
        const value = taken(cell, shared);
        if (cell.formula) formulas.add(cell.column);
        if (value !== null) {
          if (cell.column >= SHEET_LIMITS.columns)
            throw new Failure(
              'TOO_LARGE',
              `The sheet holds something in column ${columnName(cell.column + 1)} of row ${row}; at most ${SHEET_LIMITS.columns} columns are read.`,
              [
                {
                  path: `row ${row}, column ${columnName(cell.column + 1)}`,
                  message: 'is beyond the columns that are read',
                },
              ],
            );
          while (cells.length < cell.column) cells.push(null);
          cells[cell.column] = value;
        }
        cell = undefined;
      } else if (name === 'row' && cells.length > 0) {
        if (rows.length >= maxRows) {
          more = true;
          throw new Enough();
        }
        rows.push({ row, cells });
      }
    },
  });
  return { rows, more, formulas: [...formulas].sort((a, b) => a - b) };
}

/** `AB12` -> 27; undefined for what is no reference. */
function columnOf(ref: string | undefined): number | undefined {
  const letters = /^([A-Za-z]{1,3})\d{1,7}$/.exec(ref ?? '')?.[1];
  if (!letters) return undefined;
  return [...letters.toUpperCase()].reduce((n, c) => n * 26 + c.charCodeAt(0) - 64, 0) - 1;
}

function taken(cell: Open, { texts, dates, from1904 }: Shared): Cell {
  const { type, value } = cell;
  if (type === 'inlineStr') return cell.text === undefined ? null : fromSheetText(cell.text) || null;
  if (value === undefined || value === '')
    return cell.formula
      ? { fault: 'holds a formula without a saved result; put the value itself there' }
      : null;
  if (type === 's') {
    const text = texts[Number(value)];
    return text === undefined ? { fault: 'refers to a text that is not in the workbook' } : text || null;
  }
  if (type === 'str') return fromSheetText(value);
  if (type === 'b') return value.trim() === '1' || value.trim() === 'true';
  if (type === 'e') return { fault: `holds the error ${value.slice(0, 20)}` };
  if (type === 'd') return value;
  const n = Number(value);
  if (!Number.isFinite(n)) return { fault: 'holds a number that cannot be read' };
  return dates[cell.style] ? { serial: n + (from1904 ? 1462 : 0) } : n;
}

/** Puts texts that were too long for a cell together again. */
async function continueTexts(
  archive: Archive,
  path: string,
  shared: Shared,
  sheet: string,
  rows: readonly ReadRow[],
): Promise<void> {
  const { rows: rest } = await readRows(archive, path, shared, 100_000);
  const byRow = new Map(rows.map((r) => [r.row, r]));
  for (const { cells } of rest) {
    const [name, at, text] = cells;
    if (name !== sheet || typeof at !== 'string' || typeof text !== 'string') continue;
    const column = columnOf(at);
    const row = byRow.get(Number(/\d+$/.exec(at)?.[0]));
    const before = column === undefined ? undefined : row?.cells[column];
    if (typeof before !== 'string') continue;
    if (before.length + text.length > SHEET_LIMITS.cell) throw tooMuchText();
    row!.cells[column!] = before + text;
  }
}
