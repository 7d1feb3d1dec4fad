import type { Against, RiskStanding } from '../../answers/risk.ts';
import { aloneCounts } from '../../authority/alone.ts';
import { criteriaInForce } from '../../authority/criteria.ts';
import { keyOf, type Sentence } from '../../base/sentence.ts';
import type { Facts } from '../../facts/facts.ts';
import { reads } from '../../facts/reads.ts';
import { type Judged, judgeRisk, topManagementOnly } from '../../gate/measured.ts';
import { notThere } from '../../register/said.ts';
import { ROLES } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { fitOf } from '../../risk/appetite.ts';
import { claimOf, inherentImpact, inherentLevel, residualImpact, residualLevel } from '../../risk/rating.ts';
import type { App, Asking } from '../context.ts';
import { readFacts } from '../read/facts.ts';
import { say } from '../words/standing.ts';
import { demandRead } from '../write/access.ts';
import { type Criteria, measuresOf, type Risk, STANDS } from './load.ts';
import { whoHolds } from './rules.ts';

/** How one risk stands: what is claimed, what tests say, what counts, and against which appetite. */
export async function readStanding(app: App, ask: Asking, ref: string): Promise<RiskStanding> {
  demandRead(ask, app.registry.of(registers.risk));
  const facts = await app.db.converse(
    ask.actor.organisation,
    (query) => readFacts(app, query, reads(registers.risk, STANDS), { refs: [ref] }),
    { snapshot: true },
  );
  const [risk] = facts.subjects(registers.risk);
  if (!risk) throw notThere(registers.risk, ref);
  const criteria = criteriaInForce(facts.criteria);
  const measured = measuresOf(facts)(risk);
  const judged = judgeRisk(risk, measured) ?? null;
  const topOnly = judged !== null && topManagementOnly(criteria, judged.effectiveLevel);
  const role = topOnly ? ('topManagement' as const) : ('designatedManagement' as const);
  const claim = claimOf(risk.values);
  const cited = risk.links.criteria?.[0] ?? null;
  const against = againstOf(facts, risk, judged);
  const said = sentenceOf(facts, risk, judged, against);
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
export function againstOf(facts: Facts, risk: Risk, judged: Judged | null): Against {
  if (!judged) return 'unrated';
  const criteria = criteriaInForce(facts.criteria);
  const appetite = numberIn(criteria, 'appetite');
  if (appetite === null) return 'noCriteria';
  if (fitOf(judged.effectiveLevel, appetite) === 'within') return 'within';
  const { onePerson } = facts;
  const standing = facts.standing(registers.risk, risk);
  const classes = facts.linked(risk, 'systems').map((s) => s.values.riskClass);
  const accepted =
    standing === 'current' ||
    (standing === 'alone' && aloneCounts({ onePerson, mode: criteria?.values.mode, classes }));
  if (risk.state === 'accepted' && accepted && !judged.raised) return 'accepted';
  return risk.state === 'treated' || risk.state === 'accepted' ? 'treatedAbove' : 'untreated';
}

function sentenceOf(facts: Facts, risk: Risk, judged: Judged | null, against: Against): Sentence {
  if (!judged) return say('unrated', { risk: risk.ref });
  const at = { level: judged.effectiveLevel, appetite: String(facts.criteria?.values.appetite) };
  const standing = facts.standing(registers.risk, risk);
  const said =
    against === 'unrated' || against === 'noCriteria'
      ? say('noCriteria', { level: at.level })
      : against === 'treatedAbove' && standing === 'stale'
        ? say('acceptanceStale', at)
        : against === 'treatedAbove' && standing === 'ended'
          ? say('acceptanceEnded', at)
          : say(against, at);
  return judged.raised
    ? say('raised', { standing: said, likelihood: judged.effectiveLikelihood, claimed: judged.likelihood })
    : said;
}
