import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Connection } from './database.ts';
import type { Owner } from './owner.ts';

/** How the two halves of the server log in: records and log as one role, accounts and sessions as another. */
export interface Logins {
  app: Connection;
  identity: Connection;
}

/** The role that each login takes on, and the only one it may. */
export const ROLE_OF = { app: 'aims_app', identity: 'aims_identity' } as const satisfies Record<
  keyof Logins,
  string
>;

const GUIDE = 'docs/guide/own-postgresql.md';
export const RESTORED = '"On a server of your own" in docs/guide/restore.md';

/**
 * The logins of this installation: roles that own nothing and may become one other role each. They are made when they are not
 * there (a new database, one of an earlier version, a restored one). Their passwords follow from a secret of the data folder, so that all processes
 * on it know them and nothing more needs to be kept. Throws, with what to do, when the owner may not make roles.
 */
export async function settleLogins(
  owner: Owner,
  connection: Connection,
  installation: { name: string; secret: string },
): Promise<Logins> {
  const login = async (half: keyof Logins): Promise<Connection> => {
    const user = `${ROLE_OF[half]}_${installation.name}`;
    const password = createHmac('sha256', installation.secret)
      .update(`database login ${user}`)
      .digest('base64url');
    const as = loginAs(connection, user, password);
    if (!(await belongs(owner, user, ROLE_OF[half])) || !(await opens(as)))
      await makeLogin(owner, user, password, ROLE_OF[half]);
    return as;
  };
  return { app: await login('app'), identity: await login('identity') };
}

/** The same server and database, reached as somebody else. */
export function loginAs(connection: Connection, user: string, password: string): Connection {
  const { connectionString: text, ...rest } = connection;
  if (text === undefined) return { ...rest, user, password };
  const parts = /^(postgres(?:ql)?:\/\/)(?:[^@/?#]*@)?([^?#]*)(\?[^#]*)?/.exec(text);
  if (!parts)
    throw new Error(
      `DATABASE_URL: expected an address that begins with postgres://, so that requests can log in beside it; or name theirs in DATABASE_APP_URL and DATABASE_IDENTITY_URL (${GUIDE})`,
    );
  const query = new URLSearchParams(parts[3] ?? '');
  // They would win over what stands before the @.
  for (const name of ['user', 'password']) query.delete(name);
  const rendered = query.size > 0 ? `?${query}` : '';
  return { ...rest, connectionString: `${parts[1]}${user}:${password}@${parts[2]}${rendered}` };
}

/** Is there such a login, and may it become its role? After a restore there may be the one without the other. */
async function belongs(owner: Owner, user: string, role: string): Promise<boolean> {
  const rows = await owner.ask({
    text: `select from pg_auth_members m join pg_roles u on u.oid = m.member join pg_roles r on r.oid = m.roleid
      where u.rolname = $1 and r.rolname = $2`,
    values: [user, role],
  });
  return rows.length > 0;
}

/** False when the server does not know the role or its password; whatever else goes wrong is thrown. */
async function opens(connection: Connection): Promise<boolean> {
  const client = new pg.Client(connection);
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === '28P01' || code === '28000') return false;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Role and membership, both or neither. */
async function makeLogin(owner: Owner, user: string, password: string, role: string): Promise<void> {
  const client = await owner.pool.connect();
  try {
    // Of several processes that start at once one makes the role.
    await client.query('select pg_advisory_lock(420012014)');
    await client.query('begin');
    const { rows } = await client.query('select from pg_roles where rolname = $1', [user]);
    // Names of roles and digests: letters, digits and signs that need no quoting.
    await client.query(
      `${rows.length > 0 ? 'alter' : 'create'} role "${user}" login noinherit password '${scramDigest(password)}'`,
    );
    await client.query(`grant ${role} to "${user}"`);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    const { code } = error as { code?: string };
    // The migrations made it; a server that does not know it is another one.
    if (code === '42704')
      throw new Error(
        `there is no role ${role} on this database server, so the database was not restored whole: make the roles, then restore it anew (${RESTORED})`,
      );
    if (code !== '42501') throw error;
    throw new Error(
      `the database user may not make the role ${user}, under which requests log in: give it CREATEROLE for this start, or make the roles by hand (${GUIDE})`,
    );
  } finally {
    await client.query('select pg_advisory_unlock(420012014)').catch(() => {});
    client.release();
  }
}

/** What the server keeps of a password (RFC 5803): the password itself never stands in a statement, and so in no log of the server. */
function scramDigest(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, 4096, 32, 'sha256');
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64');
  const server = hmac(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$4096:${salt.toString('base64')}$${stored}:${server}`;
}
