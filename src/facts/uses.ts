import type { Rec } from '../register/rec.ts';
import type { Registers } from '../registers/index.ts';

/** That a release is in use: where, and by which word of the gate. */
export interface OwnUse {
  readonly system: string;
  /** The newest decision that let it through, and by which way it did. */
  readonly allowance: string;
  readonly basis: string;
}

/** The newest release of the system, other than the one that is looked at, that the gate let through and nobody took back. */
export interface InUse {
  readonly release: Rec<Registers['release']>;
  readonly components: readonly Rec<Registers['component']>[];
  /** The gate decision, and the digest that it let through. */
  readonly allowance: Rec<Registers['gateDecision']>;
  /** Present digest of that release. */
  readonly digest: string;
}

/** A release that is in use by an emergency decision alone, and until when that holds (RFC 3339). */
export interface EmergencyUse {
  readonly release: string;
  readonly title: string;
  readonly until: string;
}

/**
 * The plan by which a release was let through, as it was fixed then: of the system's release before, of this one when it was let through before, or of
 * another system's release in use that consists of the same.
 */
export interface PlanBefore {
  readonly release: string;
  readonly system: string;
  readonly plan: string;
  /** Null when that was erased. */
  readonly says: Readonly<Record<string, unknown>> | null;
  /** RFC 3339. */
  readonly fixedAt: string;
}

/** What allowances of the gate, in their order, make of a release and its system; of a system alone what needs no release. */
export interface Uses {
  /** Where the release that is looked at is itself in use. */
  readonly ownUse: OwnUse | undefined;
  readonly inUse: InUse | undefined;
  readonly emergencyUse: readonly EmergencyUse[];
  readonly plansBefore: readonly PlanBefore[];
  /** A vendor runs the system: every release of it that was not withdrawn asks for leave to use it. */
  readonly vendorRun: boolean;
}
