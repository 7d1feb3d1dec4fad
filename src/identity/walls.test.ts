import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identityPool } from './connections.ts';
import { type World, world } from './testing/world.ts';

let w: World;
let userId: string;
let identityRole: ReturnType<typeof identityPool>;
beforeAll(async () => {
  w = await world();
  userId = (await w.member(w.demo, 'PSN-0001', 'ada@example.org')).userId;
  await w.record({
    organisation: w.demo,
    register: 'risk',
    ref: 'RSK-0001',
    state: 'open',
    values: { secret: 'x' },
  });
  identityRole = identityPool(w.logins.identity);
});
afterAll(async () => {
  await identityRole.end();
  await w.end();
});

const asApp = (text: string, values: unknown[] = []) => w.database.run(w.demo, [{ text, values }]);

describe('the role of the application', () => {
  test.each([
    'identity_user',
    'identity_session',
    'identity_account',
    'identity_verification',
    'identity_attempt',
    'membership',
    'api_key',
    'invitation',
  ])('reads nothing of %s, and changes and deletes nothing in it', async (table) => {
    await expect(asApp(`select * from ${table}`)).rejects.toThrow(/permission denied/);
    await expect(asApp(`select count(*) from ${table}`)).rejects.toThrow(/permission denied/);
    await expect(asApp(`delete from ${table}`)).rejects.toThrow(/permission denied/);
    const [column] = await w.database.asOwner({
      text: `select column_name as name from information_schema.columns where table_name = $1 order by ordinal_position`,
      values: [table],
    });
    await expect(asApp(`update ${table} set ${column?.name} = ${column?.name}`)).rejects.toThrow(
      /permission denied/,
    );
  });

  test('adds no account, and to memberships, keys and invitations only of its own organisation', async () => {
    await expect(
      asApp(
        `insert into identity_user (id, name, email, email_verified) values ('x', 'x', 'x@example.org', true)`,
      ),
    ).rejects.toThrow(/permission denied/);
    const hash = 'a'.repeat(64);
    const adding = {
      membership: `insert into membership (organisation, person_ref, user_id) values ($1, 'PSN-0099', $2)`,
      api_key: `insert into api_key (organisation, key_ref, key_hash) values ($1, 'KEY-0099', '${hash}')`,
      invitation: `insert into invitation (organisation, token_hash, person_ref, email, expires_at)
        values ($1, '${hash}', 'PSN-0099', 'x@example.org', now())`,
    };
    const values = (organisation: number, text: string) =>
      text.includes('$2') ? [organisation, userId] : [organisation];
    for (const text of Object.values(adding)) {
      await expect(asApp(text, values(w.other, text))).rejects.toThrow(/row-level security/);
    }
    await asApp(adding.api_key, [w.demo]);
    await asApp(adding.invitation, [w.demo]);
  });
});

describe('the role of this part', () => {
  test('is the one that its connections work as', async () => {
    const { rows } = await identityRole.query(
      'select current_user, (select rolsuper from pg_roles where rolname = current_user) as super',
    );
    expect(rows).toEqual([{ current_user: 'aims_identity', super: false }]);
  });

  test('sees of the records people and keys alone, and only what tells who they are', async () => {
    const { rows } = await identityRole.query('select register, ref from record');
    expect(rows).toEqual([{ register: 'person', ref: 'PSN-0001' }]);
    await expect(identityRole.query('select derived from record')).rejects.toThrow(/permission denied/);
    for (const table of ['version', 'content', 'secret', 'outbox', 'leaf']) {
      await expect(identityRole.query(`select * from ${table}`)).rejects.toThrow(/permission denied/);
    }
  });

  test('changes no record, no membership, no key, and accepts no invitation', async () => {
    for (const table of ['record', 'membership', 'api_key', 'invitation']) {
      await expect(identityRole.query(`delete from ${table}`)).rejects.toThrow(/permission denied/);
    }
    await expect(identityRole.query(`select accept_invitation('x', 'y', now())`)).rejects.toThrow(
      /permission denied/,
    );
  });
});
