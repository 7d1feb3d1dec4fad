import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineActor } from '../../src/app/people/people.ts';
import { ATTEMPTS, anew, changedBeside } from '../../src/app/write/anew.ts';
import { readRecord } from '../../src/app/write/idempotent.ts';
import { carryOut, type Intended } from '../../src/app/write/plan.ts';
import { Failure } from '../../src/base/failure.ts';
import { stored } from '../support/arrange.ts';
import { inState } from '../support/gated.ts';
import { given, ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What goes through the one plan of a write: rules of every door, and what becomes of other records. */

let t: TestInstance;
let boss: Visitor;
let lead: Visitor;
beforeAll(async () => {
  t = await testInstance();
  boss = await t.person('Boss', ['topManagement', 'aimsManager']);
  lead = await t.person('Lead', ['auditor']);
});
afterAll(() => t.close());

/** A nonconformity that is acted on, and what a rule would make of it. */
async function fallingBack(): Promise<{ ref: string; back: (reason: string, state?: string) => Intended }> {
  const register = t.app.registry.get('nonconformity');
  const input = {
    title: 'n',
    kind: 'actual',
    owner: boss.ref,
    foundOn: '2026-01-01',
    criterion: 'c',
    what: 'w',
  };
  const ref = await inState(t, 'nonconformity', 'acting', input);
  const before = await readRecord(t.app, { actor: engineActor(t.organisation) }, register, ref);
  const back = (reason: string, state = 'open'): Intended => ({
    register,
    before,
    contents: before,
    state,
    act: 'transition',
    transition: state === 'open' ? 'fallBack' : 'close',
    actor: { ref: 'engine', as: 'engine' },
    reason,
  });
  return { ref, back };
}

const system = (): Intended => {
  const register = t.app.registry.get('aiSystem');
  const contents = { values: { name: 'X', purpose: 'x', owner: boss.ref }, links: {} };
  return {
    register,
    contents,
    state: 'proposed',
    act: 'create',
    actor: { ref: boss.ref, as: 'contributor' },
  };
};

const ask = () => ({ actor: { organisation: t.organisation.id, ref: boss.ref } });

test('two records that make the same of a third make it once, for the reasons of both', async () => {
  const { ref, back } = await fallingBack();
  const plan = {
    records: [system(), system()],
    cascade: [back('One did not work.'), back('Two did not work.')],
  };
  const { kept } = await carryOut(t.app, ask(), plan, (records) => records.map((r) => r.number));
  expect(kept[1]! - kept[0]!).toBe(1);
  const { body } = await boss.ask('GET', `nonconformity/${ref}/versions`);
  const said = body.items.map((v: { version: number; reason?: string }) => [v.version, v.reason]);
  expect(said.filter(([version]: [number]) => version > 1)).toEqual([
    [2, 'One did not work. Two did not work.'],
  ]);
});

test('two that make different things of it are refused, and nothing is stored', async () => {
  const { ref, back } = await fallingBack();
  const before = await stored(t);
  const plan = { records: [system()], cascade: [back('x'), back('y', 'closed')] };
  const refused = await carryOut(t.app, ask(), plan, () => 0).catch((e: Failure) => [e.code, e.message]);
  expect(refused).toEqual([
    'CONFLICT',
    expect.stringContaining(`${ref} would become open and closed at once`),
  ]);
  expect(await stored(t)).toEqual(before);
});

test('a row that links a record to itself is told by its line', async () => {
  const { ref } = await given(t, 'process', { title: 'P', owner: boss.ref });
  const row = JSON.stringify([{ ref, before: [ref] }]);
  const { body, status } = await boss.ask('POST', 'process/import?format=json', row);
  expect([status, body.problems?.[0]?.path], JSON.stringify(body)).toEqual([422, 'row 1, column before']);
});

test('a nonconformity that is opened from a finding is given to nobody who has left', async () => {
  const gone = await given(t, 'person', { name: 'Gone' });
  const audit = await inState(t, 'audit', 'running', {
    title: 'a',
    kind: 'audit',
    owner: lead.ref,
    objectives: 'o',
    criteria: 'c',
    scope: 's',
    from: '2026-01-01',
    to: '2026-01-02',
  });
  const finding = {
    title: 'f',
    grade: 'minor',
    criterion: '8.2',
    fact: 'seen',
    owner: gone.ref,
    audit: [audit],
  };
  const ref = await inState(t, 'auditFinding', 'raised', finding);
  const left = await boss.ask('POST', `person/${gone.ref}/depart`, { successor: boss.ref });
  expect(left.status, left.text).toBe(200);
  const answer = await lead.ask('POST', `auditFinding/${ref}/nonconformity`, { owner: gone.ref });
  expect([answer.status, answer.body.detail], answer.text).toEqual([
    422,
    expect.stringContaining('has departed'),
  ]);
});

test('what is taken over or proposed is answered as it was when it is sent again with its key', async () => {
  const system = await given(t, 'aiSystem', { name: 'Y', purpose: 'y', owner: boss.ref });
  const { body } = await boss.ask('GET', `aiSystem/${system.ref}/hazards`);
  const hazards = [{ code: body.proposals[0].code, severity: 'high' }];
  let asked = 0;
  for (const [path, sent] of [
    [`aiSystem/${system.ref}/hazards`, { hazards }],
    ['control/propose', {}],
  ] as const) {
    const once = () => boss.ask('POST', path, sent, { 'idempotency-key': path });
    const first = await once();
    expect(first.body.created.length, first.text).toBeGreaterThan(0);
    expect((await once()).body, path).toEqual(first.body);
    asked += 1;
  }
  expect(asked).toBe(2);
});

describe('what was overtaken is done again', () => {
  /** Throws this so many times before it answers. */
  const failing = (times: number, thrown: () => unknown) => {
    let tried = 0;
    return async () => {
      tried += 1;
      if (tried <= times) throw thrown();
      return tried;
    };
  };
  const overtaken = () => changedBeside('RSK-0001');

  test('as often as the limit, and then refused in the one way there is', async () => {
    expect(await anew(failing(ATTEMPTS - 1, overtaken))).toBe(ATTEMPTS);
    const failure = await anew(failing(ATTEMPTS, overtaken)).catch((e: Failure) => e);
    expect(failure).toMatchObject({
      code: 'CONFLICT',
      said: { message: 'overtaken.eachTime', params: { times: ATTEMPTS } },
    });
  });

  test('only that: what else is wrong is told at once, unless whoever asks says that it is the same', async () => {
    const other = () => new Failure('ALREADY_EXISTS', 'There is one.');
    await expect(anew(failing(1, other))).rejects.toThrow('There is one.');
    expect(await anew(failing(1, other), (e) => e instanceof Failure && e.code === 'ALREADY_EXISTS')).toBe(2);
  });

  test('by one loop: no other file of the application looks for it', () => {
    const app = join(ROOT, 'src', 'app');
    const looped = readdirSync(app, { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'))
      .filter((f) =>
        /\battempt\b|ATTEMPTS|code === 'VERSION_MISMATCH'(?! \?)/.test(readFileSync(join(app, f), 'utf8')),
      );
    // Before a pack the log is brought to rest: nothing is written.
    expect(looked(looped)).toEqual(['pack/pack.ts', 'write/anew.ts']);
  });

  const looked = (files: string[]) => files.map((f) => f.replaceAll('\\', '/')).sort();
});
