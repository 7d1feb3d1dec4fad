import type { Asking } from '../app/context.ts';
import type { Call } from './operation.ts';

/** Who asks, able to prove again who they are with the password they sent; it goes to the identity part and nowhere else. */
export function askingWith(c: Pick<Call, 'app' | 'ask' | 'request'>, secret: string | undefined): Asking {
  if (!secret || c.ask.actor.kind !== 'person') return c.ask;
  return {
    ...c.ask,
    reauthenticate: async () => {
      const user = await c.app.identity.userIdOf(c.request.headers);
      return user !== undefined && c.app.identity.checkPassword(user, secret);
    },
  };
}
