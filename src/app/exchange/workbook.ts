import { humanise } from '../../register/describe.ts';
import type { Field, FieldKind } from '../../register/field.ts';
import { kindOf } from '../../register/kinds.ts';
import type { Register } from '../../register/register.ts';
import { type SheetColumn, sheetName, type WrittenCell, writeWorkbook } from '../../sheet/index.ts';
import type { Exported } from './exporting.ts';
import { emptied, headingFor, inputNames, MADE_FOR, targetsOf } from './import-columns.ts';
import { saidEmpty, sayText } from './import-file.ts';

/** A register as a workbook, a page after the other; every value typed, no formula anywhere. */
export function xlsxPieces(
  register: Register,
  pages: AsyncIterable<Exported[]>,
  o: { withErased: boolean; at: Date },
): AsyncGenerator<Uint8Array> {
  const columns = exportColumns(register, o.withErased);
  return writeWorkbook({
    at: o.at,
    lists: listsOf(register),
    sheets: [
      {
        name: sheetName(register.label.many),
        columns: columns.map((c) => c.look),
        rows: rowsOf(columns, pages),
      },
    ],
  });
}

interface ExportColumn {
  heading: string;
  look: SheetColumn;
  cell(r: Exported): WrittenCell;
}

async function* rowsOf(
  columns: readonly ExportColumn[],
  pages: AsyncIterable<Exported[]>,
): AsyncGenerator<WrittenCell[]> {
  yield columns.map((c) => c.heading);
  for await (const page of pages) for (const r of page) yield columns.map((c) => c.cell(r));
}

function exportColumns(register: Register, withErased: boolean): ExportColumn[] {
  const column = (
    name: string,
    label: string,
    look: SheetColumn,
    cell: ExportColumn['cell'],
  ): ExportColumn => ({
    heading: headingFor(register, name, label),
    look,
    cell,
  });
  const moment = (text: string): WrittenCell => ({ moment: text });
  return [
    column('ref', 'Reference', { width: 12 }, (r) => r.ref),
    ...Object.entries(register.fields).map(([name, f]) =>
      column(name, f.label, lookOf(name, f), (r) =>
        // What was erased was not left empty.
        r.values[name] === undefined && !withErased && emptied(register, name)
          ? saidEmpty
          : cellOf(f, r.values[name]),
      ),
    ),
    ...Object.entries(register.links).map(([name, l]) =>
      column(name, l.label, { width: 16 }, (r) => (r.links[name] ?? []).join('; ') || null),
    ),
    ...Object.keys(register.derived).map((name) =>
      column(name, register.derivedLabels[name] ?? humanise(name), { width: 14 }, (r) => {
        const v = r.derived[name];
        return typeof v === 'string' || typeof v === 'number' || typeof v === 'boolean' ? v : null;
      }),
    ),
    column('state', 'State', { width: 12 }, (r) => r.state),
    column('version', 'Version', { width: 9 }, (r) => r.version),
    column('createdAt', 'Created at', { width: 24 }, (r) => moment(r.createdAt)),
    column('updatedAt', 'Updated at', { width: 24 }, (r) => moment(r.updatedAt)),
    ...(withErased ? [column('$erased', '$erased', {}, (r) => (r.erased ?? []).join('; ') || null)] : []),
  ];
}

function cellOf(f: Field, value: unknown): WrittenCell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const text = kindOf(f).text(value, f);
  if (f.kind === 'date') return { day: text };
  if (f.kind === 'moment') return { moment: text };
  return sayText(text) || null;
}

const WIDTHS: Partial<Record<FieldKind, number>> = { longText: 50, text: 30, table: 40, url: 30 };

const lookOf = (name: string, f: Field): SheetColumn => ({
  width: WIDTHS[f.kind] ?? 16,
  ...(f.kind === 'choice' || f.kind === 'yesNo' ? { list: name } : {}),
});

const listsOf = (register: Register): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(register.fields).flatMap(([name, f]) =>
      f.kind === 'choice' ? [[name, f.options!]] : f.kind === 'yesNo' ? [[name, ['yes', 'no']]] : [],
    ),
  );

/** A workbook to fill in and import: headings with lists to choose from, and a second sheet that explains each column. */
export function templateXlsx(register: Register, at: Date): AsyncGenerator<Uint8Array> {
  const { fields } = inputNames(register);
  const columns = targetsOf(register).filter((t) => t.name !== MADE_FOR);
  const heading = (name: string, label: string) => headingFor(register, name, label);
  const lists = listsOf(register);
  return writeWorkbook({
    at,
    lists: Object.fromEntries(Object.entries(lists).filter(([name]) => fields.includes(name))),
    sheets: [
      {
        name: sheetName(register.label.many),
        columns: columns.map((c) =>
          register.fields[c.name] ? lookOf(c.name, register.fields[c.name]!) : { width: 16 },
        ),
        rows: [columns.map((c) => heading(c.name, c.label))],
      },
      {
        name: 'Help',
        columns: [{ width: 28 }, { width: 20 }, { width: 12 }, { width: 36 }, { width: 60 }],
        rows: [
          ['Column', 'Name', 'Needed', 'What goes in', 'Explanation'],
          ...columns.map((c) => helpRow(register, c.name, heading(c.name, c.label), c.required)),
          [
            heading(MADE_FOR, 'Originally written by'),
            MADE_FOR,
            null,
            'A person: reference, e-mail or name',
            'A column you may add: who wrote the record before it was brought here.',
          ],
        ],
      },
    ],
  });
}

/** What people are told to type; of choices the options. */
const FORMS: Readonly<Record<Exclude<FieldKind, 'choice'>, string>> = {
  text: 'One line of text',
  longText: 'Text; Markdown may be used',
  score: 'A whole number',
  number: 'A number',
  choices: 'Several, separated by semicolons',
  person: 'A person: reference, e-mail or name',
  people: 'People: references, e-mails or names, separated by semicolons',
  date: 'A date',
  moment: 'A date and time in UTC',
  duration: 'An ISO 8601 duration, such as PT15M',
  yesNo: 'yes or no',
  url: 'An address that begins with https:// or http://',
  file: 'sha256: and 64 hex digits of a stored file',
  digest: 'sha256:, sha384: or sha512: and hex digits',
  table: 'A JSON list of rows, such as an export has',
};

function helpRow(register: Register, name: string, heading: string, required: boolean): WrittenCell[] {
  const f = register.fields[name];
  const l = register.links[name];
  const form = f
    ? f.kind === 'choice'
      ? f.options!.join(', ')
      : f.kind === 'score'
        ? `A whole number from ${f.min ?? 1} to ${f.max ?? 5}`
        : f.kind === 'choices'
          ? `${FORMS.choices}: ${f.options!.join(', ')}`
          : FORMS[f.kind]
    : l
      ? l.max === 1
        ? 'A reference or a title'
        : 'References or titles, separated by semicolons'
      : `Empty for a new record; ${register.prefix}-0001 to update that one`;
  return [heading, name, required ? 'yes' : null, form, f?.help ?? l?.help ?? null];
}
