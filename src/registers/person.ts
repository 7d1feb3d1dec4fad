import { choices, later, optional, person as personField, text, yesNo } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

/** Roles a person can hold. `ci` belongs to API keys alone. */
export const PERSON_ROLES = [
  'topManagement',
  'designatedManagement',
  'aimsManager',
  'contributor',
  'auditor',
  'reader',
] as const;

export const person = defineRegister({
  name: 'person',
  prefix: 'PSN',
  step: 'Directory',
  place: 10,
  label: { one: 'Person', many: 'People' },
  purpose:
    'Everybody who owns, approves, oversees or does something here. A person needs no account to be named in a record.',
  clauses: {
    '5.3': 'names who holds which role in the management system, and since when',
    '7.2': 'is the list of people whose competence has to be shown',
    'A.4.6': 'names the people behind each AI system',
  },
  fields: {
    name: text('Name', { max: 120, personal: true }),
    email: later(
      text('E-mail', {
        max: 254,
        personal: true,
        help: 'Needed only for those who sign in; it is their sign-in name.',
      }),
    ),
    roles: later(
      choices('Roles', PERSON_ROLES, {
        help: 'What the person may do in the whole organisation. Owner, approver and oversight are named per AI system instead. Nobody changes their own roles.',
      }),
    ),
    guest: optional(
      yesNo('Guest from outside', {
        help: 'An approver or auditor who does not belong to the organisation: decides and audits only what names them, and is not counted as one of its people.',
      }),
    ),
    manager: optional(
      personField('Line manager', { help: 'Used to find conflicts of interest when auditors are chosen.' }),
    ),
  },
  links: {},
  workflow: {
    states: ['listed', 'invited', 'active', 'departed'],
    transitions: {
      invite: {
        from: ['listed', 'invited'],
        to: 'invited',
        by: ['aimsManager', 'topManagement'],
        requires: ['email', 'roles'],
      },
      join: { from: 'invited', to: 'active', by: 'engine' },
      depart: { from: ['listed', 'invited', 'active'], to: 'departed', by: ['aimsManager', 'topManagement'] },
      return: { from: 'departed', to: 'listed', by: ['aimsManager', 'topManagement'] },
    },
    locked: ['departed'],
    ended: ['departed'],
  },
  // Somebody from outside may hold few roles.
  sample: { guest: false },
  permissions: {
    read: 'anyone',
    create: ['aimsManager', 'topManagement'],
    edit: ['aimsManager', 'topManagement'],
  },
  columns: ['name', 'email', 'roles', 'manager', 'state'],
  unique: 'email',
});
