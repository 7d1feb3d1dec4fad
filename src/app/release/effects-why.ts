/**
 * What rests on what, and whether it still does. Pure: the same facts give the same answer, and a naive model in the tests gives it too.
 */

/** A record that is no longer as it was when somebody relied on it: null before when it was not there yet, after when it is no longer. */
export interface Cause {
  readonly ref: string;
  readonly from: number | null;
  readonly to: number | null;
}

/** Something that was said on a basis: a decision, a test run, what the gate let through, a conclusion. */
export interface Rest {
  /** The record that says it: the decision, the run, or the conclusion itself. */
  readonly by: string;
  /** What of its basis changed since; empty while all of it is as it was. */
  readonly causes: readonly Cause[];
  /** Its own end has come. */
  readonly ended: boolean;
}

/** What is said about one record, newest first, and what it rests on now or would rest on. */
export interface Resting {
  readonly ref: string;
  readonly rests: readonly Rest[];
  readonly on: readonly string[];
}

/** `stale`: relied on what has changed. `renewed`: did once, and was said again since. `current`: would become stale by a change. */
export type EffectStatus = 'stale' | 'renewed' | 'current';

export interface Verdict {
  readonly status: EffectStatus;
  /** Who said it: those that no longer hold, or those that do. */
  readonly by: readonly string[];
  readonly because: readonly Cause[];
}

/**
 * What changes of the `touched` records did to it, or would do; undefined when they do not concern it. Without `touched` every change counts,
 * and only what is stale for any reason or rests on something is told.
 */
export function verdictOn(r: Resting, touched?: ReadonlySet<string>): Verdict | undefined {
  const among = (c: Cause) => touched === undefined || touched.has(c.ref);
  const hit = r.rests.filter((x) => x.causes.some(among));
  const standing = r.rests.filter((x) => x.causes.length === 0 && !x.ended);
  const newest = r.rests[0];
  if (standing.length === 0 && newest?.causes.some(among)) {
    // Several people's words on the same content went stale together; what was said on older content did so before.
    const together = hit.filter((x) => sameCauses(x, newest));
    return { status: 'stale', by: together.map((x) => x.by), because: newest.causes.filter(among) };
  }
  const again = hit[0];
  if (again && standing.length > 0)
    return {
      status: 'renewed',
      by: standing.map((x) => x.by),
      because: again.causes.filter(among),
    };
  if (standing.length > 0 && r.on.some((ref) => touched === undefined || touched.has(ref)))
    return { status: 'current', by: standing.map((x) => x.by), because: [] };
  return undefined;
}

const sameCauses = (a: Rest, b: Rest): boolean => keyOf(a) === keyOf(b);
const keyOf = (r: Rest): string =>
  r.causes
    .map((c) => c.ref)
    .sort()
    .join();

/** One record of a basis: which version, with which material contents. */
export interface Basis {
  readonly ref: string;
  readonly version: number;
  readonly digest: string;
}

/** What differs between the basis that was and the one that is, in the order of the references. */
export function causesBetween(then: readonly Basis[], now: readonly Basis[]): Cause[] {
  const refs = [...new Set([...then, ...now].map((b) => b.ref))].sort();
  return refs.flatMap((ref): Cause[] => {
    const was = then.find((b) => b.ref === ref);
    const is = now.find((b) => b.ref === ref);
    return was?.digest === is?.digest ? [] : [{ ref, from: was?.version ?? null, to: is?.version ?? null }];
  });
}
