import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kindOf } from '../../src/register/kinds.ts';
import type { Register } from '../../src/register/register.ts';
import { schemaOf } from '../../src/register/values.ts';
import { registry } from '../../src/registers/index.ts';
import { peoplesRegisters, sampleInput, stored } from '../support/arrange.ts';
import { times } from '../support/depth.ts';
import { type Answer, ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let ada: Visitor;
let systemRef: string;
let valid: Record<string, unknown>;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  valid = await sampleInput(t, registry.get('risk'), 1);
  systemRef = (valid.systems as string[])[0]!;
});
afterAll(() => t.close());

const json = { 'content-type': 'application/json' };
const send = (path: string, text: string | Buffer, headers: Record<string, string> = json) =>
  ada.ask('POST', path, text, headers);

/** A refusal is a problem with a code and a sentence, shows nothing of the inside, and is never a fault of ours. */
function expectRefusal(
  a: Answer,
  at: string,
  statuses: readonly number[] = [400, 404, 409, 413, 415, 422],
): void {
  expect(statuses, `${at}: ${a.status} ${a.text.slice(0, 300)}`).toContain(a.status);
  expect(String(a.headers['content-type']), at).toContain('application/problem+json');
  expect(a.body.code, at).toMatch(/^[A-Z_]+$/);
  expect(a.text, at).not.toMatch(/node_modules|\.ts:\d|select |insert |SyntaxError/);
}

describe('bodies', () => {
  const deep = (n: number) => `${'['.repeat(n)}${']'.repeat(n)}`;
  const withTitle = (title: string) => JSON.stringify({ ...valid, title: '@' }).replace('"@"', title);
  const cases: [string, () => string | Buffer, number[], Record<string, string>?][] = [
    ['no JSON', () => '{', [400]],
    ['empty', () => '', [400, 422]],
    ['a list', () => '[]', [422]],
    ['a number', () => '1', [422]],
    ['null', () => 'null', [422]],
    ['text', () => '"x"', [422]],
    ['two documents', () => '{}{}', [400]],
    ['a trailing comma', () => '{"title":"x",}', [400]],
    ['NaN', () => withTitle('NaN'), [400]],
    ['a comment', () => '{/* */}', [400]],
    ['a duplicate key', () => '{"title":"a","title":"b"}', [400]],
    ['an escaped duplicate key', () => '{"title":"a","t\\u0069tle":"b"}', [400]],
    ['__proto__', () => JSON.stringify(valid).replace('{', '{"__proto__":{"admin":true},'), [400, 422]],
    [
      'constructor',
      () => JSON.stringify(valid).replace('{', '{"constructor":{"prototype":{"admin":true}},'),
      [400, 422],
    ],
    ['toString', () => JSON.stringify({ ...valid, toString: 1 }), [422]],
    ['hasOwnProperty', () => JSON.stringify({ ...valid, hasOwnProperty: 1 }), [422]],
    ['NUL as an escape', () => withTitle('"a\\u0000b"'), [400, 422]],
    ['NUL as a byte', () => withTitle('"a\0b"'), [400]],
    ['a lone high surrogate', () => withTitle('"\\ud800"'), [400, 422]],
    ['a lone low surrogate', () => withTitle('"\\udc00x"'), [400, 422]],
    ['a lone surrogate in a key', () => '{"\\ud800":1}', [400, 422]],
    ['NUL in a key', () => '{"a\\u0000":1}', [400, 422]],
    [
      'invalid UTF-8',
      () => Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}')]),
      [400],
    ],
    [
      'overlong UTF-8',
      () => Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
      [400],
    ],
    ['UTF-16', () => Buffer.from(JSON.stringify(valid), 'utf16le'), [400]],
    ['deep lists', () => `{"title":${deep(5000)}}`, [400]],
    ['very deep lists', () => deep(400_000), [400]],
    ['deep objects', () => `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`, [400]],
    ['a huge number', () => withTitle('1e400'), [400, 422]],
    [
      'a huge integer',
      () =>
        JSON.stringify({ ...valid, likelihood: 3 }).replace(
          '"likelihood":3',
          `"likelihood":${'9'.repeat(5000)}`,
        ),
      [400, 422],
    ],
    [
      'minus zero',
      () => JSON.stringify({ ...valid, likelihood: 0 }).replace('"likelihood":0', '"likelihood":-0'),
      [422],
    ],
    ['a body of 10 MB', () => `{"title":"${'x'.repeat(10_000_000)}"}`, [413]],
    [
      'many keys',
      () => `{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":1`).join(',')}}`,
      [400, 413, 422],
    ],
    ['a form', () => 'title=x', [415], { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', () => JSON.stringify(valid), [415], { 'content-type': 'text/plain' }],
    ['no type at all', () => JSON.stringify(valid), [415], { 'content-type': '' }],
    [
      'a multipart form',
      () => '--x\r\n\r\n--x--',
      [415],
      { 'content-type': 'multipart/form-data; boundary=x' },
    ],
  ];

  test.each(cases)('%s is refused and stores nothing', async (name, body, statuses, headers) => {
    const before = await stored(t);
    for (const path of ['risk', 'risk/RSK-0001/assess', 'apiKey']) {
      const a = await send(path, body(), headers);
      if (path === 'risk') expectRefusal(a, name, statuses);
      else expectRefusal(a, `${path} ${name}`);
    }
    expect(await stored(t)).toEqual(before);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test('text that only looks dangerous is kept as it is', async () => {
    const titles = [
      `'; drop table record; --`,
      '<script>alert(1)</script>',
      '$(id)',
      '=cmd|calc',
      '\u202Etxt',
      '𝕏 🙂',
      'a%00b',
      '%s%n',
      '{{7*7}}',
    ];
    for (const title of titles) {
      const made = await ada.ask('POST', 'risk', { ...valid, title });
      expect([made.status, made.body.title], made.text).toEqual([201, title]);
      expect((await ada.ask('GET', `risk/${made.body.ref}`)).body.values.title).toBe(title);
    }
    const file = (await ada.ask('GET', 'risk/export?format=csv')).text;
    expect(file).toContain(`'=cmd|calc`);
    expect((await send('risk/import?format=csv', file)).body).toMatchObject({
      rows: titles.length,
      unchanged: titles.length,
    });
  });

  test('NUL is told by the field it stands in, also where no schema of a register looks', async () => {
    const { body } = await ada.ask('POST', 'risk', valid);
    const before = await stored(t);
    for (const [path, sent, at] of [
      [`risk/${body.ref}/close`, { reason: 'a\0b' }, '/reason'],
      [`risk/${body.ref}/assess`, { values: { scenario: 'a\0b' } }, '/values/scenario'],
      ['risk/bulk', { refs: [body.ref], values: { reviewBy: '2027-05-01' }, reason: '\0' }, '/reason'],
      ['saved-filters', { name: 'mine', register: 'risk', query: 'q=\0' }, '/query'],
      ['log/visibility', { public: true, reason: 'a\0b' }, '/reason'],
    ] as const) {
      const a = await ada.ask('POST', path, sent);
      expect([a.status, a.body.problems?.[0].path], `${path}: ${a.text}`).toEqual([422, at]);
    }
    const edit = await ada.ask('PATCH', `risk/${body.ref}`, { reviewBy: '2027-05-01', $reason: 'a\0b' });
    expect([edit.status, edit.body.problems?.[0].path], edit.text).toEqual([422, '/$reason']);
    for (const [path, at] of [
      ['raci?system=%00', '/system'],
      ['differences?from=1&to=2&register=%00', '/register'],
    ] as const) {
      const a = await ada.ask('GET', path);
      expect([a.status, a.body.problems?.[0].path], `${path}: ${a.text}`).toEqual([400, at]);
    }
    expect(await stored(t)).toEqual(before);
  });

  test('what is meant as a dry run and not written so is refused: it stores nothing', async () => {
    const before = await stored(t);
    const file = `title,owner,systems\nDry,${ada.ref},${systemRef}\n`;
    for (const dry of ['1', 'TRUE', 'yes', 'on', 'no']) {
      const a = await send(`risk/import?format=csv&dryRun=${dry}`, file, { 'content-type': 'text/csv' });
      expect([a.status, a.body.problems?.[0].path], `${dry}: ${a.text}`).toEqual([400, '/dryRun']);
    }
    expect(await stored(t)).toEqual(before);
  });

  test('an import with a broken file stores nothing', async () => {
    const before = await stored(t);
    const files: [string, string | Buffer][] = [
      ['csv', 'title\n"unclosed'],
      ['csv', 'title,title\na,b'],
      ['csv', 'nonesuch\nx'],
      ['csv', ''],
      ['csv', 'ref,title\nRSK-9999,x'],
      ['csv', Buffer.from([0x74, 0xff, 0x0a])],
      ['csv', `title,owner,systems\na\0b,${ada.ref},${systemRef}`],
      ['csv', `__proto__,title\n1,2`],
      ['json', '{}'],
      ['json', '[1]'],
      ['json', '[{"ref":1}]'],
      ['json', '[{"__proto__":{"x":1}}]'],
      ['json', `[${'['.repeat(100_000)}`],
      ['json', JSON.stringify([valid, { ...valid, title: 7 }])],
      ['json', JSON.stringify(Array.from({ length: 10_001 }, () => ({})))],
      ['xml', '<a/>'],
    ];
    for (const [format, file] of files)
      expectRefusal(
        await send(`risk/import?format=${format}`, file),
        `${format} ${String(file).slice(0, 40)}`,
      );
    expect(await stored(t)).toEqual(before);
  });
});

test('made-up cursors, orders, filters and paths are refused, never a fault', async () => {
  const cursor = (o: unknown) => Buffer.from(JSON.stringify(o)).toString('base64url');
  const refused = [
    'risk?after=x',
    'risk?after=%00',
    `risk?after=${cursor(null)}`,
    `risk?after=${cursor({ s: '-number', v: 1, n: 1.5 })}`,
    `risk?after=${cursor({ s: '-number', v: 1, n: 2 ** 40 })}`,
    `risk?after=${cursor({ s: '-number', v: { a: 1 }, n: 1 })}`,
    `risk?sort=title&after=${cursor({ s: 'title', v: 'a\0', n: 1 })}`,
    `risk?sort=level&after=${cursor({ s: 'level', v: 'no number', n: 1 })}`,
    `risk?sort=reviewBy&after=${cursor({ s: 'reviewBy', v: 'no day', n: 1 })}`,
    `risk?sort=title&after=${cursor({ s: '-number', v: 1, n: 1 })}`,
    'risk?sort=nonesuch',
    `risk?sort=${encodeURIComponent('title; drop table record')}`,
    `risk?sort=${encodeURIComponent(`"values"->>'title'`)}`,
    'risk?sort=--number',
    'risk?sort=__proto__',
    'risk?sort=constructor',
    'risk?sort=title&sort=level',
    'risk?limit=0',
    'risk?limit=201',
    'risk?limit=-1',
    'risk?limit=1e2',
    'risk?limit=',
    'risk?nonesuch=1',
    'risk?__proto__=1',
    'risk?constructor=1',
    'risk?toString.gte=1',
    `risk?${encodeURIComponent(`title' or 1=1 --`)}=1`,
    'risk?level.like=1',
    'risk?level.gte=x',
    'risk?level.gte=1,2&level.gte=3',
    'risk?reviewBy.lt=yesterday',
    'risk?reviewBy.lt=2027-13-45',
    'risk?level.gte=NaN',
    'risk?title=%00',
    `risk?title=${'x'.repeat(500)}`,
    `risk?q=${'x'.repeat(500)}`,
    'risk?systems.gte=SYS-0001',
    'risk/RSK-0001/versions?after=x',
    'risk/RSK-0001/proof?version=0',
    'log?before=-1',
    'log?limit=9999',
    'risk/export?format=exe',
  ];
  for (const path of refused) expectRefusal(await ada.ask('GET', path), path, [400, 404]);
  const harmless = [
    `risk?title=${encodeURIComponent(`' or '1'='1`)}`,
    `risk?q=${encodeURIComponent(`' | !'a':* & (`)}`,
    'risk?q=%00',
    'risk?q=%F0%9F%99%82',
    'risk?q=a&q.x=1',
    'risk?state=nonesuch',
    'risk?systems=SYS-9999',
    'risk?systems=%27',
    'risk?level.gte=1e308',
    'risk?reviewBy.lt=9999-12-31',
    'risk?reviewBy.gt=0001-01-01',
  ];
  for (const path of harmless) {
    const a = await ada.ask('GET', path);
    expect([200, 400], `${path}: ${a.text.slice(0, 200)}`).toContain(a.status);
  }
  for (const path of [
    'x',
    '%00',
    '..',
    '..%2f..%2fetc%2fpasswd',
    `RSK-${'9'.repeat(250)}`,
    'x'.repeat(5000),
    'RSK-0001%00',
    '%ff',
    '%F0%9F%99%82',
    "RSK-0001'--",
    '__proto__',
  ])
    for (const tail of ['', '/versions', '/proof']) {
      const a = await ada.ask('GET', `risk/${path}${tail}`);
      expectRefusal(a, `${path.slice(0, 40)}${tail}`, [400, 404, 414]);
    }
  for (const path of [
    '/api/v1/acme/nonesuch',
    '/api/v1/__proto__/risk',
    `/api/v1/${'a'.repeat(300)}/risk`,
    '/api/v1/%00/risk',
    '/log/%00/checkpoint',
    '/log/acme/tile/0/-1',
    '/log/acme/tile/99/000',
    '/log/acme/tile/0/000.p/0',
    '/log/acme/tile/entries/999',
    '//',
    '/%',
  ])
    expectRefusal(await ada.ask('GET', path), path.slice(0, 60), [400, 404, 414]);
  expect(refused.length + harmless.length).toBeGreaterThan(50);
});

test('headers that nobody sends by accident are refused, never a fault', async () => {
  const before = await stored(t);
  const body = JSON.stringify(valid);
  const refused: Record<string, string>[] = [
    { ...json, 'idempotency-key': '' },
    { ...json, 'idempotency-key': 'x'.repeat(201) },
    { ...json, origin: 'https://evil.example' },
    { ...json, origin: 'null' },
    { ...json, 'sec-fetch-site': 'cross-site' },
    { ...json, authorization: 'Bearer' },
    { ...json, authorization: 'Basic YTpi' },
    { ...json, authorization: `Bearer aims_${'\u00ff'.repeat(20)}` },
    { ...json, cookie: 'better-auth.session_token=%00' },
    { ...json, cookie: '=;;=' },
  ];
  for (const headers of refused)
    expectRefusal(
      await ada.ask('POST', 'risk', body, headers),
      JSON.stringify(headers).slice(0, 80),
      [400, 401, 403],
    );
  expect(await stored(t)).toEqual(before);
});

const shared = join(ROOT, '..', 'shared', 'hostile');
test.skipIf(!existsSync(shared))(
  'hostile result files are judged, never a fault; a refused one leaves nothing behind',
  async () => {
    const files = readdirSync(shared, { recursive: true, encoding: 'utf8' }).filter((f) =>
      statSync(join(shared, f)).isFile(),
    );
    expect(files.length).toBeGreaterThan(20);
    let refused = 0;
    for (const file of files) {
      const bytes = readFileSync(join(shared, file));
      const before = await stored(t);
      const looked = await ada.ask('POST', `evidence/inspect?fileName=${encodeURIComponent(file)}`, bytes);
      expect(looked.status, `${file}: ${looked.text.slice(0, 200)}`).toBe(200);
      const added = await ada.ask('POST', `evidence/add?fileName=${encodeURIComponent(file)}`, bytes);
      expect([201, 422], `${file}: ${added.text.slice(0, 200)}`).toContain(added.status);
      expect(added.status === 201, file).toBe(looked.body.accepted);
      if (added.status === 201) continue;
      refused += 1;
      expectRefusal(added, file, [422]);
      expect(added.body.problems.length, file).toBeGreaterThan(0);
      expect(await stored(t), file).toEqual(before);
    }
    expect(refused).toBeGreaterThan(15);
    const left = join(t.app.blobs['folder' as never] as string, 'incoming');
    expect(existsSync(left) ? readdirSync(left) : []).toEqual([]);
  },
);
if (!existsSync(shared)) console.log('skipped: no shared files');

describe('any body at all', () => {
  /** Values near what the field takes, and values far from it. */
  const near = (r: Register, name: string): fc.Arbitrary<unknown> => {
    const f = r.fields[name];
    return fc.oneof(
      ...(f ? [fc.nat(500).map((n) => kindOf(f).sample(f, n))] : [fc.constant([])]),
      fc.jsonValue(),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(
        null,
        '',
        ' ',
        0,
        -1,
        1e21,
        true,
        [],
        {},
        '2027-02-30',
        'P',
        '\u0000',
        '\ud800',
        'PSN-0001',
        ['SYS-0001', 'SYS-0001'],
      ),
    );
  };

  test.each(peoplesRegisters(registry).map((r) => [r.name, r] as const))(
    '%s: created exactly when the schema takes it',
    async (_, r) => {
      const good = await sampleInput(t, r, 7);
      const names = Object.keys(good);
      let created = 0;
      let refused = 0;
      const changes = fc
        .dictionary(fc.constantFrom(...names, 'nonesuch'), fc.constant(0), { maxKeys: 2 })
        .chain((d) => fc.record(Object.fromEntries(Object.keys(d).map((n) => [n, near(r, n)]))));
      let n = 0;
      await fc.assert(
        fc.asyncProperty(changes, async (change) => {
          n += 1;
          const body: Record<string, unknown> = { ...good, ...change };
          if (r.unique && !(r.unique in change)) body[r.unique] = `unique ${n}`;
          const text = JSON.stringify(body);
          const takes = schemaOf(r, 'create').safeParse(JSON.parse(text)).success;
          const a = await send(r.name, text);
          expect(a.status, `${text.slice(0, 500)}: ${a.text}`).toBeLessThan(500);
          if (a.status === 201) created += 1;
          else refused += 1;
          if (a.status === 201) expect(takes, text.slice(0, 500)).toBe(true);
          // What the schema takes may still name a person or record that does not exist, or a value that is taken.
          else if (takes)
            expect(
              a.body.problems.map((p: { path: string }) => p.path).join() || a.body.code,
              a.text,
            ).toMatch(/^\/(\w+)(,|$)|ALREADY_EXISTS/);
        }),
        { numRuns: times(24), seed: 42 },
      );
      expect([created > 0, refused > 0]).toEqual([true, true]);
    },
  );
});
