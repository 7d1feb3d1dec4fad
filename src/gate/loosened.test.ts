import fc from 'fast-check';
import { expect, test } from 'vitest';
import { criteria, MODES, RETAINED } from '../registers/criteria.ts';
import { criteriaPresets } from '../registers/criteria-presets.ts';
import { gatePolicyPreset } from '../registers/gate-policy-preset.ts';
import { INTERVALS } from '../registers/intervals.ts';
import { type CriteriaValues, comparedFields, loosened, loosenedSystem } from './loosened.ts';

const trust = ['person', 'ci', 'signed', 'rerun'];
const tests = ['smoke', 'plan', 'allHazards'];

const row = (riskClass: string) =>
  fc.record({
    riskClass: fc.constant(riskClass),
    approvals: fc.integer({ min: 0, max: 4 }),
    ownerMustApprove: fc.boolean(),
    approverMustApprove: fc.boolean(),
    oversightMustApprove: fc.boolean(),
    tests: fc.constantFrom(...tests),
    minTrust: fc.constantFrom(...trust),
    drillMonths: fc.integer({ min: 0, max: 4 }),
    stopDrill: fc.boolean(),
    communicationDrill: fc.boolean(),
    riskMonths: fc.integer({ min: 0, max: 4 }),
    assessmentApproved: fc.boolean(),
    acceptResiduals: fc.boolean(),
  });

const months = (of: readonly string[]) =>
  fc.array(fc.record({ what: fc.constantFrom(...of), months: fc.integer({ min: -1, max: 4 }) }), {
    maxLength: 4,
  });

const anyCriteria: fc.Arbitrary<CriteriaValues> = fc.record(
  {
    mode: fc.constantFrom(...MODES),
    appetite: fc.integer({ min: 1, max: 4 }),
    acceptAtLevel: fc.integer({ min: 1, max: 4 }),
    gatePolicy: fc
      .tuple(
        fc.option(row('minimal')),
        fc.option(row('limited')),
        fc.option(row('high')),
        fc.option(row('high')),
      )
      .map((rows) => rows.filter((r) => r !== null)),
    intervals: months(INTERVALS.slice(0, 2)),
    retention: months(RETAINED.slice(0, 2)),
    likelihoodScale: fc.constantFrom([{ level: 1, name: 'rare' }], [{ level: 1, name: 'often' }]),
    measuredLikelihood: fc.array(
      fc.record({ upTo: fc.integer({ min: 0, max: 4 }), level: fc.integer({ min: 1, max: 3 }) }),
      { maxLength: 3 },
    ),
    cleanSeries: fc.constantFrom('keepsTheClaim', 'countsByItsBound'),
    somethingLater: fc.constantFrom(1, 2),
  },
  { requiredKeys: [] },
);

test('the comparison knows every field of the criteria', () => {
  expect(Object.keys(criteria.fields).filter((f) => !comparedFields.includes(f))).toEqual([]);
  expect(comparedFields.filter((f) => !(f in criteria.fields))).toEqual([]);
});

test('nothing is looser than itself, and what is not looser in two steps is not looser in one', () => {
  let chains = 0;
  fc.assert(
    fc.property(anyCriteria, anyCriteria, anyCriteria, (a, b, c) => {
      expect(loosened(a, a)).toEqual([]);
      if (loosened(a, b).length > 0 || loosened(b, c).length > 0) return;
      chains += 1;
      expect(loosened(a, c)).toEqual([]);
    }),
    { numRuns: 3000 },
  );
  // Random triples seldom make a chain: tightened copies always do.
  fc.assert(
    fc.property(anyCriteria, fc.array(fc.nat(), { minLength: 2, maxLength: 6 }), (a, steps) => {
      const path = [a];
      for (const n of steps) path.push(tighten(path.at(-1)!, n));
      for (const [i, from] of path.entries())
        for (const to of path.slice(i)) {
          expect(loosened(from, to)).toEqual([]);
          chains += 1;
        }
    }),
  );
  expect(chains).toBeGreaterThan(500);
});

/** One step stricter in one thing; the same where it is as strict as can be. */
function tighten(c: CriteriaValues, n: number): CriteriaValues {
  const rows = (c.gatePolicy as Record<string, unknown>[] | undefined) ?? [];
  const all: CriteriaValues[] = [
    { ...c, mode: 'larger' },
    { ...c, appetite: Math.max(0, Number(c.appetite ?? 0) - 1) },
    { ...c, acceptAtLevel: Math.max(1, Number(c.acceptAtLevel ?? 9) - 1) },
    { ...c, gatePolicy: rows.map((r) => ({ ...r, approvals: Number(r.approvals) + 1, stopDrill: true })) },
    { ...c, gatePolicy: rows.map((r) => ({ ...r, minTrust: 'rerun', tests: 'allHazards' })) },
    { ...c, gatePolicy: [] },
    { ...c, intervals: INTERVALS.map((what) => ({ what, months: 1 })) },
    { ...c, retention: RETAINED.map((what) => ({ what, months: 99 })) },
  ];
  return all[n % all.length]!;
}

const strict: CriteriaValues = {
  ...criteriaPresets.find((p) => p.name === 'larger')!.values,
  likelihoodScale: criteria.fields.likelihoodScale!.defaultTo,
};
const high = gatePolicyPreset[2];
const withHigh = (more: Record<string, unknown>) => ({
  ...strict,
  gatePolicy: [gatePolicyPreset[0], gatePolicyPreset[1], { ...high, ...more }],
});

const LOOSER: [string, CriteriaValues, RegExp][] = [
  ['mode', { ...strict, mode: 'small' }, /counts as small/],
  ['mode', { ...strict, mode: undefined }, /counts as small/],
  ['appetite', { ...strict, appetite: 7 }, /up to level 7/],
  ['acceptAtLevel', { ...strict, acceptAtLevel: 16 }, /level 16/],
  ['acceptAtLevel', { ...strict, acceptAtLevel: undefined }, /not needed/],
  ['intervals', { ...strict, intervals: INTERVALS.map((what) => ({ what, months: 0 })) }, /at any interval/],
  [
    'intervals',
    { ...strict, intervals: [{ what: 'acceptance', months: 13 }] },
    /acceptance within 13 months; before, within 12/,
  ],
  ['retention', { ...strict, retention: [] }, /kept for 0 months/],
  ['likelihoodScale', { ...strict, likelihoodScale: [{ level: 1, name: 'never' }] }, /rated lower/],
  ['somethingLater', Object.assign({ somethingLater: 1 }, strict), /nobody has said/],
  ['gatePolicy', withHigh({ approvals: 2 }), /class high: approvals 2; before, 3/],
  ['gatePolicy', withHigh({ ownerMustApprove: false }), /owner must approve no; before, yes/],
  ['gatePolicy', withHigh({ approverMustApprove: false }), /approver must/],
  ['gatePolicy', withHigh({ oversightMustApprove: false }), /oversight must/],
  ['gatePolicy', withHigh({ tests: 'plan' }), /tests plan/],
  ['gatePolicy', withHigh({ minTrust: 'person' }), /min trust person/],
  ['gatePolicy', withHigh({ drillMonths: 7 }), /drill months 7/],
  ['gatePolicy', withHigh({ drillMonths: 0 }), /drill months 0/],
  ['gatePolicy', withHigh({ stopDrill: false }), /stop drill/],
  ['gatePolicy', withHigh({ riskMonths: 13 }), /risk months 13/],
  ['gatePolicy', withHigh({ assessmentApproved: false }), /assessment approved/],
  ['gatePolicy', withHigh({ acceptResiduals: false }), /accept residuals/],
];

test.each(LOOSER)(
  'a single loosening of %s is found and named, and the way back is none',
  (field, after, text) => {
    const found = loosened(strict, after);
    expect(found.map((l) => l.field)).toEqual(found.map(() => field));
    expect(found.map((l) => l.text).join('; ')).toMatch(text);
    const back = loosened(after, strict);
    // What a scale or an unknown field means nobody can compare: both ways need a ticket.
    if (field === 'likelihoodScale' || field === 'somethingLater') expect(back.length).toBe(1);
    else expect(back).toEqual([]);
  },
);

test('each preset asks at least what the one for fewer people asks, of every class', () => {
  const order = criteriaPresets.map((p) => p.values as CriteriaValues);
  expect(order.length).toBe(3);
  for (const [i, looser] of order.entries())
    for (const stricter of order.slice(i + 1)) expect(loosened(looser, stricter)).toEqual([]);
  expect(loosened(order[2]!, order[1]!).length).toBeGreaterThan(3);
});

test('a lower class and leaving the scope loosen a system; giving it a class is a lower one than none', () => {
  expect(loosenedSystem({ riskClass: 'high' }, { riskClass: 'limited' })[0]!.text).toMatch(
    /limited; before, high/,
  );
  expect(loosenedSystem({}, { riskClass: 'limited' })[0]!.text).toMatch(/none, which counts as high/);
  expect(loosenedSystem({ riskClass: 'limited' }, { riskClass: 'high' })).toEqual([]);
  expect(
    loosenedSystem({ riskClass: 'high', inScope: 'in' }, { riskClass: 'high', inScope: 'out' }),
  ).toHaveLength(1);
});
