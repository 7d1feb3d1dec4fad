import type { FieldOf, LinkOf, StateOf, StepOf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import type { Facts } from './facts.ts';

/** A way from a record to others: by a link of its own, or back by one of theirs. */
export interface Hop {
  /** By what the records it leads to are asked for; see `out` and `back`. */
  readonly key: string;
  /** Name of the link; absent on a way back by whichever link leads there. */
  readonly link?: string;
  /** Register of the records that link here; absent on a way out. */
  readonly from?: string;
  /** Narrowed: to records in these states, with one of these values in a field, and of those to the newest by number. */
  readonly states?: readonly string[];
  readonly where?: { readonly field: string; readonly is: readonly string[] };
  readonly newest?: number;
  /** Where to go from there. */
  readonly then: readonly Hop[];
}

/** What narrows a way, and by which name it is then asked for: nobody takes a part for the whole. */
interface Narrow<R extends Register> {
  readonly as: string;
  readonly states?: readonly StateOf<R>[];
  readonly where?: { readonly field: FieldOf<R>; readonly is: readonly string[] };
  readonly newest?: number;
}

/** The records that a record of this register names by a link; asked for with `facts.linked`. */
export const out = <R extends Register>(_: R, link: LinkOf<R>, then: readonly Hop[] = []): Hop => ({
  key: link,
  link,
  then,
});

/** The records of a register that link here, by one link of theirs or by any; asked for with `facts.back`. */
export const back = <R extends Register>(from: R, by?: LinkOf<R>, then: readonly Hop[] = []): Hop => ({
  key: backKey(from, by),
  from: from.name,
  ...(by ? { link: by } : {}),
  then,
});

/** Some of them; asked for with `facts.some` by the name that is given here. */
export const some = <R extends Register>(
  from: R,
  by: LinkOf<R> | undefined,
  { as, ...narrow }: Narrow<R>,
  then: readonly Hop[] = [],
): Hop => ({ ...back(from, by, then), ...narrow, key: as });

export const backKey = (from: Register, by?: string): string => `<${from.name}${by ? `.${by}` : ''}`;

/** What is computed of a release and its system beside what records say; see `Uses`. */
export type UseName = 'ownUse' | 'inUse' | 'emergencyUse' | 'plansBefore' | 'vendorRun';

/** When a step was taken last, and what the record said then. */
export interface TakenAsked {
  readonly register: string;
  readonly step: string;
}

/** Since when a field says what it says. */
export interface SinceAsked {
  readonly register: string;
  readonly field: string;
}

/**
 * What a rule looks at, as it declares it: the ways from its subject, and what is known of the records on them besides. The reader fills exactly that; to
 * ask for anything else is a fault of the program, and throws.
 */
export interface Reads {
  /** Register of the subjects. */
  readonly subject: string;
  readonly hops: readonly Hop[];
  /** Of records of these registers: the decisions, and what these are bound to now. */
  readonly weighed: readonly string[];
  /** The same of those in states that only a decision leads to, for what these states stand on. */
  readonly rested: readonly string[];
  /** Of records of these registers: who worked on them. */
  readonly worked: readonly string[];
  readonly taken: readonly TakenAsked[];
  readonly since: readonly SinceAsked[];
  readonly uses: readonly UseName[];
  /** What records said at moments that only the facts tell; asked of facts without people and versions. */
  readonly versions?: (facts: Facts) => readonly VersionAsked[];
}

/** What a record said at a moment (RFC 3339). */
export interface VersionAsked {
  readonly ref: string;
  readonly at: string;
}

/** What is declared of a subject: the ways, and what else of the records on them. */
export interface Looks
  extends Pick<Reads, 'hops'>,
    Partial<Pick<Reads, 'taken' | 'since' | 'uses' | 'versions'>> {
  readonly weighed?: readonly Register[];
  readonly rested?: readonly Register[];
  readonly worked?: readonly Register[];
}

/** Declares reads. */
export const reads = (subject: Register, o: Looks): Reads => ({
  subject: subject.name,
  taken: [],
  since: [],
  uses: [],
  ...o,
  weighed: (o.weighed ?? []).map((r) => r.name),
  rested: (o.rested ?? []).map((r) => r.name),
  worked: (o.worked ?? []).map((r) => r.name),
});

export const taken = <R extends Register>(register: R, step: StepOf<R>): TakenAsked => ({
  register: register.name,
  step,
});

export const since = <R extends Register>(register: R, field: FieldOf<R>): SinceAsked => ({
  register: register.name,
  field,
});
