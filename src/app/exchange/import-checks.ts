import type { Problem } from '../../base/failure.ts';
import type { Register } from '../../register/register.ts';
import { uniqueKey } from '../../register/unique-key.ts';
import { peopleIn } from '../../register/values.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { keysTaken, refsKnown } from '../../store/exchange/imports.ts';
import type { App, Asking } from '../context.ts';
import { NOT_HELD } from '../govern/govern-rules.ts';
import { hasDeparted, newlyHolding } from '../people/people-here.ts';
import { MADE_FOR } from './import-columns.ts';
import type { Plan } from './transfer.ts';

// What rows of a file must keep beyond what each says of itself: asked once for the whole file.

/** Every record and person named must exist: asked once for the whole file. */
export async function checkReferences(
  app: App,
  ask: Asking,
  register: Register,
  plans: Plan[],
  problems: Problem[],
): Promise<void> {
  const wanted: { place: string; column: string; ref: string; to: string }[] = [];
  const holding: { place: string; column: string; ref: string }[] = [];
  for (const p of plans) {
    for (const [name, f] of Object.entries(register.fields))
      for (const ref of peopleIn(f, p.contents.values[name]))
        wanted.push({ place: p.place, column: name, ref, to: registers.person.name });
    // What was linked before exists, also where whoever imports does not see it.
    for (const [name, refs] of Object.entries(p.contents.links))
      for (const ref of refs.filter((r) => !p.before?.links[name]?.includes(r)))
        wanted.push({ place: p.place, column: name, ref, to: register.links[name]!.to });
    for (const { field, ref } of newlyHolding(register, p.contents, p.before))
      holding.push({ place: p.place, column: field, ref });
    if (p.madeFor)
      wanted.push({ place: p.place, column: MADE_FOR, ref: p.madeFor, to: registers.person.name });
  }
  if (wanted.length === 0) return;
  const [rows] = await app.db.run(ask.actor.organisation, [
    refsKnown([...new Set(wanted.map((w) => w.ref))]),
  ]);
  const known = new Map(rows!.map((r) => [cell.text(r.ref), cell.text(r.register)]));
  for (const w of wanted)
    if (known.get(w.ref) !== w.to)
      problems.push({ path: `${w.place}, column ${w.column}`, message: `${w.ref} does not exist` });
  const gone = new Set(rows!.filter((r) => r.state === 'departed').map((r) => cell.text(r.ref)));
  for (const h of holding)
    if (gone.has(h.ref))
      problems.push({ path: `${h.place}, column ${h.column}`, message: hasDeparted(h.ref) });
}

/** Values that may occur once: twice in the file, or already in the register. */
export async function checkUnique(
  app: App,
  ask: Asking,
  register: Register,
  plans: Plan[],
  problems: Problem[],
): Promise<void> {
  const field = register.unique;
  if (!field) return;
  const key = (p: Plan) => uniqueKey(p.contents.values[field]);
  const seen = new Map<string, string>();
  const fresh = plans.filter((p) => p.contents.values[field] !== undefined);
  for (const p of fresh) {
    const other = seen.get(key(p));
    if (other)
      problems.push({
        path: `${p.place}, column ${field}`,
        message: `stands in the file twice, see ${other}`,
      });
    seen.set(key(p), p.place);
  }
  if (seen.size === 0) return;
  const [rows] = await app.db.run(ask.actor.organisation, [keysTaken(register.name, [...seen.keys()])]);
  const taken = new Map(rows!.map((r) => [cell.text(r.unique_key), cell.text(r.ref)]));
  for (const p of fresh) {
    const by = taken.get(key(p));
    if (by && by !== p.before?.ref)
      problems.push({
        path: `${p.place}, column ${field}`,
        message: `is already that of ${by}; give its ref to update it`,
      });
  }
}

/** One person is accountable for an activity: two rows of one file cannot see each other, and the store could name neither. */
export function checkAccountable(register: Register, plans: readonly Plan[], problems: Problem[]): void {
  if (register.name !== registers.responsibility.name) return;
  const seen = new Map<string, string>();
  for (const { before, contents, place } of plans) {
    const { kind, part, activity } = contents.values;
    if (kind !== 'raci' || part !== 'accountable' || typeof activity !== 'string') continue;
    if (before && NOT_HELD.includes(before.state)) continue;
    const systems = contents.links.systems ?? [];
    for (const system of systems.length > 0 ? systems : ['the whole organisation']) {
      const other = seen.get(`${activity} ${system}`);
      if (other !== undefined)
        problems.push({
          path: `${place}, column part`,
          message: `is a second person accountable for ${activity} of ${system}, see ${other}; one person is accountable for an activity`,
        });
      else seen.set(`${activity} ${system}`, place);
    }
  }
}
