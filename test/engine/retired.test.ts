import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPack } from '../../src/pack/index.ts';
import { said } from '../../src/pack/testing/verdict.ts';
import { letThrough, sampleInput, standing } from '../support/arrange.ts';
import { given, ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { filesOf, recordsOf } from '../support/packed.ts';

/** Removing a person, an AI system or evidence destroys nothing: each is retired, and what was said before is shown as before. */

const FILE = JSON.parse(readFileSync(join(ROOT, 'demo/evidence/eval-basic-2.3.1.json'), 'utf8'));
let made = 0;
/** A result file of its own; one case of it fails. */
const resultFile = () => JSON.stringify({ ...FILE, evalId: `eval-retired-${++made}` });

let t: TestInstance;
let top: Visitor;
let manager: Visitor;
let maker: Visitor;
let leaver: Visitor;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retired-test-'));
  t = await testInstance();
  top = await t.person('Tove', ['topManagement']);
  manager = await t.person('Mira', ['aimsManager']);
  maker = await t.person('Wen', ['contributor']);
  leaver = await t.person('Lea', ['contributor']);
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

const ok = async (who: Visitor, method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) => {
  const a = await who.ask(method, path, body);
  expect([200, 201], `${method} ${path}: ${a.text}`).toContain(a.status);
  return a.body;
};
const refused = async (who: Visitor, path: string, body: unknown, code: string, says: RegExp) => {
  const a = await who.ask('POST', path, body);
  expect([a.body.code, a.body.detail]).toEqual([code, expect.stringMatching(says)]);
};
/** The size of the log once everything is in it. */
const size = async (): Promise<number> => {
  await t.app.sequencer.settle(t.organisation.id);
  return (await ok(top, 'GET', 'log')).size;
};
async function packed() {
  await size();
  const r = await t.server.inject({ method: 'GET', url: '/api/v1/acme/audit-pack', headers: top.headers });
  expect(r.statusCode, r.body.slice(0, 300)).toBe(200);
  const path = join(folder, `pack-${++made}.zip`);
  writeFileSync(path, r.rawPayload);
  const vkey = (await t.stranger.ask('GET', '/log/acme/vkey')).text.trim();
  const verdict = await verifyPack(path, { vkey });
  expect([verdict.ok, said(verdict)]).toEqual([true, '']);
  return { records: recordsOf(path), files: filesOf(path), verdict };
}
const release = async (system: string, more: Record<string, unknown> = {}) => {
  made += 1;
  const sample = await sampleInput(t, t.app.registry.get('release'), made, 'required');
  return (await given(t, 'release', { ...sample, title: `Release ${made}`, system: [system], ...more })).ref;
};
const newSystem = async (name: string) =>
  (await given(t, 'aiSystem', { name, purpose: 'answers', owner: manager.ref, riskClass: 'minimal' })).ref;
const handIn = (who: Visitor, to: string, file = resultFile()) =>
  ok(who, 'POST', `evidence/add?release=${to}&fileName=result.json`, file);
const testsOf = async (ref: string) =>
  (await ok(maker, 'GET', `release/${ref}/gate`)).checks.find((c: { id: string }) => c.id === 'tests');

describe('evidence that was handed in by mistake', () => {
  test('is withdrawn with its test run, for a reason, by somebody other than who handed it in', async () => {
    const to = await release(await newSystem('One'));
    const { evidence, testRun } = await handIn(manager, to);
    const path = `evidence/${evidence.ref}/withdraw`;
    await refused(maker, path, { reason: 'x' }, 'NOT_ALLOWED', /an AIMS manager or designated management/);
    await refused(await t.key('ci', manager), path, { reason: 'x' }, 'NOT_ALLOWED', /AIMS manager/);
    await refused(manager, path, { reason: 'x' }, 'OWN_WORK', /no one approves their own work/);
    await refused(top, path, {}, 'REQUIREMENTS_MISSING', /reason/);
    const done = await ok(top, 'POST', path, { reason: 'of another system' });
    expect(done.state).toBe('withdrawn');
    expect((await ok(top, 'GET', `decision/${done.decision}`)).values).toMatchObject({
      kind: 'refuse',
      subject: evidence.ref,
      by: top.ref,
      reason: 'of another system',
    });
    expect((await ok(maker, 'GET', `testRun/${testRun.ref}`)).state).toBe('withdrawn');
    await refused(top, path, { reason: 'again' }, 'WRONG_STATE', /is withdrawn/);
    // The run alone is nobody's to withdraw: it would leave a file that speaks for nothing.
    const other = await handIn(maker, to);
    expect((await top.ask('POST', `testRun/${other.testRun.ref}/withdraw`, {})).status).toBe(404);
  });

  test('a failure is not gone with it: the gate names it and waits for a new run; what the gate said before stays', async () => {
    const to = await release(await newSystem('Two'), { releaseVersion: '2.3.1' });
    const { evidence, testRun } = await handIn(maker, to);
    const before = await ok(maker, 'POST', `release/${to}/gate`);
    expect(before.result.verdict).toBe('refuse');
    const seen = await size();
    const page = await ok(maker, 'GET', `evidence/${evidence.ref}`);
    expect((await testsOf(to)).status).toBe('failed');
    await ok(manager, 'POST', `evidence/${evidence.ref}/withdraw`, { reason: 'wrong file' });
    const after = await testsOf(to);
    expect([after.status, after.reasons[0].text]).toEqual([
      'missing',
      expect.stringMatching(
        new RegExp(
          `^Withdrawn evidence: ${testRun.ref} .*${evidence.ref}, was withdrawn by Mira .*tested anew`,
        ),
      ),
    ]);
    expect(after.reasons[0].records).toEqual([testRun.ref, evidence.ref]);
    // History, an earlier reading, links, file and the earlier decision of the gate.
    const { items } = await ok(maker, 'GET', `evidence/${evidence.ref}/versions`);
    expect(items.map((v: Record<string, unknown>) => [v.version, v.state, v.reason ?? null])).toEqual([
      [2, 'withdrawn', 'wrong file'],
      [1, 'recorded', null],
    ]);
    const then = await ok(maker, 'GET', `evidence/${evidence.ref}?asOf=${seen}`);
    expect([then.state, then.values]).toEqual(['recorded', page.values]);
    const now = await ok(maker, 'GET', `evidence/${evidence.ref}`);
    expect([now.state, now.values, now.links]).toEqual(['withdrawn', page.values, page.links]);
    expect((await maker.ask('GET', `evidence/${evidence.ref}/file`)).status).toBe(200);
    const inverse = (await ok(maker, 'GET', `release/${to}`)).inverses;
    expect(JSON.stringify(inverse)).toContain(evidence.ref);
    expect(JSON.stringify(inverse)).toContain(testRun.ref);
    const decided = (await ok(maker, 'GET', `gateDecision/${before.decision.ref}`)).values;
    expect([decided.verdict, JSON.stringify(decided.checks)]).toEqual([
      'refuse',
      expect.stringContaining(testRun.ref),
    ]);
    const { records, files } = await packed();
    const inPack = records.find((r) => r.ref === evidence.ref)!;
    expect([inPack.present!.state, inPack.versions.length]).toEqual(['withdrawn', 2]);
    expect([...files.keys()]).toContain(`evidence/${String(page.values.file).slice(7)}`);
  });

  test('the same file may then be handed in where it belongs, and the pack holds it once for both', async () => {
    const [wrong, right] = [await release(await newSystem('Three')), await release(await newSystem('Four'))];
    const file = resultFile();
    const first = await handIn(maker, wrong, file);
    const twice = await maker.ask('POST', `evidence/add?release=${right}&fileName=result.json`, file);
    expect([twice.status, twice.body.code]).toEqual([409, 'ALREADY_EXISTS']);
    await ok(manager, 'POST', `evidence/${first.evidence.ref}/withdraw`, { reason: 'wrong release' });
    const second = await handIn(maker, right, file);
    expect(second.evidence.values.file).toBe(first.evidence.values.file);
    expect((await testsOf(right)).status).toBe('failed');
    const { verdict } = await packed();
    const counted = await t.app.db.asOwner({
      text: `select count(distinct "values"->>'file')::int as n from record where register = 'evidence'`,
    });
    expect(verdict.facts.evidence).toBe(counted[0]!.n);
  });

  test('what the gate let through on it is not shipped any more', async () => {
    const register = t.app.registry.get('release');
    const system = await newSystem('Five');
    const to = await standing(t, register, 'submitted', ++made, {
      more: { system: [system], kind: 'release' },
    });
    const { evidence } = await handIn(maker, to);
    const allowed = await standing(t, register, 'allowed', ++made, {
      more: { system: [system], kind: 'release' },
    });
    const other = await handIn(maker, allowed);
    await letThrough(t, register, allowed);
    await ok(manager, 'POST', `evidence/${evidence.ref}/withdraw`, { reason: 'not of this one' });
    await ok(manager, 'POST', `evidence/${other.evidence.ref}/withdraw`, { reason: 'wrong' });
    await refused(
      manager,
      `release/${allowed}/ship`,
      {},
      'CONFLICT',
      /evidence that it rested on was withdrawn since/,
    );
  });
});

describe('an AI system that is retired', () => {
  test('keeps its history, its earlier readings, its place in the pack, and what links to it', async () => {
    const ref = await newSystem('Old faithful');
    const to = await release(ref);
    const risk = await ok(maker, 'POST', 'risk', {
      title: 'Leaks',
      owner: maker.ref,
      systems: [ref],
      scenario: 'x',
    });
    await ok(manager, 'PATCH', `aiSystem/${ref}`, {
      approver: top.ref,
      isoRoles: ['provider'],
      inScope: 'in',
    });
    await ok(top, 'POST', `aiSystem/${ref}/include`);
    const seen = await size();
    const page = await ok(maker, 'GET', `aiSystem/${ref}`);
    const list = await ok(maker, 'GET', 'aiSystem?state=inScope');
    await refused(manager, `aiSystem/${ref}/retire`, {}, 'REQUIREMENTS_MISSING', /reason/);
    await ok(manager, 'POST', `aiSystem/${ref}/retire`, { reason: 'replaced by another' });
    const now = await ok(maker, 'GET', `aiSystem/${ref}`);
    expect([now.state, now.values]).toEqual(['retired', page.values]);
    expect(now.inverses).toEqual(page.inverses);
    for (const [register, other] of [
      ['release', to],
      ['risk', risk.ref],
    ]) {
      const linked = await ok(maker, 'GET', `${register}/${other}`);
      expect(linked.references[ref]).toMatchObject({ title: 'Old faithful', state: 'retired' });
    }
    const then = await ok(maker, 'GET', `aiSystem/${ref}?asOf=${seen}`);
    expect([then.state, then.values, then.version]).toEqual(['inScope', page.values, page.version]);
    const refs = (l: { items: { ref: string; state: string }[] }) => l.items.map((r) => [r.ref, r.state]);
    expect(refs(await ok(maker, 'GET', `aiSystem?state=inScope&asOf=${seen}`))).toEqual(refs(list));
    expect(refs(list)).toContainEqual([ref, 'inScope']);
    expect(
      (await ok(maker, 'GET', 'aiSystem?state=inScope')).items.map((r: { ref: string }) => r.ref),
    ).not.toContain(ref);
    const { items } = await ok(maker, 'GET', `aiSystem/${ref}/versions`);
    expect(items.map((v: { state: string }) => v.state)).toEqual([
      'retired',
      'inScope',
      'proposed',
      'proposed',
    ]);
    expect(items[0].reason).toBe('replaced by another');
    const held = (await packed()).records.find((r) => r.ref === ref)!;
    expect([held.present!.state, held.versions.map((v) => v.version)]).toEqual(['retired', [1, 2, 3, 4]]);
  });
});

describe('a person who departs', () => {
  test('stays in what they wrote and decided, in earlier readings and in the pack', async () => {
    const issue = await ok(leaver, 'POST', 'contextIssue', {
      ...(await sampleInput(t, t.app.registry.get('contextIssue'), ++made, 'required')),
      owner: manager.ref,
    });
    const seen = await size();
    const page = await ok(maker, 'GET', `person/${leaver.ref}`);
    await ok(manager, 'POST', `person/${leaver.ref}/depart`);
    expect((await leaver.ask('GET', 'contextIssue')).status).toBe(404);
    const now = await ok(maker, 'GET', `person/${leaver.ref}`);
    expect([now.state, now.values]).toEqual(['departed', page.values]);
    const written = await ok(maker, 'GET', `contextIssue/${issue.ref}`);
    expect([written.createdBy, written.references[leaver.ref]]).toEqual([
      leaver.ref,
      expect.objectContaining({ title: 'Lea', state: 'departed' }),
    ]);
    const versions = (await ok(maker, 'GET', `contextIssue/${issue.ref}/versions`)).items;
    expect(versions.at(-1).actor).toEqual({ ref: leaver.ref, name: 'Lea' });
    const then = await ok(maker, 'GET', `person/${leaver.ref}?asOf=${seen}`);
    expect([then.state, then.values]).toEqual(['active', page.values]);
    const { records } = await packed();
    const held = records.find((r) => r.ref === leaver.ref)!;
    expect([held.present!.state, held.versions.length]).toEqual(['departed', now.version]);
  });
});
