import { type TestDatabase, withOwner } from '../../../test/support/as-owner.ts';
import { ensureTemplate, testDatabase, testLogins, testPool } from '../../../test/support/postgres.ts';
import { type Clock, fixedClock } from '../../base/clock.ts';
import { systemRandom, uuid7 } from '../../base/random.ts';
import { Database } from '../../store/db/database.ts';
import type { Logins } from '../../store/db/logins.ts';
import { migrate } from '../../store/db/migrate.ts';
import type { Pause } from '../attempts.ts';
import { createIdentity, type Identity } from '../index.ts';
import type { Passwords } from '../passwords.ts';

export const SECRET = 'd2f1c2a4b6e8907f5a3b1c9d8e7f60514233241506f7e8d9cab0';
export const PASSWORD = 'four unrelated words here';

/** A database of its own with two organisations, and the identity part on it. For tests only. */
export interface World {
  database: TestDatabase;
  logins: Logins;
  identity: Identity;
  clock: ReturnType<typeof fixedClock>;
  /** Numbers of the organisations `demo` and `other`. */
  demo: number;
  other: number;
  /** Writes a record as it would stand after the registers' own writing; replaces an earlier one of the same ref. */
  record(o: Standing): Promise<void>;
  /** An account that stands behind an active person of the organisation. */
  member(
    organisation: number,
    ref: string,
    email: string,
    roles?: string[],
  ): Promise<{ userId: string; cookie: string }>;
  signInAs(email: string, password?: string): Promise<string>;
  end(): Promise<void>;
}

export interface Standing {
  organisation: number;
  register: string;
  ref: string;
  state: string;
  values: Record<string, unknown>;
}

const TEMPLATE = 'template_identity';
const MIGRATIONS = new URL('../../../migrations', import.meta.url).pathname;

/** Name and value of the first cookie set, as a browser sends it back. */
export function cookieOf(setCookie: string[]): string {
  return setCookie[0]?.split(';')[0] ?? '';
}

export async function world(
  o: { secureCookies?: boolean; pause?: Pause; passwords?: Passwords } = {},
): Promise<World> {
  await ensureTemplate(TEMPLATE, async (connection) => {
    const pool = testPool(connection);
    await migrate(pool, MIGRATIONS);
    await pool.end();
  });
  const { connection, drop } = await testDatabase({ template: TEMPLATE });
  const logins = testLogins(connection);
  const database = withOwner(new Database(logins.app), connection);
  const clock = fixedClock('2030-03-01T09:00:00Z');
  const identity = await createIdentity({
    connection: logins.identity,
    secret: SECRET,
    baseUrl: 'http://localhost:4200',
    clock,
    random: systemRandom,
    pause: o.pause,
    passwords: o.passwords,
    secureCookies: o.secureCookies ?? false,
  });
  const [demo, other] = [await organisation(database, 'demo'), await organisation(database, 'other')];
  const record = (standing: Standing) => writeRecord(database, clock, standing);
  const signInAs = async (email: string, password = PASSWORD) =>
    cookieOf((await identity.signIn({ email, password, ip: '192.0.2.1', userAgent: 'test' })).setCookie);
  return {
    database,
    logins,
    identity,
    clock,
    demo,
    other,
    record,
    signInAs,
    member: async (organisation, ref, email, roles = ['reader']) => {
      const { userId } = await identity.createAccount({ email, name: ref, password: PASSWORD });
      await record({ organisation, register: 'person', ref, state: 'active', values: { name: ref, roles } });
      await database.run(organisation, [identity.membership({ organisation, userId, personRef: ref })]);
      return { userId, cookie: await signInAs(email) };
    },
    end: async () => {
      await identity.close();
      await database.close();
      await database.ownerPool.end();
      await drop();
    },
  };
}

async function organisation(database: TestDatabase, slug: string): Promise<number> {
  const [row] = await database.asOwner({
    text: 'insert into organisation (slug, name, created_at) values ($1, $2, now()) returning id',
    values: [slug, `Organisation ${slug}`],
  });
  return row?.id as number;
}

async function writeRecord(database: TestDatabase, clock: Clock, s: Standing): Promise<void> {
  await database.asOwner({
    text: `insert into record (organisation, id, register, number, ref, state, version, title, "values", derived,
        created_at, created_by, updated_at, updated_by, search)
      values ($1, $2, $3, $4, $5, $6, 1, $5, $7, '{}', now(), 'engine', now(), 'engine', '')
      on conflict (organisation, ref) do update set state = excluded.state, "values" = excluded."values"`,
    values: [
      s.organisation,
      uuid7(clock.now(), systemRandom),
      s.register,
      Number(s.ref.split('-')[1]),
      s.ref,
      s.state,
      JSON.stringify(s.values),
    ],
  });
}
