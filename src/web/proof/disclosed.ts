import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import canonicalize from 'canonicalize';
import type { Answered } from '../../actions/index.ts';
import { toHex } from './note.ts';
import type { Step } from './verify.ts';

/** The part of a disclosure file that opens an entry's commitments; of a version, it is there. */
export type Disclosed = Pick<Answered<'GET :register/:ref/proof'>, 'disclosed' | 'withheld'>;

/** What the page shows of the version. */
export interface Shown {
  digest: string;
  values: Readonly<Record<string, unknown>>;
  links: Readonly<Record<string, readonly string[]>>;
}

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** HMAC-SHA256(salt, "aims-commit/v1" LF group LF canonical JSON), as hex: how an entry commits to a group. */
export function commitment(group: string, value: unknown, salt: string): string {
  const message = new TextEncoder().encode(`aims-commit/v1\n${group}\n${canonicalize(value)}`);
  return toHex(hmac(sha256, fromHex(salt), message));
}

/** Is this the entry that the version's digest names? */
export function digestStep(entry: Uint8Array, digest: string): Step {
  const found = `sha256:${toHex(sha256(entry))}`;
  const good = found === digest;
  return {
    id: 'digest',
    title: 'The entry is the one this version names',
    status: good ? 'passed' : 'failed',
    detail: good ? found : `The version names ${digest}, the entry in the log has ${found}.`,
  };
}

/** Do the salts and values that the server hands out open the commitments in the entry? */
export function commitmentStep(entry: Uint8Array, { disclosed = {}, withheld = [] }: Disclosed): Step {
  const title = 'The entry commits to the content handed out';
  const committed = (JSON.parse(new TextDecoder().decode(entry)) as { c?: Record<string, string> }).c ?? {};
  const groups = Object.entries(disclosed);
  const wrong = groups.find(([group, d]) => commitment(group, d.value, d.salt) !== committed[group]);
  const unnamed = Object.keys(committed).find((g) => !(g in disclosed) && !withheld.includes(g));
  const fault = wrong
    ? `The group "${wrong[0]}" is not what was committed to.`
    : unnamed && `The group "${unnamed}" is missing.`;
  if (fault) return { id: 'commitment', title, status: 'failed', detail: fault };
  const shut = withheld.length > 0 ? `; not handed out, perhaps erased: ${withheld.join(', ')}` : '';
  const detail = `Opened with their salts: ${groups.map(([g]) => g).join(', ') || 'nothing'}${shut}.`;
  return { id: 'commitment', title, status: 'passed', detail };
}

/** Is what the page shows the committed content? Compared name by name as canonical JSON. */
export function shownStep({ disclosed = {} }: Disclosed, shown: Shown): Step {
  const title = 'This page shows that content';
  const part = (group: string) => (disclosed[group]?.value ?? {}) as Record<string, unknown>;
  const fields = { ...part('values'), ...part('people'), ...part('text') };
  const links = part('links');
  const same = (a: unknown, b: unknown) => canonicalize(a ?? null) === canonicalize(b ?? null);
  const sorted = (refs: unknown) => (Array.isArray(refs) ? [...refs].sort() : []);
  const odd =
    Object.keys(fields).find((name) => !same(fields[name], shown.values[name])) ??
    Object.keys(links).find((name) => !same(sorted(links[name]), sorted(shown.links[name])));
  if (odd) return { id: 'shown', title, status: 'failed', detail: `"${odd}" differs from what was entered.` };
  const count = Object.keys(fields).length + Object.keys(links).length;
  return { id: 'shown', title, status: 'passed', detail: `${count} fields and links compared.` };
}
