import { sha256Hex } from '../base/canonical.ts';
import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import { type Random, secretToken } from '../base/random.ts';
import { codeOf } from '../base/thrown.ts';
import { normalEmail } from './accounts.ts';
import type { Ask, Statement } from './connections.ts';
import { named } from './named.ts';

/** An invitation that can still be accepted. */
export interface OpenInvitation {
  organisation: number;
  slug: string;
  organisationName: string;
  personRef: string;
  email: string;
  name: string;
}

/** What is needed to invite a person. `name` is not stored: the person's record says it. */
export interface InvitationOptions {
  organisation: number;
  personRef: string;
  email: string;
  name: string;
  expiresAt: Date;
}

/** 32 random bytes as base64url; anything else is not looked up. */
const FORM = /^[A-Za-z0-9_-]{43}$/;

/**
 * A new invitation. The statement stores the SHA-256 of the token, voids older unused invitations of the person, and
 * is run by the caller as `aims_app` in the transaction that brings the person's record to `invited`. Throws INVALID
 * for something that is no e-mail address.
 */
export function issueInvitation(
  random: Random,
  o: InvitationOptions,
): { token: string; statement: Statement } {
  const email = normalEmail(o.email);
  const token = secretToken(random);
  return {
    token,
    statement: {
      text: `insert into invitation (organisation, token_hash, person_ref, email, expires_at)
        values ($1, $2, $3, $4, $5)`,
      values: [o.organisation, sha256Hex(token), o.personRef, email, o.expiresAt],
    },
  };
}

/**
 * The open invitation of this token; undefined when unknown, used, expired, when the person is no longer invited, or
 * when their e-mail address was corrected since: the link went to somebody else.
 */
export async function readInvitation(
  ask: Ask,
  clock: Clock,
  token: string,
): Promise<OpenInvitation | undefined> {
  if (!FORM.test(token)) return undefined;
  const [found] = await ask<OpenInvitation & Record<string, unknown>>({
    text: `select i.organisation, o.slug, o.name as "organisationName", i.person_ref as "personRef", i.email,
        r."values"->>${named.person.field('name')} as name
      from invitation i
      join organisation o on o.id = i.organisation
      join record r on r.organisation = i.organisation and r.ref = i.person_ref
        and r.register = 'person' and r.state = ${named.person.state('invited')}
        and coalesce(lower(trim(r."values"->>${named.person.field('email')})), i.email) = i.email
      where i.token_hash = $1 and i.used_at is null and i.expires_at > $2`,
    values: [sha256Hex(token), clock.now()],
  });
  return found;
}

/**
 * Uses the invitation up and makes the account a member of its organisation. The caller runs it as `aims_app` in the
 * transaction that brings the person's record to `active`; it raises, so that all of it is rolled back, when the
 * invitation is used, expired or of another organisation (see `invitationFailure`). Two at once: one wins.
 */
export function acceptInvitation(clock: Clock, o: { token: string; userId: string }): Statement {
  return {
    text: 'select accept_invitation($1, $2, $3)',
    values: [sha256Hex(o.token), o.userId, clock.now()],
  };
}

/** The Failure for an error that `acceptInvitation` raised, or undefined for any other error. */
export function invitationFailure(error: unknown): Failure | undefined {
  const code = codeOf(error);
  if (code === 'AI010') {
    return new Failure('NOT_FOUND', 'This invitation has been used or has expired. Ask for a new one.');
  }
  if (code === 'AI011') {
    return new Failure(
      'ALREADY_EXISTS',
      'Your account stands behind another person of this organisation already. Ask the AIMS manager to let that person depart, or for an invitation to another e-mail address.',
    );
  }
  return undefined;
}

/** Makes an account a member without an invitation (first run). Run by the caller as `aims_app`. */
export function membership(o: { organisation: number; userId: string; personRef: string }): Statement {
  return {
    text: 'insert into membership (organisation, person_ref, user_id) values ($1, $2, $3)',
    values: [o.organisation, o.personRef, o.userId],
  };
}
