import {
  date,
  engine,
  fact,
  happened,
  immaterial,
  later,
  link,
  longText,
  people,
  person,
  review,
  table,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const managementReview = defineRegister({
  name: 'managementReview',
  prefix: 'MRV',
  step: 'Assure',
  place: 50,
  label: { one: 'Management review', many: 'Management reviews' },
  purpose:
    'Top management looks at whether the management system does its work: on inputs computed from the records and frozen, with minutes and decisions.',
  clauses: {
    '5.1': 'shows that top management looks at the management system itself',
    '9.1': 'judges what was measured',
    '9.3.1': 'shows reviews at planned intervals',
    '9.3.2': 'freezes the inputs that a review must look at',
    '9.3.3': 'keeps decisions on improvement and change',
    '10.1': 'decides on improvement',
  },
  documents: ['DI-24'],
  fields: {
    title: text('Title', { max: 160 }),
    owner: person('Led by'),
    heldOn: later(happened(date('Held on'))),
    attendees: later(fact(people('Present'))),
    inputs: engine(
      table('Inputs, computed and frozen', {
        input: { label: 'Input', kind: 'text', required: true },
        found: { label: 'What the records say', kind: 'text', required: true },
        count: { label: 'Records', kind: 'number' },
        missing: { label: 'No data', kind: 'yesNo' },
      }),
    ),
    inputsAt: engine(text('State of the records', { max: 120 })),
    reasons: later(
      longText('Why inputs have no data', {
        help: 'A line for each input without data. "None missing" when there is none.',
        max: 8000,
      }),
    ),
    minutes: later(longText('Minutes', { max: 20_000 })),
    decisions: later(longText('Decisions on improvement, changes and resources', { max: 8000 })),
    nextOn: later(immaterial(review(date('Next review by'), { cap: 'managementReview', from: 'heldOn' }))),
  },
  links: {
    actions: link('action', { label: 'Actions decided', inverse: 'reviews' }),
    previous: link('managementReview', {
      acyclic: true,
      label: 'Review before it',
      inverse: 'next',
      max: 1,
    }),
  },
  workflow: {
    states: ['planned', 'prepared', 'held', 'closed'],
    transitions: {
      prepare: {
        label: 'Freeze the inputs',
        from: ['planned', 'prepared'],
        to: 'prepared',
        by: ['owner', 'aimsManager'],
      },
      hold: {
        label: 'Record as held',
        from: 'prepared',
        to: 'held',
        by: ['owner', 'aimsManager'],
        requires: ['heldOn', 'attendees', 'minutes', 'decisions', 'reasons', 'nextOn'],
      },
      close: {
        label: 'Approve the minutes',
        from: 'held',
        to: 'closed',
        by: 'topManagement',
        separate: true,
        decision: 'approve',
      },
      reopen: { from: 'held', to: 'prepared', by: ['owner', 'aimsManager'], reason: true },
    },
    locked: ['closed'],
    ended: [],
    fixedFrom: {
      heldOn: 'held',
      attendees: 'held',
      reasons: 'held',
      minutes: 'held',
      decisions: 'held',
      previous: 'held',
    },
  },
  permissions: {
    read: 'anyone',
    create: ['aimsManager', 'designatedManagement'],
    edit: ['owner', 'aimsManager'],
  },
  columns: ['title', 'owner', 'heldOn', 'nextOn', 'state', 'updatedAt'],
});
