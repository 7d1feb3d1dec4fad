import { choice, link, longText, optional, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

export const hazard = defineRegister({
  name: 'hazard',
  prefix: 'HAZ',
  step: 'Risk',
  place: 20,
  label: { one: 'Hazard', many: 'Hazards' },
  purpose:
    'A way in which AI can do harm, such as prompt injection. Risks refer to hazards, and tests exercise them.',
  clauses: {
    '6.1.1': 'collects the sources of risk that come with the domain and use of a system',
    '6.1.2': 'is the list that risks are identified from',
    'A.6.2.4': 'says which tests exercise the hazard',
  },
  fields: {
    code: text('Code', {
      max: 40,
      help: 'Short and unique, such as HZ-001. Verification plans name hazards by it.',
    }),
    title: text('Title', { max: 160 }),
    severity: choice('Severity', SEVERITIES, {
      help: 'Critical hazards must be in every verification plan of the systems concerned.',
    }),
    category: optional(
      choice('Category', [
        'Security of inputs and instructions',
        'Privacy and confidentiality',
        'Output and behaviour',
        'Fairness',
        'Data and model integrity',
        'Agents and tools',
        'Human oversight and use',
        'Operation and life cycle',
        'Supply chain and governance',
      ]),
    ),
    description: optional(longText('Description', { max: 4000 })),
    testIds: optional(
      text('Tests that exercise it', {
        max: 1000,
        help: 'Names as test tools write them, separated by commas, such as "pii:direct, pii:social".',
      }),
    ),
  },
  links: {
    systems: link('aiSystem', { label: 'AI systems concerned', inverse: 'hazards' }),
  },
  workflow: {
    states: ['proposed', 'confirmed', 'retired'],
    transitions: {
      confirm: { from: 'proposed', to: 'confirmed', by: ['contributor'] },
      retire: {
        from: ['proposed', 'confirmed'],
        to: 'retired',
        by: ['aimsManager', 'designatedManagement'],
        reason: true,
      },
      reinstate: { from: 'retired', to: 'confirmed', by: ['aimsManager'] },
    },
    locked: ['retired'],
    ended: ['retired'],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['author', 'systems.owner', 'aimsManager'] },
  columns: ['code', 'title', 'severity', 'category', 'systems', 'state'],
  unique: 'code',
  title: 'title',
  whoLabels: { 'systems.owner': 'the owner of an AI system concerned' },
});
