/**
 * What the gate looks at: one release and everything around it, read by the caller in one transaction. The gate
 * itself reads nothing, so the same neighbourhood always gives the same answer.
 */

/** A record as the store gives it. */
export interface Rec {
  readonly ref: string;
  readonly register: string;
  readonly version: number;
  readonly state: string;
  readonly title: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly derived: Readonly<Record<string, unknown>>;
  readonly links: Readonly<Record<string, readonly string[]>>;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/** A verification plan with the moment and content of its fixing. */
export interface PlanRec extends Rec {
  /** Time of the version that fixed the plan (RFC 3339); absent while it is not fixed. */
  readonly fixedAt?: string;
  /** Material digest of the version that fixed it; when it differs from the present one, the plan was changed since. */
  readonly planDigest?: string;
  /** Groups of that version that were erased since: what it said is then no longer known. */
  readonly erased?: readonly string[];
}

export interface PersonFacts {
  readonly name: string;
  /** From outside the organisation. */
  readonly guest?: boolean;
  readonly roles: readonly string[];
  readonly state: string;
}

/** A release that is in use by an emergency decision alone, and until when that holds (RFC 3339). */
export interface EmergencyUse {
  readonly release: string;
  readonly title: string;
  readonly until: string;
}

export interface GateInput {
  /** The moment of the evaluation, RFC 3339 in UTC. */
  readonly now: string;
  readonly release: Rec;
  /** Material digest of the release, the digests of its components included. */
  readonly releaseDigest: string;
  readonly system: Rec;
  /** The records that the release's link `components` names. */
  readonly components: readonly Rec[];
  /** The approved criteria in force; undefined when there are none. */
  readonly criteria?: Rec;
  readonly plan?: PlanRec;
  /** Every test run linked to the release, those on earlier content included. None may be left out. */
  readonly runs: readonly Rec[];
  /** Result files of those runs, and any other evidence linked to the release. */
  readonly evidence: readonly Rec[];
  /** Hazards linked to the system, in any state. */
  readonly hazards: readonly Rec[];
  /** Hazards that those risks name, in any state, whether or not they are linked to the system. */
  readonly riskHazards: readonly Rec[];
  /** Risks of the system that are not closed. */
  readonly risks: readonly Rec[];
  /** Risk assessments of the system, in any state. */
  readonly assessments: readonly Rec[];
  readonly rollbackPlan?: Rec;
  /** Drills of the rollback plan, in any state. */
  readonly drills: readonly Rec[];
  readonly change?: Rec;
  /** Impact assessments, monitors and published or other documents of the system, in any state. */
  readonly impactAssessments: readonly Rec[];
  readonly monitors: readonly Rec[];
  readonly documents: readonly Rec[];
  /** Suppliers that the release names: of a use clearance. */
  readonly suppliers: readonly Rec[];
  /** The incident that an emergency ticket names. */
  readonly incident?: Rec;
  /** The release that is in use, or was let through last. */
  readonly inUse?: InUse;
  /** Emergency tickets of the system that were approved and not reviewed yet, the release's own included. */
  readonly emergencies: readonly Rec[];
  /** Releases of the system that are in use by an emergency decision alone, with the end of that decision (RFC 3339). */
  readonly emergencyUse?: readonly EmergencyUse[];
  /** What the AI system said when the release's envelope was approved. */
  readonly systemThen?: Readonly<Record<string, unknown>>;
  /** Since when the AI system is recorded as served by its present model, RFC 3339. */
  readonly servedSince?: string;
  /** All decisions about the records named by `decisionSubjects`. */
  readonly decisions: readonly Rec[];
  /** Per record: who created or edited its present content (`PSN-` or `KEY-` references). */
  readonly authors: Readonly<Record<string, readonly string[]>>;
  /** Everybody named in decisions, authors and the system, by reference. */
  readonly people: Readonly<Record<string, PersonFacts>>;
  /** Present material digest of each record that `decisionSubjects` names, covered records included. */
  readonly digests: Readonly<Record<string, string>>;
  /** The organisation is one person now, guests left out. Only then, and only where the criteria say so, does deciding alone count. */
  readonly onePerson?: boolean;
  /** The organisation's log as published before this evaluation. */
  readonly log: { readonly size: number; readonly root: string };
}

/** The newest release of the system, other than the one that is judged, that the gate let through and nobody took back. */
export interface InUse {
  readonly release: Rec;
  readonly components: readonly Rec[];
  /** The gate decision, and the digest that it let through. */
  readonly allowance: Rec;
  /** Present digest of that release. */
  readonly digest: string;
}

type Subjects = Pick<
  GateInput,
  | 'release'
  | 'system'
  | 'plan'
  | 'rollbackPlan'
  | 'change'
  | 'risks'
  | 'assessments'
  | 'drills'
  | 'impactAssessments'
  | 'suppliers'
  | 'emergencies'
>;

/** References of the records whose decisions, digests and authors the gate needs. */
export function decisionSubjects(input: Subjects): string[] {
  const single = [input.release, input.system, input.plan, input.rollbackPlan, input.change];
  const all = [
    ...single,
    ...input.risks,
    ...input.assessments,
    ...input.drills,
    ...input.impactAssessments,
    ...input.suppliers,
    ...input.emergencies,
  ];
  return [...new Set(all.flatMap((r) => (r ? [r.ref] : [])))];
}
