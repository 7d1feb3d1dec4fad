import { type Binding, bindingOf } from '../authority/binding.ts';
import { Failure } from '../base/failure.ts';
import type { OwnUse } from '../gate/in-use.ts';
import { decisionSubjects, type GateInput, type PlanRec } from '../gate/neighbourhood.ts';
import { PLAN_TICKET_KINDS } from '../gate/plan-strictness.ts';
import { rulesOf } from '../register/covering.ts';
import { type As, type LinkOf, recOf, recsOf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import { contentsOf, materialDigest } from '../register/values.ts';
import { type Registers, registers } from '../registers/index.ts';
import { coveredStatement, toCovered } from '../store/authority/covers.ts';
import { newestCriteria } from '../store/authority/newest.ts';
import * as cell from '../store/cells.ts';
import type { Row, Statement } from '../store/database.ts';
import { ownUseStatement, toUse } from '../store/in-use.ts';
import { named } from '../store/named.ts';
import { plansBefore, planTickets, toPlanBefore } from '../store/plans-before.ts';
import {
  iso,
  RECORD_SELECT,
  readStatement,
  type Stored,
  type StoredWithRelations,
  toRec,
  toStored,
  toStoredWithRelations,
  workedSql,
  workOf,
} from '../store/records.ts';
import { HEAD, type Head, toHead } from '../store/sequencer.ts';
import { askTogether } from '../store/together.ts';
import { MEMBERS_STATEMENT } from './circumstances.ts';
import type { App } from './context.ts';
import { decisionsStatement } from './decisions.ts';
import { emergencyUseOf, toEmergencyUse } from './emergencyUse.ts';
import { PLAN_NAMES, USE_NAMES } from './in-use.ts';
import { emergenciesOf, inUseOf, servedSinceOf, systemAt, toInUse } from './neighbourhood-more.ts';
import { erasedOf } from './query.ts';

type Ask = (s: Statement) => Promise<Row[]>;

const HERE = 'r.organisation = (select present_organisation())';

/** Records that a record links to, with the name of the link. */
const outgoing = (ref: string): Statement => ({
  text: `select ${RECORD_SELECT}, k.name as link_name from record o join link k on k.organisation = o.organisation and k.from_id = o.id
    join record r on r.organisation = k.organisation and r.id = k.to_id where o.organisation = (select present_organisation()) and o.ref = $1`,
  values: [ref],
  name: 'gate-outgoing',
});

/** What was handed in for a release: test runs and evidence. */
const handedIn = (release: string): Statement => ({
  text: `select ${RECORD_SELECT} from record o join link k on k.organisation = o.organisation and k.to_id = o.id and k.from_register = any($2)
    join record r on r.organisation = k.organisation and r.id = k.from_id where o.organisation = (select present_organisation()) and o.ref = $1`,
  values: [release, [registers.testRun.name, registers.evidence.name]],
  name: 'gate-handed-in',
});

/** Records of some registers that link to one of the given ones. */
export const incoming = (ids: readonly string[], from: readonly string[]): Statement => ({
  text: `select ${RECORD_SELECT} from record r where ${HERE} and r.register = any($2) and r.id in (
    select k.from_id from link k where k.organisation = (select present_organisation()) and k.to_id = any($1)
      and k.from_register = any($2)) order by r.register, r.number`,
  values: [ids, from],
  name: 'gate-incoming',
});

/** Records of a register by reference. */
export const recordsNamed = (register: string, refs: readonly string[]): Statement => ({
  text: `select ${RECORD_SELECT} from record r where ${HERE} and r.register = $1 and r.ref = any($2)`,
  values: [register, refs],
  name: 'records-named',
});

/**
 * Everything the gate looks at, read in one snapshot by a fixed number of statements: what depends on nothing else is asked together. `head` is the
 * published log that all of it was under before the reading began; the newest there is unless told.
 */
export async function readNeighbourhood(
  app: App,
  organisation: number,
  ref: string,
  head?: Head,
): Promise<{ input: GateInput; release: As<Registers['release'], StoredWithRelations> }> {
  return app.db.converse(organisation, (ask) => neighbourhoodOf(app, ask, ref, head), { snapshot: true });
}

/** The same within a conversation that sees to it that all of it is of one moment. */
export async function neighbourhoodOf(
  app: App,
  ask: Ask,
  ref: string,
  head?: Head,
): Promise<{ input: GateInput; release: As<Registers['release'], StoredWithRelations> }> {
  const [own, linked, mine, criteria, members, log, used] = await askTogether(ask, [
    readStatement(app.registry.of(registers.release), ref),
    outgoing(ref),
    handedIn(ref),
    newestCriteria(registers.criteria.name),
    MEMBERS_STATEMENT,
    HEAD,
    ownUseStatement(USE_NAMES, ref),
  ]);
  if (!own![0])
    throw new Failure('NOT_FOUND', `There is no release ${ref.slice(0, 40)}; see the list of releases.`);
  const release = recOf(registers.release, toStoredWithRelations(own![0]));
  const input = await around(app, ask, release, {
    linked: linked!,
    mine: mine!.map(toStored),
    // The newest that were ever approved: when they are superseded, older ones do not come back into force by themselves.
    criteria: criteria!.map(toRec(registers.criteria))[0],
    onePerson: members![0]?.people === 1,
    log: head ?? toHead(log![0]),
    ownUse: used!.map(toUse)[0],
  });
  return { input, release };
}

/** What the first reading gave. */
interface Known {
  linked: Row[];
  mine: Stored[];
  criteria: As<Registers['criteria'], Stored> | undefined;
  onePerson: boolean;
  log: Head;
  ownUse: OwnUse | undefined;
}

async function around(
  app: App,
  ask: Ask,
  release: As<Registers['release'], Stored>,
  k: Known,
): Promise<GateInput> {
  const by = <R extends Register>(name: LinkOf<Registers['release']>, register: R) =>
    k.linked.filter((r) => r.link_name === name).map(toRec(register));
  const system = by('system', registers.aiSystem)[0];
  if (!system) throw new Failure('CONFLICT', `${release.ref} belongs to no AI system; link it to one first.`);
  const plan = by('plan', registers.verificationPlan)[0];
  const rollbackPlan = by('rollbackPlan', registers.rollbackPlan)[0];
  const change = by('change', registers.change)[0];

  const [near, tickets, used, fixing, ofChange, served, emergencies, plansThen, eased] = await askTogether(
    ask,
    [
      incoming([system.id, ...(rollbackPlan ? [rollbackPlan.id] : [])], [...ABOUT, registers.drill.name]),
      emergenciesOf(system),
      inUseOf(system, release),
      fixingsOf(plan ? [plan.id] : []),
      outgoing(change?.ref ?? ''),
      servedSinceOf(system),
      emergencyUseOf(system.ref),
      plansBefore(PLAN_NAMES, system.id, release.id),
      planTickets(registers.change.name, PLAN_TICKET_KINDS, plan?.id, RECORD_SELECT),
    ],
  );
  const about = near!.map(toStored);
  const of = <R extends Register>(register: R) => recsOf(register, about);
  const inUse = toInUse(used!);
  const incident = ofChange!.find((r) => r.link_name === 'incident');
  const parts = {
    release,
    system,
    plan: plan && withFixing(app, plan, fixing!),
    rollbackPlan,
    change,
    risks: of(registers.risk).filter((r) => r.state !== 'closed'),
    assessments: of(registers.riskAssessment),
    drills: of(registers.drill),
    impactAssessments: of(registers.impactAssessment),
    suppliers: by('supplier', registers.supplier),
    emergencies: tickets!.map(toRec(registers.change)),
    planTickets: eased!.map(toRec(registers.change)),
  };
  const subjects = decisionSubjects(parts);
  const [named, decided, written] = await askTogether(ask, [
    recordsNamed(registers.hazard.name, [...new Set(parts.risks.flatMap((r) => r.links.hazards ?? []))]),
    decisionsStatement(app, subjects),
    authorsStatement(app, subjects),
  ]);
  const decisions = decided!.map(toRec(registers.decision));
  const authors = toAuthors(written!);
  const bindings = await presentBindings(app, ask, [
    release,
    system,
    ...[plan, rollbackPlan, change].filter((r) => r !== undefined),
    ...parts.risks,
    ...parts.assessments,
    ...parts.drills,
    ...parts.impactAssessments,
    ...parts.suppliers,
    ...[...parts.emergencies, ...parts.planTickets].filter((e) => e.ref !== change?.ref),
    ...(inUse ? [inUse.release] : []),
  ]);
  const approval = decisions.find((d) => d.values.subject === change?.ref && d.values.kind === 'approve');
  const systemThen =
    change?.values.kind === 'envelope' && approval
      ? await systemAt(ask, system, approval.createdAt)
      : undefined;
  const around = {
    ...parts,
    monitors: of(registers.monitor),
    documents: of(registers.document),
    decisions,
    authors,
  };
  const people = await peopleAround(ask, around, [
    release.values.overseer,
    ...k.mine.filter((r) => r.state === 'withdrawn').map((r) => r.updatedBy),
    ...parts.suppliers.map((r) => r.values.owner),
  ]);
  const since = served![0]?.since;
  return {
    now: app.clock.now().toISOString(),
    ...around,
    releaseDigest: bindings[release.ref]!.content.digest,
    components: by('components', registers.component),
    criteria: k.criteria,
    runs: recsOf(registers.testRun, k.mine),
    evidence: recsOf(registers.evidence, k.mine),
    hazards: of(registers.hazard),
    riskHazards: named!.map(toRec(registers.hazard)),
    ...(incident ? { incident: toRec(registers.incident)(incident) } : {}),
    ...(inUse ? { inUse: { ...inUse, digest: bindings[inUse.release.ref]!.content.digest } } : {}),
    ...(k.ownUse ? { ownUse: k.ownUse } : {}),
    ...(systemThen ? { systemThen } : {}),
    plansBefore: plansThen!.map(toPlanBefore),
    emergencyUse: toEmergencyUse(emergencies!),
    servedSince: since ? iso(since) : undefined,
    people,
    digests: digestsOf(bindings),
    digestsUnder: { [release.ref]: digestsUnder(app.registry.of(registers.release), bindings[release.ref]!) },
    onePerson: k.onePerson,
    log: k.log,
  };
}

/** Registers whose records about a system the gate looks at, whichever release is judged. */
export const ABOUT: readonly string[] = [
  registers.risk.name,
  registers.riskAssessment.name,
  registers.hazard.name,
  registers.impactAssessment.name,
  registers.monitor.name,
  registers.document.name,
];

/** The version in which each of these plans was fixed last, with what it said then. */
export const fixingsOf = (plans: readonly string[]): Statement => ({
  text: `select distinct on (v.record_id) v.record_id as id, v.at, (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c
        where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version) as parts,
        (select jsonb_agg(k) from jsonb_object_keys(convert_from(f.entry, 'UTF8')::jsonb->'c') k) as groups
      from version v left join leaf f on f.organisation = v.organisation and f.record_id = v.record_id and f.version = v.version
      where v.organisation = (select present_organisation()) and v.record_id = any($1) and v.transition = ${named.verificationPlan.step('fix')}
      order by v.record_id, v.version desc`,
  values: [plans],
  name: 'gate-plan-fixed',
});

/** The plan with the moment at which its present content was fixed, and the digest it had then. */
export function withFixing(
  app: App,
  plan: As<Registers['verificationPlan'], Stored>,
  fixings: readonly Row[],
): As<Registers['verificationPlan'], Stored> & PlanRec {
  const fixed = fixings.find((f) => f.id === plan.id);
  if (!fixed) return plan;
  const register = app.registry.get(plan.register);
  const parts = cell.object(fixed.parts);
  const fixedAt = iso(fixed.at);
  const erased = erasedOf({ parts, groups: cell.orNull(cell.texts)(fixed.groups) }).filter((g) =>
    CONTENT.has(g),
  );
  // A digest over what is left would say that the plan was changed, and nobody changed it.
  if (erased.length > 0) return { ...plan, fixedAt, erased };
  return { ...plan, fixedAt, planDigest: materialDigest(register, plan.ref, contentsOf(parts)) };
}

/** Groups that a digest of a record's contents is made of. */
const CONTENT: ReadonlySet<string> = new Set(['values', 'people', 'text', 'links']);

/** Who worked on each record: creators, editors, and those who carried it forward otherwise than by deciding. */
export function authorsStatement(app: App, refs: readonly string[]): Statement {
  const work = app.registry.all.flatMap((r) => workOf(r).map((name) => `${r.name}/${name}`));
  return {
    text: `select r.ref, ${workedSql(`(r.register || '/' || v.transition) = any($2)`)} as worked from record r where ${HERE} and r.ref = any($1)`,
    values: [refs, work],
    name: 'gate-authors',
  };
}

export const toAuthors = (rows: readonly Row[]): GateInput['authors'] =>
  Object.fromEntries(rows.map((r) => [cell.text(r.ref), cell.byName(cell.number)(r.worked)]));

/** What decisions on each of these records are bound to now. */
export async function presentBindings(
  app: App,
  ask: Ask,
  records: readonly Stored[],
): Promise<Record<string, Binding>> {
  const registers = [...new Set(records.map((r) => r.register))].map((name) => app.registry.get(name));
  const statement = coveredStatement(
    app.registry,
    registers.map((register) => ({
      register,
      refs: records.filter((r) => r.register === register.name).map((r) => r.ref),
    })),
  );
  const covered = statement ? toCovered(await ask(statement)) : {};
  return Object.fromEntries(
    records.map((r) => [r.ref, bindingOf(app.registry.get(r.register), r.ref, r, covered[r.ref] ?? [])]),
  );
}

export const digestsOf = (bindings: Readonly<Record<string, Binding>>): GateInput['digests'] =>
  Object.fromEntries(Object.entries(bindings).map(([ref, b]) => [ref, b.digest]));

/** Digests by the version of the rule that decisions were taken under. */
const digestsUnder = (register: Register, b: Binding): Record<number, string> =>
  Object.fromEntries(rulesOf(register).map((rule) => [rule, b.under(rule).digest]));

/** Everybody who is named around a system, and those besides. */
export const peopleAround = (
  ask: Ask,
  a: Pick<GateInput, 'system' | 'decisions' | 'authors' | 'risks' | 'monitors' | 'documents'>,
  besides: readonly (string | undefined)[] = [],
): Promise<GateInput['people']> =>
  peopleOf(
    ask,
    [
      ...a.decisions.flatMap((d) => [d.values.by, d.values.onBehalfOf]),
      ...Object.values(a.authors).flatMap(Object.keys),
      ...(['owner', 'approver', 'oversight'] as const).map((f) => a.system.values[f]),
      ...[...a.risks, ...a.monitors, ...a.documents].map((r) => r.values.owner),
      ...besides,
    ].flatMap((ref) => ref ?? []),
  );

async function peopleOf(ask: Ask, refs: readonly string[]): Promise<GateInput['people']> {
  const rows = await ask({
    text: `select r.ref, r.state, r."values"->>${named.person.field('name')} as name, r."values"->${named.person.field('roles')} as roles,
        r."values"->>${named.person.field('guest')} = 'true' as guest from record r
      where ${HERE} and r.register = $1 and r.ref = any($2)`,
    values: [registers.person.name, [...new Set(refs)].filter(Boolean)],
    name: 'gate-people',
  });
  return Object.fromEntries(
    rows.map((r) => [
      cell.text(r.ref),
      {
        name: cell.textOrNull(r.name) ?? cell.text(r.ref),
        ...(r.guest ? { guest: true } : {}),
        roles: cell.orNull(cell.texts)(r.roles) ?? [],
        state: cell.text(r.state),
      },
    ]),
  );
}
