import { expect, test } from 'vitest';
import { registry } from '../registers/index.ts';
import { csvRows } from './importFile.ts';

const register = registry.get('supplier');
const fields = Object.keys(register.fields).slice(0, 2);

test.each([',', ';', '\t'])('reads a spreadsheet that separates by %j, with BOM and CRLF', (d) => {
  const rows = csvRows(
    register,
    `\uFEFF${['ref', ...fields].join(d)}\r\n${['', '"A, B; C"', 'x'].join(d)}\r\n`,
  );
  expect(rows).toEqual([
    { place: 'line 2', ref: undefined, input: { [fields[0]!]: 'A, B; C', [fields[1]!]: 'x' } },
  ]);
});

test('a row with a cell too many is refused with its line, not cut', () => {
  expect(() => csvRows(register, `${fields[0]}\nfine\nA, B\n`)).toThrow(
    /Line 3 has 2 cells, the first line names 1 column/,
  );
});
