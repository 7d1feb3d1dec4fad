import type {
  ApprovalSeen,
  ChangedSince,
  RecordChange,
  SinceApproval,
} from '../../answers/comments-and-bulk.ts';
import type { ChangedValue } from '../../answers/log.ts';
import type { Draft } from '../../answers/shape.ts';
import { bindingOf, boundBy } from '../../authority/binding.ts';
import { isOver } from '../../authority/weigh.ts';
import { AGREEING } from '../../register/decisions.ts';
import { recOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import { type Contents, contentsOf, peopleIn } from '../../register/values.ts';
import { admittedAs } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { coveredStatement, toCovered } from '../../store/authority/covers.ts';
import { decisionsStatement } from '../../store/authority/decisions.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import {
  readManyStatement,
  readStatement,
  referencesStatement,
  type Stored,
  toRec,
  toReferences,
  toStored,
} from '../../store/records/records.ts';
import { versionsAt } from '../../store/release/since-approval.ts';
import type { App, Asking } from '../context.ts';
import { changedValues } from '../read/differences.ts';
import { changedSeen } from '../read/hidden.ts';
import { erasedOf } from '../read/query.ts';
import { demandRead } from '../write/access.ts';

/**
 * What whoever approves has to look at: how the record, and the records it covers, differ from what was approved last, by anybody, standing or
 * not. A fixed number of statements, however much is covered.
 */
export async function sinceApproval(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
): Promise<SinceApproval> {
  demandRead(ask, register);
  const organisation = ask.actor.organisation;
  const covering = coveredStatement(app.registry, [{ register, refs: [ref] }]);
  const [own, decided, covers] = await app.db.run(organisation, [
    readStatement(register, ref),
    decisionsStatement(app, [ref]),
    ...(covering ? [covering] : []),
  ]);
  if (!own![0]) throw notThere(register, ref);
  const record = toStored(own![0]);
  const binding = bindingOf(register, ref, record, covers ? (toCovered(covers)[ref] ?? []) : []);
  const last = decided!.map(toRec(registers.decision)).find((d) => AGREEING.some((k) => k === d.values.kind));
  // By what its register covered when it was taken; what a decision would cover besides today is told apart.
  const present = last ? boundBy(binding, last) : binding;
  const then = last?.values.covered ?? [];
  const differs = last
    ? [...new Set([...present.covered.map((c) => c.ref), ...then.map((c) => c.ref)])].filter(
        (r) => present.covered.find((c) => c.ref === r)?.digest !== then.find((c) => c.ref === r)?.digest,
      )
    : [];
  const wanted = [
    ...(last ? [{ ref, version: Number(last.values.subjectVersion) }] : []),
    ...then.filter((c) => differs.includes(c.ref)).map(({ ref, version }) => ({ ref, version })),
  ];
  const [before, now] = await app.db.run(organisation, [versionsAt(wanted), readManyStatement(differs)]);
  const earlier = new Map(before!.map((r) => [cell.text(r.ref), toEarlier(r)]));
  const others = new Map(now!.map((r) => [cell.text(r.ref), toStored(r)]));
  const version = last ? Number(last.values.subjectVersion) : null;
  const mine: Draft<RecordChange> = {
    ref,
    register: register.name,
    title: record.title,
    from: version,
    to: record.version,
    ...(last ? compared(register, earlier.get(ref), record) : { changed: [], erased: [] }),
  };
  const covered = differs.map((r): Draft<RecordChange> => {
    const was = then.find((c) => c.ref === r);
    const is = present.covered.find((c) => c.ref === r);
    const other = others.get(r);
    const of = app.registry.ofRef(r)!;
    const base = {
      ref: r,
      register: of.name,
      title: other?.title ?? r,
      from: was?.version ?? null,
      to: is?.version ?? null,
    };
    if (!admittedAs(ask.actor, of.permissions.read))
      return { ...base, title: r, changed: [], erased: [], closed: true };
    // Covered then and not now, or the other way round: that is the difference, not what its fields say.
    if (!was || !is || !other) return { ...base, changed: [], erased: [] };
    return { ...base, ...compared(of, earlier.get(r), other) };
  });
  const [named] = await app.db.run(organisation, [
    referencesStatement(mentioned(app, [mine, ...covered], last)),
  ]);
  const references = toReferences(named!);
  for (const r of [mine, ...covered]) r.changed = changedSeen(r.changed, references);
  const today = app.clock.now().toISOString().slice(0, 10);
  return {
    decision: last ? decisionOf(last, last.values.subjectDigest === present.digest, today) : null,
    record: mine,
    covered,
    notCovered: binding.covered
      .filter((c) => !present.covered.some((p) => p.ref === c.ref))
      .map(({ ref: other, register: of, title }) => ({
        ref: other,
        register: of,
        title: admittedAs(ask.actor, app.registry.get(of).permissions.read) ? title : other,
      })),
    carriedForward: last !== undefined && last.values.subjectDigest === present.digest,
    references,
  };
}

function decisionOf(d: Stored, same: boolean, today: string): ApprovalSeen {
  const v = recOf(registers.decision, d).values;
  return {
    ref: d.ref,
    kind: String(v.kind),
    by: String(v.by),
    role: String(v.role),
    at: d.createdAt,
    ...(v.until ? { until: v.until } : {}),
    version: Number(d.values.subjectVersion),
    current: same && !isOver(d, today),
  };
}

interface Earlier {
  contents: Contents;
  erased: string[];
}

const toEarlier = (row: Row): Earlier => {
  const parts = cell.object(row.parts);
  return {
    contents: contentsOf(parts),
    erased: erasedOf({ parts, groups: cell.orNull(cell.texts)(row.groups) }).filter((g) =>
      CONTENT.includes(g),
    ),
  };
};

/** Groups that contents are made of; who acted, and why, is no difference of contents. */
const CONTENT = ['values', 'people', 'text', 'links'];

/** What differs; what was erased in the version approved says nothing about a change. */
function compared(
  register: Register,
  before: Earlier | undefined,
  now: Stored,
): { changed: ChangedSince[]; erased: string[] } {
  if (!before) return { changed: [], erased: CONTENT };
  const changed = changedValues(register, before.contents, now)
    .filter((c) => !before.erased.includes(groupOf(register, c)))
    .map((c) => ({
      ...c,
      material: (c.link ? register.links[c.name] : register.fields[c.name])?.material ?? true,
    }));
  return { changed, erased: before.erased };
}

function groupOf(register: Register, c: ChangedValue): string {
  if (c.link) return 'links';
  const f = register.fields[c.name];
  return f?.personal ? 'people' : f?.kind === 'longText' ? 'text' : 'values';
}

function mentioned(app: App, all: readonly RecordChange[], last: Stored | undefined): string[] {
  const refs = new Set<string>(last ? [String(last.values.by)] : []);
  for (const r of all) {
    const register = app.registry.get(r.register);
    for (const c of r.changed)
      for (const v of [c.from, c.to]) {
        const f = register.fields[c.name];
        const named = c.link ? (cell.orNull(cell.texts)(v) ?? []) : f ? peopleIn(f, v) : [];
        for (const ref of named) refs.add(ref);
      }
  }
  return [...refs];
}
