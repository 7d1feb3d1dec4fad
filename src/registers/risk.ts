import {
  choice,
  choices,
  date,
  immaterial,
  later,
  link,
  longText,
  number,
  optional,
  person,
  review,
  score,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { expectedLoss, LIMITS, rangesOf } from '../risk/quantify.ts';
import { claimOf, inherentImpact, inherentLevel, residualImpact, residualLevel } from '../risk/rating.ts';
import { SYSTEM_PARTS } from './covers.ts';
import { CURRENCIES } from './currencies.ts';

const RANGE = 'You are 90 % sure that the true value lies between low and high.';

export const risk = defineRegister({
  name: 'risk',
  prefix: 'RSK',
  step: 'Risk',
  place: 40,
  label: { one: 'AI risk', many: 'AI risks' },
  purpose: 'What could go wrong with an AI system, for whom, and what we decided to do about it.',
  clauses: {
    '6.1.2': 'identifies each AI risk and rates it against the criteria',
    '6.1.3': 'records the treatment option and who accepted what is left',
    '8.2': 'keeps every rating, old ones included',
    '8.3': 'keeps the result of every treatment',
  },
  documents: ['DI-04', 'DI-09', 'DI-18', 'DI-19'],
  fields: {
    title: text('Title', { max: 120 }),
    owner: person('Risk owner'),
    scenario: later(
      longText('Scenario', { help: 'Source, event, and consequence for people or society.', max: 8000 }),
    ),
    affects: optional(
      choices('Who bears the consequences', ['organisation', 'individuals', 'groups', 'society']),
    ),
    likelihood: later(score('Likelihood', { max: 5 })),
    impactOrganisation: later(score('Impact on the organisation', { max: 5 })),
    impactIndividuals: later(
      score('Impact on individuals and groups', {
        max: 5,
        help: 'The worst affected person or group, whatever it means for the organisation. 1: looked at, and negligible.',
      }),
    ),
    impactSociety: later(score('Impact on society', { max: 5 })),
    treatment: later(
      choice('Treatment option', ['modify', 'retain', 'avoid', 'share'], {
        help: 'modify: reduce it by controls. retain: keep it, knowingly. avoid: do not do it. share: with somebody else.',
      }),
    ),
    treatmentPlan: optional(
      longText('Treatment plan', { help: 'What is done, by whom, until when.', max: 8000 }),
    ),
    residualLikelihood: optional(score('Likelihood after treatment', { max: 5 })),
    residualOrganisation: optional(
      score('Impact on the organisation after treatment', { max: 5, help: 'Empty: as before treatment.' }),
    ),
    residualIndividuals: optional(score('Impact on individuals and groups after treatment', { max: 5 })),
    residualSociety: optional(score('Impact on society after treatment', { max: 5 })),
    frequencyLow: optional(number('Events a year, low', { ...LIMITS.frequency, help: RANGE })),
    frequencyHigh: optional(number('Events a year, high', { ...LIMITS.frequency })),
    lossLow: optional(number('Loss of one event, low', { ...LIMITS.loss, help: RANGE })),
    lossHigh: optional(number('Loss of one event, high', { ...LIMITS.loss })),
    currency: optional(choice('Currency', CURRENCIES)),
    estimateBasis: optional(
      longText('What the ranges rest on', { help: 'Whose estimate, which figures.', max: 4000 }),
    ),
    reviewBy: later(immaterial(review(date('Review by'), { cap: 'riskReview' }))),
  },
  links: {
    systems: link('aiSystem', { label: 'AI systems affected', inverse: 'risks', min: 1 }),
    hazards: link('hazard', { label: 'Hazards', inverse: 'risks' }),
    controls: link('control', {
      label: 'Treated by controls',
      inverse: 'risksTreated',
      inverseLabel: 'Risks it treats',
    }),
    criteria: link('criteria', {
      label: 'Rated under',
      inverse: 'risksRated',
      inverseLabel: 'Risks rated under them',
      max: 1,
      help: 'The criteria whose scales the scores mean. Approved criteria do not change, so the number names their version.',
    }),
  },
  derived: {
    impact: (v) => inherentImpact(claimOf(v)),
    level: (v) => inherentLevel(claimOf(v)),
    residualImpact: (v) => residualImpact(claimOf(v)),
    residualLevel: (v) => residualLevel(claimOf(v)),
    expectedLoss: (v) => {
      const ranges = rangesOf(v);
      return ranges && v.currency ? Math.round(expectedLoss(ranges) * 100) / 100 : undefined;
    },
  },
  derivedLabels: {
    impact: 'Impact, the worst of three',
    level: 'Level',
    residualImpact: 'Impact after treatment, the worst of three',
    residualLevel: 'Level after treatment',
    expectedLoss: 'Expected loss a year',
  },
  workflow: {
    states: ['open', 'assessed', 'treated', 'accepted', 'closed'],
    transitions: {
      assess: {
        from: ['open', 'assessed', 'treated', 'accepted'],
        to: 'assessed',
        by: ['owner', 'aimsManager'],
        requires: ['scenario', 'likelihood', 'impactOrganisation', 'impactIndividuals', 'impactSociety'],
      },
      treat: {
        from: 'assessed',
        to: 'treated',
        by: ['owner', 'aimsManager'],
        requires: ['treatment', 'reviewBy'],
      },
      accept: {
        from: ['assessed', 'treated', 'accepted'],
        to: 'accepted',
        by: 'designatedManagement',
        requires: ['likelihood', 'impactOrganisation', 'impactIndividuals', 'impactSociety', 'reviewBy'],
        signed: true,
        separate: true,
        decision: 'accept',
        reason: true,
        until: { cap: 'acceptance' },
      },
      close: { from: ['assessed', 'treated', 'accepted'], to: 'closed', by: 'aimsManager', reason: true },
      reopen: { from: 'closed', to: 'open', by: ['owner', 'aimsManager'] },
    },
    locked: ['closed'],
    ended: ['closed'],
    // Accepted with this day before management: assess it again to set another.
    fixedFrom: { reviewBy: 'accepted' },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  // What was accepted was accepted for the system as it then was.
  covers: [SYSTEM_PARTS('systems')],
  columns: ['title', 'systems', 'owner', 'level', 'residualLevel', 'treatment', 'reviewBy', 'state'],
});
