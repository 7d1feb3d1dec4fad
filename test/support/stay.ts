import { PASSWORD, type TestInstance, type Visitor } from './instance.ts';

/** The same person, who signs in again whenever their session has ended: for tests that move the clock by months. */
export function staying(t: TestInstance, who: Visitor, organisation = 'acme'): Visitor {
  const email = `${who.name.toLowerCase().replace(/\W+/g, '.')}@${organisation}.example`;
  return {
    ...who,
    ask: async (...request) => {
      const first = await who.ask(...request);
      if (first.status !== 401) return first;
      const ip = `127.0.1.${Number(who.ref.slice(4)) % 250}`;
      const { setCookie } = await t.app.identity.signIn({ email, password: PASSWORD, ip });
      who.headers.cookie = setCookie.map((c) => c.split(';')[0]).join('; ');
      return who.ask(...request);
    },
  };
}
