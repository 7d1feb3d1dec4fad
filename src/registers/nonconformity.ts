import {
  choice,
  date,
  happened,
  later,
  link,
  longText,
  optional,
  person,
  text,
  yesNo,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const nonconformity = defineRegister({
  name: 'nonconformity',
  prefix: 'NCN',
  step: 'Assure',
  place: 30,
  label: { one: 'Nonconformity', many: 'Nonconformities (CAPA)' },
  purpose:
    'Something is not as required, or could become so: what, why, what was done at once, whether it happens elsewhere, and the actions.',
  clauses: {
    '10.1': 'is a source of improvement',
    '10.2':
      'keeps nature, cause and consequence of nonconformities, and closes none before its actions have worked',
  },
  documents: ['DI-25', 'DI-26'],
  fields: {
    title: text('Title', { max: 200 }),
    kind: choice('Kind', ['actual', 'potential']),
    owner: person('Owner'),
    foundOn: later(happened(date('Found on'), { origin: true })),
    criterion: later(text('Requirement not met', { max: 200, help: 'Clause, control or rule.' })),
    what: later(longText('What is not as it should be', { max: 8000 })),
    correction: later(
      longText('Correction', {
        formerly: ['Done at once'],
        help: 'What was corrected, and how consequences were dealt with.',
        max: 8000,
      }),
    ),
    cause: later(longText('Cause', { max: 8000 })),
    elsewhere: later(longText('Does it occur elsewhere', { max: 4000 })),
    recurring: optional(yesNo('It happened before')),
  },
  links: {
    findings: link('auditFinding', { label: 'Audit findings', inverse: 'nonconformities' }),
    incidents: link('incident', { label: 'Incidents', inverse: 'nonconformities' }),
    concerns: link('concern', { label: 'Concerns', inverse: 'nonconformities' }),
    systems: link('aiSystem', { label: 'AI systems', inverse: 'nonconformities' }),
    changes: link('change', { label: 'Change tickets', inverse: 'nonconformities' }),
    risks: link('risk', { label: 'Risks to look at again', inverse: 'nonconformities' }),
  },
  workflow: {
    states: ['open', 'analysed', 'acting', 'closed'],
    transitions: {
      analyse: {
        from: 'open',
        to: 'analysed',
        by: ['owner', 'aimsManager'],
        requires: ['foundOn', 'criterion', 'what', 'correction', 'cause', 'elsewhere'],
      },
      act: { label: 'Act on it', from: 'analysed', to: 'acting', by: ['owner', 'aimsManager'] },
      close: {
        from: ['analysed', 'acting'],
        to: 'closed',
        by: ['aimsManager', 'designatedManagement'],
        separate: true,
        decision: 'approve',
        reason: true,
        // All that was to be done about it has worked, or was dropped with a reason.
        linked: [
          {
            via: 'actions',
            states: ['effective', 'dropped'],
            next: 'Each action has to be found effective, or dropped with a reason.',
          },
          {
            via: 'actions',
            states: ['effective', 'dropped'],
            atLeast: 1,
            where: { field: 'kind', is: ['actual'] },
            next: 'Plan one that removes the cause, or plan one and drop it with the reason why none is needed.',
          },
        ],
      },
      fallBack: {
        label: 'Reopened: an action did not work',
        from: ['analysed', 'acting', 'closed'],
        to: 'open',
        by: 'engine',
        reason: true,
      },
      reopen: {
        from: ['analysed', 'acting', 'closed'],
        to: 'open',
        by: ['owner', 'aimsManager', 'auditor'],
        reason: true,
      },
    },
    locked: ['closed'],
    ended: ['closed'],
    // What it came from stays with it; more of the same cause may be added.
    growsFrom: { findings: 'analysed', incidents: 'analysed', concerns: 'analysed' },
    fixedFrom: {
      kind: 'analysed',
      foundOn: 'analysed',
      criterion: 'analysed',
      what: 'analysed',
      correction: 'analysed',
      cause: 'analysed',
      elsewhere: 'analysed',
    },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  columns: ['title', 'kind', 'owner', 'criterion', 'foundOn', 'systems', 'state'],
});
