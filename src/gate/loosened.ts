import { canonicalJson } from '../base/canonical.ts';
import type { FieldOf, Said } from '../register/rec.ts';
import { type aiSystem, RISK_CLASSES } from '../registers/aiSystem.ts';
import { type criteria, INTERVALS, MODES, RETAINED } from '../registers/criteria.ts';
import { CLEAN_SERIES, levelFor, ruleOf } from '../risk/measuring.ts';
import { type GatePolicy, policyFrom, loosened as policyLoosened } from './policy.ts';
import { plural } from './reading.ts';

/** Criteria, as far as their strictness goes: what a record of them says. */
export type CriteriaValues = Said<typeof criteria>;
/** What an AI system says of itself, as far as that decides what is asked of it. */
export type SystemSays = Said<typeof aiSystem>;

/** Something that later criteria ask less of than earlier ones, in a sentence without a full stop. */
export interface Loosening {
  /** Field of the criteria. */
  readonly field: string;
  readonly text: string;
}

type Compare = (before: CriteriaValues, after: CriteriaValues) => string[];

/**
 * What each field has to do with strictness; the compiler asks for each. A field that a record has and the declaration does not know counts as looser
 * whenever it changes: nobody has said what a change of it means.
 */
const FIELDS: Readonly<Record<FieldOf<typeof criteria>, Compare>> = {
  title: () => [],
  owner: () => [],
  method: () => [],
  mode: (a, b) =>
    rankOf(b.mode) < rankOf(a.mode)
      ? [`the organisation counts as ${modeOf(b)}; before, as ${modeOf(a)}`]
      : [],
  likelihoodScale: (a, b) => otherScale('likelihood', a.likelihoodScale, b.likelihoodScale),
  impactScale: (a, b) => otherScale('impact', a.impactScale, b.impactScale),
  appetite: (a, b) => {
    // Without an appetite the gate lets nothing through.
    const [was, is] = [numberIn(a.appetite) ?? 0, numberIn(b.appetite) ?? 0];
    return is > was ? [`risks up to level ${is} may stay as they are; before, up to ${was}`] : [];
  },
  acceptAtLevel: (a, b) => {
    const [was, is] = [a, b].map((c) => numberIn(c.acceptAtLevel) ?? Number.POSITIVE_INFINITY);
    return is! > was!
      ? [
          Number.isFinite(is)
            ? `only from level ${is} top management must accept; before, from ${was}`
            : `top management is not needed to accept any level; before, from ${was}`,
        ]
      : [];
  },
  measuredLikelihood: (a, b) => lowerByTests(a.measuredLikelihood, b.measuredLikelihood),
  cleanSeries: (a, b) =>
    cleanOf(a) === 'countsByItsBound' && cleanOf(b) !== 'countsByItsBound'
      ? ['tests without a failure raise no likelihood; before, their bound counted']
      : [],
  gatePolicy: (a, b) => RISK_CLASSES.flatMap((c) => loosenedRow(c, policyIn(a, c), policyIn(b, c))),
  intervals: (a, b) =>
    INTERVALS.flatMap((what) => {
      const [was, is] = [longest(a.intervals, what), longest(b.intervals, what)];
      return is > was ? [`${words(what)} ${within(is)}; before, ${within(was)}`] : [];
    }),
  retention: (a, b) =>
    RETAINED.flatMap((what) => {
      const [was, is] = [shortest(a.retention, what), shortest(b.retention, what)];
      return is < was ? [`${words(what)} are kept for ${plural(is, 'month')}; before, for ${was}`] : [];
    }),
};

/** Fields whose part in strictness is known. */
export const comparedFields: readonly string[] = Object.keys(FIELDS);
const COMPARE = new Map(Object.entries(FIELDS));

/**
 * Everything in which `after` asks for less than `before`; being stricter elsewhere does not make up for it. Empty when it only tightens, or
 * says the same.
 */
export function loosened(before: CriteriaValues, after: CriteriaValues): Loosening[] {
  const names = [...new Set([...comparedFields, ...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((field) =>
    (COMPARE.get(field) ?? changedAtAll(field))(before, after).map((text) => ({ field, text })),
  );
}

const changedAtAll =
  (field: string): Compare =>
  (a, b) =>
    same(valueIn(a, field), valueIn(b, field))
      ? []
      : [`${field} is another one, and nobody has said whether that is stricter`];

const valueIn = (of: CriteriaValues, field: string): unknown => new Map(Object.entries(of)).get(field);

const same = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);

const numberIn = (v: unknown): number | undefined =>
  typeof v === 'number' && Number.isFinite(v) ? v : undefined;

/** Where nothing is said, one person decides, as in a small organisation. */
const modeOf = (c: CriteriaValues) => MODES.find((m) => m === c.mode) ?? 'small';
const rankOf = (mode: CriteriaValues['mode']): number => MODES.indexOf(modeOf({ mode }));

/** What a level is called decides how risks are rated; whether another name is a looser one no machine can tell. */
const otherScale = (name: string, a: unknown, b: unknown): string[] =>
  same(a, b) ? [] : [`the ${name} scale reads otherwise, so that risks may be rated lower`];

/** Where nothing is said, tests without a failure keep what is claimed. */
const cleanOf = (c: CriteriaValues): string =>
  CLEAN_SERIES.find((x) => x === c.cleanSeries) ?? CLEAN_SERIES[0];

/** The first bound at which tests now stand for less; both rules are level between the ends of their lines. */
function lowerByTests(before: unknown, after: unknown): string[] {
  const [was, is] = [ruleOf(before), ruleOf(after)];
  const ends = [...was, ...is].map((l) => l.upTo).sort((x, y) => x - y);
  for (const bound of [...ends, Number.POSITIVE_INFINITY]) {
    const [old, now] = [levelFor(was, bound) ?? 0, levelFor(is, bound) ?? 0];
    if (now >= old) continue;
    const share = Number.isFinite(bound) ? `up to ${bound} %` : 'above every line';
    return [
      `a failed share ${share} ${now === 0 ? 'moves no rating' : `means likelihood ${now}`}; before, likelihood ${old}`,
    ];
  }
  return [];
}

const policyIn = (c: CriteriaValues, riskClass: (typeof RISK_CLASSES)[number]): GatePolicy | undefined =>
  policyFrom({ values: c }, riskClass);

function loosenedRow(
  riskClass: string,
  before: GatePolicy | undefined,
  after: GatePolicy | undefined,
): string[] {
  // Without exactly one row nothing of the class is let through.
  if (!after) return [];
  if (!before)
    return [`class ${riskClass} has a row of gate policy; before, none, and nothing was let through`];
  return policyLoosened(before, after).map(
    (k) => `class ${riskClass}: ${words(k)} ${told(after[k])}; before, ${told(before[k])}`,
  );
}

/** Months between two times of the same thing, the longest that is said; none, or 0, is no limit. */
function longest(rows: unknown, what: string): number {
  const all = monthsOf(rows, what);
  return all.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...all.map((m) => (m <= 0 ? Infinity : m)));
}

/** Months that something is kept, the shortest that is said; none is not kept at all. */
function shortest(rows: unknown, what: string): number {
  const all = monthsOf(rows, what);
  return all.length === 0 ? 0 : Math.max(0, Math.min(...all));
}

const monthsOf = (rows: unknown, what: string): number[] =>
  (Array.isArray(rows) ? rows : []).filter((r) => r.what === what).flatMap((r) => numberIn(r.months) ?? []);

const within = (months: number): string =>
  Number.isFinite(months) ? `within ${plural(months, 'month')}` : 'at any interval';
const told = (v: unknown): string => (typeof v === 'boolean' ? (v ? 'yes' : 'no') : String(v));

/** `riskAssessment` -> `risk assessment`. */
const words = (name: string): string => name.replace(/([A-Z])/g, (c) => ` ${c.toLowerCase()}`);

/** The class as a rank: without one a system is treated as high. */
const classRank = (v: unknown): number => {
  const known = RISK_CLASSES.find((c) => c === v);
  return known ? RISK_CLASSES.indexOf(known) : RISK_CLASSES.length - 1;
};

/** What a system with these values is asked less for than before: a lower class, or standing out of scope. */
export function loosenedSystem(before: SystemSays, after: SystemSays): Loosening[] {
  return [
    ...(classRank(after.riskClass) < classRank(before.riskClass)
      ? [
          {
            field: 'riskClass',
            text: `the risk class is ${told(after.riskClass)}; before, ${before.riskClass === undefined ? 'none, which counts as high' : told(before.riskClass)}`,
          },
        ]
      : []),
    ...(after.inScope === 'out' && before.inScope !== 'out'
      ? [{ field: 'inScope', text: 'the management system no longer covers it' }]
      : []),
  ];
}
