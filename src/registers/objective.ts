import {
  agreed,
  choice,
  date,
  engine,
  immaterial,
  later,
  link,
  longText,
  number,
  optional,
  person,
  recorded,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { readings, within } from './readings.ts';

export const objective = defineRegister({
  name: 'objective',
  prefix: 'OBJ',
  step: 'Govern',
  place: 40,
  label: { one: 'Objective', many: 'Objectives' },
  purpose:
    'What we want to reach with and for our AI: a target that can be measured, a plan, and the readings that show how far we are.',
  clauses: {
    '6.2': 'sets measurable objectives, with the plan to reach them',
    '9.1': 'keeps the readings that objectives are judged by',
    'A.6.1.2': 'holds objectives for responsible development',
    'A.9.3': 'holds objectives for responsible use',
  },
  documents: ['DI-13', 'DI-39', 'DI-58'],
  fields: {
    title: text('Title', { max: 200 }),
    owner: person('Owner'),
    about: optional(
      choice('About', ['development', 'use', 'managementSystem'], { defaultTo: 'managementSystem' }),
    ),
    target: later(number('Target')),
    direction: later(choice('Reached when the value is', ['atLeast', 'atMost'])),
    unit: optional(text('Unit', { max: 40 })),
    measure: later(longText('How it is measured, by whom, how often', { max: 4000 })),
    plan: later(longText('Plan: what is done, with what, by whom', { max: 8000 })),
    dueOn: later(agreed(date('To be reached by'))),
    readings: readings(),
    latest: immaterial(engine(number('Newest value'))),
    latestOn: immaterial(recorded(date('Newest value up to'))),
  },
  links: {
    systems: link('aiSystem', { label: 'AI systems', inverse: 'objectives' }),
    policies: link('document', { label: 'Comes from', inverse: 'objectives' }),
  },
  derived: { onTarget: ({ latest, target, direction }) => within(latest, target, direction) },
  derivedLabels: { onTarget: 'On target' },
  workflow: {
    states: ['proposed', 'agreed', 'reached', 'missed', 'dropped'],
    transitions: {
      agree: {
        from: 'proposed',
        to: 'agreed',
        by: ['topManagement', 'designatedManagement'],
        requires: ['target', 'direction', 'measure', 'plan', 'dueOn'],
        separate: true,
        decision: 'approve',
      },
      revise: { from: ['agreed', 'reached', 'missed'], to: 'proposed', by: ['owner', 'aimsManager'] },
      reach: {
        label: 'Conclude: reached',
        from: 'agreed',
        to: 'reached',
        by: ['owner', 'aimsManager'],
        shown: {
          by: 'readings',
          next: 'Hand in a reading that reaches the target, or conclude that it was missed.',
        },
        reason: true,
      },
      miss: {
        label: 'Conclude: missed',
        from: 'agreed',
        to: 'missed',
        by: ['owner', 'aimsManager'],
        reason: true,
      },
      drop: { from: ['proposed', 'agreed'], to: 'dropped', by: ['designatedManagement'], reason: true },
    },
    locked: ['agreed', 'reached', 'missed', 'dropped'],
    ended: ['reached', 'missed', 'dropped'],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  columns: ['title', 'owner', 'target', 'latest', 'onTarget', 'dueOn', 'state'],
});
