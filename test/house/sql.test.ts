import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';
import { readSources } from '../support/sources.ts';

/** Where statements stand: all of records in `store`, those of accounts and sessions in `identity`. */
const PLACES = ['store', 'identity'];

/** Texts that are SQL, or a part of it. Commands are told by how they begin, parts by what nothing else is written with. */
const SQL: readonly RegExp[] = [
  /^\s*(?:select|SELECT)\s+(?:[\w*]|\()[\s\S]*(?:\(|\b(?:from|FROM|as|AS|where|WHERE)\b)/,
  /^\s*select\s+\d+\s*$/i,
  /\b(?:insert\s+into|delete\s+from|truncate\s+table)\s+["\w]+/i,
  /\bupdate\s+(?:only\s+)?["\w.]+\s+set\s+["\w]+\s*=/i,
  /^\s*with\s+(?:recursive\s+)?\w+(?:\s*\([^)]*\))?\s+as\s+(?:materialized\s+|not materialized\s+)?\(/i,
  /^\s*(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:table|index|unique index|function|policy|role|trigger|view|schema|sequence|type)\b/i,
  /^\s*(?:grant\s+[\w, ]+\s+(?:on|to)|revoke\s+[\w, ]+\s+(?:on|from)|set\s+(?:local|role|session)\b|lock\s+table|vacuum\b|listen\s+\w+$|notify\s+\w+)/i,
  /\bpresent_organisation\b/,
  /"values"\s*->/,
  /->>?\s*'\w+'/,
  /::(?:text|int|jsonb?|uuid|timestamptz|date|numeric|boolean|float8)\b/,
  /=\s*any\s*\(\s*\$/i,
  /[=<>]\s*\$\d+\b/,
  /\bexists\s*\(\s*select\b/i,
  /\b(?:left|right|inner|cross|full)\s+join\s+(?:lateral\s+)?[\w(]/i,
  /\bjoin\s+\w+\s+\w+\s+on\s+\w+\.\w+/i,
  /\border\s+by\s+\w+\.\w+/i,
  /\b\w+\.organisation\s*=/,
  /\bis\s+(?:not\s+)?distinct\s+from\b/i,
];

/** Lines on which this code holds text of SQL: in any string or template, and in whatever is tagged `sql`. */
function sqlIn(path: string, code: string): number[] {
  const lines: number[] = [];
  const line = (at: number) => code.slice(0, at).split('\n').length;
  const look = (text: string, at: number) => {
    if (SQL.some((r) => r.test(text))) lines.push(line(at));
  };
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const n of node) walk(n);
      return;
    }
    if ('type' in node && 'start' in node && typeof node.start === 'number') {
      if (node.type === 'Literal' && 'value' in node && typeof node.value === 'string')
        look(node.value, node.start);
      // What is put in is any name: a statement is told by what stands around it.
      if (node.type === 'TemplateLiteral' && 'end' in node && typeof node.end === 'number')
        look(code.slice(node.start + 1, node.end - 1).replace(/\$\{[^`{}]*\}/g, 'x'), node.start);
      if (
        node.type === 'TaggedTemplateExpression' &&
        'tag' in node &&
        /(?:^|\.)sql$/i.test(nameOf(node.tag, code))
      )
        lines.push(line(node.start));
    }
    for (const child of Object.values(node)) walk(child);
  };
  const parsed = parseSync(path, code);
  expect(parsed.errors, path).toEqual([]);
  walk(parsed.program);
  return [...new Set(lines)];
}

const nameOf = (node: unknown, code: string): string =>
  typeof node === 'object' &&
  node !== null &&
  'start' in node &&
  'end' in node &&
  typeof node.start === 'number' &&
  typeof node.end === 'number'
    ? code.slice(node.start, node.end)
    : '';

describe('SQL', () => {
  test('it stands in store and identity alone', () => {
    const sources = readSources();
    const found = (inPlace: boolean) =>
      sources
        .filter((s) => PLACES.includes(s.part) === inPlace)
        .flatMap((s) => sqlIn(s.path, s.text).map((n) => `src/${s.path}:${n}`));
    expect(found(false)).toEqual([]);
    // What finds nothing outside finds what is inside.
    expect(new Set(found(true).map((at) => at.split(':')[0])).size).toBeGreaterThan(70);
  });

  test.each([
    ['a command', "const s = { text: 'select 1' };"],
    ['with a function alone', "q('select settle($1)');"],
    ['in capitals', 'db.run(`SELECT ref FROM record`);'],
    ['over lines', 'const s = `\n  select r.ref\n  from record r`;'],
    ['an insertion', "q('insert into blob (sha256) values ($1)');"],
    ['a change', 'const s = `update organisation set log_public = true`;'],
    ['a deletion', "q('delete from waiting_word');"],
    ['with a query before it', 'const s = `with x as materialized (select 1) table x`;'],
    ['rights', "q('set local role aims_app');"],
    ['a table', "q('create table t (a int)');"],
    ['a condition', 'const only = `and r.state = $3`;'],
    ['a value', 'const state = `r."values"->>\'state\'`;'],
    ['a member', 'const kind = "c.value->\'kind\'";'],
    ['an order', 'const order = `order by r.number desc`;'],
    ['a join', 'const more = `join record s on s.organisation = k.organisation`;'],
    ['a view', "const here = 'r.organisation = (select present_organisation())';"],
    ['a type', 'const none = `null::timestamptz`;'],
    ['within a template', 'const s = `(§{a.map((x) => `exists (select from link k)`).join()})`;'],
    ['with a tag', 'const s = sql`anything`;'],
    ['with a tag of an object', 'const s = db.sql`anything`;'],
  ])('it is found as %s', (_, planted) => {
    const code = planted.replace('§', '$');
    expect(sqlIn('planted.ts', code)).toEqual([code.slice(0, code.search(/['"`]/)).split('\n').length]);
  });

  test.each([
    "const s = 'Select a file from your computer.';",
    "const s = 'Take one of the list, or delete it from there.';",
    'const s = `update §{name} with what you set`;',
    "const s = 'with nothing as yet';",
    "const s = 'create a risk';",
    "const s = 'a -> b';",
    "const s = 'sorted: order by number';",
    '// select ref from record\nconst s = 1;',
    "import { select } from './from.ts';",
    'const s = css`select`;',
  ])('other text is left alone: %s', (code) => {
    expect(sqlIn('innocent.ts', code.replace('§', '$'))).toEqual([]);
  });
});
