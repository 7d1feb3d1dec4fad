import { createHmac } from 'node:crypto';
import { parseCookies } from 'better-auth/cookies/utils';
import { constantTimeEqual } from 'better-auth/crypto';

const NAME = 'aims.session_token';

/** Name of the cookie that carries the session. Browsers accept `__Secure-` only with the attribute Secure. */
export function sessionCookieName(secureCookies: boolean): string {
  return secureCookies ? `__Secure-${NAME}` : NAME;
}

/**
 * The session token in a `Cookie` header, when its signature (HMAC-SHA-256 with the secret, as better-auth makes it)
 * is right; undefined otherwise. A token without its signature, such as one read from the database, is worth nothing.
 * Reckoned on this thread, in microseconds: better-auth's own way goes by another one and waits for its turn on each request.
 */
export function signedToken(header: string | undefined, name: string, secret: string): string | undefined {
  const value = header === undefined ? undefined : parseCookies(header).get(name);
  const dot = value?.lastIndexOf('.') ?? -1;
  if (value === undefined || dot < 1) return undefined;
  const token = value.slice(0, dot);
  return constantTimeEqual(value.slice(dot + 1), createHmac('sha256', secret).update(token).digest('base64'))
    ? token
    : undefined;
}
