import type { Clock } from '../base/clock.ts';
import { type Actor, ROLES, type Role } from '../register/who.ts';
import { apiKeyHash, bearer } from './api-key.ts';
import type { Ask } from './connections.ts';
import { named } from './named.ts';

/** The two headers of a request that say who asks. An `authorization` header, right or wrong, leaves the cookie out. */
export interface AskingHeaders {
  cookie?: string | undefined;
  authorization?: string | undefined;
}

/** Whoever asks, with all organisations they belong to at this moment. */
export interface WhoAmI {
  kind: 'person' | 'apiKey';
  name: string;
  email?: string;
  userId?: string;
  organisations: { slug: string; name: string; ref: string; roles: Role[] }[];
}

/** What tells who asks. `signedToken` gives the token of a session cookie whose signature is right. */
export interface Doorkeeper {
  ask: Ask;
  clock: Clock;
  signedToken: (cookie: string | undefined) => string | undefined;
}

// `values` is the record as it stands: leaving and revoking need no second place to be written.
const PERSON = `join membership m on m.user_id = s.user_id
  join organisation o on o.id = m.organisation
  join record r on r.organisation = m.organisation and r.ref = m.person_ref
    and r.register = 'person' and r.state = ${named.person.state('active')}`;
const KEY = `from api_key k
  join organisation o on o.id = k.organisation
  join record r on r.organisation = k.organisation and r.ref = k.key_ref
    and r.register = 'apiKey' and r.state = ${named.apiKey.state('active')} and r."values"->>${named.apiKey.field('expires')} >= $2
  where k.key_hash = $1`;

/** A slug is asked for only in the form slugs have: anything else names no organisation. */
const SLUG = /^[a-z0-9][a-z0-9-]{0,39}$/;

type Credential = { kind: 'person'; token: string } | { kind: 'apiKey'; hash: string };

async function credential(door: Doorkeeper, headers: AskingHeaders): Promise<Credential | undefined> {
  if (headers.authorization !== undefined) {
    const hash = apiKeyHash(bearer(headers.authorization) ?? '');
    return hash === undefined ? undefined : { kind: 'apiKey', hash };
  }
  const token = door.signedToken(headers.cookie);
  return token === undefined ? undefined : { kind: 'person', token };
}

/** Roles that this version knows; a role that is no longer declared grants nothing. */
function knownRoles(value: unknown): Role[] {
  const listed = Array.isArray(value) ? value : [value];
  return listed.filter((r): r is Role => typeof r === 'string' && Object.hasOwn(ROLES, r));
}

/** A key is good to the end of the day (UTC) in its field `expires`. */
function today(clock: Clock): string {
  return clock.now().toISOString().slice(0, 10);
}

/**
 * Who asks within the organisation, in one statement. Undefined when nobody is signed in, the session or key has
 * ended, or whoever it is does not belong to the organisation now (departed, revoked, never did): these are not told
 * apart, so that nobody learns which organisations exist.
 */
export async function identify(
  door: Doorkeeper,
  headers: AskingHeaders,
  slug: string,
): Promise<Actor | undefined> {
  if (!SLUG.test(slug)) return undefined;
  const asking = await credential(door, headers);
  if (!asking) return undefined;
  const [row] = await door.ask<{ organisation: number; ref: string; name: string | null; roles: unknown }>(
    asking.kind === 'person'
      ? {
          name: 'identify-person',
          text: `select o.id as organisation, r.ref, r."values"->>${named.person.field('name')} as name, r."values"->${named.person.field('roles')} as roles
            from identity_session s ${PERSON}
            where s.token = $1 and s.expires_at > $2 and o.slug = $3`,
          values: [asking.token, door.clock.now(), slug],
        }
      : {
          name: 'identify-key',
          text: `select o.id as organisation, r.ref, r."values"->>${named.apiKey.field('label')} as name, r."values"->${named.apiKey.field('role')} as roles
            ${KEY} and o.slug = $3`,
          values: [asking.hash, today(door.clock), slug],
        },
  );
  if (!row) return undefined;
  return {
    organisation: row.organisation,
    organisationSlug: slug,
    kind: asking.kind,
    ref: row.ref,
    name: row.name ?? row.ref,
    roles: knownRoles(row.roles),
  };
}

interface MeRow {
  userId: string | null;
  email: string | null;
  name: string | null;
  slug: string | null;
  organisationName: string | null;
  ref: string | null;
  roles: unknown;
}

/**
 * Whoever asks and all organisations they belong to at this moment, by name; none for an account that belongs to no
 * organisation any more. Undefined when nobody is signed in. One statement.
 */
export async function whoAmI(door: Doorkeeper, headers: AskingHeaders): Promise<WhoAmI | undefined> {
  const asking = await credential(door, headers);
  if (!asking) return undefined;
  const rows = await door.ask<MeRow & Record<string, unknown>>(
    asking.kind === 'person'
      ? {
          text: `select u.id as "userId", u.email, u.name, o.slug, o.name as "organisationName", r.ref,
              r."values"->${named.person.field('roles')} as roles
            from identity_session s join identity_user u on u.id = s.user_id
            left join (membership m join organisation o on o.id = m.organisation
              join record r on r.organisation = m.organisation and r.ref = m.person_ref
                and r.register = 'person' and r.state = ${named.person.state('active')}) on m.user_id = s.user_id
            where s.token = $1 and s.expires_at > $2 order by o.name, o.slug`,
          values: [asking.token, door.clock.now()],
        }
      : {
          text: `select null as "userId", null as email, r."values"->>${named.apiKey.field('label')} as name, o.slug,
            o.name as "organisationName", r.ref, r."values"->${named.apiKey.field('role')} as roles ${KEY}`,
          values: [asking.hash, today(door.clock)],
        },
  );
  const [first] = rows;
  if (!first) return undefined;
  return {
    kind: asking.kind,
    name: first.name ?? first.ref ?? '',
    ...(first.email === null ? {} : { email: first.email }),
    ...(first.userId === null ? {} : { userId: first.userId }),
    organisations: rows.flatMap((r) =>
      r.slug === null || r.ref === null
        ? []
        : [{ slug: r.slug, name: r.organisationName ?? r.slug, ref: r.ref, roles: knownRoles(r.roles) }],
    ),
  };
}

/** The account behind a session cookie; undefined for API keys and when nobody is signed in. One statement. */
export async function userIdOf(door: Doorkeeper, headers: AskingHeaders): Promise<string | undefined> {
  const asking = await credential(door, headers);
  if (asking?.kind !== 'person') return undefined;
  const [row] = await door.ask<{ userId: string }>({
    text: 'select user_id as "userId" from identity_session where token = $1 and expires_at > $2',
    values: [asking.token, door.clock.now()],
  });
  return row?.userId;
}
