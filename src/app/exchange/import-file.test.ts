import { expect, test } from 'vitest';
import { csvGrid, formatOf, readGrid } from '../../intake/grid.ts';
import { registry } from '../../registers/index.ts';
import { headingsOf } from './import-columns.ts';
import { mappingOf, understand } from './import-rows.ts';

const register = registry.get('supplier');
const fields = Object.keys(register.fields).slice(0, 2);
const rowsOf = async (text: string, mapping?: string) =>
  understand(register, csvGrid(Buffer.from(text)), mappingOf(register, mapping));

test.each([',', ';', '\t'])('reads a spreadsheet that separates by %j, with BOM and CRLF', async (d) => {
  const { rows } = await rowsOf(
    `\uFEFF${['ref', ...fields].join(d)}\r\n${['', '"A, B; C"', 'x'].join(d)}\r\n`,
  );
  expect(rows).toEqual([
    { place: 'line 2', input: { [fields[0]!]: 'A, B; C', [fields[1]!]: 'x' }, names: {}, faults: [] },
  ]);
});

test('a row with a cell too many is refused with its line, not cut', async () => {
  await expect(rowsOf(`${fields[0]}\nfine\nA, B\n`)).rejects.toThrow(
    /Line 3 has 2 cells, the first line names 1 column/,
  );
});

test('what spreadsheets leave behind is no row and no cell: emptied rows, emptied columns, the line that says the separator', async () => {
  const { rows } = await rowsOf(`${fields.join(',')}\nA,x,,\n,,,\n , \nB,y\n`);
  expect(rows.map((r) => [r.place, r.input[fields[0]!]])).toEqual([
    ['line 2', 'A'],
    ['line 5', 'B'],
  ]);
  const said = await rowsOf(`\uFEFFsep=;\r\n${fields.join(';')}\r\n"A, B";x\r\n`);
  expect(said.rows.map((r) => [r.place, r.input[fields[0]!]])).toEqual([['line 3', 'A, B']]);
  await expect(rowsOf(`sep=;\n${fields.join(';')}\nA;x;y\n`)).rejects.toThrow(/Line 3 has 3 cells/);
  await expect(rowsOf('sep=;\n')).rejects.toThrow(/is empty/);
});

test('a heading is understood as name or label; an unknown one is refused until it is mapped', async () => {
  const text = 'Name,What they supply,Remarks\nAcme,Models,new\n';
  await expect(rowsOf(text)).rejects.toThrow(/Unknown column "Remarks"/);
  await expect(rowsOf('Name,Vendor title,Zzz,\nAcme,a,b,c\n')).rejects.toThrow(
    /Unknown columns "Vendor title"[^;]*; "Zzz"; "\(column 4, without a heading\)"; known are /,
  );
  const { rows, unmapped, headings } = await rowsOf(text, '{"Remarks":null}');
  expect(rows[0]!.input).toEqual({ name: 'Acme', supplies: 'Models' });
  expect([unmapped, headings]).toEqual([['Remarks'], { name: 'Name', supplies: 'What they supply' }]);
  await expect(rowsOf(text, '{"Remarks":"name"}')).rejects.toThrow(/would both become name/);
  await expect(rowsOf(text, '{"Nonesuch":"name"}')).rejects.toThrow(/has no column "Nonesuch"/);
  for (const wrong of ['[]', 'x', '{"Remarks":"nonesuch"}', '{"Remarks":1}'])
    expect(() => mappingOf(register, wrong), wrong).toThrow(/mapping: /);
});

test('headings below a title, or on another sheet, are pointed at instead of naming each column unknown', async () => {
  const titled = 'Vendors of ACME,,\n,,\nName,What they supply,Remarks\nAcme,Models,new\n';
  await expect(rowsOf(titled)).rejects.toThrow(/headings seem to be in line 3, not in line 1/);
  // A table of another register, too: a title is one cell.
  const other = 'Risks of ACME,,\nScenario,Level,Impact\na,b,c\n';
  await expect(rowsOf(other)).rejects.toThrow(/headings seem to be in line 2, not in line 1/);
  const cover = {
    ...csvGrid(Buffer.from('Prepared for the audit\nby Ann\n')),
    sheet: 'Cover',
    sheets: ['Cover', 'Data'],
  };
  expect(() => understand(register, cover, undefined)).toThrow(
    /on the sheet "Cover".*also has "Data".*--sheet/,
  );
  // Nothing points anywhere: the columns are told.
  await expect(rowsOf('Alpha,Beta\nx,y\n')).rejects.toThrow(/Unknown columns "Alpha".*"Beta"/);
});

test('a heading of before a label was renamed is understood, in every register', () => {
  let renamed = 0;
  for (const r of registry.all)
    for (const [name, f] of Object.entries(r.fields))
      for (const label of f.formerly ?? []) {
        expect(headingsOf(r)(label), `${r.name}: ${label}`).toEqual({ to: name, how: 'label' });
        renamed += 1;
      }
  expect(renamed).toBeGreaterThan(3);
});

test('a workbook under another name is refused, and so is text under that of a workbook', async () => {
  const zip = Buffer.from('504b0304', 'hex');
  expect(() => formatOf(zip, 'csv')).toThrow(/is a workbook, not CSV/);
  expect([formatOf(zip, undefined), formatOf(Buffer.from('a,b'), undefined)]).toEqual(['xlsx', 'csv']);
  await expect(readGrid(Buffer.from('a,b\n'), { format: 'xlsx' })).rejects.toThrow(
    /cannot be read as an XLSX workbook/,
  );
});
