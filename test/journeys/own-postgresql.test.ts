import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { messageOf } from '../../src/base/thrown.ts';
import { loginAs, settleLogins } from '../../src/store/db/logins.ts';
import { migrate } from '../../src/store/db/migrate.ts';
import { Owner } from '../../src/store/db/owner.ts';
import { demandReachable } from '../../src/store/db/reachable.ts';
import { demandWalls } from '../../src/store/db/walls.ts';
import { ROOT } from '../support/instance.ts';
import { type Connection, testServer } from '../support/postgres.ts';
import { freePort } from '../support/served.ts';

/** A server of one's own, prepared with the SQL of the guides, word for word but for the names: roles belong to the whole server. */

const admin = new pg.Client(testServer());
/** Connected, and the two roles are there, as where another installation made them before. */
const connected = admin.connect().then(async () => {
  for (const role of ['aims_app', 'aims_identity'])
    await admin.query(`create role ${role} nologin`).catch((e: unknown) => {
      if (!/already exists|duplicate key/.test(messageOf(e))) throw e;
    });
});
const made = { roles: new Set<string>(), databases: new Set<string>() };
afterAll(async () => {
  for (const name of made.databases) await admin.query(`drop database if exists ${name} with (force)`);
  for (const name of [...made.roles].reverse()) await admin.query(`drop role if exists ${name}`);
  await admin.end();
});

const blocks = (page: string, language: string): string[] =>
  [
    ...readFileSync(join(ROOT, 'docs', 'guide', page), 'utf8').matchAll(
      new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'),
    ),
  ].map((m) => m[1]!);

const OWN = ['aims', 'aims_two', 'aims_requests', 'aims_accounts'];
/** The same text with names that nobody else has on the server of the tests. */
const renamed = (text: string, prefix: string): string =>
  text.replace(/\baims\w*/g, (name) => (OWN.includes(name) ? `${prefix}_${name}` : name));

/** Runs a block as an administrator; what belongs to the server already is not made twice. Answers the owner. */
async function prepare(sql: string, prefix: string): Promise<Connection> {
  await connected;
  for (const statement of renamed(sql, prefix).split(';')) {
    const role = /create role (\w+)/.exec(statement)?.[1];
    if (role === 'aims_app' || role === 'aims_identity' || statement.trim() === '') continue;
    if (role) made.roles.add(role);
    const database = /create database (\w+)/.exec(statement)?.[1];
    if (database) made.databases.add(database);
    await admin.query(statement);
  }
  const [, database, user] = /create database (\w+) owner (\w+)/.exec(renamed(sql, prefix))!;
  const password = new RegExp(`create role ${user} login password '([^']+)'`).exec(renamed(sql, prefix))![1]!;
  return { ...testServer(), database: database!, user: user!, password };
}

async function asOwner<T>(connection: Connection, work: (owner: Owner) => Promise<T>): Promise<T> {
  const owner = new Owner(connection);
  try {
    return await work(owner);
  } finally {
    await owner.close();
  }
}

const migrated = (owner: Owner) => migrate(owner.pool, join(ROOT, 'migrations'));

/** What the first start makes; the roles are taken away in the end. */
async function firstStart(connection: Connection, name: string) {
  return asOwner(connection, async (owner) => {
    await migrated(owner);
    for (const half of ['app', 'identity']) made.roles.add(`aims_${half}_${name}`);
    return settleLogins(owner, connection, { name, secret: 'x' });
  });
}

describe('the SQL of the guides', () => {
  const [once, byHand, second] = blocks('own-postgresql.md', 'sql') as [string, string, string];

  test('makes a second installation, which without its last line is told what is missing', async () => {
    const last = second.trimEnd().lastIndexOf('\n');
    const connection = await prepare(second.slice(0, last), 'guide2');
    await expect(asOwner(connection, migrated)).rejects.toThrow(
      /aims_app.*CREATEROLE.*docs\/guide\/own-postgresql\.md/,
    );
    await admin.query(renamed(second.slice(last), 'guide2'));
    await demandWalls(await firstStart(connection, 'guide2'));
  });

  test('makes all roles by hand, for the addresses that the page gives', async () => {
    const connection = await prepare(byHand, 'guide3');
    expect(byHand).not.toMatch(/createrole/i);
    await asOwner(connection, migrated);
    const addresses = blocks('own-postgresql.md', 'sh').join('');
    const login = (setting: string) => {
      const [, user, password] = new RegExp(`^export ${setting}=postgres://(\\w+):([^@]+)@`, 'm').exec(
        addresses,
      )!;
      return loginAs(connection, renamed(user!, 'guide3'), password!);
    };
    await demandWalls({ app: login('DATABASE_APP_URL'), identity: login('DATABASE_IDENTITY_URL') });
  });

  test('makes what a backup is restored into; a restore without the roles is refused, and a login that lost its role has it back', async () => {
    const [restored] = blocks('restore.md', 'sql') as [string];
    // What the start needs of an empty server it needs of a restored one, and the roles beside.
    for (const line of once.trim().split('\n')) expect(restored).toContain(line);
    const connection = await prepare(restored, 'guide4');
    const logins = await firstStart(connection, 'guide4');
    // It was the owner who granted it.
    await asOwner(connection, (owner) => owner.ask({ text: 'revoke aims_app from aims_app_guide4' }));
    await expect(demandWalls(logins)).rejects.toThrow(/not a member of aims_app/);
    await demandWalls(await firstStart(connection, 'guide4'));
    // As pg_restore leaves them where there is nobody to give rights to.
    for (const [lost, back] of [
      ['revoke all on record from aims_app', 'grant select on record to aims_app'],
      ['drop policy identity_reads on record', 'select 1'],
    ] as const) {
      await asOwner(connection, (owner) => owner.ask({ text: lost }));
      await expect(demandWalls(logins)).rejects.toThrow(/not restored whole.*docs\/guide\/restore\.md/);
      await asOwner(connection, (owner) => owner.ask({ text: back }));
    }
  });
});

describe('a server that cannot be used is told by its setting', () => {
  const { host, port, user, password } = testServer();
  const address = (o: { password?: string; database?: string; at?: string }) =>
    `postgres://${user}:${encodeURIComponent(o.password ?? password)}@${o.at ?? ''}/${o.database ?? 'postgres'}${o.at ? '' : `?host=${encodeURIComponent(host)}&port=${port}`}`;

  test.each([
    ['a wrong password', async () => address({ password: 'other-secret' }), /user and password/],
    [
      'no such database',
      async () => address({ database: 'nowhere' }),
      /"nowhere" does not exist.*make the database/,
    ],
    [
      'nobody there',
      async () => address({ at: `127.0.0.1:${await freePort()}` }),
      /ECONNREFUSED.*host and port/,
    ],
    ['signs that mean something', async () => 'postgres://aims:other/sec#ret@db/aims', /%2F/],
  ])('%s', async (_name, given, sentence) => {
    const fault = await demandReachable({ DATABASE_URL: address({}), DATABASE_APP_URL: await given() }).then(
      () => undefined,
      (e: Error) => e.message,
    );
    expect(fault).toMatch(/^(the PostgreSQL that )?DATABASE_APP_URL/);
    expect(fault).toMatch(sentence);
    expect(fault).toContain('docs/guide/own-postgresql.md');
    expect(fault).not.toMatch(/other.sec/);
  });
});
