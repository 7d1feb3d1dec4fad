import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { dayOf, momentOf, readWorkbook, type WrittenCell, writeWorkbook } from './index.ts';
import { isDateFormat } from './styles.ts';

const AT = new Date('2027-01-02T03:04:05Z');
/** What an entry of a ZIP's directory begins with. */
const CENTRAL = Buffer.from('504b0102', 'hex');
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

async function written(rows: WrittenCell[][]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const p of writeWorkbook({ at: AT, sheets: [{ name: 'S', columns: [], rows }] })) parts.push(p);
  return Buffer.concat(parts);
}

const read = (bytes: Uint8Array, maxRows = 100) => readWorkbook(bytes, { maxRows });

/** A workbook by hand: what no spreadsheet program would write. */
function forged(sheet: string, more: Record<string, string | Uint8Array> = {}): Uint8Array {
  const files: Record<string, string | Uint8Array> = {
    '[Content_Types].xml': '<Types/>',
    '_rels/.rels':
      '<Relationships><Relationship Id="r" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    'xl/workbook.xml': `<workbook ${MAIN} xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="a" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="t" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    'xl/worksheets/sheet1.xml': `<worksheet ${MAIN}><sheetData>${sheet}</sheetData></worksheet>`,
    ...more,
  };
  return zipSync(
    Object.fromEntries(
      Object.entries(files).map(([n, v]) => [n, typeof v === 'string' ? Buffer.from(v) : v]),
    ),
  );
}

test('what is written is read back: texts of every kind, numbers, days, points in time', async () => {
  const texts = [
    '=1+1',
    '+1',
    '@x',
    ' lead ',
    'a\r\nb\rc\n',
    '_x000D_',
    'a\u0001b\uFFFE',
    '\u{1F600}'.repeat(30_000),
    '\u0002'.repeat(20_000),
    '<&>"]]>',
  ];
  const rows: WrittenCell[][] = [
    ['Head', 'Number', 'Day', 'Moment', 'Flag'],
    ...texts.map((s, i): WrittenCell[] => [
      s,
      [0.1, -5, 1e15, 1e-7][i % 4]!,
      { day: '2028-02-29' },
      { moment: '2027-03-31T23:59:59.999Z' },
      i % 2 === 0,
    ]),
    [null, null, { day: '1899-01-01' }, { moment: '0050-01-01T00:00:00.000Z' }, null],
  ];
  const back = await read(await written(rows));
  expect(back.rows.slice(1, -1).map((r) => r.cells[0])).toEqual(texts);
  const [, number, day, moment, flag] = back.rows[1]!.cells as [
    unknown,
    number,
    { serial: number },
    { serial: number },
    boolean,
  ];
  expect([number, dayOf(day.serial), momentOf(moment.serial), flag]).toEqual([
    0.1,
    '2028-02-29',
    '2027-03-31T23:59:59.999Z',
    true,
  ]);
  // Spreadsheets count no days before 1900: such a day is text.
  expect(back.rows.at(-1)!.cells.slice(2)).toEqual(['1899-01-01', '0050-01-01T00:00:00.000Z']);
});

test('no formula is ever written, whatever a text begins with', async () => {
  const bytes = await written([['H'], ['=1+1'], ["=cmd|' /C calc'!A0"]]);
  const { unzipSync } = await import('fflate');
  const sheet = Buffer.from(unzipSync(bytes)['xl/worksheets/sheet1.xml']!).toString();
  expect(sheet).toContain('=1+1');
  expect(sheet).not.toContain('<f');
});

test('a workbook of another program is read: hidden sheets, rich text, links, dates, saved results of formulas', async () => {
  const back = await read(readFileSync(join(import.meta.dirname, 'fixtures/from-exceljs.xlsx')));
  expect([back.sheets, back.sheet, back.formulas]).toEqual([['Risks 2026'], 'Risks 2026', [6]]);
  expect(
    back.rows[1]!.cells.map((c) =>
      c !== null && typeof c === 'object' && 'serial' in c ? momentOf(c.serial) : c,
    ),
  ).toEqual([
    'Bias in hiring — “Größe”',
    'ada@acme.example',
    3,
    '2027-03-31T00:00:00.000Z',
    '2027-03-31T08:30:00.000Z',
    true,
    12,
  ]);
  expect(back.rows[2]).toEqual({
    row: 4,
    cells: ['Rich text', 'link', '  lead', null, null, false, { fault: 'holds the error #DIV/0!' }],
  });
});

test('cells without places, ISO dates, shared texts, and dates counted from 1904', async () => {
  const { rows } = await read(
    forged(
      '<row><c t="s"><v>0</v></c><c t="d"><v>2027-01-01</v></c><c><f>1+1</f></c><c t="s"><v>9</v></c></row><row r="9"><c r="C9"><v>7</v></c></row>',
      {
        'xl/sharedStrings.xml': '<sst><si><r><t>ab</t></r><rPh><t>no</t></rPh><r><t>c</t></r></si></sst>',
      },
    ),
  );
  expect(rows).toEqual([
    {
      row: 1,
      cells: [
        'abc',
        '2027-01-01',
        { fault: expect.stringContaining('formula') },
        { fault: expect.stringContaining('not in the workbook') },
      ],
    },
    { row: 9, cells: [null, null, 7] },
  ]);
});

test.each([
  ['yyyy-mm-dd', true],
  ['[$-407]d. mmmm yyyy', true],
  ['[h]:mm', true],
  ['0.00E+00', false],
  ['General', false],
  ['"days" 0', false],
  ['#,##0\\ "hm"', false],
  ['@', false],
])('the number format %s is one of dates: %s', (code, is) => {
  expect(isDateFormat(code)).toBe(is);
});

const HOSTILE: [string, () => Uint8Array, RegExp][] = [
  ['nothing', () => Buffer.alloc(0), /it is empty/],
  ['text', () => Buffer.from('a,b\n1,2\n'), /name it \.csv/],
  ['a PDF', () => Buffer.from('%PDF-1.7'), /it is a PDF/],
  ['an old workbook', () => Buffer.from('d0cf11e0a1b11ae1'.padEnd(2000, '0'), 'hex'), /old form/],
  [
    'an encrypted workbook',
    () =>
      Buffer.concat([
        Buffer.from('d0cf11e0a1b11ae1', 'hex'),
        Buffer.alloc(512),
        Buffer.from('EncryptedPackage', 'utf16le'),
      ]),
    /encrypted/,
  ],
  ['macros', () => forged('', { 'xl/vbaProject.bin': 'x' }), /macros/],
  ['other workbooks', () => forged('', { 'xl/externalLinks/externalLink1.xml': '<x/>' }), /other workbooks/],
  ['connections', () => forged('', { 'xl/connections.xml': '<x/>' }), /fetches data/],
  ['embedded files', () => forged('', { 'xl/embeddings/a.docx': 'x' }), /embedded/],
  ['a binary workbook', () => forged('', { 'xl/workbook.bin': 'x' }), /binary/],
  [
    'an OpenDocument file',
    () => zipSync({ mimetype: Buffer.from('x'), 'content.xml': Buffer.from('<x/>') }),
    /OpenDocument/,
  ],
  ['some ZIP', () => zipSync({ 'a.txt': Buffer.from('x') }), /ZIP of something else/],
  [
    'a document type',
    () =>
      forged('', {
        'xl/worksheets/sheet1.xml':
          '<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData><row><c t="str"><v>&a;</v></c></row></sheetData></worksheet>',
      }),
    /document type/,
  ],
  ['an entity that is not declared', () => forged('<row><c t="str"><v>&xxe;</v></c></row>'), /well-formed/],
  [
    'XML that is cut',
    () => forged('', { 'xl/worksheets/sheet1.xml': '<worksheet><sheetData><row>' }),
    /well-formed/,
  ],
  [
    'endless nesting',
    () => forged('', { 'xl/worksheets/sheet1.xml': '<a>'.repeat(50_000) }),
    /nested too deeply/,
  ],
  [
    'bytes that are no UTF-8',
    () => forged('', { 'xl/worksheets/sheet1.xml': Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0xff]) }),
    /UTF-8/,
  ],
  [
    'a bomb',
    () =>
      forged('', {
        'xl/worksheets/sheet1.xml': Buffer.concat([Buffer.from('<a>'), Buffer.alloc(40 * 1_048_576, 32)]),
      }),
    /unpacks to far more/,
  ],
  ['a column far out', () => forged('<row><c r="XFD1"><v>1</v></c></row>'), /column XFD/],
  [
    'a workbook that is not there',
    () => forged('', { '_rels/.rels': '<Relationships/>' }),
    /names no workbook/,
  ],
];

test.each(HOSTILE)('%s is refused in words', async (_, make, words) => {
  await expect(read(make())).rejects.toThrow(words);
});

test('wherever a workbook is cut or one bit of it is changed, it is read or refused in words, and never more', async () => {
  const whole = await written([
    ['A', 'B'],
    ...Array.from({ length: 20 }, (_, i): WrittenCell[] => [`text ${i}`, i]),
  ]);
  let refused = 0;
  const attempt = async (bytes: Buffer) => {
    try {
      expect((await read(bytes)).rows.length).toBeLessThanOrEqual(21);
    } catch (error) {
      refused += 1;
      expect((error as Error).name).toBe('Failure');
    }
  };
  for (let i = 0; i < 50; i++) await attempt(whole.subarray(0, Math.floor((whole.length * i) / 50)));
  for (let at = 0; at < whole.length; at += 7) {
    const bytes = Buffer.from(whole);
    bytes[at] = bytes[at]! ^ (1 << (at % 8));
    await attempt(bytes);
  }
  expect(refused).toBeGreaterThan(100);
});

test('a sheet of a million rows is left after as many as are wanted', async () => {
  const many = forged(Array.from({ length: 200_000 }, (_, i) => `<row><c><v>${i}</v></c></row>`).join(''));
  const back = await read(many, 50);
  expect([back.rows.length, back.more]).toEqual([50, true]);
});

test('a size that lies is found out', async () => {
  const bytes = Buffer.from(forged('<row><c><v>1</v></c></row>'));
  let lies = 0;
  for (let at = bytes.indexOf(CENTRAL); at >= 0; at = bytes.indexOf(CENTRAL, at + 4)) {
    bytes.writeUInt32LE(5, at + 24);
    lies += 1;
  }
  expect(lies).toBe(5);
  await expect(read(bytes)).rejects.toThrow(/damaged/);
});
