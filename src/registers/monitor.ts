import {
  choice,
  date,
  due,
  duration,
  engine,
  immaterial,
  later,
  link,
  longText,
  number,
  optional,
  person,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { readings, within } from './readings.ts';

export const monitor = defineRegister({
  name: 'monitor',
  prefix: 'MON',
  step: 'Control',
  label: { one: 'Monitor', many: 'Monitors and logs' },
  purpose:
    'What is watched in use: an event log, a metric with a limit, a check of a control. Who looks at it, how often, and what it read.',
  clauses: {
    '9.1': 'says what is watched and measured, how, when and by whom, and keeps the results',
    'A.6.2.6': 'watches the system in operation',
    'A.6.2.8': 'says what is logged at which stage of life, and for how long it is kept',
    'A.7.4': 'watches the quality of data in use',
    'A.9.4': 'watches whether the use stays what was intended',
  },
  documents: ['DI-21', 'DI-47', 'DI-59'],
  fields: {
    title: text('Title', { max: 160 }),
    kind: choice('Kind', ['log', 'metric', 'controlCheck', 'usage']),
    owner: person('Watched by'),
    what: later(longText('What is watched, where, and what happens when it is off', { max: 8000 })),
    threshold: optional(number('Limit')),
    direction: optional(choice('Good when the value is', ['atLeast', 'atMost'], { defaultTo: 'atMost' })),
    unit: optional(text('Unit', { max: 40 })),
    interval: later(duration('Looked at every', { help: 'P1D is daily, P7D weekly.' })),
    keptFor: optional(duration('Logs are kept for', { help: 'P180D is about six months.' })),
    reviewBy: later(immaterial(due(date('Review by')))),
    readings: readings(),
    latest: immaterial(engine(number('Newest value'))),
    latestOn: immaterial(engine(date('Newest value up to'))),
  },
  links: {
    systems: link('aiSystem', { label: 'AI systems', inverse: 'monitors' }),
    controls: link('control', { label: 'Controls it checks', inverse: 'monitors' }),
    hazards: link('hazard', { label: 'Hazards it watches for', inverse: 'monitors' }),
  },
  derived: { withinLimit: ({ latest, threshold, direction }) => within(latest, threshold, direction) },
  derivedLabels: { withinLimit: 'Within limit' },
  workflow: {
    states: ['planned', 'running', 'paused', 'retired'],
    transitions: {
      start: {
        from: ['planned', 'paused'],
        to: 'running',
        by: ['owner', 'aimsManager'],
        requires: ['what', 'interval', 'reviewBy'],
      },
      pause: { from: 'running', to: 'paused', by: ['owner', 'aimsManager'], reason: true },
      retire: {
        from: ['planned', 'running', 'paused'],
        to: 'retired',
        by: ['owner', 'aimsManager'],
        reason: true,
      },
    },
    locked: ['retired'],
    ended: ['retired'],
    // A limit that is raised while it is watched hides what it was to show; readings stay those of what was measured, and of which system.
    fixedFrom: {
      what: ['running', 'retired'],
      systems: ['running', 'retired'],
      keptFor: ['running', 'retired'],
      kind: ['running', 'retired'],
      threshold: ['running', 'retired'],
      direction: ['running', 'retired'],
      unit: ['running', 'retired'],
      interval: ['running', 'retired'],
    },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  columns: ['title', 'kind', 'systems', 'owner', 'latest', 'withinLimit', 'latestOn', 'state'],
});
