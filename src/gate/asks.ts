import { keyOf, type Sentence } from '../base/sentence.ts';
import { mayBeAlone } from './approvals.ts';
import { REVIEW_DAYS } from './checks/emergency.ts';
import type { DrillKind } from './checks/rollback.ts';
import type { GatePolicy } from './policy.ts';
import type { OfEachRelease } from './requirement.ts';
import type { SystemInput } from './surroundings.ts';
import { say, title } from './words/asks.ts';

// What a policy asks, in sentences. They decide nothing: the checks do, by the same policy.

export const SCOPE = say('scope');
export const CRITERIA = say('criteria');
export const COMPONENTS = say('components');
export const REVIEWED = say('reviewed', { days: REVIEW_DAYS });
export const EMERGENCY = say('emergency');
export const WAY_BACK = say('wayBack');

export const part = (label: Sentence, must: boolean): Sentence =>
  must ? say('part', { part: label }) : say('partNotAsked', { part: label });

export const different = (labels: readonly Sentence[]): Sentence =>
  labels.length > 1 ? say('different', { parts: labels }) : say('mayBeOne');

export const hazards = (p: GatePolicy): Sentence => say(`hazards_${p.tests}`);

export const plan = (p: GatePolicy): Sentence =>
  p.tests === 'smoke'
    ? say('noPlan')
    : say('plan', { maxFailRate: p.maxFailRate, maxInconclusive: p.maxInconclusive });

export const riskAssessment = (p: GatePolicy): Sentence =>
  say(p.assessmentApproved ? 'riskAssessmentApproved' : 'riskAssessment', { months: p.riskMonths });

export const impactAssessment = (p: GatePolicy): Sentence =>
  say(`impact_${p.impact}`, { months: p.impactMonths });

export const risks = (p: GatePolicy): Sentence => say(p.acceptResiduals ? 'risksRated' : 'risks');

export const drill = (kind: DrillKind, months: number | undefined): Sentence =>
  months === undefined ? say('noDrill', { kind }) : say('drill', { kind, months });

export const monitoring = (p: GatePolicy): Sentence => say(`monitoring_${p.monitoring}`);

export const userInformation = (p: GatePolicy): Sentence =>
  say(p.userInformation ? 'userInformation' : 'noUserInformation');

/** In the order in which the gate tells it. */
export function ofEachRelease(input: SystemInput, p: GatePolicy): OfEachRelease[] {
  const people = asked(
    'people',
    mayBeAlone(input) ? say('alone') : say('approvals', { number: p.approvals }),
  );
  if (input.vendorRun)
    return [
      asked('use', say('use')),
      asked('supplier', say('supplier')),
      asked('vendorModel', say('vendorModel')),
      people,
    ];
  const trust = p.minTrust === 'rerun' ? 'other' : p.minTrust;
  return [
    asked('subject', say('subject')),
    asked('served', say('served')),
    asked('tests', say(p.tests === 'smoke' ? 'smoke' : 'tests', { trust })),
    ...(p.maxUpperBound > 0 ? [asked('confidence', say('confidence', { most: p.maxUpperBound }))] : []),
    people,
    asked('change', say('change')),
  ];
}

function asked(check: Parameters<typeof title>[0], said: Sentence): OfEachRelease {
  const called = title(check);
  return {
    check,
    title: called.text,
    titleMessage: called.message,
    asks: said.text,
    asksSaid: keyOf(said),
  };
}
