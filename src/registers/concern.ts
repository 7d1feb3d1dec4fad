import {
  agreed,
  choice,
  date,
  engine,
  immaterial,
  later,
  link,
  longText,
  optional,
  people,
  person,
  table,
  text,
  yesNo,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const concern = defineRegister({
  name: 'concern',
  prefix: 'CON',
  step: 'Govern',
  place: 60,
  label: { one: 'Concern', many: 'Concerns' },
  purpose:
    'Something that worries somebody inside or outside about our AI. It can be raised without a name, it is hidden from the people it is about, and it gets an answer.',
  clauses: {
    'A.3.3': 'keeps what staff report, and what became of it',
    'A.8.3': 'keeps adverse effects that people outside report',
    '9.1': 'counts what is reported about systems in use',
    '10.2': 'is where nonconformities can come from',
  },
  documents: ['DI-30', 'DI-54'],
  fields: {
    title: text('In a sentence', { max: 200 }),
    content: longText('What worries you', { max: 20_000, personal: true }),
    from: optional(choice('It comes from', ['inside', 'outside'], { defaultTo: 'inside' })),
    anonymous: engine(yesNo('Raised without a name')),
    about: optional(people('People it is about', { help: 'They cannot see it, whatever their role.' })),
    owner: later(person('Handled by')),
    answerBy: optional(agreed(date('To be answered by'))),
    examination: later(longText('What was examined', { max: 20_000, personal: true })),
    answer: later(longText('Answer', { max: 8000, help: 'The person who raised it reads this.' })),
    messages: immaterial(
      engine(
        table(
          'Messages',
          {
            from: { label: 'From', kind: 'choice', options: ['raiser', 'handler'], required: true },
            text: { label: 'Text', kind: 'text', required: true },
          },
          {
            personal: true,
            help: 'Between the person who raised it, who follows it with a code, and the person who handles it.',
          },
        ),
      ),
    ),
  },
  links: { systems: link('aiSystem', { label: 'AI systems', inverse: 'concerns' }) },
  workflow: {
    states: ['received', 'examining', 'answered', 'closed'],
    transitions: {
      examine: {
        from: ['received', 'answered'],
        to: 'examining',
        by: ['aimsManager', 'designatedManagement'],
        requires: ['owner'],
      },
      answer: {
        from: 'examining',
        to: 'answered',
        by: ['owner', 'aimsManager', 'designatedManagement'],
        requires: ['examination', 'answer'],
      },
      close: { from: 'answered', to: 'closed', by: ['aimsManager', 'designatedManagement'], reason: true },
      reopen: { from: 'closed', to: 'examining', by: ['aimsManager', 'designatedManagement'], reason: true },
    },
    locked: ['closed'],
    ended: ['closed'],
    // What somebody worried about is not said anew by who handles it.
    fixedFrom: {
      content: 'received',
      title: 'received',
      from: 'examining',
      examination: 'answered',
      answer: 'answered',
    },
  },
  permissions: {
    read: ['aimsManager', 'designatedManagement', 'auditor'],
    create: 'member',
    edit: ['owner', 'aimsManager', 'designatedManagement'],
  },
  hiddenFrom: 'about',
  columns: ['title', 'from', 'owner', 'systems', 'answerBy', 'state', 'createdAt'],
});
