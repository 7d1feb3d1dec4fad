import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildChange } from '../../src/app/write/change.ts';
import { verifyPack } from '../../src/pack/index.ts';
import { freshContents, parseInput } from '../../src/register/values.ts';
import { takeNumbers, write } from '../../src/store/records/write.ts';
import { stored } from '../support/arrange.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { waysToWrite } from '../support/ways-to-write.ts';
import { buildGo, hasGo, verdicts } from '../verifiers/programs.ts';

/** Row and entry of a version say the same instant, whichever way it was written. The clock answers no time twice. */

const folder = mkdtempSync(join(tmpdir(), 'aims-instant-'));
const binary = join(folder, 'audit');
let t: TestInstance;
let ada: Visitor;
let dan: Visitor;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  dan = await t.person('Dan', ['designatedManagement']);
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

const reg = (name: string) => t.app.registry.get(name);

test('a pack of everything verifies, whatever was written in whatever way', async () => {
  let many = 0;
  const ways = await waysToWrite(t, ada, dan);
  for (const [what, act] of ways) {
    const before = (await stored(t)).versions!;
    const answer = await act();
    expect([what, answer.status], answer.text).toEqual([what, expect.toBeOneOf([200, 201])]);
    if ((await stored(t)).versions! - before > 1) many += 1;
  }
  expect([ways.length, many]).toEqual([11, 8]);
  const [rows] = await t.app.db.run(t.organisation.id, [
    {
      text: `select count(*)::int as all, count(distinct v.at)::int as instants,
          count(*) filter (where to_char(v.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') <>
            convert_from(l.entry, 'UTF8')::jsonb->>'at')::int as strange
        from version v join leaf l on l.organisation = v.organisation and l.record_id = v.record_id and l.version = v.version`,
    },
  ]);
  const { all, instants, strange } = rows![0] as Record<string, number>;
  expect([strange, all! > 40, instants! < all!]).toEqual([0, true, true]);

  const made = await t.server.inject({ method: 'GET', url: '/api/v1/acme/audit-pack', headers: ada.headers });
  expect(made.statusCode, made.body.slice(0, 300)).toBe(200);
  const path = join(folder, 'pack.zip');
  writeFileSync(path, made.rawPayload);
  const vkey = (await t.stranger.ask('GET', '/log/acme/2/vkey')).text.trim();
  if (hasGo) buildGo(binary);
  const said = await verdicts(path, vkey, binary);
  expect(Object.keys(said).length).toBeGreaterThanOrEqual(2);
  for (const [name, problems] of Object.entries(said)) expect([name, problems]).toEqual([name, '']);
  const { facts } = await verifyPack(path, { vkey });
  expect([facts.late.count, facts.erasedParts > 0]).toEqual([0, true]);
});

test('the store refuses changes of two instants, and a row of another time than its entry', async () => {
  const { app } = t;
  const register = reg('aiSystem');
  const first = await takeNumbers(app.db, t.organisation.id, register.name, 2);
  const contents = freshContents(
    register,
    parseInput(register, { name: 'X', purpose: 'x', owner: ada.ref }, 'engine'),
  );
  const change = (number: number, at: Date) =>
    buildChange(app, at, {
      register,
      before: { number },
      contents,
      state: register.states[0]!,
      act: 'create',
      actor: { ref: ada.ref, as: 'owner' },
    });
  const at = app.clock.now();
  const later = new Date(at.getTime() + 1);
  const before = await stored(t);
  const store = (changes: ReturnType<typeof change>[]) =>
    write(app.db, { organisation: t.organisation.id, actor: ada.ref, changes });
  await expect(store([change(first, at), change(first + 1, later)])).rejects.toThrow(/one instant/);
  await expect(store([{ ...change(first, at), at: later.toISOString() }])).rejects.toThrow(/one instant/);
  await expect(store([])).rejects.toThrow(/without a change/);
  expect(await stored(t)).toEqual(before);
});
