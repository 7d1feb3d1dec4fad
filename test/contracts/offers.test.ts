import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { May } from '../../src/answers/record.ts';
import { importRecords } from '../../src/app/exchange/transfer.ts';
import { withUnseen } from '../../src/app/read/hidden.ts';
import { readPage } from '../../src/app/read/query.ts';
import { inBulk } from '../../src/app/write/bulk.ts';
import { planEdit } from '../../src/app/write/edit.ts';
import { planStep } from '../../src/app/write/step.ts';
import { Failure } from '../../src/base/failure.ts';
import { relativePaths } from '../../src/register/check.ts';
import { asList, type Register } from '../../src/register/register.ts';
import { parseInput } from '../../src/register/values.ts';
import { type Actor, admittedAs, type Relations } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { readStatement, toStoredWithRelations } from '../../src/store/records/records.ts';
import { byPeople, dayFrom } from '../support/arrange.ts';
import { type TestInstance, testInstance } from '../support/instance.ts';
import { found } from '../support/wanted.ts';
import {
  arranged,
  EVERYBODY,
  lends,
  READ,
  refOf,
  stepsFrom,
  variants,
  type World,
  within,
  withSystem,
  world,
} from '../support/worlds.ts';

/**
 * A page offers exactly what will be accepted: every register, state and step, everybody whom the declaration lets in, and each size of organisation.
 * What is offered is compared with what happens, by route, in bulk and by a file.
 */

let t: TestInstance;
beforeAll(async () => {
  t = await testInstance();
});
afterAll(() => t.close());

async function recordOf(w: World, actor: Actor, r: Register, ref: string) {
  const [app, ask] = within(w, actor);
  const [rows] = await w.t.app.db.run(actor.organisation, [readStatement(r, ref)]);
  const [record] = await withUnseen(app, ask, r, rows!.map(toStoredWithRelations));
  return record!;
}

/** Nothing, or the sentence in which it is refused. */
async function refused(plan: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await plan();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** What an edit changes where the title is none to change. */
const EDITED: Readonly<Record<string, string>> = { comment: 'content' };

/** What a walk met: how much it compared, what was offered and refused, and whatever else did not fit. */
interface Walked {
  steps: number;
  offered: number;
  edits: number;
  /** Refused for what was read, as the page had told. */
  told: Set<string>;
  wrong: string[];
}
const walked = (): Walked => ({ steps: 0, offered: 0, edits: 0, told: new Set(), wrong: [] });

/** Compares the offer on the page of one record with what happens, for one person. */
async function compare(w: World, who: string, r: Register, ref: string, out: Walked): Promise<string[]> {
  const actor = w.people[who]!;
  const [app, ask] = within(w, actor);
  const { may } = await readPage(app, ask, r, ref);
  const before = await recordOf(w, actor, r, ref);
  const allowed: string[] = [];
  for (const offer of may.transitions) {
    const x = r.transitions[offer.name]!;
    const told = `${r.name}.${offer.name} of ${ref} (${before.state}), ${who}`;
    const part = x.finds ? parseInput(r, found(x).values, 'edit') : {};
    const input = { reason: 'because', until: dayFrom(w.t, 30) };
    const why = await refused(async () => {
      const { judges } = await planStep(app, ask, r, before, { name: offer.name, part, ...input });
      // What is asked in the write itself.
      for (const judge of judges) await judge((db) => db);
    });
    out.steps += 1;
    if (offer.allowed) out.offered += 1;
    const missing = offer.missing.filter((n) => !x.finds?.includes(n));
    if (offer.allowed && why === undefined) allowed.push(offer.name);
    else if (offer.allowed && missing.length > 0) {
      if (!why?.includes('first fill in')) out.wrong.push(`${told}: lacks ${missing.join()}, and: ${why}`);
    } else if (offer.allowed || why !== offer.why)
      out.wrong.push(`${told}: told "${offer.why}", happens "${why}"`);
    else out.told.add(`${r.name}.${offer.name}`);
  }
  await compareEdit(w, actor, r, before, may, out);
  return allowed;
}

async function compareEdit(
  w: World,
  actor: Actor,
  r: Register,
  before: Awaited<ReturnType<typeof recordOf>>,
  may: May,
  out: Walked,
): Promise<void> {
  const field = EDITED[r.name] ?? r.title;
  if (!byPeople(r) || may.fixed.includes(field) || r.fields[field]?.engine) return;
  const [app, ask] = within(w, actor);
  const values = { [field]: `Anew ${before.ref} ${before.version}` };
  const why = await refused(() => planEdit(app, ask, r, before, parseInput(r, values, 'edit')));
  out.edits += 1;
  if (may.edit !== (why === undefined))
    out.wrong.push(`edit ${before.ref} (${before.state}), ${actor.name}: may ${may.edit}, happens "${why}"`);
}

/** The same by the other doors: of one who may and of one who may not. */
async function otherDoors(
  w: World,
  r: Register,
  ref: string,
  step: string,
  who: string,
  offer: boolean,
  out: Walked,
): Promise<void> {
  const [app, ask] = within(w, w.people[who]!);
  const x = r.transitions[step]!;
  if (x.finds) return;
  const deed = {
    transition: step,
    ...(x.reason ? { reason: 'because' } : {}),
    ...(x.until ? { until: dayFrom(w.t, 30) } : {}),
  };
  const bulk = await refused(() => inBulk(app, ask, r, [ref], deed));
  if (offer !== (bulk === undefined)) out.wrong.push(`${r.name}.${step} of ${ref} in bulk, ${who}: ${bulk}`);
}

async function byFile(w: World, r: Register, ref: string, who: string, out: Walked): Promise<void> {
  const actor = w.people[who]!;
  if (!byPeople(r) || !admittedAs(actor, r.permissions.create)) return;
  const [app, ask] = within(w, actor);
  const { may } = await readPage(app, ask, r, ref);
  const field = EDITED[r.name] ?? r.title;
  if (may.fixed.includes(field) || r.unique === field) return;
  const file = Buffer.from(JSON.stringify([{ ref, [field]: `By a file ${ref}` }]));
  const { problems } = await importRecords(app, ask, r, file, { format: 'json', dryRun: true });
  if (may.edit !== (problems.length === 0))
    out.wrong.push(`${ref} by a file, ${who}: may ${may.edit}, happens ${JSON.stringify(problems)}`);
}

/** Goes over a register: each state, with each of the variants, for everybody whom the declaration lets take a step from it. */
async function walk(
  w: World,
  r: Register,
  authors: readonly string[],
  out: Walked,
  one = false,
): Promise<void> {
  for (const state of r.states) {
    const steps = stepsFrom(r, state);
    if (steps.length === 0 || (one && !steps.some((s) => r.transitions[s]!.separate))) continue;
    const each = await variants(w, r, state);
    // Who wrote it matters where nobody decides on their own work: one record each is enough for that.
    for (const [i, author] of authors.entries())
      for (const more of i === 0 && !one ? each : each.slice(-1))
        await walkRecord(w, r, await arranged(w, r, state, more, author), out);
  }
}

async function walkRecord(w: World, r: Register, ref: string, out: Walked): Promise<void> {
  const some = await recordOf(w, Object.values(w.people)[0]!, r, ref);
  const steps = stepsFrom(r, some.state);
  const relations: Relations = some.relations;
  const taken: [string, string][] = [];
  const not: [string, string][] = [];
  for (const [who, actor] of Object.entries(w.people)) {
    const lent = who === 'delegate' || who === 'guest';
    const admitted = steps.some((s) => admittedAs(actor, asList(r.transitions[s]!.by), relations));
    if (!lent && !admitted) continue;
    if (admittedAs(actor, r.permissions.read) === undefined) continue;
    const allowed = await compare(w, who, r, ref, out);
    for (const s of steps) (allowed.includes(s) ? taken : not).push([s, who]);
  }
  const [no] = not;
  if (no) await otherDoors(w, r, ref, no[0], no[1], false, out);
  const last = taken.at(-1);
  if (last) await byFile(w, r, ref, last[1], out);
  const first =
    taken.find(
      ([s]) => r.transitions[s]!.decision && asList(r.transitions[s]!.from).includes(r.transitions[s]!.to),
    ) ?? taken[0];
  if (!first || ['person', 'apiKey'].includes(r.name)) return;
  await otherDoors(w, r, ref, first[0], first[1], true, out);
  const after = await recordOf(w, Object.values(w.people)[0]!, r, ref);
  // Decided, and still there: whoever decided is not asked again, and the others may be.
  if (after.state === some.state && after.version > some.version && after.version < 4)
    await walkRecord(w, r, ref, out);
}

/** Criteria come last: a walk takes steps, and with other criteria in force it would be another organisation. */
const REGISTERS = [...registry.all].sort(
  (a, b) => Number(a.name === 'criteria') - Number(b.name === 'criteria'),
);

/** Over all organisations. */
const all = walked();
function addUp(out: Walked): void {
  expect(out.wrong).toEqual([]);
  all.steps += out.steps;
  all.offered += out.offered;
  all.edits += out.edits;
  for (const step of out.told) all.told.add(step);
}

describe('a small organisation', () => {
  let w: World;
  beforeAll(async () => {
    w = await world(t, 'small', EVERYBODY);
    await withSystem(w, 'limited');
    await lends(w, 'systemApprover', 'delegate');
  });

  test.each(REGISTERS.map((r) => [r.name, r] as const))('%s', async (_, r) => {
    const out = walked();
    await walk(w, r, [refOf(w, 'contributor')], out);
    addUp(out);
  });
});

test('a larger organisation, where several decide', async () => {
  const w = await world(t, 'larger', EVERYBODY);
  await withSystem(w, 'high');
  const out = walked();
  for (const r of REGISTERS)
    if (Object.values(r.transitions).some((x) => (x.quorum ?? 1) > 1))
      await walk(w, r, [refOf(w, 'contributor')], out);
  addUp(out);
  expect(out.steps).toBeGreaterThan(20);
  expect(relativePaths(registry.get('impactAssessment'))).toContain('systems.approver');
});

test('an organisation of one person, and its guest', async () => {
  const w = await world(t, 'alone', {
    only: ['topManagement', 'aimsManager', 'contributor', 'auditor'],
    guest: ['reader'],
  });
  await withSystem(w, 'limited');
  const out = walked();
  for (const r of REGISTERS)
    if (Object.values(r.transitions).some((x) => x.separate && x.decision))
      await walk(w, r, [refOf(w, 'only'), 'engine'], out, true);
  addUp(out);
  expect(out.steps).toBeGreaterThan(100);
});

test('went over all of them, also where only reading others tells', () => {
  expect(Object.keys(READ).filter((step) => !all.told.has(step))).toEqual([]);
  expect(all.steps).toBeGreaterThan(500);
  expect(all.offered).toBeGreaterThan(200);
  expect(all.edits).toBeGreaterThan(200);
});
