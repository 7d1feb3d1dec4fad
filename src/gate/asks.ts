import { mayBeAlone } from './approvals.ts';
import { REVIEW_DAYS } from './checks/emergency.ts';
import type { DrillKind } from './checks/rollback.ts';
import type { SystemInput } from './neighbourhood.ts';
import type { GatePolicy } from './policy.ts';
import { listed, plural } from './reading.ts';
import type { OfEachRelease } from './requirement.ts';

// What a policy asks, in sentences. They decide nothing: the checks do, by the same policy.

const within = (months: number): string =>
  months === 0 ? ', at any time' : ` within ${plural(months, 'month')}`;

const TRUST: Readonly<Record<GatePolicy['minTrust'], string>> = {
  person: 'handed in by a person, or better',
  ci: 'handed in by a pipeline, or better',
  signed: 'signed by whoever ran it, or better',
  rerun: 'run again by us',
};

export const SCOPE = 'In scope, with a risk class that somebody other than its author confirmed.';
export const CRITERIA = 'Approved criteria with a gate policy for the class.';
export const COMPONENTS =
  'What it consists of is recorded; models and datasets by digest, or a hosted model by what its supplier says.';
export const REVIEWED = `Each emergency is reviewed by somebody else within ${REVIEW_DAYS} working days.`;
export const EMERGENCY =
  'A release that is in use by an emergency decision is taken back or replaced within its hours.';
export const WAY_BACK = 'A way back to a named target, approved by somebody other than its author.';

export const part = (label: string, must: boolean): string =>
  must ? `Named, because the ${label} approves each release.` : `Releases need no approval by the ${label}.`;

export const different = (labels: readonly string[]): string =>
  labels.length > 1 ? `Different people as ${listed(labels)}.` : 'They may be one person.';

export const hazards = (p: GatePolicy): string =>
  ({
    smoke: 'No hazard has to be exercised.',
    plan: 'The verification plan says which hazards are exercised, every critical one among them.',
    allHazards: 'Its hazards are recorded, and the verification plan exercises every one.',
  })[p.tests];

export const plan = (p: GatePolicy): string =>
  p.tests === 'smoke'
    ? 'No verification plan: without one, no failed case is tolerated.'
    : `A verification plan fixed by somebody other than its author; it lets at most ${p.maxFailRate} % of the cases fail and ${p.maxInconclusive} % stay without a verdict.`;

export const riskAssessment = (p: GatePolicy): string =>
  `Concluded${p.assessmentApproved ? ' and approved by somebody other than its author' : ''}${within(p.riskMonths)}.`;

const IMPACT: Readonly<Record<GatePolicy['impact'], string>> = {
  screened: 'Somebody looked at whom it affects, and concluded',
  assessed: 'Concluded',
  approved: 'Concluded and approved by somebody other than its author',
};

export const impactAssessment = (p: GatePolicy): string =>
  `${IMPACT[p.impact]}${within(p.impactMonths)}; the newest does not find the impact unacceptable.`;

export const risks = (p: GatePolicy): string =>
  `Risks are rated; what is above the appetite is treated${p.acceptResiduals ? ' and rated again' : ''}, or accepted.`;

export const drill = (kind: DrillKind, months: number | undefined): string =>
  months === undefined
    ? `No ${kind} drill.`
    : `The newest ${kind} drill succeeded, in the time that the plan allows, and was verified by somebody else${within(months)}.`;

export const monitoring = (p: GatePolicy): string =>
  ({
    owner: 'Somebody is named who watches it in use.',
    metric: 'A metric with a limit is running, and its own review is not overdue.',
    both: 'A metric with a limit and an event log are running, and their own reviews are not overdue.',
  })[p.monitoring];

export const userInformation = (p: GatePolicy): string =>
  p.userInformation ? 'Published, and its day of review has not come.' : 'None has to be published.';

/** In the order in which the gate tells it. */
export function ofEachRelease(input: SystemInput, p: GatePolicy): OfEachRelease[] {
  const people = {
    check: 'people',
    title: 'Approvals',
    asks: mayBeAlone(input)
      ? 'You decide alone, a day after the last change; the record says so.'
      : `${plural(p.approvals, 'person', 'people')} other than the author ${p.approvals === 1 ? 'approves' : 'approve'} each release, as it is.`,
  };
  if (input.vendorRun)
    return [
      {
        check: 'use',
        title: 'Use',
        asks: 'It says what is used for what, with which data, watched by whom, until when.',
      },
      {
        check: 'supplier',
        title: 'Vendor (supplier)',
        asks: 'Assessed and approved, and its next review still to come.',
      },
      { check: 'vendorModel', title: 'Vendor’s model', asks: 'As cleared, or tested again.' },
      people,
    ];
  return [
    { check: 'subject', title: 'Components', asks: 'It names what it consists of.' },
    { check: 'served', title: 'Model in service', asks: 'The model that answers is one that was approved.' },
    {
      check: 'tests',
      title: 'Tests',
      asks:
        p.tests === 'smoke'
          ? `Something ran on exactly this content and nothing failed; ${TRUST[p.minTrust]}.`
          : `Run on exactly this content, as the plan asks; ${TRUST[p.minTrust]}.`,
    },
    ...(p.maxUpperBound > 0
      ? [
          {
            check: 'confidence',
            title: 'Enough tests',
            asks: `Enough cases to say with 95 % confidence that at most ${p.maxUpperBound} % fail.`,
          },
        ]
      : []),
    people,
    { check: 'change', title: 'Change ticket', asks: 'Approved by somebody other than who asked for it.' },
  ];
}
