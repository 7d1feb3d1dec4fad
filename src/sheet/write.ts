import { Zip, ZipDeflate } from 'fflate';
import { CELL_TEXT, columnName, serialOf, type WrittenCell } from './cell.ts';
import { escapeXml, toSheetText } from './text.ts';

/** A column of a sheet: how wide, in characters, and from which list of `lists` its cells are chosen. */
export interface SheetColumn {
  width?: number;
  list?: string;
}

export interface Sheet {
  name: string;
  columns: readonly SheetColumn[];
  /** The first row is the heading. */
  rows: Iterable<readonly WrittenCell[]> | AsyncIterable<readonly WrittenCell[]>;
  hidden?: boolean;
}

export interface Workbook {
  sheets: readonly Sheet[];
  /** Values to choose from, by name; they lie in a hidden sheet. */
  lists?: Readonly<Record<string, readonly string[]>>;
  at: Date;
}

/** Name of the sheet that holds the rest of texts too long for a cell. */
export const CONTINUED = 'Continued';
/** Name of the sheet with the lists to choose from. */
const LISTS = 'Lists';
/** How many rows below the heading a list to choose from is offered in. */
const LIST_ROWS = 10_001;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

/** Looks of cells, by their place in `styles.xml`. */
const STYLE = { plain: 0, head: 1, day: 2, moment: 3, text: 4, quoted: 5 } as const;
const STYLES = `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss.000"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs></styleSheet>`;

/**
 * A workbook, a piece at a time: memory grows neither with its rows nor with the sheet. Texts are written as texts and never as formulas,
 * whatever they begin with; days, points in time and numbers as such.
 */
export async function* writeWorkbook(book: Workbook): AsyncGenerator<Uint8Array> {
  const out: Uint8Array[] = [];
  let failed: Error | undefined;
  const zip = new Zip((error, chunk) => {
    if (error) failed = error;
    else out.push(chunk);
  });
  const mtime = book.at;
  const begin = (name: string): ((text: string, last?: boolean) => void) => {
    const file = new ZipDeflate(name, { level: 6 });
    file.mtime = mtime;
    zip.add(file);
    return (text, last = false) => file.push(Buffer.from(text, 'utf8'), last);
  };
  const whole = (name: string, text: string) => begin(name)(text, true);
  const taken = function* (): Generator<Uint8Array> {
    if (failed) throw failed;
    yield* out.splice(0);
  };

  const lists = Object.entries(book.lists ?? {});
  const all: Sheet[] = [...book.sheets];
  if (lists.length > 0) all.push(listSheet(lists));
  const places = new Map(lists.map(([name, values], i) => [name, { column: i + 1, rows: values.length }]));
  const rest: { sheet: string; cell: string; text: string }[] = [];
  for (const [i, sheet] of all.entries()) {
    const push = begin(`xl/worksheets/sheet${i + 1}.xml`);
    push(sheetHead(sheet));
    let n = 0;
    let held = '';
    for await (const row of sheet.rows) {
      n += 1;
      held += rowXml(sheet.name, n, row, rest);
      if (held.length < 65_536) continue;
      push(held);
      held = '';
      yield* taken();
    }
    push(`${held}</sheetData>${validations(sheet, places)}</worksheet>`, true);
    yield* taken();
  }
  if (rest.length > 0) {
    // Where a text goes on: which sheet and cell, which part of it.
    all.push({ name: CONTINUED, hidden: true, columns: [], rows: [] });
    const push = begin(`xl/worksheets/sheet${all.length}.xml`);
    push(`${sheetHead(all.at(-1)!)}${rowXml(CONTINUED, 1, ['Sheet', 'Cell', 'Text'], [])}`);
    let n = 1;
    for (const { sheet, cell, text } of rest)
      for (const part of parts(text)) {
        n += 1;
        push(rowXml(CONTINUED, n, [sheet, cell, part], []));
        yield* taken();
      }
    push('</sheetData></worksheet>', true);
  }
  whole('xl/styles.xml', STYLES);
  whole('xl/workbook.xml', workbookXml(all));
  whole(
    'xl/_rels/workbook.xml.rels',
    rels([
      ...all.map((_, i): [string, string] => ['worksheet', `worksheets/sheet${i + 1}.xml`]),
      ['styles', 'styles.xml'],
    ]),
  );
  whole('_rels/.rels', rels([['officeDocument', 'xl/workbook.xml']]));
  whole('[Content_Types].xml', contentTypes(all.length));
  zip.end();
  yield* taken();
}

const sheetHead = (sheet: Sheet): string => {
  const cols = sheet.columns
    .map((c, i) => `<col min="${i + 1}" max="${i + 1}" width="${c.width ?? 16}" customWidth="1"/>`)
    .join('');
  return `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>${cols && `<cols>${cols}</cols>`}<sheetData>`;
};

function rowXml(
  sheet: string,
  n: number,
  row: readonly WrittenCell[],
  rest: { sheet: string; cell: string; text: string }[],
): string {
  const cells = row.map((value, i) => {
    const at = `${columnName(i + 1)}${n}`;
    if (typeof value !== 'string' || fits(value)) return cellXml(at, value, n === 1);
    const [first, ...more] = parts(value);
    rest.push({ sheet, cell: at, text: more.join('') });
    return cellXml(at, first!, false);
  });
  return `<row r="${n}">${cells.join('')}</row>`;
}

function cellXml(at: string, value: WrittenCell, head: boolean): string {
  if (value === null) return '';
  if (typeof value === 'number') return `<c r="${at}"><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `<c r="${at}" t="b"><v>${value ? 1 : 0}</v></c>`;
  if (typeof value === 'object') {
    const text = 'day' in value ? value.day : value.moment;
    const serial = serialOf(text);
    const style = 'day' in value ? STYLE.day : STYLE.moment;
    return serial === undefined
      ? textXml(at, text, STYLE.text)
      : `<c r="${at}" s="${style}"><v>${serial}</v></c>`;
  }
  return textXml(at, value, head ? STYLE.head : /^[=+\-@]/.test(value) ? STYLE.quoted : STYLE.text);
}

const textXml = (at: string, text: string, style: number): string =>
  `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(toSheetText(text))}</t></is></c>`;

/** Escapes lengthen a text; a cell takes only so much. */
const fits = (text: string): boolean => text.length <= CELL_TEXT / 7 || toSheetText(text).length <= CELL_TEXT;

/** A text in pieces that each fit into a cell; no character is halved. */
function parts(text: string): string[] {
  const out: string[] = [];
  const size = Math.floor(CELL_TEXT / 7);
  const whole = toSheetText(text).length === text.length ? CELL_TEXT : size;
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + whole, text.length);
    if (to < text.length && /[\uD800-\uDBFF]/.test(text[to - 1]!)) to -= 1;
    out.push(text.slice(from, to));
    from = to;
  }
  return out;
}

function listSheet(lists: [string, readonly string[]][]): Sheet {
  const longest = Math.max(...lists.map(([, values]) => values.length));
  return {
    name: LISTS,
    hidden: true,
    columns: lists.map(() => ({ width: 20 })),
    rows: [
      lists.map(([name]) => name),
      ...Array.from({ length: longest }, (_, i) => lists.map(([, values]) => values[i] ?? null)),
    ],
  };
}

function validations(sheet: Sheet, places: ReadonlyMap<string, { column: number; rows: number }>): string {
  const rules = sheet.columns.flatMap((c, i) => {
    const place = c.list === undefined ? undefined : places.get(c.list);
    if (!place) return [];
    const from = columnName(i + 1);
    const of = columnName(place.column);
    return [
      `<dataValidation type="list" allowBlank="1" showErrorMessage="1" sqref="${from}2:${from}${LIST_ROWS}"><formula1>${LISTS}!$${of}$2:$${of}$${place.rows + 1}</formula1></dataValidation>`,
    ];
  });
  return rules.length > 0
    ? `<dataValidations count="${rules.length}">${rules.join('')}</dataValidations>`
    : '';
}

const workbookXml = (sheets: readonly Sheet[]): string => {
  const one = (name: string, hidden: boolean, i: number) =>
    `<sheet name="${escapeXml(name)}" sheetId="${i + 1}"${hidden ? ' state="hidden"' : ''} r:id="rId${i + 1}"/>`;
  const listed = sheets.map((s, i) => one(s.name, s.hidden ?? false, i));
  return `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELS}"><sheets>${listed.join('')}</sheets></workbook>`;
};

const rels = (targets: [string, string][]): string =>
  `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${targets.map(([type, target], i) => `<Relationship Id="rId${i + 1}" Type="${RELS}/${type}" Target="${target}"/>`).join('')}</Relationships>`;

const contentTypes = (sheets: number): string => {
  const form = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const parts = Array.from(
    { length: sheets },
    (_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="${form}.worksheet+xml"/>`,
  );
  return `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${form}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${form}.styles+xml"/>${parts.join('')}</Types>`;
};

/** Name of a sheet as spreadsheets allow it: 31 characters, none of []:*?/\. */
export const sheetName = (name: string): string => name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31);
