import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditLog, LogAuditor } from './audit.ts';
import { decodeEntry, encodeEntry, type RecordEntry } from './entry.ts';
import { keyPair, LOG_KEY, ORIGIN, sampleEntries, signedLog } from './testing/sample-log.ts';

const entries = sampleEntries(40);
const { checkpoint, root } = signedLog(entries);
const { vkey } = LOG_KEY;

describe('the audit of a log', () => {
  it('passes the log that was signed', () => {
    expect(auditLog({ checkpoint, vkey, entries, histories: true })).toEqual({ ok: true, size: 40, root });
    const empty = signedLog([]);
    expect(auditLog({ checkpoint: empty.checkpoint, vkey, entries: [] })).toMatchObject({
      ok: true,
      size: 0,
    });
  });

  it('finds any bit changed in any entry', () => {
    fc.assert(
      fc.property(fc.nat(39), fc.nat(), (at, bit) => {
        const changed = entries.map((e) => Buffer.from(e));
        const entry = changed[at]!;
        entry[(bit >> 3) % entry.length]! ^= 1 << (bit % 8);
        const { ok, problem } = auditLog({ checkpoint, vkey, entries: changed });
        expect(ok).toBe(false);
        expect(problem?.message).toMatch(/40 entries do not give the signed root/);
      }),
    );
  });

  it('finds entries missing, added and swapped', () => {
    const audit = (list: Buffer[]) => auditLog({ checkpoint, vkey, entries: list }).problem;
    expect(audit(entries.slice(0, 39))?.message).toMatch(/signs 40 entries, only 39/);
    expect(audit([])?.message).toMatch(/only 0/);
    expect(audit([...entries, entries[0]!])).toMatchObject({
      index: 40,
      message: expect.stringMatching(/more entries/),
    });
    expect(audit([entries[1]!, entries[0]!, ...entries.slice(2)])?.message).toMatch(/moved/);
    expect(audit([Buffer.alloc(65_536), ...entries.slice(1)])).toMatchObject({ index: 0 });
  });

  it('stops reading at the first problem', () => {
    let read = 0;
    function* forever() {
      for (;;) {
        read++;
        yield entries[0]!;
      }
    }
    expect(auditLog({ checkpoint, vkey, entries: forever() }).ok).toBe(false);
    expect(read).toBe(41);
    const auditor = new LogAuditor({ checkpoint: 'nothing', vkey });
    expect(auditor.add(entries[0]!)).toBe(false);
    expect(auditor.finish()).toMatchObject({ ok: false, size: 0 });
  });

  it('does not believe another key, a changed checkpoint or another log', () => {
    const problem = (change: object) => auditLog({ checkpoint, vkey, entries, ...change }).problem?.message;
    expect(problem({ vkey: keyPair(2).vkey })).toMatch(/no signature of a trusted key/);
    expect(problem({ vkey: 'nonsense' })).toMatch(/verifier key/);
    expect(problem({ checkpoint: checkpoint.replace('\n40\n', '\n39\n') })).toMatch(/was changed/);
    expect(problem({ origin: 'another.example' })).toMatch(/expected "another\.example"/);
    expect(problem({ origin: ORIGIN })).toBeUndefined();
  });
});

describe('the histories of the records', () => {
  /** Signs a log whose operator rewrote one entry: the root holds, the history does not. */
  const rewritten = (at: number, change: (entry: RecordEntry) => RecordEntry) => {
    const list = [...entries];
    list[at] = encodeEntry(change(decodeEntry(list[at]!) as RecordEntry));
    const signed = signedLog(list).checkpoint;
    expect(auditLog({ checkpoint: signed, vkey, entries: list }).ok).toBe(true);
    return auditLog({ checkpoint: signed, vkey, entries: list, histories: true }).problem;
  };

  it('must follow one another', () => {
    expect(rewritten(5, (e) => ({ ...e, state: 'approved' }))).toMatchObject({
      index: 8,
      message: expect.stringMatching(/entry 8 does not name the entry before it/),
    });
    expect(rewritten(7, (e) => ({ ...e, version: e.version + 1 }))).toMatchObject({
      index: 7,
      message: expect.stringMatching(/is version 4 of record .*, expected version 3/),
    });
  });

  it('must be readable', () => {
    const list = [...entries.slice(0, 10), Buffer.from('{}')];
    const signed = signedLog(list).checkpoint;
    expect(auditLog({ checkpoint: signed, vkey, entries: list, histories: true }).problem).toMatchObject({
      index: 10,
      message: expect.stringMatching(/entry 10 cannot be read/),
    });
  });
});
