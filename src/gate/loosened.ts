import { canonicalJson } from '../base/canonical.ts';
import { type Sentence, worded } from '../base/sentence.ts';
import type { FieldOf, Said } from '../register/rec.ts';
import { type aiSystem, RISK_CLASSES } from '../registers/ai-system.ts';
import { type criteria, MODES, RETAINED } from '../registers/criteria.ts';
import { INTERVALS, monthsAllowed } from '../registers/intervals.ts';
import { CLEAN_SERIES, levelFor, ruleOf } from '../risk/measuring.ts';
import { type GatePolicy, policyFrom, loosened as policyLoosened } from './policy.ts';
import { say } from './words/loosened.ts';

/** Criteria, as far as their strictness goes: what a record of them says. */
export type CriteriaValues = Said<typeof criteria>;
/** What an AI system says of itself, as far as that decides what is asked of it. */
export type SystemSays = Said<typeof aiSystem>;

/** Something that is asked less of than before, in a sentence without a full stop. */
export interface Loosening extends Sentence {
  /** Field of the criteria. */
  readonly field: string;
}

type Compare = (before: CriteriaValues, after: CriteriaValues) => Sentence[];

/**
 * What each field has to do with strictness; the compiler asks for each. A field that a record has and the declaration does not know counts as looser
 * whenever it changes: nobody has said what a change of it means.
 */
const FIELDS: Readonly<Record<FieldOf<typeof criteria>, Compare>> = {
  title: () => [],
  owner: () => [],
  method: () => [],
  mode: (a, b) => (rankOf(b.mode) < rankOf(a.mode) ? [say('mode', { is: modeOf(b), was: modeOf(a) })] : []),
  likelihoodScale: (a, b) => otherScale('likelihoodScale', a.likelihoodScale, b.likelihoodScale),
  impactScale: (a, b) => otherScale('impactScale', a.impactScale, b.impactScale),
  appetite: (a, b) => {
    // Without an appetite the gate lets nothing through.
    const [was, is] = [numberIn(a.appetite) ?? 0, numberIn(b.appetite) ?? 0];
    return is > was ? [say('appetite', { is, was })] : [];
  },
  acceptAtLevel: (a, b) => {
    const from = (c: CriteriaValues) => numberIn(c.acceptAtLevel) ?? Number.POSITIVE_INFINITY;
    const [was, is] = [from(a), from(b)];
    return is > was
      ? [Number.isFinite(is) ? say('acceptAtLevel', { is, was }) : say('acceptAtNoLevel', { was })]
      : [];
  },
  measuredLikelihood: (a, b) => lowerByTests(a.measuredLikelihood, b.measuredLikelihood),
  cleanSeries: (a, b) =>
    cleanOf(a) === 'countsByItsBound' && cleanOf(b) !== 'countsByItsBound' ? [say('cleanSeries')] : [],
  gatePolicy: (a, b) => RISK_CLASSES.flatMap((c) => loosenedRow(c, policyIn(a, c), policyIn(b, c))),
  intervals: (a, b) =>
    INTERVALS.flatMap((what) => {
      const [was, is] = [monthsAllowed(a.intervals, what).months, monthsAllowed(b.intervals, what).months];
      return is > was ? [longerInterval(what, was, is)] : [];
    }),
  retention: (a, b) =>
    RETAINED.flatMap((what) => {
      const [was, is] = [shortest(a.retention, what), shortest(b.retention, what)];
      return is < was ? [say('kept', { what: word(what), is, was })] : [];
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
    (COMPARE.get(field) ?? changedAtAll(field))(before, after).map((said) => ({ field, ...said })),
  );
}

const changedAtAll =
  (field: string): Compare =>
  (a, b) =>
    same(valueIn(a, field), valueIn(b, field)) ? [] : [say('changed', { field })];

const valueIn = (of: CriteriaValues, field: string): unknown => new Map(Object.entries(of)).get(field);

const same = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);

const numberIn = (v: unknown): number | undefined =>
  typeof v === 'number' && Number.isFinite(v) ? v : undefined;

/** Where nothing is said, one person decides, as in a small organisation. */
const modeOf = (c: CriteriaValues) => MODES.find((m) => m === c.mode) ?? 'small';
const rankOf = (mode: CriteriaValues['mode']): number => MODES.indexOf(modeOf({ mode }));

/** What a level is called decides how risks are rated; whether another name is a looser one no machine can tell. */
const otherScale = (scale: 'likelihoodScale' | 'impactScale', a: unknown, b: unknown): Sentence[] =>
  same(a, b) ? [] : [say(scale)];

/** Where nothing is said, tests without a failure keep what is claimed. */
const cleanOf = (c: CriteriaValues): string =>
  CLEAN_SERIES.find((x) => x === c.cleanSeries) ?? CLEAN_SERIES[0];

/** The first bound at which tests now stand for less; both rules are level between the ends of their lines. */
function lowerByTests(before: unknown, after: unknown): Sentence[] {
  const [earlier, later] = [ruleOf(before), ruleOf(after)];
  const ends = [...earlier, ...later].map((l) => l.upTo).sort((x, y) => x - y);
  for (const bound of [...ends, Number.POSITIVE_INFINITY]) {
    const [was, is] = [levelFor(earlier, bound) ?? 0, levelFor(later, bound) ?? 0];
    if (is >= was) continue;
    if (Number.isFinite(bound))
      return [is === 0 ? say('notMoved', { bound, was }) : say('lowerByTests', { bound, is, was })];
    return [is === 0 ? say('notMovedAboveAll', { was }) : say('lowerAboveAll', { is, was })];
  }
  return [];
}

const policyIn = (c: CriteriaValues, riskClass: (typeof RISK_CLASSES)[number]): GatePolicy | undefined =>
  policyFrom({ values: c }, riskClass);

function loosenedRow(
  riskClass: string,
  before: GatePolicy | undefined,
  after: GatePolicy | undefined,
): Sentence[] {
  // Without exactly one row nothing of the class is let through.
  if (!after) return [];
  if (!before) return [say('rowThere', { riskClass })];
  return policyLoosened(before, after).map((k) =>
    say('row', { riskClass, what: word(k), is: told(after[k]), was: told(before[k]) }),
  );
}

/** Months that something is kept, the shortest that is said; none is not kept at all. */
function shortest(rows: unknown, what: string): number {
  const all = monthsOf(rows, what);
  return all.length === 0 ? 0 : Math.max(0, Math.min(...all));
}

const monthsOf = (rows: unknown, what: string): number[] =>
  (Array.isArray(rows) ? rows : []).filter((r) => r.what === what).flatMap((r) => numberIn(r.months) ?? []);

function longerInterval(name: string, was: number, is: number): Sentence {
  const before = say('within', { months: was });
  const what = word(name);
  return Number.isFinite(is) ? say('interval', { what, is, before }) : say('anyInterval', { what, before });
}

const told = (v: unknown): string | Sentence => (typeof v === 'boolean' ? say(v ? 'yes' : 'no') : String(v));

/** `riskAssessment` -> `risk assessment`. */
const word = (name: string): Sentence =>
  worded(
    `criteria.${name}`,
    name.replace(/([A-Z])/g, (c) => ` ${c.toLowerCase()}`),
  );

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
            ...(before.riskClass === undefined
              ? say('riskClassFromNone', { is: told(after.riskClass) })
              : say('riskClass', { is: told(after.riskClass), was: told(before.riskClass) })),
          },
        ]
      : []),
    ...(after.inScope === 'out' && before.inScope !== 'out'
      ? [{ field: 'inScope', ...say('outOfScope') }]
      : []),
  ];
}
