import {
  date,
  happened,
  immaterial,
  later,
  link,
  longText,
  optional,
  person,
  review,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { SYSTEM_PARTS } from './covers.ts';

export const riskAssessment = defineRegister({
  name: 'riskAssessment',
  prefix: 'RAS',
  step: 'Risk',
  place: 30,
  label: { one: 'Risk assessment', many: 'Risk assessments' },
  purpose:
    'One dated look at the risks of one or more AI systems: who took part, what came out. Old ones are kept.',
  clauses: {
    '6.1.2': 'applies the one method and keeps the result',
    '6.1.3': 'ends in a treatment plan that management approves',
    '8.2': 'shows that assessments happen at planned intervals and on significant change',
    '8.3': 'shows what became of earlier treatments',
  },
  documents: ['DI-04', 'DI-09', 'DI-18'],
  fields: {
    title: text('Title', { max: 120 }),
    owner: person('Led by'),
    heldOn: later(happened(date('Held on'), { since: ['criteria'] })),
    participants: optional(longText('Who took part', { personal: true, max: 2000 })),
    occasion: optional(text('Occasion', { help: 'Planned interval, or the change that made it necessary.' })),
    summary: later(longText('Result', { help: 'What was found, how it ranks, and the treatment plan.' })),
    nextOn: optional(immaterial(review(date('Next assessment'), { cap: 'riskAssessment', from: 'heldOn' }))),
  },
  links: {
    systems: link('aiSystem', { label: 'AI systems assessed', inverse: 'riskAssessments', min: 1 }),
    risks: link('risk', { label: 'Risks looked at', inverse: 'assessments', inverseLabel: 'Assessed in' }),
    criteria: link('criteria', { label: 'Criteria used', inverse: 'riskAssessments', max: 1 }),
  },
  workflow: {
    states: ['planned', 'concluded', 'approved'],
    transitions: {
      conclude: {
        from: 'planned',
        to: 'concluded',
        by: ['owner', 'aimsManager'],
        requires: ['heldOn', 'summary'],
      },
      approve: {
        from: ['concluded', 'approved'],
        to: 'approved',
        by: ['systems.approver', 'designatedManagement'],
        separate: true,
        decision: 'approve',
      },
      reopen: { from: ['concluded', 'approved'], to: 'planned', by: ['owner', 'aimsManager'], reason: true },
    },
    locked: ['approved'],
    fixedFrom: {
      heldOn: 'concluded',
      participants: 'concluded',
      summary: 'concluded',
      systems: 'concluded',
      risks: 'concluded',
      criteria: 'concluded',
    },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  covers: ['systems', SYSTEM_PARTS('systems')],
  columns: ['title', 'systems', 'owner', 'heldOn', 'nextOn', 'state', 'updatedAt'],
  whoLabels: { 'systems.approver': 'the approver of every AI system assessed' },
});
