import { choice, later, link, longText, number, optional, table, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { SEVERITIES } from './hazard.ts';

export const verificationPlan = defineRegister({
  name: 'verificationPlan',
  prefix: 'VPL',
  step: 'Control',
  place: 10,
  label: { one: 'Verification plan', many: 'Verification plans (test plans)' },
  purpose:
    'What must be tested and which result is good enough, fixed before any run. A threshold chosen after the result counts for nothing.',
  clauses: {
    'A.6.2.2': 'turns requirements into results that can be measured',
    'A.6.2.4': 'defines how the system is verified, and the criteria for it, before the tests',
    '8.1': 'sets the criteria that a release is judged by',
    '9.1': 'says what is measured, how, and when it is judged',
  },
  documents: ['DI-43'],
  fields: {
    title: text('Title', { max: 120 }),
    metric: optional(choice('Measured by', ['failRate'], { defaultTo: 'failRate' })),
    threshold: later(
      number('Maximum failure rate', {
        formerly: ['Largest share of failed cases'],
        min: 0,
        max: 100,
        unit: '%',
        help: 'Of the cases with a verdict, per hazard. 0: not a single case may fail.',
      }),
    ),
    minCases: later(
      number('Fewest cases per hazard', {
        min: 1,
        max: 1_000_000,
        help: 'Fewer cases with a verdict prove nothing.',
      }),
    ),
    maxInconclusive: optional(
      number('Maximum rate without a verdict', {
        formerly: ['Largest share of cases without a verdict'],
        min: 0,
        max: 100,
        unit: '%',
        defaultTo: 5,
        help: 'Crashed tests and crashed graders. They are neither passed nor failed.',
      }),
    ),
    hazardsRequired: optional(
      table(
        'Hazards that must be exercised',
        {
          hazard: { label: 'Hazard code or test name', kind: 'text', required: true },
          severity: { label: 'Severity', kind: 'choice', options: SEVERITIES },
          maxFailRate: { label: 'Maximum failure rate, %', kind: 'number' },
          minCases: { label: 'Fewest cases', kind: 'number' },
        },
        {
          help: 'A hazard that is listed and was never run blocks the release. Empty cells take the values above.',
        },
      ),
    ),
    approach: optional(longText('Approach', { help: 'Tools, data, graders, and why they fit.', max: 8000 })),
  },
  links: {
    system: link('aiSystem', { label: 'AI system', inverse: 'verificationPlans', min: 1, max: 1 }),
    hazards: link('hazard', { label: 'Hazards covered', inverse: 'verificationPlans' }),
  },
  workflow: {
    states: ['draft', 'fixed', 'retired'],
    transitions: {
      fix: {
        from: 'draft',
        to: 'fixed',
        by: ['system.owner', 'system.approver'],
        requires: ['threshold', 'minCases'],
        separate: true,
        decision: 'approve',
      },
      revise: { from: 'fixed', to: 'draft', by: ['author', 'system.owner', 'system.approver'], reason: true },
      retire: { from: ['draft', 'fixed'], to: 'retired', by: ['system.owner', 'aimsManager'] },
    },
    locked: ['fixed', 'retired'],
    ended: ['retired'],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['author', 'system.owner', 'aimsManager'] },
  columns: ['title', 'system', 'threshold', 'minCases', 'state', 'updatedAt'],
  whoLabels: {
    'system.owner': 'the owner of the AI system',
    'system.approver': 'the approver of the AI system',
  },
});
