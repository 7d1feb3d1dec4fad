import type { SystemInput } from '../surroundings.ts';
import {
  allowedScene,
  decide,
  findDecision,
  hex,
  highScene,
  type Mutable,
  rec,
  type Scene,
} from './scene.ts';

/** Systems of which nothing is missing, and all the ways in which something may be wrong with one. */

export type Facts = Mutable<SystemInput>;

/** The system of a scene, without the release. */
export function systemOf(s: Scene): Facts {
  const {
    release,
    releaseDigest,
    runs,
    evidence,
    change,
    inUse,
    ownUse,
    log,
    plan,
    rollbackPlan,
    ...around
  } = structuredClone(s);
  return {
    ...around,
    plans: plan ? [plan] : [],
    rollbackPlans: rollbackPlan ? [rollbackPlan] : [],
  };
}

export const CLASSES = ['minimal', 'limited', 'high'] as const;

/** A system of that class of which nothing is missing, with a release that the gate lets through. */
export function sceneOf(riskClass: (typeof CLASSES)[number]): Scene {
  const s = riskClass === 'high' ? highScene() : allowedScene();
  s.system.values.riskClass = riskClass;
  return s;
}

/** Changes what the criteria ask of every class. */
export const allWith = (s: Scene, change: (row: Record<string, unknown>) => void): void => {
  const rows: unknown = s.criteria?.values.gatePolicy;
  for (const row of Array.isArray(rows) ? rows : []) change(row);
};

export const each = <T>(list: T[], change: (x: T) => unknown): void => {
  for (const x of list) change(x);
};

export const drillOf = (ref: string, kind: string, more: object = {}, plan = 'RBP-0001') =>
  rec(ref, 'drill', 'held', {
    values: { kind, heldOn: '2027-02-20', outcome: 'failed', duration: 'PT5M', ...more },
    links: { rollbackPlan: [plan] },
  });

/** What may be wrong with a system, each by itself a thing of one of the gate's checks. */
export const DAMAGE: readonly (readonly [what: string, check: string, damage: (s: Scene) => void])[] = [
  ['proposed', 'scope', (s) => (s.system.state = 'proposed')],
  ['out of scope by its own words', 'scope', (s) => (s.system.values.inScope = 'out')],
  ['its class confirmed by nobody', 'scope', (s) => (s.authors['SYS-0001'] = { 'PSN-0005': 1 })],
  ['changed since it was confirmed', 'scope', (s) => (s.digests['SYS-0001'] = hex(77))],
  ['no criteria', 'policy', (s) => delete s.criteria],
  ['criteria superseded', 'policy', (s) => (s.criteria!.state = 'superseded')],
  ['criteria without a row for its class', 'policy', (s) => (s.criteria!.values.gatePolicy = [])],
  ['no owner', 'people', (s) => Reflect.deleteProperty(s.system.values, 'owner')],
  ['no approver', 'people', (s) => Reflect.deleteProperty(s.system.values, 'approver')],
  ['no human oversight', 'people', (s) => Reflect.deleteProperty(s.system.values, 'oversight')],
  ['one person as owner and approver', 'people', (s) => (s.system.values.approver = 'PSN-0002')],
  ['one person as owner and oversight', 'people', (s) => (s.system.values.oversight = 'PSN-0002')],
  ['a model without a digest', 'subject', (s) => Reflect.deleteProperty(s.components[0]!.values, 'digest')],
  ['a digest that is none', 'subject', (s) => (s.components[0]!.values.digest = 'sha256:short')],
  ['a plan in draft', 'plan', (s) => Object.assign(s.plan!, { state: 'draft', fixedAt: undefined })],
  ['a plan revised', 'plan', (s) => (s.plan!.state = 'draft')],
  ['a plan changed since it was fixed', 'plan', (s) => (s.plan!.planDigest = hex(33))],
  ['a plan fixed by its author', 'plan', (s) => (s.authors['VPL-0001'] = { 'PSN-0003': 1 })],
  ['a plan erased in part', 'plan', (s) => (s.plan!.erased = ['values'])],
  ['a plan above the ceiling of its class', 'plan', (s) => allWith(s, (r) => (r.maxInconclusive = 1))],
  [
    'a plan easier to pass than the one before',
    'plan',
    (s) => {
      const says = { ...s.plan!.values, minCases: 500 };
      s.plansBefore = [
        {
          release: 'REL-0009',
          system: 'SYS-0001',
          plan: 'VPL-0009',
          says,
          fixedAt: '2027-02-01T08:00:00.000Z',
        },
      ];
    },
  ],
  ['a plan that asks for nothing', 'tests', (s) => (s.plan!.values.hazardsRequired = [])],
  [
    'a critical hazard that the plan leaves out',
    'tests',
    (s) =>
      s.hazards.push(
        rec('HAZ-0008', 'hazard', 'confirmed', {
          values: { code: 'HZ-777', severity: 'critical' },
          links: { systems: ['SYS-0001'] },
        }),
      ),
  ],
  ['no hazards where all are tested', 'tests', (s) => (s.hazards = [])],
  ['no risk assessment', 'risk', (s) => (s.assessments = [])],
  ['a risk assessment of long ago', 'risk', (s) => (s.assessments[0]!.values.heldOn = '2025-01-01')],
  ['a risk assessment to come', 'risk', (s) => (s.assessments[0]!.values.heldOn = '2028-01-01')],
  ['a risk assessment approved by its author', 'risk', (s) => (s.authors['RAS-0001'] = { 'PSN-0005': 1 })],
  ['no risks', 'risk', (s) => (s.risks = [])],
  ['a risk not rated', 'risk', (s) => Reflect.deleteProperty(s.risks[0]!.values, 'impactSociety')],
  ['an acceptance without an end', 'risk', (s) => delete findDecision(s, 'RSK-0001').values.until],
  ['an acceptance that ended', 'risk', (s) => (findDecision(s, 'RSK-0001').values.until = '2027-03-01')],
  [
    'an acceptance by somebody without the authority',
    'risk',
    (s) => Object.assign(findDecision(s, 'RSK-0001').values, { by: 'PSN-0003', role: 'contributor' }),
  ],
  ['a level that only top management accepts', 'risk', (s) => (s.criteria!.values.acceptAtLevel = 10)],
  [
    'a risk treated and not rated again',
    'risk',
    (s) => {
      Object.assign(s.risks[0]!, { state: 'treated' });
      findDecision(s, 'RSK-0001').values.subjectDigest = hex(66);
    },
  ],
  ['no impact assessment', 'impact', (s) => (s.impactAssessments = [])],
  [
    'an impact assessment of long ago',
    'impact',
    (s) => (s.impactAssessments[0]!.values.heldOn = '2026-01-01'),
  ],
  [
    'an impact that is not acceptable',
    'impact',
    (s) => (s.impactAssessments[0]!.values.conclusion = 'notAcceptable'),
  ],
  [
    'an impact assessment approved by its author',
    'impact',
    (s) => (s.authors['IMA-0001'] = { 'PSN-0005': 1 }),
  ],
  ['a rollback plan in draft', 'rollback', (s) => (s.rollbackPlan!.state = 'draft')],
  [
    'a rollback plan without a target',
    'rollback',
    (s) => Reflect.deleteProperty(s.rollbackPlan!.values, 'target'),
  ],
  ['a rollback plan approved by its author', 'rollback', (s) => (s.authors['RBP-0001'] = { 'PSN-0003': 1 })],
  ['no drills', 'rollback', (s) => (s.drills = [])],
  ['drills of long ago', 'rollback', (s) => each(s.drills, (d) => (d.values.heldOn = '2025-06-01'))],
  ['drills that took too long', 'rollback', (s) => each(s.drills, (d) => (d.values.duration = 'PT2H'))],
  ['a later drill that failed', 'rollback', (s) => s.drills.push(drillOf('DRL-0009', 'rollback'))],
  ['a later stop that failed', 'rollback', (s) => s.drills.push(drillOf('DRL-0008', 'stop'))],
  [
    'drills verified by who led them',
    'rollback',
    (s) => each(s.drills, (d) => (d.values.owner = 'PSN-0004')),
  ],
  ['a communication drill asked for', 'rollback', (s) => allWith(s, (r) => (r.communicationDrill = true))],
  ['no monitors', 'monitoring', (s) => (s.monitors = [])],
  ['no metric', 'monitoring', (s) => s.monitors.shift()],
  ['no event log', 'monitoring', (s) => s.monitors.pop()],
  [
    'a metric without a limit',
    'monitoring',
    (s) => Reflect.deleteProperty(s.monitors[0]!.values, 'threshold'),
  ],
  [
    'monitors not looked at',
    'monitoring',
    (s) => each(s.monitors, (m) => (m.values.reviewBy = '2027-01-01')),
  ],
  ['monitors stopped', 'monitoring', (s) => each(s.monitors, (m) => (m.state = 'paused'))],
  ['no information for users', 'userInformation', (s) => (s.documents = [])],
  [
    'information for users not looked at',
    'userInformation',
    (s) => (s.documents[0]!.values.reviewBy = '2027-01-01'),
  ],
  [
    'an emergency that nobody reviewed',
    'reviews',
    (s) => {
      s.emergencies = [
        rec('CHG-0009', 'change', 'approved', {
          values: { kind: 'emergency', owner: 'PSN-0001' },
          links: { systems: ['SYS-0001'] },
        }),
      ];
      s.decisions.push(decide('approve', 'CHG-0009', hex(9), 'PSN-0003', {}, '2027-02-01T09:00:00.000Z'));
    },
  ],
];

/** What classes may ask more of, without anything being wrong. */
export const DEMANDS: readonly ((s: Scene) => void)[] = [
  (s) => allWith(s, (r) => (r.monitoring = 'both')),
  (s) => allWith(s, (r) => (r.userInformation = true)),
  (s) => allWith(s, (r) => (r.impact = 'approved')),
  (s) => allWith(s, (r) => (r.tests = 'allHazards')),
  (s) => allWith(s, (r) => Object.assign(r, { drillMonths: 0, stopDrill: true })),
  (s) => allWith(s, (r) => Object.assign(r, { ownerMustApprove: true, oversightMustApprove: true })),
  (s) => allWith(s, (r) => (r.assessmentApproved = true)),
];
