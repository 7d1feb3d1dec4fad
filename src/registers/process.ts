import {
  date,
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

export const process = defineRegister({
  name: 'process',
  prefix: 'PRC',
  step: 'Govern',
  place: 20,
  label: { one: 'Process', many: 'Processes' },
  purpose:
    'How work on AI is done here: what goes in, what comes out, by which steps, and by which criteria one sees that it went as planned.',
  clauses: {
    '4.4': 'names the processes of the management system and how they depend on each other',
    '6.1.4': 'is the process of impact assessment, with its owner',
    '8.1': 'sets criteria for processes, and controls those that others carry out for us',
    'A.5.2': 'is the process by which impacts are assessed',
    'A.6.1.3': 'is the process of responsible design and development',
    'A.7.2': 'is the process of managing data for development',
    'A.7.3': 'is the process by which data is acquired and selected',
    'A.7.5': 'is the process by which origin is recorded',
    'A.9.2': 'is the process of responsible use',
    'A.10.3': 'is the process by which suppliers are chosen and watched',
  },
  documents: ['DI-17', 'DI-51', 'DI-52'],
  fields: {
    title: text('Title', { max: 160 }),
    owner: person('Process owner'),
    inputs: later(longText('What goes in', { max: 4000 })),
    outputs: later(longText('What comes out', { max: 4000 })),
    steps: optional(longText('Steps', { max: 20_000 })),
    criteria: later(longText('Criteria: how one sees that it ran as planned', { max: 4000 })),
    reviewBy: later(immaterial(review(date('Review by'), { cap: 'processReview' }))),
  },
  links: {
    // May go in circles: what a process gives often comes back to it.
    before: link('process', { label: 'Takes from', inverse: 'givesTo', inverseLabel: 'Gives to' }),
    suppliers: link('supplier', { label: 'Carried out for us by', inverse: 'processes' }),
    documents: link('document', { label: 'Described in', inverse: 'processes' }),
    systems: link('aiSystem', { label: 'AI systems', inverse: 'processes' }),
  },
  workflow: {
    states: ['draft', 'approved', 'retired'],
    transitions: {
      approve: {
        from: 'draft',
        to: 'approved',
        by: ['aimsManager', 'designatedManagement'],
        requires: ['inputs', 'outputs', 'criteria', 'reviewBy'],
        separate: true,
        decision: 'approve',
      },
      revise: { from: 'approved', to: 'draft', by: ['owner', 'aimsManager'] },
      retire: { from: ['draft', 'approved'], to: 'retired', by: ['owner', 'aimsManager'], reason: true },
    },
    locked: ['approved', 'retired'],
    ended: ['retired'],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  columns: ['title', 'owner', 'systems', 'reviewBy', 'state', 'updatedAt'],
});
