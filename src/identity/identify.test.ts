import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SESSION_SECONDS } from './library.ts';
import { type World, world } from './testing/world.ts';

let w: World;
let ada: { userId: string; cookie: string };
beforeAll(async () => {
  w = await world();
  ada = await w.member(w.demo, 'PSN-0001', 'ada@example.org', ['aimsManager', 'reader', 'noSuchRole']);
});
afterAll(() => w.end());
beforeEach(() => w.clock.set('2030-03-01T09:00:00Z'));

const active = (roles: string[]) => ({
  organisation: w.demo,
  register: 'person',
  ref: 'PSN-0001',
  state: 'active',
  values: { name: 'PSN-0001', roles },
});

async function newKey(ref: string, values: Record<string, unknown>): Promise<string> {
  const { secret, statement } = w.identity.issueApiKey({ organisation: w.demo, keyRef: ref });
  await w.record({ organisation: w.demo, register: 'apiKey', ref, state: 'active', values });
  await w.database.run(w.demo, [statement]);
  return `Bearer ${secret}`;
}

describe('a signed-in person', () => {
  test('is who the record says, in one statement', async () => {
    const seen: string[] = [];
    w.identity.observe = (text) => seen.push(text);
    const actor = await w.identity.identify({ cookie: ada.cookie }, 'demo');
    w.identity.observe = undefined;
    expect(seen).toHaveLength(1);
    expect(actor).toEqual({
      organisation: w.demo,
      organisationSlug: 'demo',
      kind: 'person',
      ref: 'PSN-0001',
      name: 'PSN-0001',
      // A role this version does not know grants nothing.
      roles: ['aimsManager', 'reader'],
    });
  });

  test('is nobody in an organisation they do not belong to, in one that does not exist, and under a broken slug', async () => {
    for (const slug of ['other', 'nowhere', '', 'demo\0', "demo' or true --", 'DEMO']) {
      expect(await w.identity.identify({ cookie: ada.cookie }, slug)).toBeUndefined();
    }
  });

  test('has the roles of this moment, and nothing once departed, with the session still there', async () => {
    await w.record(active(['auditor']));
    expect((await w.identity.identify({ cookie: ada.cookie }, 'demo'))?.roles).toEqual(['auditor']);
    await w.record({ ...active(['auditor']), state: 'departed' });
    expect(await w.identity.identify({ cookie: ada.cookie }, 'demo')).toBeUndefined();
    expect((await w.identity.whoAmI({ cookie: ada.cookie }))?.organisations).toEqual([]);
    await w.record(active(['aimsManager']));
    expect((await w.identity.identify({ cookie: ada.cookie }, 'demo'))?.ref).toBe('PSN-0001');
  });

  test('loses the session seven days after signing in, to the second', async () => {
    const cookie = await w.signInAs('ada@example.org');
    w.clock.advance(SESSION_SECONDS * 1000 - 1000);
    expect(await w.identity.userIdOf({ cookie })).toBe(ada.userId);
    w.clock.advance(1000);
    expect(await w.identity.identify({ cookie }, 'demo')).toBeUndefined();
    expect(await w.identity.userIdOf({ cookie })).toBeUndefined();
    expect(await w.identity.whoAmI({ cookie })).toBeUndefined();
  });

  test('loses the session at once when it is ended: by signing out, by account, by person', async () => {
    const out = await w.signInAs('ada@example.org');
    const stays = await w.signInAs('ada@example.org');
    const { setCookie } = await w.identity.signOut(out);
    expect(setCookie.join()).toMatch(/aims\.session_token=;.*Max-Age=0/);
    expect(await w.identity.userIdOf({ cookie: out })).toBeUndefined();
    expect(await w.identity.userIdOf({ cookie: stays })).toBe(ada.userId);
    await w.identity.endSessionsOf({ userId: ada.userId });
    expect(await w.identity.userIdOf({ cookie: stays })).toBeUndefined();
    const again = await w.signInAs('ada@example.org');
    await w.identity.endSessionsOf({ organisation: w.other, personRef: 'PSN-0001' });
    expect(await w.identity.userIdOf({ cookie: again })).toBe(ada.userId);
    await w.identity.endSessionsOf({ organisation: w.demo, personRef: 'PSN-0001' });
    expect(await w.identity.userIdOf({ cookie: again })).toBeUndefined();
    ada.cookie = await w.signInAs('ada@example.org');
  });

  test('sees all their organisations, and only their own', async () => {
    await w.member(w.other, 'PSN-0009', 'grace@example.org', ['topManagement']);
    await w.record({
      organisation: w.other,
      register: 'person',
      ref: 'PSN-0001',
      state: 'active',
      values: { name: 'Ada', roles: ['auditor'] },
    });
    await w.database.run(w.other, [
      w.identity.membership({ organisation: w.other, userId: ada.userId, personRef: 'PSN-0001' }),
    ]);
    expect(await w.identity.whoAmI({ cookie: ada.cookie })).toEqual({
      kind: 'person',
      name: 'PSN-0001',
      email: 'ada@example.org',
      userId: ada.userId,
      organisations: [
        { slug: 'demo', name: 'Organisation demo', ref: 'PSN-0001', roles: ['aimsManager'] },
        { slug: 'other', name: 'Organisation other', ref: 'PSN-0001', roles: ['auditor'] },
      ],
    });
  });
});

describe('an API key', () => {
  test('is its record: role, label, to the end of its last day, until revoked', async () => {
    const authorization = await newKey('KEY-0001', { label: 'Build', role: 'ci', expires: '2030-03-10' });
    const actor = await w.identity.identify({ authorization }, 'demo');
    expect(actor).toEqual({
      organisation: w.demo,
      organisationSlug: 'demo',
      kind: 'apiKey',
      ref: 'KEY-0001',
      name: 'Build',
      roles: ['ci'],
    });
    expect(await w.identity.identify({ authorization }, 'other')).toBeUndefined();
    expect(await w.identity.whoAmI({ authorization })).toEqual({
      kind: 'apiKey',
      name: 'Build',
      organisations: [{ slug: 'demo', name: 'Organisation demo', ref: 'KEY-0001', roles: ['ci'] }],
    });
    w.clock.set('2030-03-10T23:59:59Z');
    expect(await w.identity.identify({ authorization }, 'demo')).toBeDefined();
    w.clock.set('2030-03-11T00:00:00Z');
    expect(await w.identity.identify({ authorization }, 'demo')).toBeUndefined();
    w.clock.set('2030-03-01T09:00:00Z');
    await w.record({
      organisation: w.demo,
      register: 'apiKey',
      ref: 'KEY-0001',
      state: 'revoked',
      values: { label: 'Build', role: 'ci', expires: '2030-03-10' },
    });
    expect(await w.identity.identify({ authorization }, 'demo')).toBeUndefined();
    expect(await w.identity.whoAmI({ authorization })).toBeUndefined();
  });

  test('without an expiry is refused', async () => {
    const authorization = await newKey('KEY-0002', { label: 'Endless', role: 'reader' });
    expect(await w.identity.identify({ authorization }, 'demo')).toBeUndefined();
  });

  test('is stored as a hash, and the hash is no key', async () => {
    const authorization = await newKey('KEY-0003', { label: 'Hash', role: 'reader', expires: '2030-12-31' });
    const secret = authorization.slice('Bearer '.length);
    expect(secret).toMatch(/^aims_[A-Za-z0-9_-]{43}$/);
    const [row] = await w.database.asOwner({ text: `select * from api_key where key_ref = 'KEY-0003'` });
    expect(JSON.stringify(row)).not.toContain(secret.slice(5));
    expect(await w.identity.identify({ authorization: `Bearer ${row?.key_hash}` }, 'demo')).toBeUndefined();
    expect(
      await w.identity.identify({ authorization: `Bearer aims_${row?.key_hash}` }, 'demo'),
    ).toBeUndefined();
  });

  test('that is wrong is not made good by a cookie beside it', async () => {
    const wrong = { cookie: ada.cookie, authorization: `Bearer aims_${'A'.repeat(43)}` };
    expect(await w.identity.identify(wrong, 'demo')).toBeUndefined();
    expect(await w.identity.userIdOf({ cookie: ada.cookie, authorization: '' })).toBeUndefined();
  });

  test('is no account: it has no user', async () => {
    const authorization = await newKey('KEY-0004', {
      label: 'No user',
      role: 'reader',
      expires: '2030-12-31',
    });
    expect(await w.identity.userIdOf({ authorization })).toBeUndefined();
  });
});
