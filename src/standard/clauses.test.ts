import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clause, clauses, controls, findClause, unknownClauses } from './clauses.ts';

test('the standard has 32 clauses and 38 controls, each number once', () => {
  expect([clauses.length, controls.length]).toEqual([32, 38]);
  expect(new Set([...clauses, ...controls].map((c) => c.id)).size).toBe(70);
  expect(controls.every((c) => /^A\.\d+(\.\d+)+$/.test(c.id) && c.kind === 'control')).toBe(true);
});

test('a number that the standard does not have is refused, also near misses', () => {
  expect(clause('A.6.2.4').title).toBe('AI system verification and validation');
  expect(findClause('A.6.2.9')).toBeUndefined();
  expect(unknownClauses(['6.1.2', 'A.5.1', '6.1.5'])).toEqual(['A.5.1', '6.1.5']);
  expect(() => clause('A.11.1')).toThrow(/no clause or control A\.11\.1/);
});

const reference = '../shared/standard/iso42001.json';
test.skipIf(!existsSync(reference))(
  'numbers and titles equal the reference data (skipped: no shared files)',
  () => {
    const ref = JSON.parse(readFileSync(reference, 'utf8')) as Record<
      'clauses' | 'controls',
      { id: string; title: string }[]
    >;
    const plain = (list: readonly { id: string; title: string }[]) => list.map((c) => [c.id, c.title]);
    expect(plain([...clauses, ...controls])).toEqual(plain([...ref.clauses, ...ref.controls]));
  },
);
