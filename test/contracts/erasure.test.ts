import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMember } from '../../src/app/people/people.ts';
import { folder, run } from '../../src/cli/testing/run.ts';
import {
  auditLog,
  decodeEntry,
  GROUPS,
  type Group,
  type LogEntry,
  openGroup,
  verifyDisclosure,
} from '../../src/ledger/index.ts';
import { standing, stored } from '../support/arrange.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Erasing for good: values and salts go, every proof of what is left holds on, and the log says what was erased. */

let t: TestInstance;
let ada: Visitor;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada Lovelace', ['topManagement', 'aimsManager']);
});
afterAll(() => t.close());

const ACT = { basis: 'gdpr.17.1.a', reason: 'asked for by the person', password: PASSWORD };
const erase = (body: Record<string, unknown>, by = ada) => by.ask('POST', 'erasure', { ...ACT, ...body });
const preview = (body: Record<string, unknown>, by = ada) => by.ask('POST', 'erasure/preview', body);
const proofOf = async (register: string, ref: string, version: number) =>
  (await ada.ask('GET', `${register}/${ref}/proof?version=${version}`)).text;

/** Every entry of the log, and what an auditor says to them. */
async function audit(): Promise<{ entries: Buffer[]; ok: boolean; problem?: string }> {
  await t.app.sequencer.settle(t.organisation.id);
  const leaves = await t.app.db.asOwner({
    text: 'select entry from leaf where organisation = $1 order by log, index',
    values: [t.organisation.id],
  });
  const [log] = await t.app.db.asOwner({
    text: `select l.checkpoint, k.vkey from log l join log_key k on k.organisation = l.organisation where l.organisation = $1`,
    values: [t.organisation.id],
  });
  const entries = leaves.map((l) => l.entry as Buffer);
  const result = auditLog({
    checkpoint: log!.checkpoint as string,
    vkey: log!.vkey as string,
    histories: true,
    entries,
  });
  return { entries, ok: result.ok, ...(result.problem ? { problem: result.problem.message } : {}) };
}

const erasures = (entries: Buffer[]): LogEntry[] =>
  entries.map((e) => decodeEntry(e)).filter((e): e is LogEntry => e.type === 'log' && e.about === 'erasure');

/** Where a text stands in the database: every column of every table, as text and as the bytes behind it. */
async function dump(needles: (string | Buffer)[]): Promise<string[]> {
  const columns = await t.app.db.asOwner({
    text: `select c.table_name as name, c.column_name as column, c.data_type as type from information_schema.columns c
      join information_schema.tables b using (table_schema, table_name) where c.table_schema = 'public' and b.table_type = 'BASE TABLE'`,
  });
  expect(columns.length).toBeGreaterThan(100);
  const found: string[] = [];
  for (const c of columns) {
    const column = `"${c.column as string}"`;
    for (const needle of needles) {
      const hex = Buffer.from(needle).toString('hex');
      const text = typeof needle === 'string' ? needle : hex;
      const rows =
        c.type === 'bytea'
          ? await t.app.db.asOwner({
              text: `select ctid from "${c.name as string}" where position($1 in encode(${column}, 'hex')) > 0`,
              values: [hex],
            })
          : await t.app.db.asOwner({
              text: `select ctid from "${c.name as string}" where position(lower($1) in lower(${column}::text)) > 0`,
              values: [text],
            });
      if (rows.length > 0) found.push(`${c.name as string}.${c.column as string}: ${text}`);
    }
  }
  return found;
}

const saltsOf = async (ref: string, groups: string[], before: number): Promise<Buffer[]> =>
  (
    await t.app.db.asOwner({
      text: `select s.salt from secret s join record r on r.organisation = s.organisation and r.id = s.record_id
        where r.organisation = $1 and r.ref = $2 and s.part = any($3) and s.version < $4`,
      values: [t.organisation.id, ref, groups, before],
    })
  ).map((r) => r.salt as Buffer);

let made = 0;
/** A hazard with a past, and with a reason to each of its versions from the second on. */
async function hazardWithPast(description: string, versions = 3): Promise<string> {
  made += 1;
  const h = await ada.ask('POST', 'hazard', {
    code: `erasure-${made}`,
    title: `Hazard ${made}`,
    severity: 'low',
    description: `${description} 1`,
  });
  expect(h.status, h.text).toBe(201);
  for (let v = 2; v <= versions; v++) {
    const e = await ada.ask('PATCH', `hazard/${h.body.ref}`, {
      description: v === versions ? `harmless ${made}` : `${description} ${v}`,
      $reason: `${description} because ${v}`,
    });
    expect(e.status, e.text).toBe(200);
  }
  return h.body.ref as string;
}

describe('parts of a record', () => {
  test('value and salt are gone, every other proof holds, and the log says what was erased', async () => {
    const ref = await hazardWithPast('Zacharias said so');
    const whole = await proofOf('hazard', ref, 1);
    const salts = [...(await saltsOf(ref, ['text'], 3)), ...(await saltsOf(ref, ['reason'], 4))];
    expect(salts.length).toBe(4);
    const before = await stored(t);
    const shown = await preview({ kind: 'parts', ref, groups: ['text', 'reason'] });
    expect(shown.status, shown.text).toBe(200);
    expect(shown.body.stays.join(' ')).toContain(`present version 3 of ${ref} keeps its text`);
    expect(await stored(t)).toEqual(before);

    const done = await erase({ kind: 'parts', ref, groups: ['text', 'reason'] });
    expect(done.status, done.text).toBe(200);
    const { record, ...did } = done.body;
    expect(did).toEqual(shown.body);
    expect(
      done.body.versions.map((v: { version: number; groups: string[] }) => [v.version, v.groups]),
    ).toEqual([
      [1, ['text']],
      [2, ['text', 'reason']],
      [3, ['reason']],
    ]);

    const log = await audit();
    expect(log).toMatchObject({ ok: true });
    const told = erasures(log.entries).slice(-3);
    expect(told.map((e) => [e.groups, e.entries, e.basis])).toEqual(
      done.body.versions.map((v: { groups: string[]; entry: number }) => [v.groups, [v.entry], ACT.basis]),
    );
    const about = await ada.ask('GET', `logChange/${record}`);
    expect(about.body.values).toMatchObject({
      kind: 'erasure',
      subject: ref,
      basis: ACT.basis,
      reason: ACT.reason,
    });

    const vkey = JSON.parse(whole).vkey as string;
    const left = await proofOf('hazard', ref, 1);
    expect(verifyDisclosure(left, vkey).ok).toBe(true);
    expect(Object.keys(JSON.parse(left).disclosed).sort()).toEqual(['actor', 'values']);
    // Whoever kept an old file can still prove with it: erasing here does not reach into other people's files.
    expect(verifyDisclosure(whole, vkey).ok).toBe(true);
    // Without the salt nobody can show that a guess is right.
    const entry = decodeEntry(Buffer.from(JSON.parse(left).entry, 'base64'));
    const was = JSON.parse(whole).disclosed.text.value;
    expect(openGroup(entry, 'text', was, Buffer.alloc(32))).toBe(false);
    const forged = { ...JSON.parse(left), disclosed: JSON.parse(whole).disclosed };
    forged.disclosed.text.salt = Buffer.alloc(32).toString('base64');
    expect(verifyDisclosure(forged, vkey).ok).toBe(false);

    expect(await dump(['Zacharias', ...salts])).toEqual([]);
  });

  test('views say what is missing, and nothing about what changed there', async () => {
    const ref = await hazardWithPast('Zebedee said so');
    await erase({ kind: 'parts', ref, groups: ['text', 'actor'], versions: [1, 2] });
    const { items } = (await ada.ask('GET', `hazard/${ref}/versions`)).body;
    expect(items.map((v: { version: number; erased: string[] }) => [v.version, v.erased])).toEqual([
      [3, []],
      [2, ['actor', 'text']],
      [1, ['actor', 'text']],
    ]);
    expect(items.map((v: { changed: string[] }) => v.changed)).toEqual([
      [],
      [],
      ['code', 'title', 'severity'].filter((n) => n in items[2].values || n in items[0].values),
    ]);
    expect(items[2].actor.ref).toBe(ada.ref);
    for (const path of [
      `hazard/${ref}`,
      `hazard/${ref}/proof`,
      'hazard/export?format=csv',
      'hazard?q=harmless',
      'log',
    ])
      expect((await ada.ask('GET', path)).status, path).toBe(200);
    const file = (await ada.ask('GET', 'hazard/export?format=json')).text;
    expect((await ada.ask('POST', 'hazard/import?format=json&dryRun=true', file)).body.problems).toEqual([]);
  });

  test('what the present version shows is edited first', async () => {
    const ref = await hazardWithPast('Zenobia said so', 2);
    const before = await stored(t);
    const refused = await erase({ kind: 'parts', ref, groups: ['text'], versions: [1, 2] });
    expect([refused.status, refused.body.code]).toEqual([409, 'WRONG_STATE']);
    expect(refused.body.detail).toContain(`Edit ${ref} first`);
    expect(await stored(t)).toEqual(before);
    const reason = await erase({ kind: 'parts', ref, groups: ['reason', 'actor'], versions: [2, 2] });
    expect([reason.status, reason.body.parts], reason.text).toEqual([200, 2]);
  });

  test('a second run says that nothing is left, and enters nothing', async () => {
    const ref = await hazardWithPast('Zuleika said so');
    expect((await erase({ kind: 'parts', ref, groups: ['text'] })).body.nothing).toBe(false);
    const before = [await stored(t), (await audit()).entries.length];
    const again = await erase({ kind: 'parts', ref, groups: ['text'] });
    expect([again.status, again.body.nothing, again.body.parts, again.body.record]).toEqual([
      200,
      true,
      0,
      undefined,
    ]);
    expect([await stored(t), (await audit()).entries.length]).toEqual(before);
  });

  test('two at once erase once, and the log tells of it once', async () => {
    const ref = await hazardWithPast('Zelda said so');
    const both = await Promise.all([1, 2].map(() => erase({ kind: 'parts', ref, groups: ['text'] })));
    expect(both.map((b) => b.status)).toEqual([200, 200]);
    expect(both.map((b) => b.body.nothing).sort()).toEqual([false, true]);
    const log = await audit();
    expect(log.ok).toBe(true);
    const named = erasures(log.entries).flatMap((e) => (e.groups?.includes('text') ? (e.entries ?? []) : []));
    expect(new Set(named).size).toBe(named.length);
  });

  test('hostile requests are refused by name, and change nothing', async () => {
    const ref = await hazardWithPast('harmless');
    const bad: [Record<string, unknown>, number, string | undefined][] = [
      [{ kind: 'parts', ref, groups: ['salts'] }, 422, '/groups/0'],
      [{ kind: 'parts', ref, groups: [] }, 422, '/groups'],
      [{ kind: 'parts', ref }, 422, '/groups'],
      [{ kind: 'parts', ref, groups: ['text'], versions: [2, 1] }, 422, '/versions'],
      [{ kind: 'parts', ref, groups: ['text'], versions: [1, 99] }, 422, '/versions'],
      [{ kind: 'parts', ref, groups: ['text'], versions: [0, 1] }, 422, '/versions/0'],
      [{ kind: 'parts', ref, groups: ['text'], mentions: true }, 422, '/mentions'],
      [{ kind: 'person', ref: 'PSN-0001', groups: ['text'] }, 422, '/groups'],
      [{ kind: 'all', ref }, 422, '/kind'],
      [{ kind: 'parts', ref: `${ref}' or true`, groups: ['text'] }, 422, '/ref'],
      [{ kind: 'parts', ref: 'HAZ-9999', groups: ['text'] }, 404, undefined],
      [{ kind: 'parts', ref: 'XYZ-0001', groups: ['text'] }, 404, '/ref'],
      [{ kind: 'person', ref }, 404, undefined],
      [{ kind: 'parts', ref, groups: ['text'], reason: 'a\u0000b' }, 422, '/reason'],
      [{ kind: 'parts', ref, groups: ['text'], basis: 'because' }, 422, '/basis'],
      [{ kind: 'parts', ref, groups: ['text'], reason: ' ' }, 409, '/reason'],
      [{ kind: 'parts', ref, groups: ['text'], password: null }, 409, '/password'],
      [{ kind: 'parts', ref, groups: ['text'], password: 'not the password' }, 403, '/password'],
    ];
    const before = await stored(t);
    for (const [body, status, path] of bad) {
      const a = await erase(body);
      expect([a.status, a.body.problems?.[0]?.path], JSON.stringify(body)).toEqual([status, path]);
    }
    expect(await stored(t)).toEqual(before);
    expect(bad.length).toBe(18);
  });
});

describe('a whole person', () => {
  const NAME = 'Wilhelmina Ångström-Quux';
  const EMAIL = 'wilhelmina.quux@acme.example';

  /** Somebody with an account who wrote things and was written about. */
  async function somebody(): Promise<Visitor> {
    const { userId } = await t.app.identity.createAccount({ email: EMAIL, name: NAME, password: PASSWORD });
    const { record } = await createMember(t.app, t.organisation, {
      name: 'Wilhelmina Quuxbefore',
      email: EMAIL,
      roles: ['contributor'],
      userId,
    });
    const renamed = await ada.ask('PATCH', `person/${record.ref}`, {
      name: NAME,
      $reason: `${NAME} married`,
    });
    expect(renamed.status, renamed.text).toBe(200);
    const { setCookie } = await t.app.identity.signIn({ email: EMAIL, password: PASSWORD, ip: '127.0.0.9' });
    const cookie = setCookie.map((c) => c.split(';')[0]).join('; ');
    return { ...ada, ref: record.ref, headers: { cookie } };
  }

  test('the preview says what happens; then name, address, account and salts are nowhere, and the number stays', async () => {
    const who = await somebody();
    const asWho = (path: string) =>
      t.server.inject({ method: 'GET', url: `/api/v1/acme/${path}`, headers: who.headers });
    expect((await asWho('person')).statusCode).toBe(200);
    // Mentioned in a past version, in a present one, and as somebody else of nearly the same name.
    const past = await hazardWithPast(`${NAME.toUpperCase()} reported it, write to ${EMAIL}`);
    const present = (
      await ada.ask('POST', 'hazard', {
        code: 'present',
        title: 'Present',
        severity: 'low',
        description: `Seen by ${NAME}.`,
      })
    ).body.ref as string;
    const other = (await ada.ask('POST', 'person', { name: `${NAME}son` })).body.ref as string;
    const twin = (await ada.ask('POST', 'person', { name: NAME, manager: who.ref })).body.ref as string;
    const salts = await saltsOf(who.ref, ['values', 'people', 'text', 'reason'], 99);
    expect(salts.length).toBeGreaterThan(3);

    // Nobody is erased while something is still theirs: it passes on first, and the past goes on naming them by number.
    expect((await preview({ kind: 'person', ref: who.ref, mentions: true })).status).toBe(409);
    const passed = await ada.ask('POST', `person/${who.ref}/reassign`, { successor: ada.ref });
    expect([passed.status, passed.body.total], passed.text).toEqual([200, 1]);
    const shown = await preview({ kind: 'person', ref: who.ref, mentions: true });
    expect(shown.status, shown.text).toBe(200);
    expect(shown.body.person).toEqual({ version: 3, state: 'departed', account: true, invitations: 0 });
    const places = shown.body.mentions.map((m: Record<string, unknown>) => [
      m.ref,
      m.version,
      m.group,
      m.then,
    ]);
    expect(places).toEqual(
      expect.arrayContaining([
        [past, 1, 'text', 'erase'],
        [past, 2, 'text', 'erase'],
        [past, 2, 'reason', 'erase'],
        [past, 3, 'reason', 'erase'],
        [present, 1, 'text', 'edit'],
      ]),
    );
    expect(places.length).toBe(5);
    expect(shown.body.stays.join(' ')).toContain(`number ${who.ref} stays`);
    expect(shown.body.stays.join(' ')).toContain('in 1 record');

    const told = await erase({ kind: 'person', ref: who.ref, mentions: true, reason: `${NAME} asked` });
    expect([told.status, told.body.problems[0].path]).toEqual([422, '/reason']);
    const done = await erase({ kind: 'person', ref: who.ref, mentions: true });
    expect(done.status, done.text).toBe(200);
    const { record, ...did } = done.body;
    expect(record).toMatch(/^LOG-/);
    expect(did).toEqual(shown.body);

    const page = (await ada.ask('GET', `person/${who.ref}`)).body;
    expect([page.title, page.state, page.values]).toEqual([
      'Erased person',
      'departed',
      { name: 'Erased person' },
    ]);
    expect((await asWho('person')).statusCode).toBe(401);
    const { items } = (await ada.ask('GET', `person/${who.ref}/versions`)).body;
    expect(items.map((v: { erased: string[] }) => v.erased)).toEqual([
      [],
      ['people', 'reason', 'values'],
      ['people', 'values'],
    ]);
    // What the preview named as staying, is edited and then erased as well.
    await ada.ask('PATCH', `hazard/${present}`, { description: 'Seen.' });
    for (const ref of [twin, other])
      expect((await ada.ask('GET', `person/${ref}`)).body.title).toContain(NAME);
    await erase({ kind: 'parts', ref: present, groups: ['text'] });
    await ada.ask('PATCH', `person/${twin}`, { name: 'Someone else' });
    await ada.ask('PATCH', `person/${other}`, { name: 'Someone other' });
    for (const ref of [twin, other]) await erase({ kind: 'parts', ref, groups: ['people'] });
    await t.app.sequencer.settle(t.organisation.id);
    expect(await dump(['Wilhelmina', 'quux', 'Ångström', ...salts])).toEqual([]);
    expect(await audit()).toMatchObject({ ok: true });
    const proof = await proofOf('person', who.ref, 1);
    expect(verifyDisclosure(proof, JSON.parse(proof).vkey).ok).toBe(true);
    expect(Object.keys(JSON.parse(proof).disclosed)).toEqual(['actor']);

    const before = await stored(t);
    const again = await erase({ kind: 'person', ref: who.ref, mentions: true });
    expect([again.status, again.body.nothing, again.body.mentioned]).toEqual([200, true, 0]);
    expect(await stored(t)).toEqual(before);
  });

  test('an open invitation goes; an account that belongs elsewhere too stays there', async () => {
    const invited = (
      await ada.ask('POST', 'person', {
        name: 'Ingeborg Invited',
        email: 'ingeborg@acme.example',
        roles: ['reader'],
      })
    ).body.ref as string;
    const link = (await ada.ask('POST', `person/${invited}/invite`, {})).body.invitation.link as string;
    const token = new URL(link.replace('#/', '')).searchParams.get('token')!;
    expect((await preview({ kind: 'person', ref: invited })).body.person).toMatchObject({
      invitations: 1,
      account: false,
    });
    expect((await erase({ kind: 'person', ref: invited })).status).toBe(200);
    expect(await t.app.identity.readInvitation(token)).toBeUndefined();
    expect(await dump(['ingeborg'])).toEqual([]);

    // An account that came back behind a person who was erased: nothing is in the log about it, the record of the act says it.
    const { userId } = await t.app.identity.createAccount({
      email: 'late@acme.example',
      name: 'Ludmilla Late',
      password: PASSWORD,
    });
    await t.app.db.asOwner({
      text: 'insert into membership (organisation, person_ref, user_id) values ($1, $2, $3)',
      values: [t.organisation.id, invited, userId],
    });
    const late = await erase({ kind: 'person', ref: invited });
    expect(late.body).toMatchObject({
      nothing: false,
      parts: 0,
      entries: 0,
      person: { version: null, account: true },
    });
    expect((await ada.ask('GET', `logChange/${late.body.record}`)).body.values.detail).toContain('Account');
    expect(await dump(['ludmilla', 'late@acme'])).toEqual([]);

    const both = await t.person('Benedikta Both', ['reader']);
    const elsewhere = await t.newOrganisation('elsewhere');
    const [user] = await t.app.db.asOwner({
      text: `select user_id from membership where organisation = $1 and person_ref = $2`,
      values: [t.organisation.id, both.ref],
    });
    await createMember(t.app, elsewhere, {
      name: 'Benedikta Both',
      email: 'benedikta.both@acme.example',
      roles: ['reader'],
      userId: user!.user_id as string,
    });
    expect((await erase({ kind: 'person', ref: both.ref })).status).toBe(200);
    const me = await both.ask('GET', '/api/v1/me');
    expect(me.body.organisations.map((o: { slug: string }) => o.slug)).toEqual(['elsewhere']);
    expect((await both.ask('GET', 'person')).status).toBe(404);
  });

  test('nobody erases themselves, and only top management erases management', async () => {
    const self = await erase({ kind: 'person', ref: ada.ref });
    expect([self.status, self.body.code]).toEqual([403, 'OWN_WORK']);
    const manager = await t.person('Mina Manager', ['aimsManager']);
    const boss = await t.person('Bo Boss', ['topManagement']);
    const up = await erase({ kind: 'person', ref: boss.ref }, manager);
    expect([up.status, up.body.code]).toEqual([403, 'NOT_ALLOWED']);
    const listed = (await ada.ask('POST', 'person', { name: 'Lina Listed' })).body.ref as string;
    expect((await erase({ kind: 'person', ref: listed }, manager)).status).toBe(200);
  });
});

describe('nobody else may', () => {
  test('other roles, keys, strangers and members of other organisations are refused, for the preview as well', async () => {
    const ref = await hazardWithPast('kept');
    const others = [
      await t.key('ci', ada),
      await t.key('reader', ada),
      ...(await Promise.all(
        (['designatedManagement', 'contributor', 'auditor', 'reader'] as const).map((r) =>
          t.person(`Other ${r}`, [r]),
        ),
      )),
    ];
    const before = await stored(t);
    for (const who of others)
      for (const a of [
        await preview({ kind: 'parts', ref, groups: ['text'] }, who),
        await erase({ kind: 'parts', ref, groups: ['text'] }, who),
      ])
        expect([a.status, a.body.code], who.name).toEqual([403, 'NOT_ALLOWED']);
    expect((await erase({ kind: 'parts', ref, groups: ['text'] }, t.stranger)).status).toBe(401);
    expect(await stored(t)).toEqual(before);
    expect(others.length).toBe(6);
    const eve = await t.person('Eve', ['topManagement'], await t.newOrganisation('other'));
    expect((await erase({ kind: 'parts', ref, groups: ['text'] }, eve)).status).toBe(404);
  });

  test('the database refuses the application every way but the one function, and that one without an entry', async () => {
    const run = (text: string, values: unknown[] = []) => t.app.db.run(t.organisation.id, [{ text, values }]);
    const [[row]] = (await run('select record_id, version, part from content limit 1')) as [
      Record<string, unknown>[],
    ];
    const part = JSON.stringify([[row!.record_id, row!.version, row!.part]]);
    for (const sql of [
      'delete from content',
      'delete from secret',
      'truncate content',
      'delete from membership',
    ])
      await expect(run(sql), sql).rejects.toMatchObject({ code: '42501' });
    for (const sql of [`update content set value = '1'`, `update secret set salt = salt`])
      await expect(run(sql), sql).rejects.toThrow();
    await expect(run(`select erase_parts($1::jsonb, '{}')`, [part])).rejects.toMatchObject({ code: 'AI001' });
    await expect(run(`select erase_parts($1::jsonb, null)`, [part])).rejects.toMatchObject({ code: 'AI001' });
    // Of another organisation: nothing is there to erase.
    const other = await t.newOrganisation('third');
    const [rows] = await t.app.db.run(other.id, [
      { text: `select erase_parts($1::jsonb, array['x']) as n`, values: [part] },
      { text: `delete from outbox where entry = 'x'::bytea` },
    ]);
    expect(rows![0]!.n).toBe(0);
  });
});

describe('a fault', () => {
  test('at any statement leaves nothing half erased', async () => {
    const ref = (
      await ada.ask('POST', 'person', { name: 'Frederika Faulty', email: 'frederika@acme.example' })
    ).body.ref as string;
    await ada.ask('PATCH', `person/${ref}`, { roles: ['reader'] });
    await ada.ask('POST', `person/${ref}/invite`, {});
    await t.app.sequencer.settle(t.organisation.id);
    const all = () =>
      t.app.db.asOwner({
        text: `select (select count(*)::int from content) as contents, (select count(*)::int from secret) as secrets,
          (select count(*)::int from version) as versions, (select count(*)::int from invitation) as invitations,
          (select count(*)::int from leaf) + (select count(*)::int from outbox) as entries`,
      });
    const before = await all();
    const pool = t.app.db.pool;
    const connect = pool.connect.bind(pool);
    const broken: string[] = [];
    // Each statement of the writing transaction in turn is answered by an error, as by a server that gives up.
    const sick = (at: number) => {
      let seen = 0;
      Object.assign(pool, {
        connect: async (...args: unknown[]) => {
          if (args.length > 0) return (connect as unknown as (...a: unknown[]) => unknown)(...args);
          const client = (await connect()) as pg.PoolClient;
          const query = client.query.bind(client) as unknown as (...a: unknown[]) => Promise<unknown>;
          let writing = false;
          const answer = (what: string | { text: string }) => {
            const text = typeof what === 'string' ? what : what.text;
            writing ||= text.includes('write_records');
            if (writing && ++seen === at) {
              broken.push(text);
              return query('select 1 / 0 as injected').catch(() => {
                throw Object.assign(new Error('injected'), { code: '57014' });
              });
            }
            return query(what);
          };
          const release = client.release.bind(client);
          return Object.assign(client, {
            query: answer,
            release: (e?: boolean) => {
              Object.assign(client, { query, release });
              release(e);
            },
          });
        },
      });
    };
    let failed = 0;
    try {
      // Three statements, and what tells the server on the way how to plan them.
      for (let at = 1; at <= 6 && !broken.some((b) => b.includes('erase_account')); at++) {
        sick(at);
        const a = await erase({ kind: 'person', ref });
        expect(a.status, `${at}: ${a.text}`).toBeGreaterThanOrEqual(500);
        Object.assign(pool, { connect });
        expect(await all(), broken.at(-1)).toEqual(before);
        failed += 1;
      }
    } finally {
      Object.assign(pool, { connect });
    }
    expect(failed).toBeGreaterThanOrEqual(3);
    expect(broken.some((b) => b.includes('erase_parts'))).toBe(true);
    expect(broken.some((b) => b.includes('erase_account'))).toBe(true);
    expect((await erase({ kind: 'person', ref })).status).toBe(200);
    expect(await dump(['frederika'])).toEqual([]);
  });
});

describe('random erasures', () => {
  const refs: string[] = [];
  beforeAll(async () => {
    for (let i = 0; i < 4; i++) refs.push(await hazardWithPast(`random ${i}`, 5));
  });

  test('never break the log, its histories or what the versions say is missing', async () => {
    const gone = new Map<string, Set<Group>>();
    let erased = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, 2, 3),
        fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
        fc.subarray([...GROUPS], { minLength: 1 }),
        async (which, [a, b], groups) => {
          const ref = refs[which]!;
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const done = await erase({ kind: 'parts', ref, groups, versions: [from, to] });
          expect(done.status, done.text).toBe(200);
          erased += done.body.parts;
          for (let v = from; v <= to; v++) {
            const known = gone.get(`${ref}/${v}`) ?? new Set<Group>();
            for (const g of groups) known.add(g);
            gone.set(`${ref}/${v}`, known);
          }
          const log = await audit();
          expect(log.problem).toBeUndefined();
          const { items } = (await ada.ask('GET', `hazard/${ref}/versions`)).body;
          expect(items.length).toBe(5);
          for (const v of items as { version: number; erased: string[]; logIndex: number }[]) {
            const entry = decodeEntry(log.entries[v.logIndex]!);
            const committed = GROUPS.filter((g) => entry.c?.[g] !== undefined);
            const wanted = committed.filter((g) => gone.get(`${ref}/${v.version}`)?.has(g));
            expect([...v.erased].sort()).toEqual([...wanted].sort());
            const told = erasures(log.entries).filter((e) => e.entries?.includes(v.logIndex));
            expect(told.flatMap((e) => e.groups ?? []).sort()).toEqual([...wanted].sort());
            const proof = await proofOf('hazard', ref, v.version);
            expect(verifyDisclosure(proof, JSON.parse(proof).vkey).ok).toBe(true);
            expect(Object.keys(JSON.parse(proof).disclosed).sort()).toEqual(
              committed.filter((g) => !wanted.includes(g)).sort(),
            );
          }
        },
      ),
      { numRuns: 15 },
    );
    expect(erased).toBeGreaterThan(10);
  });
});

test('the gate goes on judging a release whose past was erased', async () => {
  const register = t.app.registry.get('release');
  const ref = await standing(t, register, register.states[0]!, 4711, { more: { kind: 'release' } });
  const submitted = await ada.ask('POST', `release/${ref}/submit`, {});
  expect(submitted.status, submitted.text).toBe(200);
  const [row] = await t.app.db.asOwner({ text: 'select version from record where ref = $1', values: [ref] });
  expect(row!.version).toBeGreaterThan(1);
  const judged = async () => {
    const { evaluatedAt: _, ...result } = (await ada.ask('GET', `release/${ref}/gate`)).body;
    return result;
  };
  const before = await judged();
  const done = await erase({
    kind: 'parts',
    ref,
    groups: [...GROUPS],
    versions: [1, (row!.version as number) - 1],
  });
  expect(done.body.parts, done.text).toBeGreaterThan(1);
  expect(await judged()).toEqual(before);
  expect((await ada.ask('POST', `release/${ref}/gate`)).status).toBe(200);
});

beforeEach(async () => {
  // Wrong passwords are counted; the tests give one on purpose.
  await t.app.db.asOwner({ text: 'delete from identity_attempt' });
});

test('versions entered in a former log are named by the origin of that log', async () => {
  const other = await testInstance();
  try {
    const bea = await other.person('Bea', ['topManagement', 'aimsManager']);
    const made = await bea.ask('POST', 'hazard', {
      code: 'x',
      title: 'X',
      severity: 'low',
      description: 'said',
    });
    const { ref } = made.body;
    const begun = await bea.ask('POST', 'log/new', {
      because: 'compromised',
      reason: 'the key was in other hands',
      password: PASSWORD,
    });
    expect(begun.status, begun.text).toBe(200);
    await bea.ask('PATCH', `hazard/${ref}`, { description: 'harmless' });
    await bea.ask('PATCH', `hazard/${ref}`, { description: 'quite harmless' });
    const body = { kind: 'parts', ref, groups: ['text'] };
    const done = await bea.ask('POST', 'erasure', { ...ACT, ...body });
    expect(done.status, done.text).toBe(200);
    await other.app.sequencer.settle(other.organisation.id);
    const logs = await other.app.db.asOwner({
      text: `select origin, number, 'former' as is from former_log union all select origin, number, 'open' from log`,
    });
    const origin = (is: string) => logs.find((l) => l.is === is)!.origin;
    expect(done.body.versions.map((v: { version: number; of?: string }) => [v.version, v.of])).toEqual([
      [1, origin('former')],
      [2, undefined],
    ]);
    const rows = await other.app.db.asOwner({
      text: 'select entry from leaf where record_id is null order by log, index',
    });
    const told = erasures(rows.map((r) => r.entry as Buffer));
    expect(told.map((e) => [e.origin, e.of, e.groups])).toEqual([
      [origin('open'), origin('former'), ['text']],
      [origin('open'), undefined, ['text']],
    ]);
    for (const [i, v] of [1, 2].entries()) {
      const [leaf] = await other.app.db.asOwner({
        text: `select l.index from leaf l join record r on r.id = l.record_id where r.ref = $1 and l.version = $2`,
        values: [ref, v],
      });
      expect(told[i]!.entries).toEqual([leaf!.index]);
    }
  } finally {
    await other.close();
  }
});

describe('the command line', () => {
  let url: string;
  const home = folder();
  beforeAll(async () => {
    url = await t.server.listen({ host: '127.0.0.1', port: 0 });
    const login = ['login', '--url', url, '--org', 'acme', '--email', 'ada.lovelace@acme.example'];
    const done = await run([...login, '--password-stdin'], { home, stdin: PASSWORD });
    expect(done.code, done.err).toBe(0);
  });
  const aims = (args: string[], stdin = PASSWORD) => run(['erase', ...args], { home, stdin });

  test('shows, asks, erases and says what was done', async () => {
    const ref = await hazardWithPast('Ottokar said so');
    const args = ['record', ref, '--groups', 'text,reason', '--versions', '1-2'];
    const shown = await aims([...args, '--preview']);
    expect([shown.code, shown.err]).toEqual([0, '']);
    expect(shown.out).toMatch(/3 parts would be erased, told by 2 log entries:/);
    const why = ['--basis', 'retention.ended', '--reason', 'kept long enough'];
    const unasked = await aims([...args, ...why, '--password-stdin']);
    expect(unasked.code).toBe(2);
    expect(unasked.err).toContain('Nobody can be asked here');
    expect((await aims([...args, '--yes', '--reason', 'x'])).err).toContain(
      '--basis and --reason are needed',
    );
    const done = await aims([...args, ...why, '--yes', '--password-stdin']);
    expect(done.code, done.err).toBe(0);
    expect(done.out).toMatch(/Erased 3 parts; recorded as LOG-\d+\./);
    expect(await dump([`Ottokar said so 1`])).toEqual([]);
    const versions = await run(['hazard', 'versions', ref, '--output', 'json'], { home });
    expect(JSON.parse(versions.out).map((v: { erased: string[] }) => v.erased)).toEqual([
      [],
      ['reason', 'text'],
      ['text'],
    ]);
    const again = await aims([...args, ...why, '--yes', '--password-stdin', '--json']);
    expect(JSON.parse(again.out)).toMatchObject({ nothing: true, parts: 0 });
  });

  test('erases a person', async () => {
    const ref = (await ada.ask('POST', 'person', { name: 'Kunigunde Klein' })).body.ref as string;
    const past = await hazardWithPast('Kunigunde  KLEIN said so');
    const shown = await aims(['person', ref, '--preview']);
    expect(shown.out).toContain(`${ref} would get version 2 without personal data, departed.`);
    expect(shown.out).toContain('stays; --mentions erases it');
    expect(shown.out).toContain(past);
    const why = ['--basis', 'gdpr.17.1.b', '--reason', 'consent withdrawn', '--yes', '--password-stdin'];
    const done = await aims(['person', ref, '--mentions', ...why]);
    expect(done.code, done.err).toBe(0);
    expect(await dump(['kunigunde'])).toEqual([]);
  });
});
