import { choice, date, digest, engine, longText, number, person, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const decision = defineRegister({
  name: 'decision',
  prefix: 'DEC',
  step: 'Across',
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
    role: engine(text('In the role of', { max: 120 })),
    by: engine(person('By')),
    reason: engine(longText('Reason', { max: 8000 })),
    until: engine(date('Until')),
    method: engine(
      choice('Identified by', ['session', 'reauthenticated', 'passkey'], {
        help: 'How the person was known at that moment. Only a passkey is called a signature.',
      }),
    ),
  },
  links: {},
  title: 'subject',
  workflow: { states: ['recorded'], transitions: {}, locked: ['recorded'] },
  permissions: { read: 'anyone', create: ['engine'], edit: ['engine'] },
  columns: ['kind', 'subject', 'by', 'role', 'until', 'method', 'createdAt'],
});
