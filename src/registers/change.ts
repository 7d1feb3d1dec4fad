import {
  choice,
  choices,
  date,
  digest,
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

/** Kinds of component that an envelope may allow. A new model is never inside one. */
export const ENVELOPE_KINDS = ['prompt', 'dataset', 'tool', 'agent', 'compute'] as const;

export const change = defineRegister({
  name: 'change',
  prefix: 'CHG',
  step: 'Control',
  place: 40,
  label: { one: 'Change', many: 'Change tickets' },
  purpose: 'A planned change to an AI system or to the management system: why, what it touches, who agreed.',
  clauses: {
    '6.3': 'makes changes to the management system planned ones',
    '8.1': 'controls planned changes and looks at the effects of the others',
    'A.6.2.5': 'shows that a deployment was planned and agreed before it happened',
    'A.6.2.6': 'controls updates and repairs of a running system',
  },
  documents: ['DI-17'],
  fields: {
    title: text('Title', { max: 160 }),
    owner: person('Requested by', { help: 'Their own approval never counts.' }),
    kind: optional(
      choice('Kind', ['release', 'configuration', 'criteria', 'plan', 'supplier', 'emergency', 'envelope'], {
        defaultTo: 'release',
        help: 'envelope: many small releases that tests alone decide on, until a day. emergency: one release, at most 72 hours, reviewed afterwards.',
      }),
    ),
    description: later(longText('What changes, and why', { max: 8000 })),
    impact: later(
      longText('What it affects', {
        help: 'Users, risks, assessments, tests, documents that must be done again.',
        max: 8000,
      }),
    ),
    rollback: optional(text('How it is undone', { max: 1000 })),
    envelopeKinds: optional(
      choices('Kinds of component that may change', ENVELOPE_KINDS, {
        help: 'For an envelope. Prompts may be new; of the others only further versions of what is in use. Class high: prompts only.',
      }),
    ),
    endsOn: optional(
      due(
        ends(
          date('Ends on', {
            help: 'For an envelope: at most 90 days after its approval, 30 where the class is high.',
          }),
        ),
      ),
    ),
    releaseDigest: later(
      digest('Digest of the release', {
        help: 'For an emergency: exactly this may go into use, and nothing else.',
      }),
    ),
    onCall: optional(
      person('On call', {
        help: 'For an emergency: who decides alone. Owner, approver, oversight or management; others need an accepted appointment for releases or incidents.',
      }),
    ),
    notes: optional(immaterial(longText('Notes'))),
  },
  links: {
    systems: link('aiSystem', { label: 'AI systems', inverse: 'changes', min: 1 }),
    releases: link('release', {
      label: 'Releases it covers',
      inverse: 'coveredBy',
      inverseLabel: 'Covered by change tickets',
      help: 'The approval counts for these releases and no others.',
    }),
    components: link('component', { label: 'Components it touches', inverse: 'changes' }),
    plan: link('verificationPlan', {
      label: 'Verification plan',
      help: 'Of an envelope: the plan that its releases are tested by. Of a ticket of kind plan: the plan that is made easier to pass.',
      inverse: 'envelopes',
      inverseLabel: 'Envelopes and tickets',
      max: 1,
    }),
    incident: link('incident', {
      label: 'Incident behind an emergency',
      inverse: 'emergencies',
      inverseLabel: 'Emergency changes',
      max: 1,
    }),
  },
  workflow: {
    states: ['draft', 'submitted', 'approved', 'refused', 'implemented', 'closed'],
    transitions: {
      submit: {
        from: 'draft',
        to: 'submitted',
        by: ['owner', 'author', 'aimsManager'],
        requires: ['description', 'impact'],
        requiresOf: [{ field: 'kind', is: ['envelope'], names: ['envelopeKinds', 'endsOn', 'plan'] }],
      },
      approve: {
        from: 'submitted',
        to: 'approved',
        by: ['systems.approver', 'designatedManagement'],
        separate: true,
        decision: 'approve',
      },
      approveEmergency: {
        label: 'Approve as on call',
        from: 'submitted',
        to: 'approved',
        by: ['self.onCall', 'systems.owner', 'systems.approver', 'systems.oversight', 'designatedManagement'],
        requires: ['rollback', 'releaseDigest', 'incident'],
        separate: true,
        decision: 'approve',
        reason: true,
        when: {
          field: 'kind',
          is: ['emergency'],
          otherwise: 'is no emergency; approve and close it like any other ticket.',
        },
      },
      refuse: {
        from: 'submitted',
        to: 'refused',
        by: ['systems.approver', 'designatedManagement'],
        separate: true,
        decision: 'refuse',
        reason: true,
      },
      revise: {
        from: ['submitted', 'approved', 'refused'],
        to: 'draft',
        by: ['owner', 'author', 'aimsManager'],
        when: {
          field: 'kind',
          isNot: ['emergency'],
          from: ['approved'],
          otherwise: 'is an emergency that was decided: it is reviewed, not revised.',
        },
      },
      implement: { from: 'approved', to: 'implemented', by: ['owner', 'systems.owner', 'aimsManager'] },
      review: {
        label: 'Review the emergency',
        from: ['approved', 'implemented'],
        to: 'closed',
        by: ['systems.owner', 'systems.approver', 'systems.oversight', 'aimsManager', 'designatedManagement'],
        separate: true,
        decision: 'acknowledge',
        reason: true,
        when: {
          field: 'kind',
          is: ['emergency'],
          otherwise: 'is no emergency; approve and close it like any other ticket.',
        },
      },
      close: {
        from: 'implemented',
        to: 'closed',
        by: ['owner', 'systems.owner', 'aimsManager'],
        when: {
          field: 'kind',
          isNot: ['emergency'],
          otherwise: 'is an emergency: it is closed by the review of somebody who did not decide it.',
        },
      },
    },
    locked: ['approved', 'refused', 'implemented', 'closed'],
    ended: ['refused', 'closed'],
    // The gate holds it to fewer days where the class is high.
    within: [
      {
        day: 'endsOn',
        from: { days: 1 },
        to: { days: 90 },
        where: { field: 'kind', is: ['envelope'] },
        steps: ['submit'],
        drafts: true,
      },
    ],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'author', 'aimsManager'] },
  columns: ['title', 'systems', 'kind', 'owner', 'releases', 'state', 'updatedAt'],
  whoLabels: {
    'systems.approver': 'the approver of every AI system concerned',
    'systems.owner': 'the owner of an AI system concerned',
    'systems.oversight': 'the human oversight of an AI system concerned',
    'self.onCall': 'the person on call named in it',
  },
});
