import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateGate } from './evaluate.ts';
import { evaluateSystem } from './evaluate-system.ts';
import type { Requirement } from './requirement.ts';
import type { SystemInput } from './surroundings.ts';
import { decide, hex, type Scene } from './testing/scene.ts';
import { CLASSES, DAMAGE, DEMANDS, drillOf, type Facts, sceneOf, systemOf } from './testing/system-scenes.ts';

/** What a class asks of a system is what the gate checks, without a release. */

const itemsOf = (f: SystemInput): readonly Requirement[] => evaluateSystem(f).items;
const statusOf = (f: SystemInput, id: string): string | undefined =>
  itemsOf(f).find((i) => i.id === id)?.status;

interface What {
  readonly riskClass: (typeof CLASSES)[number];
  readonly damage: readonly number[];
  readonly demands: readonly number[];
}
const what: fc.Arbitrary<What> = fc.record({
  riskClass: fc.constantFrom(...CLASSES),
  damage: fc.uniqueArray(fc.nat(DAMAGE.length - 1), { maxLength: 4 }),
  demands: fc.uniqueArray(fc.nat(DEMANDS.length - 1), { maxLength: 2 }),
});
function build({ riskClass, damage, demands }: What): Scene {
  const s = sceneOf(riskClass);
  for (const d of demands) DEMANDS[d]!(s);
  // What is taken away is taken away last.
  const last = (d: number) => Number(DAMAGE[d]![0].startsWith('no '));
  for (const d of [...damage].sort((a, b) => last(a) - last(b))) DAMAGE[d]![2](s);
  return s;
}

/** Of these nothing is asked before there is a release; a class without a plan has nothing to say about one that a release names all the same. */
const ofRelease = (f: SystemInput): string[] => [
  'served',
  'change',
  'confidence',
  ...(statusOf(f, 'plan') === 'notAsked' ? ['plan', 'tests'] : []),
];

describe.each(CLASSES)('class %s', (riskClass) => {
  test('of a system of which all is there nothing is missing, and its release is let through', () => {
    const s = sceneOf(riskClass);
    expect(evaluateGate(s).verdict).toBe('allow');
    const items = itemsOf(systemOf(s));
    expect(items.filter((i) => i.status === 'missing')).toEqual([]);
    expect(items.filter((i) => i.status === 'done').length).toBeGreaterThan(5);
    for (const i of items) expect([i.id, i.asks.length > 10, i.text.length > 5]).toEqual([i.id, true, true]);
  });

  test('of which nothing is recorded nothing is done, and each thing asked for has a next step', () => {
    const { system, now } = systemOf(sceneOf(riskClass));
    const nothing: SystemInput = {
      now,
      system: {
        ...system,
        state: 'proposed',
        values: { ...system.values, owner: '', approver: '', oversight: '' },
      },
      ...{
        hazards: [],
        risks: [],
        assessments: [],
        drills: [],
        impactAssessments: [],
        monitors: [],
        documents: [],
      },
      ...{ emergencies: [], decisions: [], authors: {}, people: {}, digests: {} },
      ...{ components: [], plans: [], rollbackPlans: [] },
    };
    const items = itemsOf(nothing);
    expect(items.filter((i) => i.status === 'done')).toEqual([]);
    const missing = items.filter((i) => i.status === 'missing');
    expect(missing.length).toBeGreaterThan(7);
    // A drill waits for its plan, which has its own step.
    expect(missing.filter((i) => !i.next && !i.id.endsWith('Drill'))).toEqual([]);
  });

  test.each(DAMAGE.filter(([, check]) => !ofRelease(systemOf(sceneOf(riskClass))).includes(check)))(
    '%s: what the gate blocks, and in its words',
    (_, check, damage) => {
      const s = sceneOf(riskClass);
      damage(s);
      const blocked = evaluateGate(s).checks.find((c) => c.id === check);
      const items = itemsOf(systemOf(s)).filter((i) => i.check === check);
      const missing = items.filter((i) => i.status === 'missing');
      expect(missing.length > 0).toBe(blocked !== undefined && blocked.status !== 'passed');
      // Reasons about the system are the gate's own; those that name the release are told without it.
      const said = items.map((i) => i.text).join(' ');
      for (const r of blocked?.status === 'passed' ? [] : (blocked?.reasons.slice(0, 1) ?? []))
        if (!r.text.includes('REL-')) expect(said).toContain(r.text);
    },
  );
});

test('each thing that may be wrong is one that some class minds', () => {
  for (const [name, check, damage] of DAMAGE) {
    const minded = CLASSES.filter((c) => {
      const s = sceneOf(c);
      damage(s);
      return itemsOf(systemOf(s)).some((i) => i.check === check && i.status === 'missing');
    });
    expect([name, minded.length > 0]).toEqual([name, true]);
  }
});

test('whatever is done holds up no release, and whatever of the system holds one up is missing', () => {
  const seen = { passed: 0, blocked: 0 };
  fc.assert(
    fc.property(what, (w) => {
      const s = build(w);
      const f = systemOf(s);
      const items = itemsOf(f);
      const not = ofRelease(f);
      for (const c of evaluateGate(s).checks.filter((x) => !not.includes(x.id))) {
        const missing = items.filter((i) => i.check === c.id && i.status === 'missing').map((i) => i.id);
        expect([c.id, missing.length > 0]).toEqual([c.id, c.status !== 'passed']);
        seen[c.status === 'passed' ? 'passed' : 'blocked'] += 1;
      }
    }),
    { numRuns: 300 },
  );
  expect(seen.passed).toBeGreaterThan(500);
  expect(seen.blocked).toBeGreaterThan(100);
});

/** A second plan of each kind, with drills of its own: worse, as good, or better. */
function withOthers(f: Facts, better: boolean): void {
  f.plans.push({ ...f.plans[0]!, ref: 'VPL-0002', number: 2, state: better ? 'fixed' : 'draft' });
  f.rollbackPlans.push({ ...f.rollbackPlans[0]!, ref: 'RBP-0002', number: 2 });
  Object.assign(f.digests, {
    'VPL-0002': hex(3, 'b'),
    'RBP-0002': hex(44),
    'DRL-0011': hex(45),
    'DRL-0012': hex(46),
  });
  for (const ref of ['VPL-0002', 'RBP-0002', 'DRL-0011', 'DRL-0012']) f.authors[ref] = { 'PSN-0001': 1 };
  f.drills.push(
    drillOf('DRL-0011', 'stop', { outcome: 'succeeded', owner: 'PSN-0002' }, 'RBP-0002'),
    drillOf(
      'DRL-0012',
      'rollback',
      { outcome: better ? 'succeeded' : 'failed', owner: 'PSN-0002' },
      'RBP-0002',
    ),
  );
  for (const d of f.drills.slice(-2)) if (d.values.outcome === 'succeeded') d.state = 'verified';
  f.decisions.push(
    decide('approve', 'VPL-0002', hex(3, 'b'), 'PSN-0003', {}, '2027-03-05T10:00:00.000Z'),
    decide('approve', 'DRL-0011', hex(45), 'PSN-0004'),
    decide('approve', 'DRL-0012', hex(46), 'PSN-0004'),
    ...(better ? [decide('approve', 'RBP-0002', hex(44), 'PSN-0003')] : []),
  );
}

const mask = fc.array(fc.boolean(), { minLength: 1, maxLength: 9 });
const without = <T>(list: readonly T[], gone: readonly boolean[], may: (x: T) => boolean): T[] =>
  list.filter((x, i) => !may(x) || !gone[i % gone.length]);

/**
 * Less of what speaks for a system. A failed drill, a hazard that no plan names or an impact that is not acceptable speaks against it; criteria
 * say what is asked.
 */
function lessOf(f: Facts, gone: readonly boolean[], plansToo: boolean): Facts {
  const all = () => true;
  return {
    ...f,
    decisions: without(
      f.decisions,
      gone,
      (d) => d.values.subjectDigest === f.digests[String(d.values.subject)],
    ),
    drills: without(f.drills, gone, (d) => d.values.outcome === 'succeeded'),
    assessments: without(f.assessments, gone, all),
    impactAssessments: without(f.impactAssessments, gone, (a) => a.values.conclusion !== 'notAcceptable'),
    monitors: without(f.monitors, gone, all),
    documents: without(f.documents, gone, all),
    components: without(f.components, gone, (x) => x.values.digest === hex(7, 'c')),
    hazards: without(f.hazards, gone, (h) => h.values.code !== 'HZ-777'),
    ...(gone[0] ? { risks: [] } : {}),
    ...(plansToo
      ? { plans: without(f.plans, gone, all), rollbackPlans: without(f.rollbackPlans, gone, all) }
      : {}),
  };
}

/** What is asked of one plan: there only all of it together can be said to be no better without that plan. */
const GROUPS: readonly (readonly string[])[] = [
  ['plan', 'hazards'],
  ['rollback', 'rollbackDrill', 'stopDrill', 'communicationDrill'],
];

test('with less that speaks for it nothing becomes done, whichever plans there are', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(what, mask, fc.boolean(), fc.boolean(), fc.boolean(), (w, gone, others, better, plansToo) => {
      const full = systemOf(build(w));
      if (others) withOthers(full, better);
      const before = itemsOf(full);
      const less = lessOf(full, gone, plansToo);
      const became = before
        .filter((i) => i.status === 'missing' && statusOf(less, i.id) === 'done')
        .map((i) => i.id);
      for (const i of before) seen.add(`${i.status} -> ${statusOf(less, i.id)}`);
      if (!plansToo) expect(became).toEqual([]);
      expect(became.filter((id) => !GROUPS.flat().includes(id))).toEqual([]);
      for (const group of GROUPS) {
        const open = (items: readonly Requirement[]) =>
          items.some((i) => group.includes(i.id) && i.status === 'missing');
        if (open(before)) expect([group, open(itemsOf(less))]).toEqual([group, true]);
      }
    }),
    { numRuns: 300 },
  );
  for (const step of ['done -> missing', 'done -> done', 'missing -> missing', 'notAsked -> notAsked'])
    expect(seen).toContain(step);
});

test('time alone makes nothing done', () => {
  let ended = 0;
  fc.assert(
    fc.property(what, fc.integer({ min: 1, max: 900 }), (w, days) => {
      // What is said of a day to come does become true; it is not told before.
      fc.pre(!w.damage.some((d) => DAMAGE[d]![0] === 'a risk assessment to come'));
      const f = systemOf(build(w));
      const later = { ...f, now: new Date(Date.parse(f.now) + days * 86_400_000).toISOString() };
      for (const i of itemsOf(f)) {
        const then = statusOf(later, i.id);
        if (i.status === 'missing') expect([i.id, then]).toEqual([i.id, 'missing']);
        if (i.status === 'done' && then === 'missing') ended += 1;
      }
    }),
    { numRuns: 150 },
  );
  expect(ended).toBeGreaterThan(50);
});

test('the order in which records are given does not matter', () => {
  fc.assert(
    fc.property(what, fc.boolean(), (w, better) => {
      const f = systemOf(build(w));
      withOthers(f, better);
      const turned = Object.fromEntries(
        Object.entries(f).map(([k, v]) => [k, Array.isArray(v) ? [...v].reverse() : v]),
      );
      const status = (x: SystemInput) => itemsOf(x).map((i) => [i.id, i.status]);
      expect(status({ ...f, ...turned })).toEqual(status(f));
    }),
    { numRuns: 100 },
  );
});

describe('which plan the next release would name', () => {
  test('one of which all holds, whatever else there is', () => {
    const worse = systemOf(sceneOf('high'));
    // The newest was approved by nobody, and its drill failed.
    withOthers(worse, false);
    expect(itemsOf(worse).filter((i) => i.status === 'missing')).toEqual([]);
    const better = systemOf(sceneOf('high'));
    better.digests['RBP-0001'] = hex(99);
    withOthers(better, true);
    expect(itemsOf(better).filter((i) => i.status === 'missing')).toEqual([]);
    expect(itemsOf(better).find((i) => i.id === 'rollback')?.records).toContain('RBP-0002');
  });

  test('drills of several plans do not add up', () => {
    const f = systemOf(sceneOf('high'));
    withOthers(f, false);
    f.drills = f.drills.filter((d) => d.ref !== 'DRL-0002');
    f.decisions.push(decide('approve', 'RBP-0002', hex(44), 'PSN-0003'));
    expect(f.drills.map((d) => [d.values.kind, d.links.rollbackPlan?.[0], d.state])).toContainEqual([
      'stop',
      'RBP-0002',
      'verified',
    ]);
    const open = ['rollbackDrill', 'stopDrill'].filter((id) => statusOf(f, id) === 'missing');
    expect(open).toHaveLength(1);
  });

  test('a retired one is none', () => {
    const f = systemOf(sceneOf('limited'));
    f.rollbackPlans[0]!.state = 'retired';
    f.plans[0]!.state = 'retired';
    expect([statusOf(f, 'rollback'), statusOf(f, 'rollbackDrill'), statusOf(f, 'plan')]).toEqual([
      'missing',
      'missing',
      'missing',
    ]);
  });
});

test('a plan that a class without tests of hazards does not ask for is told, not counted', () => {
  const item = itemsOf(systemOf(sceneOf('minimal'))).find((i) => i.id === 'plan');
  expect(item).toMatchObject({ status: 'notAsked', text: expect.stringMatching(/VPL-0001 .* is fixed/) });
});

test('of what a vendor runs nothing is asked that leave to use it does not depend on', () => {
  for (const riskClass of CLASSES) {
    const s = sceneOf(riskClass);
    const f = { ...systemOf(s), vendorRun: true, components: [], plans: [], rollbackPlans: [], monitors: [] };
    expect(itemsOf(f).filter((i) => i.status === 'missing')).toEqual([]);
    s.release.values.kind = 'useClearance';
    const asked = evaluateGate(s).checks.map((c) => c.id);
    for (const i of itemsOf(f).filter((x) => x.status === 'done')) expect(asked).toContain(i.check);
    for (const e of evaluateSystem(f).eachRelease) expect(asked).toContain(e.check);
  }
});

test('what is told of each release are checks of the gate, and together with those of the system they are all of them', () => {
  for (const riskClass of CLASSES) {
    const s = sceneOf(riskClass);
    const { items, eachRelease } = evaluateSystem(systemOf(s));
    const told = new Set([...items, ...eachRelease].map((i) => i.check));
    const checks = evaluateGate(s).checks.map((c) => c.id);
    expect(checks.filter((c) => c !== 'reviews' && !told.has(c))).toEqual([]);
    expect(eachRelease.filter((e) => !checks.includes(e.check))).toEqual([]);
  }
});

test('a release in use by an emergency decision is done within its hours, and missing beyond them', () => {
  const f = systemOf(sceneOf('limited'));
  const use = (until: string) => ({ ...f, emergencyUse: [{ release: 'REL-0009', title: '2.3.3', until }] });
  expect(statusOf(f, 'emergency')).toBeUndefined();
  expect(statusOf(use('2027-03-21T00:00:00.000Z'), 'emergency')).toBe('done');
  const over = itemsOf(use('2027-03-19T00:00:00.000Z')).find((i) => i.id === 'emergency');
  expect(over).toMatchObject({ status: 'missing', records: ['REL-0009'], next: { ref: 'REL-0009' } });
});
