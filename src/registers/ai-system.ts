import {
  choice,
  choices,
  immaterial,
  later,
  link,
  longText,
  optional,
  person,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

/** The organisation's part in a system, in ISO's finer roles. Several may hold at once. */
export const ISO_ROLES = ['provider', 'producer', 'customer', 'partner'] as const;

/** How much rigour a system needs; the gate policy of the criteria has one row for each. */
export const RISK_CLASSES = ['minimal', 'limited', 'high'] as const;

/** Provider and Deployer are the labels people use; ISO's roles stay in the record. */
export function organisationRole(roles: readonly string[] | undefined): string | undefined {
  if (!roles || roles.length === 0) return undefined;
  const labels = [
    roles.includes('provider') || roles.includes('producer') ? 'Provider' : '',
    roles.includes('customer') ? 'Deployer' : '',
  ].filter(Boolean);
  return labels.length > 0 ? labels.join(' and ') : 'Partner';
}

export const aiSystem = defineRegister({
  name: 'aiSystem',
  prefix: 'SYS',
  step: 'Scope',
  place: 10,
  label: { one: 'AI system', many: 'AI systems' },
  purpose:
    'Each AI system that the organisation builds, offers or uses: what it is for, who answers for it, and whether the management system covers it.',
  clauses: {
    '4.1': 'records the role or roles the organisation plays for each AI system',
    '4.3': 'says of each system whether it is inside the scope, and why',
    '5.3': 'names owner, approver and human oversight',
    '6.1.2': 'sets the risk class that decides how much rigour is needed',
    'A.3.2': 'hands the tasks around a system to named people',
    'A.4.2': 'is the place its components and other resources hang on',
    'A.9.4': 'states the intended use',
    'A.10.2': 'names the suppliers it depends on',
  },
  documents: ['DI-59'],
  fields: {
    name: text('Name', { max: 120 }),
    purpose: longText('Intended purpose', {
      help: 'What it does, for whom, and what it must not be used for.',
    }),
    audience: optional(
      longText('Who uses it, and whom it affects', {
        help: 'Employees, customers, the public; groups that need care.',
        max: 4000,
      }),
    ),
    owner: person('Owner', { help: 'Answers for the system from idea to retirement.' }),
    approver: later(
      person('Approver', { help: 'Approves changes and releases. Not the owner where the class is high.' }),
    ),
    oversight: optional(
      person('Human oversight', {
        help: 'Watches it in use and may stop it. The gate asks for one where the class is high.',
      }),
    ),
    isoRoles: later(
      choices('Our role', ISO_ROLES, {
        help: 'provider: we offer it. producer: we build or run it. customer: we use what others offer. partner: we supply data, integration or evaluation.',
      }),
    ),
    stage: optional(
      immaterial(
        choice('Stage', ['idea', 'design', 'verification', 'operation', 'retired'], { defaultTo: 'idea' }),
      ),
    ),
    riskClass: later(
      choice('Risk class', RISK_CLASSES, {
        help: 'Decides what the release gate demands. A lower class needs somebody else to confirm it before the gate accepts it.',
      }),
    ),
    inScope: later(choice('Covered by the management system', ['in', 'out'])),
    scopeReason: later(longText('Why it is in or out', { max: 4000 })),
    servedModel: optional(
      text('Model in service', {
        help: 'Provider and model that answered when last looked at, such as "acme/large-2".',
      }),
    ),
  },
  links: {
    suppliers: link('supplier', {
      label: 'Vendors (suppliers)',
      inverse: 'systems',
      inverseLabel: 'AI systems',
    }),
  },
  derived: { organisationRole: ({ isoRoles }) => organisationRole(isoRoles) },
  derivedLabels: { organisationRole: 'We are' },
  workflow: {
    states: ['proposed', 'inScope', 'outOfScope', 'retired'],
    transitions: {
      include: {
        label: 'Add to scope',
        from: 'proposed',
        to: 'inScope',
        by: ['aimsManager', 'designatedManagement'],
        requires: ['inScope', 'isoRoles', 'riskClass', 'approver'],
        when: {
          field: 'inScope',
          isNot: ['out'],
          otherwise: 'is marked as not covered. Mark it as covered and say why, then take it into scope.',
        },
        decision: 'approve',
      },
      confirm: {
        label: 'Confirm changes',
        from: 'inScope',
        to: 'inScope',
        by: ['aimsManager', 'designatedManagement'],
        separate: true,
        decision: 'approve',
      },
      exclude: {
        label: 'Exclude from scope',
        from: ['proposed', 'inScope'],
        to: 'outOfScope',
        by: 'designatedManagement',
        requires: ['inScope', 'scopeReason'],
        // Not approve: the gate would take it for agreement to the risk class.
        decision: 'refuse',
      },
      retire: { from: 'inScope', to: 'retired', by: ['owner', 'aimsManager'], reason: true },
      reconsider: {
        from: ['inScope', 'outOfScope', 'retired'],
        to: 'proposed',
        by: ['owner', 'aimsManager'],
      },
    },
    locked: ['outOfScope', 'retired'],
    ended: ['outOfScope', 'retired'],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  columns: ['name', 'owner', 'organisationRole', 'riskClass', 'stage', 'state', 'updatedAt'],
});
