import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { May } from '../../src/answers/record.ts';
import type { App, Asking } from '../../src/app/context.ts';
import { importRecords } from '../../src/app/exchange/transfer.ts';
import { withUnseen } from '../../src/app/read/hidden.ts';
import { readPage } from '../../src/app/read/query.ts';
import { closedTo } from '../../src/app/write/access.ts';
import { inBulk } from '../../src/app/write/bulk.ts';
import { planEdit } from '../../src/app/write/edit.ts';
import { planStep } from '../../src/app/write/step.ts';
import { Failure } from '../../src/base/failure.ts';
import { relativePaths } from '../../src/register/check.ts';
import { asList, type Register } from '../../src/register/register.ts';
import { parseInput } from '../../src/register/values.ts';
import { type Actor, admittedAs, type Relations, type Role } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { readStatement, toStoredWithRelations } from '../../src/store/records/records.ts';
import { byPeople, dayFrom, standing } from '../support/arrange.ts';
import { given, type TestInstance, testInstance } from '../support/instance.ts';
import { found, wanted } from '../support/wanted.ts';

/**
 * A page offers exactly what will be accepted: every register, state and step, everybody whom the declaration lets in, and each size of organisation.
 * What is offered is compared with what happens, by route, in bulk and by a file.
 */

/** Steps that hang on other records: what is read before anybody can tell, and values with which the step is refused here. */
const READ: Readonly<Record<string, { reads: string; with: Record<string, unknown> }>> = {
  'aiSystem.exclude': { reads: 'the ticket under which a system leaves the scope', with: {} },
  'audit.begin': { reads: 'what its auditors did in the period', with: { kind: 'audit' } },
  'audit.report': { reads: 'the findings of the audit', with: { kind: 'audit', result: 'doesNotConform' } },
  'auditFinding.raise': { reads: 'whether the report of the audit is issued', with: {} },
  'auditFinding.close': { reads: 'whether its cause is followed up', with: { grade: 'major' } },
  'criteria.approve': {
    reads: 'the criteria in force, and the ticket under which they ask for less',
    with: {},
  },
  'incident.close': { reads: 'whether what was linked was sent', with: { reportable: true } },
  'nonconformity.close': { reads: 'the state of its actions', with: { kind: 'actual' } },
  'release.ship': { reads: 'what the gate says of it now', with: {} },
  'verificationPlan.fix': {
    reads: 'the criteria in force, and how the system was judged before',
    with: { threshold: 90 },
  },
};

interface World {
  t: TestInstance;
  people: Record<string, Actor>;
  systems: string[];
}

let t: TestInstance;
let seed = 0;
beforeAll(async () => {
  t = await testInstance();
});
afterAll(() => t.close());

/** An organisation of its own, with its people. The criteria in force say of which size it is. */
async function world(mode: 'alone' | 'small' | 'larger', roles: Record<string, Role[]>): Promise<World> {
  const organisation = await t.newOrganisation(mode);
  const here = { ...t, organisation };
  const people: Record<string, Actor> = {};
  for (const [name, of] of Object.entries(roles)) {
    const guest = name === 'guest' ? { guest: true } : {};
    const { ref } = await given(here, 'person', { name, roles: of, ...guest });
    people[name] = {
      organisation: organisation.id,
      organisationSlug: organisation.slug,
      kind: 'person',
      ref,
      name,
      roles: of,
    };
  }
  await standing(here, registry.get('criteria'), 'approved', 1, { more: { mode } });
  return { t: here, people, systems: [] };
}

const within = (w: World, actor: Actor): [App, Asking] => [
  { ...w.t.app, db: w.t.app.db.as(actor.ref, closedTo(registry, actor)) },
  { actor, reauthenticate: () => Promise.resolve(true) },
];

const refOf = (w: World, ...names: string[]): string =>
  names.map((n) => w.people[n]?.ref).find((r) => r !== undefined)!;

/** What a record of the register must say to have come into its states at all. */
const BASE: Readonly<Record<string, string>> = { managementReview: 'hold', audit: 'approve', risk: 'assess' };

/** Values by which the steps from a state are for the record or not: of each condition one that has it, and one that has not. */
async function variants(w: World, r: Register, state: string): Promise<Record<string, unknown>[]> {
  const base = BASE[r.name] ? await wanted(w.t, `${r.name}.${BASE[r.name]}`) : {};
  const out: Record<string, unknown>[] = [];
  for (const name of stepsFrom(r, state)) {
    const x = r.transitions[name]!;
    for (const c of [x.when, x.onlyBy]) {
      if (!c) continue;
      const named = [...(c.is ?? []), ...('isNot' in c ? (c.isNot ?? []) : [])];
      const other = r.fields[c.field]!.options!.find((o) => !named.includes(o));
      for (const value of [named[0], other]) out.push({ ...base, [c.field]: value });
    }
    if (x.after)
      for (const days of [1, 900])
        out.push({ ...base, [x.after.day]: dayFrom(w.t, -30), [x.after.days]: days });
    const more = await wanted(w.t, `${r.name}.${name}`);
    if (Object.keys(more).length > 0) out.push({ ...base, ...more });
    const later = READ[`${r.name}.${name}`];
    if (later) out.push({ ...base, ...more, ...later.with });
    if (`${r.name}.${name}` === 'risk.accept')
      out.push({ ...base, likelihood: 5, impactIndividuals: 5, residualLikelihood: 5 });
  }
  const seen = new Set<string>();
  const each = out.filter((v) => !seen.has(JSON.stringify(v)) && seen.add(JSON.stringify(v)));
  return each.length > 0 ? each : [base];
}

async function arranged(w: World, r: Register, state: string, more: object, author: string): Promise<string> {
  seed += 1;
  const people = Object.fromEntries(
    Object.entries(r.fields)
      .filter(([n, f]) => ['person', 'people'].includes(f.kind) && !f.engine && n !== r.hiddenFrom)
      .map(([n, f]) => {
        const ref = refOf(w, n === 'owner' ? 'owner' : 'named', 'only');
        return [n, f.kind === 'people' ? [ref] : ref];
      }),
  );
  const links = Object.entries(r.links)
    .filter(([, l]) => l.to === 'aiSystem')
    .map(([name]) => [name, w.systems.slice(0, 1)]);
  return standing(w.t, r, state, seed, {
    author,
    more: { ...people, ...Object.fromEntries(links), ...more },
  });
}

const stepsFrom = (r: Register, state: string): string[] =>
  Object.entries(r.transitions)
    .filter(([, x]) => asList(x.from).includes(state) && !asList(x.by).every((b) => b === 'engine'))
    .map(([name]) => name);

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
  const values = { [field]: `Anew ${seed}` };
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
  const file = Buffer.from(JSON.stringify([{ ref, [field]: `By a file ${seed}` }]));
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

const EVERYBODY: Record<string, Role[]> = {
  top: ['topManagement'],
  management: ['designatedManagement'],
  manager: ['aimsManager'],
  auditor: ['auditor'],
  contributor: ['contributor'],
  owner: ['contributor'],
  named: ['contributor'],
  systemOwner: ['contributor'],
  systemApprover: ['contributor'],
  delegate: ['contributor'],
};

async function withSystem(w: World, riskClass: string): Promise<void> {
  w.systems.push(
    await standing(w.t, registry.get('aiSystem'), 'inScope', 900, {
      more: {
        owner: refOf(w, 'systemOwner', 'only'),
        approver: refOf(w, 'systemApprover', 'guest', 'only'),
        oversight: refOf(w, 'named', 'only'),
        riskClass,
        inScope: 'in',
      },
    }),
  );
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
    w = await world('small', EVERYBODY);
    await withSystem(w, 'limited');
    await standing(w.t, registry.get('responsibility'), 'accepted', 901, {
      author: refOf(w, 'systemApprover'),
      more: {
        kind: 'delegation',
        owner: refOf(w, 'delegate'),
        delegator: refOf(w, 'systemApprover'),
        startsOn: undefined,
        endsOn: dayFrom(w.t, 30),
        systems: [],
      },
    });
  });

  test.each(REGISTERS.map((r) => [r.name, r] as const))('%s', async (_, r) => {
    const out = walked();
    await walk(w, r, [refOf(w, 'contributor')], out);
    addUp(out);
  });
});

test('a larger organisation, where several decide', async () => {
  const w = await world('larger', EVERYBODY);
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
  const w = await world('alone', {
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
