import {
  choice,
  date,
  due,
  ends,
  immaterial,
  later,
  link,
  longText,
  optional,
  person,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const release = defineRegister({
  name: 'release',
  prefix: 'REL',
  step: 'Control',
  place: 50,
  label: { one: 'Release', many: 'Releases' },
  purpose:
    'One version of an AI system on its way into use: exactly these components, tested, approved, with a way back.',
  clauses: {
    '8.1': 'lets nothing into use that does not meet the criteria',
    'A.6.2.3': 'names exactly the components that make up a version',
    'A.6.2.5': 'shows what was met before deployment',
    'A.10.3': 'clears the use of what a vendor runs, with its assessment and an end',
    'A.6.2.6': 'keeps which version was in use when, and which was taken back',
  },
  documents: ['DI-44'],
  fields: {
    title: text('Title', { max: 160 }),
    releaseVersion: text('Version', { max: 120, help: 'As test tools and users see it, such as 2.3.2.' }),
    kind: optional(
      choice('Kind', ['release', 'useClearance'], {
        defaultTo: 'release',
        help: 'useClearance: leave to use an AI that a vendor runs. Nothing is shipped, and we cannot stop it.',
      }),
    ),
    purpose: later(longText('Used for', { help: 'For a use clearance.', max: 4000 })),
    dataClasses: later(
      text('Data that may be entered', {
        help: 'For a use clearance: classes of data, such as "public, internal; no personal data".',
        max: 1000,
      }),
    ),
    overseer: later(person('Overseer', { help: 'For a use clearance: who watches the use, and ends it.' })),
    useUntil: later(
      due(ends(date('Cleared until', { help: 'For a use clearance: at most 12 months ahead.' }))),
    ),
    clearedModel: optional(
      text('Model as cleared', {
        help: 'For a use clearance: provider and model, as the vendor names them.',
      }),
    ),
    notes: optional(immaterial(longText('Release notes'))),
  },
  links: {
    system: link('aiSystem', { label: 'AI system', inverse: 'releases', min: 1, max: 1 }),
    components: link('component', {
      label: 'Components',
      inverse: 'releases',
      min: 1,
      later: true,
      help: 'A change to any of them makes tests and approvals of this release stale.',
    }),
    change: link('change', {
      label: 'Change ticket',
      inverse: 'releasesMade',
      inverseLabel: 'Releases that cite it',
      min: 1,
      max: 1,
      later: true,
    }),
    plan: link('verificationPlan', {
      label: 'Verification plan',
      inverse: 'releases',
      min: 1,
      max: 1,
      later: true,
    }),
    rollbackPlan: link('rollbackPlan', {
      label: 'Rollback plan',
      inverse: 'releases',
      min: 1,
      max: 1,
      later: true,
    }),
    supplier: link('supplier', {
      label: 'Vendor (supplier) that runs it',
      inverse: 'clearances',
      inverseLabel: 'Use clearances',
      max: 1,
      help: 'For a use clearance.',
    }),
    previous: link('release', {
      acyclic: true,
      label: 'Release before it',
      inverse: 'followedBy',
      inverseLabel: 'Followed by',
      max: 1,
    }),
  },
  workflow: {
    states: ['draft', 'submitted', 'allowed', 'refused', 'shipped', 'rolledBack', 'withdrawn'],
    transitions: {
      submit: {
        from: 'draft',
        to: 'submitted',
        by: ['author', 'system.owner', 'aimsManager'],
        requires: ['components', 'plan', 'change', 'rollbackPlan'],
        when: {
          field: 'kind',
          isNot: ['useClearance'],
          otherwise: 'is a use clearance; submit it with "Submit use clearance".',
        },
      },
      submitUse: {
        label: 'Submit use clearance',
        from: 'draft',
        to: 'submitted',
        by: ['author', 'system.owner', 'aimsManager'],
        requires: ['purpose', 'dataClasses', 'overseer', 'useUntil', 'supplier'],
        when: {
          field: 'kind',
          is: ['useClearance'],
          otherwise: 'is a release; a use clearance is for what a vendor runs. Submit it as a release.',
        },
      },
      approve: {
        from: 'submitted',
        to: 'submitted',
        by: ['system.owner', 'system.approver', 'system.oversight', 'designatedManagement'],
        separate: true,
        decision: 'approve',
      },
      refuse: {
        from: 'submitted',
        to: 'refused',
        by: ['system.owner', 'system.approver', 'system.oversight', 'designatedManagement'],
        separate: true,
        decision: 'refuse',
        reason: true,
      },
      allow: { label: 'Allowed by the gate', from: 'submitted', to: 'allowed', by: 'engine' },
      ship: { from: 'allowed', to: 'shipped', by: ['author', 'system.owner', 'ci'] },
      rollBack: {
        label: 'Roll back',
        from: 'shipped',
        to: 'rolledBack',
        by: ['system.owner', 'system.oversight', 'aimsManager', 'ci'],
        reason: true,
      },
      revise: {
        from: ['submitted', 'allowed', 'refused'],
        to: 'draft',
        by: ['author', 'system.owner', 'aimsManager'],
      },
      withdraw: {
        from: ['draft', 'submitted', 'allowed', 'refused'],
        to: 'withdrawn',
        by: ['author', 'system.owner', 'aimsManager'],
        reason: true,
      },
    },
    locked: ['allowed', 'refused', 'shipped', 'rolledBack', 'withdrawn'],
    ended: ['refused', 'rolledBack', 'withdrawn'],
    // What it is, it is from the time it is handed in.
    fixedFrom: { kind: 'submitted' },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['author', 'system.owner', 'aimsManager'] },
  columns: ['title', 'system', 'releaseVersion', 'components', 'change', 'state', 'updatedAt'],
  // The hazards that its tests must exercise, and by what it is judged and taken back: loosened after an approval, they make it stale.
  covers: [
    'components',
    { link: 'plan', since: 2, beside: true },
    { link: 'rollbackPlan', since: 2, beside: true },
    { link: 'system', inverse: 'hazards', states: ['proposed', 'confirmed'], since: 2, beside: true },
  ],
  whoLabels: {
    'system.owner': 'the owner of the AI system',
    'system.approver': 'the approver of the AI system',
    'system.oversight': 'the human oversight of the AI system',
  },
});
