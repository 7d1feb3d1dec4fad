import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditLog } from './audit.ts';
import { encodeEntry, entryDigest, type LogEntry } from './entry.ts';
import { keyPair, LOG_KEY, ORIGIN, recordEntry, sampleEntries, signedLog } from './testing/sample-log.ts';
import { entriesWithSnapshots, newestRows, note, snapshotNote } from './testing/sample-snapshots.ts';

const { vkey } = LOG_KEY;
const ROOT = Buffer.alloc(32, 1).toString('base64');
const PREVIOUS = { origin: 'aims.example.com/acme/log0', size: 7, root: ROOT };

/** The audit of a log whose operator signed just these entries: the root holds, whatever they say. */
function audit(entries: readonly Buffer[], keys: string | string[] = vkey) {
  const { checkpoint } = signedLog(entries);
  expect(auditLog({ checkpoint, vkey: keys, entries }).ok).toBe(true);
  return auditLog({ checkpoint, vkey: keys, entries, histories: true });
}
const problem = (entries: readonly Buffer[]) => audit(entries).problem;
const open = (fields: Partial<LogEntry> = {}) => note({ act: 'open', ...fields });

describe('the entries about the log', () => {
  it('may tell of erasures, keys, witnesses and what is not known yet', () => {
    const entries = [
      ...sampleEntries(8),
      note({ about: 'erasure', entries: [2, 5], groups: ['people'], basis: 'gdpr.17.1.a' }),
      note({ about: 'erasure', entries: [900], of: PREVIOUS.origin, groups: ['text'], basis: 'other.law' }),
      note({ about: 'key.rotate', vkey: keyPair(2).vkey }),
      note({ about: 'witness.add', vkey: keyPair(3, 'witness.example').vkey }),
      note({ about: 'log.public' }),
      note({ about: 'something.later', entries: [1] }),
      note({}),
    ];
    expect(audit(entries)).toMatchObject({ ok: true, size: entries.length });
    expect(audit(entries, [keyPair(2).vkey, vkey]).ok).toBe(true);
    expect(audit([]).ok).toBe(true);
  });

  it.each<[string, Buffer[], number, RegExp]>([
    ['no opening', sampleEntries(4).slice(1), 0, /entry 0 must open the log/],
    ['a note for the opening', [note({})], 0, /entry 0 must open the log/],
    ['a second opening', [...sampleEntries(4), open()], 4, /entry 4 opens the log, which entry 0 did/],
    [
      'the opening of another log',
      [open({ origin: 'other.example' })],
      0,
      /speaks of the log "other\.example"/,
    ],
    ['a note of another log', [open(), note({ origin: 'other.example' })], 1, /expected "aims\.example/],
    [
      'an erasure of what is not there yet',
      [open(), note({ about: 'erasure', entries: [0, 1], groups: ['text'], basis: 'other.law' })],
      1,
      /entry 1 speaks of entry 1, which is not before it/,
    ],
    [
      'an erasure of a giant index',
      [open(), note({ about: 'erasure', entries: [2 ** 53 - 1], groups: ['text'], basis: 'other.law' })],
      1,
      /entry 1 speaks of entry 9007199254740991/,
    ],
    ['a rotation to no key', [open(), note({ about: 'key.rotate', vkey: 'x' })], 1, /entry 1 cannot be read/],
    [
      'a rotation to the key of another log',
      [open(), note({ about: 'key.rotate', vkey: keyPair(2, 'other.example').vkey })],
      1,
      /not named after the log/,
    ],
  ])('are refused: %s', (_, entries, index, message) => {
    expect(problem(entries)).toMatchObject({ index, message: expect.stringMatching(message) });
  });

  it('are only read when histories are asked for', () => {
    const entries = [Buffer.from('anything')];
    const { checkpoint } = signedLog(entries);
    expect(auditLog({ checkpoint, vkey, entries }).ok).toBe(true);
    expect(auditLog({ checkpoint, vkey: [], entries })).toMatchObject({ ok: false });
    expect(auditLog({ checkpoint, vkey: [vkey, 'x'], entries })).toMatchObject({ ok: false });
  });
});

describe('the snapshots', () => {
  it('hold wherever they stand', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.uniqueArray(fc.nat(39)), (count, after) => {
        const entries = entriesWithSnapshots(count, after);
        expect(audit(entries).problem).toBeUndefined();
      }),
      { numRuns: 60 },
    );
    // The same one again, when nothing came between.
    const twice = entriesWithSnapshots(10, [9]);
    expect(problem([...twice, snapshotNote(twice)])).toBeUndefined();
  });

  it('are found out when they lack, add, age or change a record', () => {
    const before = sampleEntries(20);
    const honest = snapshotNote(before);
    let found = 0;
    for (let seen = 0; seen < before.length; seen++) {
      const stale = snapshotNote(before.slice(0, seen));
      if (stale.equals(honest)) continue;
      expect(problem([...before, stale])).toMatchObject({
        index: 20,
        message: expect.stringMatching(
          /the snapshot in entry 20 (has \d records|is not of the newest versions)/,
        ),
      });
      found++;
    }
    expect(found).toBeGreaterThan(15);
    const wrong = (records: number, root: string) =>
      problem([...before, note({ about: 'snapshot', snapshot: { records, root } })])?.message;
    expect(newestRows(before)).toHaveLength(3);
    expect(wrong(3, ROOT)).toMatch(/is not of the newest versions before it \(rebuilt .*, signed AQEB/);
    expect(wrong(4, ROOT)).toMatch(/has 4 records, the entries before it 3/);
    expect(wrong(2 ** 53 - 1, ROOT)).toMatch(/has 9007199254740991 records/);
    expect(wrong(0, ROOT)).toMatch(/has 0 records/);
  });

  it('of a log that continues another one are taken as they are', () => {
    const snapshot = note({ about: 'snapshot', snapshot: { records: 900, root: ROOT } });
    expect(problem([open({ previous: PREVIOUS }), snapshot])).toBeUndefined();
    expect(problem([open(), snapshot])?.message).toMatch(/has 900 records, the entries before it 0/);
  });
});

describe('a log that continues another one', () => {
  const first = open({ previous: PREVIOUS });
  const later = (i: number, version: number, prev: string) =>
    encodeEntry({ ...recordEntry(i), act: 'edit', version, prev });
  const prev = `sha256:${'5'.repeat(64)}`;

  it('may begin a record at a later version, and then goes on without a gap', () => {
    const a = later(2, 7, prev);
    const b = later(2, 8, entryDigest(a));
    expect(problem([first, a, b, encodeEntry(recordEntry(1))])).toBeUndefined();
    expect(problem([first, a, later(2, 9, entryDigest(a))])?.message).toMatch(
      /version 9 .* expected version 8/,
    );
    expect(problem([first, a, later(2, 8, prev)])?.message).toMatch(/its history was rewritten/);
    expect(problem([first, a, encodeEntry(recordEntry(2))])?.message).toMatch(
      /version 1 .* expected version 8/,
    );
  });

  it('is the only one that may', () => {
    expect(problem([open(), later(2, 7, prev)])).toMatchObject({
      index: 1,
      message: expect.stringMatching(/version 7 of record .*, expected version 1/),
    });
  });

  it('still names itself', () => {
    expect(ORIGIN).not.toBe(PREVIOUS.origin);
    expect(problem([open({ origin: 'other.example', previous: PREVIOUS })])?.message).toMatch(
      /speaks of the log/,
    );
  });
});
