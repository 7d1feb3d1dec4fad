import { criteriaInForce } from '../../authority/criteria.ts';
import type { Facts } from '../../facts/facts.ts';
import { back, type Hop, type Looks, out, reads, some } from '../../facts/reads.ts';
import { measureRisk, type RiskMeasure, type Tested } from '../../gate/measured.ts';
import { policyFor } from '../../gate/policy.ts';
import { linksOf, type Rec } from '../../register/rec.ts';
import { notThere } from '../../register/said.ts';
import { type Registers, registers } from '../../registers/index.ts';
import type { App, Asking } from '../context.ts';
import { readFacts } from '../read/facts.ts';
import { demandRead } from '../write/access.ts';

export type Criteria = Rec<Registers['criteria']>;
export type Risk = Rec<Registers['risk']>;

/** Of each system so many of its newest releases are asked for runs. */
const RELEASES = 5;

/** What tests say of a system: its newest releases that are on their way or in use, with what was run on them. */
export const TESTED: Hop = some(
  registers.release,
  'system',
  { as: 'tested', states: ['submitted', 'allowed', 'shipped'], newest: RELEASES },
  [back(registers.testRun), back(registers.evidence)],
);

/** What it takes to say how risks stand. */
export const STANDS: Looks = {
  hops: [out(registers.risk, 'systems', [TESTED]), out(registers.risk, 'hazards')],
  weighed: [registers.release],
  rested: [registers.risk],
};

const OPEN = registers.risk.states.filter((s) => s !== 'closed');

export interface OpenRisks {
  facts: Facts;
  /** The oldest first. */
  risks: Risk[];
  system: { ref: string; title: string } | null;
  /** There are more. */
  more: boolean;
}

/** The risks that are not closed, of one system or of all, so many at most, with what is declared to be read of them. NOT_FOUND where there is no such system. */
export async function readOpenRisks(
  app: App,
  ask: Asking,
  system: string | undefined,
  most: number,
  looks: Looks = { hops: [] },
): Promise<OpenRisks> {
  demandRead(ask, app.registry.of(registers.risk));
  const { hops, ...about } = looks;
  const facts = await app.db.converse(
    ask.actor.organisation,
    (query) =>
      system === undefined
        ? readFacts(app, query, reads(registers.risk, looks), {
            register: registers.risk.name,
            states: OPEN,
            most: most + 1,
          })
        : readFacts(
            app,
            query,
            reads(registers.aiSystem, {
              ...about,
              hops: [some(registers.risk, 'systems', { as: 'open', states: OPEN, newest: most + 1 }, hops)],
            }),
            { refs: [system] },
          ),
    { snapshot: true },
  );
  const [own] = system === undefined ? [] : facts.subjects(registers.aiSystem);
  if (system !== undefined && !own) throw notThere(registers.aiSystem, system);
  const risks = own ? facts.some(own, 'open', registers.risk) : facts.subjects(registers.risk);
  return {
    facts,
    risks: risks.slice(0, most),
    system: own ? { ref: own.ref, title: own.title } : null,
    more: risks.length > most,
  };
}

/** Measures risks on the releases of their systems, as far as facts have these and the hazards. */
export function measuresOf(facts: Facts): (risk: Risk) => RiskMeasure {
  const criteria = criteriaInForce(facts.criteria);
  const hazards = facts.found(registers.hazard);
  const tested = new Map(
    (hazards.length > 0 ? facts.found(registers.aiSystem) : []).map((s) => [
      s.ref,
      testedOf(facts, s, criteria),
    ]),
  );
  return (r) =>
    measureRisk(
      r,
      hazards,
      criteria,
      linksOf(r, 'systems').map((s) => tested.get(s) ?? []),
    );
}

/** Newest first. */
const testedOf = (
  facts: Facts,
  system: Rec<Registers['aiSystem']>,
  criteria: Criteria | undefined,
): Tested[] =>
  facts
    .some(system, 'tested', registers.release)
    .reverse()
    .map((release) => ({
      now: facts.now,
      release,
      releaseDigest: facts.binding(release).content.digest,
      runs: facts.back(release, registers.testRun),
      evidence: facts.back(release, registers.evidence),
      policy: policyFor(criteria, system.values.riskClass),
    }));
