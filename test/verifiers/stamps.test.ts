import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nextTry, StampQueue } from '../../src/app/log/stamp-queue.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { folder, run } from '../../src/cli/testing/run.ts';
import { decodeEntry, type LogEntry, parseNote } from '../../src/ledger/index.ts';
import { verifyStamp } from '../../src/timestamp/index.ts';
import {
  type Answering,
  Authority,
  opensslFound,
  StampServer,
  WITHOUT_OPENSSL,
} from '../../src/timestamp/testing/authority.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Checkpoints stamped by an authority on the loopback that is `openssl ts`; one that is away, and one that lies. */

if (!opensslFound) console.log(WITHOUT_OPENSSL);

const HOUR = 3_600_000;
// The authority reads the real clock; from then on this one is moved by hand.
const clock = fixedClock(new Date().toISOString());
let t: TestInstance;
let keeper: Visitor;
let authority: Authority;
let server: StampServer;
let queue: StampQueue;
let id: number;
beforeAll(async () => {
  if (!opensslFound) return;
  authority = new Authority('ec');
  server = new StampServer(authority);
  await server.online();
  t = await testInstance({ clock });
  // The one that runs by itself would ask in between.
  await t.stamps.stop();
  keeper = await t.person('Ada', ['topManagement', 'aimsManager']);
  id = t.organisation.id;
  queue = new StampQueue(t.app);
});
afterAll(async () => {
  await queue?.stop();
  await server?.offline();
  await t?.close();
  authority?.remove();
});

let made = 0;
/** One more record, entered in the log; answers the log's size. */
async function grow(): Promise<number> {
  made += 1;
  await keeper.ask('POST', 'aiSystem', { name: `System ${made}`, purpose: 'x', owner: keeper.ref });
  return (await t.app.sequencer.settle(id)).size;
}
const list = async (query = '') => (await keeper.ask('GET', `log/stamps${query}`)).body;
const owner = (text: string, values: unknown[] = []) => t.app.db.asOwner({ text, values });
const set = (more: Record<string, unknown> = {}, who = keeper) =>
  who.ask('POST', 'log/stamps/service', {
    url: server.url,
    chain: authority.root.pem,
    every: 'hour',
    ...more,
  });
const notes = async () =>
  (await owner('select entry from leaf where organisation = $1 order by log, index', [id]))
    .map((r) => decodeEntry(r.entry as Buffer))
    .filter((e): e is LogEntry => e.type === 'log')
    .flatMap((e) => e.about ?? [])
    .filter((about) => about.startsWith('stamps.'));

describe.skipIf(!opensslFound)('time stamps on checkpoints', () => {
  test('only the keepers of the log set an authority, and what is wrong with it is said', async () => {
    const contributor = await t.person('Bo', ['contributor']);
    const key = await t.key('reader', keeper);
    for (const who of [contributor, key]) expect((await set({}, who)).status).toBe(403);
    expect((await contributor.ask('POST', 'log/stamps/service/off', {})).status).toBe(403);
    expect((await keeper.ask('POST', 'log/stamps/service/off', {})).body.code).toBe('CONFLICT');
    const past = authority.issue('Over', 'basicConstraints=critical,CA:TRUE\n', undefined, { days: 1 });
    const wrong: [Record<string, unknown>, string, RegExp][] = [
      [{ url: 'ftp://stamps.example' }, '/url', /expected an address/],
      [{ url: 'stamps' }, '/url', /expected an address/],
      [{ url: undefined }, '/url', /^url: is needed\.$/],
      [{ url: 'http://ada:secret@127.0.0.1/' }, '/url', /must not carry a name or password/],
      [{ url: `http://127.0.0.1/${'x'.repeat(2000)}` }, '/url', /2000/],
      [{ chain: 'none' }, '/chain', /found none/],
      [{ chain: `${authority.root.pem}${authority.root.keyPem}` }, '/chain', /private key/],
      [{ chain: authority.root.pem.replace(/[A-Za-z]{9}/g, 'AAAAAAAAA') }, '/chain', /certificate/],
      [{ chain: authority.root.pem.repeat(21) }, '/chain', /at most 20/],
      [{ chain: authority.signer.pem }, '/chain', /end with CN=Stamps ec, which CN=Root ec vouches for/],
      [{ every: 'week' }, '/every', /hour/],
      [{ colour: 'red' }, '/colour', /not known/],
    ];
    for (const [more, path, why] of wrong) {
      const a = await set(more);
      expect([a.status, a.body.problems?.[0]?.path], JSON.stringify(more).slice(0, 80)).toEqual([422, path]);
      expect(a.body.detail).toMatch(why);
      expect(a.text).not.toContain('secret');
    }
    expect(wrong).toHaveLength(12);
    clock.advance(2 * 24 * HOUR);
    expect((await set({ chain: past.pem })).body.detail).toMatch(
      /No certificate .* is valid today; CN=Over until/,
    );
    expect(await list()).toEqual({ service: null, items: [], next: null });
    expect(await notes()).toEqual([]);
  });

  test('setting it is a record and an entry of the log, once for each idempotency key', async () => {
    const before = (await keeper.ask('GET', 'logChange')).body.items.length;
    const headers = { 'idempotency-key': 'set-1' };
    const body = { url: server.url, chain: authority.root.pem, every: 'hour', reason: 'board decision 7' };
    const a = await keeper.ask('POST', 'log/stamps/service', body, headers);
    expect(a.status, a.text).toBe(200);
    expect(a.body.service).toMatchObject({
      url: server.url,
      every: 'hour',
      certificates: [{ name: 'CN=Root ec' }],
    });
    expect((await keeper.ask('POST', 'log/stamps/service', body, headers)).body).toEqual(a.body);
    const records = (await keeper.ask('GET', 'logChange')).body.items;
    expect(records).toHaveLength(before + 1);
    expect(records[0].values).toMatchObject({
      kind: 'timeStamps',
      subject: server.url,
      reason: 'board decision 7',
    });
    await t.app.sequencer.settle(id);
    expect(await notes()).toEqual(['stamps.set']);
  });

  test('the present checkpoint is stamped, and openssl confirms what was stored', async () => {
    const size = await grow();
    await queue.work(id);
    const { items } = await list();
    expect(items).toEqual([
      {
        log: 1,
        size,
        url: server.url,
        tries: 1,
        problem: null,
        nextTry: null,
        checkpoint: expect.any(String),
        queuedAt: clock.now().toISOString(),
        triedAt: clock.now().toISOString(),
        stampedAt: expect.any(String),
      },
    ]);
    expect(server.queries).toHaveLength(1);
    expect(server.queries[0]!.type).toBe('application/timestamp-query');
    const body = parseNote(items[0].checkpoint).text;
    expect(body.split('\n').slice(0, 2)).toEqual([t.organisation.origin, String(size)]);
    const [row] = await owner('select token, chain from stamp where organisation = $1', [id]);
    const tsr = row!.token as Buffer;
    expect(authority.saysOpenssl(tsr, body)).toContain('Verification: OK');
    expect(authority.saysOpenssl(tsr, items[0].checkpoint)).not.toContain('Verification: OK');
    const verdict = verifyStamp({ tsr, body, chainPem: row!.chain as string });
    expect(verdict.at?.toISOString()).toBe(items[0].stampedAt);
    const one = (await keeper.ask('GET', `log/stamps/${size}`)).body;
    expect(one).toEqual({ ...items[0], chain: row!.chain });
    const token = await keeper.ask('GET', `log/stamps/${size}/token`);
    expect(token.headers['content-type']).toBe('application/timestamp-reply');
    expect(token.headers['content-length']).toBe(String(tsr.length));
    for (const path of [
      `${size + 1}`,
      `${size + 1}/token`,
      `${size}?log=2`,
      '0',
      'x',
      '99999999999',
      `${size}?log=0`,
    ])
      expect([400, 404], path).toContain((await keeper.ask('GET', `log/stamps/${path}`)).status);
  });

  test('the next one is due when the interval is over and the log grew, not before', async () => {
    const had = async () => (await list()).items.length;
    const before = await had();
    await queue.work(id);
    await grow();
    await queue.work(id);
    expect(await had()).toBe(before);
    clock.advance(HOUR);
    await queue.work(id);
    expect(await had()).toBe(before + 1);
    clock.advance(2 * HOUR);
    await queue.work(id);
    expect(await had()).toBe(before + 1);
    await set({ every: 'day' });
    await t.app.sequencer.settle(id);
    clock.advance(2 * HOUR);
    await queue.work(id);
    expect(await had()).toBe(before + 1);
    clock.advance(24 * HOUR);
    await queue.work(id);
    expect(await had()).toBe(before + 2);
    await set();
  });

  test('without a network stamps wait, across a restart, and are had in their order when it is back', async () => {
    await server.offline();
    clock.advance(HOUR);
    const first = await grow();
    await queue.work(id);
    const waiting = (await list()).items[0];
    expect(waiting).toMatchObject({ size: first, tries: 1, stampedAt: null, url: null });
    expect(waiting.problem).toBe(`${server.url} could not be reached: ECONNREFUSED.`);
    expect(waiting.nextTry).toBe(new Date(clock.now().getTime() + 30_000).toISOString());
    expect((await keeper.ask('GET', `log/stamps/${first}/token`)).status).toBe(404);
    await queue.work(id);
    expect((await list()).items[0].tries).toBe(1);
    await queue.stop();
    queue = new StampQueue(t.app);
    clock.advance(HOUR);
    const second = await grow();
    await queue.work(id);
    const [newer, older] = (await list()).items;
    expect([newer.size, newer.tries, older.size, older.tries]).toEqual([second, 0, first, 2]);
    server.queries.length = 0;
    await server.online();
    await queue.work(id);
    expect(server.queries).toHaveLength(0);
    clock.advance(HOUR);
    await queue.work(id);
    const items = (await list()).items;
    expect(items.filter((s: { stampedAt: string | null }) => s.stampedAt === null)).toEqual([]);
    const asked = server.queries.map((q) => q.body.subarray(24, 56).toString('hex'));
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBe(2);
    expect(items.slice(0, 2).map((s: { size: number }) => s.size)).toEqual([second, first]);
    for (const s of items.slice(0, 2)) {
      const [row] = await owner('select token from stamp where organisation = $1 and size = $2', [
        id,
        s.size,
      ]);
      expect(authority.saysOpenssl(row!.token as Buffer, parseNote(s.checkpoint).text)).toContain(
        'Verification: OK',
      );
    }
  });

  test('waits grow from half a minute to an hour', () => {
    const at = new Date('2027-01-01T00:00:00Z');
    const waits = [1, 2, 3, 7, 8, 9, 60, 2000].map((n) => (nextTry(n, at).getTime() - at.getTime()) / 1000);
    expect(waits).toEqual([30, 60, 120, 1920, 3600, 3600, 3600, 3600]);
  });

  test('an answer that does not hold is told and never kept', async () => {
    const foreign = new Authority('ec');
    const impatient = new StampQueue(t.app, { patience: 300 });
    const [{ token: earlier }] = (await owner(
      'select token from stamp where organisation = $1 and token is not null limit 1',
      [id],
    )) as [{ token: Buffer }];
    const send =
      (bytes: Buffer): Answering =>
      (_q, _r, response) =>
        void response.writeHead(200).end(bytes);
    const otherText = (query: Buffer): Buffer => {
      const changed = Buffer.from(query);
      changed[30]! ^= 1;
      return changed;
    };
    const lies: [string, Answering, RegExp][] = [
      ['a fault', (_q, _r, response) => void response.writeHead(500).end('<b>oops</b>'), /HTTP status 500/],
      [
        'a redirection',
        (_q, _r, response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
        /redirection, which is not followed/,
      ],
      ['too much', send(Buffer.alloc(100_000)), /more than 65536 bytes/],
      ['nothing', send(Buffer.alloc(0)), /not kept: the time stamp breaks off/],
      ['a page', send(Buffer.from('<html>')), /not kept: the time stamp/],
      ['a stamp of before', send(earlier), /imprint/],
      [
        'a stamp over another text',
        (q, _r, response) => void response.end(authority.reply(otherText(q))),
        /imprint/,
      ],
      [
        'another nonce',
        (q, _r, response) =>
          void response.end(
            authority.reply(Buffer.concat([q.subarray(0, 60), Buffer.from([1]), q.subarray(61)])),
          ),
        /nonce is another one/,
      ],
      ['a foreign authority', (q, _r, response) => void response.end(foreign.reply(q)), /did not sign/],
      ['silence', () => {}, /no answer within 0 seconds/],
      [
        'half an answer',
        (_q, _r, response) => {
          response.writeHead(200, { 'content-length': '500' });
          response.write('x', () => response.destroy());
        },
        /could not be reached/,
      ],
    ];
    clock.advance(HOUR);
    const size = await grow();
    let told = 0;
    for (const [name, instead, why] of lies) {
      server.instead = instead;
      clock.advance(HOUR);
      await impatient.work(id);
      const s = (await list()).items.find((i: { size: number }) => i.size === size);
      expect(s.problem, name).toMatch(why);
      expect(s.problem, name).not.toContain('oops');
      expect([s.stampedAt, s.tries], name).toEqual([null, told + 1]);
      told += 1;
    }
    expect(told).toBe(lies.length);
    server.instead = undefined;
    clock.advance(HOUR);
    await impatient.work(id);
    expect((await list()).items.find((i: { size: number }) => i.size === size)).toMatchObject({
      problem: null,
      stampedAt: expect.any(String),
    });
    await impatient.stop();
    foreign.remove();
  });

  test('two processes ask once; one that is stopped leaves the stamp to the next', async () => {
    clock.advance(HOUR);
    await grow();
    server.queries.length = 0;
    const others = [new StampQueue(t.app), new StampQueue(t.app), new StampQueue(t.app)];
    await Promise.all([...others, queue].map((q) => q.work(id)));
    expect(server.queries).toHaveLength(1);
    clock.advance(HOUR);
    const size = await grow();
    let asked = () => {};
    const reached = new Promise<void>((done) => {
      asked = done;
    });
    server.instead = () => asked();
    const working = others[0]!.work(id);
    await reached;
    await others[0]!.stop();
    await working;
    expect((await list()).items[0]).toMatchObject({
      size,
      stampedAt: null,
      problem: expect.stringContaining('stopped'),
    });
    server.instead = undefined;
    clock.advance(HOUR);
    await others[1]!.work(id);
    expect((await list()).items[0]).toMatchObject({ size, stampedAt: expect.any(String) });
    await Promise.all(others.map((q) => q.stop()));
  });

  test('once started it looks by itself, and is told of checkpoints', async () => {
    const started = new StampQueue(t.app, { look: 20, rest: 5 });
    clock.advance(HOUR);
    const size = await grow();
    started.start();
    const stamped = async (wanted: number) => {
      for (let i = 0; i < 500; i++) {
        const s = (await list()).items.find((item: { size: number }) => item.size === wanted);
        if (s?.stampedAt) return true;
        await new Promise((done) => setTimeout(done, 20));
      }
      return false;
    };
    expect(await stamped(size)).toBe(true);
    await started.stop();
    const told = new StampQueue(t.app, { look: 3_600_000, rest: 5 });
    told.start();
    const [{ n }] = (await owner('select count(*)::int as n from stamp')) as [{ n: number }];
    told.published(id);
    clock.advance(HOUR);
    const next = await grow();
    for (let i = 0; i < 500 && !(await list()).items.some((s: { size: number }) => s.size === next); i++) {
      told.published(id);
      await new Promise((done) => setTimeout(done, 20));
    }
    expect(await stamped(next)).toBe(true);
    expect((await owner('select count(*)::int as n from stamp'))[0]!.n).toBe(n + 1);
    await told.stop();
    told.published(id);
  });

  test('a stamp that was had is neither changed nor deleted, and no other organisation sees it', async () => {
    for (const change of [
      'update stamp set stamped_at = now()',
      "update stamp set token = '\\x00'",
      'delete from stamp',
    ])
      await expect(owner(change)).rejects.toMatchObject({ code: 'AI001' });
    const eve = await t.person('Eve', ['topManagement'], await t.newOrganisation('other'));
    expect((await eve.ask('GET', 'log/stamps')).body).toEqual({ service: null, items: [], next: null });
    const size = (await list()).items[0].size;
    expect((await eve.ask('GET', `log/stamps/${size}/token`)).status).toBe(404);
    expect((await eve.ask('GET', `/api/v1/acme/log/stamps/${size}/token`)).status).toBe(404);
  });

  test('the list comes in pages', async () => {
    const all = (await list('?limit=200')).items.map((s: { size: number }) => s.size);
    expect(all.length).toBeGreaterThan(4);
    const seen: number[] = [];
    let after = '';
    for (let page = 0; page < 50; page++) {
      const { items, next } = await list(`?limit=2${after}`);
      seen.push(...items.map((s: { size: number }) => s.size));
      if (!next) break;
      after = `&after=${next}`;
    }
    expect(seen).toEqual(all);
    for (const query of ['?after=x', '?after=1', '?limit=0', '?limit=201', '?after=1-99999999999999999'])
      expect((await keeper.ask('GET', `log/stamps${query}`)).status, query).toBe(400);
  });

  test('switched off, nothing is asked; what waits is tried at once when an authority is set again', async () => {
    clock.advance(HOUR);
    const size = await grow();
    await server.offline();
    await queue.work(id);
    const off = await keeper.ask('POST', 'log/stamps/service/off', { reason: 'another one is sought' });
    expect(off.body).toEqual({ service: null });
    await t.app.sequencer.settle(id);
    expect((await notes()).at(-1)).toBe('stamps.off');
    await server.online();
    server.queries.length = 0;
    clock.advance(HOUR);
    await queue.work(id);
    expect(server.queries).toHaveLength(0);
    expect((await list()).items[0]).toMatchObject({
      size,
      problem: 'No time-stamping authority is set.',
      nextTry: null,
    });
    await set();
    await queue.work(id);
    const { items } = await list();
    expect(items.every((s: { stampedAt: string | null }) => s.stampedAt !== null)).toBe(true);
    expect(items.find((s: { size: number }) => s.size === size).stampedAt).not.toBeNull();
  });

  test('the command line sets, lists, checks and keeps', async () => {
    await t.server.listen({ port: 0, host: '127.0.0.1' });
    const url = `http://127.0.0.1:${(t.server.server.address() as AddressInfo).port}`;
    const home = folder();
    const cwd = mkdtempSync(join(tmpdir(), 'aims-stamps-'));
    const aims = (...argv: string[]) => run(argv, { home, cwd });
    const login = await run(
      ['login', '--url', url, '--org', 'acme', '--email', 'ada@acme.example', '--password-stdin'],
      {
        home,
        cwd,
        stdin: `${PASSWORD}\n`,
      },
    );
    expect(login.code, login.err).toBe(0);
    const root = join(authority.folder, `${authority.root.name}.pem`);
    const done = await aims(
      'log',
      'stamps',
      'set',
      server.url,
      '--chain',
      root,
      '--every',
      'hour',
      '--reason',
      'x',
    );
    expect([done.code, done.out], done.err).toEqual([
      0,
      `Each hour in which the log grew is stamped by ${server.url}.\n`,
    ]);
    expect(done.err).toContain('CN=Root ec, until');
    const listed = await aims('log', 'stamps', 'list', '--limit', '2');
    expect(listed.out.split('\n')[0]).toMatch(/Log +Size +Queued/);
    expect(listed.err).toMatch(/More: --after 1-\d+/);
    const page = JSON.parse((await aims('log', 'stamps', 'list', '--output', 'json')).out);
    const size = String(page.items[0].size);
    const kept = await aims('log', 'stamps', 'fetch', size, 'kept');
    expect(kept.code, kept.err).toBe(0);
    expect(kept.out).toMatch(/^Stamped at 20.*Z by CN=Stamps ec, on the word of CN=Root ec\./);
    const file = (suffix: string) => readFileSync(join(cwd, 'kept', `checkpoint-1-${size}${suffix}`));
    expect(authority.saysOpenssl(file('.tsr'), file('.body').toString(), file('.pem').toString())).toContain(
      'Verification: OK',
    );
    expect(file('').toString()).toBe(page.items[0].checkpoint);
    expect((await aims('log', 'stamps', 'fetch', size, 'kept', '--chain', root)).code).toBe(0);
    const foreign = new Authority('ec');
    const distrust = await aims(
      'log',
      'stamps',
      'fetch',
      size,
      'kept',
      '--chain',
      join(foreign.folder, `${foreign.root.name}.pem`),
    );
    foreign.remove();
    expect([distrust.code, distrust.out]).toEqual([1, expect.stringContaining('does not hold')]);
    writeFileSync(join(cwd, 'no.pem'), 'x');
    const none = await aims('log', 'stamps', 'fetch', size, 'kept', '--chain', 'no.pem');
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('no.pem: expected certificates')]);
    expect((await aims('log', 'stamps', 'fetch', '1')).code).toBe(2);
    expect((await aims('log', 'stamps', 'set', server.url, '--chain', 'nowhere.pem')).code).toBe(2);
    expect((await aims('log', 'stamps', 'off')).out).toBe('No time-stamping authority is set.\n');
    expect((await aims('log', 'stamps', 'off')).code).toBe(2);
    rmSync(cwd, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  });
});
