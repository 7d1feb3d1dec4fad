import { failures } from '../../base/refusals.ts';
import type { App } from '../context.ts';

/** Longest address that is kept. */
const MOST = 2000;

const no = failures('webAddress', {
  none: ['INVALID', 'url: expected an address such as {example}.', '/url'],
  closed: ['INVALID', 'url: {why}.', '/url'],
  login: ['INVALID', 'url: must not carry a name or password; everybody here can read it.', '/url'],
  more: ['INVALID', 'url: must not carry a part after {signs}.', '/url'],
  long: ['INVALID', 'url: has at most {most} characters.', '/url'],
});

/** An address that somebody typed and that the server will ask. Whoever reads the list sees it, so it carries no password. */
export function webAddress(
  app: App,
  text: string,
  o: { example: string; query: boolean; shorten?: (href: string) => string },
): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw no('none', { example: o.example });
  const why = app.outgoing.refusal(url.href);
  if (why !== undefined) throw no('closed', { why });
  if (url.username || url.password) throw no('login');
  if (url.hash || (url.search && !o.query)) throw no('more', { signs: o.query ? '#' : '? or #' });
  const address = o.shorten?.(url.href) ?? url.href;
  if (address.length > MOST) throw no('long', { most: MOST });
  return address;
}
