import { afterAll, beforeAll, expect, test } from 'vitest';
import { USE_NAMES } from '../../src/app/release/in-use.ts';
import { registry } from '../../src/registers/index.ts';
import { homeOf, homeStatement } from '../../src/store/read/home.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let maria: Visitor;
let paul: Visitor;
let system: string;
beforeAll(async () => {
  t = await testInstance();
  maria = await t.person('Maria', ['aimsManager', 'topManagement']);
  paul = await t.person('Paul', ['aimsManager']);
  system = (await given(t, 'aiSystem', { name: 'Helper', purpose: 'Answers', owner: paul.ref })).ref;
});
afterAll(() => t?.close());

interface Counted {
  name: string;
  count: number;
  byState: Record<string, number>;
}

async function counts(who: Visitor): Promise<Record<string, Counted>> {
  const { body, status, text } = await who.ask('GET', 'dashboard');
  expect(status, text).toBe(200);
  const all = body.steps.flatMap((s: { registers: Counted[] }) => s.registers) as Counted[];
  return Object.fromEntries(all.map((r) => [r.name, r]));
}

/** The home page counts what the lists hold, for this reader, now. */
async function agrees(who: Visitor): Promise<number> {
  const shown = await counts(who);
  let sum = 0;
  for (const name of ['aiSystem', 'risk', 'hazard', 'concern', 'comment', 'person']) {
    const { body } = await who.ask('GET', `${name}?total=true&limit=200`);
    expect([name, shown[name]?.count ?? 0]).toEqual([name, body.total ?? 0]);
    for (const item of body.items ?? []) expect(shown[name]!.byState[item.state]).toBeGreaterThan(0);
    sum += shown[name]?.count ?? 0;
  }
  return sum;
}

test('counts agree with the lists after every write, in this process and in another, and for whom something is hidden', async () => {
  const other = await t.again(registry);
  try {
    const elsewhere = other.as(maria);
    const risk = { title: 'Wrong answers', scenario: 'It errs.', owner: paul.ref, systems: [system] };
    const writes: (() => Promise<{ status: number; text: string }>)[] = [
      () => maria.ask('POST', 'risk', risk),
      () => elsewhere.ask('POST', 'risk', { ...risk, title: 'More' }),
      () => paul.ask('POST', 'comment', { subject: system, content: 'Looks right.' }),
      () => maria.ask('POST', 'concern', { title: 'About Paul', content: 'He did.', about: [paul.ref] }),
      () => elsewhere.ask('POST', 'hazard', { code: 'own', title: 'Own', severity: 'high' }),
      () => elsewhere.ask('PATCH', `aiSystem/${system}`, { purpose: 'Answers more' }),
    ];
    let before = await agrees(maria);
    for (const write of writes) {
      const done = await write();
      expect(done.status, done.text).toBeLessThan(300);
      for (const who of [maria, paul, elsewhere, other.as(paul)]) await agrees(who);
      const sum = await agrees(maria);
      expect(sum).toBeGreaterThanOrEqual(before);
      before = sum;
    }
    expect((await counts(maria)).concern!.count - (await counts(paul)).concern!.count).toBe(1);
  } finally {
    await other.close();
  }
});

test('nothing is counted again while nothing was written', async () => {
  await t.app.sequencer.settle(t.organisation.id);
  const read = async (known: string) => {
    const [rows] = await t.app.db.run(t.organisation.id, [homeStatement(USE_NAMES, known)]);
    return homeOf(rows!);
  };
  const first = await read('');
  expect(first.counts!.length).toBeGreaterThan(1);
  expect((await read(first.marker)).counts).toBeUndefined();
  await given(t, 'hazard', { code: 'another', title: 'Another', severity: 'low' });
  const later = await read(first.marker);
  expect(later.counts).toBeDefined();
  // Placing the entry in the log is no write.
  await t.app.sequencer.settle(t.organisation.id);
  expect((await read('')).marker).toBe(later.marker);
});
