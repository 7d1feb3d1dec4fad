import { criteriaInForce as inForce } from '../../authority/criteria.ts';
import type { Facts } from '../../facts/facts.ts';
import { back, reads, some } from '../../facts/reads.ts';
import { measureRisk, type RiskMeasure, type Tested } from '../../gate/measured.ts';
import { policyFor } from '../../gate/policy.ts';
import { type As, linksOf, type Rec } from '../../register/rec.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { MEMBERS } from '../../store/authority/alone.ts';
import { standingSql } from '../../store/authority/covers.ts';
import { newestCriteria } from '../../store/authority/newest.ts';
import * as cell from '../../store/cells.ts';
import type { Row, Statement } from '../../store/database.ts';
import { named } from '../../store/named.ts';
import { RECORD_SELECT, type Stored, toRec } from '../../store/records.ts';
import type { App } from '../context.ts';
import { decisionPlace } from '../decisions.ts';
import { type Ask, readFacts } from '../facts.ts';

export type { Ask } from '../facts.ts';

export type Criteria = Rec<Registers['criteria']>;
export type Risk = As<Registers['risk'], Stored>;

/** A risk, and what an acceptance by the only person of an organisation depends on. */
export type JudgedRisk = Risk & { classes: (string | null)[]; onePerson: boolean };

export const toRisk = (row: Row): JudgedRisk => ({
  ...toRec(registers.risk)(row),
  classes: cell.list(cell.textOrNull)(row.classes),
  onePerson: row.people === 1,
});

/** Of each system so many of its newest releases are asked for runs. */
const RELEASES = 5;

/** The criteria that ratings and acceptances are held against; undefined when none are approved. */
export async function criteriaInForce(ask: Ask): Promise<Criteria | undefined> {
  const [newest] = (await ask(newestCriteria(registers.criteria.name))).map(toRec(registers.criteria));
  return inForce(newest);
}

/**
 * Risks that are not closed, with what their state stands on; texts that no rating needs are left in the database. With
 * `system`, those of one system. At most `limit`, the oldest first.
 */
export function risksStatement(app: App, o: { system?: string; ref?: string; limit: number }): Statement {
  const register = app.registry.of(registers.risk);
  const today = app.clock.now().toISOString().slice(0, 10);
  const standing = standingSql(app.registry, register, 'r', decisionPlace(app), '$2');
  const columns = RECORD_SELECT.replace(
    'r."values",',
    `r."values" - array[${named.risk.field('scenario', 'treatmentPlan', 'estimateBasis')}] as "values",`,
  );
  const params: unknown[] = [registers.risk.name, today];
  const add = (v: unknown) => `$${params.push(v)}`;
  const narrow = [
    o.system === undefined
      ? ''
      : ` and r.id in (select k.from_id from link k join record s on s.organisation = k.organisation and s.id = k.to_id
        where k.organisation = (select present_organisation()) and k.from_register = $1 and k.name = ${named.risk.link('systems')} and s.ref = ${add(o.system)})`,
    o.ref === undefined ? ` and r.state <> ${named.risk.state('closed')}` : ` and r.ref = ${add(o.ref)}`,
  ].join('');
  return {
    text: `select ${columns}, ${standing} as standing, ${MEMBERS} as people, case when r.state = ${named.risk.state('accepted')} then (
        select coalesce(jsonb_agg(s."values"->>${named.aiSystem.field('riskClass')}), '[]'::jsonb) from link k
          join record s on s.organisation = k.organisation and s.id = k.to_id
        where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.risk.link('systems')}) else '[]'::jsonb end as classes
      from record r where r.organisation = (select present_organisation())
      and r.register = $1${narrow} order by r.number limit ${o.limit}`,
    values: params,
  };
}

/** What tests say of risks: the newest releases of each system that are on their way or in use, with what was run on them. Begun at systems and hazards. */
const MEASURED = reads(registers.aiSystem, {
  hops: [
    some(
      registers.release,
      'system',
      { as: 'tested', states: ['submitted', 'allowed', 'shipped'], newest: RELEASES },
      [back(registers.testRun), back(registers.evidence)],
    ),
  ],
  weighed: [registers.release],
});

/** Measures the risks on the releases of their systems; a fixed number of statements, however many risks. */
export async function measureAll(
  app: App,
  ask: Ask,
  risks: readonly Risk[],
  criteria: Criteria | undefined,
): Promise<{ measures: Map<string, RiskMeasure>; hazards: Rec<Registers['hazard']>[] }> {
  const refs = [
    ...new Set(
      risks.flatMap((r) => {
        const hazards = linksOf(r, 'hazards');
        return hazards.length > 0 ? [...hazards, ...linksOf(r, 'systems')] : [];
      }),
    ),
  ];
  const facts = refs.length > 0 ? await readFacts(app, ask, MEASURED, { refs }) : undefined;
  const hazards = facts?.subjects(registers.hazard) ?? [];
  const tested = new Map(
    (facts && hazards.length > 0 ? facts.subjects(registers.aiSystem) : []).map((s) => [
      s.ref,
      testedOf(facts!, s, criteria),
    ]),
  );
  const measures = new Map(
    risks.map((r): [string, RiskMeasure] => [
      r.ref,
      measureRisk(
        r,
        hazards,
        criteria,
        linksOf(r, 'systems').map((s) => tested.get(s) ?? []),
      ),
    ]),
  );
  return { measures, hazards };
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
