import {
  agreed,
  choice,
  date,
  happened,
  later,
  link,
  longText,
  moment,
  optional,
  person,
  text,
  yesNo,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { SEVERITIES } from './hazard.ts';

export const incident = defineRegister({
  name: 'incident',
  prefix: 'INC',
  step: 'Control',
  place: 90,
  label: { one: 'Incident', many: 'Incidents' },
  purpose:
    'Something went wrong, or nearly: what happened, whom it touched, how it was contained, who was told, and what follows.',
  clauses: {
    '8.1': 'looks at the effects of what was not intended',
    '10.2': 'is where corrective action starts from',
    'A.6.2.6': 'handles failures and repairs of a running system',
    'A.8.3': 'takes up adverse effects that were reported',
    'A.8.4': 'shows whom an incident was told to, and when',
  },
  documents: ['DI-25', 'DI-55'],
  fields: {
    title: text('Title', { max: 200 }),
    severity: choice('Severity', SEVERITIES),
    owner: later(person('Handled by')),
    what: later(longText('What happened', { max: 20_000 })),
    knownAt: later(happened(moment('Known since'), { origin: true })),
    harm: later(longText('Whom it touched, and how', { max: 8000 })),
    containedAt: later(happened(moment('Contained'), { since: ['knownAt'] })),
    containment: later(longText('How it was contained', { max: 8000 })),
    cause: later(longText('Cause', { max: 8000 })),
    reportable: later(yesNo('Must be reported to an authority or to users')),
    reportBy: optional(agreed(date('To be reported by'))),
    correctiveAction: later(
      choice('Corrective action', ['nonconformity', 'none'], {
        help: 'Whether a nonconformity takes up its cause. A critical or high incident is not closed before this is decided.',
      }),
    ),
    whyNone: later(longText('Why no corrective action is needed', { max: 4000 })),
    lessons: optional(longText('What was learnt', { max: 8000 })),
  },
  links: {
    systems: link('aiSystem', { label: 'AI systems', inverse: 'incidents' }),
    release: link('release', { label: 'Release in use', inverse: 'incidents', max: 1 }),
    risks: link('risk', { label: 'Risks that came true', inverse: 'incidents' }),
    concerns: link('concern', { label: 'Concerns behind it', inverse: 'incidents' }),
    communications: link('communication', { label: 'Told in', inverse: 'incidents' }),
    evidence: link('evidence', { label: 'Evidence', inverse: 'incidents' }),
  },
  workflow: {
    states: ['reported', 'handling', 'contained', 'closed'],
    transitions: {
      handle: { from: 'reported', to: 'handling', by: ['contributor'], requires: ['owner'] },
      contain: {
        from: ['reported', 'handling'],
        to: 'contained',
        by: ['owner', 'contributor'],
        requires: ['owner', 'what', 'knownAt', 'containedAt', 'containment'],
      },
      close: {
        from: 'contained',
        to: 'closed',
        by: ['aimsManager', 'designatedManagement'],
        requires: ['harm', 'cause', 'reportable'],
        requiresOf: [
          { field: 'severity', is: ['critical', 'high'], names: ['correctiveAction'] },
          { field: 'correctiveAction', is: ['none'], names: ['whyNone'] },
        ],
        // What must be reported is not closed before somebody was told.
        linked: [
          {
            via: 'nonconformities',
            states: ['open', 'analysed', 'acting', 'closed'],
            atLeast: 1,
            where: { field: 'correctiveAction', is: ['nonconformity'] },
            next: 'Open a nonconformity and link this incident to it, or decide that none is needed and say why.',
          },
          {
            via: 'communications',
            states: ['sent'],
            atLeast: 1,
            where: { field: 'reportable', is: ['true'] },
            next: 'Record what was told to whom, send it, and link it under "Told in".',
          },
        ],
        separate: true,
        decision: 'approve',
      },
      reopen: { from: ['contained', 'closed'], to: 'handling', by: ['owner', 'aimsManager'], reason: true },
    },
    locked: ['closed'],
    ended: ['closed'],
    fixedFrom: {
      severity: 'contained',
      what: 'contained',
      knownAt: 'contained',
      containedAt: 'contained',
      containment: 'contained',
      systems: 'contained',
      release: 'contained',
    },
  },
  permissions: { read: 'anyone', create: 'member', edit: ['owner', 'author', 'aimsManager'] },
  columns: ['title', 'severity', 'systems', 'owner', 'knownAt', 'reportBy', 'state'],
});
