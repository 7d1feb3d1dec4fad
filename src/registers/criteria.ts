import { choice, later, link, longText, number, optional, person, table, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { CLEAN_SERIES, DEFAULT_RULE } from '../risk/measuring.ts';
import { RISK_CLASSES } from './ai-system.ts';
import { gatePolicyPreset } from './gate-policy-preset.ts';
import { INTERVALS } from './intervals.ts';

const scale = (names: readonly string[]) => names.map((name, i) => ({ level: i + 1, name }));

/** From which source a test result comes; each is trusted more than the one before. */
export const TRUST_LEVELS = ['person', 'ci', 'signed', 'rerun'] as const;

/** What the gate demands of impact assessments and of watching a system in use, from the least to the most. */
export const IMPACT_DEMANDS = ['screened', 'assessed', 'approved'] as const;
export const MONITORING_DEMANDS = ['owner', 'metric', 'both'] as const;
/**
 * How much an organisation of this size is asked for. alone: one person, who decides alone and says so. small: roles combine. larger: what
 * carries most weight is decided by several.
 */
export const MODES = ['alone', 'small', 'larger'] as const;

/** What is kept for so many months after it was last needed. */
export const RETAINED = ['records', 'evidence', 'eventLogs'] as const;

export const criteria = defineRegister({
  name: 'criteria',
  prefix: 'CRI',
  step: 'Risk',
  place: 10,
  label: { one: 'Criteria', many: 'Criteria' },
  purpose:
    'How risks are rated, how much risk is acceptable, and what the release gate demands. Approved by management; a new record replaces an old one.',
  clauses: {
    '6.1.1': 'sets the criteria that tell acceptable from unacceptable risk',
    '6.1.2': 'makes assessments repeatable and comparable: one method, one pair of scales',
    '6.1.3': 'says who may accept which residual risk',
    '8.1': 'sets the criteria that releases are controlled against',
    'A.6.2.4': 'says how much verification each risk class needs',
    'A.6.2.5': 'says what must be met before deployment',
  },
  documents: ['DI-05'],
  fields: {
    title: text('Title', { max: 120 }),
    owner: person('Owner'),
    mode: optional(
      choice('Size of the organisation', MODES, {
        help: 'alone: one person; the record then says "decided alone", never "approved". small: one person may hold several roles. larger: criteria and high impact assessments are decided by two people.',
      }),
    ),
    method: optional(
      longText('Method', {
        help: 'How risks are found, rated, compared and ranked, and by whom.',
        max: 8000,
      }),
    ),
    likelihoodScale: optional(
      table(
        'Likelihood scale',
        {
          level: { label: 'Level', kind: 'number', required: true, min: 1, max: 5, whole: true },
          name: { label: 'Name', kind: 'text', required: true },
          meaning: { label: 'Meaning', kind: 'text' },
        },
        { defaultTo: scale(['rare', 'unlikely', 'possible', 'likely', 'almost certain']) },
      ),
    ),
    impactScale: optional(
      table(
        'Impact scale',
        {
          level: { label: 'Level', kind: 'number', required: true, min: 1, max: 5, whole: true },
          name: { label: 'Name', kind: 'text', required: true },
          meaning: { label: 'Meaning', kind: 'text' },
        },
        { defaultTo: scale(['negligible', 'minor', 'moderate', 'major', 'severe']) },
      ),
    ),
    appetite: later(
      number('Risk appetite', {
        min: 1,
        max: 25,
        help: 'Highest level (likelihood times impact, 1 to 25) that may stay as it is. Above it a risk is treated or accepted.',
      }),
    ),
    acceptAtLevel: optional(
      number('Only top management accepts from level', {
        min: 1,
        max: 25,
        help: 'Empty: designated management may accept every level.',
      }),
    ),
    measuredLikelihood: optional(
      table(
        'Likelihood from tests',
        {
          upTo: {
            label: 'Failed share up to, in per cent',
            kind: 'number',
            required: true,
            min: 0,
            max: 100,
          },
          level: { label: 'Likelihood', kind: 'number', required: true, min: 1, max: 5, whole: true },
        },
        {
          help: 'For a risk with hazards: which likelihood the upper 95 % bound of the share of failed cases stands for. It raises what people claim, and never lowers it. Without rows tests move no rating.',
          defaultTo: DEFAULT_RULE.map((line) => ({ ...line })),
        },
      ),
    ),
    cleanSeries: optional(
      choice('Tests without a failure', CLEAN_SERIES, {
        help: 'keepsTheClaim: they raise nothing; whether there were enough of them is for the test plan. countsByItsBound: their bound counts like any other, so that few cases raise the likelihood.',
        defaultTo: 'keepsTheClaim',
      }),
    ),
    gatePolicy: later(
      table(
        'Release gate policy',
        {
          riskClass: { label: 'Risk class', kind: 'choice', options: RISK_CLASSES, required: true },
          approvals: { label: 'Approvals by different people', kind: 'number', required: true },
          ownerMustApprove: { label: 'Owner must approve', kind: 'yesNo', required: true },
          approverMustApprove: { label: 'Approver must approve', kind: 'yesNo', required: true },
          oversightMustApprove: { label: 'Oversight must approve', kind: 'yesNo', required: true },
          tests: { label: 'Tests', kind: 'choice', options: ['smoke', 'plan', 'allHazards'], required: true },
          minTrust: {
            label: 'Least trust in evidence',
            kind: 'choice',
            options: TRUST_LEVELS,
            required: true,
          },
          drillMonths: {
            label: 'Rollback drill within months (0: plan only)',
            kind: 'number',
            required: true,
          },
          stopDrill: { label: 'Stop drill too', kind: 'yesNo' },
          communicationDrill: { label: 'Communication drill too', kind: 'yesNo' },
          riskMonths: { label: 'Risk assessment within months (0: any age)', kind: 'number', required: true },
          assessmentApproved: { label: 'Assessment approved', kind: 'yesNo' },
          acceptResiduals: { label: 'Residual risks accepted', kind: 'yesNo' },
          impact: { label: 'Impact assessment', kind: 'choice', options: IMPACT_DEMANDS },
          impactMonths: { label: 'Impact assessment within months (0: any age)', kind: 'number' },
          monitoring: { label: 'Monitoring', kind: 'choice', options: MONITORING_DEMANDS },
          userInformation: { label: 'Information for users is current', kind: 'yesNo' },
          maxUpperBound: {
            label: 'True share of failures at most, %, at 95 % confidence (0: as measured)',
            kind: 'number',
          },
          maxFailRate: {
            label: 'A plan may let fail at most, %',
            kind: 'number',
            min: 0,
            max: 100,
          },
          maxInconclusive: {
            label: 'A plan may leave without a verdict at most, %',
            kind: 'number',
            min: 0,
            max: 100,
          },
        },
        { defaultTo: gatePolicyPreset.map((row) => ({ ...row })) },
      ),
    ),
    intervals: optional(
      table(
        'Done again within',
        {
          what: { label: 'What', kind: 'choice', options: INTERVALS, required: true },
          months: { label: 'Months', kind: 'number', required: true },
        },
        {
          help: 'The latest that days of review, and ends of acceptances and exceptions, may be set. What is not listed is done again within 12 months; 0: at any interval.',
        },
      ),
    ),
    retention: optional(
      table('Kept for', {
        what: { label: 'What', kind: 'choice', options: RETAINED, required: true },
        months: { label: 'Months', kind: 'number', required: true },
      }),
    ),
  },
  links: {
    replaces: link('criteria', {
      acyclic: true,
      label: 'Replaces',
      inverse: 'replacedBy',
      inverseLabel: 'Replaced by',
      max: 1,
    }),
    change: link('change', {
      label: 'Change ticket',
      inverse: 'criteria',
      inverseLabel: 'Criteria made under it',
      max: 1,
      help: 'Needed where these criteria ask for less than those in force: a ticket of kind criteria that designated management approved.',
    }),
  },
  workflow: {
    states: ['draft', 'submitted', 'approved', 'superseded'],
    transitions: {
      submit: {
        label: 'Ask for approval',
        from: 'draft',
        to: 'submitted',
        by: ['owner', 'aimsManager'],
        requires: ['appetite', 'gatePolicy'],
      },
      approve: {
        from: ['draft', 'submitted'],
        to: 'approved',
        by: 'designatedManagement',
        requires: ['appetite', 'gatePolicy'],
        separate: true,
        decision: 'approve',
        quorum: 2,
      },
      revise: { from: 'submitted', to: 'draft', by: ['owner', 'aimsManager'] },
      supersede: { from: 'approved', to: 'superseded', by: 'designatedManagement', reason: true },
    },
    locked: ['approved', 'superseded'],
    ended: ['superseded'],
  },
  // As of a small organisation, one as strict as the other: those that ask for less need a ticket.
  sample: {
    mode: 'small',
    appetite: 9,
    acceptAtLevel: 15,
    intervals: [],
    retention: [],
    cleanSeries: 'keepsTheClaim',
  },
  permissions: {
    read: 'anyone',
    create: ['aimsManager', 'designatedManagement'],
    edit: ['owner', 'aimsManager'],
  },
  columns: ['title', 'owner', 'appetite', 'acceptAtLevel', 'state', 'updatedAt'],
});
