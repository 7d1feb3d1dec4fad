import { choice, date, ends, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const apiKey = defineRegister({
  name: 'apiKey',
  prefix: 'KEY',
  step: 'Directory',
  place: 20,
  label: { one: 'API key', many: 'API keys' },
  purpose: 'Lets a pipeline or script in without a person. The secret is shown once, when the key is made.',
  clauses: {
    '7.5.3': 'limits who and what can read or add documented information, and for how long',
    'A.4.4': 'names the tools that deliver evidence',
  },
  fields: {
    label: text('Label', {
      max: 120,
      help: 'Where the key is used, such as "release pipeline of the support assistant".',
    }),
    role: choice('May', ['ci', 'reader'], {
      help: 'ci: add evidence, ask the release gate and report a shipped release. reader: read only. A key never approves anything.',
    }),
    expires: ends(date('Expires', { help: 'At most one year ahead.' })),
  },
  links: {},
  workflow: {
    states: ['active', 'revoked'],
    transitions: {
      revoke: { from: 'active', to: 'revoked', by: ['aimsManager', 'topManagement'] },
    },
    locked: ['revoked'],
    ended: ['revoked'],
    // A key ends, within a year.
    within: [{ day: 'expires', from: { days: 1 }, to: { days: 366 } }],
  },
  permissions: {
    read: ['aimsManager', 'topManagement', 'auditor'],
    create: ['aimsManager', 'topManagement'],
    edit: ['aimsManager', 'topManagement'],
  },
  columns: ['label', 'role', 'expires', 'state', 'createdAt'],
});
