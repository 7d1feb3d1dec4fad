import { createHash } from 'node:crypto';
import { type Covered, type CoverRule, coversOf, presentRule, ruleOf } from '../register/covering.ts';
import type { Said as Values } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import { type Contents, materialDigest } from '../register/values.ts';
import type { Registers } from '../registers/index.ts';

/** What something said about a record is bound to: its own material contents, and those of records beside it. */
export interface Bound {
  /** Over all of it. */
  digest: string;
  own: string;
  /** Null when nothing is covered by its register. */
  cover: string | null;
  covered: Covered[];
}

/** What decisions on a record are bound to now. */
export interface Binding extends Bound {
  /** The version of its register's rule about what decisions cover. */
  rule: number;
  /** The record with what it consists of: test runs and gate decisions are about that. */
  content: Bound;
  /** What a decision taken under another version of the rule is about. */
  under(rule: number): Bound;
}

/** What a decision says, as its record keeps it. */
export interface Said {
  readonly ref: string;
  readonly number: number;
  readonly createdAt: string;
  readonly values: Values<Registers['decision']>;
}

/** What this decision would be bound to, were it taken now: by what its register covered when it was taken. */
export const boundBy = (b: Binding, d: Pick<Said, 'values'>): Bound => b.under(ruleOf(d));

/** Is the decision about the record, and what it covers, as they are now? */
export const isAbout = (b: Binding, d: Pick<Said, 'values'>): boolean =>
  d.values.subjectDigest === boundBy(b, d).digest;

/** Digest over covered records, as the database computes it too. */
export const coverDigest = (covered: readonly Pick<Covered, 'ref' | 'digest'>[]): string =>
  `sha256:${createHash('sha256')
    .update(
      [...covered]
        .sort((a, b) => (a.ref < b.ref ? -1 : 1))
        .map((c) => `${c.ref} ${c.digest}`)
        .join('\n'),
    )
    .digest('hex')}`;

/** What decisions on a record with these contents are bound to, the covered records, under whatever rule, being as given. */
export function bindingOf(
  register: Register,
  ref: string,
  contents: Contents,
  all: readonly Covered[],
): Binding {
  // Most records are shown without a decision to compare with: digests are reckoned when they are asked for, once.
  let own: string | undefined;
  const known = new Map<CoverRule, Bound>();
  const bound = (rule: CoverRule): Bound => {
    const there = known.get(rule) ?? boundUnder(rule);
    known.set(rule, there);
    return there;
  };
  const boundUnder = (rule: CoverRule): Bound => {
    own ??= materialDigest(register, ref, contents);
    const covers = coversOf(register, rule);
    const covered = all.filter((c) => covers.includes(register.covers[c.by]!));
    const digests = Object.fromEntries(covered.map((c) => [c.ref, c.digest]));
    return {
      digest: covered.length > 0 ? materialDigest(register, ref, contents, digests) : own,
      own,
      cover: covers.length > 0 ? coverDigest(covered) : null,
      covered,
    };
  };
  const rule = presentRule(register);
  const plain = register.covers.every((c) => !c.beside);
  return {
    rule,
    under: bound,
    get content() {
      return bound(plain ? rule : 'content');
    },
    get digest() {
      return bound(rule).digest;
    },
    get own() {
      return bound(rule).own;
    },
    get cover() {
      return bound(rule).cover;
    },
    get covered() {
      return bound(rule).covered;
    },
  };
}

/** Something that a decision rests on and that is no longer as it was: which version then, which now. */
export interface Changed {
  ref: string;
  from: number | null;
  to: number | null;
}

/** What of a decision's subject is no longer as it was: the record itself, and records that it covers. */
export function changedSince(d: Pick<Said, 'values'>, present: Bound): Changed[] {
  const then = coveredThen(d);
  const own = d.values.ownDigest ?? d.values.subjectDigest;
  const out: Changed[] = [];
  if (own !== present.own)
    out.push({ ref: String(d.values.subject), from: Number(d.values.subjectVersion), to: null });
  for (const c of present.covered) {
    const was = then.find((x) => x.ref === c.ref);
    if (was?.digest !== c.digest) out.push({ ref: c.ref, from: was?.version ?? null, to: c.version });
  }
  for (const was of then)
    if (!present.covered.some((c) => c.ref === was.ref))
      out.push({ ref: was.ref, from: was.version, to: null });
  return out;
}

/** The records that a decision says it covered. */
const coveredThen = (d: Pick<Said, 'values'>): { ref: string; version: number; digest: unknown }[] =>
  (Array.isArray(d.values.covered) ? d.values.covered : []).map((c) => ({
    ref: String(c.ref),
    version: Number(c.version),
    digest: c.digest,
  }));
