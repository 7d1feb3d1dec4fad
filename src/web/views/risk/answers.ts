/** What the operations of the risk step answer. */

export interface Quantified {
  expected: number;
  mean: number;
  percentiles: { percentile: number; loss: number }[];
  worst: { share: number; mean: number }[];
  anyLoss: number;
  curve: { probability: number; loss: number }[];
  years: number;
  seed: number;
}

export interface RiskInMoney {
  ref: string;
  currency: string | null;
  missing: string[];
  result: Quantified | null;
}

export interface Portfolio {
  system: { ref: string; title: string } | null;
  currencies: {
    currency: string;
    risks: { ref: string; title: string; expected: number }[];
    result: Quantified;
  }[];
  notQuantified: { count: number; risks: { ref: string; title: string }[] };
}

export type Against = 'unrated' | 'noCriteria' | 'within' | 'untreated' | 'treatedAbove' | 'accepted';

export interface MatrixRisk {
  ref: string;
  title: string;
  state: string;
  against: Against;
  raised: boolean;
}

export interface Level {
  level: number;
  name: string;
}

export interface Matrix {
  basis: 'now' | 'before';
  criteria: { ref: string; title: string } | null;
  appetite: number | null;
  acceptAtLevel: number | null;
  likelihood: Level[];
  impact: Level[];
  cells: { likelihood: number; impact: number; level: number; count: number; risks: MatrixRisk[] }[];
  unrated: { count: number; risks: { ref: string; title: string }[] };
  untreated: { count: number; risks: MatrixRisk[] };
  total: number;
  complete: boolean;
}

export interface MeasuredHazard {
  hazard: string;
  title: string;
  release: string;
  runs: string[];
  cases: number;
  failed: number;
  bound: number;
  level: number;
  speaks: boolean;
}

type Impacts = Record<'organisation' | 'individuals' | 'society', number | undefined>;

export interface Standing {
  ref: string;
  criteria: { ref: string; title: string } | null;
  ratedUnder: string | null;
  ratedUnderInForce: boolean;
  appetite: number | null;
  claim: {
    likelihood?: number;
    impacts: Impacts;
    residualLikelihood?: number;
    residualImpacts: Impacts;
    impact?: number;
    level?: number;
    residualImpact?: number;
    residualLevel?: number;
  };
  measured: { hazards: MeasuredHazard[]; notMeasured: string[]; likelihood?: number };
  judged: {
    likelihood: number;
    impact: number;
    level: number;
    effectiveLikelihood: number;
    effectiveLevel: number;
    raised: boolean;
  } | null;
  against: Against;
  says: string;
  accepts: { role: string; people: string[] };
}
