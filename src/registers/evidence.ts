import {
  begins,
  choice,
  date,
  ends,
  engine,
  file,
  happened,
  link,
  moment,
  number,
  optional,
  recorded,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { TRUST_LEVELS } from './criteria.ts';

/** Way back from evidence on the records of any register; a record that names its evidence itself has that beside it. */
export const SUPPORTED_BY = 'supportedBy';

/** A link to the records of a register that evidence is put on. What it is put on later changes nothing that rests on it. */
const supports = <const To extends string>(to: To, label: string) =>
  link(to, { label, inverse: SUPPORTED_BY, inverseLabel: 'Evidence', engine: true, material: false });

export const evidence = defineRegister({
  name: 'evidence',
  prefix: 'EVD',
  step: 'Across',
  place: 10,
  label: { one: 'Evidence', many: 'Evidence' },
  purpose:
    'A file of any kind, or a reference to what another system keeps, that supports a claim, with three dates: the period it covers, when it was captured, when it arrived.',
  clauses: {
    '7.5.1': 'keeps the records that the management system needs to show that it works',
    '7.5.2': 'identifies each file and says where it comes from',
    '7.5.3': 'protects it: the digest shows any change',
    '9.1': 'keeps measurement results as evidence',
    'A.6.2.4': 'holds the original result files of verification',
  },
  documents: ['DI-17'],
  fields: {
    title: engine(text('Title')),
    file: engine(file('File')),
    fileName: engine(text('File name', { max: 300 })),
    bytes: engine(number('Size', { min: 0, unit: 'bytes' })),
    mediaType: engine(text('Media type', { max: 200 })),
    format: engine(text('Format', { max: 120 })),
    formatVersion: engine(text('Version of the format', { max: 120 })),
    reference: engine(
      text('Kept elsewhere', {
        max: 2000,
        help: 'Address, or system and number there. Nobody here has seen it: it counts as declared.',
      }),
    ),
    capturedAt: happened(optional(moment('Captured'))),
    receivedAt: recorded(moment('Received')),
    coversFrom: begins(optional(date('Covers from'))),
    coversTo: ends(optional(date('Covers to')), 'coversFrom'),
    holdsUntil: ends(
      optional(date('Holds until', { help: 'From the day after on, it supports nothing.' })),
      'coversFrom',
    ),
    claim: engine(text('What it shows', { max: 1000 })),
    trust: engine(
      choice('Trust', ['declared', ...TRUST_LEVELS], {
        help: 'declared: a reference. person: uploaded by a person. ci: handed in by a pipeline.',
      }),
    ),
    collector: engine(text('Collected by', { personal: true })),
  },
  links: {
    release: link('release', { label: 'Release', inverse: 'evidence', engine: true }),
    supersedes: link('evidence', {
      label: 'Newer version of',
      inverse: 'supersededBy',
      inverseLabel: 'Newer version',
      max: 1,
      engine: true,
      material: false,
      acyclic: true,
    }),
    forAction: supports('action', 'Actions'),
    forAiSystem: supports('aiSystem', 'AI systems'),
    forAudit: supports('audit', 'Audits'),
    forAuditFinding: supports('auditFinding', 'Audit findings'),
    forChange: supports('change', 'Changes'),
    forCommunication: supports('communication', 'Communications'),
    forComponent: supports('component', 'Components'),
    forContextIssue: supports('contextIssue', 'Context issues'),
    forControl: supports('control', 'Controls'),
    forCriteria: supports('criteria', 'Criteria'),
    forDocument: supports('document', 'Documents'),
    forDrill: supports('drill', 'Drills'),
    forHazard: supports('hazard', 'Hazards'),
    forImpactAssessment: supports('impactAssessment', 'Impact assessments'),
    forIncident: supports('incident', 'Incidents'),
    forInterestedParty: supports('interestedParty', 'Interested parties'),
    forManagementReview: supports('managementReview', 'Management reviews'),
    forMonitor: supports('monitor', 'Monitors'),
    forNonconformity: supports('nonconformity', 'Nonconformities'),
    forObjective: supports('objective', 'Objectives'),
    forPerson: supports('person', 'People'),
    forProcess: supports('process', 'Processes'),
    forRequirement: supports('requirement', 'Requirements'),
    forResponsibility: supports('responsibility', 'Responsibilities'),
    forRisk: supports('risk', 'Risks'),
    forRiskAssessment: supports('riskAssessment', 'Risk assessments'),
    forRollbackPlan: supports('rollbackPlan', 'Rollback plans'),
    forSupplier: supports('supplier', 'Suppliers'),
    forVerificationPlan: supports('verificationPlan', 'Verification plans'),
  },
  unique: 'file',
  workflow: {
    states: ['recorded', 'withdrawn'],
    transitions: {
      // Nothing is destroyed by it: decision 0017. Its test run is withdrawn in the same write.
      withdraw: {
        from: 'recorded',
        to: 'withdrawn',
        by: ['aimsManager', 'designatedManagement'],
        separate: true,
        decision: 'refuse',
        reason: true,
      },
    },
    locked: ['recorded', 'withdrawn'],
    ended: ['withdrawn'],
    frees: ['withdrawn'],
  },
  permissions: { read: 'anyone', create: ['engine'], edit: ['engine'] },
  columns: ['title', 'claim', 'trust', 'release', 'state', 'coversTo', 'holdsUntil', 'receivedAt'],
});
