import type { Because, Effects, Said } from '../../answers/effects.ts';
import type { Draft } from '../../answers/shape.ts';
import { type Binding, type Bound, boundBy, changedSince } from '../../authority/binding.ts';
import { isOver } from '../../authority/weigh.ts';
import { FIRST_RULE } from '../../register/covering.ts';
import { AGREEING, speaksIn } from '../../register/decisions.ts';
import type { Rec } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import { changedNames, contentsOf } from '../../register/values.ts';
import { registers } from '../../registers/index.ts';
import { readStatement, toStored } from '../../store/records/records.ts';
import { toVersionFound, type VersionFound, versionsAtStatement } from '../../store/records/versions-at.ts';
import { recordsNamed, systemsEver } from '../../store/release/effects.ts';
import type { App, Asking } from '../context.ts';
import { erasedOf } from '../read/query.ts';
import { demandRead } from '../write/access.ts';
import { type Anchor, type Around, type Ask, basesThen, isLive, readAround } from './effects-read.ts';
import {
  type Cause,
  causesBetween,
  type EffectStatus,
  type Rest,
  type Resting,
  type Verdict,
  verdictOn,
} from './effects-why.ts';

const SAID: Readonly<Record<string, Said>> = { approve: 'approval', accept: 'acceptance', waive: 'waiver' };
const ORDER: readonly EffectStatus[] = ['stale', 'renewed', 'current'];

/** What a change is about: the systems around it, the records it touches, and new components that it brings. */
interface Scope {
  around: string[];
  touched?: Set<string>;
  brings: Rec[];
  systems: string[];
}

/**
 * What a change made stale, and what it would: of a component, of an AI system (whatever the reason), or of a change ticket. Computed from the
 * digests that decisions and runs keep; nothing is written. A fixed number of statements, in one snapshot.
 */
export async function readEffects(
  app: App,
  asking: Asking,
  register: Register,
  ref: string,
  limit: number,
): Promise<Effects> {
  demandRead(asking, register);
  return app.db.converse(
    asking.actor.organisation,
    async (ask) => {
      const [own] = await ask(readStatement(register, ref));
      if (!own) throw notThere(register, ref);
      const scope = await scopeOf(ask, toStored(own));
      const around = await readAround(app, asking, ask, scope.around);
      const restings = await restingsOf(app, ask, around);
      const found = restings.flatMap((r) => {
        const known = { ...r, rests: r.rests.flatMap((x) => comparable(x, app.erased)) };
        const verdict = verdictOn(wouldToo(app, scope, around, known), scope.touched);
        return verdict ? [{ r, verdict }] : [];
      });
      return answer(app, ask, around, found, limit);
    },
    { snapshot: true },
  );
}

/** Without what was erased since the point that is asked of: whether that had changed, nobody can tell any more. */
function comparable(rest: Rest, erased: ReadonlySet<string> = new Set()): Rest[] {
  const causes = erased.has(rest.by) ? [] : rest.causes.filter((c) => !erased.has(c.ref));
  return causes.length === 0 && rest.causes.length > 0 ? [] : [{ ...rest, causes }];
}

async function scopeOf(ask: Ask, root: Rec): Promise<Scope> {
  if (root.register === registers.aiSystem.name)
    return { around: [root.ref], brings: [], systems: [root.ref] };
  const named = root.register === registers.change.name ? (root.links.systems ?? []) : [];
  const components = root.register === registers.component.name ? [root.ref] : (root.links.components ?? []);
  const releases = root.register === registers.change.name ? (root.links.releases ?? []) : [];
  const systems = [...new Set([...named, ...(await ask(systemsEver(components))).map((r) => String(r.ref))])];
  const touched = new Set([...components, ...releases]);
  // A ticket that names neither a component nor a release is about its systems as a whole.
  if (touched.size === 0) for (const s of named) touched.add(s);
  const brings = components.length === 0 ? [] : (await ask(recordsNamed(components))).map(toStored);
  return { around: [...systems, ...touched], touched, brings, systems: named };
}

interface Found extends Resting {
  said: Said;
  /** The record that the verdict is about. */
  record: Rec;
  release?: string;
}

/** Everything that was said and still speaks, with what changed under it. */
async function restingsOf(app: App, ask: Ask, around: Around): Promise<Found[]> {
  const today = app.clock.now().toISOString().slice(0, 10);
  const out: (Omit<Found, 'rests'> & {
    rests: (Rest | (Omit<Rest, 'causes'> & { anchor: Anchor; about: string }))[];
  })[] = [];
  for (const record of around.records.values()) {
    const register = app.registry.get(record.register);
    const binding = around.bindings.get(record.ref)!;
    const on = [record.ref, ...binding.covered.map((c) => c.ref)];
    const agreed = (around.decisions.get(record.ref) ?? []).filter((d) =>
      AGREEING.some((k) => k === d.values.kind),
    );
    if (agreed.length > 0 && speaksIn(register, record.state)) {
      const rests = agreed.map((d) => {
        const ended = isOver(d, today);
        const bound = boundBy(binding, d);
        if (d.values.subjectDigest === bound.digest) return { by: d.ref, ended, causes: [] };
        // Decisions of before the digests of what they cover were kept.
        if (d.values.ownDigest === undefined)
          return {
            by: d.ref,
            ended,
            about: record.ref,
            anchor: { ref: record.ref, register: record.register, at: d.createdAt, rule: FIRST_RULE },
          };
        const causes = changedSince(d, bound).map((c) =>
          c.ref === record.ref ? { ...c, to: record.version } : c,
        );
        return { by: d.ref, ended, causes };
      });
      out.push({ ref: record.ref, record, on, rests, said: SAID[String(agreed[0]!.values.kind)]! });
    } else if (agreed.length === 0 && isConcluded(record)) {
      const anchor = { ref: record.ref, register: record.register, transition: 'conclude' };
      out.push({
        ref: record.ref,
        record,
        on,
        rests: [{ by: record.ref, ended: false, about: record.ref, anchor }],
        said: 'conclusion',
      });
    }
  }
  for (const run of around.runs) {
    const release = around.records.get(run.links.release?.[0] ?? '');
    if (!isLive(app, release) || run.values.subjectDigest === undefined) continue;
    out.push(onRelease(around, run, release, 'test'));
  }
  const newest = new Set<string>();
  for (const allowance of around.allowances) {
    const release = around.records.get(allowance.links.release?.[0] ?? '');
    if (!release || newest.has(release.ref)) continue;
    newest.add(release.ref);
    if (['allowed', 'shipped'].includes(release.state))
      out.push(onRelease(around, allowance, release, 'allowance'));
  }
  return withBases(app, ask, around, out);
}

const isConcluded = (r: Rec): boolean =>
  (r.register === registers.riskAssessment.name || r.register === registers.impactAssessment.name) &&
  r.state === 'concluded';

type Open = Omit<Found, 'rests'> & {
  rests: (Rest | (Omit<Rest, 'causes'> & { anchor: Anchor; about: string }))[];
};

/** A run or an allowance: bound to the digest of the release as it was. */
function onRelease(
  around: Around,
  by: Around['runs'][number] | Around['allowances'][number],
  release: Rec,
  said: Said,
): Open {
  const binding = around.bindings.get(release.ref)!;
  const same = by.values.subjectDigest === binding.content.digest;
  const anchor = {
    ref: release.ref,
    register: registers.release.name,
    at: by.createdAt,
    rule: 'content' as const,
  };
  return {
    ref: by.ref,
    record: by,
    said,
    release: release.ref,
    on: [release.ref, ...binding.content.covered.map((c) => c.ref)],
    rests: [
      same
        ? { by: by.ref, ended: false, causes: [] }
        : { by: by.ref, ended: false, about: release.ref, anchor },
    ],
  };
}

const boundUnder = (b: Binding, rule: Anchor['rule']): Bound =>
  rule === undefined ? b : rule === 'content' ? b.content : b.under(rule);

/** Fills in what changed since where only a moment is known. */
async function withBases(app: App, ask: Ask, around: Around, open: readonly Open[]): Promise<Found[]> {
  const anchors = open.flatMap((o) => o.rests.flatMap((r) => ('anchor' in r ? [r.anchor] : [])));
  const bases = await basesThen(app, ask, anchors);
  let next = 0;
  return open.map((o) => ({
    ...o,
    rests: o.rests.map((r): Rest => {
      if (!('anchor' in r)) return r;
      const then = bases[next++];
      const record = around.records.get(r.about)!;
      const binding = around.bindings.get(r.about)!;
      const { covered } = boundUnder(binding, r.anchor.rule);
      const now = [{ ref: record.ref, version: record.version, digest: binding.own }, ...covered];
      const causes = then ? causesBetween(then, now) : [];
      // A conclusion that nothing changed under holds; of a digest that differs, something did, though it can no longer be told what.
      const unknown = causes.length === 0 && r.anchor.at !== undefined;
      return {
        by: r.by,
        ended: r.ended,
        causes: unknown ? [{ ref: record.ref, from: null, to: record.version }] : causes,
      };
    }),
  }));
}

/** A component that a ticket brings is not part of its systems yet: what it would touch counts as resting on it. */
function wouldToo(app: App, scope: Scope, around: Around, r: Found): Resting {
  const record = around.records.get(r.ref);
  if (!record || scope.brings.length === 0) return r;
  const register = app.registry.get(record.register);
  const more = scope.brings.filter((b) =>
    register.covers.some((c) => {
      if (!c.inverse || !(record.links[c.link] ?? []).some((ref) => scope.systems.includes(ref)))
        return false;
      const back = app.registry.inversesOf(register.links[c.link]!.to).find((i) => i.inverse === c.inverse);
      return (
        back?.register.name === b.register &&
        Object.entries(c.where ?? {}).every(([f, of]) => of.includes(String(b.values[f])))
      );
    }),
  );
  return { ...r, on: [...r.on, ...more.map((b) => b.ref)] };
}

async function answer(
  app: App,
  ask: Ask,
  around: Around,
  all: { r: Found; verdict: Verdict }[],
  limit: number,
): Promise<Effects> {
  const place = new Map(app.registry.all.map((r, i) => [r.name, i]));
  all.sort(
    (a, b) =>
      ORDER.indexOf(a.verdict.status) - ORDER.indexOf(b.verdict.status) ||
      place.get(a.r.record.register)! - place.get(b.r.record.register)! ||
      a.r.record.number - b.r.record.number,
  );
  const shown = all.slice(0, limit);
  const because = await reasonsOf(
    app,
    ask,
    shown.flatMap((x) => x.verdict.because),
  );
  const counts = { stale: 0, renewed: 0, current: 0 };
  const byRegister = new Map<string, Draft<Effects['byRegister'][number]>>();
  for (const { r, verdict } of all) {
    counts[verdict.status] += 1;
    const name = r.record.register;
    const row = byRegister.get(name) ?? {
      register: name,
      label: app.registry.get(name).label.many,
      stale: 0,
      renewed: 0,
      current: 0,
    };
    row[verdict.status] += 1;
    byRegister.set(name, row);
  }
  return {
    counts,
    byRegister: [...byRegister.values()].sort((a, b) => place.get(a.register)! - place.get(b.register)!),
    items: shown.map(({ r, verdict }) => ({
      ref: r.record.ref,
      register: r.record.register,
      title: r.record.title,
      state: r.record.state,
      said: r.said,
      ...(r.release ? { release: r.release } : {}),
      status: verdict.status,
      by: [...verdict.by],
      because: verdict.because.map((c) => because(c)),
    })),
    more: all.length > shown.length,
    complete: around.complete,
  };
}

const pairOf = (ref: string, version: number): [string, { ref: string; version: number }] => [
  `${ref} ${version}`,
  { ref, version },
];

/** Titles of what changed, and which of its fields differ between the two versions: two statements. */
async function reasonsOf(app: App, ask: Ask, causes: readonly Cause[]): Promise<(c: Cause) => Because> {
  const pairs = new Map(
    causes.flatMap((c) =>
      [c.from, c.to].flatMap((version) => (version === null ? [] : [pairOf(c.ref, version)])),
    ),
  );
  const asked = [...pairs.values()];
  const versions = new Map<string, VersionFound>();
  const titles = new Map<string, string>();
  if (asked.length > 0) {
    for (const row of (await ask(versionsAtStatement(asked))).map(toVersionFound))
      versions.set(`${row.ref} ${row.version}`, row);
    for (const r of (await ask(recordsNamed([...new Set(asked.map((a) => a.ref))]))).map(toStored))
      titles.set(r.ref, r.title);
  }
  return (c) => {
    const register = app.registry.ofRef(c.ref)!;
    const [was, is] = [versions.get(`${c.ref} ${c.from}`), versions.get(`${c.ref} ${c.to}`)];
    const names =
      was && is
        ? changedNames(contentsOf(was.parts), contentsOf(is.parts)).filter(
            (n) => register.fields[n]?.material ?? register.links[n]?.material,
          )
        : [];
    return {
      ref: c.ref,
      register: register.name,
      title: titles.get(c.ref) ?? c.ref,
      from: c.from,
      to: c.to,
      fields: names.map((name) => ({
        name,
        label: register.fields[name]?.label ?? register.links[name]!.label,
      })),
      erased: [was, is].some((v) => v !== undefined && erasedOf(v).length > 0),
    };
  };
}
