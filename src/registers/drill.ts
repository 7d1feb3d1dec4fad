import {
  choice,
  date,
  duration,
  happened,
  immaterial,
  later,
  link,
  longText,
  optional,
  person,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const drill = defineRegister({
  name: 'drill',
  prefix: 'DRL',
  step: 'Control',
  place: 80,
  label: { one: 'Drill', many: 'Drills' },
  purpose:
    'A rehearsal of a rollback, of stopping the system, or of telling people: timed, and checked by somebody else. Drills expire.',
  clauses: {
    'A.6.2.5': 'shows that the way back works before it is needed',
    'A.6.2.6': 'rehearses repair, update and stopping',
    'A.8.4': 'rehearses how incidents are told to users',
  },
  documents: ['DI-17'],
  fields: {
    title: text('Title', { max: 160 }),
    kind: choice('Kind', ['rollback', 'stop', 'communication']),
    owner: later(person('Led by')),
    heldOn: later(happened(date('Held on'), { since: ['rollbackPlan'] })),
    duration: later(duration('It took', { help: 'From the order to the safe state. PT9M is nine minutes.' })),
    outcome: later(choice('Outcome', ['succeeded', 'failed'])),
    observations: optional(longText('What was seen', { max: 8000 })),
    notes: optional(immaterial(longText('Notes'))),
  },
  links: {
    rollbackPlan: link('rollbackPlan', { label: 'Rollback plan', inverse: 'drills', min: 1, max: 1 }),
    evidence: link('evidence', { label: 'Evidence', inverse: 'drills' }),
  },
  workflow: {
    states: ['planned', 'held', 'verified'],
    transitions: {
      hold: {
        label: 'Record as held',
        from: 'planned',
        to: 'held',
        by: ['owner', 'author', 'contributor'],
        requires: ['owner', 'heldOn', 'duration', 'outcome'],
      },
      verify: {
        from: 'held',
        to: 'verified',
        by: ['contributor', 'aimsManager'],
        separate: true,
        decision: 'approve',
      },
      // A failed one decides at the gate: whoever led it does not take it back.
      reopen: { from: 'held', to: 'planned', by: ['aimsManager', 'designatedManagement'] },
    },
    locked: ['verified'],
    fixedFrom: {
      kind: 'held',
      owner: 'held',
      heldOn: 'held',
      duration: 'held',
      outcome: 'held',
      observations: 'held',
      rollbackPlan: 'held',
    },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'author', 'aimsManager'] },
  columns: ['title', 'kind', 'rollbackPlan', 'owner', 'heldOn', 'duration', 'outcome', 'state'],
  // A drill rehearses the plan as it was: when the plan changes, the verification of the drill becomes stale.
  covers: ['rollbackPlan'],
});
