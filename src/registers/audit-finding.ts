import { agreed, choice, date, later, link, longText, optional, person, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

/** A grave finding is over when its cause is. */
const CAUSE_REMOVED = {
  via: 'nonconformities',
  states: ['closed'],
  where: { field: 'grade', is: ['major', 'minor'] },
  next: 'It stays open until they are closed.',
} as const;

export const auditFinding = defineRegister({
  name: 'auditFinding',
  prefix: 'FND',
  step: 'Assure',
  place: 20,
  label: { one: 'Audit finding', many: 'Audit findings' },
  purpose:
    'One result of an audit: held against which criterion, what was seen, how grave, and who answers it.',
  clauses: {
    '9.2.2': 'keeps the results of audits and reports them to those concerned',
    '10.2': 'is where a nonconformity found in an audit begins',
  },
  documents: ['DI-23'],
  fields: {
    title: text('Title', { max: 200 }),
    grade: choice('Grade', ['major', 'minor', 'opportunity', 'conforms'], {
      help: 'Our estimate; certification auditors grade themselves.',
    }),
    criterion: later(text('Held against', { max: 200, help: 'Clause, control or rule, such as 6.1.2.' })),
    fact: later(longText('What was seen', { max: 8000 })),
    owner: later(person('Answered by')),
    answer: later(longText('Answer', { max: 8000 })),
    answerBy: optional(agreed(date('To be answered by'))),
  },
  links: {
    audit: link('audit', {
      label: 'Audit',
      inverse: 'findings',
      min: 1,
      max: 1,
      shut: {
        states: ['reported', 'closed'],
        next: 'its report is issued, and no finding is added to what it says. Say what is new in another audit, or in a nonconformity.',
      },
    }),
    systems: link('aiSystem', { label: 'AI systems', inverse: 'auditFindings' }),
    evidence: link('evidence', { label: 'Evidence', inverse: 'auditFindings' }),
  },
  workflow: {
    states: ['draft', 'raised', 'answered', 'closed'],
    transitions: {
      raise: {
        from: 'draft',
        to: 'raised',
        by: ['author', 'audit.owner'],
        requires: ['criterion', 'fact', 'owner'],
      },
      answer: { from: 'raised', to: 'answered', by: ['owner', 'aimsManager'], requires: ['answer'] },
      close: {
        from: 'answered',
        to: 'closed',
        by: ['audit.owner', 'auditor'],
        separate: true,
        decision: 'approve',
        linked: [
          CAUSE_REMOVED,
          {
            ...CAUSE_REMOVED,
            atLeast: 1,
            next: 'A grave finding has a nonconformity: open one from it, so that its cause is found.',
          },
        ],
      },
      sendBack: {
        label: 'Send back',
        from: 'answered',
        to: 'raised',
        by: ['audit.owner', 'auditor'],
        reason: true,
      },
      // For whoever audits: also an AIMS manager is audited.
      withdraw: {
        from: ['draft', 'raised'],
        to: 'closed',
        by: ['audit.owner', 'auditor'],
        reason: true,
        linked: [CAUSE_REMOVED],
      },
    },
    locked: ['closed'],
    ended: ['closed'],
    // Once it is raised, whoever answers it answers: what was found is not theirs to say.
    fixedFrom: {
      title: 'raised',
      grade: 'raised',
      criterion: 'raised',
      fact: 'raised',
      audit: 'raised',
      systems: 'raised',
      evidence: 'raised',
    },
  },
  permissions: {
    read: 'anyone',
    create: ['auditor', 'aimsManager', 'designatedManagement'],
    edit: ['author', 'owner', 'audit.owner'],
  },
  columns: ['title', 'grade', 'audit', 'criterion', 'owner', 'answerBy', 'state'],
  whoLabels: { 'audit.owner': 'the lead auditor' },
});
