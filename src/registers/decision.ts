import {
  choice,
  date,
  digest,
  ends,
  engine,
  longText,
  number,
  person,
  recorded,
  table,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const decision = defineRegister({
  name: 'decision',
  prefix: 'DEC',
  step: 'Across',
  place: 20,
  label: { one: 'Decision', many: 'Decisions (approvals)' },
  purpose:
    'Who approved, refused or accepted what, in which role, on exactly which content, why, and until when. Written by the system with the act itself.',
  clauses: {
    '6.1.3': 'shows who accepted the residual risks',
    '7.5.2': 'shows that documented information was reviewed and approved',
    '8.1': 'shows that changes and releases were agreed before they happened',
    'A.3.2': 'shows that named people used the authority they were given',
  },
  fields: {
    kind: engine(choice('Decision', ['approve', 'refuse', 'accept', 'waive', 'acknowledge'])),
    subject: engine(text('On', { max: 40, help: 'Number of the record that was decided on.' })),
    subjectVersion: engine(number('Version of it', { min: 1 })),
    subjectDigest: engine(
      digest('Digest of its content', { help: 'The decision counts for this very content only.' }),
    ),
    rule: engine(
      number('Version of what was covered', {
        min: 1,
        help: 'By which version of its register’s rule it covers what stands below; without one, the first.',
      }),
    ),
    ownDigest: engine(
      digest('Digest of the record alone', { help: 'Without what the decision covers beside it.' }),
    ),
    coverDigest: engine(digest('Digest of what it covers', { help: 'Of the numbers and digests below.' })),
    covered: engine(
      table('Covers', {
        ref: { label: 'Record', kind: 'text', required: true },
        version: { label: 'Version', kind: 'number', required: true },
        digest: { label: 'Digest', kind: 'text', required: true },
      }),
    ),
    role: engine(text('In the role of', { max: 120, code: true })),
    by: engine(person('By')),
    rolesHeld: engine(text('Roles held that day', { max: 300 })),
    appointment: engine(
      longText('Appointment and competence that day', {
        max: 2000,
        help: 'The appointments that this person had accepted, and the competence shown for them.',
      }),
    ),
    onBehalfOf: engine(person('On behalf of', { help: 'Who had delegated this, with an end.' })),
    manner: engine(
      choice('Manner', ['single', 'bulk', 'alone'], {
        help: 'bulk: one of several decided at once. alone: by the author, in an organisation of one person. That is no approval.',
      }),
    ),
    reason: engine(longText('Reason', { max: 8000 })),
    until: engine(ends(date('Until'))),
    method: engine(
      choice('Identified by', ['session', 'reauthenticated', 'passkey', 'link', 'hrFile'], {
        help: 'How the person was known at that moment. Only a passkey is called a signature. link: a personal link that was mailed. hrFile: nobody was there; a file said so.',
      }),
    ),
    recordedBy: engine(person('Recorded by', { help: 'Who handed in the file that says so.' })),
    saidOn: recorded(date('Decided on', { help: 'The day that the file names.' })),
    source: engine(digest('Taken from', { help: 'Digest of the file that says so.' })),
  },
  links: {},
  title: 'subject',
  workflow: { states: ['recorded'], transitions: {}, locked: ['recorded'] },
  permissions: { read: 'anyone', create: ['engine'], edit: ['engine'] },
  columns: ['kind', 'subject', 'by', 'role', 'until', 'method', 'createdAt'],
});
