import { engine, longText, people, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const comment = defineRegister({
  name: 'comment',
  prefix: 'CMT',
  step: 'Across',
  place: 30,
  label: { one: 'Comment', many: 'Comments' },
  purpose:
    'What people say about a record beside it. People who are mentioned find it in their list of work. It changes nothing and decides nothing.',
  clauses: { '7.4': 'keeps what was said about a record where it is found again' },
  fields: {
    subject: text('On', { max: 40, help: 'Number of the record.' }),
    content: longText('Text', { max: 8000, personal: true }),
    mentions: engine(people('Mentions')),
  },
  links: {},
  title: 'subject',
  workflow: {
    states: ['made', 'settled'],
    transitions: { settle: { from: 'made', to: 'settled', by: ['author', 'self.mentions', 'aimsManager'] } },
    locked: ['settled'],
    ended: ['settled'],
    // It stays beside what it was made beside.
    fixedFrom: { subject: 'made' },
  },
  permissions: { read: 'anyone', create: 'member', edit: ['author'] },
  columns: ['subject', 'state', 'createdAt'],
  whoLabels: { 'self.mentions': 'the person mentioned' },
});
