import { evaluateGate } from '../gate/evaluate.ts';
import type { GateCheck, Verdict } from '../gate/result.ts';
import type { App } from './context.ts';
import { neighbourhoodOf } from './neighbourhood.ts';

/** What the gate would say now of a release that is in use. */
export interface UseVerdict {
  verdict: Verdict;
  /** Checks that did not pass. */
  open: readonly GateCheck[];
}

/** A release in use, where the organisation's log stands and what day it is: while both are the same, so is the verdict. */
export interface InUse {
  release: string;
  basis: string;
  position: string;
  day: string;
}

/** Most releases that are judged for one reading; the others are when the log has stood still since. */
export const MOST_JUDGED = 20;

interface Kept {
  stand: string;
  verdicts: Map<string, UseVerdict>;
}

/** Verdicts by organisation, of each process for itself: valid only where the log stands where it stood. */
const kept = new WeakMap<App['sequencer'], Map<number, Kept>>();

/**
 * What the gate would say now of releases in use: whatever came since the allowance, be it a failing run, a decision that ended or other criteria. Judged
 * when something was written since the last time, or another day began; else nothing is read.
 */
export async function verdictsInUse(
  app: App,
  organisation: number,
  inUse: readonly InUse[],
): Promise<ReadonlyMap<string, UseVerdict>> {
  const first = inUse[0];
  if (!first) return new Map();
  const byOrganisation = kept.get(app.sequencer) ?? new Map<number, Kept>();
  kept.set(app.sequencer, byOrganisation);
  const stand = `${first.position} ${first.day}`;
  let known = byOrganisation.get(organisation);
  if (known?.stand !== stand) {
    known = { stand, verdicts: new Map() };
    byOrganisation.set(organisation, known);
  }
  const { verdicts } = known;
  const missing = inUse.filter((u) => !verdicts.has(u.release)).slice(0, MOST_JUDGED);
  if (missing.length > 0)
    // Nobody's view: what the gate says is the same for all who may read the release.
    await app.db.as('').converse(
      organisation,
      async (query) => {
        for (const u of missing) verdicts.set(u.release, await judged(app, query, u));
      },
      { snapshot: true },
    );
  return verdicts;
}

async function judged(app: App, query: Parameters<typeof neighbourhoodOf>[1], u: InUse): Promise<UseVerdict> {
  const { input } = await neighbourhoodOf(app, query, u.release);
  const result = evaluateGate(input);
  const open = result.checks.filter(
    (c) =>
      (c.status === 'failed' || c.status === 'missing') &&
      // That an envelope has ended is about what comes next, not about what it let through.
      !(u.basis === 'envelope' && (c.id === 'people' || c.id === 'change')),
  );
  const verdict = open.some((c) => c.status === 'failed') ? 'refuse' : 'insufficient';
  return { verdict: open.length === 0 ? 'allow' : verdict, open };
}
