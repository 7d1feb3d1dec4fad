import type { Basis, MatrixRisk, RiskMatrix } from '../../answers/risk.ts';
import type { Draft } from '../../answers/shape.ts';
import { criteriaInForce } from '../../authority/criteria.ts';
import { judgeRisk } from '../../gate/measured.ts';
import { registers } from '../../registers/index.ts';
import { claimOf, inherentImpact } from '../../risk/rating.ts';
import type { App, Asking } from '../context.ts';
import { type Criteria, measuresOf, readOpenRisks, STANDS } from './load.ts';
import { againstOf, numberIn } from './standing.ts';

/** So many risks are looked at; when there are more, the answer says so. */
export const MATRIX_RISKS = 5000;
/** So many of a cell are named; all are counted. */
const NAMED = 25;

/** The open risks by likelihood and impact: as they stand now, tests included, or as they were before treatment. */
export async function readMatrix(
  app: App,
  ask: Asking,
  o: { basis: Basis; system?: string },
): Promise<RiskMatrix> {
  const { facts, risks, system, more } = await readOpenRisks(app, ask, o.system, MATRIX_RISKS, STANDS);
  const criteria = criteriaInForce(facts.criteria);
  const measureOf = measuresOf(facts);
  const placed = risks.map((risk) => {
    const judged = judgeRisk(risk, measureOf(risk)) ?? null;
    const claim = claimOf(risk.values);
    return {
      likelihood: o.basis === 'now' ? judged?.effectiveLikelihood : claim.likelihood,
      impact: o.basis === 'now' ? judged?.impact : inherentImpact(claim),
      risk: {
        ref: risk.ref,
        title: risk.title,
        state: risk.state,
        against: againstOf(facts, risk, judged),
        raised: judged?.raised ?? false,
      },
    };
  });
  const untreated = placed.filter((p) => p.risk.against === 'untreated').map((p) => p.risk);
  const unrated = placed.filter((p) => p.likelihood === undefined || p.impact === undefined);
  return {
    basis: o.basis,
    system,
    criteria: criteria ? { ref: criteria.ref, title: criteria.title } : null,
    appetite: numberIn(criteria, 'appetite'),
    acceptAtLevel: numberIn(criteria, 'acceptAtLevel'),
    likelihood: scaleOf(
      criteria,
      'likelihoodScale',
      placed.map((p) => p.likelihood),
    ),
    impact: scaleOf(
      criteria,
      'impactScale',
      placed.map((p) => p.impact),
    ),
    cells: cellsOf(placed),
    unrated: {
      count: unrated.length,
      risks: unrated.slice(0, NAMED).map((p) => ({ ref: p.risk.ref, title: p.risk.title })),
    },
    untreated: { count: untreated.length, risks: untreated.slice(0, NAMED) },
    total: risks.length,
    complete: !more,
  };
}

interface Placed {
  likelihood: number | undefined;
  impact: number | undefined;
  risk: MatrixRisk;
}

function cellsOf(placed: readonly Placed[]): RiskMatrix['cells'] {
  const cells = new Map<string, Draft<RiskMatrix['cells'][number]>>();
  for (const { likelihood, impact, risk } of placed) {
    if (likelihood === undefined || impact === undefined) continue;
    const key = `${likelihood} ${impact}`;
    const cell = cells.get(key) ?? { likelihood, impact, level: likelihood * impact, count: 0, risks: [] };
    cell.count += 1;
    if (cell.risks.length < NAMED) cell.risks.push(risk);
    cells.set(key, cell);
  }
  return [...cells.values()].sort((a, b) => b.level - a.level || b.impact - a.impact);
}

/** The scale of the criteria in force, or the one that criteria begin with; levels that risks have and it lacks are shown by number. */
function scaleOf(
  criteria: Criteria | undefined,
  name: 'likelihoodScale' | 'impactScale',
  used: readonly (number | undefined)[],
): { level: number; name: string }[] {
  const known = new Map(
    (criteria?.values[name] ?? registers.criteria.fields[name].defaultTo ?? []).map((r) => [r.level, r.name]),
  );
  for (const level of used) if (level !== undefined && !known.has(level)) known.set(level, '');
  return [...known].map(([level, n]) => ({ level, name: n })).sort((a, b) => a.level - b.level);
}
