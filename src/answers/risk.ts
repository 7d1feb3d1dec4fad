import * as z from 'zod';
import { computedThen, standing } from './record.ts';
import { type Answer, byName, flag, key, list, named, number, object, text } from './shape.ts';

/** How a risk stands against the appetite. */
const against = z.enum(['unrated', 'noCriteria', 'within', 'untreated', 'treatedAbove', 'accepted']);
export type Against = z.output<typeof against>;

/** The matrix shows risks as they stand now, tests included, or as they were before treatment. */
export const BASES = ['now', 'before'] as const;
export type Basis = (typeof BASES)[number];

const impacts = object({
  organisation: number.optional(),
  individuals: number.optional(),
  society: number.optional(),
});

/** What keeps a line of the statement of applicability from being complete. */
const gap = z.enum([
  'noLine',
  'undecided',
  'noReason',
  'shared',
  'notShown',
  'contradiction',
  'notImplemented',
  'stale',
  'ended',
  'reviewOverdue',
]);
export type Gap = z.output<typeof gap>;

/** One hazard of a risk, measured on one release. */
export const measuredHazard = object({
  hazard: text,
  title: text,
  test: text
    .optional()
    .describe('One test of the hazard that fails more often than its others, measured by itself'),
  release: text,
  runs: list(text).describe('Runs it rests on'),
  cases: number,
  failed: number,
  bound: number.describe(
    'Upper one-sided 95 % bound of the failed share, in per cent, rounded up to one decimal',
  ),
  level: number.describe('What the rule makes of it'),
  speaks: flag.describe('Whether it can raise what people claim'),
});
export type MeasuredHazard = Answer<typeof measuredHazard>;

export const riskMeasure = object({
  hazards: list(measuredHazard),
  notMeasured: list(text).describe('Hazards of the risk that no run on these releases exercised'),
  likelihood: number
    .optional()
    .describe('Likelihood by the worst hazard that may raise what is claimed; undefined when none may'),
});
export type RiskMeasure = Answer<typeof riskMeasure>;

/** How a risk is judged: what people claim for it now, and what tests make of it. */
export const judged = object({
  likelihood: number.describe(
    'After treatment where the risk has been treated and that was rated, else before',
  ),
  impact: number,
  level: number,
  afterTreatment: flag,
  effectiveLikelihood: number.describe('The likelihood that counts: the worse of claim and measurement'),
  effectiveLevel: number,
  raised: flag.describe('Tests put it above the claim'),
});
export type Judged = Answer<typeof judged>;

export const riskStanding = object({
  ref: text,
  title: text,
  state: text,
  criteria: named.nullable(),
  ratedUnder: text.nullable().describe('What the rating cites, and whether those are the criteria in force'),
  ratedUnderInForce: flag,
  appetite: number.nullable(),
  acceptAtLevel: number.nullable(),
  claim: object({
    likelihood: number.optional(),
    impacts,
    residualLikelihood: number.optional(),
    residualImpacts: impacts.describe('Empty: as before treatment'),
    impact: number.optional(),
    level: number.optional(),
    residualImpact: number.optional(),
    residualLevel: number.optional(),
  }),
  measured: riskMeasure,
  judged: judged.nullable(),
  against: against,
  says: text.describe('The same in a sentence'),
  ...key.shape,
  accepts: object({ role: text, people: list(text) }).describe('Who may accept it as it stands'),
  ...computedThen,
});
export type RiskStanding = Answer<typeof riskStanding>;

export const matrixRisk = object({
  ref: text,
  title: text,
  state: text,
  against: against,
  raised: flag.describe('Tests put it above what is claimed'),
});
export type MatrixRisk = Answer<typeof matrixRisk>;

export const riskMatrix = object({
  basis: z.enum(BASES),
  system: named.nullable(),
  criteria: named.nullable(),
  appetite: number.nullable(),
  acceptAtLevel: number.nullable(),
  likelihood: list(object({ level: number, name: text })),
  impact: list(object({ level: number, name: text })),
  cells: list(
    object({
      likelihood: number,
      impact: number,
      level: number,
      count: number,
      risks: list(matrixRisk),
    }),
  ).describe('Cells that hold a risk'),
  unrated: object({ count: number, risks: list(named) }),
  untreated: object({ count: number, risks: list(matrixRisk) }).describe(
    'Above the appetite and neither treated nor accepted',
  ),
  total: number,
  complete: flag.describe('False when there are more risks than are looked at'),
  ...computedThen,
});
export type RiskMatrix = Answer<typeof riskMatrix>;

/** What people estimated: 90 % intervals of events a year and of the loss of one event. */
export const ranges = object({
  frequencyLow: number,
  frequencyHigh: number,
  lossLow: number,
  lossHigh: number,
});
export type Ranges = Answer<typeof ranges>;

/** A point of the loss exceedance curve: with this probability a year's loss is above this. */
export const curvePoint = object({ probability: number, loss: number });
export type CurvePoint = Answer<typeof curvePoint>;

export const quantified = object({
  expected: number.describe('Closed form'),
  mean: number.describe('Of the simulated years'),
  percentiles: list(object({ percentile: number, loss: number })),
  worst: list(object({ share: number, mean: number })).describe(
    'Mean loss of the worst years, by their share. Of all figures on the tail this is the one that less certainty never lowers: a percentile may fall when its range is widened, because a wider range also has smaller losses in it',
  ),
  anyLoss: number.describe('Share of simulated years with any loss'),
  curve: list(curvePoint),
  years: number,
  seed: number,
});
export type Quantified = Answer<typeof quantified>;

export const riskInMoney = object({
  ref: text,
  title: text,
  ranges: ranges.nullable(),
  currency: text.nullable(),
  missing: list(text).describe('Fields without which nothing can be computed'),
  result: quantified.nullable(),
  ...computedThen,
});
export type RiskInMoney = Answer<typeof riskInMoney>;

export const riskPortfolio = object({
  system: named.nullable(),
  currencies: list(
    object({
      currency: text,
      risks: list(object({ ref: text, title: text, expected: number })).describe(
        'The largest expected loss first',
      ),
      result: quantified,
    }),
  ).describe('Sums are made within a currency, never across'),
  notQuantified: object({ count: number, risks: list(named) }).describe(
    'Open risks without estimates: they are not zero, they are not known',
  ),
  ...computedThen,
});
export type RiskPortfolio = Answer<typeof riskPortfolio>;

export const proposals = object({
  system: named,
  proposals: list(
    object({
      code: text,
      title: text,
      category: text,
      description: text,
      severity: z.enum(['high', 'critical', 'medium']),
      why: list(text).describe('Facts it was chosen by, in words'),
      record: object({ ref: text, state: text }).nullable(),
    }),
  ).describe('At most eight'),
  known: list(object({ ref: text, code: text, title: text, state: text })).describe(
    'Hazards on record for the system',
  ),
});
export type Proposals = Answer<typeof proposals>;

export const hazardsTaken = object({
  created: list(object({ ref: text, code: text })),
  linked: list(object({ ref: text, code: text })),
});

export const triggerEvent = key.extend({
  trigger: z.enum(['newPurpose', 'newModel', 'newData', 'newAutonomy', 'incident', 'complaint']),
  named: flag.describe('Whether the assessment names this trigger among those that make it necessary again'),
  ref: text,
  title: text,
  at: text.nullable().describe('When it came; null where only the difference is known'),
  says: text,
});
export type TriggerEvent = Answer<typeof triggerEvent>;

export const triggers = object({
  since: object({ decision: text, at: text })
    .nullable()
    .describe('The approval that events are counted from; null while nobody has approved'),
  events: list(triggerEvent),
  watchedByPeople: list(text).describe('Triggers that no record shows: people look out for them'),
  notShown: list(text).describe(
    'Registers that the caller may not read, so that what is in them is not counted here',
  ),
  ...computedThen,
});
export type Triggers = Answer<typeof triggers>;

export const statementLine = object({
  code: text,
  title: text,
  ref: text.nullable().describe("The line's record; null where there is none yet"),
  state: text.nullable(),
  necessary: flag.nullable().describe('Decided: yes or no; null while nobody has'),
  why: text.nullable(),
  implementation: text.nullable(),
  owner: text.nullable(),
  systems: list(text),
  otherRegister: text.nullable(),
  reviewBy: text.nullable(),
  standing: standing.nullable(),
  gaps: list(gap),
});
export type StatementLine = Answer<typeof statementLine>;

export const soaStatement = object({
  groups: list(object({ id: text, title: text, lines: list(statementLine) })),
  counts: object({
    controls: number,
    necessary: number,
    excluded: number,
    undecided: number,
    implemented: number,
    withGaps: number,
  }),
  people: byName(text),
  gapTexts: z.record(gap, text),
  ...computedThen,
});
export type SoaStatement = Answer<typeof soaStatement>;

export const statementProposed = object({
  created: list(object({ ref: text, code: text })),
  kept: number,
});
