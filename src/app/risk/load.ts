import { criteriaInForce as inForce } from '../../authority/criteria.ts';
import { measureRisk, type RiskMeasure, type Tested } from '../../gate/measured.ts';
import { policyFor } from '../../gate/policy.ts';
import { type As, type Rec, recsOf } from '../../register/rec.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { standingSql } from '../../store/authority/covers.ts';
import { newestCriteria } from '../../store/authority/newest.ts';
import * as cell from '../../store/cells.ts';
import type { Row, Statement } from '../../store/database.ts';
import { named } from '../../store/named.ts';
import { RECORD_SELECT, type Stored, toRec, toStored } from '../../store/records.ts';
import { MEMBERS } from '../circumstances.ts';
import type { App } from '../context.ts';
import { decisionPlace } from '../decisions.ts';
import { incoming, presentBindings, recordsNamed } from '../neighbourhood.ts';

export type Ask = (s: Statement) => Promise<Row[]>;

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

/** Measures the risks on the releases of their systems; a fixed number of statements, however many risks. */
export async function measureAll(
  app: App,
  ask: Ask,
  risks: readonly Risk[],
  criteria: Criteria | undefined,
): Promise<{ measures: Map<string, RiskMeasure>; hazards: Rec<Registers['hazard']>[] }> {
  const withHazards = risks.filter((r) => (r.links.hazards ?? []).length > 0);
  const wanted = (name: 'hazards' | 'systems') => [
    ...new Set(withHazards.flatMap((r) => r.links[name] ?? [])),
  ];
  const hazards =
    withHazards.length > 0
      ? (await ask(recordsNamed(registers.hazard.name, wanted('hazards')))).map(toRec(registers.hazard))
      : [];
  const tested = hazards.length > 0 ? await testedReleases(app, ask, wanted('systems'), criteria) : new Map();
  const measures = new Map(
    risks.map((r): [string, RiskMeasure] => [
      r.ref,
      measureRisk(
        r,
        hazards,
        criteria,
        (r.links.systems ?? []).map((s) => tested.get(s) ?? []),
      ),
    ]),
  );
  return { measures, hazards };
}

/** The newest releases of each system that are on their way or in use, newest first, with what was run on them. */
async function testedReleases(
  app: App,
  ask: Ask,
  systems: readonly string[],
  criteria: Criteria | undefined,
): Promise<Map<string, Tested[]>> {
  const rows = await ask({
    text: `select ${RECORD_SELECT}, x.system, x.risk_class from (
        select k.from_id, s.ref as system, s."values"->>${named.aiSystem.field('riskClass')} as risk_class,
          row_number() over (partition by s.id order by f.number desc) as place
        from record s join link k on k.organisation = s.organisation and k.to_id = s.id and k.from_register = $1 and k.name = ${named.release.link('system')}
        join record f on f.organisation = k.organisation and f.id = k.from_id
          and f.state in (${named.release.state('submitted', 'allowed', 'shipped')})
        where s.organisation = (select present_organisation()) and s.register = $2 and s.ref = any($3)) x
      join record r on r.organisation = (select present_organisation()) and r.id = x.from_id
      where x.place <= ${RELEASES} order by r.number desc`,
    values: [registers.release.name, registers.aiSystem.name, systems],
    name: 'risk-tested-releases',
  });
  const releases = rows.map(toRec(registers.release));
  if (releases.length === 0) return new Map();
  const handedIn = (
    await ask(
      incoming(
        releases.map((r) => r.id),
        [registers.testRun.name, registers.evidence.name],
      ),
    )
  ).map(toStored);
  const bindings = await presentBindings(app, ask, releases);
  const now = app.clock.now().toISOString();
  const out = new Map<string, Tested[]>();
  for (const [i, release] of releases.entries()) {
    const { system, risk_class } = rows[i]!;
    const ofThis = (x: { links: { release?: string[] } }) => x.links.release?.includes(release.ref);
    const one: Tested = {
      now,
      release,
      releaseDigest: bindings[release.ref]!.content.digest,
      runs: recsOf(registers.testRun, handedIn).filter(ofThis),
      evidence: recsOf(registers.evidence, handedIn).filter(ofThis),
      policy: policyFor(criteria, risk_class),
    };
    out.set(String(system), [...(out.get(String(system)) ?? []), one]);
  }
  return out;
}
