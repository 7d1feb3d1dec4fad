import { LIKENED } from '../../actions/components.ts';
import type { Duplicate } from '../../answers/exchange.ts';
import type { FieldOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import type { Registers } from '../../registers/index.ts';
import type { App, Asking } from '../context.ts';
import { likenesses, repeatedIn } from '../read/similar.ts';
import type { Plan } from './transfer.ts';

/** So many are named; the rest is counted. */
const SHOWN = 100;

/** Beyond so many new rows only equal names and digests are looked for. */
const NEAR_ROWS = 300;

/**
 * New rows that may be things already there. A mark, not a fault: two systems may have like names, so a person judges. References and
 * places only, no contents: the answer outlives an erasure.
 */
export async function importDuplicates(
  app: App,
  ask: Asking,
  register: Register,
  plans: readonly Plan[],
): Promise<{ duplicates: Duplicate[]; more: number } | undefined> {
  const fresh = plans.filter((p) => !p.before);
  if (!LIKENED.some((r) => r.name === register.name) || fresh.length === 0) return undefined;
  // Names of a component; of a system or supplier only the title tells.
  const of = (p: Plan, name: FieldOf<Registers['component']>) => text(p, name);
  const text = (p: Plan, name: string) => {
    const v = p.contents.values[name];
    return typeof v === 'string' ? v : undefined;
  };
  const candidates = fresh.map((p) => ({
    name: text(p, register.title) ?? '',
    version: of(p, 'componentVersion'),
    digest: of(p, 'digest'),
  }));
  const known = await likenesses(app, ask, register, candidates, { near: fresh.length <= NEAR_ROWS });
  const repeated = repeatedIn(candidates);
  const found = fresh.flatMap((p, i): Duplicate[] => {
    const record = known[i]![0];
    if (record) return [{ place: p.place, like: record.ref, how: record.how }];
    const earlier = repeated[i];
    return earlier === undefined ? [] : [{ place: p.place, like: fresh[earlier]!.place, how: 'name' }];
  });
  if (found.length === 0) return undefined;
  return { duplicates: found.slice(0, SHOWN), more: Math.max(0, found.length - SHOWN) };
}
