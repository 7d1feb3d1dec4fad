import type { Against, RiskStanding } from '../../answers/risk.ts';
import { aloneCounts } from '../../authority/alone.ts';
import { Failure } from '../../base/failure.ts';
import { keyOf, type Sentence } from '../../base/sentence.ts';
import { type Judged, judgeRisk, topManagementOnly } from '../../gate/measured.ts';
import { ROLES } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { fitOf } from '../../risk/appetite.ts';
import { claimOf, inherentImpact, inherentLevel, residualImpact, residualLevel } from '../../risk/rating.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../query.ts';
import { say } from '../words/standing.ts';
import {
  type Criteria,
  criteriaInForce,
  type JudgedRisk,
  measureAll,
  type Risk,
  risksStatement,
  toRisk,
} from './load.ts';
import { whoHolds } from './rules.ts';

/** How one risk stands: what is claimed, what tests say, what counts, and against which appetite. */
export async function readStanding(app: App, ask: Asking, ref: string): Promise<RiskStanding> {
  demandRead(ask, app.registry.of(registers.risk));
  const { risk, criteria, measured } = await app.db.converse(
    ask.actor.organisation,
    async (query) => {
      const [row] = await query(risksStatement(app, { ref, limit: 1 }));
      if (!row) throw new Failure('NOT_FOUND', `There is no AI risk ${ref.slice(0, 40)}.`);
      const found = toRisk(row);
      const inForce = await criteriaInForce(query);
      const { measures } = await measureAll(app, query, [found], inForce);
      return { risk: found, criteria: inForce, measured: measures.get(ref)! };
    },
    { snapshot: true },
  );
  const judged = judgeRisk(risk, measured) ?? null;
  const topOnly = judged !== null && topManagementOnly(criteria, judged.effectiveLevel);
  const role = topOnly ? ('topManagement' as const) : ('designatedManagement' as const);
  const claim = claimOf(risk.values);
  const cited = risk.links.criteria?.[0] ?? null;
  const against = againstOf(risk, judged, criteria);
  const said = sentenceOf(risk, judged, against, criteria);
  return {
    ref: risk.ref,
    title: risk.title,
    state: risk.state,
    criteria: criteria ? { ref: criteria.ref, title: criteria.title } : null,
    ratedUnder: cited,
    ratedUnderInForce: criteria !== undefined && cited === criteria.ref,
    appetite: numberIn(criteria, 'appetite'),
    acceptAtLevel: numberIn(criteria, 'acceptAtLevel'),
    claim: {
      ...claim,
      impact: inherentImpact(claim),
      level: inherentLevel(claim),
      residualImpact: residualImpact(claim),
      residualLevel: residualLevel(claim),
    },
    measured,
    judged,
    against,
    says: said.text,
    ...keyOf(said),
    accepts: { role: ROLES[role], people: await whoHolds(app, ask.actor.organisation, role) },
  };
}

export const numberIn = (criteria: Criteria | undefined, name: 'appetite' | 'acceptAtLevel'): number | null =>
  criteria?.values[name] ?? null;

/** Whether a risk is within the appetite, or what was done about it. An acceptance that no longer counts is none. */
export function againstOf(risk: JudgedRisk, judged: Judged | null, criteria: Criteria | undefined): Against {
  if (!judged) return 'unrated';
  const appetite = numberIn(criteria, 'appetite');
  if (appetite === null) return 'noCriteria';
  if (fitOf(judged.effectiveLevel, appetite) === 'within') return 'within';
  const { onePerson, classes } = risk;
  const accepted =
    risk.standing === 'current' ||
    (risk.standing === 'alone' && aloneCounts({ onePerson, mode: criteria?.values.mode, classes }));
  if (risk.state === 'accepted' && accepted && !judged.raised) return 'accepted';
  return risk.state === 'treated' || risk.state === 'accepted' ? 'treatedAbove' : 'untreated';
}

function sentenceOf(
  risk: Risk,
  judged: Judged | null,
  against: Against,
  criteria: Criteria | undefined,
): Sentence {
  if (!judged) return say('unrated', { risk: risk.ref });
  const at = { level: judged.effectiveLevel, appetite: String(criteria?.values.appetite) };
  const said =
    against === 'unrated' || against === 'noCriteria'
      ? say('noCriteria', { level: at.level })
      : against === 'treatedAbove' && risk.standing === 'stale'
        ? say('acceptanceStale', at)
        : against === 'treatedAbove' && risk.standing === 'ended'
          ? say('acceptanceEnded', at)
          : say(against, at);
  return judged.raised
    ? say('raised', { standing: said, likelihood: judged.effectiveLikelihood, claimed: judged.likelihood })
    : said;
}
