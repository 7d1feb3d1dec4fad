import { expect, test } from 'vitest';
import { tableLines } from './lines.ts';

const read = (text: string) => tableLines(Buffer.from(text), { to: { required: true }, value: {} }, 10);

test('emptied rows and columns of a spreadsheet are passed over; lines keep their numbers', () => {
  expect(read('to;value;;\r\n2027-03-31;5;;\r\n;;;\r\n2027-04-30;6\r\n')).toEqual([
    { place: 'line 2', cells: { to: '2027-03-31', value: '5' } },
    { place: 'line 4', cells: { to: '2027-04-30', value: '6' } },
  ]);
});

test('a cell too many that says something is refused, and so is an empty heading between others', () => {
  expect(() => read('to,value,\n2027-03-31,1,5\n')).toThrow(/Line 2 has too many cells/);
  expect(() => read('to,,value\n2027-03-31,,5\n')).toThrow(/Unknown column ""/);
});
