import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Said } from './binding.ts';
import { type Scale, standingOf, voicesOf, type Weighed, weigh } from './weigh.ts';

const TODAY = '2027-03-20';
const SCALE: Scale = { kinds: ['approve'], about: (d) => d.values.subjectDigest === 'now', today: TODAY };

let number = 0;
function said(kind: string, by: string, more: Record<string, unknown> = {}): Said {
  number += 1;
  const createdAt = new Date(Date.UTC(2027, 0, 1) + number * 1000).toISOString();
  return {
    ref: `DEC-${number}`,
    number,
    createdAt,
    values: { kind, by, subject: 'RSK-0001', subjectDigest: 'now', subjectVersion: 4, ...more },
  };
}

const where = (w: Weighed, d: Said): string[] => Object.keys(w).filter((k) => Object(w)[k].includes(d));

describe('each decision weighs what it is', () => {
  test.each<[string, Said, string[]]>([
    ['on what is there', said('approve', 'A'), ['counts']],
    ['on what is no longer there', said('approve', 'A', { subjectDigest: 'then' }), ['stale']],
    ['ending today', said('approve', 'A', { until: TODAY }), ['ended']],
    ['ending tomorrow', said('approve', 'A', { until: '2027-03-21' }), ['counts']],
    ['taken alone', said('approve', 'A', { manner: 'alone' }), ['alone']],
    ['taken alone and over', said('approve', 'A', { manner: 'alone', until: TODAY }), ['ended']],
    ['of another kind', said('accept', 'A'), []],
    ['an acknowledgement', said('acknowledge', 'A'), []],
    ['by somebody barred', said('approve', 'B'), ['own']],
    ['lent by somebody barred', said('approve', 'A', { onBehalfOf: 'B' }), ['own']],
    ['before the record was worked on again', said('approve', 'A', { subjectVersion: 2 }), []],
  ])('%s', (_, d, lists) => {
    expect(where(weigh([d], { ...SCALE, barred: (p) => p === 'B', since: 2 }), d)).toEqual(lists);
  });

  test('a later refusal of the same content takes a word back, also that of whoever lent it; an earlier one does not', () => {
    const early = said('refuse', 'A');
    const word = said('approve', 'A', { onBehalfOf: 'D' });
    expect(weigh([word, early], SCALE).counts).toEqual([word]);
    expect(weigh([word, early, said('refuse', 'D')], SCALE).counts).toEqual([]);
    expect(weigh([word, said('refuse', 'A', { subjectDigest: 'then' })], SCALE).counts).toEqual([word]);
  });

  test('a voice counts once, its newest word', () => {
    const [first, second] = [said('approve', 'A'), said('approve', 'C', { onBehalfOf: 'A' })];
    expect(weigh([first, second], SCALE).counts).toEqual([second]);
  });
});

const anyDecision = fc
  .record({
    kind: fc.constantFrom('approve', 'accept', 'refuse', 'acknowledge'),
    by: fc.constantFrom('A', 'B', 'C'),
    onBehalfOf: fc.option(fc.constantFrom('A', 'B', 'C'), { nil: undefined, freq: 4 }),
    subjectDigest: fc.constantFrom('now', 'now', 'then'),
    until: fc.option(fc.constantFrom('2027-03-19', '2027-03-21'), { nil: undefined }),
    manner: fc.constantFrom('single', 'single', 'alone'),
  })
  .map(({ kind, by, ...more }) => said(kind, by, more));

test('whatever was decided: each is in one list at most, no voice counts twice, and the order it is read in says nothing', () => {
  let counted = 0;
  fc.assert(
    fc.property(fc.array(anyDecision, { maxLength: 8 }), fc.func(fc.nat()), (all, order) => {
      const w = weigh(all, SCALE);
      for (const d of all) expect(where(w, d).length).toBeLessThan(2);
      const voices = w.counts.flatMap(voicesOf);
      for (const c of w.counts)
        expect(w.counts.filter((x) => voicesOf(x).some((v) => voicesOf(c).includes(v)))).toEqual([c]);
      counted += voices.length;
      const shuffled = [...all].sort((a, b) => order(a.ref) - order(b.ref));
      expect(weigh(shuffled, SCALE)).toEqual(w);
    }),
  );
  expect(counted).toBeGreaterThan(20);
});

test('time passing and content changing never make a standing better', () => {
  const rank = ['stale', 'ended', 'alone', 'current'];
  fc.assert(
    fc.property(fc.array(anyDecision, { maxLength: 6 }), (all) => {
      const now = rank.indexOf(standingOf(weigh(all, SCALE)));
      expect(rank.indexOf(standingOf(weigh(all, { ...SCALE, today: '2099-01-01' })))).toBeLessThanOrEqual(
        now,
      );
      expect(standingOf(weigh(all, { ...SCALE, about: () => false }))).toBe('stale');
    }),
  );
});
