import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folder, run } from '../../src/cli/testing/run.ts';
import { CONTENT_LIMITS } from '../../src/evidence/content.ts';
import { registry } from '../../src/registers/index.ts';
import { byPeople, targetOf } from '../support/arrange.ts';
import { type Answer, ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/**
 * A file of any kind is evidence for the records of any register, and so is what another system keeps: with what it shows and its days, once, however
 * often it is handed in.
 */

let t: TestInstance;
let ada: Visitor;
let ci: Visitor;
let files = 0;

beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor', 'auditor']);
  ci = await t.key('ci', ada);
});
afterAll(() => t.close());

const BYTES = { 'content-type': 'application/octet-stream' };
const query = (o: Record<string, string>) => new URLSearchParams(o).toString();
const add = (bytes: Buffer | string, o: Record<string, string>, who = ada) =>
  who.ask('POST', `evidence/add?${query({ fileName: 'file.pdf', ...o })}`, bytes, BYTES);
const refer = (reference: string, o: Record<string, string> = {}) =>
  ada.ask('POST', `evidence/refer?${query({ reference, ...o })}`);
const pdf = () => Buffer.from(`%PDF-1.7\n${++files}`);
const taken = (a: Answer) => {
  expect(a.status, a.text).toBe(201);
  return a.body.evidence;
};
const refused = (a: Answer) => [a.status, a.body.code];
const versionsOf = async (ref: string) =>
  (await ada.ask('GET', `evidence/${ref}/versions`)).body.items.length;

/** Registers whose records say something in general, of the program itself, or to a few: nothing is put on them. */
const CARRY_NONE = ['apiKey', 'comment', 'concern'];

test('a file is put on the records of every register that people fill, and found from there', async () => {
  const carrying = registry.all.filter((r) => byPeople(r) && !CARRY_NONE.includes(r.name));
  expect(carrying.length).toBeGreaterThan(28);
  for (const r of [...carrying, registry.get('person')]) {
    const ref = await targetOf(t, r.name);
    const made = taken(await add(pdf(), { for: ref, claim: 'It was done.' }));
    expect(made.values, r.name).toMatchObject({
      mediaType: 'application/pdf',
      format: 'PDF',
      claim: 'It was done.',
      trust: 'person',
      collector: 'Ada',
      fileName: 'file.pdf',
    });
    const { inverses } = (await ada.ask('GET', `${r.name}/${ref}`)).body;
    const back = r.name === 'release' ? inverses.evidence : inverses.supportedBy;
    expect(
      back.items.map((i: { ref: string }) => i.ref),
      r.name,
    ).toContain(made.ref);
  }
});

test('what only some may read carries none, and nothing is told of what is not there', async () => {
  for (const name of CARRY_NONE.filter((n) => n !== 'apiKey')) {
    const ref = await targetOf(t, name);
    expect(refused(await add(pdf(), { for: ref })), name).toEqual([422, 'INVALID']);
  }
  const evidence = taken(await add(pdf(), { for: await targetOf(t, 'control') })).ref;
  expect(refused(await add(pdf(), { for: evidence }))).toEqual([422, 'INVALID']);
  for (const ref of ['CTL-9999', 'XYZ-0001', 'CON-9999'])
    expect((await add(pdf(), { for: ref })).status, ref).toBeGreaterThanOrEqual(404);
  expect(refused(await add(pdf(), { for: 'x' }))).toEqual([400, 'BAD_INPUT']);
});

describe('handed in again', () => {
  test('the same file for the same records is there already, and writes nothing', async () => {
    const [control, risk] = [await targetOf(t, 'control'), await targetOf(t, 'risk')];
    const bytes = pdf();
    const made = taken(await add(bytes, { for: control, claim: 'c' }));
    const again = await add(bytes, { for: control, claim: 'c', fileName: 'other name.pdf' });
    expect([again.status, again.body.already, again.body.evidence.ref]).toEqual([200, true, made.ref]);
    expect(await versionsOf(made.ref)).toBe(1);
    const more = taken(await add(bytes, { for: `${control},${risk}` }));
    expect([more.ref, more.links]).toEqual([made.ref, { forControl: [control], forRisk: [risk] }]);
    expect((await add(bytes, { for: risk })).body.already).toBe(true);
    const other = await add(bytes, { for: risk, claim: 'something else' });
    expect(refused(other)).toEqual([409, 'ALREADY_EXISTS']);
    expect(other.text).toContain('What it shows');
    // By whom it comes makes no difference: a pipeline repeats what a person did.
    expect((await add(bytes, { for: risk }, ci)).body.already).toBe(true);
  });

  test('a test report of the same release too, with the run that was counted; of another it counts once', async () => {
    const report = readFileSync(join(ROOT, 'demo/evidence/eval-basic-2.3.1.json'));
    const release = await targetOf(t, 'release');
    const first = await add(report, { release, fileName: 'eval.json' }, ci);
    expect(taken(first).values).toMatchObject({ format: 'promptfoo.results', trust: 'ci' });
    const again = await add(report, { release, fileName: 'eval.json' }, ci);
    expect([again.status, again.body.already]).toEqual([200, true]);
    expect(again.body.testRun.ref).toBe(first.body.testRun.ref);
    // The same command with `for` is the same door.
    expect((await add(report, { for: release })).body.already).toBe(true);
    const on = await add(report, { for: await targetOf(t, 'control') });
    expect([taken(on).ref, on.body.testRun.ref]).toEqual([first.body.evidence.ref, first.body.testRun.ref]);
  });

  test('twenty at once are one, on all the records that they were handed in for', async () => {
    const bytes = pdf();
    const refs = [await targetOf(t, 'risk'), await targetOf(t, 'control'), await targetOf(t, 'monitor')];
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => add(bytes, { for: refs[i % 3]! })));
    expect(all.map((a) => a.status).filter((s) => s !== 200 && s !== 201)).toEqual([]);
    expect(new Set(all.map((a) => a.body.evidence.ref)).size).toBe(1);
    const { links } = (await ada.ask('GET', `evidence/${all[0]!.body.evidence.ref}`)).body;
    expect(Object.values(links).flat().sort()).toEqual([...refs].sort());
  });

  test('a withdrawn one may come anew', async () => {
    const bytes = pdf();
    const control = await targetOf(t, 'control');
    const made = taken(await add(bytes, { for: control }));
    const bea = await t.person('Bea', ['aimsManager']);
    const gone = await bea.ask('POST', `evidence/${made.ref}/withdraw`, { reason: 'wrong control' });
    expect(gone.status, gone.text).toBe(200);
    expect(taken(await add(bytes, { for: control })).ref).not.toBe(made.ref);
  });
});

describe('what another system keeps', () => {
  test('is evidence that counts as declared, once', async () => {
    const control = await targetOf(t, 'control');
    const made = taken(
      await refer('ISMS A.5.1, statement 7', { for: control, claim: 'Covered by the ISMS.' }),
    );
    expect(made.values).toMatchObject({ trust: 'declared', reference: 'ISMS A.5.1, statement 7' });
    expect(made.values).not.toHaveProperty('file');
    const again = await refer('ISMS A.5.1, statement 7', { for: control });
    expect([again.status, again.body.already, again.body.evidence.ref]).toEqual([200, true, made.ref]);
    const wider = taken(await refer('ISMS A.5.1, statement 7', { for: await targetOf(t, 'risk') }));
    expect(wider.ref).toBe(made.ref);
    // It stays one, whatever it was put on since.
    expect((await refer('ISMS A.5.1, statement 7', { for: control })).body).toMatchObject({
      already: true,
      evidence: { ref: made.ref },
    });
    // Told apart beyond the length of a key.
    const long = `https://tickets.example/${'a'.repeat(900)}`;
    const [a, b] = [await refer(`${long}1`, { for: control }), await refer(`${long}2`, { for: control })];
    expect(taken(a).ref).not.toBe(taken(b).ref);
  });

  test('has a file to fetch no more than it has bytes', async () => {
    const made = taken(await refer('TICKET-12', { for: await targetOf(t, 'risk') }));
    expect((await ada.ask('GET', `evidence/${made.ref}/file`)).status).toBe(404);
  });

  test('is refused where nothing is named, or nothing that it supports', async () => {
    expect(refused(await refer('', { for: await targetOf(t, 'risk') }))[0]).toBe(422);
    expect(refused(await refer('TICKET-13'))[0]).toBe(422);
  });
});

test('a newer version supports what the older one does', async () => {
  const control = await targetOf(t, 'control');
  const older = taken(await add(pdf(), { for: control }));
  const newer = taken(await add(pdf(), { supersedes: older.ref }));
  expect(newer.links).toEqual({ forControl: [control], supersedes: [older.ref] });
  const back = (await ada.ask('GET', `evidence/${older.ref}`)).body.inverses.supersededBy;
  expect(back.items.map((i: { ref: string }) => i.ref)).toEqual([newer.ref]);
});

test('its days are held to what can be, and its file is told by its bytes', async () => {
  const on = await targetOf(t, 'control');
  const days = {
    for: on,
    coversFrom: '2026-01-01',
    coversTo: '2026-03-31',
    captured: '2026-04-02',
    holdsUntil: '2027-03-31',
  };
  expect(taken(await add(pdf(), days)).values).toMatchObject({
    coversFrom: '2026-01-01',
    coversTo: '2026-03-31',
    capturedAt: '2026-04-02T00:00:00.000Z',
    holdsUntil: '2027-03-31',
  });
  const ahead = new Date(t.app.clock.now().getTime() + 3 * 86_400_000).toISOString().slice(0, 10);
  for (const wrong of [{ captured: ahead }, { coversTo: '2025-12-31' }, { holdsUntil: '2025-12-31' }])
    expect(refused(await add(pdf(), { ...days, ...wrong })), JSON.stringify(wrong)).toEqual([422, 'INVALID']);
  const page = await add(`<!doctype html><script>alert(${++files})</script>`, { for: on });
  expect([taken(page).values.mediaType, page.body.misnamed]).toEqual(['text/html', '.pdf']);
  expect(page.body.evidence.values.format).toBe('HTML page, named .pdf');
});

test('who may not hand in evidence does not, by either door', async () => {
  const reader = await t.key('reader', ada);
  const on = await targetOf(t, 'control');
  expect(refused(await add(pdf(), { for: on }, reader))).toEqual([403, 'NOT_ALLOWED']);
  expect((await reader.ask('POST', `evidence/refer?${query({ reference: 'x', for: on })}`)).status).toBe(403);
});

describe('by command', () => {
  let at: string[];
  let env: Record<string, string>;
  const cwd = folder();

  beforeAll(async () => {
    await t.server.listen({ port: 0, host: '127.0.0.1' });
    const { port } = t.server.server.address() as AddressInfo;
    at = ['--url', `http://127.0.0.1:${port}`, '--org', 'acme'];
    env = { AIMS_KEY: String(ci.headers.authorization).replace('Bearer ', '') };
  });
  const aims = (...args: string[]) => run(['evidence', 'add', ...args, ...at], { env, cwd });

  test('a file for several records, and again', async () => {
    const [control, risk] = [await targetOf(t, 'control'), await targetOf(t, 'risk')];
    writeFileSync(join(cwd, 'certificate.pdf'), pdf());
    const command = ['certificate.pdf', '--for', control, '--for', risk, '--claim', 'Certified.'];
    const first = await aims(...command, '--holds-until', '2030-01-31');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^EVD-\d+ certificate.pdf: stored\.$/m);
    const again = await aims(...command);
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out).toContain('there already');
    expect((await aims('--reference', 'TICKET-99', '--for', control)).out).toContain('Trust: declared');
    for (const wrong of [[], ['x.pdf', '--reference', 'y'], ['none.pdf', '--for', control]])
      expect((await aims(...wrong)).code, wrong.join(' ')).toBe(2);
  });

  test('a file for nothing is no test report, and is told what to say', async () => {
    const alone = await aims('certificate.pdf');
    expect(alone.code).toBe(1);
    expect(alone.err).toContain('which records it supports');
  });

  test('a folder with its manifest, and again when a line was mended', async () => {
    const [control, risk] = [await targetOf(t, 'control'), await targetOf(t, 'risk')];
    const inside = join(cwd, 'folder');
    mkdirSync(inside);
    writeFileSync(join(inside, 'a.pdf'), pdf());
    writeFileSync(join(inside, 'minutes.txt'), `minutes ${++files}`);
    const manifest = (last: string) =>
      writeFileSync(
        join(inside, 'manifest.csv'),
        `file,reference,for,claim,coversFrom\na.pdf,,${control} ${risk},"a, b",2026-01-01\nminutes.txt,,${risk},,\n,ISMS 7,${last},,\n`,
      );
    manifest('CTL-9999');
    const cut = await aims('folder');
    expect(cut.code).toBe(2);
    expect(cut.err).toContain('line 3 of 3 of the manifest; 2 before it are taken');
    manifest(control);
    const whole = await aims('folder');
    expect(whole).toMatchObject({ code: 0, err: '' });
    expect(whole.out.match(/there already/g)).toHaveLength(2);
    const json = await aims('folder', '--json');
    expect(JSON.parse(json.out).map((a: { already?: true }) => a.already)).toEqual([true, true, true]);
    const { values, links } = JSON.parse(json.out)[0].evidence;
    expect(values).toMatchObject({ claim: 'a, b', coversFrom: '2026-01-01', trust: 'ci' });
    expect(links).toEqual({ forControl: [control], forRisk: [risk] });
    for (const [name, text] of [
      ['outside', `file,for\n../certificate.pdf,${control}\n`],
      ['unknown', 'file,whatfor\na.pdf,x\n'],
      ['both', `file,reference,for\na.pdf,b,${control}\n`],
      ['broken', 'file,for\n"a.pdf,x\n'],
      ['empty', 'file,for\n'],
    ] as const) {
      writeFileSync(join(inside, 'manifest.csv'), text);
      expect((await aims('folder')).code, name).toBe(2);
    }
    writeFileSync(join(inside, 'manifest.csv'), '');
    expect((await aims('.')).err).toContain('has no manifest');
  });
});

test('every kind has a limit that the largest file keeps to', () => {
  for (const most of Object.values(CONTENT_LIMITS)) expect(most).toBeLessThanOrEqual(t.app.limits.fileBytes);
});
