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
  table,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { SYSTEM_PARTS } from './covers.ts';

/** What makes an assessment necessary again before its day. */
export const IMPACT_TRIGGERS = [
  'newPurpose',
  'newGroup',
  'newModel',
  'newData',
  'newAutonomy',
  'incident',
  'complaint',
  'newLaw',
] as const;

export const impactAssessment = defineRegister({
  name: 'impactAssessment',
  prefix: 'IMA',
  step: 'Risk',
  label: { one: 'AI system impact assessment', many: 'AI system impact assessments' },
  purpose:
    'What an AI system may do to individuals, groups and society: how severe, how reversible, who was asked, what is done about it.',
  clauses: {
    '6.1.4': 'assesses what developing, offering or using a system may do to people and society',
    '8.4': 'keeps the result of every assessment, at planned intervals and on significant change',
    'A.5.2': 'says when and how impacts are assessed again',
    'A.5.3': 'documents the result and keeps it',
    'A.5.4': 'assesses impacts on individuals and groups',
    'A.5.5': 'assesses impacts on society',
    'A.9.4': 'looks at intended use and foreseeable misuse',
  },
  documents: ['DI-11', 'DI-20', 'DI-36', 'DI-37', 'DI-38'],
  fields: {
    title: text('Title', { max: 160 }),
    owner: person('Led by'),
    heldOn: later(date('Held on')),
    purposeAndUse: later(longText('Intended use, and foreseeable misuse', { max: 8000 })),
    affected: later(longText('People and groups affected', { max: 8000 })),
    benefits: optional(longText('Benefits', { max: 4000 })),
    impacts: later(
      table('Impacts', {
        on: {
          label: 'On',
          kind: 'choice',
          options: ['individuals', 'groups', 'society', 'environment'],
          required: true,
        },
        what: { label: 'What may happen', kind: 'text', required: true },
        severity: { label: 'Severity, 1 to 5', kind: 'number', required: true, min: 1, max: 5, whole: true },
        likelihood: {
          label: 'Likelihood, 1 to 5',
          kind: 'number',
          required: true,
          min: 1,
          max: 5,
          whole: true,
        },
        reversibility: {
          label: 'Reversible',
          kind: 'choice',
          options: ['easily', 'withEffort', 'hardly', 'not'],
          required: true,
        },
        measure: { label: 'Measure', kind: 'text' },
      }),
    ),
    individuals: later(
      score('Impact on individuals and groups', { max: 5, help: 'After the measures; 5 is severe.' }),
    ),
    society: later(score('Impact on society', { max: 5, help: 'After the measures; 5 is severe.' })),
    consulted: later(longText('Who was consulted, and what they said', { max: 8000, personal: true })),
    conclusion: later(choice('Conclusion', ['acceptable', 'acceptableWithMeasures', 'notAcceptable'])),
    reasons: optional(longText('Reasons', { max: 8000 })),
    triggers: optional(
      immaterial(
        choices('Assessed again when there is', IMPACT_TRIGGERS, { defaultTo: [...IMPACT_TRIGGERS] }),
      ),
    ),
    nextOn: later(immaterial(due(date('Next assessment by')))),
  },
  links: {
    systems: link('aiSystem', { label: 'AI system', inverse: 'impactAssessments', min: 1 }),
    parties: link('interestedParty', { label: 'Affected or consulted', inverse: 'impactAssessments' }),
    risks: link('risk', { label: 'Risks it feeds', inverse: 'impactAssessments' }),
  },
  workflow: {
    states: ['planned', 'concluded', 'approved'],
    transitions: {
      conclude: {
        from: 'planned',
        to: 'concluded',
        by: ['owner', 'aimsManager'],
        requires: [
          'heldOn',
          'purposeAndUse',
          'affected',
          'impacts',
          'individuals',
          'society',
          'consulted',
          'conclusion',
          'nextOn',
        ],
      },
      approve: {
        from: ['concluded', 'approved'],
        to: 'approved',
        by: ['systems.approver', 'designatedManagement'],
        separate: true,
        decision: 'approve',
        quorum: 2,
        order: ['systems.approver', 'designatedManagement'],
        severalWhere: { link: 'systems', field: 'riskClass', values: ['high'] },
      },
      reopen: { from: ['concluded', 'approved'], to: 'planned', by: ['owner', 'aimsManager'], reason: true },
    },
    locked: ['approved'],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  columns: ['title', 'systems', 'owner', 'heldOn', 'conclusion', 'nextOn', 'state'],
  covers: ['systems', SYSTEM_PARTS('systems')],
  whoLabels: { 'systems.approver': 'the approver of every AI system assessed' },
});
