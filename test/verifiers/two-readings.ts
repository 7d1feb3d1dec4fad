import type { Sample } from './sample-pack.ts';
import { named, put, split, type Tamper, unsplit } from './tampers.ts';

const TABLE = 'documents/aiSystem.csv';

/** Tables for people that say something else than the records, or that two programs would read in two ways. */
export function tables({ files }: Sample): Tamper[] {
  const text = files.get(TABLE)!.toString();
  const rows = text.split(/\n(?=SYS-|$)/).slice(0, -1);
  const [head, ...body] = rows;
  const of = (list: readonly (string | undefined)[], end = '\n') => list.map((r) => `${r}${end}`).join('');
  const inBody = (from: string | RegExp, to: string) => of([head, ...body.map((r) => r.replace(from, to))]);
  const first = (change: (row: string) => string) => of([head, change(body[0]!), ...body.slice(1)]);
  /** The cell of rows: JSON in quotes, as it stands in the table. */
  const json = '"[""a"",null,{""at"":1,""of"":""x""}]"';
  const column = (name: string, cell: string) =>
    of([head!.replace('ref,', `ref,${name},`), ...body.map((r) => r.replace(/^(SYS-\d+),/, `$1,${cell},`))]);
  const cases: [string, string | Buffer][] = [
    ['a cell changed', text.replace('bot', 'bat')],
    ['a number changed', first((r) => r.replace(/,([0-9.]+),/, ',7,'))],
    ['another state', text.replace('submitted', 'closed')],
    ['another time', text.replace(/Z\n/, 'X\n')],
    ['an emptied cell', text.replace(/,PRS-0001,/, ',,')],
    ['a filled cell', text.replace(/,,([^,]*;)/, ',x,$1')],
    ['a row deleted', of([head, ...body.slice(1)])],
    ['the last row deleted', of([head, ...body.slice(0, -1)])],
    ['a row twice', of([head, body[0], ...body])],
    ['a row at the end', of([...rows, body[0]])],
    ['rows exchanged', of([head, body[1], body[0], ...body.slice(2)])],
    ['a column renamed', text.replace(',name,', ',absent2,')],
    ['a column twice', text.replace(',score,', ',name,')],
    ['a text with a line more', text.replace('SYS-', 'x\nSYS-')],
    ['nothing', ''],
    ['no table', '"'],
    // What follows was read as the right table by some program, and as another one by others.
    ['a column of no record, empty', column('approvedBy', '')],
    ['a column of no record, said to be empty', column('approvedBy', '(empty)')],
    ['a column of another register, empty', column('residualLevel', '')],
    ['a column with a sentence for a name', column('"Approved by all, see below"', '')],
    ['a column without a name', column('', '')],
    [
      'a column taken out',
      of([head!.replace(',score', ''), ...body.map((r) => r.replace(/,[0-9.]+,/, ','))]),
    ],
    ['a member twice', inBody(json, json.replace('""at"":1', '""at"":2,""at"":1'))],
    ['a member twice, the right one first', inBody(json, json.replace('""at"":1', '""at"":1,""at"":2'))],
    ['members in another order', inBody(json, '"[""a"",null,{""of"":""x"",""at"":1}]"')],
    ['blanks in a list', inBody(json, json.replace(',null', ', null'))],
    ['another spelling of a number', inBody(json, json.replace(':1,', ':1.0,'))],
    ['another spelling of a number, by its exponent', inBody(json, json.replace(':1,', ':1e0,'))],
    ['another spelling of a letter', inBody(json, json.replace('""a""', '""\\u0061""'))],
    ['another spelling of a score', first((r) => r.replace(/,([0-9.]+),/, ',$1e0,'))],
    ['a zero before a score', first((r) => r.replace(/,([0-9.]+),/, ',0$1,'))],
    ['an apostrophe before a text', inBody(/,Zo/, ",'Zo")],
    ['an apostrophe before a list', inBody('"[""a', `"'[""a`)],
    ['a blank before a text', inBody(/,Zo/, ', Zo')],
    ['a blank after a reference', inBody(/^(SYS-\d+),/, '$1 ,')],
    ['another normal form of a letter', inBody('Zoë', 'Zoe\u0308')],
    ['a byte order mark', `\ufeff${text}`],
    ['a blank line at the end', `${text}\n`],
    ['a blank line after the head', of([head, '', ...body])],
    ['a blank line between two rows', of([head, body[0], '', ...body.slice(1)])],
    ['a blank line first', `\n${text}`],
    ['a line of separators at the end', `${text}${','.repeat(head!.split(',').length - 1)}\n`],
    ['no end of the last line', text.slice(0, -1)],
    ['CR LF', of(rows, '\r\n')],
    ['CR alone', of(rows, '\r')],
    ['CR alone after the head', `${head}\r${of(body)}`],
    ['a CR in a cell without quotes', inBody(/,PRS-0001,/, ',PRS-0001\r,')],
    ['a CR in place of an LF in a text', text.replace('questions""\n', 'questions""\r')],
    ['CR LF in place of an LF in a text', text.replace('questions""\n', 'questions""\r\n')],
    ['a separator after each row', of(rows.map((r) => `${r},`))],
    ['a separator after the rows', of([head, ...body.map((r) => `${r},`)])],
    ['a separator after the head', of([`${head},`, ...body])],
    ['semicolons', text.replaceAll(',', ';')],
    ['quotes where none are needed', inBody(/,PRS-0001,/, ',"PRS-0001",')],
    ['quotes around nothing', inBody(/,,([^,]*;)/, ',"",$1')],
    ['quotes around the head', text.replace('ref,', '"ref",')],
    ['quotes in the middle', inBody(/,PRS-0001,/, ',PRS"-"0001,')],
    ['quotes that end early', inBody(/,PRS-0001,/, ',"PRS"-0001,')],
    ['quotes that do not end', inBody(/,PRS-0001,/, ',"PRS-0001,')],
    ['a text in quotes that another escape ends', text.replace('""questions""', '\\"questions\\"')],
    ['a head twice', of([head, head, ...body])],
    ['a head at the end', of([...rows, head])],
    ['a NUL', inBody(/,PRS-0001,/, ',PRS-0001\0,')],
    ['a byte that is not UTF-8', Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 10])])],
    ['a letter in too many bytes', latin(text.replace(',PRS-0001,', ',P\xc1\x92S-0001,'))],
    ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le')],
  ];
  return cases.map(([what, table]) => ({
    what: `${TABLE}: ${what}`,
    Edits: [put(TABLE, table)],
    Seal: true,
    says: named(TABLE),
  }));
}

/** A text of which the characters from 0x80 to 0xff that were put in stand for bytes. */
function latin(text: string): Buffer {
  const at = text.search(/[\xc0\xc1]/);
  return Buffer.concat([
    Buffer.from(text.slice(0, at)),
    Buffer.from(text.slice(at, at + 2), 'latin1'),
    Buffer.from(text.slice(at + 2)),
  ]);
}

/** Lines and members spelt in a way that packs are not. */
export function lines({ files }: Sample): Tamper[] {
  const File = 'records/aiSystem.jsonl';
  const all = split(files.get(File)!);
  const first = all[0]!;
  const line = (what: string, to: string): Tamper => ({
    what: `${File}: ${what}`,
    Edits: [put(File, unsplit(all.with(0, to)))],
    Seal: true,
    says: named(File),
  });
  const manifest = files.get('pack.json')!.toString();
  const whole = (what: string, to: string): Tamper => ({
    what: `pack.json: ${what}`,
    Edits: [put('pack.json', to)],
    Seal: false,
    says: /pack\.json/,
  });
  const number = /"number":(\d+)/;
  const score = /"score":([0-9.]+)/;
  const Heads = 'log/checkpoints.jsonl';
  const heads = split(files.get(Heads)!);
  const listed = (what: string, to: string[]): Tamper => ({
    what: `${Heads}: ${what}`,
    Edits: [put(Heads, unsplit(to))],
    Seal: true,
    says: named(Heads),
  });
  const head = (what: string, change: object) =>
    listed(what, heads.with(0, JSON.stringify({ ...JSON.parse(heads[0]!), ...change })));
  return [
    listed('a line twice', [heads[0]!, ...heads]),
    listed('in another order', heads.toReversed()),
    head('a member more', { by: 'x' }),
    head('no time', { at: undefined }),
    head('a time that is no text', { at: 7 }),
    head('a note that is no text', { note: 7 }),
    line('a blank', first.replace('"number":', '"number": ')),
    line('a blank first', ` ${first}`),
    line('a CR at its end', `${first}\r`),
    line('a byte order mark', `\ufeff${first}`),
    line('a blank line', `\n${first}`),
    line('two objects', `${first}{}`),
    line('a number with a fraction', first.replace(number, '"number":$1.0')),
    line('a number with an exponent', first.replace(number, '"number":$1e0')),
    line('a score with a zero', first.replace(score, '"score":$10')),
    line('a score with more digits than count', first.replace(score, '"score":$100000000000000000001')),
    line('a score beyond all numbers', first.replace(score, '"score":1e999')),
    line('a minus before nought', first.replace(/"derived":\{\}/, '"derived":{"x":-0}')),
    line('a letter by its number', first.replace('"state":"s', '"state":"\\u0073')),
    line('a slash with an escape', first.replace('"proof":["', '"proof":["\\/')),
    line('capitals in an escape', first.replace('"title":"', '"title":"\\u001B')),
    line('half a character', first.replace('"title":"', '"title":"\\ud800')),
    line('names that are numbers, descending', first.replace('"derived":{}', '"derived":{"2":"","1":""}')),
    line('a number for a name, last', first.replace('"derived":{}', '"derived":{"a":"","1":""}')),
    line('a name twice, once by its number', first.replace('"derived":{}', '"derived":{"a":1,"\\u0061":2}')),
    line('a tab in a text', first.replace('"title":"', '"title":"\t')),
    whole('a blank', manifest.replace('"log": ', '"log":  ')),
    whole('on one line', `${JSON.stringify(JSON.parse(manifest))}\n`),
    whole('without its end', manifest.slice(0, -1)),
    whole('a byte order mark', `\ufeff${manifest}`),
    whole('a number with a fraction', manifest.replace(/"log": (\d+)/, '"log": $1.0')),
    whole('a name twice', manifest.replace('"name":', '"name": "x",\n "name":')),
    whole('a letter by its number', manifest.replace('"ACME', '"\\u0041CME')),
    whole('a system that is no text', manifest.replace('"system": null', '"system": false')),
    whole('a system without a name', manifest.replace('"system": null', '"system": ""')),
    whole('a name that is no text', manifest.replace('"ACME Ltd"', '["ACME Ltd"]')),
    whole('a time that is no text', manifest.replace(/"madeAt": "[^"]*"/, '"madeAt": 7')),
  ];
}
