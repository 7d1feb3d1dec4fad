import {
  begins,
  choice,
  date,
  due,
  ends,
  later,
  link,
  longText,
  optional,
  people,
  person,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const audit = defineRegister({
  name: 'audit',
  prefix: 'AUD',
  step: 'Assure',
  place: 10,
  label: { one: 'Audit', many: 'Audits and audit programmes' },
  purpose:
    'A programme of internal audits, or one audit of it: criteria, scope, who audits, what was looked at, the report.',
  clauses: {
    '9.2.1': 'shows that internal audits happen at planned intervals',
    '9.2.2': 'holds programme, criteria, scope, auditors and results',
  },
  documents: ['DI-22', 'DI-23'],
  fields: {
    title: text('Title', { max: 160 }),
    kind: choice('Kind', ['programme', 'audit']),
    owner: person('Lead auditor'),
    auditors: optional(people('Further auditors')),
    objectives: later(longText('Objectives', { max: 4000 })),
    criteria: later(
      longText('Criteria', { help: 'Clauses, controls, own rules that it is held against.', max: 4000 }),
    ),
    scope: later(longText('Scope', { max: 4000 })),
    from: later(begins(date('From'))),
    to: later(due(ends(date('To'), 'from'))),
    coversFrom: optional(
      begins(
        date('Period audited from', {
          help: 'A year before it begins, unless told. Work in this period makes auditors partial.',
        }),
      ),
    ),
    coversTo: optional(ends(date('Period audited to', { help: 'Its last day, unless told.' }), 'coversFrom')),
    declaration: later(
      longText('Declaration of independence', {
        help: 'Each auditor: nothing audited is their own work.',
        max: 4000,
      }),
    ),
    report: later(longText('Report', { max: 20_000 })),
    conclusion: later(longText('Conclusion', { max: 4000 })),
    result: optional(choice('Result', ['conforms', 'conformsWithFindings', 'doesNotConform'])),
  },
  links: {
    programme: link('audit', {
      acyclic: true,
      label: 'Part of programme',
      inverse: 'audits',
      inverseLabel: 'Audits of it',
      max: 1,
    }),
    systems: link('aiSystem', { label: 'AI systems', inverse: 'audits' }),
    processes: link('process', { label: 'Processes', inverse: 'audits' }),
  },
  workflow: {
    states: ['planned', 'approved', 'running', 'reported', 'closed'],
    transitions: {
      approve: {
        from: 'planned',
        to: 'approved',
        by: ['topManagement', 'designatedManagement', 'aimsManager'],
        requires: ['objectives', 'criteria', 'scope', 'from', 'to'],
        separate: true,
        decision: 'approve',
      },
      waive: {
        label: 'Waive a conflict',
        from: 'approved',
        to: 'approved',
        by: 'topManagement',
        separate: true,
        decision: 'waive',
        reason: true,
        until: { cap: 'exception' },
      },
      begin: { from: 'approved', to: 'running', by: ['owner', 'self.auditors'], requires: ['declaration'] },
      report: {
        from: 'running',
        to: 'reported',
        by: 'owner',
        requires: ['report', 'conclusion'],
        // What a report says was found is what was raised by then.
        linked: [
          {
            via: 'findings',
            states: ['raised', 'answered', 'closed'],
            where: { field: 'kind', is: ['audit'] },
            next: 'Raise each draft, or withdraw it.',
          },
        ],
      },
      close: {
        from: 'reported',
        to: 'closed',
        by: ['topManagement', 'designatedManagement'],
        separate: true,
        decision: 'acknowledge',
      },
      revise: { from: ['approved', 'running'], to: 'planned', by: ['owner', 'aimsManager'], reason: true },
    },
    locked: ['approved', 'reported', 'closed'],
    ended: ['closed'],
    // What was approved, and declared, before it began: also by whom, or whoever is audited could report on themselves.
    fixedFrom: {
      kind: ['running', 'reported', 'closed'],
      owner: ['running', 'reported', 'closed'],
      auditors: ['running', 'reported', 'closed'],
      objectives: ['running', 'reported', 'closed'],
      criteria: ['running', 'reported', 'closed'],
      scope: ['running', 'reported', 'closed'],
      from: ['running', 'reported', 'closed'],
      to: ['running', 'reported', 'closed'],
      coversFrom: ['running', 'reported', 'closed'],
      coversTo: ['running', 'reported', 'closed'],
      declaration: ['running', 'reported', 'closed'],
      programme: ['running', 'reported', 'closed'],
      systems: ['running', 'reported', 'closed'],
      processes: ['running', 'reported', 'closed'],
    },
  },
  permissions: {
    read: 'anyone',
    create: ['auditor', 'aimsManager', 'designatedManagement'],
    edit: ['owner', 'self.auditors', 'aimsManager'],
  },
  columns: ['title', 'kind', 'owner', 'from', 'to', 'result', 'state'],
  whoLabels: { 'self.auditors': 'an auditor of it', owner: 'the lead auditor' },
});
