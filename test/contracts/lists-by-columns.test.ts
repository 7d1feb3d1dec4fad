import { afterAll, beforeAll, expect, test } from 'vitest';
import { registry } from '../../src/registers/index.ts';
import { peoplesRegisters, sampleInput } from '../support/arrange.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let manager: Visitor;
beforeAll(async () => {
  t = await testInstance();
  manager = await t.person('Maria', ['aimsManager', 'topManagement']);
});
afterAll(() => t?.close());

const cut = (of: Record<string, unknown>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(of).filter(([n]) => names.includes(n)));

test('a list of every register gives the columns that are asked for as they are, and no others', async () => {
  let looked = 0;
  for (const register of peoplesRegisters(registry)) {
    if (register.name === 'concern') continue;
    const { ref } = await given(t, register.name, await sampleInput(t, register, 7));
    const names = register.columns.filter((c) => !['state', 'createdAt', 'updatedAt'].includes(c));
    const { size } = await t.app.sequencer.settle(t.organisation.id);
    for (const asOf of ['', `&asOf=${size}`]) {
      const address = `${register.name}?ref=${ref}${asOf}`;
      const [whole, some] = await Promise.all([
        manager.ask('GET', address),
        manager.ask('GET', `${address}&columns=${names.join()}`),
      ]);
      expect(some.status, some.text).toBe(200);
      const [all] = whole.body.items;
      expect(some.body.items, register.name).toEqual([
        {
          ...all,
          values: cut(all.values, names),
          derived: cut(all.derived, names),
          links: cut(all.links, names),
        },
      ]);
      looked += Object.keys(all.values).length - Object.keys(cut(all.values, names)).length;
    }
  }
  // Most registers have more to say than their table shows.
  expect(looked).toBeGreaterThan(100);
});

test('a column that the register does not have is refused, with those there are', async () => {
  for (const wrong of ['titel', 'title,state', "x')--", 'title,,owner', 'hasOwnProperty']) {
    const r = await manager.ask('GET', `risk?columns=${encodeURIComponent(wrong)}`);
    expect([r.status, r.body.code], wrong).toEqual([400, 'BAD_INPUT']);
    expect(r.body.detail).toContain('scenario');
  }
  expect((await manager.ask('GET', `risk?columns=${'title,'.repeat(500)}title`)).status).toBe(200);
  expect((await manager.ask('GET', 'risk?columns=title&columns=owner')).status).toBe(400);
});
