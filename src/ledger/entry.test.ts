import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../base/canonical.ts';
import { commit } from './commitment.ts';
import { decodeEntry, encodeEntry, entryDigest, type LedgerEntry, openGroup } from './entry.ts';
import {
  LOG_KEY,
  ORIGIN,
  recordEntry,
  sampleEntries,
  sampleSalt,
  sampleValue,
} from './testing/sample-log.ts';

const create = recordEntry(2);
const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value, Object.keys(value as object).sort()));
const canonical = encodeEntry(create).toString();

describe('entries', () => {
  it('are canonical JSON that reads back', () => {
    for (const bytes of sampleEntries(12)) expect(encodeEntry(decodeEntry(bytes))).toEqual(bytes);
    expect(canonical).toMatch(
      /^\{"act":"create","at":"2026-03-01T09:00:00\.002Z","c":\{"actor":"[0-9a-f]{64}",/,
    );
    expect(encodeEntry({ ...create, prev: undefined, transition: undefined }).toString()).toBe(canonical);
  });

  it('have the digest of their bytes', () => {
    expect(entryDigest(Buffer.from('abc'))).toBe(
      'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('about the log carry what it names', () => {
    const note: LedgerEntry = {
      v: 1,
      type: 'log',
      at: '2026-03-01T08:00:00.000Z',
      act: 'note',
      origin: ORIGIN,
      about: 'erasure',
      entries: [3, 7],
      of: 'aims.example.com/acme/log0',
      groups: ['people', 'text'],
      basis: 'gdpr.17.1.a',
      c: { actor: commit('actor', 'p1', sampleSalt(0, 'actor')) },
    };
    expect(decodeEntry(encodeEntry(note))).toEqual(note);
    const { v, type, at, origin } = note;
    const previous = {
      origin: 'aims.example.com/acme/log0',
      size: 12,
      root: Buffer.alloc(32, 1).toString('base64'),
    };
    const others: LedgerEntry[] = [
      { v, type, at, origin, act: 'open', previous, vkey: LOG_KEY.vkey },
      { v, type, at, origin, act: 'open', about: 'rows.entered' },
      { v, type, at, origin, act: 'note', about: 'key.rotate', vkey: LOG_KEY.vkey },
      { v, type, at, origin, act: 'note', about: 'snapshot', snapshot: { records: 0, root: previous.root } },
      { v, type, at, origin, act: 'note', about: 'log.public' },
      { v, type, at, origin, act: 'note', about: 'something.later', entries: [1], vkey: LOG_KEY.vkey },
    ];
    for (const other of others) expect(decodeEntry(encodeEntry(other))).toEqual(other);
  });
});

describe('entries of an unknown shape', () => {
  const prev = `sha256:${'0'.repeat(64)}`;
  it.each<[string, object, RegExp]>([
    ['another version of the format', { v: 2 }, /"v" of a record entry must be 1/],
    ['another type', { type: 'thing' }, /"type" .* "record" or "log"/],
    ['a field nobody knows', { email: 'a@b.example' }, /no field "email"/],
    ['a register in free words', { register: 'AI systems of Jane' }, /"register" .* be a name/],
    ['a state in free words', { state: 'as Jane wished' }, /"state"/],
    ['a local time', { at: '2026-03-01T09:00:00.002+01:00' }, /"at" .* UTC/],
    ['a time without milliseconds', { at: '2026-03-01T09:00:00Z' }, /"at"/],
    ['a day that does not exist', { at: '2026-02-30T09:00:00.000Z' }, /"at"/],
    ['an upper-case UUID', { id: create.id.toUpperCase() }, /"id"/],
    ['a number of 0', { number: 0 }, /"number"/],
    ['a number as text', { number: '1' }, /"number"/],
    ['a version of 1.5', { version: 1.5 }, /"version"/],
    ['an unknown act', { act: 'delete' }, /"act" .* create, edit, transition, import/],
    ['a transition without its name', { act: 'transition' }, /"transition" .* must be given/],
    ['the name of a transition elsewhere', { transition: 'approve' }, /"transition" .* only then/],
    ['a first version with a predecessor', { prev }, /"prev" .* only then/],
    ['a later version without one', { version: 2 }, /"prev" .* must be given/],
    ['a bare digest', { version: 2, prev: '0'.repeat(64) }, /"prev" .* "sha256:"/],
    ['no commitment', { c: {} }, /"c"/],
    ['a commitment of an unknown group', { c: { email: '0'.repeat(64) } }, /"c"/],
    ['a value for a commitment', { c: { values: 'Jane' } }, /"c"/],
    ['commitments as a list', { c: ['0'.repeat(64)] }, /"c"/],
    ['a missing state', { state: undefined }, /"state" of a record entry is missing/],
  ])('are refused: %s', (_, change, message) => {
    const entry = { ...create, ...change };
    expect(() => encodeEntry(entry as LedgerEntry)).toThrow(message);
    expect(() => decodeEntry(bytesOf(entry))).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  const open = { v: 1, type: 'log', at: '2026-03-01T08:00:00.000Z', act: 'open', origin: ORIGIN };
  it.each<[string, object, RegExp]>([
    ['text', { text: 'free' }, /no field "text"/],
    ['an origin with spaces', { origin: 'our log' }, /"origin"/],
    ['the same index twice', { entries: [1, 1] }, /"entries"/],
    ['an empty list', { entries: [] }, /"entries"/],
    ['a group nobody knows', { groups: ['email'] }, /"groups"/],
    ['half a head', { previous: { origin: 'a', size: 1 } }, /"previous"/],
    ['a head with more', { previous: { origin: 'a', size: 0, root: 'x', by: 'Jane' } }, /"previous"/],
  ])('about the log are refused: %s', (_, change, message) => {
    expect(() => encodeEntry({ ...open, ...change } as LedgerEntry)).toThrow(message);
  });

  const root = Buffer.alloc(32, 1).toString('base64');
  const snapshot = { records: 3, root };
  const erasure = { act: 'note', about: 'erasure', entries: [1], groups: ['people'], basis: 'gdpr.17.1.a' };
  it.each<[string, object, RegExp]>([
    ['an opening about something', { about: 'erasure' }, /"about" .* must not be given when "act" is "open"/],
    ['an opening with a snapshot', { snapshot }, /"snapshot" .* must not/],
    ['an opening that continues itself', { previous: { origin: ORIGIN, size: 1, root } }, /another log/],
    ['a note that continues a log', { act: 'note', previous: { origin: 'a', size: 1, root } }, /"previous"/],
    ['an erasure of nothing', { ...erasure, entries: undefined }, /"entries" .* about "erasure" is missing/],
    ['an erasure of no group', { ...erasure, groups: undefined }, /"groups" .* is missing/],
    ['an erasure without a ground', { ...erasure, basis: undefined }, /"basis" .* is missing/],
    ['an erasure on a ground nobody knows', { ...erasure, basis: 'because' }, /"basis" .* be one of/],
    ['a ground without an erasure', { ...erasure, about: 'log.public' }, /"basis" .* about "erasure" only/],
    ['indexes of this log as of another', { ...erasure, of: ORIGIN }, /"of" .* another log/],
    ['another log without indexes', { act: 'note', about: 'log.public', of: 'a' }, /"of" .* "entries"/],
    [
      'a rotation to no key',
      { act: 'note', about: 'key.rotate' },
      /"vkey" .* about "key\.rotate" is missing/,
    ],
    ['a witness without a key', { act: 'note', about: 'witness.add' }, /"vkey" .* is missing/],
    ['a snapshot of nothing', { act: 'note', about: 'snapshot' }, /"snapshot" .* is missing/],
    [
      'a snapshot beside another matter',
      { act: 'note', about: 'log.public', snapshot },
      /"snapshot" .* only/,
    ],
    ['a snapshot about nothing', { act: 'note', snapshot }, /"snapshot" .* only/],
    [
      'half a snapshot',
      { act: 'note', about: 'snapshot', snapshot: { root } },
      /"snapshot" .* hold the number/,
    ],
    ['a snapshot of -1', { act: 'note', about: 'snapshot', snapshot: { records: -1, root } }, /"snapshot"/],
  ])('about the log contradict themselves: %s', (_, change, message) => {
    const entry = { ...open, ...change };
    expect(() => encodeEntry(entry as LedgerEntry)).toThrow(message);
    expect(() => decodeEntry(Buffer.from(canonicalJson(entry)))).toThrow(
      expect.objectContaining({ code: 'INVALID' }),
    );
  });
});

describe('bytes that are no entry', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['nothing', '', /not JSON/],
    ['null', 'null', /"type"/],
    ['a list', '[]', /"type"/],
    ['white space', canonical.replace(',', ', '), /canonical/],
    ['another order', `{"v":1,${canonical.slice(1).replace(',"v":1', '')}`, /canonical/],
    ['a field twice', `{"act":"edit",${canonical.slice(1)}`, /canonical/],
    ['another spelling of a number', canonical.replace('"v":1', '"v":1.0'), /canonical/],
    ['another spelling of a letter', canonical.replace('"draft"', '"\\u0064raft"'), /canonical/],
    ['a byte order mark', `\ufeff${canonical}`, /not JSON/],
    ['broken UTF-8', Buffer.concat([Buffer.from(canonical), Buffer.of(0xff)]), /UTF-8/],
    ['deep nesting', `{"type":"record","v":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, /"v"/],
    ['65,536 bytes', ' '.repeat(65_536), /65,535 bytes/],
    ['a prototype', canonical.replace('"act"', '"__proto__":{},"act"'), /no field "__proto__"/],
  ])('are refused: %s', (_, bytes, message) => {
    expect(() => decodeEntry(Buffer.from(bytes))).toThrow(message);
  });

  it('cannot grow beyond what a bundle holds', () => {
    const entries = Array.from({ length: 4096 }, (_, i) => 2 ** 53 - 1 - i);
    const entry = {
      v: 1,
      type: 'log',
      at: '2026-03-01T08:00:00.000Z',
      act: 'note',
      origin: ORIGIN,
      entries,
    } as const;
    expect(() => encodeEntry(entry)).toThrow(/at most 65,535 bytes, this one has 69/);
  });
});

describe('opening a group', () => {
  it('needs the value and the salt that were committed to', () => {
    const [value, salt] = [sampleValue(2, 'values'), sampleSalt(2, 'values')];
    expect(openGroup(create, 'values', value, salt)).toBe(true);
    expect(openGroup(create, 'values', { ...(value as object), score: 0.3 }, salt)).toBe(false);
    expect(openGroup(create, 'values', value, sampleSalt(2, 'people'))).toBe(false);
    expect(openGroup(create, 'people', value, salt)).toBe(false);
    expect(openGroup(create, 'values', value, Buffer.alloc(0))).toBe(false);
    expect(openGroup(create, 'values', Number.NaN, salt)).toBe(false);
  });

  it('is false for a group the entry does not have', () => {
    const few = recordEntry(1);
    expect(openGroup(few, 'reason', sampleValue(1, 'reason'), sampleSalt(1, 'reason'))).toBe(false);
    expect(openGroup(few, 'toString' as 'reason', 1, sampleSalt(1, 'reason'))).toBe(false);
  });
});
