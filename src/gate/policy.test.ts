import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultGatePolicy, type GatePolicy, loosened, loosens, policyFrom } from './policy.ts';
import { rec } from './testing/scene.ts';

const [minimal, limited, high] = defaultGatePolicy as [GatePolicy, GatePolicy, GatePolicy];

test('each default class demands at least what the class below it demands', () => {
  expect(loosened(minimal, limited)).toEqual([]);
  expect(loosened(limited, high)).toEqual([]);
  expect(loosened(high, minimal).length).toBe(18);
});

test('0 months is no limit: giving one up loosens, and so does a longer one', () => {
  expect(loosened(high, { ...high, drillMonths: 0 })).toEqual(['drillMonths']);
  expect(loosened(high, { ...high, riskMonths: 24 })).toEqual(['riskMonths']);
  expect(loosened(high, { ...high, maxUpperBound: 0 })).toEqual(['maxUpperBound']);
  expect(loosened(high, { ...high, maxUpperBound: 20 })).toEqual(['maxUpperBound']);
  expect(loosens(minimal, { ...minimal, drillMonths: 60 })).toBe(false);
});

test('being stricter in one thing does not make up for another', () => {
  expect(
    loosens(limited, { ...limited, approvals: 5, minTrust: 'rerun', stopDrill: true, tests: 'smoke' }),
  ).toBe(true);
});

test('loosening is transitive, and nothing loosens itself', () => {
  const policy = fc.record({
    riskClass: fc.constant('limited' as const),
    approvals: fc.integer({ min: 1, max: 4 }),
    ownerMustApprove: fc.boolean(),
    approverMustApprove: fc.boolean(),
    oversightMustApprove: fc.boolean(),
    tests: fc.constantFrom('smoke', 'plan', 'allHazards'),
    minTrust: fc.constantFrom('person', 'ci', 'signed', 'rerun'),
    drillMonths: fc.integer({ min: 0, max: 24 }),
    stopDrill: fc.boolean(),
    communicationDrill: fc.boolean(),
    riskMonths: fc.integer({ min: 0, max: 24 }),
    assessmentApproved: fc.boolean(),
    acceptResiduals: fc.boolean(),
  }) as fc.Arbitrary<GatePolicy>;
  fc.assert(
    fc.property(policy, policy, policy, (a, b, c) => {
      expect(loosens(a, a)).toBe(false);
      if (!loosens(a, b) && !loosens(b, c)) expect(loosens(a, c)).toBe(false);
    }),
  );
});

test('an empty cell takes the default of the class, and nobody can do without an approval', () => {
  const criteria = rec('CRI-0001', 'criteria', 'approved', {
    values: { gatePolicy: [{ riskClass: 'high', approvals: 0 }] },
  });
  expect(policyFrom(criteria, 'high')).toEqual({ ...high, approvals: 1 });
  expect(policyFrom(criteria, 'limited')).toBeUndefined();
  const doubled = rec('CRI-0002', 'criteria', 'approved', {
    values: { gatePolicy: [{ riskClass: 'high' }, { riskClass: 'high' }] },
  });
  expect(policyFrom(doubled, 'high')).toBeUndefined();
});
