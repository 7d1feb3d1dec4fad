import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fixedClock } from '../../src/base/clock.ts';
import { run } from '../../src/cli/testing/run.ts';
import { standstillBy } from '../../src/store/ledger/standstill.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Whatever keeps a log from being signed is told in one way, and is over when its cause is. A lost key: test/faults/lost-key.test.ts. */

const BEGIN = '2027-05-01T10:00:00.000Z';
const clock = fixedClock(BEGIN);
let t: TestInstance;
let ada: Visitor;
let eve: Visitor;
let id: number;
let url: string;
beforeAll(async () => {
  t = await testInstance({ clock });
  id = t.organisation.id;
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
  eve = await t.person('Eve', ['topManagement', 'aimsManager'], await t.newOrganisation('other'));
  url = await t.server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => t.close());
/** Each test has a time of its own, later than that before it: a clock set back is what one of them is about. */
let base = Date.parse(BEGIN);
const later = (seconds: number) => clock.set(new Date(base + seconds * 1_000).toISOString());
beforeEach(async () => {
  base += 3 * 3_600_000;
  later(0);
  await t.app.sequencer.settle(id);
});

const settle = () => t.app.sequencer.settle(id);
const add = () => ada.ask('POST', 'aiSystem', { name: 'x', purpose: 'x', owner: ada.ref });
const health = async () => {
  const { status, body } = await t.stranger.ask('GET', '/healthz');
  return [status, body.status, body.causes];
};
const until = async (check: () => boolean | Promise<boolean>) => {
  for (let i = 0; !(await check()); i++) {
    if (i === 400) throw new Error('it does not come to pass');
    await new Promise((r) => setTimeout(r, 25));
  }
};
const WELL = [200, 'ok', undefined];

/** What every door says while the log stands still, and that none does where it does not. */
async function told(cause: string, writes: 'wait' | 'refused'): Promise<void> {
  const list = await ada.ask('GET', 'aiSystem');
  expect([list.status, list.headers['openaims-log']]).toEqual([
    200,
    expect.stringMatching(new RegExp(`^not-signed; cause=${cause}; writes=${writes}; since=2027-05-01T`)),
  ]);
  const standing = (await ada.ask('GET', 'log/standing')).body;
  expect(standing).toMatchObject({
    signed: false,
    still: { cause, writes, next: { message: `log.standing.${cause}` } },
  });
  expect(standing.still.text).toMatch(/^[A-Z].*[.)]$/);
  expect((await ada.ask('GET', 'my-work')).body.log.still.cause).toBe(cause);
  // Others go on, and are told nothing.
  expect((await eve.ask('GET', 'aiSystem')).headers['openaims-log']).toBeUndefined();
  expect((await eve.ask('GET', 'log/standing')).body).toMatchObject({ signed: true, still: null });
}

test('another process that keeps the log to itself: after half a minute, and no longer than it does', async () => {
  const other = await t.app.db.ownerPool.connect();
  await other.query('begin');
  await other.query('select pg_advisory_xact_lock(42001, $1)', [id]);
  try {
    expect((await add()).body.notSigned).toBeUndefined();
    const { still } = t.app.sequencer as unknown as { still: Map<number, unknown> };
    await until(() => still.has(id));
    expect(await health()).toEqual(WELL);
    later(31);
    expect(await health()).toEqual([503, 'log not signed', ['held']]);
    await told('held', 'wait');
    const made = await add();
    expect([made.status, made.body.notSigned]).toEqual([
      201,
      expect.stringMatching(/is kept, and is not signed yet/),
    ]);
  } finally {
    await other.query('rollback');
    other.release();
  }
  await until(async () => (await health())[0] === 200);
  expect((await ada.ask('GET', 'log/standing')).body).toMatchObject({ signed: true, waiting: 0 });
});

test('a folder in which the head cannot be kept: each try failed for half a minute', async () => {
  const folder = join(t.dataDir, 'published');
  renameSync(folder, `${folder}-aside`);
  writeFileSync(folder, 'a file where the folder should be');
  try {
    await add();
    await expect(settle()).rejects.toThrow();
    expect(await health()).toEqual(WELL);
    later(60);
    expect(await health()).toEqual([503, 'log not signed', ['failing']]);
    await told('failing', 'wait');
  } finally {
    renameSync(folder, `${folder}-file`);
    renameSync(`${folder}-aside`, folder);
  }
  await until(async () => (await health())[0] === 200);
});

test('a clock set back, and a database behind what was published: at once, and nothing is taken', async () => {
  await add();
  await settle();
  later(-3_600);
  await told('clock', 'refused');
  expect((await add()).body.code).toBe('CLOCK_BEHIND');
  expect((await health())[1]).toBe('clock behind');
  later(0);
  expect(await health()).toEqual(WELL);

  await t.app.db.asOwner({
    text: 'update log set size = size - 1 where organisation = $1',
    values: [id],
  });
  await expect(settle()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await told('database', 'refused');
  expect((await add()).status).toBe(503);
  expect(await health()).toEqual([503, 'log not signed', ['database']]);

  const env = { AIMS_URL: url, AIMS_ORG: 'acme' };
  const login = await run(['login', '--email', 'ada@acme.example', '--password-stdin'], {
    stdin: PASSWORD,
    env,
    home: t.dataDir,
  });
  expect(login.code, login.err).toBe(0);
  const status = await run(['log', 'status'], { env: {}, home: t.dataDir });
  expect([status.code, status.out]).toEqual([
    1,
    expect.stringMatching(/^The log is not signed: .*another history|behind the published/),
  ]);
  const listed = await run(['ai-system', 'list'], { env: {}, home: t.dataDir });
  expect([listed.code, listed.err]).toEqual([
    0,
    expect.stringMatching(/The log is not signed at this moment: nothing can be recorded/),
  ]);

  await t.app.db.asOwner({
    text: 'update log set size = size + 1 where organisation = $1',
    values: [id],
  });
  await until(async () => (await health())[0] === 200);
  const well = await run(['log', 'status'], { env: {}, home: t.dataDir });
  expect([well.code, well.out, well.err]).toEqual([0, 'The log is signed.\n', '']);
});

test('no room: by what the system and the database say of it', () => {
  const since = new Date(BEGIN);
  const causes = ['ENOSPC', 'EDQUOT', 'EROFS', '53100', 'ECONNRESET'].map(
    (code) => standstillBy(Object.assign(new Error(code), { code }), since).cause,
  );
  expect(causes).toEqual(['storage', 'storage', 'storage', 'storage', 'failing']);
});

test('a disk that refused a write: told until it takes one', async () => {
  t.app.storage.note(Object.assign(new Error('no room'), { code: 'ENOSPC' }));
  const list = await ada.ask('GET', 'aiSystem');
  expect(list.headers['openaims-log']).toMatch(/^not-signed; cause=storage; writes=refused/);
  await until(async () => (await ada.ask('GET', 'aiSystem')).headers['openaims-log'] === undefined);
});
