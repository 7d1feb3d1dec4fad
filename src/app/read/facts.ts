import { bindingOf } from '../../authority/binding.ts';
import { Facts } from '../../facts/facts.ts';
import type { FactsPoint, Gathered, PersonFacts } from '../../facts/gathered.ts';
import type { Reads } from '../../facts/reads.ts';
import type { Uses } from '../../facts/uses.ts';
import { restingStates } from '../../register/decisions.ts';
import { type As, recsOf } from '../../register/rec.ts';
import { contentsOf } from '../../register/values.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { MEMBERS_STATEMENT } from '../../store/authority/circumstances.ts';
import { coveredStatement, toCovered } from '../../store/authority/covers.ts';
import { decisionsStatement } from '../../store/authority/decisions.ts';
import { newestCriteria } from '../../store/authority/newest.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row, Statement } from '../../store/db/database.ts';
import { askTogether } from '../../store/db/union.ts';
import { sinceStatement, takenStatement, toSince, toTaken } from '../../store/facts/history.ts';
import { inUseStatement, toInUseRecords, vendorRunStatement } from '../../store/facts/uses.ts';
import { type Start, toWalked, type Walked, walkStatement } from '../../store/facts/walk.ts';
import { HEAD, type Head, toHead } from '../../store/ledger/sequencer.ts';
import { authorsStatement, NOTHING, peopleStatement } from '../../store/read/facts.ts';
import { referencesIn, type Stored, toRec } from '../../store/records/records.ts';
import { toVersionFound, versionsAtStatement } from '../../store/records/versions-at.ts';
import { emergencyUseOf, toEmergencyUse } from '../../store/release/emergency.ts';
import { ownUseStatement, toUse } from '../../store/release/in-use.ts';
import { plansBefore, toPlanBefore } from '../../store/release/plans-before.ts';
import type { App } from '../context.ts';
import { PLAN_NAMES, USE_NAMES } from '../release/in-use.ts';

export type Ask = (s: Statement) => Promise<Row[]>;

/** Of when facts are: the present unless told. `ask` then answers as of that point too. */
export interface When {
  readonly now: string;
  readonly point?: FactsPoint;
  /** The published log that all of it was under before the reading began; the newest there is unless told. */
  readonly log?: Head;
}

/**
 * The one reader of facts: fills exactly what `reads` declares, by three statements at most, whatever there is of records and ways; within a conversation that
 * sees to it that all of it is of one moment. A subject that is not there is absent from `facts.subjects`.
 */
export async function readFacts(
  app: App,
  ask: Ask,
  reads: Reads,
  start: Start,
  when: When = { now: app.clock.now().toISOString() },
): Promise<Facts> {
  const one = 'refs' in start && start.refs.length === 1 ? start.refs[0]! : undefined;
  const uses = usesOf(reads, one);
  const [walked, criteria, members, head, own, inUse] = await askTogether(ask, [
    walkStatement(reads.hops, start),
    newestCriteria(registers.criteria.name),
    MEMBERS_STATEMENT,
    when.log ? NOTHING : HEAD,
    uses.has('ownUse') ? ownUseStatement(USE_NAMES, one!) : NOTHING,
    uses.has('inUse') ? inUseStatement(USE_NAMES, one!) : NOTHING,
  ]);
  const found = toWalked(walked!, reads.hops);
  const [subject] = found.subjects;
  const before = toInUseRecords(inUse!);
  const about = await knownBesides(app, ask, reads, found, before, uses);
  const base: Gathered = {
    now: when.now,
    point: when.point,
    log: when.log ?? toHead(head![0]),
    subjects: found.subjects,
    records: new Map(found.records.map((r) => [r.ref, r])),
    ways: found.ways,
    decisions: about.decisions,
    authors: about.authors,
    bindings: about.bindings,
    erased: app.erased ?? new Set(),
    taken: about.taken,
    since: about.since,
    uses: {
      ...(uses.has('ownUse') ? { ownUse: own!.map(toUse)[0] } : {}),
      ...(uses.has('inUse') ? { inUse: inUseOf(before, about.bindings) } : {}),
      ...(subject === undefined ? {} : about.uses),
    },
    people: {},
    versions: new Map(),
    // The newest that were ever approved: when they are superseded, older ones do not come back into force by themselves.
    criteria: criteria!.map(toRec(registers.criteria))[0],
    onePerson: members![0]?.people === 1,
  };
  return new Facts({ ...base, ...(await knownLast(app, ask, reads, base, found.records)) });
}

function usesOf(reads: Reads, one: string | undefined): ReadonlySet<string> {
  if (reads.uses.length > 0 && one === undefined)
    throw new Error('what is in use is read of one subject at a time');
  return new Set(reads.uses);
}

/** Whether anything is declared that hangs on the records. */
const asksBesides = ({ weighed, rested, worked, taken, since, uses }: Reads): boolean =>
  [weighed, rested, worked, taken, since, uses].some((l) => l.length > 0);

/** No rows of any of them. */
const askNothing: typeof askTogether = async (_, statements) => statements.map(() => []);

/** What hangs on the records that were found: decisions, authors, bindings, history, uses. */
async function knownBesides(
  app: App,
  ask: Ask,
  reads: Reads,
  found: Walked,
  before: readonly Stored[],
  uses: ReadonlySet<string>,
) {
  const weighed = found.records.filter(
    (r) =>
      reads.weighed.includes(r.register) ||
      (reads.rested.includes(r.register) && restingStates(app.registry.get(r.register)).has(r.state)),
  );
  const bound = [...weighed, ...before.filter((r) => reads.weighed.includes(r.register))];
  const subjects = weighed.map((r) => r.ref);
  const worked = found.records.filter((r) => reads.worked.includes(r.register)).map((r) => r.ref);
  const asked = <T extends { register: string }>(list: readonly T[]) =>
    list.flatMap((what) =>
      found.records.filter((r) => r.register === what.register).map((record) => ({ record, what })),
    );
  const steps = asked(reads.taken);
  const fields = asked(reads.since);
  const system = found.records.find((r) => r.register === registers.aiSystem.name);
  const release = found.records.find(
    (r) => r.register === registers.release.name && found.subjects.includes(r.ref),
  );
  const covering = coveredStatement(
    app.registry,
    [...reads.weighed, ...reads.rested].map((name) => ({
      register: app.registry.get(name),
      refs: [...new Set(bound.filter((r) => r.register === name).map((r) => r.ref))],
    })),
  );
  const [decided, written, took, dated, emergencies, plans, vendor, covers] = await (asksBesides(reads)
    ? askTogether
    : askNothing)(ask, [
    decisionsStatement(app, subjects),
    authorsStatement(app.registry, worked),
    takenStatement(
      steps.map((s) => s.record.id),
      reads.taken.map((t) => t.step),
    ),
    sinceStatement(fields.map((f) => ({ id: f.record.id, field: f.what.field }))),
    uses.has('emergencyUse') ? emergencyUseOf(system?.ref ?? '') : NOTHING,
    uses.has('plansBefore') && system ? plansBefore(PLAN_NAMES, system.id, release?.id ?? null) : NOTHING,
    uses.has('vendorRun') ? vendorRunStatement(USE_NAMES, system?.ref ?? '') : NOTHING,
    covering ?? NOTHING,
  ]);
  const covered = toCovered(covers!);
  const decisions = new Map<string, As<Registers['decision'], Stored>[]>(subjects.map((ref) => [ref, []]));
  for (const d of decided!.map(toRec(registers.decision))) decisions.get(String(d.values.subject))?.push(d);
  const workers = new Map(written!.map((r) => [cell.text(r.ref), cell.byName(cell.number)(r.worked)]));
  const found_: Partial<Uses> = {
    ...(uses.has('emergencyUse') ? { emergencyUse: toEmergencyUse(emergencies!) } : {}),
    ...(uses.has('plansBefore') ? { plansBefore: plans!.map(toPlanBefore) } : {}),
    ...(uses.has('vendorRun') ? { vendorRun: vendor![0]?.vendor_run === true } : {}),
  };
  return {
    decisions,
    authors: new Map(worked.map((ref) => [ref, workers.get(ref) ?? {}])),
    bindings: new Map(
      bound.map((r) => [r.ref, bindingOf(app.registry.get(r.register), r.ref, r, covered[r.ref] ?? [])]),
    ),
    taken: new Map([
      ...steps.map(({ record, what }) => [`${record.ref}/${what.step}`, undefined] as const),
      ...took!.map(toTaken),
    ]),
    since: new Map([
      ...fields.map(({ record, what }) => [`${record.ref}/${what.field}`, undefined] as const),
      ...dated!.map(toSince),
    ]),
    uses: found_,
  };
}

/** Everybody who is named by what was found, and what records said at moments that it tells. */
async function knownLast(
  app: App,
  ask: Ask,
  reads: Reads,
  base: Gathered,
  found: readonly Stored[],
): Promise<Pick<Gathered, 'people' | 'versions'>> {
  const asked = reads.versions?.(new Facts(base)) ?? [];
  const decided = [...base.decisions.values()].flat();
  const mentioned = [
    ...decided.flatMap((d) => [d.values.by ?? [], d.values.onBehalfOf ?? []].flat()),
    ...[...base.authors.values()].flatMap((a) => Object.keys(a)),
    ...referencesIn(app.registry, found),
  ].filter((ref) => app.registry.ofRef(ref)?.name === registers.person.name);
  const [people, versions] = await askTogether(ask, [
    peopleStatement([...new Set(mentioned)]),
    asked.length > 0 ? versionsAtStatement(asked) : NOTHING,
  ]);
  const said = versions!.map(toVersionFound);
  return {
    people: Object.fromEntries(people!.map(toPerson)),
    versions: new Map(
      asked.map(({ ref, at }, i) => {
        const version = said.find((v) => v.asked === i);
        return [`${ref} ${at}`, version && contentsOf(version.parts).values];
      }),
    ),
  };
}

const inUseOf = (before: readonly Stored[], bindings: Gathered['bindings']): Uses['inUse'] => {
  const [release] = recsOf(registers.release, before);
  const [allowance] = recsOf(registers.gateDecision, before);
  const digest = release && bindings.get(release.ref)?.content.digest;
  return release && allowance && digest !== undefined
    ? { release, allowance, components: recsOf(registers.component, before), digest }
    : undefined;
};

const toPerson = (r: Row): [string, PersonFacts] => [
  cell.text(r.ref),
  {
    name: cell.textOrNull(r.name) ?? cell.text(r.ref),
    ...(r.guest ? { guest: true } : {}),
    roles: cell.orNull(cell.texts)(r.roles) ?? [],
    state: cell.text(r.state),
  },
];
