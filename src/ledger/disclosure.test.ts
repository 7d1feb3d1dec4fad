import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Disclosure, formatDisclosure, makeDisclosure } from './disclosure.ts';
import { formatProof } from './proof.ts';
import {
  keyPair,
  LOG_KEY,
  ORIGIN,
  sampleEntries,
  sampleSalt,
  sampleValue,
  signedLog,
} from './testing/sample-log.ts';
import { verifyDisclosure } from './verify-disclosure.ts';

const entries = sampleEntries(13);
const log = signedLog(entries);
const { vkey } = LOG_KEY;

function disclose(index: number, groups: ('values' | 'people' | 'reason')[]): Disclosure {
  const disclosed = Object.fromEntries(
    groups.map((group) => [group, { salt: sampleSalt(index, group), value: sampleValue(index, group) }]),
  );
  return makeDisclosure({ vkey, origin: ORIGIN, entry: entries[index]!, disclosed, proof: log.proof(index) });
}

const good = disclose(8, ['values', 'people']);
const text = formatDisclosure(good);
const failed = (file: unknown, key?: string) =>
  verifyDisclosure(file, key)
    .checks.filter((check) => !check.ok)
    .map((check) => check.name);
const detail = (file: unknown, name: string, key?: string) =>
  verifyDisclosure(file, key).checks.find((check) => check.name === name)?.detail;

describe('a disclosure', () => {
  it('verifies, as text and as JSON, and says what was checked', () => {
    for (const file of [text, good, JSON.parse(text), JSON.stringify(JSON.parse(text), null, 2)]) {
      const verdict = verifyDisclosure(file, vkey);
      expect(verdict).toMatchObject({
        ok: true,
        keyFrom: 'caller',
        entry: { register: 'aiSystem', version: 3 },
      });
      expect(verdict.checks.map((check) => check.name)).toEqual([
        'file',
        'key',
        'entry',
        'groups',
        'group:values',
        'group:people',
        'proof',
        'checkpoint',
        'inclusion',
      ]);
    }
    expect(good.withheld).toEqual(['text', 'links', 'actor', 'reason']);
    expect(detail(text, 'inclusion', vkey)).toBe(
      'The entry is at place 8 of the 13 entries the checkpoint signs.',
    );
    expect(detail(text, 'groups', vkey)).toBe('Withheld: text, links, actor, reason.');
  });

  it('says plainly when the key came from the file itself', () => {
    const verdict = verifyDisclosure(text);
    expect(verdict).toMatchObject({ ok: true, keyFrom: 'file' });
    expect(detail(text, 'key')).toMatch(
      /came from the file itself, so this proves only that the file agrees with itself/,
    );
  });

  it('of every entry verifies, showing nothing or all of it', () => {
    for (let i = 0; i < entries.length; i++) {
      expect(verifyDisclosure(disclose(i, []), vkey).ok, `${i}`).toBe(true);
      if (i > 0) expect(verifyDisclosure(disclose(i, ['values']), vkey).ok, `${i}`).toBe(true);
    }
    const alone = signedLog(entries.slice(0, 1));
    const first = makeDisclosure({
      vkey,
      origin: ORIGIN,
      entry: entries[0]!,
      disclosed: {},
      proof: alone.proof(0),
    });
    expect(verifyDisclosure(formatDisclosure(first), vkey).ok).toBe(true);
  });

  it('is not made of values that were not committed to', () => {
    const shown = { values: { salt: sampleSalt(8, 'values'), value: 'something else' } };
    const from = { vkey, origin: ORIGIN, entry: entries[8]!, proof: log.proof(8) };
    expect(() => makeDisclosure({ ...from, disclosed: shown })).toThrow(
      /"values" are not what entry 8 committed to/,
    );
    expect(() => disclose(7, ['reason'])).toThrow(/"reason" are not what entry 7/);
  });
});

describe('a disclosure that was changed', () => {
  it('is found out for every flipped bit of the file', () => {
    // The smallest log with an inclusion proof keeps this short; every other part of a file is in it.
    const two = signedLog(entries.slice(0, 2));
    const values = { salt: sampleSalt(1, 'values'), value: sampleValue(1, 'values') };
    const from = { vkey, origin: ORIGIN, entry: entries[1]!, disclosed: { values }, proof: two.proof(1) };
    const bytes = Buffer.from(formatDisclosure(makeDisclosure(from)));
    expect(verifyDisclosure(bytes.toString(), vkey).ok).toBe(true);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const { ok, checks } = verifyDisclosure(changed.toString(), vkey);
      expect(ok, `bit ${bit}`).toBe(false);
      expect(checks.some((check) => !check.ok)).toBe(true);
    }
  });

  it('is found out for characters put in, taken out or replaced, white space between tokens apart', () => {
    const compact = (s: string) => JSON.stringify(JSON.parse(s));
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(3), fc.string({ maxLength: 3 }), (at, cut, put) => {
        const changed = text.slice(0, at) + put + text.slice(at + cut);
        if (verifyDisclosure(changed, vkey).ok) expect(compact(changed)).toBe(compact(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('is found out when names are given twice or numbers spelt so that they round', () => {
    expect(failed(text.replace('"index":8', '"index":9,"index":8'), vkey)).toEqual(['file']);
    expect(failed(text.replace('"index":8', '"index":8.0'), vkey)).toEqual(['file']);
    expect(text).toContain('0.30000000000000004');
    expect(failed(text.replace('0.30000000000000004', '0.30000000000000005'), vkey)).toEqual(['file']);
  });

  it.each<[string, (d: Disclosure) => unknown, string[]]>([
    [
      'a value',
      (d) => ({ ...d, disclosed: { ...d.disclosed, values: { ...d.disclosed.values, value: 1 } } }),
      ['group:values'],
    ],
    [
      'a salt',
      (d) => ({
        ...d,
        disclosed: { ...d.disclosed, people: { ...d.disclosed.people, salt: '0'.repeat(64) } },
      }),
      ['group:people'],
    ],
    [
      'swapped groups',
      (d) => ({ ...d, disclosed: { values: d.disclosed.people, people: d.disclosed.values } }),
      ['group:values', 'group:people'],
    ],
    ['a group kept silent', (d) => ({ ...d, withheld: d.withheld.slice(1) }), ['groups']],
    ['a group both shown and withheld', (d) => ({ ...d, withheld: [...d.withheld, 'values'] }), ['groups']],
    [
      'another entry',
      (d) => ({ ...d, entry: entries[6]!.toString('base64') }),
      ['group:values', 'group:people', 'inclusion'],
    ],
    ['another index', (d) => ({ ...d, index: 7 }), ['proof', 'checkpoint', 'inclusion']],
    [
      'a proof of another entry',
      (d) => ({ ...d, proof: log.proof(7) }),
      ['proof', 'checkpoint', 'inclusion'],
    ],
    [
      'a moved proof',
      (d) => ({ ...d, index: 7, proof: d.proof.replace('index 8', 'index 7') }),
      ['inclusion'],
    ],
    [
      'an index beyond the log',
      (d) => ({ ...d, index: 13, proof: d.proof.replace('index 8', 'index 13') }),
      ['inclusion'],
    ],
    [
      'an index of 2^53 - 1',
      (d) => ({ ...d, index: 2 ** 53 - 1, proof: d.proof.replace('index 8', `index ${2 ** 53 - 1}`) }),
      ['inclusion'],
    ],
    [
      'another size',
      (d) => ({ ...d, proof: d.proof.replace('\n13\n', '\n14\n') }),
      ['checkpoint', 'inclusion'],
    ],
    [
      'another origin',
      (d) => ({ ...d, origin: 'aims.example.com/other/log1' }),
      ['key', 'checkpoint', 'inclusion'],
    ],
    [
      'extra data',
      (d) => ({ ...d, proof: d.proof.replace('index', 'extra bm90ZQ==\nindex') }),
      ['proof', 'checkpoint', 'inclusion'],
    ],
    ['no proof', (d) => ({ ...d, proof: 'c2sp.org/tlog-proof@v1' }), ['proof', 'checkpoint', 'inclusion']],
    ['an entry that is no base64', (d) => ({ ...d, entry: `${d.entry}\n` }), ['entry', 'inclusion']],
  ])('is found out, with the check that failed: %s', (_, change, expected) => {
    expect(failed(change(good), vkey)).toEqual(expected);
  });

  it('cannot be signed again by another key', () => {
    const mine = keyPair(2);
    const forgedLog = signedLog(entries, [mine.signer]);
    const forged = { ...good, proof: forgedLog.proof(8) };
    expect(failed(forged, vkey)).toEqual(['checkpoint', 'inclusion']);
    expect(detail(forged, 'checkpoint', vkey)).toMatch(/No signature of a trusted key/);
    expect(failed({ ...forged, vkey: mine.vkey }, vkey)).toEqual(['key', 'checkpoint', 'inclusion']);
    // It agrees with itself: that is why the key must come from elsewhere.
    expect(verifyDisclosure({ ...forged, vkey: mine.vkey })).toMatchObject({ ok: true, keyFrom: 'file' });
  });

  it('is not believed for a log of size 0', () => {
    const empty = signedLog([]).checkpoint;
    const file = { ...good, index: 0, proof: formatProof({ index: 0, hashes: [], checkpoint: empty }) };
    expect(failed(file, vkey)).toEqual(['inclusion']);
  });

  it('may carry signatures of witnesses, which say nothing here', () => {
    const witnessed = signedLog(entries, [keyPair(3, 'witness.example').signer, LOG_KEY.signer]);
    const file = { ...good, proof: witnessed.proof(8) };
    expect(verifyDisclosure(file, vkey).ok).toBe(true);
    expect(detail(file, 'checkpoint', vkey)).toMatch(/signatures of other keys \(1\) say nothing here/);
  });
});

describe('hostile files', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 4],
    ['a list', []],
    ['an empty object', {}],
    ['empty text', ''],
    ['text that is no JSON', '{'],
    ['JSON that is no object', '"x"'],
    ['deep nesting', deep],
    ['a deep value', text.replace('"values":{', `"values":{"a":${deep},`)],
    ['another format', { ...good, format: 'openaims.disclosure/2' }],
    ['an unknown field', { ...good, note: 'x' }],
    ['a giant index', { ...good, index: 1e308 }],
    ['an index of minus nought', { ...good, index: -0 }],
    ['an index that is not a number', { ...good, index: Number.NaN }],
    ['an index as text', { ...good, index: '8' }],
    ['a proof as a list', { ...good, proof: [good.proof] }],
    ['an entry as bytes', { ...good, entry: entries[8] }],
    ['no groups', { ...good, disclosed: null }],
    ['an unknown group', { ...good, disclosed: { constructor: { salt: '0'.repeat(64), value: 1 } } }],
    ['a prototype as group', JSON.parse(text.replace('"disclosed":{', '"disclosed":{"__proto__":{},'))],
    ['a group without a value', { ...good, disclosed: { values: { salt: '0'.repeat(64) } } }],
    ['a group that is null', { ...good, disclosed: { values: null } }],
    [
      'an upper-case salt',
      text.replace(/"salt":"[0-9a-f]+"/, (s) => s.toUpperCase().replace('SALT', 'salt')),
    ],
    ['a short salt', { ...good, disclosed: { values: { salt: '00', value: 1 } } }],
    ['withheld as text', { ...good, withheld: 'text' }],
    [
      'an object that throws',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
    ],
  ])('are refused with a reason: %s', (_, file) => {
    for (const key of [vkey, undefined]) {
      const verdict = verifyDisclosure(file, key);
      expect(verdict.ok).toBe(false);
      expect(verdict.checks).toHaveLength(1);
      expect(verdict.checks[0]).toMatchObject({
        name: 'file',
        ok: false,
        detail: expect.stringMatching(/^[A-Z"].*\.$/),
      });
    }
  });

  it('do not make it throw, whatever a field holds', () => {
    const fields = Object.keys(good);
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.anything(), fc.option(fc.string()), (field, value, key) => {
        const verdict = verifyDisclosure({ ...good, [field]: value }, key ?? vkey);
        if (verdict.ok) expect(value).toEqual(good[field as keyof Disclosure]);
        expect(verdict.checks.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
    fc.assert(fc.property(fc.anything(), (file) => !verifyDisclosure(file, vkey).ok));
    fc.assert(fc.property(fc.string(), (file) => !verifyDisclosure(file, vkey).ok));
  });

  it('with a value nested as deep as a commitment allows fail on the commitment, not on the file', () => {
    const value = JSON.parse('['.repeat(80) + ']'.repeat(80)) as unknown;
    const file = { ...good, disclosed: { ...good.disclosed, values: { salt: '0'.repeat(64), value } } };
    expect(failed(file, vkey)).toEqual(['group:values']);
  });

  it('with a trusted key that is none fail on the key', () => {
    expect(failed(text, 'nonsense')).toEqual(['key', 'checkpoint', 'inclusion']);
    expect(failed(text, '')).toEqual(['key', 'checkpoint', 'inclusion']);
  });
});
