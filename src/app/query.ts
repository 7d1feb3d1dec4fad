import { Failure } from '../base/failure.ts';
import { inSentence, transitionLabel } from '../register/describe.ts';
import { asList, type Register } from '../register/register.ts';
import { type Contents, changedNames } from '../register/values.ts';
import { admittedAs, whoText } from '../register/who.ts';
import {
  cursorAfter,
  filterableNames,
  type ListQuery,
  listStatement,
  sortableNames,
  toPage,
} from '../store/list.ts';
import {
  inversesStatement,
  type Reference,
  readStatement,
  referencesIn,
  referencesStatement,
  type StoredVersion,
  type StoredWithRelations,
  toReferences,
  toStored,
  toStoredWithRelations,
  toVersion,
  versionsStatement,
} from '../store/records.ts';
import { mayEdit, mayTransit, missingFor } from './access.ts';
import type { App, Asking } from './context.ts';
import { decisionsStatement, presentDigest } from './decisions.ts';
import { type RecordView, toView } from './view.ts';

export interface Page {
  items: RecordView[];
  next: string | null;
  total?: number;
  references: Record<string, Reference>;
}

export function demandRead(ask: Asking, register: Register): void {
  if (!admittedAs(ask.actor, register.permissions.read))
    throw new Failure(
      'NOT_ALLOWED',
      `You may not read ${inSentence(register.label.many)}: that is for ${whoText(register.permissions.read, register.whoLabels)}.`,
    );
}

/** Refuses what a list of this register cannot be sorted or filtered by, naming what it can. */
export function demandKnown(app: App, register: Register, q: ListQuery): void {
  const slots = app.slots.get(register.name)!;
  const sortable = sortableNames(register, slots);
  if (!sortable.includes(q.sort.name))
    throw new Failure(
      'BAD_INPUT',
      `sort: ${JSON.stringify(q.sort.name.slice(0, 60))} cannot be sorted by; take one of ${sortable.join(', ')}.`,
      [{ path: '/sort', message: `take one of ${sortable.join(', ')}` }],
    );
  const filterable = filterableNames(app.registry, register, slots);
  for (const f of q.filters)
    if (!filterable.includes(f.name))
      throw new Failure(
        'BAD_INPUT',
        `${f.name.slice(0, 60)} is neither a parameter of this list nor a filter; filters are ${filterable.join(', ')}.`,
        [{ path: `/${f.name.slice(0, 60)}`, message: 'is not known here' }],
      );
}

/** A page of a register: one statement, whatever the size of the register. */
export async function listRecords(app: App, ask: Asking, register: Register, q: ListQuery): Promise<Page> {
  demandRead(ask, register);
  demandKnown(app, register, q);
  const slots = app.slots.get(register.name)!;
  const [rows] = await app.db.run(ask.actor.organisation, [listStatement(app.registry, register, slots, q)]);
  const more = rows!.length > q.limit;
  const page = rows!.slice(0, q.limit);
  const { records, references } = toPage(page);
  const last = page.at(-1);
  return {
    items: records.map(toView),
    next:
      more && last
        ? cursorAfter(q, { number: last.number as number, sortKey: last.sort_key as string })
        : null,
    ...(q.total ? { total: (rows![0]?.total as number | undefined) ?? 0 } : {}),
    references,
  };
}

export interface RecordPage extends RecordView {
  references: Record<string, Reference>;
  inverses: Record<
    string,
    {
      label: string;
      register: string;
      total: number;
      more: boolean;
      items: { ref: string; title: string; state: string }[];
    }
  >;
  may: {
    edit: boolean;
    why?: string;
    transitions: {
      name: string;
      label: string;
      to: string;
      allowed: boolean;
      why?: string;
      missing: string[];
    }[];
  };
  decisions: {
    ref: string;
    kind: string;
    by: string;
    role: string;
    at: string;
    reason?: string;
    until?: string;
    method?: string;
    current: boolean;
  }[];
}

/** One record with everything its page shows. */
export async function readPage(app: App, ask: Asking, register: Register, ref: string): Promise<RecordPage> {
  demandRead(ask, register);
  const organisation = ask.actor.organisation;
  const [own, decided] = await app.db.run(organisation, [
    readStatement(register, ref),
    decisionsStatement(app, [ref]),
  ]);
  if (!own![0])
    throw new Failure('NOT_FOUND', `There is no ${inSentence(register.label.one)} ${ref.slice(0, 40)}.`);
  const record = toStoredWithRelations(own![0]);
  const decisions = decided!.map(toStored);
  const digest = decisions.length > 0 ? await presentDigest(app, organisation, register, ref, record) : '';
  const wanted = [...referencesIn(app.registry, [record]), ...decisions.map((d) => String(d.values.by))];
  const [inverse, named] = await app.db.run(organisation, [
    inversesStatement(record.id, 20),
    referencesStatement([...new Set(wanted)]),
  ]);
  const today = app.clock.now().toISOString().slice(0, 10);
  return {
    ...toView(record),
    references: toReferences(named!),
    inverses: inversesOf(app, register, inverse!),
    may: mayOf(ask, register, record),
    decisions: decisions.map((d) => ({
      ref: d.ref,
      kind: String(d.values.kind),
      by: String(d.values.by),
      role: String(d.values.role),
      at: d.createdAt,
      ...(d.values.reason ? { reason: String(d.values.reason) } : {}),
      ...(d.values.until ? { until: String(d.values.until) } : {}),
      ...(d.values.method ? { method: String(d.values.method) } : {}),
      current: d.values.subjectDigest === digest && !(d.values.until && String(d.values.until) <= today),
    })),
  };
}

export function inversesOf(
  app: App,
  register: Register,
  rows: Record<string, unknown>[],
): RecordPage['inverses'] {
  const out: RecordPage['inverses'] = {};
  for (const i of app.registry.inversesOf(register.name)) {
    const mine = rows.filter((r) => r.register === i.register.name && r.name === i.link);
    const total = (mine[0]?.total as number | undefined) ?? 0;
    out[i.inverse] = {
      label: i.label,
      register: i.register.name,
      total,
      more: total > mine.length,
      items: mine.map((r) => ({ ref: r.ref as string, title: r.title as string, state: r.state as string })),
    };
  }
  return out;
}

/** What whoever asks may do with the record now, and if not, why. */
export function mayOf(ask: Asking, register: Register, record: StoredWithRelations): RecordPage['may'] {
  const edit = mayEdit(ask.actor, register, record);
  const transitions = Object.entries(register.transitions)
    .filter(([, t]) => asList(t.from).includes(record.state) && !asList(t.by).every((w) => w === 'engine'))
    .map(([name, t]) => {
      const admission = mayTransit(ask.actor, register, record, name, t);
      return {
        name,
        label: transitionLabel(name, t.label),
        to: t.to,
        allowed: 'as' in admission,
        ...('why' in admission ? { why: admission.why } : {}),
        missing: missingFor(t, record),
      };
    });
  return { edit: 'as' in edit, ...('why' in edit ? { why: edit.why } : {}), transitions };
}

export interface VersionView {
  version: number;
  at: string;
  act: string;
  transition?: string;
  state: string;
  actor: { ref: string; name: string };
  as?: string;
  reason?: string;
  values: Record<string, unknown>;
  links: Record<string, string[]>;
  /** Groups that were erased since: values, people, text, links, actor, reason. */
  erased: string[];
  digest: string;
  log: number | null;
  logIndex: number | null;
  changed: string[];
}

/** Versions of a record, newest first, 50 a page. */
export async function listVersions(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  before = 2 ** 31 - 1,
): Promise<{ items: VersionView[]; next: number | null; references: Record<string, Reference> }> {
  demandRead(ask, register);
  const organisation = ask.actor.organisation;
  const [own] = await app.db.run(organisation, [readStatement(register, ref)]);
  if (!own![0])
    throw new Failure('NOT_FOUND', `There is no ${inSentence(register.label.one)} ${ref.slice(0, 40)}.`);
  const record = toStored(own![0]);
  const [rows] = await app.db.run(organisation, [versionsStatement(record.id, before, 51)]);
  const versions = rows!.map(toVersion);
  const contents = versions.map((v) => contentsOf(v.parts));
  const people = versions.flatMap((v, i) => [
    v.actor,
    ...Object.entries(register.fields)
      .filter(([, f]) => f.kind === 'person')
      .map(([n]) => String(contents[i]!.values[n] ?? '')),
    ...Object.values(contents[i]!.links).flat(),
  ]);
  const [named] = await app.db.run(organisation, [referencesStatement([...new Set(people)].filter(Boolean))]);
  const references = toReferences(named!);
  const items = versions.slice(0, 50).map((v, i): VersionView => {
    const actor = v.parts.actor as { as?: string } | undefined;
    return {
      version: v.version,
      at: v.at,
      act: v.act,
      ...(v.transition ? { transition: v.transition } : {}),
      state: v.state,
      actor: { ref: v.actor, name: references[v.actor]?.title ?? v.actor },
      ...(actor?.as ? { as: actor.as } : {}),
      ...(v.parts.reason ? { reason: String(v.parts.reason) } : {}),
      values: contents[i]!.values,
      links: contents[i]!.links,
      erased: erasedOf(v),
      digest: v.digest,
      log: v.log,
      logIndex: v.logIndex,
      changed: changedSince(versions[i + 1], v),
    };
  });
  return { items, next: versions.length > 50 ? items.at(-1)!.version : null, references };
}

/** Groups that the version's entry commits to and that are gone. */
export const erasedOf = (v: { parts: Record<string, unknown>; groups: readonly string[] | null }): string[] =>
  (v.groups ?? []).filter((g) => !Object.hasOwn(v.parts, g)).sort();

/** What a version changed, as far as it can still be told: a group erased in either of the two says nothing about a change. */
function changedSince(earlier: StoredVersion | undefined, v: StoredVersion): string[] {
  if (!earlier && v.version !== 1) return [];
  const gone = [...erasedOf(v), ...(earlier ? erasedOf(earlier) : [])];
  const left = (parts: Record<string, unknown>) =>
    contentsOf(Object.fromEntries(Object.entries(parts).filter(([g]) => !gone.includes(g))));
  return changedNames(left(earlier?.parts ?? {}), left(v.parts));
}

/** Field values and links from the parts of a version. */
export function contentsOf(parts: Record<string, unknown>): Contents {
  return {
    values: {
      ...(parts.values as Record<string, unknown> | undefined),
      ...(parts.people as Record<string, unknown> | undefined),
      ...(parts.text as Record<string, unknown> | undefined),
    },
    links: (parts.links as Record<string, string[]> | undefined) ?? {},
  };
}
