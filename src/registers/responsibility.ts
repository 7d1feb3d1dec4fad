import {
  begins,
  choice,
  date,
  due,
  ends,
  immaterial,
  link,
  longText,
  optional,
  person,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

/** Rows of the RACI matrix: what somebody has to answer for, in the order of a system's life. */
export const ACTIVITIES = [
  'purposeAndScope',
  'riskAssessment',
  'impactAssessment',
  'dataManagement',
  'designAndDevelopment',
  'verification',
  'release',
  'operationAndMonitoring',
  'humanOversight',
  'incidents',
  'suppliers',
  'informationForUsers',
  'retirement',
  'managementSystem',
] as const;

export const responsibility = defineRegister({
  name: 'responsibility',
  prefix: 'RSP',
  step: 'Govern',
  place: 30,
  label: { one: 'Responsibility', many: 'Responsibilities (RACI)' },
  purpose:
    'Who does what: a cell of the RACI matrix, an appointment with the competence it needs, or a delegation with an end. Each accepted by the person.',
  clauses: {
    '5.3': 'assigns responsibilities and authorities, and makes them known to those who hold them',
    '7.1': 'shows the people given to the management system',
    '7.2': 'says which competence a role needs, and what shows that the person has it',
    'A.3.2': 'defines and assigns roles for AI',
    'A.4.6': 'documents people and their competence for each system',
    'A.6.2.6': 'names who oversees and may stop a system in use',
    'A.9.2': 'names who may use a system, and who watches over it',
  },
  documents: ['DI-14', 'DI-29', 'DI-35'],
  fields: {
    title: text('What', { max: 200, help: 'Such as "Approves releases of the support assistant".' }),
    kind: choice('Kind', ['raci', 'appointment', 'delegation']),
    owner: person('Person'),
    part: optional(
      choice('Part', ['responsible', 'accountable', 'consulted', 'informed'], {
        help: 'For the RACI matrix. Exactly one person is accountable for an activity.',
      }),
    ),
    activity: optional(choice('Activity', ACTIVITIES, { help: 'Row of the RACI matrix.' })),
    duties: optional(longText('Duties and authority', { max: 8000 })),
    competence: optional(longText('Competence it needs', { max: 4000 })),
    competenceShown: optional(
      longText('What shows the competence', {
        help: 'Training, certificates, experience.',
        max: 4000,
        personal: true,
      }),
    ),
    delegator: optional(person('On behalf of', { help: 'For a delegation: whose authority is lent.' })),
    startsOn: optional(begins(date('From'))),
    endsOn: optional(
      immaterial(due(ends(date('Until', { help: 'A delegation must have an end.' }), 'startsOn'))),
    ),
  },
  links: {
    systems: link('aiSystem', {
      label: 'For AI systems',
      inverse: 'responsibilities',
      help: 'None: for the whole organisation.',
    }),
    evidence: link('evidence', { label: 'Evidence of competence', inverse: 'responsibilities' }),
  },
  workflow: {
    states: ['proposed', 'accepted', 'declined', 'ended'],
    transitions: {
      accept: { from: 'proposed', to: 'accepted', by: 'owner' },
      decline: { from: 'proposed', to: 'declined', by: 'owner', reason: true },
      change: {
        label: 'Change',
        from: ['accepted', 'declined'],
        to: 'proposed',
        by: ['author', 'aimsManager'],
      },
      end: {
        from: ['proposed', 'accepted', 'declined'],
        to: 'ended',
        by: ['author', 'aimsManager', 'self.delegator'],
        reason: true,
      },
    },
    locked: ['accepted', 'ended'],
    ended: ['declined', 'ended'],
    within: [
      // Authority is lent for at most a year.
      {
        day: 'endsOn',
        from: { days: 1 },
        to: { years: 1 },
        where: { field: 'kind', is: ['delegation'] },
        steps: ['accept'],
      },
    ],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['author', 'aimsManager'] },
  // Rows of the RACI matrix and delegations have rules of their own, about what else there is.
  sample: { kind: 'appointment' },
  columns: ['title', 'kind', 'owner', 'part', 'activity', 'systems', 'endsOn', 'state'],
  whoLabels: { owner: 'the person named in it', 'self.delegator': 'the person who delegated it' },
});
