import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fixedClock } from '../../src/base/clock.ts';
import { run } from '../../src/cli/testing/run.ts';
import { decodeEntry, type LogEntry, signCheckpoint, signerFromKey } from '../../src/ledger/index.ts';
import { verifyPack } from '../../src/pack/index.ts';
import { Sequencer, type SequencerOptions } from '../../src/store/ledger/sequencer.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { expectWholeLog } from '../support/whole-log.ts';
import { buildGo, hasGo, verdicts } from '../verifiers/programs.ts';

/** A log whose key is lost: told everywhere, nothing of it lost, and two ways on: the key comes back, or a new log begins. */

let t: TestInstance;
let ada: Visitor;
let bo: Visitor;
let clock: ReturnType<typeof fixedClock>;
let id: number;
beforeEach(async () => {
  clock = fixedClock('2026-11-23T10:00:00Z');
  t = await testInstance({ clock });
  await t.witnesses.stop();
  id = t.organisation.id;
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
  bo = await t.person('Bo', ['contributor']);
  await settle();
});
afterEach(() => t.close());

const settle = () => t.app.sequencer.settle(id);
const keyFile = () => join(t.dataDir, 'keys', 'log-acme.pem');
const aside = () => join(t.dataDir, 'log-acme.pem');
const owner = (text: string, values: unknown[] = []) => t.app.db.asOwner({ text, values });
const add = (name: string, who = ada) => who.ask('POST', 'aiSystem', { name, purpose: 'x', owner: ada.ref });
const begin = (because: string) =>
  ada.ask('POST', 'log/new', { because, password: PASSWORD, reason: 'gone' });
const health = () => t.stranger.ask('GET', '/healthz');
const text = async (path: string) => (await t.stranger.ask('GET', path)).text;
const entriesOf = async (log: number): Promise<LogEntry[]> =>
  (await owner('select entry from leaf where organisation = $1 and log = $2 order by index', [id, log])).map(
    (r) => decodeEntry(r.entry as Buffer) as LogEntry,
  );
const pem = (key: { export(o: object): string | Buffer }) => key.export({ type: 'pkcs8', format: 'pem' });

/** Ways to lose a key, each of which leaves something else behind. */
const WAYS: readonly [name: string, lose: () => void, says: RegExp][] = [
  ['its file is gone', () => rmSync(keyFile()), /is not in the folder of keys/],
  ['its file is empty', () => writeFileSync(keyFile(), ''), /is damaged/],
  [
    'its file is cut',
    () => writeFileSync(keyFile(), readFileSync(keyFile(), 'utf8').slice(0, 60)),
    /is damaged/,
  ],
  [
    'a folder stands in its place',
    () => {
      rmSync(keyFile());
      mkdirSync(keyFile());
    },
    /is damaged/,
  ],
  [
    'a key of another kind stands in its place',
    () => writeFileSync(keyFile(), pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)),
    /is damaged/,
  ],
  [
    'the key of another log stands in its place',
    () => writeFileSync(keyFile(), pem(generateKeyPairSync('ed25519').privateKey)),
    /is another one than was published/,
  ],
  [
    'the whole folder is gone',
    () => rmSync(join(t.dataDir, 'keys'), { recursive: true }),
    /is not in the folder of keys/,
  ],
];

describe('whichever way it is lost', () => {
  test('it is told by every door, writes wait and say so, and all goes on when the file is back', async () => {
    const kept = join(t.dataDir, 'kept');
    cpSync(join(t.dataDir, 'keys'), kept, { recursive: true });
    let size = (await settle()).size;
    for (const [name, lose, says] of WAYS) {
      lose();
      const before = t.said.length;
      const made = await add(name);
      expect([made.status, made.body.notSigned], name).toEqual([201, undefined]);
      await expect(settle(), name).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringMatching(says),
      });

      // Every answer says it from now on, of reading and writing, to whoever asks.
      const later = await add(`${name} later`, bo);
      expect(later.body.notSigned, name).toMatch(says);
      expect(later.body.notSigned, name).toMatch(/is kept, and is not signed yet/);
      for (const answer of [later, await bo.ask('GET', 'aiSystem'), await bo.ask('GET', 'aiSystem/SYS-9999')])
        expect(answer.headers['openaims-log'], name).toBe(
          'not-signed; cause=key; writes=wait; since=2026-11-23T10:00:00.000Z',
        );
      const sick = await health();
      expect([sick.status, sick.body], name).toEqual([
        503,
        { status: 'log not signed', causes: ['key'], logs: 1, since: '2026-11-23T10:00:00.000Z' },
      ]);
      // Whoever runs it anew, or takes it out, for not being well would only take reading away.
      expect((await t.stranger.ask('GET', '/livez')).status, name).toBe(200);
      const standing = (await bo.ask('GET', 'log/standing')).body;
      expect(standing, name).toMatchObject({
        signed: false,
        waiting: 2,
        still: {
          cause: 'key',
          writes: 'wait',
          text: expect.stringMatching(says),
          next: { message: 'log.standing.key' },
        },
      });
      expect((await ada.ask('GET', 'my-work')).body.log, name).toEqual(standing);
      expect((await bo.ask('GET', 'my-work')).body.log, name).toBeUndefined();
      // Once, however often it is tried, and nothing of the file.
      await expect(settle()).rejects.toThrow(says);
      const told = () => t.said.slice(before).filter((line) => line.startsWith('sequencer: '));
      // By whoever tries beside the requests, which may be a moment later.
      for (let i = 0; i < 400 && told().length === 0; i++) await new Promise((r) => setTimeout(r, 25));
      expect(told(), name).toEqual([expect.stringMatching(says)]);
      // What needs a signature now is refused, and says why.
      const proof = await ada.ask('GET', `aiSystem/${later.body.ref}/proof`);
      expect([proof.status, proof.body.detail], name).toEqual([503, expect.stringMatching(says)]);

      rmSync(join(t.dataDir, 'keys'), { recursive: true, force: true });
      cpSync(kept, join(t.dataDir, 'keys'), { recursive: true });
      size += 2;
      expect((await settle()).size, name).toBe(size);
      expect((await health()).body, name).toEqual({ status: 'ok' });
      const well = await add(`${name} well`);
      expect([well.headers['openaims-log'], well.body.notSigned], name).toEqual([undefined, undefined]);
      size += 1;
      expect((await settle()).size).toBe(size);
    }
    expect(WAYS.length).toBeGreaterThan(5);
    expect((await owner('select number from log where organisation = $1', [id]))[0]!.number).toBe(1);
    await expectWholeLog(t);
  });

  test('a process that starts without it says so before anything is written, and makes none in its place', async () => {
    cpSync(keyFile(), aside());
    rmSync(keyFile());
    const other = await t.again(t.app.registry);
    try {
      expect(t.said.filter((line) => line.includes('is not in the folder of keys'))).toHaveLength(1);
      expect(readdirSync(join(t.dataDir, 'keys'))).not.toContain('log-acme.pem');
      const sick = await other.as(t.stranger).ask('GET', '/healthz');
      expect([sick.status, sick.body.causes]).toEqual([503, ['key']]);
      expect((await other.as(ada).ask('GET', 'log/standing')).body).toMatchObject({
        signed: false,
        waiting: 0,
      });
      cpSync(aside(), keyFile());
      for (let i = 0; i < 200 && other.app.sequencer.standstill(id); i++)
        await new Promise((r) => setTimeout(r, 25));
      expect((await other.as(t.stranger).ask('GET', '/healthz')).status).toBe(200);
    } finally {
      await other.close();
    }
  });

  test('a service that signs and fails is told without what it said', async () => {
    const said: string[] = [];
    const sequencer = new Sequencer({
      db: t.app.db,
      signerOf: async () => ({
        ...(await t.app.keys.logSigner(
          (
            await owner('select vkey, name from log_key where organisation = $1', [id])
          )[0] as {
            vkey: string;
            name: string;
          },
          t.organisation.origin,
        )),
        sign: async () => {
          throw new Error('token s3cret is over');
        },
      }),
      clock,
      published: (t.app.sequencer as unknown as { o: SequencerOptions }).o.published,
      report: (error) => said.push((error as Error).message),
    });
    await t.app.sequencer.stop();
    await add('Waits');
    await expect(sequencer.settle(id)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(
        /^The key log-acme of the log \S+ does not sign; the output of the server says why\.$/,
      ),
    });
    expect(sequencer.standstill(id)).toMatchObject({ cause: 'key', writes: 'wait' });
    await sequencer.stop();
  });
});

describe('a new log because of it', () => {
  test('is refused while the key signs, and while another server has it', async () => {
    const there = await begin('keyLost');
    expect([there.status, there.body.message]).toEqual([409, 'newLog.keySigns']);
    cpSync(join(t.dataDir, 'keys'), join(t.dataDir, 'kept'), { recursive: true });
    rmSync(keyFile());
    await add('One');
    await expect(settle()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await owner(
      'insert into checkpoint (organisation, log, size, note, at) select organisation, number, size + 900, checkpoint, $2 from log where organisation = $1',
      [id, '2026-11-23T10:05:00Z'],
    );
    const elsewhere = await begin('keyLost');
    expect([elsewhere.status, elsewhere.body.message]).toEqual([409, 'newLog.signedElsewhere']);
    expect((await bo.ask('POST', 'log/new', { because: 'keyLost', password: PASSWORD })).status).toBe(403);
    expect((await begin('lost')).status).toBe(409);
  });

  test('names the last head, needs no signature of the old key, and takes in all that waits', async () => {
    const { size, root } = await settle();
    const oldKey = (await text('/log/acme/vkey')).trim();
    rmSync(keyFile());
    const waits = [(await add('One')).body.ref, (await add('Two', bo)).body.ref];
    expect((await ada.ask('POST', 'log/visibility', { public: false })).status).toBe(200);
    clock.set('2026-11-25T08:00:00Z');
    const made = await begin('keyLost');
    expect(made.status, made.text).toBe(200);
    expect(made.body.origin).toBe(`${t.organisation.origin}/2`);
    expect((await health()).body).toEqual({ status: 'ok' });
    const entries = await entriesOf(2);
    const head = { size, root: Buffer.from(root, 'hex').toString('base64') };
    expect(entries[0]).toMatchObject({
      act: 'open',
      vkey: made.body.vkey,
      previous: { origin: t.organisation.origin, ...head, left: head },
    });
    expect(entries.filter((e) => e.act === 'note').map((e) => [e.about, e.vkey, e.origin])).toEqual([
      ['snapshot', undefined, made.body.origin],
      ['log.private', undefined, made.body.origin],
      ['key.lost', oldKey, made.body.origin],
    ]);
    const placed = await owner(
      'select r.ref, f.log from leaf f join record r on r.id = f.record_id where r.organisation = $1 and r.ref = any($2) order by f.index',
      [id, waits],
    );
    expect(placed).toEqual(waits.map((ref) => ({ ref, log: 2 })));
    expect((await owner('select reason from former_log where organisation = $1', [id]))[0]!.reason).toBe(
      'keyLost',
    );
    expect((await ada.ask('GET', 'logChange?sort=-number')).body.items[0].values).toMatchObject({
      kind: 'newLog',
      reason: 'gone',
      detail: expect.stringMatching(/^keyLost: /),
    });
    await expectWholeLog(t);
    // The file is found again: it signs nothing any more.
    const proof = await ada.ask('GET', `aiSystem/${waits[0]}/proof`);
    expect(proof.status).toBe(200);
  });

  test('because the key was stolen and not only copied: nobody has to sign with it either', async () => {
    rmSync(keyFile());
    await add('Waits');
    const made = await begin('compromised');
    expect(made.status, made.text).toBe(200);
    expect((await entriesOf(2)).map((e) => e.about)).not.toContain('key.lost');
    await expectWholeLog(t);
  });

  test('before the first signature there is nothing to continue: the log gets another key', async () => {
    const beta = await t.newOrganisation('beta');
    await t.app.sequencer.stop();
    // Begun anew and lost before it signed.
    const eve = await t.person('Eve', ['topManagement', 'aimsManager'], beta);
    const file = join(t.dataDir, 'keys', 'log-beta.pem');
    rmSync(file);
    const [log] = await owner('select size, checkpoint from log where organisation = $1', [beta.id]);
    if (log!.checkpoint !== null) throw new Error('it was signed already');
    const made = await eve.ask('POST', 'log/new', { because: 'keyLost', password: PASSWORD });
    expect(made.status, made.text).toBe(200);
    expect(made.body.origin).toBe(beta.origin);
    expect((await t.app.sequencer.settle(beta.id)).size).toBeGreaterThan(1);
    const keys = await owner('select vkey from log_key where organisation = $1', [beta.id]);
    expect(keys).toEqual([{ vkey: made.body.vkey }]);
  });
});

describe('a pack of such a log', () => {
  const binary = () => join(t.dataDir, 'audit');
  const packed = async (): Promise<string> => {
    const r = await t.server.inject({ method: 'GET', url: '/api/v1/acme/audit-pack', headers: ada.headers });
    expect(r.statusCode, r.body.slice(0, 300)).toBe(200);
    const path = join(t.dataDir, 'pack.zip');
    writeFileSync(path, r.rawPayload);
    return path;
  };
  const lostAndBegun = async () => {
    const key = createPrivateKey(readFileSync(keyFile()));
    rmSync(keyFile());
    const waits = (await add('Waits')).body.ref as string;
    clock.set('2026-11-25T08:00:00Z');
    return { key, waits, begin: async () => (await begin('keyLost')).body.vkey as string };
  };

  test('holds for each of the four verifiers, and each says why the log ended and what had waited', async () => {
    if (hasGo) buildGo(binary());
    const vkey = await (await lostAndBegun()).begin();
    const path = await packed();
    for (const [name, found] of Object.entries(await verdicts(path, vkey, binary())))
      expect([name, found]).toEqual([name, '']);
    const since = '2026-11-23T10:00:00.000Z';
    expect((await verifyPack(path, { vkey })).facts.keyLost).toEqual([{ log: 1, waited: 1, since }]);
    const typed = await run(['verify', path, '--vkey', vkey]);
    expect(typed.out + typed.err).toMatch(
      /Log 1 ended because its key was lost: log 2 goes on after the last head that it signed\. 1 of its entries had waited, the oldest since 2026-11-23T10:00:00/,
    );
  });

  test('shows what a keeper dropped who only says so: a version without entry, and a head that was signed beyond', async () => {
    const { key, waits, begin: next } = await lostAndBegun();
    await t.app.sequencer.stop();
    await owner('delete from outbox o using record r where o.record_id = r.id and r.ref = $1', [waits]);
    const vkey = await next();
    const path = await packed();
    const { ok, problems, facts } = await verifyPack(path, { vkey });
    expect([ok, facts.keyLost]).toEqual([false, [{ log: 1, waited: 0, since: null }]]);
    expect(problems.map((p) => p.message).join()).toMatch(/SYS-0001|no entry|not in the log/);

    const head = (await text('/log/acme/checkpoint')).split('\n');
    const beyond = await signCheckpoint(
      { origin: head[0]!, size: Number(head[1]) + 3, root: Buffer.alloc(32, 7) },
      [signerFromKey(head[0]!, key)],
    );
    const older = [{ name: 'kept', note: beyond }];
    const kept = await verifyPack(path, { vkey, older });
    expect(kept.problems.map((p) => p.message).join()).toMatch(/the log went back/);
  });
});
