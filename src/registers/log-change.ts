import { choice, engine, longText, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

/** What can be done to a log itself, beside entering versions in it. */
export const LOG_CHANGES = [
  'erasure',
  'keyRotation',
  'newLog',
  'opened',
  'closed',
  'readToken',
  'witnessAdded',
  'witnessRemoved',
  'timeStamps',
  'concernsOpened',
  'concernsClosed',
] as const;

export const logChange = defineRegister({
  name: 'logChange',
  prefix: 'LOG',
  step: 'Across',
  place: 40,
  label: { one: 'Log change', many: 'Log changes' },
  purpose:
    'What was done to the log itself, by whom and why: erasures with their legal basis, keys, witnesses, time stamps, who may read it, whether anybody may raise a concern without a name. Written by the system with the act.',
  clauses: {
    '7.5.3': 'shows how documented information is protected, and what was disposed of on which ground',
    'A.7.5': 'shows what became of personal data in the records',
  },
  fields: {
    kind: engine(choice('What was done', LOG_CHANGES)),
    subject: engine(
      text('To what', { max: 1200, help: 'A key, an address, a size, or the number of a record.' }),
    ),
    basis: engine(text('Legal basis', { max: 120 })),
    reason: engine(longText('Reason', { max: 5000, help: 'Kept for good: no personal data in it.' })),
    detail: engine(longText('In detail', { max: 20_000 })),
  },
  links: {},
  title: 'kind',
  workflow: { states: ['recorded'], transitions: {}, locked: ['recorded'] },
  permissions: { read: 'anyone', create: ['engine'], edit: ['engine'] },
  columns: ['kind', 'subject', 'basis', 'createdAt'],
});
