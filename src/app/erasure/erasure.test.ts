import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEntry } from '../../ledger/index.ts';
import { mentionsOf } from './mentions.ts';
import { byVersion, detailOf, notesOf } from './notes.ts';
import type { ErasurePlan, PlannedPart } from './plan.ts';

describe('a mention', () => {
  const known = { names: ['Anna Žižek', 'Bo'], emails: ['a.z+x@example.org'] };
  const mentioned = mentionsOf(known)!;

  test('is the whole name or address, however it is written', () => {
    for (const text of [
      'Anna Žižek',
      'by ANNA ŽIŽEK.',
      'Anna\n  Žižek said',
      '(anna žižek)',
      'Anna Z\u030ciz\u030cek',
      'to A.Z+X@example.org, today',
    ])
      expect(mentioned(text), text).toBe(true);
    for (const text of [
      'Anna',
      'Joanna Žižek',
      'Anna Žižeková',
      'Bo',
      'aXz+x@example.org',
      'b.a.z+xx@example.org',
      '',
    ])
      expect(mentioned(text), text).toBe(false);
  });

  test('a short name alone is not looked for', () => {
    expect(mentionsOf({ names: ['Bo', 'J. D', ''], emails: [] })).toBeUndefined();
  });

  test('is found for every name inside every text, whatever characters it has', () => {
    let looked = 0;
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ unit: 'grapheme' }),
        (odd, around) => {
          const name = `Anna${odd}Lee`;
          const test = mentionsOf({ names: [name], emails: [] })!;
          looked += 1;
          expect(test(`${around} ${name} ${around}`)).toBe(true);
        },
      ),
    );
    expect(looked).toBeGreaterThan(50);
  });
});

describe('the log entries of an erasure', () => {
  const part = (n: number, over: Partial<PlannedPart> = {}): PlannedPart => ({
    id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    ref: `HAZ-${String(n).padStart(4, '0')}`,
    version: 1,
    part: 'text',
    log: 2,
    index: n,
    ...over,
  });
  const planOf = (parts: PlannedPart[]) =>
    ({
      parts,
      account: false,
      invitations: 0,
      origins: [
        { number: 1, origin: 'here/log/old', open: false },
        { number: 2, origin: 'here/log/new', open: true },
      ],
    }) as unknown as ErasurePlan;
  const notes = (parts: PlannedPart[]) =>
    notesOf(planOf(parts), new Date('2030-01-01T00:00:00Z'), 'other.law').map((n) =>
      decodeEntry(Buffer.from(n)),
    );

  test('are split where one would name more entries than it can', () => {
    const all = notes(Array.from({ length: 9_000 }, (_, i) => part(i, { index: 2 ** 40 + i })));
    expect(all.map((n) => (n.type === 'log' ? n.entries?.length : 0))).toEqual([4096, 4096, 808]);
    expect(detailOf(planOf(Array.from({ length: 9_000 }, (_, i) => part(i)))).length).toBeLessThanOrEqual(
      20_000,
    );
  });

  test('name every part exactly once, in the log it stands in', () => {
    let named = 0;
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.record({
            n: fc.nat(30),
            log: fc.constantFrom(1, 2),
            group: fc.constantFrom('text', 'reason', 'values', 'actor'),
          }),
          { selector: (x) => `${x.n} ${x.log} ${x.group}`, minLength: 1, maxLength: 60 },
        ),
        (wanted) => {
          const plan = planOf(
            wanted.map((w) => part(w.n + 100 * w.log, { log: w.log, index: w.n, part: w.group })),
          );
          const told = notes(plan.parts).flatMap((n) =>
            n.type === 'log'
              ? (n.entries ?? []).flatMap((e) => (n.groups ?? []).map((g) => `${e} ${n.of ? 1 : 2} ${g}`))
              : [],
          );
          named += told.length;
          expect(told.sort()).toEqual(wanted.map((w) => `${w.n} ${w.log} ${w.group}`).sort());
          expect(byVersion(plan).flatMap((v) => v.groups).length).toBe(wanted.length);
        },
      ),
    );
    expect(named).toBeGreaterThan(100);
  });

  test('are none when nothing but an account is left', () => {
    expect(notes([])).toEqual([]);
  });
});
