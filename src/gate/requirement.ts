import type { Rec } from '../register/rec.ts';
import type { EmergencyUse, Of } from './neighbourhood.ts';
import type { RiskClass } from './policy.ts';

/** What is known of one AI system and of everything that hangs on it. */
export interface SystemFacts {
  /** RFC 3339. */
  readonly now: string;
  readonly system: Of<'aiSystem'>;
  /** Criteria in force; undefined when there are none. */
  readonly criteria?: Of<'criteria'>;
  /** Hazards, risks, risk and impact assessments, plans, drills and monitors of the system. */
  readonly about: readonly (Rec & { readonly standing?: string })[];
  /** Releases of the system in use by an emergency decision alone, with its end. */
  readonly emergencyUse?: readonly EmergencyUse[];
  /** Names of those who stand in the system, by their numbers. */
  readonly people: Readonly<Record<string, string>>;
  /** The organisation is one person now, guests left out. */
  readonly onePerson: boolean;
  /** Names of the registers that the facts are kept in. */
  readonly registers: Readonly<
    Record<
      | 'system'
      | 'hazard'
      | 'risk'
      | 'riskAssessment'
      | 'impactAssessment'
      | 'verificationPlan'
      | 'rollbackPlan'
      | 'drill'
      | 'monitor',
      string
    >
  >;
}

export interface Requirement {
  readonly id: string;
  readonly title: string;
  /** What the criteria ask of this class, in a sentence. */
  readonly asks: string;
  readonly status: 'done' | 'missing' | 'notAsked';
  /** What is there, or what is not. */
  readonly text: string;
  readonly records: readonly string[];
  /** Where the next step is taken: on a record, or by making one. */
  readonly next?: { readonly text: string; readonly ref?: string; readonly create?: string };
}

export interface Requirements {
  readonly system: string;
  readonly title: string;
  /** Null while it has none; then it is treated as high. */
  readonly riskClass: RiskClass | null;
  readonly criteria: string | null;
  readonly mode: string | null;
  readonly items: readonly Requirement[];
}
