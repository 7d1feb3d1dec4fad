import type { PersonFacts } from '../facts/gathered.ts';
import type { EmergencyUse, InUse, OwnUse, PlanBefore } from '../facts/uses.ts';
import type { Rec } from '../register/rec.ts';
import type { RegisterName, Registers } from '../registers/index.ts';

/**
 * What the gate looks at: one release and everything around it, read by the caller in one transaction. The gate
 * itself reads nothing, so the same neighbourhood always gives the same answer.
 */

/** A record of the register of that name. */
export type Of<N extends RegisterName> = Rec<Registers[N]>;

/** A verification plan with the moment and content of its fixing. */
export interface PlanRec extends Of<'verificationPlan'> {
  /** Time of the version that fixed the plan (RFC 3339); absent while it is not fixed. */
  readonly fixedAt?: string;
  /** Material digest of the version that fixed it; when it differs from the present one, the plan was changed since. */
  readonly planDigest?: string;
  /** Groups of that version that were erased since: what it said is then no longer known. */
  readonly erased?: readonly string[];
}

/** What is known of an AI system, whichever of its releases is judged, or none. */
export interface AroundSystem {
  /** The moment of the evaluation, RFC 3339 in UTC. */
  readonly now: string;
  readonly system: Of<'aiSystem'>;
  /** The approved criteria in force; undefined when there are none. */
  readonly criteria?: Of<'criteria'>;
  /** Hazards linked to the system, in any state. */
  readonly hazards: readonly Of<'hazard'>[];
  /** Risks of the system that are not closed. */
  readonly risks: readonly Of<'risk'>[];
  /** Risk assessments of the system, in any state. */
  readonly assessments: readonly Of<'riskAssessment'>[];
  /** Drills of the rollback plans that are looked at, in any state. */
  readonly drills: readonly Of<'drill'>[];
  /** Impact assessments, monitors and published or other documents of the system, in any state. */
  readonly impactAssessments: readonly Of<'impactAssessment'>[];
  readonly monitors: readonly Of<'monitor'>[];
  readonly documents: readonly Of<'document'>[];
  /** Emergency tickets of the system that were approved and not reviewed yet, the release's own included. */
  readonly emergencies: readonly Of<'change'>[];
  /** Releases of the system that are in use by an emergency decision alone, with the end of that decision (RFC 3339). */
  readonly emergencyUse?: readonly EmergencyUse[];
  /** The plans by which releases before were let through; see `PlanBefore`. */
  readonly plansBefore?: readonly PlanBefore[];
  /** Tickets under which a plan that they name may be easier to pass than those, in any state. */
  readonly planTickets?: readonly Of<'change'>[];
  /** All decisions about the records of the registers that the gate weighs, newest first. */
  readonly decisions: readonly Of<'decision'>[];
  /** Per record: who worked on it (`PSN-` or `KEY-` references), with the first version that was their work. */
  readonly authors: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Everybody named in decisions, authors and the system, by reference. */
  readonly people: Readonly<Record<string, PersonFacts>>;
  /** Present material digest of each of these records, covered records included. */
  readonly digests: Readonly<Record<string, string>>;
  /** Of records whose register covered something else once: the digest by the version of the rule that a decision was taken under. */
  readonly digestsUnder?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** Records that nothing said about them can be compared with: contents of them, or of what is covered with them, were erased since the earlier state that is asked of. */
  readonly incomparable?: readonly string[];
  /** The organisation is one person now, guests left out. Only then, and only where the criteria say so, does deciding alone count. */
  readonly onePerson?: boolean;
}

/** What a check of a system may look at: the release too, where one is judged. */
export type WithOrWithoutRelease = AroundSystem & Partial<Pick<GateInput, 'release' | 'releaseDigest'>>;

/** A system without a release: everything that its next one can rest on. */
export interface SystemInput extends AroundSystem {
  /** Components, verification plans and rollback plans recorded for the system, in any state. */
  readonly components: readonly Of<'component'>[];
  readonly plans: readonly PlanRec[];
  readonly rollbackPlans: readonly Of<'rollbackPlan'>[];
  /** A vendor runs it: every release of it that was not withdrawn asks for leave to use it. */
  readonly vendorRun?: boolean;
}

export interface GateInput extends AroundSystem {
  readonly release: Of<'release'>;
  /** Material digest of the release, the digests of its components included. */
  readonly releaseDigest: string;
  /** The records that the release's link `components` names. */
  readonly components: readonly Of<'component'>[];
  readonly plan?: PlanRec;
  /** Every test run linked to the release, those on earlier content included. None may be left out. */
  readonly runs: readonly Of<'testRun'>[];
  /** Result files of those runs, and any other evidence linked to the release. */
  readonly evidence: readonly Of<'evidence'>[];
  /** Hazards that the risks name, in any state, whether or not they are linked to the system. */
  readonly riskHazards: readonly Of<'hazard'>[];
  readonly rollbackPlan?: Of<'rollbackPlan'>;
  readonly change?: Of<'change'>;
  /** Suppliers that the release names: of a use clearance. */
  readonly suppliers: readonly Of<'supplier'>[];
  /** The incident that an emergency ticket names. */
  readonly incident?: Of<'incident'>;
  /** Where the release that is judged is itself in use. */
  readonly ownUse?: OwnUse;
  /** The release that is in use, or was let through last. */
  readonly inUse?: InUse;
  /** What the AI system said when the release's envelope was approved. */
  readonly systemThen?: Partial<Of<'aiSystem'>['values']>;
  /** Since when the AI system is recorded as served by its present model, RFC 3339. */
  readonly servedSince?: string;
  /** The organisation's log as published before this evaluation. */
  readonly log: { readonly size: number; readonly root: string };
}
