import {
  choice,
  choices,
  date,
  due,
  immaterial,
  later,
  link,
  longText,
  optional,
  person,
  score,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { SYSTEM_PARTS } from './covers.ts';

/** Likelihood times impact, 1 to 25; undefined until both are rated. */
export function riskLevel(likelihood: number | undefined, impact: number | undefined): number | undefined {
  return likelihood === undefined || impact === undefined ? undefined : likelihood * impact;
}

export const risk = defineRegister({
  name: 'risk',
  prefix: 'RSK',
  step: 'Risk',
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
    impact: later(score('Impact', { max: 5 })),
    treatment: later(
      choice('Treatment option', ['modify', 'retain', 'avoid', 'share'], {
        help: 'modify: reduce it by controls. retain: keep it, knowingly. avoid: do not do it. share: with somebody else.',
      }),
    ),
    treatmentPlan: optional(
      longText('Treatment plan', { help: 'What is done, by whom, until when.', max: 8000 }),
    ),
    residualLikelihood: optional(score('Likelihood after treatment', { max: 5 })),
    residualImpact: optional(score('Impact after treatment', { max: 5 })),
    reviewBy: later(immaterial(due(date('Review by')))),
  },
  links: {
    systems: link('aiSystem', { label: 'AI systems affected', inverse: 'risks', min: 1 }),
    hazards: link('hazard', { label: 'Hazards', inverse: 'risks' }),
    controls: link('control', {
      label: 'Treated by controls',
      inverse: 'risksTreated',
      inverseLabel: 'Risks it treats',
    }),
  },
  derived: {
    level: ({ likelihood, impact }) => riskLevel(likelihood, impact),
    residualLevel: ({ residualLikelihood, residualImpact }) => riskLevel(residualLikelihood, residualImpact),
  },
  derivedLabels: { level: 'Level', residualLevel: 'Level after treatment' },
  workflow: {
    states: ['open', 'assessed', 'treated', 'accepted', 'closed'],
    transitions: {
      assess: {
        from: ['open', 'assessed', 'treated', 'accepted'],
        to: 'assessed',
        by: ['owner', 'aimsManager'],
        requires: ['scenario', 'likelihood', 'impact'],
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
        requires: ['likelihood', 'impact', 'reviewBy'],
        signed: true,
        separate: true,
        decision: 'accept',
        reason: true,
        until: true,
      },
      close: { from: ['assessed', 'treated', 'accepted'], to: 'closed', by: 'aimsManager', reason: true },
      reopen: { from: 'closed', to: 'open', by: ['owner', 'aimsManager'] },
    },
    locked: ['closed'],
    ended: ['closed'],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  // What was accepted was accepted for the system as it then was.
  covers: [SYSTEM_PARTS('systems')],
  columns: ['title', 'systems', 'owner', 'level', 'residualLevel', 'treatment', 'reviewBy', 'state'],
});
