import type { Binding } from '../../authority/binding.ts';
import { back, type Hop, reads } from '../../facts/reads.ts';
import { type Covered, type CoverRule, coversOf, presentRule } from '../../register/covering.ts';
import { restingKinds } from '../../register/decisions.ts';
import type { Rec } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { type Contents, contentsOf, materialDigest } from '../../register/values.ts';
import { admittedAs } from '../../register/who.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import { coveredStatement, toCovered } from '../../store/authority/covers.ts';
import type { Row } from '../../store/db/database.ts';
import type { Stored } from '../../store/records/records.ts';
import {
  toVersionFound,
  type VersionAsked,
  type VersionFound,
  versionsAtStatement,
} from '../../store/records/versions-at.ts';
import type { App, Asking } from '../context.ts';
import { type Ask, readFacts } from '../read/facts.ts';
import type { Basis } from './effects-why.ts';

export type { Ask } from '../read/facts.ts';

/** More dependents than this are not looked through at one go; the answer then says that it is not complete. */
export const MOST_DEPENDENTS = 5_000;

/** Everything around some AI systems and some records that a change touches. */
export interface Around {
  /** Records that decisions are about, by reference. */
  records: ReadonlyMap<string, Rec>;
  runs: readonly Rec<Registers['testRun']>[];
  /** The gate's decisions to let a release through, newest first. */
  allowances: readonly Rec<Registers['gateDecision']>[];
  /** Decisions by the record they are about, newest first. */
  decisions: ReadonlyMap<string, readonly Rec<Registers['decision']>[]>;
  bindings: ReadonlyMap<string, Binding>;
  complete: boolean;
}

/** Registers whose records rest on others by way of one that does. */
const SECOND: readonly Hop[] = [
  back(registers.testRun, 'release'),
  back(registers.gateDecision, 'release'),
  back(registers.drill, 'rollbackPlan'),
];

/** Reads what may rest on the given records, with its decisions and what these cover now. Four statements. */
export async function readAround(
  app: App,
  asking: Asking,
  ask: Ask,
  refs: readonly string[],
): Promise<Around> {
  const agreeing = app.registry.all.filter((r) => restingKinds(r).length > 0);
  const readable = (r: Register) => admittedAs(asking.actor, r.permissions.read) !== undefined;
  const looked = [
    ...agreeing,
    app.registry.of(registers.testRun),
    app.registry.of(registers.gateDecision),
  ].filter(readable);
  const facts = await readFacts(
    app,
    ask,
    reads(registers.aiSystem, {
      // What links to these, and what links to that as its release or rollback plan.
      hops: looked.map((r) => back(r, undefined, SECOND)),
      weighed: agreeing,
    }),
    { refs, newest: MOST_DEPENDENTS + 1 },
  );
  return {
    records: new Map(facts.weighed.map((r) => [r.ref, r])),
    // What was withdrawn says nothing any more, whatever changed.
    runs: facts.found(registers.testRun).filter((r) => r.state !== 'withdrawn'),
    allowances: facts
      .found(registers.gateDecision)
      .filter((r) => r.values.verdict === 'allow')
      .reverse(),
    decisions: new Map(facts.weighed.map((r) => [r.ref, facts.decisions(r)])),
    bindings: new Map(facts.weighed.map((r) => [r.ref, facts.binding(r)])),
    complete: facts.size <= MOST_DEPENDENTS,
  };
}

/** What decisions on these records cover; with `filtered` false, what they could ever cover. */
async function coveredBy(
  app: App,
  ask: Ask,
  records: readonly Pick<Stored, 'ref' | 'register'>[],
  filtered = true,
): Promise<Record<string, Covered[]>> {
  const names = [...new Set(records.map((r) => r.register))];
  const subjects = names.map((name) => ({
    register: app.registry.get(name),
    refs: records.filter((r) => r.register === name).map((r) => r.ref),
  }));
  const statement = coveredStatement(app.registry, subjects, filtered);
  return statement ? toCovered(await ask(statement)) : {};
}

/** A record at a moment at which somebody relied on it: at a time, or when a transition was last made. */
export interface Anchor {
  ref: string;
  register: string;
  at?: string;
  transition?: string;
  /** By which rule of its register something rests on what it covers; the present one unless told. */
  rule?: CoverRule;
}

/**
 * What decisions on records would have been bound to at earlier moments, in the order of the anchors; undefined where the record was not there
 * yet. For what was said without keeping the digests of all it rests on. Three statements, however many anchors.
 */
export async function basesThen(
  app: App,
  ask: Ask,
  anchors: readonly Anchor[],
): Promise<(Basis[] | undefined)[]> {
  if (anchors.length === 0) return [];
  const own = byPlace(
    await ask(versionsAtStatement(anchors.map(({ ref, at, transition }) => ({ ref, at, transition })))),
    anchors.length,
  );
  const coverable = await coveredBy(app, ask, anchors, false);
  const wanted: VersionAsked[] = [];
  const places = anchors.map((a, i) => {
    const then = own[i];
    if (!then) return [];
    const linked = app.registry
      .get(a.register)
      .covers.flatMap((c) => contentsOf(then.parts).links[c.link] ?? []);
    const refs = new Set([...linked, ...(coverable[a.ref] ?? []).map((c) => c.ref)]);
    return [...refs].map((ref) => wanted.push({ ref, at: a.at ?? then.at }) - 1);
  });
  const found = wanted.length === 0 ? [] : byPlace(await ask(versionsAtStatement(wanted)), wanted.length);
  return anchors.map((a, i) => {
    const then = own[i];
    if (!then) return undefined;
    const contents = contentsOf(then.parts);
    const members = places[i]!.flatMap((p) => found[p] ?? []).filter((m) => isCovered(app, a, contents, m));
    return [basisOf(app, then), ...members.map((m) => basisOf(app, m))];
  });
}

const byPlace = (rows: readonly Row[], length: number): (VersionFound | undefined)[] => {
  const out: (VersionFound | undefined)[] = new Array(length).fill(undefined);
  for (const v of rows.map(toVersionFound)) out[v.asked] = v;
  return out;
};

const basisOf = (app: App, v: VersionFound): Basis => ({
  ref: v.ref,
  version: v.version,
  digest: materialDigest(app.registry.ofRef(v.ref)!, v.ref, contentsOf(v.parts)),
});

/** Did a record with these contents cover the version, by the rules of its register? */
function isCovered(app: App, anchor: Anchor, contents: Contents, v: VersionFound): boolean {
  const r = app.registry.get(anchor.register);
  const { values, links } = contentsOf(v.parts);
  return coversOf(r, anchor.rule ?? presentRule(r)).some((c) => {
    if (c.states && !c.states.includes(v.state)) return false;
    if (!Object.entries(c.where ?? {}).every(([f, of]) => of.includes(String(values[f])))) return false;
    const targets = contents.links[c.link] ?? [];
    if (!c.inverse) return targets.includes(v.ref);
    const back = app.registry.inversesOf(r.links[c.link]!.to).find((i) => i.inverse === c.inverse);
    return (
      app.registry.ofRef(v.ref)?.name === back?.register.name &&
      (links[back!.link] ?? []).some((ref) => targets.includes(ref))
    );
  });
}

/** Is it a release that is still on its way or in use? What was tested for others is history. */
export const isLive = (app: App, release: Rec | undefined): release is Rec =>
  release !== undefined && !app.registry.of(registers.release).ended.includes(release.state);
