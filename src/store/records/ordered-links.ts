import { Failure } from '../../base/failure.ts';
import type { Row, Statement } from '../db/database.ts';
import type { Change } from './write.ts';

/** A link that means an order, and the records from which it was just set anew. */
export interface OrderedLink {
  register: string;
  name: string;
  refs: string[];
}

/** Records shown of a circle that is longer. */
const SHOWN = 8;

/**
 * What of a write could close a circle. A record that is only now made cannot, for nothing leads to it yet; unless others of the same write do.
 */
export function orderedLinks(
  changes: readonly Pick<Change, 'ref' | 'register' | 'acyclic' | 'expect' | 'links'>[],
): OrderedLink[] {
  const out = new Map<string, OrderedLink>();
  const fresh = new Set(changes.filter((c) => c.expect === null).map((c) => c.ref));
  const among = changes.some((c) => c.acyclic.some((n) => c.links[n]!.refs.some((r) => fresh.has(r))));
  for (const c of changes)
    for (const name of c.acyclic) {
      if (c.expect === null && !among) continue;
      const key = `${c.register} ${name}`;
      const link = out.get(key) ?? { register: c.register, name, refs: [] };
      link.refs.push(c.ref);
      out.set(key, link);
    }
  return [...out.values()];
}

/**
 * Everything that the link leads to from these records, an edge a row. Waits for other writes that set such links, until they are committed or
 * gone: of two that would close a circle together, the second sees the first.
 */
export const linksBelowStatement = (link: OrderedLink): Statement => ({
  text: 'select from_ref, to_ref from links_below($1, $2, $3)',
  values: [link.register, link.name, link.refs],
  name: 'links-below',
});

/** Throws INVALID when the rows of `linksBelowStatement` go in a circle. */
export function refuseCircle(link: OrderedLink, rows: readonly Row[]): void {
  const circle = circleIn(rows.map((r) => [r.from_ref as string, r.to_ref as string]));
  if (circle) throw circular(link.name, circle);
}

/** The refusal, naming the way around. */
export function circular(name: string, circle: readonly string[]): Failure {
  const way = wayAround(circle);
  return new Failure(
    'INVALID',
    `${name}: ${way} is a circle, and ${name} means an order. Take ${name} away from one of them first.`,
    [{ path: `/${name}`, message: `would lead back to the record itself: ${way}` }],
  );
}

/** `REL-0001 -> REL-0002 -> REL-0001`, long ones shortened. */
export const wayAround = (circle: readonly string[]): string =>
  [
    ...circle.slice(0, SHOWN),
    ...(circle.length > SHOWN ? [`${circle.length - SHOWN} more`] : []),
    circle[0]!,
  ].join(' -> ');

/** The nodes of some circle, in its order, beginning at one that comes first in the edges; undefined when there is none. Takes time linear in the edges. */
export function circleIn(edges: readonly (readonly [string, string])[]): string[] | undefined {
  const next = new Map<string, string[]>();
  for (const [from, to] of edges) {
    const known = next.get(from);
    if (known) known.push(to);
    else next.set(from, [to]);
  }
  const done = new Set<string>();
  for (const start of next.keys()) {
    if (done.has(start)) continue;
    const path: { node: string; left: number }[] = [{ node: start, left: 0 }];
    const place = new Map([[start, 0]]);
    while (path.length > 0) {
      const top = path.at(-1)!;
      const to = next.get(top.node)?.[top.left++];
      if (to === undefined) {
        path.pop();
        place.delete(top.node);
        done.add(top.node);
      } else if (place.has(to)) return path.slice(place.get(to)!).map((p) => p.node);
      else if (!done.has(to)) {
        place.set(to, path.length);
        path.push({ node: to, left: 0 });
      }
    }
  }
  return undefined;
}
