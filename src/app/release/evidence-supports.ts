import { failures } from '../../base/refusals.ts';
import type { Register } from '../../register/register.ts';
import { manySaid, notThere } from '../../register/said.ts';
import { registers } from '../../registers/index.ts';
import { readStatement, toRec } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';

/** The records that evidence is put on, by the link that leads to them; `supersedes` among them. */
export type Supported = Readonly<Record<string, readonly string[]>>;

const no = failures('evidence.on', {
  none: ['INVALID', 'Say which records it supports: for=CTL-0007, or --for CTL-0007.'],
  carriesNone: [
    'INVALID',
    '{ref}: no evidence is put on {register}. Put it on the record that comes of it, or that it is about.',
  ],
  superseded: ['WRONG_STATE', '{ref} is {state}: there is no newer version of it. Leave --supersedes out.'],
});

/** The link of evidence that leads to a register, where its records carry any. */
const linkTo = (app: App, register: Register): string | undefined =>
  Object.entries(app.registry.of(registers.evidence).links).find(
    ([name, l]) => l.to === register.name && name !== 'supersedes',
  )?.[0];

/**
 * The records that evidence supports, as whoever asks sees them. A newer version supports what the older one does, unless told. Throws what is not there,
 * what carries no evidence (what only some may read would be told by it), and where
 * nothing is named, unless it may stand `alone`.
 */
export async function supported(
  app: App,
  ask: Asking,
  refs: readonly string[],
  { supersedes, alone }: { supersedes?: string | undefined; alone?: boolean },
): Promise<Supported> {
  const found: Record<string, string[]> = {};
  if (supersedes === undefined && refs.length === 0 && !alone) throw no('none');
  if (supersedes !== undefined) {
    const [older] = await read(app, ask, registers.evidence, [supersedes]);
    if (older!.state !== 'recorded') throw no('superseded', { ref: older!.ref, state: older!.state });
    if (refs.length === 0) Object.assign(found, older!.links);
    found.supersedes = [older!.ref];
  }
  const byRegister = new Map<Register, string[]>();
  for (const ref of new Set(refs)) {
    const register = registerOf(app, ref);
    byRegister.set(register, [...(byRegister.get(register) ?? []), ref]);
  }
  for (const [register, those] of byRegister) {
    const link = linkTo(app, register);
    if (link === undefined) throw no('carriesNone', { ref: those[0]!, register: manySaid(register) });
    await read(app, ask, register, those);
    found[link] = those;
  }
  return found;
}

function registerOf(app: App, ref: string): Register {
  const register = app.registry.ofRef(ref);
  if (!register) throw notThere(registers.evidence, ref, '/for');
  return register;
}

async function read<R extends Register>(app: App, ask: Asking, register: R, refs: readonly string[]) {
  const [rows] = await app.db.run(ask.actor.organisation, [readStatement(app.registry.of(register), refs)]);
  const records = rows!.map(toRec(register));
  const missing = refs.find((ref) => !records.some((r) => r.ref === ref));
  if (missing !== undefined) throw notThere(register, missing, '/for');
  return records;
}

export const releasesIn = (on: Supported): readonly string[] => on.release ?? [];

/** The links with those that are new; undefined where there are none. */
export function onlyNew(
  before: Readonly<Record<string, readonly string[] | undefined>>,
  on: Supported,
): Record<string, string[]> | undefined {
  const links: Record<string, string[]> = {};
  let grown = false;
  for (const name of new Set([...Object.keys(before), ...Object.keys(on)])) {
    const all = new Set([...(before[name] ?? []), ...(on[name] ?? [])]);
    grown ||= all.size > (before[name]?.length ?? 0);
    links[name] = [...all].sort();
  }
  return grown ? links : undefined;
}
