import {
  agreed,
  choice,
  date,
  happened,
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

export const action = defineRegister({
  name: 'action',
  prefix: 'ACT',
  step: 'Assure',
  place: 40,
  label: { one: 'Action', many: 'Actions' },
  purpose:
    'Something to be done: corrective, for a treatment, an improvement, a resource. How one will see that it worked is fixed when it is planned, and looked at later by somebody else.',
  clauses: {
    '6.1.1': 'plans actions for risks and opportunities, and how to judge whether they worked',
    '7.1': 'shows which resources were decided on and given',
    '8.3': 'is a step of a risk treatment plan',
    '9.3.3': 'is what management reviews decide',
    '10.1': 'is an improvement with its result',
    '10.2': 'is a corrective action with its effectiveness check',
    'A.10.3': 'is what follows from the assessment of a supplier',
  },
  documents: ['DI-09', 'DI-19', 'DI-26', 'DI-61'],
  fields: {
    title: text('Title', { max: 200 }),
    kind: choice('Kind', ['corrective', 'preventive', 'treatment', 'improvement', 'resource']),
    owner: person('Owner'),
    plan: later(longText('What is done', { max: 8000 })),
    dueOn: later(agreed(date('Due'))),
    criterion: later(
      longText('It worked when', {
        help: 'Such as "no case in at least 200 conversations and 60 days".',
        max: 4000,
      }),
    ),
    verifier: later(person('Effectiveness checked by', { help: 'Somebody other than the owner.' })),
    exposureDays: later(
      number('Checked no sooner than days after it was done', { min: 0, max: 1000, unit: 'days' }),
    ),
    exposureCases: optional(number('Fewest cases to look at', { min: 0 })),
    casesSeen: later(
      immaterial(
        number('Cases looked at', {
          min: 0,
          help: 'Cases since it was done, good ones too. The checker fills this in.',
        }),
      ),
    ),
    doneOn: later(happened(date('Done on'), { since: ['nonconformities'] })),
    result: later(longText('What was done', { max: 8000 })),
    costs: optional(text('Resources', { max: 300 })),
  },
  links: {
    nonconformities: link('nonconformity', {
      label: 'Nonconformities',
      inverse: 'actions',
      // Reopened first, it is closed again on that action, too.
      shut: { states: ['closed'], next: 'reopen first, then plan another action.' },
    }),
    risks: link('risk', { label: 'Risks it treats', inverse: 'actions' }),
    objectives: link('objective', { label: 'Objectives', inverse: 'actions' }),
    suppliers: link('supplier', { label: 'Vendors (suppliers)', inverse: 'actions' }),
    evidence: link('evidence', { label: 'Evidence', inverse: 'actions' }),
  },
  workflow: {
    states: ['planned', 'agreed', 'done', 'effective', 'ineffective', 'dropped'],
    transitions: {
      agree: {
        from: ['planned', 'ineffective'],
        to: 'agreed',
        by: ['owner', 'aimsManager', 'designatedManagement'],
        requires: ['plan', 'dueOn', 'criterion', 'verifier', 'exposureDays'],
      },
      finish: {
        label: 'Report as done',
        from: 'agreed',
        to: 'done',
        by: ['owner', 'aimsManager'],
        requires: ['doneOn', 'result'],
      },
      confirm: {
        label: 'Confirm: it worked',
        from: 'done',
        to: 'effective',
        by: 'self.verifier',
        requires: ['casesSeen'],
        finds: ['casesSeen'],
        separate: true,
        decision: 'approve',
        // That it worked can be said only after the time that was fixed when planning; that it did not work, at once.
        after: {
          day: 'doneOn',
          days: 'exposureDays',
          otherwise:
            'was done on {doneOn} and can be confirmed from {from} on, {exposureDays} days later, as was agreed. That it did not work can be said at once.',
        },
        // What the check found: whoever decides takes the record as it is, and says it here.
        reason: true,
      },
      fail: {
        label: 'It did not work',
        from: 'done',
        to: 'ineffective',
        by: 'self.verifier',
        requires: ['casesSeen'],
        finds: ['casesSeen'],
        separate: true,
        decision: 'refuse',
        reason: true,
      },
      replan: {
        label: 'Plan anew',
        from: ['agreed', 'ineffective'],
        to: 'planned',
        by: ['owner', 'aimsManager'],
      },
      drop: {
        from: ['planned', 'agreed', 'ineffective'],
        to: 'dropped',
        by: ['aimsManager', 'designatedManagement'],
        reason: true,
      },
    },
    locked: ['effective', 'dropped'],
    ended: ['done', 'effective', 'dropped'],
    // Whoever does it must not choose afterwards what was to be done, when it was, or what counts as having worked.
    fixedFrom: {
      kind: 'agreed',
      plan: 'agreed',
      criterion: 'agreed',
      exposureDays: 'agreed',
      exposureCases: 'agreed',
      dueOn: 'agreed',
      nonconformities: 'agreed',
      doneOn: 'done',
      result: 'done',
      casesSeen: 'effective',
    },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  columns: ['title', 'kind', 'owner', 'dueOn', 'verifier', 'doneOn', 'state'],
  whoLabels: { 'self.verifier': 'the person named to check whether it worked' },
});
