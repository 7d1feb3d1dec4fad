import { setImmediate as others } from 'node:timers/promises';
import type { Likeness } from '../../answers/components.ts';
import { sortText } from '../../register/kinds.ts';
import type { Register } from '../../register/register.ts';
import * as cell from '../../store/db/cells.ts';
import { newestOf, sameAs } from '../../store/read/similar.ts';
import type { App, Asking } from '../context.ts';
import { fold, likeness, type Pairs, pairsOf } from '../exchange/import-columns.ts';

/** So many records of a register are compared by name, the newest first; equal names and digests are found among all. */
export const COMPARED = 20_000;

/** What is known of a thing that may be in the register already. */
export interface Candidate {
  name: string;
  version?: string | null;
  digest?: string | null;
}

interface Known {
  ref: string;
  title: string;
  state: string;
  version: string | undefined;
  digest: string | undefined;
}

/** How near two names have to be to be shown as near. */
const NEAR = 0.8;
const SHOWN = 5;

/** The field that tells records of a register apart beside their name; a register without it is compared by name alone. */
const DIGEST = 'digest';

/**
 * For each candidate the records that may be the same, surest first. Two statements, however many candidates. Without `near` only equal
 * names and digests are found: comparing thousands of names letter by letter would keep everybody else waiting.
 */
export async function likenesses(
  app: App,
  ask: Asking,
  register: Register,
  candidates: readonly Candidate[],
  o: { near: boolean } = { near: true },
): Promise<Likeness[][]> {
  if (candidates.length === 0) return [];
  const slots = app.slots.get(register.name) ?? {};
  const [recent, same] = await app.db.run(ask.actor.organisation, [
    newestOf(register.name, o.near ? COMPARED : 0),
    sameAs(
      register.name,
      { title: slots[register.title], digest: slots[DIGEST] },
      [...new Set(candidates.map((c) => sortText(c.name)))],
      [...new Set(candidates.flatMap((c) => c.digest ?? []))],
    ),
  ]);
  const known = new Map<string, Known>();
  for (const r of [...recent!, ...same!])
    known.set(cell.text(r.ref), {
      ref: cell.text(r.ref),
      title: cell.text(r.title),
      state: cell.text(r.state),
      version: cell.textOrNull(r.version) ?? undefined,
      digest: cell.textOrNull(r.digest) ?? undefined,
    });
  const compare = comparison([...known.values()], o.near);
  const found: Likeness[][] = [];
  for (const candidate of candidates) {
    found.push(compare(candidate));
    // Each is compared with some hundred names; others get their turn in between.
    await others();
  }
  return found;
}

/** Finds those like a candidate among many: equal ones by an index, near ones among those whose names begin or end alike. */
function comparison(known: readonly Known[], near: boolean): (c: Candidate) => Likeness[] {
  const byDigest = grouped(known, (k) => (k.digest ? [k.digest] : []));
  const byName = grouped(known, (k) => [sortText(k.title)]);
  const byEdge = grouped(known, (k) => edgesOf(k.title));
  const pairs = new Map<Known, Pairs>();
  const pairsFor = (k: Known): Pairs => {
    const made = pairs.get(k) ?? pairsOf(k.title);
    pairs.set(k, made);
    return made;
  };
  return (c) => {
    const mine = pairsOf(c.name);
    const found = new Map<string, Likeness>();
    const add = (k: Known, how: Likeness['how']) => {
      if (!found.has(k.ref))
        found.set(k.ref, {
          ref: k.ref,
          title: k.title,
          state: k.state,
          ...(k.version ? { version: k.version } : {}),
          how,
        });
    };
    for (const k of (c.digest && byDigest.get(c.digest)) || []) add(k, 'digest');
    const same = byName.get(sortText(c.name)) ?? [];
    for (const k of same) if (!c.version || !k.version || c.version === k.version) add(k, 'name');
    for (const k of same) add(k, 'near');
    for (const edge of near ? edgesOf(c.name) : [])
      for (const k of (byEdge.get(edge) ?? []).slice(0, 200))
        if (nearNames(c.name, k.title, mine, pairsFor(k))) add(k, 'near');
    return [...found.values()].slice(0, SHOWN);
  };
}

/** `meta-llama/Llama-2-7b` and `Llama 2 7B` are near; so are names with a letter or two apart. */
const nearNames = (a: string, b: string, x: Pairs, y: Pairs): boolean =>
  tail(a) === tail(b) || likeness(x, y) >= NEAR;

const tail = (name: string): string => fold(name.split('/').at(-1)!) || name;
const edgesOf = (name: string): string[] => {
  const whole = fold(name);
  return [...new Set([`<${whole.slice(0, 4)}`, `>${whole.slice(-4)}`, `=${tail(name)}`])];
};

function grouped(known: readonly Known[], keys: (k: Known) => string[]): ReadonlyMap<string, Known[]> {
  const out = new Map<string, Known[]>();
  for (const k of known)
    for (const key of keys(k)) {
      const list = out.get(key);
      if (list) list.push(k);
      else out.set(key, [k]);
    }
  return out;
}

/** Candidates of one file that may be the same as an earlier one of it: by place, undefined where there is none. */
export function repeatedIn(candidates: readonly Candidate[]): (number | undefined)[] {
  const seen = new Map<string, number>();
  return candidates.map((c, i) => {
    const keys = [...(c.digest ? [`d ${c.digest}`] : []), `n ${sortText(c.name)} ${c.version ?? ''}`];
    const earlier = keys.map((k) => seen.get(k)).find((n) => n !== undefined);
    for (const k of keys) if (!seen.has(k)) seen.set(k, i);
    return earlier;
  });
}
