import type { Facts } from '../facts/facts.ts';
import { back, type Hop, out, reads, since, some, taken } from '../facts/reads.ts';
import { rulesOf } from '../register/covering.ts';
import type { Register } from '../register/register.ts';
import { contentsOf, materialDigest } from '../register/values.ts';
import { registers, registry } from '../registers/index.ts';
import { PLAN_TICKET_KINDS } from './plan-strictness.ts';
import type { AroundSystem, GateInput, Of, PlanRec, SystemInput } from './surroundings.ts';

/** What is known of an AI system, whichever of its releases is judged. */
const ABOUT_SYSTEM: readonly Hop[] = [
  some(
    registers.risk,
    undefined,
    { as: 'openRisks', states: registers.risk.states.filter((s) => s !== 'closed') },
    [out(registers.risk, 'hazards')],
  ),
  back(registers.riskAssessment),
  back(registers.hazard),
  back(registers.impactAssessment),
  back(registers.monitor),
  back(registers.document),
  some(registers.change, undefined, {
    as: 'emergencies',
    states: ['submitted', 'approved', 'implemented'],
    where: { field: 'kind', is: ['emergency'] },
  }),
];

/** Tickets under which a plan may be easier to pass than those before it: of one plan the newest twenty. */
const PLAN_TICKETS = some(registers.change, 'plan', {
  as: 'planTickets',
  where: { field: 'kind', is: PLAN_TICKET_KINDS },
  newest: 20,
});

/** Registers whose decisions the gate weighs. */
const WEIGHED: readonly Register[] = [
  registers.release,
  registers.aiSystem,
  registers.verificationPlan,
  registers.rollbackPlan,
  registers.change,
  registers.risk,
  registers.riskAssessment,
  registers.drill,
  registers.impactAssessment,
  registers.supplier,
];

/** What the gate looks at: one release and everything around it. */
export const GATE_READS = reads(registers.release, {
  hops: [
    out(registers.release, 'system', ABOUT_SYSTEM),
    out(registers.release, 'plan', [PLAN_TICKETS]),
    out(registers.release, 'rollbackPlan', [back(registers.drill)]),
    out(registers.release, 'change', [out(registers.change, 'incident')]),
    out(registers.release, 'components'),
    out(registers.release, 'supplier'),
    back(registers.testRun),
    back(registers.evidence),
  ],
  weighed: WEIGHED,
  worked: WEIGHED,
  taken: [taken(registers.verificationPlan, 'fix')],
  since: [since(registers.aiSystem, 'servedModel')],
  uses: ['ownUse', 'inUse', 'emergencyUse', 'plansBefore'],
  versions: (f) => envelopeApproved(f),
});

/** The same of a system without a release: everything that its next one can rest on. */
export const SYSTEM_READS = reads(registers.aiSystem, {
  hops: [
    ...ABOUT_SYSTEM,
    back(registers.component),
    back(registers.verificationPlan, undefined, [PLAN_TICKETS]),
    back(registers.rollbackPlan, undefined, [back(registers.drill)]),
  ],
  weighed: WEIGHED,
  worked: WEIGHED,
  taken: [taken(registers.verificationPlan, 'fix')],
  uses: ['emergencyUse', 'plansBefore', 'vendorRun'],
});

/** The AI system as it was when the envelope of the release was approved. */
function envelopeApproved(f: Facts): { ref: string; at: string }[] {
  const release = f.subjects(registers.release)[0];
  const change = release && f.linked(release, 'change')[0];
  const system = release && f.linked(release, 'system')[0];
  const approval =
    change?.values.kind === 'envelope'
      ? f.decisions(change).find((d) => d.values.kind === 'approve')
      : undefined;
  return system && approval ? [{ ref: system.ref, at: approval.createdAt }] : [];
}

/** The neighbourhood of the release that was read; `system` is the AI system that it belongs to. */
export function gateInput(f: Facts, system: Of<'aiSystem'>): GateInput {
  const release = f.subject(registers.release);
  const [plan] = f.linked(release, 'plan');
  const [rollbackPlan] = f.linked(release, 'rollbackPlan');
  const [change] = f.linked(release, 'change');
  const incident = change && f.linked(change, 'incident')[0];
  const risks = f.some(system, 'openRisks', registers.risk);
  const [then] = envelopeApproved(f);
  const inUse = f.use('inUse');
  const ownUse = f.use('ownUse');
  const known = around(f, system, plan ? [plan] : [], rollbackPlan ? [rollbackPlan] : []);
  const gone = inUse && !f.comparable(inUse.release, []) ? [inUse.release.ref] : [];
  return {
    ...known,
    incomparable: [...known.incomparable, ...gone],
    release,
    releaseDigest: f.binding(release).content.digest,
    components: f.linked(release, 'components'),
    plan: plan && withFixing(f, plan),
    runs: f.back(release, registers.testRun),
    evidence: f.back(release, registers.evidence),
    riskHazards: unique(risks.flatMap((r) => f.linked(r, 'hazards'))),
    rollbackPlan,
    change,
    suppliers: f.linked(release, 'supplier'),
    ...(incident ? { incident } : {}),
    ...(ownUse ? { ownUse } : {}),
    ...(inUse ? { inUse } : {}),
    ...(then ? { systemThen: f.valuesAt(then.ref, then.at) } : {}),
    servedSince: f.since(system, 'servedModel'),
    log: f.log,
  };
}

/** The system that was read, without a release. */
export function systemInput(f: Facts): SystemInput {
  const system = f.subject(registers.aiSystem);
  const plans = f.back(system, registers.verificationPlan);
  const rollbackPlans = f.back(system, registers.rollbackPlan);
  return {
    ...around(f, system, plans, rollbackPlans),
    components: f.back(system, registers.component),
    plans: plans.map((p) => withFixing(f, p)),
    rollbackPlans,
    vendorRun: f.use('vendorRun'),
  };
}

function around(
  f: Facts,
  system: Of<'aiSystem'>,
  plans: readonly Of<'verificationPlan'>[],
  rollbackPlans: readonly Of<'rollbackPlan'>[],
): AroundSystem & { incomparable: string[] } {
  const { weighed } = f;
  const ofRule = weighed.filter((r) => rulesOf(registerOf(r.register)).length > 1);
  return {
    now: f.now,
    system,
    criteria: f.criteria,
    hazards: f.back(system, registers.hazard),
    risks: f.some(system, 'openRisks', registers.risk),
    assessments: f.back(system, registers.riskAssessment),
    drills: unique(rollbackPlans.flatMap((p) => f.back(p, registers.drill))),
    impactAssessments: f.back(system, registers.impactAssessment),
    monitors: f.back(system, registers.monitor),
    documents: f.back(system, registers.document),
    emergencies: f.some(system, 'emergencies', registers.change),
    emergencyUse: f.use('emergencyUse'),
    plansBefore: f.use('plansBefore'),
    planTickets: unique(plans.flatMap((p) => f.some(p, 'planTickets', registers.change))),
    decisions: weighed.flatMap((r) => f.decisions(r)).sort((a, b) => b.number - a.number),
    authors: Object.fromEntries(weighed.map((r) => [r.ref, f.authors(r)])),
    people: f.people,
    digests: Object.fromEntries(weighed.map((r) => [r.ref, f.binding(r).digest])),
    digestsUnder: Object.fromEntries(
      ofRule.map((r) => [
        r.ref,
        Object.fromEntries(rulesOf(registerOf(r.register)).map((n) => [n, f.binding(r).under(n).digest])),
      ]),
    ),
    onePerson: f.onePerson,
    incomparable: weighed.filter((r) => !f.comparable(r)).map((r) => r.ref),
  };
}

const registerOf = (name: string): Register => registry.get(name);

/** A record that is reached by several ways is one. */
const unique = <R extends { readonly ref: string }>(records: readonly R[]): R[] => [
  ...new Map(records.map((r) => [r.ref, r])).values(),
];

/** The plan with the moment at which its present content was fixed, and the digest it had then. */
function withFixing(f: Facts, plan: Of<'verificationPlan'>): PlanRec {
  const fixed = f.taken(plan, 'fix');
  if (!fixed) return plan;
  const erased = fixed.erased.filter((g) => CONTENT.has(g));
  // A digest over what is left would say that the plan was changed, and nobody changed it.
  if (erased.length > 0) return { ...plan, fixedAt: fixed.at, erased };
  return {
    ...plan,
    fixedAt: fixed.at,
    planDigest: materialDigest(registers.verificationPlan, plan.ref, contentsOf({ ...fixed.parts })),
  };
}

/** Groups that a digest of a record's contents is made of. */
const CONTENT: ReadonlySet<string> = new Set(['values', 'people', 'text', 'links']);
