import type { ValuesOf } from '../register/rec.ts';
import type { criteria, MODES, RETAINED } from './criteria.ts';
import { gatePolicyPreset } from './gate-policy-preset.ts';
import type { INTERVALS } from './intervals.ts';

export type Mode = (typeof MODES)[number];

/** One row of gate policy, as a criteria record holds it. */
type PolicyRow = NonNullable<ValuesOf<(typeof criteria)['fields']>['gatePolicy']>[number];

/** Criteria to begin with: what an organisation of this size is asked for, and what it is not. */
export interface CriteriaPreset {
  readonly name: Mode;
  readonly title: string;
  /** From so many people on, up to where the next one begins. */
  readonly from: number;
  readonly summary: string;
  readonly notAsked: readonly string[];
  /** Fields of the criteria record. */
  readonly values: {
    readonly mode: Mode;
    readonly appetite: number;
    readonly acceptAtLevel?: number;
    readonly gatePolicy: readonly PolicyRow[];
    readonly intervals: readonly { what: (typeof INTERVALS)[number]; months: number }[];
    readonly retention: readonly { what: (typeof RETAINED)[number]; months: number }[];
  };
}

const [minimal, limited, high] = gatePolicyPreset;

const retention = (records: number): CriteriaPreset['values']['retention'] => [
  { what: 'records', months: records },
  { what: 'evidence', months: 36 },
  // Six months are the least that laws on high-risk AI ask of whoever uses it.
  { what: 'eventLogs', months: 12 },
];

const intervals = (months: {
  risk: number;
  policy: number;
  supplier: number;
}): CriteriaPreset['values']['intervals'] => [
  { what: 'riskAssessment', months: months.risk },
  { what: 'impactAssessment', months: months.risk },
  { what: 'internalAudit', months: 12 },
  { what: 'managementReview', months: 12 },
  { what: 'policyReview', months: months.policy },
  { what: 'supplierAssessment', months: months.supplier },
  { what: 'awareness', months: 12 },
];

export const criteriaPresets: readonly CriteriaPreset[] = [
  {
    name: 'alone',
    title: 'One person',
    from: 1,
    summary:
      'You decide alone, 24 hours after the last change, and every record says so: "decided alone", never "approved". Systems of class high need an approver from outside.',
    notAsked: [
      'a second person for systems of class minimal and limited',
      'two people for criteria and impact assessments',
      'a CI pipeline as the source of evidence, except for class high',
    ],
    values: {
      mode: 'alone',
      appetite: 8,
      gatePolicy: [
        minimal,
        { ...limited, approvals: 1, ownerMustApprove: false },
        // The only person is the author; the approver comes from outside.
        { ...high, approvals: 1, ownerMustApprove: false, oversightMustApprove: false },
      ],
      intervals: intervals({ risk: 12, policy: 24, supplier: 24 }),
      retention: retention(36),
    },
  },
  {
    name: 'small',
    title: 'A small organisation',
    from: 2,
    summary:
      'One person may hold several roles. The author is never the approver, and two different people approve what is of class high.',
    notAsked: [
      'owner, approver and oversight as three different people',
      'two people for criteria and impact assessments',
      'yearly supplier assessments',
    ],
    values: {
      mode: 'small',
      appetite: 8,
      gatePolicy: [
        minimal,
        { ...limited, approvals: 1, ownerMustApprove: false },
        { ...high, approvals: 2, ownerMustApprove: false, oversightMustApprove: false },
      ],
      intervals: intervals({ risk: 12, policy: 24, supplier: 24 }),
      retention: retention(36),
    },
  },
  {
    name: 'larger',
    title: 'A larger organisation',
    from: 25,
    summary:
      'Owner, approver and oversight of a system of class high are three different people. Criteria and impact assessments of class high are decided by two.',
    notAsked: [],
    values: {
      mode: 'larger',
      appetite: 6,
      acceptAtLevel: 15,
      gatePolicy: gatePolicyPreset,
      intervals: intervals({ risk: 12, policy: 12, supplier: 12 }),
      retention: retention(72),
    },
  },
];

/** The preset for an organisation of so many people. */
export const presetForSize = (people: number): CriteriaPreset =>
  [...criteriaPresets].reverse().find((p) => people >= p.from) ?? criteriaPresets[0]!;
