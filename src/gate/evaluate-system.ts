import type { Rec } from '../register/rec.ts';
import { linksOf } from '../register/rec.ts';
import * as asks from './asks.ts';
import { Checking } from './checking.ts';
import { checkReviewed, checkUseByEmergency } from './checks/emergency.ts';
import { checkImpact } from './checks/impact.ts';
import { checkMonitoring } from './checks/monitoring.ts';
import { checkDifferent, checkNamed, everyPart } from './checks/people.ts';
import { checkFixedPlan } from './checks/plan.ts';
import { checkPolicy } from './checks/policy.ts';
import { checkAssessment, checkRisks } from './checks/risk.ts';
import { checkDrill, checkWayBack, type DrillKind, drillsAsked } from './checks/rollback.ts';
import { checkScope } from './checks/scope.ts';
import { checkComponent } from './checks/subject.ts';
import { checkPlanComplete } from './checks/tests.ts';
import { checkUserInformation } from './checks/userInformation.ts';
import { approvedOnly } from './evaluate.ts';
import type { Of, PlanRec, SystemInput } from './neighbourhood.ts';
import { type GatePolicy, isRiskClass, policyFor } from './policy.ts';
import { listed, named, nameOf, plural, textOf } from './reading.ts';
import type { Requirement, Requirements } from './requirement.ts';
import { type GateCheck, told } from './result.ts';

/**
 * What the class of a system asks of it: the gate's checks, without a release. Whatever is done here holds up no release of the system while things stand
 * as they do; whatever of the system would hold one up is missing here. Pure.
 */
export function evaluateSystem(given: SystemInput): Requirements {
  const input = approvedOnly(given);
  const { system, criteria } = input;
  const policy = policyFor(criteria, system.values.riskClass);
  const d: Asked = { given, input, policy };
  return {
    system: system.ref,
    title: system.title,
    riskClass: isRiskClass(system.values.riskClass) ? system.values.riskClass : null,
    criteria: criteria?.ref ?? null,
    mode: textOf(criteria, 'mode') ?? null,
    items: [
      ofCheck('class', 'Risk class', asks.SCOPE, checkScope(input)),
      ofCheck('criteria', 'Criteria', asks.CRITERIA, checkPolicy(given, policy.riskClass)),
      ...people(d),
      ...(input.vendorRun ? [] : [components(d), ...planned(d)]),
      ...assessed(d),
      ...(input.vendorRun ? notOurs() : [...wayBack(d), ...watched(d)]),
      ...emergencies(d),
    ],
    eachRelease: asks.ofEachRelease(input, policy),
  };
}

interface Asked {
  /** With criteria in any state: whether they are in force is asked too. */
  readonly given: SystemInput;
  readonly input: SystemInput;
  readonly policy: GatePolicy;
}

/** A point out of what a check found. Where it found nothing at all it is missing. */
function ofCheck(id: string, title: string, asked: string, check: GateCheck): Requirement {
  const [next] = check.next;
  return {
    id,
    check: check.id,
    title,
    asks: asked,
    status: check.status === 'passed' ? 'done' : 'missing',
    text: told(check),
    records: [...new Set(check.reasons.flatMap((r) => r.records))],
    ...(next ? { next } : {}),
  };
}

type Find = (c: Checking) => void;

/** The same out of a part of a check. */
function point(check: string, id: string, title: string, asked: string, find: Find): Requirement {
  const c = new Checking(check, title);
  find(c);
  return ofCheck(id, title, asked, c.done());
}

const notAsked = (check: string, id: string, title: string, asked: string, text: string): Requirement => ({
  id,
  check,
  title,
  asks: asked,
  status: 'notAsked',
  text,
  records: [],
});

const ofClass = (p: GatePolicy): string => `Not asked of class ${p.riskClass}.`;

function people({ input, policy }: Asked): Requirement[] {
  const { system } = input;
  const parts = everyPart(input, policy);
  const must = parts.filter((p) => p.must);
  const title = { owner: 'Owner', approver: 'Approver', oversight: 'Human oversight' };
  const different = asks.different(must.map((p) => p.label));
  return [
    ...parts.map((p) => {
      const asked = asks.part(p.label, p.must);
      const is = `${nameOf(input, p.ref)} is the ${p.label} of ${named(system)}.`;
      return p.must
        ? point('people', p.field, title[p.field], asked, (c) => {
            if (checkNamed(c, input, p)) c.good(is, [system.ref]);
          })
        : notAsked('people', p.field, title[p.field], asked, p.ref === undefined ? ofClass(policy) : is);
    }),
    must.length > 1
      ? point('people', 'different', 'Different people', different, (c) => {
          for (const p of must) checkNamed(c, input, p);
          checkDifferent(c, input, must);
          const names = [...new Set(must.map((p) => nameOf(input, p.ref)))];
          if (names.length === must.length) c.good(`${listed(names)} answer for it.`, [system.ref]);
        })
      : notAsked(
          'people',
          'different',
          'Different people',
          different,
          `One person may be owner, approver and oversight in class ${policy.riskClass}.`,
        ),
  ];
}

function components({ input }: Asked): Requirement {
  const { system } = input;
  const own = input.components.filter(
    (x) => x.state !== 'retired' && linksOf(x, 'systems').includes(system.ref),
  );
  return point('subject', 'components', 'Components', asks.COMPONENTS, (c) => {
    for (const x of own) checkComponent(c, x, system);
    if (own.length > 0)
      c.good(
        `${plural(own.length, 'component')}: ${listed(own.map((x) => x.ref))}.`,
        own.map((x) => x.ref),
      );
    else
      c.unknown(`No component of ${named(system)} is recorded that a release could name.`, [system.ref], {
        text: `Record what ${system.ref} consists of`,
        who: nameOf(input, textOf(system, 'owner')),
        ref: system.ref,
        create: 'component',
      });
  });
}

/**
 * What the next release would name: one of which all holds, however many others there are; else the newest of those that were decided on, else the newest.
 */
function chosen<R extends Rec>(all: readonly R[], decided: string, holds: (r: R) => boolean): R | undefined {
  const inOrder = all
    .filter((r) => r.state !== 'retired')
    .sort((a, b) => Number(b.state === decided) - Number(a.state === decided) || b.number - a.number);
  return inOrder.find(holds) ?? inOrder[0];
}

const holds = (find: Find): boolean => {
  const c = new Checking('', '');
  find(c);
  // Nothing was found against it; a part that has nothing to say either way does not stand in the way.
  c.good('', []);
  return c.done().status === 'passed';
};

function planned({ input, policy }: Asked): Requirement[] {
  const { system } = input;
  const own = input.plans.filter((p) => linksOf(p, 'system').includes(system.ref));
  const fixed = (p: PlanRec) => (c: Checking) => void checkFixedPlan(c, input, policy, p);
  const complete = (p: PlanRec) => (c: Checking) => checkPlanComplete(c, input, policy, p);
  const plan = chosen(own, 'fixed', (p) => holds(fixed(p)) && holds(complete(p)));
  const [id, title, asked] = ['plan', 'Verification plan', asks.plan(policy)] as const;
  if (policy.tests === 'smoke')
    return [
      notAsked('tests', 'hazards', 'Hazards', asks.hazards(policy), ofClass(policy)),
      notAsked(
        'plan',
        id,
        title,
        asked,
        plan && holds(fixed(plan)) ? `${named(plan)} is fixed.` : ofClass(policy),
      ),
    ];
  return [
    point('tests', 'hazards', 'Hazards', asks.hazards(policy), (c) => {
      if (!plan) return nothingExercised(c, input);
      complete(plan)(c);
      c.good(`${named(plan)} says which hazards are exercised.`, [plan.ref]);
    }),
    point('plan', id, title, asked, (c) => {
      if (plan) return fixed(plan)(c);
      c.unknown(`${named(system)} has no verification plan.`, [system.ref], {
        text: `Write a verification plan for ${system.ref} and have it fixed`,
        who: nameOf(input, textOf(system, 'owner')),
        ref: system.ref,
        create: 'verificationPlan',
      });
    }),
  ];
}

function nothingExercised(c: Checking, input: SystemInput): void {
  const { system } = input;
  const there = input.hazards.filter((h) => h.state !== 'retired');
  c.unknown(
    there.length > 0
      ? `No verification plan says which of ${plural(there.length, 'hazard')} of ${named(system)} are exercised.`
      : `No hazards are recorded for ${named(system)}, and no verification plan asks for any.`,
    [system.ref, ...there.map((h) => h.ref)],
    there.length > 0
      ? { text: 'Write a verification plan', ref: system.ref, create: 'verificationPlan' }
      : { text: `Record the hazards of ${system.ref}`, ref: system.ref, create: 'hazard' },
  );
}

function assessed({ input, policy }: Asked): Requirement[] {
  return [
    point('risk', 'riskAssessment', 'Risk assessment', asks.riskAssessment(policy), (c) =>
      checkAssessment(c, input, policy),
    ),
    ofCheck(
      'impactAssessment',
      'AI system impact assessment',
      asks.impactAssessment(policy),
      checkImpact(input, policy),
    ),
    point('risk', 'risks', 'Risks', asks.risks(policy), (c) => checkRisks(c, input, policy)),
  ];
}

const DRILLS: readonly { kind: DrillKind; id: string; title: string }[] = [
  { kind: 'rollback', id: 'rollbackDrill', title: 'Rollback drill' },
  { kind: 'stop', id: 'stopDrill', title: 'Stop drill' },
  { kind: 'communication', id: 'communicationDrill', title: 'Communication drill' },
];

function wayBack({ input, policy }: Asked): Requirement[] {
  const { system } = input;
  const own = input.rollbackPlans.filter((p) => linksOf(p, 'system').includes(system.ref));
  const wanted = drillsAsked(policy);
  const planHolds = (p: Of<'rollbackPlan'>) => (c: Checking) => checkWayBack(c, input, p);
  const drilled = (p: Of<'rollbackPlan'>, w: (typeof wanted)[number]) => (c: Checking) =>
    checkDrill(c, input, p, w.kind, w.months);
  const plan = chosen(
    own,
    'approved',
    (p) => holds(planHolds(p)) && wanted.every((w) => holds(drilled(p, w))),
  );
  return [
    point('rollback', 'rollback', 'Rollback plan', asks.WAY_BACK, (c) => {
      if (plan) return planHolds(plan)(c);
      c.unknown(`${named(system)} has no rollback plan.`, [system.ref], {
        text: `Write a rollback plan for ${system.ref} and have it approved`,
        who: nameOf(input, textOf(system, 'owner')),
        ref: system.ref,
        create: 'rollbackPlan',
      });
    }),
    ...DRILLS.map(({ kind, id, title }) => {
      const want = wanted.find((w) => w.kind === kind);
      const asked = asks.drill(kind, want?.months);
      if (!want) return notAsked('rollback', id, title, asked, ofClass(policy));
      return point('rollback', id, title, asked, (c) => {
        if (plan) return drilled(plan, want)(c);
        c.unknown(`${named(system)} has no rollback plan that a drill could rehearse.`, [system.ref]);
      });
    }),
  ];
}

function watched({ input, policy }: Asked): Requirement[] {
  const [id, title, asked] = [
    'userInformation',
    'Information for users',
    asks.userInformation(policy),
  ] as const;
  return [
    ofCheck('monitoring', 'Monitoring', asks.monitoring(policy), checkMonitoring(input, policy)),
    policy.userInformation
      ? ofCheck(id, title, asked, checkUserInformation(input))
      : notAsked(id, id, title, asked, ofClass(policy)),
  ];
}

/** What is asked of a system that we run, and cannot be asked of one that its vendor runs. */
function notOurs(): Requirement[] {
  const why = 'Not asked of what a vendor runs: leave to use it does not depend on it.';
  const of: readonly (readonly [check: string, id: string, title: string])[] = [
    ['subject', 'components', 'Components'],
    ['tests', 'hazards', 'Hazards'],
    ['plan', 'plan', 'Verification plan'],
    ['rollback', 'rollback', 'Rollback plan'],
    ...DRILLS.map((x) => ['rollback', x.id, x.title] as const),
    ['monitoring', 'monitoring', 'Monitoring'],
    ['userInformation', 'userInformation', 'Information for users'],
  ];
  return of.map(([check, id, title]) => notAsked(check, id, title, why, why));
}

/** Told only where there is one: most systems never have an emergency. */
function emergencies({ input }: Asked): Requirement[] {
  return [
    ...(input.emergencies.length > 0
      ? [point('reviews', 'reviews', 'Earlier emergencies', asks.REVIEWED, (c) => checkReviewed(c, input))]
      : []),
    ...(input.emergencyUse ?? []).map((e) =>
      point('reviews', 'emergency', 'Emergency', asks.EMERGENCY, (c) => checkUseByEmergency(c, input, e)),
    ),
  ];
}
