import { expect, test } from 'vitest';
import { aboveCeiling, loosenedPlan } from '../../src/gate/plan-strictness.ts';
import { fallbackPolicy } from '../../src/gate/policy.ts';

const plan = (values: Record<string, unknown>) => ({ values });
const strict = {
  metric: 'failRate',
  threshold: 2,
  minCases: 10,
  maxInconclusive: 5,
  hazardsRequired: [{ hazard: 'HZ1' }, { hazard: 'HZ2', maxFailRate: 1, minCases: 20 }],
};

test('everything that makes a plan easier to pass is loosening, and nothing that makes it harder', () => {
  const looser: [string, Record<string, unknown>][] = [
    ['threshold', { threshold: 3 }],
    ['minCases', { minCases: 9 }],
    ['maxInconclusive', { maxInconclusive: 6 }],
    ['metric', { metric: 'another' }],
    ['hazardsRequired', { hazardsRequired: [strict.hazardsRequired[0]] }],
    ['hazardsRequired', { hazardsRequired: [] }],
    ['hazardsRequired', { hazardsRequired: undefined }],
    ['hazardsRequired', { hazardsRequired: [{ hazard: 'hz1 ', maxFailRate: 3 }, strict.hazardsRequired[1]] }],
    ['hazardsRequired', { hazardsRequired: [strict.hazardsRequired[0], { hazard: 'HZ2' }] }],
    // What no row named was held to the threshold.
    ['hazardsRequired', { hazardsRequired: [...strict.hazardsRequired, { hazard: 'HZ3', maxFailRate: 3 }] }],
  ];
  for (const [field, change] of looser)
    expect(
      loosenedPlan(plan(strict), plan({ ...strict, ...change })).map((l) => l.field),
      JSON.stringify(change),
    ).toContain(field);
  const stricter = [
    {},
    { threshold: 0 },
    { minCases: 11 },
    { maxInconclusive: 0 },
    { hazardsRequired: [...strict.hazardsRequired, { hazard: 'HZ3' }] },
    // A second row on the same hazard: both must hold.
    { hazardsRequired: [...strict.hazardsRequired, { hazard: 'HZ1', maxFailRate: 90 }] },
    { approach: 'by hand' },
  ];
  for (const change of stricter)
    expect(loosenedPlan(plan(strict), plan({ ...strict, ...change })), JSON.stringify(change)).toEqual([]);
});

test('a plan lets no more fail than its class may, in any row, and no more stay open', () => {
  const policy = fallbackPolicy('limited');
  const fields = (values: Record<string, unknown>) => aboveCeiling(plan(values), policy).map((l) => l.field);
  expect(fields(strict)).toEqual([]);
  expect(fields({ ...strict, threshold: policy.maxFailRate })).toEqual([]);
  expect(fields({ ...strict, threshold: 100 })).toEqual(['threshold']);
  expect(fields({ ...strict, hazardsRequired: [{ hazard: 'HZ1', maxFailRate: 50 }] })).toEqual([
    'hazardsRequired',
  ]);
  expect(fields({ ...strict, maxInconclusive: 100 })).toEqual(['maxInconclusive']);
});
