import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monthsAfter } from '../../src/base/day.ts';
import type { Field, TableColumn } from '../../src/register/field.ts';
import type { Register } from '../../src/register/register.ts';
import { registry } from '../../src/registers/index.ts';
import { OUR_MONTHS } from '../../src/registers/intervals.ts';
import {
  byPeople,
  dayFrom,
  peoplesRegisters,
  requiredNames,
  sampleInput,
  stored,
  targetOf,
} from '../support/arrange.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { representing } from '../support/representatives.ts';

// What is exported can be imported again and says the same: for every register, every kind of field and every format.

let t: TestInstance;
let ada: Visitor;
let people: string[] = [];
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  people = [ada.ref];
  for (const name of ['Bea', 'Cy']) people.push((await t.person(name, ['contributor'])).ref);
});
afterAll(() => t.close());

const FORMATS = ['json', 'csv', 'xlsx'] as const;
const registers = peoplesRegisters(registry);
/** Those that go through all formats with many records; each other one through one of them, in turn, with a few. */
const closely = representing(registers, 'values', 3);

/** Texts that a format, a spreadsheet or a careless reader would change. */
const AWKWARD = [
  ' lead',
  'trail ',
  '=1+1',
  "'=1+1",
  "''=1+1",
  "'",
  "''",
  '"',
  '"quoted"',
  'a;b',
  'a, b; c',
  '+49 30 1',
  '-1',
  '@cmd',
  '\tx',
  '00123',
  '1e5',
  'TRUE',
  'yes',
  '2027-01-01',
  '(empty)',
  "'(empty)",
  "''(empty)",
  '_x000D_',
  '_x005F_x000D_',
  'a\u0001b',
  'a\u001Fb',
  'a\uFFFEb',
  '\uFEFFmark',
  'a\u2028b',
  'a\u0085b',
  '\u00A0x\u00A0',
  'e\u0301',
  '\u{1F600}\u{1F468}\u200D\u{1F469}',
  'שלום',
  '<b>&amp;</b>',
  ']]>',
  '#REF!',
  'null',
  '[]',
  '{}',
  'PSN-0001',
  '=HYPERLINK("http://x","y")',
  "=cmd|' /C calc'!A0",
];
const LINES = [
  'a\nb',
  'a\r\nb',
  'a\rb',
  '\n=x\n',
  '\r=x',
  'a\n',
  '\nb',
  '| a | b |\n|---|---|\n| 1 | 2 |',
  '`x`\n\n```\n"\n```',
];

const whole = (s: string) => s.isWellFormed() && !s.includes('\u0000');
const words = (max: number, lines: boolean): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.constantFrom(...AWKWARD, ...(lines ? LINES : [])) },
      { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }) },
      { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom('x', 'ü', '\u{1F600}', '\u0002', ';"')
          .map((c) => c.repeat(max).slice(0, max)),
      },
    )
    .map((s) => s.slice(0, max).toWellFormed())
    .filter((s) => whole(s) && s.trim() !== '' && (lines || !/[\r\n]/.test(s)));

function cell(c: TableColumn): fc.Arbitrary<unknown> {
  const values: Record<TableColumn['kind'], () => fc.Arbitrary<unknown>> = {
    text: () => fc.oneof(fc.constantFrom('', ...AWKWARD, ...LINES), fc.constant('long '.repeat(400))),
    number: () => {
      const [min, max] = [c.min ?? -1e15, c.max ?? 1e15];
      const whole = fc.integer({
        min: Math.ceil(Math.max(min, -(2 ** 31))),
        max: Math.floor(Math.min(max, 2 ** 31 - 1)),
      });
      return c.whole ? whole : fc.oneof(whole, fc.double({ noNaN: true, noDefaultInfinity: true, min, max }));
    },
    choice: () => fc.constantFrom(...c.options!),
    yesNo: () => fc.boolean(),
  };
  return values[c.kind]();
}

const table = (f: Field): fc.Arbitrary<unknown> => {
  const columns = Object.entries(f.columns!);
  const required = columns.filter(([, c]) => c.required).map(([n]) => n);
  const row = fc.record(Object.fromEntries(columns.map(([n, c]) => [n, cell(c)])), {
    requiredKeys: required,
  });
  return fc.oneof(
    { weight: 6, arbitrary: fc.array(row, { maxLength: 4 }) },
    // Far longer than a cell of a spreadsheet may be.
    { weight: 1, arbitrary: row.map((r) => Array.from({ length: 25 }, () => r)) },
  );
};

const hex = (n: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: n, maxLength: n });
const day = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((d) => d.toISOString().slice(0, 10));

/** Valid values of a field, over all that its kind allows. */
function valueOfField(f: Field): fc.Arbitrary<unknown> {
  const values: Record<Field['kind'], () => fc.Arbitrary<unknown>> = {
    text: () => words(f.max ?? 200, false),
    longText: () => words(f.max ?? 20_000, true),
    score: () => fc.integer({ min: f.min ?? 1, max: f.max ?? 5 }),
    number: () =>
      fc.oneof(
        fc.integer({ min: Math.ceil(f.min ?? -1e9), max: Math.floor(f.max ?? 1e9) }),
        fc.double({ noNaN: true, min: f.min ?? -1e15, max: f.max ?? 1e15 }).map((n) => n + 0),
      ),
    choice: () => fc.constantFrom(...f.options!),
    choices: () => fc.subarray([...f.options!], { minLength: f.required ? 1 : 0 }),
    person: () => fc.constantFrom(...people),
    people: () => fc.shuffledSubarray(people, { minLength: f.required ? 1 : 0 }),
    date: () =>
      fc.oneof(day, fc.constantFrom('1899-12-31', '1900-01-01', '1900-02-28', '1900-03-01', '2028-02-29')),
    moment: () =>
      fc.oneof(
        fc
          .date({
            min: new Date('0001-01-02T00:00:00Z'),
            max: new Date('9999-12-30T00:00:00Z'),
            noInvalidDate: true,
          })
          .map((d) => d.toISOString()),
        fc.constantFrom('2027-03-31T23:59:59.999Z', '1900-02-28T12:00:00.001Z'),
      ),
    duration: () => fc.constantFrom('PT15M', 'P1Y2M3DT4H5M6.789S', 'P4W', 'PT0.001S'),
    yesNo: () => fc.boolean(),
    url: () => fc.webUrl({ withQueryParameters: true, withFragments: true }).filter((u) => URL.canParse(u)),
    file: () => hex(64).map((h) => `sha256:${h}`),
    digest: () =>
      fc.oneof(
        hex(64).map((h) => `sha256:${h}`),
        hex(96).map((h) => `sha384:${h}`),
        hex(128).map((h) => `sha512:${h}`),
      ),
    table: () => table(f),
  };
  return values[f.kind]();
}

/** Valid records of a register: everything that may be absent sometimes is, and sometimes is said to be empty. */
function recordsOf(r: Register, targets: Record<string, string[]>): fc.Arbitrary<Record<string, unknown>> {
  const required = requiredNames(r);
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, f] of Object.entries(r.fields)) {
    if (f.engine || name === r.hiddenFrom) continue;
    const own = special(r.name, name) ?? valueOfField(f);
    members[name] = f.required
      ? own
      : fc.oneof({ weight: 5, arbitrary: own }, { weight: 1, arbitrary: fc.constant(null) });
  }
  for (const [name, l] of Object.entries(r.links))
    if (!l.engine)
      members[name] = fc.shuffledSubarray(targets[name]!, {
        minLength: required.includes(name) ? 1 : 0,
        maxLength: Math.min(l.max, targets[name]!.length),
      });
  // A value that may occur once would stop a second record with it.
  return fc
    .record(members, { requiredKeys: required })
    .map((v) => (r.unique ? { ...v, [r.unique]: `u${++uniques}@acme.example` } : v))
    .map((v) => possible(r, FITTING[r.name]?.(v) ?? v));
}

/** The same with days that can be so: what happened lies behind, after what it belongs to; what ends does so after it began, reviews within our interval. */
function possible(r: Register, v: Record<string, unknown>): Record<string, unknown> {
  const out = { ...v };
  const now = t.app.clock.now().toISOString();
  for (const [name, { claim, kind }] of Object.entries(r.fields)) {
    const said = out[name];
    if (typeof said !== 'string') continue;
    const latest = kind === 'date' ? now.slice(0, 10) : now;
    if (claim?.is === 'happened') {
      const since = claim.since ?? [];
      if (said > latest || since.some((s) => r.links[s])) out[name] = latest;
      for (const s of since) Object.assign(out, range(out, s, name));
    } else if (claim?.is === 'review') {
      const last = monthsAfter(String(out[claim.from ?? ''] ?? now), OUR_MONTHS);
      if (said > last) out[name] = last;
    } else if (claim?.is === 'ends' && claim.from) Object.assign(out, range(out, claim.from, name));
  }
  return out;
}

/** What rules beyond the declaration want. */
function special(register: string, field: string): fc.Arbitrary<unknown> | undefined {
  if (register === 'apiKey' && field === 'expires')
    return fc.integer({ min: 10, max: 300 }).map((n) => dayFrom(t, n));
  // A comment stands beside a record.
  if (register === 'comment' && field === 'subject') return fc.constantFrom(...people);
  return undefined;
}

/** What rules want of several values together: the record with those that do not fit replaced. */
const FITTING: Readonly<Record<string, (v: Record<string, unknown>) => Record<string, unknown>>> = {
  // Low before high, and not so far below it that they would be of two scenarios.
  risk: (v) => ({
    ...v,
    ...range(v, 'frequencyLow', 'frequencyHigh'),
    ...range(v, 'lossLow', 'lossHigh'),
  }),
  responsibility: (v) => {
    // Authority is lent by whoever writes it down, to somebody else, for at most a year.
    if (v.kind === 'delegation')
      return { ...v, delegator: ada.ref, owner: people[1], startsOn: dayFrom(t, 1), endsOn: dayFrom(t, 300) };
    // One person is accountable for an activity, so such a row could not be imported a second time.
    return {
      ...v,
      ...(v.kind === 'raci' && v.part === 'accountable' ? { part: 'responsible' } : {}),
    };
  },
  // Somebody from outside holds few roles.
  person: (v) =>
    v.guest === true && Array.isArray(v.roles)
      ? { ...v, roles: v.roles.filter((role) => role === 'reader' || role === 'auditor') }
      : v,
};

function range(v: Record<string, unknown>, low: string, high: string): Record<string, unknown> {
  const [a, b] = [v[low], v[high]];
  if (typeof a === 'string' && typeof b === 'string') {
    const [first, last] = [a, b].sort();
    return { [low]: first, [high]: last };
  }
  if (typeof a !== 'number' || typeof b !== 'number') return {};
  const least = Math.min(a, b);
  return { [low]: least, [high]: Math.min(Math.max(a, b), least * 100) };
}

async function send(r: Register, body: Buffer | string, query: string) {
  const a = await ada.ask('POST', `${r.name}/import?${query}`, Buffer.from(body));
  expect(a.status, a.text.slice(0, 1500)).toBe(200);
  return a.body;
}

async function exported(r: Register, format: string): Promise<Buffer> {
  const a = await t.server.inject({
    method: 'GET',
    url: `/api/v1/acme/${r.name}/export?format=${format}`,
    headers: ada.headers,
  });
  expect(a.statusCode, a.body.slice(0, 500)).toBe(200);
  return a.rawPayload;
}

let uniques = 0;
const second = new Map<string, string>();
/** Two records to link to, so that lists of references have a separator. */
async function twoOf(name: string): Promise<string[]> {
  const r = registry.get(name);
  if (!second.has(name))
    second.set(name, byPeople(r) ? (await given(t, name, await sampleInput(t, r, 901, 'required'))).ref : '');
  return [await targetOf(t, name), second.get(name)!].filter(Boolean);
}

const list = async (r: Register): Promise<Record<string, unknown>[]> =>
  JSON.parse((await exported(r, 'json')).toString());

describe.each(registers.map((r, i) => [r.name, r, i] as const))('%s', (_, r, i) => {
  const close = closely.has(r.name);
  const formats = FORMATS.filter((_format, f) => close || f === i % FORMATS.length);
  const size = close ? { minLength: 12, maxLength: 14 } : { minLength: 5, maxLength: 6 };

  test('an export, imported again, changes nothing; without its references it makes the same records', async () => {
    const targets: Record<string, string[]> = {};
    for (const [name, l] of Object.entries(r.links)) targets[name] = await twoOf(l.to);
    let made = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(recordsOf(r, targets), size), async (records) => {
        const first = await send(r, JSON.stringify(records), 'format=json');
        expect(first.created).toBe(records.length);
        made += records.length;
        const now = await list(r);
        for (const format of formats) {
          const back = await send(r, await exported(r, format), `format=${format}&dryRun=true`);
          expect(back, format).toMatchObject({
            rows: now.length,
            unchanged: now.length,
            updated: 0,
            created: 0,
            problems: [],
          });
        }
      }),
      // One file of many records: each format is read and written once.
      { numRuns: 1, endOnFailure: true },
    );
    expect(made).toBeGreaterThanOrEqual(size.minLength);
    if (r.unique || r.name === 'apiKey') return;
    for (const format of formats) {
      const before = (await list(r)).map(({ ref: _, ...rest }) => rest);
      const heading = format === 'xlsx' ? 'Reference' : 'ref';
      const again = await send(
        r,
        await exported(r, format),
        `format=${format}&mapping=${encodeURIComponent(JSON.stringify({ [heading]: null }))}`,
      );
      expect(again, format).toMatchObject({ created: before.length, unmapped: [heading] });
      const after = (await list(r)).map(({ ref: _, ...rest }) => rest);
      expect(after.slice(-before.length), format).toEqual(before);
    }
  });
});

test('there are registers that go through all formats', () => {
  expect(closely.size).toBeGreaterThan(2);
});

test('what may occur once and stands twice in a file, or in the register, is named with both places; nothing is stored', async () => {
  const unique = registers.filter((r) => r.unique !== undefined);
  for (const r of unique) {
    const field = r.unique!;
    const [one, two, three] = await Promise.all([71, 72, 73].map((n) => sampleInput(t, r, n)));
    const there = await ada.ask('POST', r.name, three);
    expect(there.status, `${r.name}: ${there.text}`).toBe(201);
    const before = await stored(t);
    const rows = [one, two, { ...two, [field]: one![field] }, { ...two, [field]: three![field] }];
    const a = await ada.ask('POST', `${r.name}/import?format=json`, JSON.stringify(rows));
    expect([a.status, a.body.code], a.text).toEqual([422, 'INVALID']);
    const said = a.body.problems.map((p: { path: string; message: string }) => `${p.path}: ${p.message}`);
    expect(said, r.name).toEqual([
      expect.stringMatching(new RegExp(`^row 3, column ${field}: .*twice.* row 1`)),
      expect.stringMatching(new RegExp(`^row 4, column ${field}: .*${there.body.ref}`)),
    ]);
    expect(await stored(t)).toEqual(before);
  }
  expect(unique.length).toBeGreaterThan(2);
});
