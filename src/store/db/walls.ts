import pg from 'pg';
import { type Logins, RESTORED, ROLE_OF } from './logins.ts';

/**
 * Row-level security is the second wall, and these are its foundations: each login may become its one role and nobody else, neither has
 * rights that pass by the policies, and neither owns anything here. Throws, naming role and fault, before anything is served.
 */
export async function demandWalls(logins: Logins): Promise<void> {
  for (const half of ['app', 'identity'] as const) {
    const client = new pg.Client(logins[half]);
    client.on('error', () => {});
    await client.connect();
    try {
      const { rows } = await client.query<Found>(LOOK, [ROLE_OF[half]]);
      const fault = faultOf(rows[0]!, ROLE_OF[half]);
      if (fault)
        throw new Error(
          `requests log in to the database as ${rows[0]!.login}, and ${fault}. Start with a login that may become ${ROLE_OF[half]} and nobody else: docs/guide/own-postgresql.md says how to make it.`,
        );
      await client.query(`set role ${ROLE_OF[half]}`);
      const active = await client.query<{ active: boolean; reads: boolean }>(
        `select row_security_active('record') as active, has_any_column_privilege('record', 'select') and exists (select from pg_policies
          where schemaname = 'public' and tablename = 'record' and $1::name = any(roles)) as reads`,
        [ROLE_OF[half]],
      );
      if (active.rows[0]?.reads !== true)
        throw new Error(
          `the role ${ROLE_OF[half]} may not read the records, so the database was not restored whole: make the roles, then restore it anew (${RESTORED})`,
        );
      if (active.rows[0]?.active !== true)
        throw new Error(
          `row-level security is not active for the role ${ROLE_OF[half]}; check the rights of the database user and start again`,
        );
    } finally {
      await client.end().catch(() => {});
    }
  }
}

interface Found {
  login: string;
  member: boolean;
  strong: string[];
  owners: string[];
  others: string[];
  makes: string[];
}

/** What the login is, may become, and owns, itself or as its role. */
const LOOK = `with mine as (select * from pg_roles where rolname in (session_user, $1))
  select session_user as login, pg_has_role(session_user, $1, 'MEMBER') as member,
    array(select rolname::text from mine where rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication) as strong,
    array(select rolname::text from mine m where exists (select from pg_class where relowner = m.oid)
      or exists (select from pg_proc where proowner = m.oid) or exists (select from pg_namespace where nspowner = m.oid)
      or exists (select from pg_database where datdba = m.oid)) as owners,
    array(select r.rolname::text from pg_roles r where pg_has_role(session_user, r.oid, 'MEMBER') and r.rolname not in (session_user, $1)
      order by 1) as others,
    array(select rolname::text from mine m where has_schema_privilege(m.oid, 'public', 'CREATE')) as makes`;

function faultOf(found: Found, role: string): string | undefined {
  if (found.strong.length > 0)
    return `${found.strong.join(', ')} is a superuser, or passes by row-level security, or may make roles or databases`;
  if (!found.member) return `that role is not a member of ${role}`;
  if (found.owners.length > 0) return `${found.owners.join(', ')} owns tables or functions of the database`;
  if (found.others.length > 0) return `that role may also become ${found.others.join(', ')}`;
  if (found.makes.length > 0)
    return `${found.makes.join(', ')} may make tables and functions in the schema public (REVOKE CREATE ON SCHEMA public FROM PUBLIC)`;
  return undefined;
}
