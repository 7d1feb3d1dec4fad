import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cause, causesBetween, type Resting, verdictOn } from './effects-why.ts';

describe('against a naive model', () => {
  // The naive model keeps, with every word, a copy of all contents it was given on, and compares copies.
  interface Word {
    copy: Record<string, number>;
  }
  const REFS = ['A-1', 'A-2', 'A-3', 'A-4'];
  type Act = { change: string } | { join: string } | { leave: string } | { say: true };
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.record({ change: fc.constantFrom(...REFS) }),
    fc.record({ join: fc.constantFrom(...REFS) }),
    fc.record({ leave: fc.constantFrom(...REFS) }),
    fc.constant({ say: true as const }),
  );

  test('a record is stale by exactly what differs from what its newest word was given on', () => {
    const seen = { stale: 0, renewed: 0, current: 0, none: 0 };
    fc.assert(
      fc.property(fc.array(act, { minLength: 1, maxLength: 25 }), fc.constantFrom(...REFS), (acts, asked) => {
        const content: Record<string, number> = Object.fromEntries(REFS.map((r) => [r, 0]));
        const version: Record<string, number> = Object.fromEntries(REFS.map((r) => [r, 1]));
        const members = new Set(['A-1', 'A-2']);
        const words: { model: Word; basis: { ref: string; version: number; digest: string }[] }[] = [];
        const basis = () =>
          [...members]
            .sort()
            .map((ref) => ({ ref, version: version[ref]!, digest: `${ref} ${content[ref]}` }));
        for (const a of acts) {
          if ('change' in a) {
            version[a.change]! += 1;
            content[a.change]! += 1;
          } else if ('join' in a) members.add(a.join);
          else if ('leave' in a) members.delete(a.leave);
          else
            words.unshift({
              model: { copy: Object.fromEntries([...members].map((r) => [r, content[r]!])) },
              basis: basis(),
            });
        }
        const now = Object.fromEntries([...members].map((r) => [r, content[r]!]));
        const differs = (w: Word, ref: string) => w.copy[ref] !== now[ref];
        const holds = (w: Word) => REFS.every((r) => !differs(w, r));
        const naive = words.some((w) => holds(w.model))
          ? words.some((w) => differs(w.model, asked))
            ? 'renewed'
            : members.has(asked)
              ? 'current'
              : 'none'
          : words.length > 0 && differs(words[0]!.model, asked)
            ? 'stale'
            : 'none';
        const resting: Resting = {
          ref: 'X-1',
          on: [...members],
          rests: words.map((w, i) => ({
            by: `D-${i}`,
            ended: false,
            causes: causesBetween(w.basis, basis()),
          })),
        };
        const got = verdictOn(resting, new Set([asked]));
        expect(got?.status ?? 'none').toBe(naive);
        if (got && got.status !== 'current') expect(got.because.map((c: Cause) => c.ref)).toEqual([asked]);
        seen[naive as keyof typeof seen] += 1;
      }),
      { numRuns: 800 },
    );
    for (const [status, n] of Object.entries(seen)) expect(n, status).toBeGreaterThan(20);
  });
});
