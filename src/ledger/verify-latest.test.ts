import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEntry, type RecordEntry } from './entry.ts';
import { formatLatest, type LatestFile, type LatestRow, makeLatest } from './snapshot.ts';
import { SnapshotTree } from './snapshot-tree.ts';
import { keyPair, LOG_KEY, ORIGIN, recordEntry, sampleEntries, signedLog } from './testing/sample-log.ts';
import { newestRows, note, snapshotNote } from './testing/sample-snapshots.ts';
import { verifyLatest } from './verify-latest.ts';

const { vkey } = LOG_KEY;
const uuid = (n: number) => `0190f3a2-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** A log that opens, enters one version of each of these records, and takes a snapshot. */
function logOf(records: readonly number[], more = 2) {
  const entries = [sampleEntries(1)[0]!];
  for (const n of records) entries.push(encodeEntry({ ...recordEntry(1), id: uuid(n) } as RecordEntry));
  const entry = snapshotNote(entries);
  const index = entries.push(entry) - 1;
  for (let i = 0; i < more; i++) entries.push(note({ about: 'log.public' }));
  const log = signedLog(entries);
  const rows = newestRows(entries);
  const file = (record: number, change: object = {}) =>
    makeLatest({
      vkey,
      origin: ORIGIN,
      entry,
      proof: log.proof(index),
      rows,
      record: uuid(record),
      ...change,
    });
  return { entries, entry, index, log, rows, file };
}

const five = logOf([10, 20, 30, 40, 50]);
const good = five.file(30);
const absent = five.file(35);
const failed = (file: unknown, key: string | string[] = vkey) =>
  verifyLatest(file, key)
    .checks.filter((check) => !check.ok)
    .map((check) => check.name);
const detail = (file: unknown, name: string) =>
  verifyLatest(file, vkey).checks.find((check) => check.name === name)?.detail;

describe('a latest-version file', () => {
  it('verifies, as text and as JSON, and says what was checked', () => {
    const text = formatLatest(good);
    for (const file of [text, good, JSON.parse(text), JSON.stringify(JSON.parse(text), null, 2)]) {
      const verdict = verifyLatest(file, vkey);
      expect(verdict).toMatchObject({
        ok: true,
        keyFrom: 'caller',
        entry: { about: 'snapshot', snapshot: { records: 5 } },
        latest: { id: uuid(30), version: 1 },
      });
      expect(verdict.checks.map((check) => check.name)).toEqual([
        'file',
        'key',
        'entry',
        'proof',
        'checkpoint',
        'inclusion',
        'rows',
        'latest',
      ]);
    }
    expect(detail(good, 'latest')).toBe(
      `Version 1 was the newest of record ${uuid(30)} before entry 6 was made.`,
    );
    expect(detail(absent, 'latest')).toBe(`Record ${uuid(35)} did not exist before entry 6 was made.`);
    expect(verifyLatest(formatLatest(absent), vkey)).toMatchObject({ ok: true, latest: null });
    expect(verifyLatest(text)).toMatchObject({ ok: true, keyFrom: 'file' });
  });

  it('is made for every record, there or not, in logs of every small size', () => {
    let made = 0;
    for (let size = 0; size <= 9; size++) {
      const numbers = Array.from({ length: size }, (_, i) => 10 * (i + 1));
      const log = logOf(numbers);
      for (let n = 5; n <= 10 * size + 5; n += 5) {
        const file = log.file(n);
        const places = numbers.includes(n)
          ? 1
          : Math.min(2, size === 0 ? 0 : n < 10 || n > 10 * size ? 1 : 2);
        expect(file.places).toHaveLength(places);
        const verdict = verifyLatest(formatLatest(file), vkey);
        expect(verdict.ok, `${n} of ${size}`).toBe(true);
        expect(verdict.latest === null).toBe(!numbers.includes(n));
        made++;
      }
    }
    expect(made).toBe(100);
  });

  it('is not made of other rows than the snapshot', () => {
    expect(() => five.file(30, { rows: five.rows.slice(1) })).toThrow(/has 5 records, got 4/);
    const rows = five.rows.map((r) => ({ ...r, version: r.version + 1 }));
    expect(() => five.file(30, { rows })).toThrow(/not those of the snapshot in entry 6/);
    expect(() => five.file(30, { entry: five.entries[0] })).toThrow(/no snapshot/);
    expect(() => five.file(30, { record: 'x' })).toThrow(/UUID/);
    expect(five.file(30, { rows: new SnapshotTree(five.rows) })).toEqual(good);
  });
});

describe('a latest-version file that was changed', () => {
  it('is found out for every flipped bit', () => {
    const small = logOf([10, 20], 0);
    let flipped = 0;
    for (const record of [10, 15]) {
      const bytes = Buffer.from(formatLatest(small.file(record)));
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        const { ok, checks, latest } = verifyLatest(changed.toString(), vkey);
        // Another record between the same neighbours did not exist either: then the file says so, and is true.
        if (ok) expect(latest === null && !changed.toString().includes(uuid(15)), `bit ${bit}`).toBe(true);
        else expect(checks.some((check) => !check.ok)).toBe(true);
        flipped++;
      }
    }
    expect(flipped).toBeGreaterThan(10_000);
  });

  const place = (n: number) => five.file(n).places[0]!;
  it.each<[string, LatestFile, (f: LatestFile) => unknown, string[]]>([
    ['an older version', good, (f) => older(f, 2), ['rows', 'latest']],
    ['another digest', good, (f) => ({ ...f, row: other(f.row!) }), ['latest']],
    ['the row of another record', good, (f) => ({ ...f, record: uuid(40) }), ['latest']],
    ['the place of another record', good, (f) => ({ ...f, places: [place(40)] }), ['latest']],
    ['no place', good, (f) => ({ ...f, places: [] }), ['rows', 'latest']],
    ['a place too many', good, (f) => ({ ...f, places: [place(30), place(40)] }), ['latest']],
    ['a record denied that is there', good, (f) => ({ ...f, row: null }), ['latest']],
    ['one denied between others', good, (f) => ({ ...f, row: null, places: absent.places }), ['latest']],
    [
      'one denied by rows around it',
      good,
      (f) => ({ ...f, row: null, places: [place(20), place(40)] }),
      ['latest'],
    ],
    ['one denied by the first row', good, (f) => ({ ...f, row: null, places: [place(10)] }), ['latest']],
    ['one denied by the last row', good, (f) => ({ ...f, row: null, places: [place(50)] }), ['latest']],
    ['one neighbour of two', absent, (f) => ({ ...f, places: f.places.slice(1) }), ['latest']],
    ['neighbours swapped', absent, (f) => ({ ...f, places: [...f.places].reverse() }), ['latest']],
    ['a neighbour twice', absent, (f) => ({ ...f, places: [f.places[0], f.places[0]] }), ['latest']],
    ['neighbours of another gap', absent, (f) => ({ ...f, record: uuid(45) }), ['latest']],
    ['a place moved', good, (f) => moved(f, 3), ['rows', 'latest']],
    ['a place beyond the records', good, (f) => moved(f, 5), ['rows', 'latest']],
    ['a place of 2^53 - 1', good, (f) => moved(f, 2 ** 53 - 1), ['rows', 'latest']],
    ['nothing for a snapshot with records', absent, (f) => ({ ...f, places: [] }), ['rows', 'latest']],
    ['another index', good, (f) => ({ ...f, index: 5 }), ['proof', 'checkpoint', 'inclusion']],
    [
      'a record entry for the snapshot',
      good,
      (f) => ({ ...f, entry: five.entries[1]!.toString('base64') }),
      ['entry', 'inclusion', 'rows', 'latest'],
    ],
    [
      'a note for the snapshot',
      good,
      (f) => ({ ...f, entry: five.entries[7]!.toString('base64') }),
      ['entry', 'inclusion', 'rows', 'latest'],
    ],
    [
      'a snapshot that was never entered',
      good,
      (f) => ({ ...f, entry: forged() }),
      ['inclusion', 'rows', 'latest'],
    ],
    [
      'another origin',
      good,
      (f) => ({ ...f, origin: 'other.example' }),
      ['key', 'entry', 'checkpoint', 'inclusion', 'rows', 'latest'],
    ],
    ['a checkpoint of another size', good, (f) => resized(f, 8), ['checkpoint', 'inclusion']],
    ['a checkpoint of size 0', good, (f) => ({ ...f, proof: proofOfNothing() }), ['inclusion']],
  ])('is found out, with the check that failed: %s', (_, file, change, expected) => {
    expect(failed(file)).toEqual([]);
    expect(failed(change(file))).toEqual(expected);
    expect(verifyLatest(change(file), vkey)).not.toHaveProperty('latest');
  });

  function older(f: LatestFile, version: number): LatestFile {
    const row: LatestRow = [f.row![0], version, f.row![2]];
    return { ...f, row, places: [{ ...f.places[0]!, row }] };
  }
  function other(row: LatestRow): LatestRow {
    return [row[0], row[1], `sha256:${'0'.repeat(64)}`];
  }
  function moved(f: LatestFile, index: number): LatestFile {
    return { ...f, places: [{ ...f.places[0]!, index }] };
  }
  function resized(f: LatestFile, size: number): LatestFile {
    return { ...f, proof: f.proof.replace('\n9\n', `\n${size}\n`) };
  }
  function forged(): string {
    return snapshotNote(five.entries.slice(0, 3)).toString('base64');
  }
  function proofOfNothing(): string {
    return `c2sp.org/tlog-proof@v1\nindex 6\n\n${signedLog([]).checkpoint}`;
  }

  it('is believed from no other key, and from any key of a rotated log', () => {
    const next = keyPair(2);
    expect(failed(good, next.vkey)).toEqual(['key', 'checkpoint', 'inclusion']);
    expect(failed(good, [next.vkey, vkey])).toEqual([]);
    expect(failed(good, [])).toEqual(['key', 'checkpoint', 'inclusion']);
    expect(failed(good, ['nonsense', vkey])).toEqual(['key', 'checkpoint', 'inclusion']);
  });
});

describe('hostile latest-version files', () => {
  const text = formatLatest(good);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['empty text', ''],
    ['no JSON', '{'],
    ['deep nesting', deep],
    ['a deep field', text.replace('"places":[', `"places":[${deep},`)],
    ['a name twice', text.replace('"index":', '"index":6,"index":')],
    ['a number spelt otherwise', text.replace('"index":6', '"index":6.0')],
    ['another format', { ...good, format: 'openaims.latest/2' }],
    ['a disclosure', { ...good, format: 'openaims.disclosure/1' }],
    ['an unknown field', { ...good, note: 'x' }],
    ['a prototype', JSON.parse(text.replace('"index":', '"__proto__":{},"index":'))],
    ['a giant index', { ...good, index: 1e308 }],
    ['an index below 0', { ...good, index: -1 }],
    ['minus nought', { ...good, index: -0 }],
    ['a record in capitals', { ...good, record: good.record.toUpperCase() }],
    ['a record as number', { ...good, record: 30 }],
    ['no row', { ...good, row: undefined }],
    ['a row as object', { ...good, row: { id: uuid(30), version: 1, digest: good.row![2] } }],
    ['a row of four', { ...good, row: [...good.row!, 'x'] }],
    ['a version of 0', { ...good, row: [uuid(30), 0, good.row![2]] }],
    ['a version as text', { ...good, row: [uuid(30), '1', good.row![2]] }],
    ['a digest as object', { ...good, row: [uuid(30), 1, { toString: () => good.row![2] }] }],
    ['places as object', { ...good, places: { length: 1, 0: good.places[0] } }],
    ['three places', { ...good, places: [1, 2, 3].map(() => good.places[0]) }],
    ['a place that is null', { ...good, places: [null] }],
    ['a place with more', { ...good, places: [{ ...good.places[0], size: 1 }] }],
    [
      '54 hashes',
      { ...good, places: [{ ...good.places[0], hashes: Array(54).fill(good.places[0]!.hashes[0]) }] },
    ],
    ['a short hash', { ...good, places: [{ ...good.places[0], hashes: ['AAAA'] }] }],
    ['an object that throws', new Proxy({}, { get: fail, ownKeys: fail })],
  ])('are refused with a reason: %s', (_, file) => {
    for (const key of [vkey, undefined]) {
      const verdict = verifyLatest(file, key);
      expect(verdict.ok).toBe(false);
      expect(verdict.checks).toHaveLength(1);
      expect(verdict.checks[0]).toMatchObject({
        name: 'file',
        ok: false,
        detail: expect.stringMatching(/\.$/),
      });
    }
  });

  function fail(): never {
    throw new Error('no');
  }

  it('do not make it throw, whatever a field holds or wherever the text is cut', () => {
    let tried = 0;
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(good)), fc.anything(), (field, value) => {
        const verdict = verifyLatest({ ...good, [field]: value }, vkey);
        if (verdict.ok) expect(value).toEqual(good[field as keyof LatestFile]);
        tried++;
      }),
      { numRuns: 1000 },
    );
    // Without its last newline it is the same file; what is cut more is none.
    for (let length = 0; length < text.length - 1; length++) {
      expect(verifyLatest(text.slice(0, length), vkey).ok, `${length}`).toBe(false);
      tried++;
    }
    fc.assert(fc.property(fc.anything(), (file) => !verifyLatest(file, vkey).ok));
    expect(tried).toBeGreaterThan(1000);
  });
});
