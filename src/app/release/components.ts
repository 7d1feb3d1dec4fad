import type { Adopted, Proposal } from '../../answers/components.ts';
import type { Draft } from '../../answers/shape.ts';
import { Failure, type Problem } from '../../base/failure.ts';
import type { ProposedComponent } from '../../evidence/proposals/index.ts';
import { inSentence } from '../../register/describe.ts';
import { sortText } from '../../register/kinds.ts';
import { linksOf } from '../../register/rec.ts';
import { refOf } from '../../register/register.ts';
import type { Given } from '../../register/values.ts';
import { contentsFrom, parseInput } from '../../register/values.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { readStatement, toStoredWithRelations } from '../../store/records/records.ts';
import { takeNumbers } from '../../store/records/write.ts';
import { suppliersKnown } from '../../store/release/components.ts';
import { type App, type Asking, arrivalOf } from '../context.ts';
import { likenesses, repeatedIn } from '../read/similar.ts';
import { anew } from '../write/anew.ts';
import { demandCreate, planCreate } from '../write/create.ts';
import { planEdit } from '../write/edit.ts';
import { readRecord } from '../write/idempotent.ts';
import { carryOut, type Planned, together } from '../write/plan.ts';

/** Reads a file and says which components it describes, and which of them are known. Nothing is stored. */
export async function proposeComponents(app: App, ask: Asking, bytes: Buffer, fileName: string) {
  demandCreate(ask, app.registry.of(registers.component));
  const file = await app.intake.read('components', arrivalOf(ask, bytes), { fileName });
  const register = app.registry.of(registers.component);
  const known = await likenesses(app, ask, register, file.components);
  const repeated = repeatedIn(file.components);
  const suppliers = await suppliersNamed(app, ask, file.components);
  const components = file.components.map((c, i): Proposal => {
    const first = repeated[i];
    const supplierRef = c.supplier ? suppliers.get(sortText(c.supplier)) : undefined;
    return {
      ...c,
      known: known[i]!,
      ...(first === undefined ? {} : { repeats: file.components[first]!.key }),
      ...(supplierRef ? { supplierRef } : {}),
    };
  });
  return { ...file, components };
}

async function suppliersNamed(
  app: App,
  ask: Asking,
  list: readonly ProposedComponent[],
): Promise<ReadonlyMap<string, string>> {
  const names = [...new Set(list.flatMap((c) => (c.supplier ? [sortText(c.supplier)] : [])))];
  const slot = app.slots.get(registers.supplier.name)?.[app.registry.of(registers.supplier).title];
  if (names.length === 0 || !slot) return new Map();
  const [rows] = await app.db.run(ask.actor.organisation, [suppliersKnown(slot, names)]);
  return new Map(rows!.map((r) => [cell.text(r.name), cell.text(r.ref)]));
}

/** One component that a person chose: a new record with these values, or one that is there (`use`). */
export interface Chosen {
  key: string;
  use?: string;
  values?: unknown;
  /** Keys of other chosen ones, or references of records. */
  derivedFrom?: string[];
}

/**
 * Makes records of the chosen components, linked to the system and to each other, all or none. One that is there already is only linked
 * to the system. Every fault is named with the component's key.
 */
export async function adoptComponents(
  app: App,
  ask: Asking,
  input: { system?: string; components: readonly Chosen[] },
): Promise<Adopted> {
  return anew(() => adopted(app, ask, input));
}

async function adopted(
  app: App,
  ask: Asking,
  input: { system?: string; components: readonly Chosen[] },
): Promise<Adopted> {
  const register = app.registry.of(registers.component);
  const as = demandCreate(ask, register);
  const organisation = ask.actor.organisation;
  if (input.system !== undefined)
    await readRecord(app, ask, app.registry.of(registers.aiSystem), input.system);
  const problems: Problem[] = [];
  const say = (i: number, path: string, message: string) =>
    problems.push({ path: `/components/${i}${path}`, message });
  const { components } = input;
  if (new Set(components.map((c) => c.key)).size !== components.length)
    throw new Failure('INVALID', 'components: two have the same key.', [
      { path: '/components', message: 'names a key twice' },
    ]);
  refuseCircles(components, say);

  const used = components.flatMap((c) => c.use ?? []);
  const [rows] = await app.db.run(organisation, [readStatement(register, used)]);
  const present = new Map(rows!.map((r) => [cell.text(r.ref), toStoredWithRelations(r)]));
  const fresh = components.filter((c) => c.use === undefined);
  const first =
    fresh.length > 0 && problems.length === 0
      ? await takeNumbers(app.db, organisation, register.name, fresh.length)
      : 1;
  const refs = new Map(components.map((c) => [c.key, c.use ?? refOf(register, first + fresh.indexOf(c))]));
  const planned: Planned[] = [];
  const answer: Draft<Adopted> = { created: [], linked: [] };
  for (const [i, c] of components.entries()) {
    try {
      if (c.use !== undefined) {
        const before = present.get(c.use);
        if (!before)
          throw new Failure(
            'NOT_FOUND',
            `there is no ${inSentence(register.label.one)} ${c.use.slice(0, 40)}`,
          );
        if (input.system === undefined) continue;
        const systems = [...new Set([...linksOf(before, 'systems'), input.system])];
        const part = parseInput(register, { systems } satisfies Given<Registers['component']>, 'edit');
        const one = await planEdit(app, ask, register, before, part);
        if (!one) continue;
        planned.push(one);
        answer.linked.push({ key: c.key, ref: c.use });
        continue;
      }
      // What is no object has none of the fields, and is told by the first that is missing.
      const values = typeof c.values === 'object' && c.values !== null ? { ...c.values } : {};
      const from = (c.derivedFrom ?? []).map((k) => refs.get(k) ?? k);
      const links: Given<Registers['component']> = {
        ...(from.length > 0 ? { derivedFrom: [...new Set(from)] } : {}),
        ...(input.system === undefined ? {} : { systems: [input.system] }),
      };
      const contents = contentsFrom(register, { ...values, ...links }, 'create');
      const number = first + fresh.indexOf(c);
      planned.push(await planCreate(app, ask, register, contents, { as, number }));
      answer.created.push({ key: c.key, ref: refs.get(c.key)! });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.problems.length === 0) say(i, c.use === undefined ? '' : '/use', error.message);
      for (const p of error.problems) say(i, `/values${p.path}`, p.message);
    }
  }
  if (problems.length > 0)
    throw new Failure(
      'INVALID',
      `${new Set(problems.map((p) => p.path.split('/')[2])).size} of ${components.length} components have a fault; nothing was stored. First: ${problems[0]!.path}: ${problems[0]!.message}.`,
      problems.slice(0, 500),
    );
  return (await carryOut(app, ask, together(planned), () => answer)).kept;
}

/** Nothing comes from itself, over however many steps. Records that are there cannot come from new ones. */
function refuseCircles(
  list: readonly Chosen[],
  say: (i: number, path: string, message: string) => void,
): void {
  const byKey = new Map(list.map((c, i) => [c.key, i]));
  const waiting = list.map((c) =>
    c.use === undefined ? (c.derivedFrom ?? []).filter((k) => byKey.has(k)) : [],
  );
  const after = new Map<number, number[]>();
  waiting.forEach((keys, i) => {
    for (const k of keys) {
      const waitingFor = after.get(byKey.get(k)!);
      if (waitingFor) waitingFor.push(i);
      else after.set(byKey.get(k)!, [i]);
    }
  });
  const left = waiting.map((keys) => keys.length);
  const ready = left.flatMap((n, i) => (n === 0 ? [i] : []));
  for (let next = ready.pop(); next !== undefined; next = ready.pop())
    for (const i of after.get(next) ?? []) {
      left[i] = left[i]! - 1;
      if (left[i] === 0) ready.push(i);
    }
  left.forEach((n, i) => {
    if (n > 0) say(i, '/derivedFrom', 'is part of a circle: a component cannot come from itself');
  });
}
