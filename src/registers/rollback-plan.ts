import { duration, later, link, longText, optional, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const rollbackPlan = defineRegister({
  name: 'rollbackPlan',
  prefix: 'RBP',
  step: 'Control',
  place: 70,
  label: { one: 'Rollback plan', many: 'Rollback plans' },
  purpose:
    'How to get back to a safe state: to which version, by which steps, how fast, and what triggers it.',
  clauses: {
    'A.6.2.5': 'is the part of the deployment plan that says how to undo it',
    'A.6.2.6': 'says how a running system is repaired or stopped',
    '8.1': 'limits the effect of changes that go wrong',
  },
  documents: ['DI-44'],
  fields: {
    title: text('Title', { max: 160 }),
    target: later(
      text('Back to', {
        max: 300,
        help: 'The version or safe state to return to, such as 2.2.0, or "off, people answer".',
      }),
    ),
    steps: later(longText('Steps', { max: 8000 })),
    triggers: optional(
      longText('Triggers', { help: 'What must happen for somebody to roll back or stop.', max: 4000 }),
    ),
    maxDuration: later(
      duration('Done within', { help: 'A drill that takes longer does not count. PT15M is 15 minutes.' }),
    ),
  },
  links: {
    system: link('aiSystem', { label: 'AI system', inverse: 'rollbackPlans', min: 1, max: 1 }),
  },
  workflow: {
    states: ['draft', 'approved', 'retired'],
    transitions: {
      approve: {
        from: 'draft',
        to: 'approved',
        by: ['system.owner', 'system.approver', 'system.oversight', 'designatedManagement'],
        requires: ['target', 'steps', 'maxDuration'],
        separate: true,
        decision: 'approve',
      },
      revise: { from: 'approved', to: 'draft', by: ['author', 'system.owner', 'aimsManager'] },
      retire: { from: ['draft', 'approved'], to: 'retired', by: ['system.owner', 'aimsManager'] },
    },
    locked: ['approved', 'retired'],
    ended: ['retired'],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['author', 'system.owner', 'aimsManager'] },
  columns: ['title', 'system', 'target', 'maxDuration', 'state', 'updatedAt'],
  whoLabels: {
    'system.owner': 'the owner of the AI system',
    'system.approver': 'the approver of the AI system',
    'system.oversight': 'the human oversight of the AI system',
  },
});
