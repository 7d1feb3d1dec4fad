import { setImmediate as others } from 'node:timers/promises';
import type { Problem } from '../../base/failure.ts';
import type { Register } from '../../register/register.ts';
import * as cell from '../../store/db/cells.ts';
import { circleIn, linksBelowStatement, wayAround } from '../../store/records/ordered-links.ts';
import type { App, Asking } from '../context.ts';
import type { Plan } from './transfer.ts';

/** Circles reported of one file; whoever has more begins with these. */
const MOST = 20;

/**
 * Links that mean an order must not go in a circle once the whole file is stored; each circle is reported at a line of the file that closes
 * it. One statement a link that means an order, and none when the file changes no such link of a record that is there already.
 */
export async function checkCircles(
  app: App,
  ask: Asking,
  register: Register,
  plans: readonly Plan[],
  problems: Problem[],
): Promise<void> {
  for (const [name, l] of Object.entries(register.links)) {
    if (!l.acyclic) continue;
    const changed = new Map(
      plans.flatMap((p) =>
        p.before && (p.before.links[name] ?? []).join() !== (p.contents.links[name] ?? []).join()
          ? [[p.before.ref, { place: p.place, to: p.contents.links[name] ?? [] }] as const]
          : [],
      ),
    );
    if (changed.size === 0) continue;
    const refs = [...new Set([...changed.keys(), ...[...changed.values()].flatMap((c) => c.to)])];
    const [rows] = await app.db.run(ask.actor.organisation, [
      linksBelowStatement({ register: register.name, name, refs }),
    ]);
    const kept = rows!
      .map((r) => [cell.text(r.from_ref), cell.text(r.to_ref)] as const)
      .filter(([from]) => !changed.has(from));
    for (let found = 0; found < MOST; found++) {
      const edges = [...changed].flatMap(([from, c]) => c.to.map((to) => [from, to] as const));
      const circle = circleIn([...edges, ...kept]);
      if (!circle) break;
      const closing = circle.find((ref) => changed.has(ref));
      // One that the file has no part in was there before; no line is to blame.
      if (closing === undefined) break;
      const { place } = changed.get(closing)!;
      problems.push({ path: `${place}, column ${name}`, message: `goes in a circle: ${wayAround(circle)}` });
      changed.set(closing, { place, to: [] });
      // Each is found by a walk over all links of the file; others get their turn in between.
      await others();
    }
  }
}
