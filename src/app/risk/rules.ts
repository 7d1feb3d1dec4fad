import { criteriaInForce } from '../../authority/criteria.ts';
import { Failure, type Problem, problem } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';
import type { Facts } from '../../facts/facts.ts';
import { reads, taken } from '../../facts/reads.ts';
import { judgeRisk } from '../../gate/measured.ts';
import type { FieldOf, Rec } from '../../register/rec.ts';
import type { Role } from '../../register/who.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { MOST_SHARED, sharing } from '../../risk/applicability.ts';
import { referenceFaults } from '../../risk/iso27001.ts';
import { faultsOf } from '../../risk/quantify.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { riskRoleHolders } from '../../store/risk/risks.ts';
import type { App } from '../context.ts';
import {
  type Changed,
  factsAround,
  factsFrom,
  factsOnce,
  type Guarded,
  onAny,
  onSteps,
  type Rule,
} from '../write/rule.ts';
import { measuresOf, TESTED } from './load.ts';

type Scale = 'likelihoodScale' | 'impactScale';

/** The link by which a rating cites its criteria. */
const CITED = 'criteria';
const LIKELIHOODS = ['likelihood', 'residualLikelihood'] as const;
const IMPACTS = [
  'impactOrganisation',
  'impactIndividuals',
  'impactSociety',
  'residualOrganisation',
  'residualIndividuals',
  'residualSociety',
] as const;
const RANGES = ['frequencyLow', 'frequencyHigh', 'lossLow', 'lossHigh'] as const;

/** Rules about ratings: their ranges, the scales they mean, the criteria they were made under, who accepts. */
export const riskRules: readonly Rule[] = [
  onAny(registers.risk, 'ranges', demandRanges),
  onAny(registers.risk, 'scales', demandCriteria),
  onSteps(registers.risk, 'acceptance', ['accept'], demandAcceptable, { offered: true }),
  onAny(registers.control, 'reference', demandReference),
  onSteps(registers.control, 'ownReason', ['exclude'], demandOwnReason, { offered: true }),
];

const label = (g: Guarded<Registers['risk']>, field: FieldOf<Registers['risk']>): string =>
  g.register.fields[field].label;

/** Low above high, and ranges too wide to mean one scenario. */
function demandRanges(g: Guarded<Registers['risk']>): void {
  const { contents, before } = g;
  if (before && RANGES.every((f) => before.values[f] === contents.values[f])) return;
  const faults = faultsOf(contents.values);
  if (faults.length === 0) return;
  throw new Failure(
    'INVALID',
    `${g.register.label.one}: ${label(g, faults[0]!.field)} ${faults[0]!.message}.`,
    faults.map((f) => ({ path: `/${f.field}`, message: f.message })),
  );
}

/** A score means a level of the scale that the cited criteria have, and an assessment cites the criteria in force. */
async function demandCriteria(g: Guarded<Registers['risk']>): Promise<void> {
  const { contents, before, transition } = g;
  const cited = contents.links.criteria?.[0];
  const scores = [...LIKELIHOODS, ...IMPACTS];
  const rated =
    cited !== undefined &&
    (!before ||
      before.links.criteria?.[0] !== cited ||
      scores.some((f) => before.values[f] !== contents.values[f]));
  if (!rated && transition !== 'assess') return;
  const facts = await factsAround(g, CITED_READS, contents.links.criteria);
  const [known] = facts.found(registers.criteria);
  if (known) demandScales(g, known);
  const inForce = criteriaInForce(facts.criteria);
  if (transition !== 'assess' || !inForce || inForce.ref === cited) return;
  throw new Failure(
    'REQUIREMENTS_MISSING',
    `To assess ${before!.ref}, cite the criteria it is rated under: ${inForce.ref} (${inForce.title}) are in force${cited ? `, it cites ${cited}${known ? ` (${known.state})` : ''}` : ''}. Rate it by their scales and link them as "${g.register.links.criteria!.label}".`,
    [{ path: `/values/${CITED}`, message: `expected ${inForce.ref}, got ${cited ?? 'nothing'}` }],
  );
}

function demandScales(g: Guarded<Registers['risk']>, criteria: Rec<Registers['criteria']>): void {
  const check = (fields: readonly (typeof LIKELIHOODS | typeof IMPACTS)[number][], scale: Scale) => {
    const rows = criteria.values[scale] ?? [];
    const known = rows.map((r) => `${r.level} ${r.name}`).join(', ');
    return fields.flatMap((field) => {
      const v = g.contents.values[field];
      const fits = v === undefined || rows.length === 0 || rows.some((r) => r.level === v);
      return fits ? [] : [{ field, message: `${criteria.ref} has no level ${v}; it has ${known}` }];
    });
  };
  const wrong = [...check(LIKELIHOODS, 'likelihoodScale'), ...check(IMPACTS, 'impactScale')];
  const first = wrong[0];
  if (!first) return;
  throw new Failure(
    'INVALID',
    `${g.register.label.one}: ${label(g, first.field)}: ${first.message}. Rate by that scale, or cite the criteria that have it.`,
    wrong.map(({ field, message }): Problem => ({ path: `/${field}`, message })),
  );
}

/** Begun at the criteria that are cited. */
const CITED_READS = reads(registers.criteria, { hops: [] });

/** Begun at the risk, and at what it would name: its systems, hazards and criteria. */
const ACCEPTANCE_READS = reads(registers.risk, {
  hops: [TESTED],
  weighed: [registers.release],
  taken: [taken(registers.risk, 'assess')],
});

/** Only a level that tests do not contradict; who accepts which level is known beforehand. */
async function demandAcceptable(g: Changed<Registers['risk']>): Promise<void> {
  const { contents, before } = g;
  const risk = { ...before, values: contents.values, links: contents.links };
  const { systems = [], hazards = [], criteria: cited = [] } = risk.links;
  const facts = await factsAround(g, ACCEPTANCE_READS, [risk.ref, ...systems, ...hazards, ...cited]);
  const measured = measuresOf(facts)(risk);
  // Accepting is what makes the rating after treatment count.
  const judged = judgeRisk({ ...risk, state: 'accepted' }, measured);
  if (!judged) return;
  demandPresentRating(facts, risk);
  if (judged.raised)
    throw new Failure(
      'CONFLICT',
      `${risk.ref} is rated with likelihood ${judged.likelihood}, and tests put it at ${judged.effectiveLikelihood} (${[...new Set(measured.hazards.flatMap((h) => h.runs))].join(', ')}, by ${facts.criteria!.ref}). Correct what they found, or rate it again; then it can be accepted.`,
      [
        {
          path: '/residualLikelihood',
          message: `is ${judged.likelihood}; tests say ${judged.effectiveLikelihood}`,
        },
      ],
    );
}

/** What is accepted is rated by what holds now: under the criteria in force, and not past the day on which it was to be looked at again. */
function demandPresentRating(facts: Facts, risk: Rec<Registers['risk']>): void {
  const inForce = criteriaInForce(facts.criteria);
  const [cited] = facts.found(registers.criteria);
  const again = `Assess ${risk.ref} again, then it can be accepted.`;
  // Under criteria that never were in force nobody assessed it: that is for whoever assesses.
  const were = cited?.state === 'approved' || cited?.state === 'superseded';
  if (inForce && cited && were && cited.ref !== inForce.ref)
    throw new Failure(
      'CONFLICT',
      `${risk.ref} was rated under ${cited.ref}, and ${inForce.ref} is in force now: its scores mean levels of other scales. ${again}`,
      [{ path: `/${CITED}`, message: `expected ${inForce.ref}, got ${cited.ref}` }],
    );
  const { today } = facts;
  const { reviewBy } = risk.values;
  const assessed = facts.taken(risk, 'assess')?.at;
  // Assessed after that day, it was looked at.
  if (reviewBy !== undefined && reviewBy < today && (assessed ?? '').slice(0, 10) <= reviewBy)
    throw new Failure('CONFLICT', `${risk.ref} was to be reviewed by ${reviewBy}, and nobody has. ${again}`, [
      { path: '/reviewBy', message: `has passed; today is ${today}` },
    ]);
}

/** Names of active people with a role, at most five. */
export async function whoHolds(app: App, organisation: number, role: Role): Promise<string[]> {
  const [rows] = await app.db.run(organisation, [riskRoleHolders(role)]);
  return rows!.map((r: Row) => `${cell.text(r.title)} (${cell.text(r.ref)})`);
}

const no = failures('controlReason', {
  shared: [
    'REQUIREMENTS_MISSING',
    '{ref}: {lines} lines give this same reason, and what is said of all of them leaves none out. Say why this control is not necessary here, then leave it out.',
  ],
});
const wrong = catalogue('controlReason.wrong', { shared: 'is the reason of {lines} lines' });

const LINES_READS = reads(registers.control, { hops: [] });

/** A reason that is given for many lines is none to leave one of them out. */
async function demandOwnReason(g: Changed<Registers['control']>): Promise<void> {
  const { contents, before } = g;
  const facts = await factsOnce(g.besides, 'lines', () =>
    factsFrom(g, LINES_READS, { register: registers.control.name, most: 1000 }),
  );
  const others = facts.subjects(registers.control).filter((r) => r.ref !== before.ref);
  const lines =
    1 +
    sharing(
      contents.values.why,
      others.map((r) => r.values.why),
    );
  if (lines > MOST_SHARED)
    throw no('shared', { ref: before.ref, lines }, [problem('/values/why', wrong('shared', { lines }))]);
}

/** A reference to ISO/IEC 27001 names a control that its Annex A has. */
function demandReference({ register, contents, before }: Guarded<Registers['control']>): void {
  const text = contents.values.otherRegister;
  if (typeof text !== 'string' || before?.values.otherRegister === text) return;
  const faults = referenceFaults(text);
  if (faults.length === 0) return;
  throw new Failure(
    'INVALID',
    `${register.label.one}: ${register.fields.otherRegister!.label}: ${faults[0]}.`,
    faults.map((message) => ({ path: '/otherRegister', message })),
  );
}
