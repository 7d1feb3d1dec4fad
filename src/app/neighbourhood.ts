import { Failure } from '../base/failure.ts';
import { decisionSubjects, type GateInput, type PlanRec } from '../gate/neighbourhood.ts';
import { rulesOf } from '../register/covering.ts';
import { type As, type LinkOf, recOf, recsOf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import { contentsOf, materialDigest } from '../register/values.ts';
import { type Registers, registers } from '../registers/index.ts';
import * as cell from '../store/cells.ts';
import { coveredStatement, toCovered } from '../store/covers.ts';
import type { Row, Statement } from '../store/database.ts';
import {
  RECORD_SELECT,
  readStatement,
  type Stored,
  type StoredWithRelations,
  toRec,
  toStored,
  toStoredWithRelations,
  WRITERS,
} from '../store/records.ts';
import { MEMBERS } from './circumstances.ts';
import type { App } from './context.ts';
import { type Binding, bindingOf, decisionsStatement } from './decisions.ts';
import { emergencyUseOf, toEmergencyUse } from './emergencyUse.ts';
import { emergenciesOf, inUseOf, servedSince, systemAt } from './neighbourhood-more.ts';
import { erasedOf } from './query.ts';

type Ask = (s: Statement) => Promise<Row[]>;

const HERE = 'r.organisation = (select present_organisation())';

/** Records that a record links to, with the name of the link. */
const outgoing = (id: string): Statement => ({
  text: `select ${RECORD_SELECT}, k.name as link_name from link k join record r on r.organisation = k.organisation
    and r.id = k.to_id where k.organisation = (select present_organisation()) and k.from_id = $1`,
  values: [id],
  name: 'gate-outgoing',
});

/** Records of some registers that link to one of the given ones. */
export const incoming = (ids: readonly string[], from: readonly string[]): Statement => ({
  text: `select ${RECORD_SELECT} from record r where ${HERE} and r.register = any($2) and r.id in (
    select k.from_id from link k where k.organisation = (select present_organisation()) and k.to_id = any($1)
      and k.from_register = any($2))`,
  values: [ids, from],
  name: 'gate-incoming',
});

/** The newest criteria that were ever approved; those in force unless they are superseded. */
export const newestCriteria = (): Statement => ({
  text: `select ${RECORD_SELECT} from record r where ${HERE} and r.register = $1 and r.state in ('approved', 'superseded')
    order by r.number desc limit 1`,
  values: [registers.criteria.name],
  name: 'gate-criteria',
});

/** Records of a register by reference. */
export const recordsNamed = (register: string, refs: readonly string[]): Statement => ({
  text: `select ${RECORD_SELECT} from record r where ${HERE} and r.register = $1 and r.ref = any($2)`,
  values: [register, refs],
  name: 'records-named',
});

/**
 * Everything the gate looks at, read in one snapshot by a fixed number of statements. `head` is the published log
 * that all of it was under before the reading began.
 */
export async function readNeighbourhood(
  app: App,
  organisation: number,
  ref: string,
  head: { size: number; root: string },
): Promise<{ input: GateInput; release: As<Registers['release'], StoredWithRelations> }> {
  const register = app.registry.of(registers.release);
  return app.db.converse(
    organisation,
    async (ask) => {
      const [own] = await ask(readStatement(register, ref));
      if (!own)
        throw new Failure('NOT_FOUND', `There is no release ${ref.slice(0, 40)}; see the list of releases.`);
      const release = recOf(registers.release, toStoredWithRelations(own));
      const input = await around(app, ask, release, head);
      return { input, release };
    },
    { snapshot: true },
  );
}

async function around(
  app: App,
  ask: Ask,
  release: As<Registers['release'], Stored>,
  head: { size: number; root: string },
): Promise<GateInput> {
  const linked = await ask(outgoing(release.id));
  const by = <R extends Register>(name: LinkOf<Registers['release']>, register: R) =>
    linked.filter((r) => r.link_name === name).map(toRec(register));
  const system = by('system', registers.aiSystem)[0];
  if (!system) throw new Failure('CONFLICT', `${release.ref} belongs to no AI system; link it to one first.`);
  const plan = by('plan', registers.verificationPlan)[0];
  const rollbackPlan = by('rollbackPlan', registers.rollbackPlan)[0];
  const change = by('change', registers.change)[0];
  const components = by('components', registers.component);

  const mine = (await ask(incoming([release.id], [registers.testRun.name, registers.evidence.name]))).map(
    toStored,
  );
  const runs = recsOf(registers.testRun, mine);
  const evidence = recsOf(registers.evidence, mine);
  const about = (
    await ask(
      incoming(
        [system.id, ...(rollbackPlan ? [rollbackPlan.id] : [])],
        [
          registers.risk.name,
          registers.riskAssessment.name,
          registers.hazard.name,
          registers.drill.name,
          registers.impactAssessment.name,
          registers.monitor.name,
          registers.document.name,
        ],
      ),
    )
  ).map(toStored);
  const of = <R extends Register>(register: R) => recsOf(register, about);
  // The newest that were ever approved: when they are superseded, older ones do not come back into force by themselves.
  const [criteria] = (await ask(newestCriteria())).map(toRec(registers.criteria));
  const [belonging] = await ask({ text: `select ${MEMBERS} as people`, name: 'gate-members' });

  const parts = {
    release,
    system,
    plan: plan ? await withFixing(app, ask, plan) : undefined,
    rollbackPlan,
    change,
    risks: of(registers.risk).filter((r) => r.state !== 'closed'),
    assessments: of(registers.riskAssessment),
    drills: of(registers.drill),
    impactAssessments: of(registers.impactAssessment),
    suppliers: by('supplier', registers.supplier),
    emergencies: await emergenciesOf(ask, system),
  };
  const named = [...new Set(parts.risks.flatMap((r) => r.links.hazards ?? []))];
  const riskHazards = (await ask(recordsNamed(registers.hazard.name, named))).map(toRec(registers.hazard));
  const inUse = await inUseOf(ask, system, release);
  const incident = change
    ? (await ask(outgoing(change.id))).find((r) => r.link_name === 'incident')
    : undefined;
  const subjects = decisionSubjects(parts);
  const decisions = (await ask(decisionsStatement(app, subjects))).map(toRec(registers.decision));
  const authors = await authorsOf(app, ask, subjects);
  const bindings = await presentBindings(app, ask, [
    release,
    system,
    ...[plan, rollbackPlan, change].filter((r) => r !== undefined),
    ...parts.risks,
    ...parts.assessments,
    ...parts.drills,
    ...parts.impactAssessments,
    ...parts.suppliers,
    ...parts.emergencies.filter((e) => e.ref !== change?.ref),
    ...(inUse ? [inUse.release] : []),
  ]);
  const approval = decisions.find((d) => d.values.subject === change?.ref && d.values.kind === 'approve');
  const systemThen =
    change?.values.kind === 'envelope' && approval
      ? await systemAt(ask, system, approval.createdAt)
      : undefined;
  const people = await peopleOf(ask, [
    ...decisions.flatMap((d) => [String(d.values.by), String(d.values.onBehalfOf ?? '')]),
    ...Object.values(authors).flat(),
    ...(['owner', 'approver', 'oversight'] as const).map((f) => system.values[f] ?? ''),
    String(release.values.overseer ?? ''),
    ...mine.filter((r) => r.state === 'withdrawn').map((r) => r.updatedBy),
    ...[...parts.suppliers, ...of(registers.monitor), ...of(registers.document)].map((r) =>
      String(r.values.owner ?? ''),
    ),
  ]);
  return {
    now: app.clock.now().toISOString(),
    ...parts,
    releaseDigest: bindings[release.ref]!.content.digest,
    components,
    criteria,
    runs,
    evidence,
    hazards: of(registers.hazard),
    riskHazards,
    monitors: of(registers.monitor),
    documents: of(registers.document),
    ...(incident ? { incident: toRec(registers.incident)(incident) } : {}),
    ...(inUse ? { inUse: { ...inUse, digest: bindings[inUse.release.ref]!.content.digest } } : {}),
    ...(systemThen ? { systemThen } : {}),
    emergencyUse: toEmergencyUse(await ask(emergencyUseOf(system.ref))),
    servedSince: await servedSince(ask, system),
    decisions,
    authors,
    people,
    digests: Object.fromEntries(Object.entries(bindings).map(([r, b]) => [r, b.digest])),
    digestsUnder: { [release.ref]: digestsUnder(app.registry.of(registers.release), bindings[release.ref]!) },
    onePerson: belonging!.people === 1,
    log: head,
  };
}

/** The plan with the moment at which its present content was fixed, and the digest it had then. */
async function withFixing(
  app: App,
  ask: Ask,
  plan: As<Registers['verificationPlan'], Stored>,
): Promise<As<Registers['verificationPlan'], Stored> & PlanRec> {
  const [fixed] = await ask({
    text: `select v.at, (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c
        where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version) as parts,
        (select jsonb_agg(k) from jsonb_object_keys(convert_from(f.entry, 'UTF8')::jsonb->'c') k) as groups
      from version v left join leaf f on f.organisation = v.organisation and f.record_id = v.record_id and f.version = v.version
      where v.organisation = (select present_organisation()) and v.record_id = $1 and v.transition = 'fix'
      order by v.version desc limit 1`,
    values: [plan.id],
    name: 'gate-plan-fixed',
  });
  if (!fixed) return plan;
  const register = app.registry.get(plan.register);
  const parts = cell.object(fixed.parts);
  const fixedAt = cell.moment(fixed.at).toISOString();
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
async function authorsOf(app: App, ask: Ask, refs: readonly string[]): Promise<Record<string, string[]>> {
  const decisionsByRegister = app.registry.all.flatMap((r) =>
    Object.entries(r.transitions)
      .filter(([, t]) => t.decision)
      .map(([name]) => `${r.name}/${name}`),
  );
  const rows = await ask({
    text: `select r.ref, jsonb_agg(distinct a.who) as actors from record r join version v on v.organisation = r.organisation
        and v.record_id = r.id ${WRITERS} where ${HERE} and r.ref = any($1)
        and (v.transition is null or not (r.register || '/' || v.transition) = any($2)) group by r.ref`,
    values: [refs, decisionsByRegister],
    name: 'gate-authors',
  });
  return Object.fromEntries(rows.map((r) => [cell.text(r.ref), cell.texts(r.actors)]));
}

/** What decisions on each of these records are bound to now. */
export async function presentBindings(
  app: App,
  ask: Ask,
  records: readonly Stored[],
): Promise<Record<string, Binding>> {
  const covering = [...new Set(records.map((r) => r.register))].map((name) => app.registry.get(name));
  const statement = coveredStatement(
    app.registry,
    covering.map((register) => ({
      register,
      refs: records.filter((r) => r.register === register.name).map((r) => r.ref),
    })),
  );
  const covered = statement ? toCovered(await ask(statement)) : {};
  return Object.fromEntries(
    records.map((r) => [r.ref, bindingOf(app.registry.get(r.register), r.ref, r, covered[r.ref] ?? [])]),
  );
}

/** Digests by the version of the rule that decisions were taken under. */
const digestsUnder = (register: Register, b: Binding): Record<number, string> =>
  Object.fromEntries(rulesOf(register).map((rule) => [rule, b.under(rule).digest]));

async function peopleOf(ask: Ask, refs: readonly string[]): Promise<GateInput['people']> {
  const rows = await ask({
    text: `select r.ref, r.state, r."values"->>'name' as name, r."values"->'roles' as roles,
        r."values"->>'guest' = 'true' as guest from record r
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
