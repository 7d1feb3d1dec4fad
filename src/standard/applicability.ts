/**
 * What each Annex A control asks for and whom it concerns, in our own words: the ground that draft reasons of a statement
 * of applicability stand on.
 */
import data from './applicability.json' with { type: 'json' };

/** A group of controls with one objective. */
export interface Objective {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
}

export interface ApplicableControl {
  /** `A.6.2.4` */
  readonly id: string;
  /** The objective it serves, `A.6.2`. */
  readonly objective: string;
  /** Whom it typically concerns: those who provide or build AI, those who use it, or both. */
  readonly concerns: 'provider' | 'deployer' | 'both';
  readonly summary: string;
  readonly note: string;
}

export const objectives: readonly Objective[] = data.objectives;

/** All 38, in the order of the standard. */
export const applicableControls: readonly ApplicableControl[] = data.controls as ApplicableControl[];

/** Controls that weigh more for a role, by ISO's role. */
export const weightier: Readonly<Record<string, readonly string[]>> = data.weightier;
