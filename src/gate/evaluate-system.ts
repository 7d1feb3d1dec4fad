import { keyOf, type Sentence } from '../base/sentence.ts';
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
import { checkUserInformation } from './checks/user-information.ts';
import { approvedOnly } from './evaluate.ts';
import { type GatePolicy, isRiskClass, policyFor } from './policy.ts';
import { named, nameOf, textOf } from './reading.ts';
import type { Requirement, Requirements } from './requirement.ts';
import { type GateCheck, told } from './result.ts';
import type { Of, PlanRec, SystemInput } from './surroundings.ts';
import { say as ask, title } from './words/asks.ts';
import { say } from './words/system.ts';

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
      ofCheck('class', asks.SCOPE, checkScope(input)),
      ofCheck('criteria', asks.CRITERIA, checkPolicy(given, policy.riskClass)),
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
function ofCheck(id: Id, asked: Sentence, check: GateCheck): Requirement {
  const [next] = check.next;
  return {
    ...called(id, check.id, asked),
    status: check.status === 'passed' ? 'done' : 'missing',
    text: told(check),
    said: check.reasons.map(keyOf),
    records: [...new Set(check.reasons.flatMap((r) => r.records))],
    ...(next ? { next } : {}),
  };
}

type Id = Parameters<typeof title>[0];
type Find = (c: Checking) => void;

function called(id: Id, check: string, asked: Sentence) {
  const { text, message } = title(id);
  return { id, check, title: text, titleMessage: message, asks: asked.text, asksSaid: keyOf(asked) };
}

/** The same out of a part of a check. */
function point(check: string, id: Id, asked: Sentence, find: Find): Requirement {
  const c = new Checking(check, title(id));
  find(c);
  return ofCheck(id, asked, c.done());
}

const notAsked = (check: string, id: Id, asked: Sentence, said: Sentence): Requirement => ({
  ...called(id, check, asked),
  status: 'notAsked',
  text: said.text,
  said: [keyOf(said)],
  records: [],
});

const ofClass = (p: GatePolicy): Sentence => ask('notOfClass', { riskClass: p.riskClass });

function people({ input, policy }: Asked): Requirement[] {
  const { system } = input;
  const parts = everyPart(input, policy);
  const must = parts.filter((p) => p.must);
  const different = asks.different(must.map((p) => p.label));
  return [
    ...parts.map((p) => {
      const asked = asks.part(p.label, p.must);
      const is = say('part', { person: nameOf(input, p.ref), part: p.label, system: named(system) });
      return p.must
        ? point('people', p.field, asked, (c) => {
            if (checkNamed(c, input, p)) c.good(is, [system.ref]);
          })
        : notAsked('people', p.field, asked, p.ref === undefined ? ofClass(policy) : is);
    }),
    must.length > 1
      ? point('people', 'different', different, (c) => {
          for (const p of must) checkNamed(c, input, p);
          checkDifferent(c, input, must);
          const names = [...new Set(must.map((p) => nameOf(input, p.ref)))];
          if (names.length === must.length) c.good(say('answer', { people: names }), [system.ref]);
        })
      : notAsked('people', 'different', different, say('mayBeOne', { riskClass: policy.riskClass })),
  ];
}

function components({ input }: Asked): Requirement {
  const { system } = input;
  const own = input.components.filter(
    (x) => x.state !== 'retired' && linksOf(x, 'systems').includes(system.ref),
  );
  return point('subject', 'components', asks.COMPONENTS, (c) => {
    for (const x of own) checkComponent(c, x, system);
    if (own.length > 0)
      c.good(
        say('components', { number: own.length, components: own.map((x) => x.ref) }),
        own.map((x) => x.ref),
      );
    else
      c.unknown(say('noComponent', { system: named(system) }), [system.ref], {
        ...say('recordComponents', { system: system.ref }),
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
  const c = new Checking('', say('nothingSaid'));
  find(c);
  // Nothing was found against it; a part that has nothing to say either way does not stand in the way.
  c.good(say('nothingSaid'), []);
  return c.done().status === 'passed';
};

function planned({ input, policy }: Asked): Requirement[] {
  const { system } = input;
  const own = input.plans.filter((p) => linksOf(p, 'system').includes(system.ref));
  const fixed = (p: PlanRec) => (c: Checking) => void checkFixedPlan(c, input, policy, p);
  const complete = (p: PlanRec) => (c: Checking) => checkPlanComplete(c, input, policy, p);
  const plan = chosen(own, 'fixed', (p) => holds(fixed(p)) && holds(complete(p)));
  const asked = asks.plan(policy);
  if (policy.tests === 'smoke')
    return [
      notAsked('tests', 'hazards', asks.hazards(policy), ofClass(policy)),
      notAsked(
        'plan',
        'plan',
        asked,
        plan && holds(fixed(plan)) ? say('fixed', { plan: named(plan) }) : ofClass(policy),
      ),
    ];
  return [
    point('tests', 'hazards', asks.hazards(policy), (c) => {
      if (!plan) return nothingExercised(c, input);
      complete(plan)(c);
      c.good(say('exercised', { plan: named(plan) }), [plan.ref]);
    }),
    point('plan', 'plan', asked, (c) => {
      if (plan) return fixed(plan)(c);
      c.unknown(say('noPlan', { system: named(system) }), [system.ref], {
        ...say('writePlan', { system: system.ref }),
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
      ? say('noneExercised', { number: there.length, system: named(system) })
      : say('noHazards', { system: named(system) }),
    [system.ref, ...there.map((h) => h.ref)],
    there.length > 0
      ? { ...say('writeAPlan'), ref: system.ref, create: 'verificationPlan' }
      : { ...say('recordHazards', { system: system.ref }), ref: system.ref, create: 'hazard' },
  );
}

function assessed({ input, policy }: Asked): Requirement[] {
  return [
    point('risk', 'riskAssessment', asks.riskAssessment(policy), (c) => checkAssessment(c, input, policy)),
    ofCheck('impactAssessment', asks.impactAssessment(policy), checkImpact(input, policy)),
    point('risk', 'risks', asks.risks(policy), (c) => checkRisks(c, input, policy)),
  ];
}

const DRILLS = [
  { kind: 'rollback', id: 'rollbackDrill' },
  { kind: 'stop', id: 'stopDrill' },
  { kind: 'communication', id: 'communicationDrill' },
] as const satisfies readonly { kind: DrillKind; id: Id }[];

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
    point('rollback', 'rollback', asks.WAY_BACK, (c) => {
      if (plan) return planHolds(plan)(c);
      c.unknown(say('noRollbackPlan', { system: named(system) }), [system.ref], {
        ...say('writeRollbackPlan', { system: system.ref }),
        who: nameOf(input, textOf(system, 'owner')),
        ref: system.ref,
        create: 'rollbackPlan',
      });
    }),
    ...DRILLS.map(({ kind, id }) => {
      const want = wanted.find((w) => w.kind === kind);
      const asked = asks.drill(kind, want?.months);
      if (!want) return notAsked('rollback', id, asked, ofClass(policy));
      return point('rollback', id, asked, (c) => {
        if (plan) return drilled(plan, want)(c);
        c.unknown(say('nothingToRehearse', { system: named(system) }), [system.ref]);
      });
    }),
  ];
}

function watched({ input, policy }: Asked): Requirement[] {
  const id = 'userInformation';
  const asked = asks.userInformation(policy);
  return [
    ofCheck('monitoring', asks.monitoring(policy), checkMonitoring(input, policy)),
    policy.userInformation
      ? ofCheck(id, asked, checkUserInformation(input))
      : notAsked(id, id, asked, ofClass(policy)),
  ];
}

/** What is asked of a system that we run, and cannot be asked of one that its vendor runs. */
function notOurs(): Requirement[] {
  const why = ask('notOfVendor');
  const of: readonly (readonly [check: string, id: Id])[] = [
    ['subject', 'components'],
    ['tests', 'hazards'],
    ['plan', 'plan'],
    ['rollback', 'rollback'],
    ...DRILLS.map((x) => ['rollback', x.id] as const),
    ['monitoring', 'monitoring'],
    ['userInformation', 'userInformation'],
  ];
  return of.map(([check, id]) => notAsked(check, id, why, why));
}

/** Told only where there is one: most systems never have an emergency. */
function emergencies({ input }: Asked): Requirement[] {
  return [
    ...(input.emergencies.length > 0
      ? [point('reviews', 'reviews', asks.REVIEWED, (c) => checkReviewed(c, input))]
      : []),
    ...(input.emergencyUse ?? []).map((e) =>
      point('reviews', 'emergency', asks.EMERGENCY, (c) => checkUseByEmergency(c, input, e)),
    ),
  ];
}
