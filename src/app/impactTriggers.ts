import { Failure } from '../base/failure.ts';
import { recOf } from '../register/rec.ts';
import { admittedAs } from '../register/who.ts';
import { registers } from '../registers/index.ts';
import * as cell from '../store/cells.ts';
import type { Row } from '../store/database.ts';
import { named } from '../store/named.ts';
import { readStatement, type Stored, toRec, toStored } from '../store/records.ts';
import type { App, Asking } from './context.ts';
import { decisionsStatement, presentBinding } from './decisions.ts';
import { demandRead } from './query.ts';

/** Triggers that can be told from records; the others are for people to watch. */
const COMPUTED = [
  'newPurpose',
  'newModel',
  'newData',
  'newAutonomy',
  registers.incident.name,
  'complaint',
] as const;
type Computed = (typeof COMPUTED)[number];

/** Which trigger a new component of a kind pulls; prompts are left to the tests. */
const BY_KIND: Readonly<Record<string, Computed>> = {
  model: 'newModel',
  dataset: 'newData',
  agent: 'newAutonomy',
  tool: 'newAutonomy',
};

export interface TriggerEvent {
  trigger: Computed;
  /** Whether the assessment names this trigger among those that make it necessary again. */
  named: boolean;
  ref: string;
  title: string;
  /** When it came; null where only the difference is known. */
  at: string | null;
  says: string;
}

export interface Triggers {
  /** The approval that events are counted from; null while nobody has approved. */
  since: { decision: string; at: string } | null;
  events: TriggerEvent[];
  /** Triggers that no record shows: people look out for them. */
  watchedByPeople: string[];
  /** Registers that whoever asks may not read, so that what is in them is not counted here. */
  notShown: string[];
}

/** What happened since an impact assessment was approved that makes it necessary to assess again. */
export async function readTriggers(app: App, ask: Asking, ref: string): Promise<Triggers> {
  const register = app.registry.of(registers.impactAssessment);
  demandRead(ask, register);
  const organisation = ask.actor.organisation;
  const [own, decided] = await app.db.run(organisation, [
    readStatement(register, ref),
    decisionsStatement(app, [ref]),
  ]);
  if (!own![0])
    throw new Failure('NOT_FOUND', `There is no AI system impact assessment ${ref.slice(0, 40)}.`);
  const record = toRec(registers.impactAssessment)(own![0]);
  const wanted = record.values.triggers ?? [];
  const notShown = [registers.incident.name, registers.concern.name].filter(
    (name) => !admittedAs(ask.actor, app.registry.get(name).permissions.read),
  );
  const base = { watchedByPeople: wanted.filter((t) => !COMPUTED.some((c) => c === t)), notShown };
  const approval = decided!.map(toStored).find((d) => d.values.kind === 'approve');
  if (!approval) return { since: null, events: [], ...base };
  const since = approval.createdAt;
  const systems = record.links.systems ?? [];
  const may = [registers.incident.name, registers.concern.name].filter((name) => !notShown.includes(name));
  const [happened, purposes] = await app.db.run(organisation, [
    happenedStatement(systems, since, may),
    purposesStatement(systems, since),
  ]);
  const binding = await presentBinding(app, organisation, register, ref, record);
  const then = recOf(registers.decision, approval).values.covered ?? [];
  const added = binding.covered.filter(
    (c) => c.register === registers.component.name && !then.some((t) => t.ref === c.ref),
  );
  const parts =
    added.length > 0
      ? await componentsOf(
          app,
          organisation,
          added.map((c) => c.ref),
        )
      : [];
  const found = [...parts.map(ofComponent), ...happened!.map(ofRecord), ...purposes!.map(ofPurpose)];
  const events = found
    .flatMap((e) => (e ? [{ ...e, named: wanted.includes(e.trigger) }] : []))
    .sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1));
  return { since: { decision: approval.ref, at: since }, events, ...base };
}

type Event = Omit<TriggerEvent, 'named'>;

/** Incidents and concerns about these systems since then; the database keeps concerns from the people they are about. */
const happenedStatement = (systems: readonly string[], since: string, registers: readonly string[]) => ({
  text: `select r.register, r.ref, r.title, r.created_at, r."values"->>${named.concern.field('from')} as source from record r
    where r.organisation = (select present_organisation()) and r.register = any($1) and r.created_at > $2::timestamptz
      and r.id in (select k.from_id from link k join record s on s.organisation = k.organisation and s.id = k.to_id
        where k.organisation = (select present_organisation()) and s.ref = any($3) and k.from_register = any($1))
    order by r.number desc limit 200`,
  values: [registers, since, systems],
  name: 'impact-happened',
});

/** Systems whose purpose reads otherwise than in the version that was the newest at the approval. */
const purposesStatement = (systems: readonly string[], since: string) => ({
  text: `select r.ref, r.title, r.updated_at from record r cross join lateral (
      select c.value->>${named.aiSystem.field('purpose')} as purpose from version v join content c on c.organisation = v.organisation
        and c.record_id = v.record_id and c.version = v.version and c.part = 'text'
      where v.organisation = r.organisation and v.record_id = r.id and v.at <= $3::timestamptz
      order by v.version desc limit 1) was
    where r.organisation = (select present_organisation()) and r.register = $1 and r.ref = any($2)
      and was.purpose is distinct from r."values"->>${named.aiSystem.field('purpose')}`,
  values: [registers.aiSystem.name, systems, since],
  name: 'impact-purposes',
});

async function componentsOf(app: App, organisation: number, refs: readonly string[]): Promise<Stored[]> {
  const [rows] = await app.db.run(organisation, [readStatement(app.registry.of(registers.component), refs)]);
  return rows!.map(toStored);
}

function ofComponent(c: Stored): Event | undefined {
  const trigger = BY_KIND[String(c.values.kind)];
  if (!trigger) return undefined;
  return {
    trigger,
    ref: c.ref,
    title: c.title,
    at: c.createdAt,
    says: `A ${String(c.values.kind)} that was not part of what was approved.`,
  };
}

function ofRecord(r: Row): Event {
  const concern = r.register === registers.concern.name;
  return {
    trigger: concern ? 'complaint' : registers.incident.name,
    ref: cell.text(r.ref),
    title: cell.text(r.title),
    at: cell.moment(r.created_at).toISOString(),
    says: concern
      ? `A concern from ${r.source === 'outside' ? 'outside' : 'inside'} about the system.`
      : 'An incident with the system.',
  };
}

const ofPurpose = (r: Row): Event => ({
  trigger: 'newPurpose',
  ref: cell.text(r.ref),
  title: cell.text(r.title),
  at: cell.moment(r.updated_at).toISOString(),
  says: 'The intended purpose reads otherwise than when the assessment was approved.',
});
