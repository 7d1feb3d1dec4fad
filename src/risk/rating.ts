/** How a risk's scores become its level. One law, used by the register, the gate and the pages. */

/** Those who bear the consequences, rated apart: what hardly touches the organisation may ruin a person. */
export const BEARERS = ['organisation', 'individuals', 'society'] as const;
export type Bearer = (typeof BEARERS)[number];

/** A score per bearer; undefined where nobody has rated it. */
export type Impacts = Readonly<Record<Bearer, number | undefined>>;

/** What a person has claimed about a risk. */
export interface Claim {
  readonly likelihood: number | undefined;
  readonly impacts: Impacts;
  readonly residualLikelihood: number | undefined;
  /** Empty: as before treatment. */
  readonly residualImpacts: Impacts;
}

const score = (v: unknown): number | undefined =>
  typeof v === 'number' && Number.isInteger(v) && v >= 1 ? v : undefined;

/** The claim in a record's values; anything that is no score reads as not rated. */
export function claimOf(values: Readonly<Record<string, unknown>>): Claim {
  return {
    likelihood: score(values.likelihood),
    impacts: {
      organisation: score(values.impactOrganisation),
      individuals: score(values.impactIndividuals),
      society: score(values.impactSociety),
    },
    residualLikelihood: score(values.residualLikelihood),
    residualImpacts: {
      organisation: score(values.residualOrganisation),
      individuals: score(values.residualIndividuals),
      society: score(values.residualSociety),
    },
  };
}

/** The worst of the three. Undefined until all are rated: what nobody looked at is not harmless. */
export function worstImpact(i: Impacts): number | undefined {
  const all = BEARERS.map((b) => i[b]);
  return all.includes(undefined) ? undefined : Math.max(...(all as number[]));
}

/** Likelihood times impact, 1 to 25; undefined until both are rated. */
export function riskLevel(likelihood: number | undefined, impact: number | undefined): number | undefined {
  return likelihood === undefined || impact === undefined ? undefined : likelihood * impact;
}

/** Has anybody rated what is left after treatment? */
export const isResidualRated = (c: Claim): boolean =>
  c.residualLikelihood !== undefined || BEARERS.some((b) => c.residualImpacts[b] !== undefined);

/** Impact before treatment. */
export const inherentImpact = (c: Claim): number | undefined => worstImpact(c.impacts);

/** Level before treatment. */
export const inherentLevel = (c: Claim): number | undefined => riskLevel(c.likelihood, inherentImpact(c));

/** Impact after treatment; a score left empty is as before. Undefined when nothing was rated again. */
export function residualImpact(c: Claim): number | undefined {
  if (!isResidualRated(c)) return undefined;
  const left = BEARERS.map((b) => [b, c.residualImpacts[b] ?? c.impacts[b]]);
  return worstImpact(Object.fromEntries(left) as Record<Bearer, number | undefined>);
}

/** Level after treatment; undefined when nothing was rated again. */
export const residualLevel = (c: Claim): number | undefined =>
  riskLevel(isResidualRated(c) ? (c.residualLikelihood ?? c.likelihood) : undefined, residualImpact(c));

/** How the risk stands now, by what people claim: after treatment where that was rated, else before. */
export function standing(c: Claim): {
  likelihood: number | undefined;
  impact: number | undefined;
  level: number | undefined;
  after: boolean;
} {
  const after = isResidualRated(c);
  const likelihood = after ? (c.residualLikelihood ?? c.likelihood) : c.likelihood;
  const impact = after ? residualImpact(c) : inherentImpact(c);
  return { likelihood, impact, level: riskLevel(likelihood, impact), after };
}
