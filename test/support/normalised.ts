/**
 * What differs between two recordings of the same and says nothing: each with the reason. It is replaced by a word and stays in its place; nothing is
 * left out.
 */
export const VARIES: readonly { what: RegExp; word: string; why: string }[] = [
  {
    what: /[\w.-]+\/log\/[\w-]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+/g,
    word: '<key of the log>',
    why: 'made for each installation',
  },
  {
    what: /^(— \S+) [A-Za-z0-9+/=]{80,}$/gm,
    word: '$1 <signature>',
    why: 'made with that key',
  },
  { what: /openaims-[0-9a-f]{8}/g, word: '<installation>', why: 'a random name' },
  {
    what: /\b[0-9a-f]{64}\b/g,
    word: '<digest>',
    why: 'entries commit to values with salts that are made anew; what rests on them differs, too',
  },
  { what: /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, word: '<id>', why: 'made at random' },
  { what: /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=/g, word: '<root>', why: 'a hash over such entries' },
];

/** Members whose value differs as a whole. */
export const VARYING_MEMBERS: Readonly<Record<string, string>> = {
  requestId: 'made for each request',
  sig: 'made with a key of each installation',
  keyid: 'names that key',
  next: 'a cursor: it carries ids',
};

/** The same answer with what varies replaced, its members in the order of their names, and a signed payload opened, for digests stand in it. */
export function normalised(value: unknown, member = ''): unknown {
  if (Array.isArray(value)) return value.map((v) => normalised(v));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, v]) => [k, normalised(v, k)]),
    );
  if (typeof value !== 'string') return value;
  // A file of its own within a value, such as a signed statement.
  if (/^\{".*\}$/s.test(value)) return normalised(JSON.parse(value));
  if (Object.hasOwn(VARYING_MEMBERS, member)) return `<${member}>`;
  if (member === 'payload' && /^[A-Za-z0-9+/=]{40,}$/.test(value))
    return normalised(JSON.parse(Buffer.from(value, 'base64').toString()));
  return VARIES.reduce((text, v) => text.replace(v.what, v.word), value);
}
