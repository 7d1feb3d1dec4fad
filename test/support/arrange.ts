import { engineActor } from '../../src/app/people/people.ts';
import { createChecked } from '../../src/app/write/commit.ts';
import { presentBinding } from '../../src/app/write/decisions.ts';
import { happenedIn } from '../../src/register/claim.ts';
import type { Field } from '../../src/register/field.ts';
import { fixedIn } from '../../src/register/fixed.ts';
import { kindOf } from '../../src/register/kinds.ts';
import type { Register, Registry, Within } from '../../src/register/register.ts';
import { freshContents, parseInput } from '../../src/register/values.ts';
import { readStatement, toStored } from '../../src/store/records/records.ts';
import { given, type TestInstance } from './instance.ts';

/** Is there a route by which people create records of this register? */
export const byPeople = (r: Register): boolean => !r.permissions.create.every((w) => w === 'engine');

/** The registers that people create records of. */
export const peoplesRegisters = (registry: Registry): Register[] => registry.all.filter(byPeople);

const targets = new WeakMap<TestInstance, Map<string, Promise<string>>>();

/** The record that comments of an instance stand beside. */
const subjects = new WeakMap<TestInstance, string>();

/** A record of the register to link to, made once for each instance. */
export function targetOf(t: TestInstance, register: string): Promise<string> {
  const known = targets.get(t) ?? new Map<string, Promise<string>>();
  targets.set(t, known);
  const made = known.get(register) ?? makeTarget(t, register);
  known.set(register, made);
  return made;
}

async function makeTarget(t: TestInstance, name: string): Promise<string> {
  const register = t.app.registry.get(name);
  return (await given(t, name, byPeople(register) ? await sampleInput(t, register, 900, 'required') : {}))
    .ref;
}

/** Names that must be given to create a record. */
export function requiredNames(r: Register): string[] {
  return [
    ...Object.entries(r.fields).filter(([, f]) => f.required && !f.engine && f.defaultTo === undefined),
    ...Object.entries(r.links).filter(([, l]) => l.min > 0 && !l.later && !l.engine),
  ].map(([name]) => name);
}

/**
 * A valid body made from the declaration alone: the kinds' own samples, and links to records made for it. Different seeds
 * give different values; `required` leaves out everything that can wait.
 */
export async function sampleInput(
  t: TestInstance,
  r: Register,
  seed: number,
  which: 'all' | 'required' = 'all',
): Promise<Record<string, unknown>> {
  const body = sampleFields(t, r, seed, which);
  const required = requiredNames(r);
  for (const [name, l] of Object.entries(r.links))
    if (!l.engine && (which === 'all' || required.includes(name))) body[name] = [await targetOf(t, l.to)];
  if (r.name === 'comment') {
    body.subject = await targetOf(t, 'aiSystem');
    subjects.set(t, String(body.subject));
  }
  return body;
}

/** What an edit of a new record may change: its fields without those that are settled from its first state on. */
export function sampleEdit(t: TestInstance, r: Register, seed: number): Record<string, unknown> {
  const settled = fixedIn(r, r.states[0]!);
  return Object.fromEntries(
    Object.entries(sampleFields(t, r, seed)).filter(([name]) => !settled.includes(name)),
  );
}

/** The fields of `sampleInput`, without links. */
export function sampleFields(
  t: TestInstance,
  r: Register,
  seed: number,
  which: 'all' | 'required' = 'all',
): Record<string, unknown> {
  const required = requiredNames(r);
  const body: Record<string, unknown> = {};
  // Whoever a record is hidden from could not be asked to show it.
  for (const [name, f] of Object.entries(r.fields))
    if (!f.engine && name !== r.hiddenFrom && (which === 'all' || required.includes(name)))
      body[name] = kindOf(f).sample(f, seed);
  // A comment stands beside a record that exists, and stays there: `sampleInput` names it.
  if (r.name === 'comment' && body.subject) {
    if (subjects.has(t)) body.subject = subjects.get(t);
    else delete body.subject;
  }
  for (const w of r.within) if (w.day in body) body[w.day] = dayWithin(t, w, seed) ?? body[w.day];
  for (const [name, f] of happenedIn(r)) if (name in body) body[name] = pastOf(t, r, f, seed);
  for (const [name, f] of Object.entries(r.fields))
    if (name in body && f.claim?.is === 'review') body[name] = reviewDay(t, seed);
  for (const [name, f] of Object.entries(r.fields))
    if (name in body && f.kind === 'table' && f.defaultTo !== undefined) body[name] = f.defaultTo;
  for (const [name, value] of Object.entries(r.sample)) if (name in body) body[name] = value;
  return body;
}

/** When something may have happened that is entered now: today, where it belongs to a record that is made for it, or to another moment of the record. */
function pastOf(t: TestInstance, r: Register, { kind, claim }: Field, seed: number): string {
  const { since = [] } = claim?.is === 'happened' ? claim : {};
  const now = t.app.clock.now().getTime();
  const back = since.some((s) => r.links[s])
    ? 0
    : since.length > 0
      ? seed % 60
      : (1 + (seed % 200)) * 24 * 60;
  const at = new Date(now - back * 60_000).toISOString();
  return kind === 'date' ? at.slice(0, 10) : at;
}

/** A day of review that any criteria and our own intervals allow, whatever day within 200 days it counts from. */
export const reviewDay = (t: TestInstance, seed = 0): string => dayFrom(t, 100 + (seed % 60));

/** A day that the declaration lets any record say; undefined where that hangs on other fields. */
function dayWithin(t: TestInstance, { from, to, where }: Within, seed: number): string | undefined {
  if (where || typeof from === 'string') return undefined;
  const last = to && ('days' in to ? to.days : to.years * 365);
  const first = from?.days ?? (last ?? 0) - 300;
  return dayFrom(t, first + (seed % Math.min(300, (last ?? first + 300) - first)));
}

/** A day that many days after the instance's present day. */
export const dayFrom = (t: TestInstance, days: number): string =>
  new Date(t.app.clock.now().getTime() + days * 86_400_000).toISOString().slice(0, 10);

/** How much is stored for the organisation: rows of what a write may touch. For showing that nothing was written. */
export async function stored(
  t: TestInstance,
  organisation = t.organisation.id,
): Promise<Record<string, number>> {
  await t.app.sequencer.settle(organisation);
  const [row] = await t.app.db.asOwner({
    text: `select (select count(*)::int from record where organisation = $1) as records,
      (select count(*)::int from version where organisation = $1) as versions,
      (select count(*)::int from leaf where organisation = $1 and record_id is not null) as leaves,
      (select count(*)::int from content where organisation = $1) as contents,
      (select count(*)::int from link where organisation = $1) as links,
      (select count(*)::int from blob where organisation = $1) as blobs,
      (select count(*)::int from outbox where organisation = $1) as waiting`,
    values: [organisation],
  });
  return row as Record<string, number>;
}

/**
 * A record that already stands in this state, past every rule: for arranging, never for the claim of a test. Its author is
 * the engine unless told; `more` replaces sample values.
 */
export async function standing(
  t: TestInstance,
  r: Register,
  state: string,
  seed: number,
  o: { author?: string; more?: Record<string, unknown>; without?: readonly string[] } = {},
): Promise<string> {
  const input: Record<string, unknown> = byPeople(r) ? await sampleInput(t, r, seed) : {};
  // An invitation goes to an address that nobody has; roles of management would bring rules of their own.
  if (r.name === 'person') Object.assign(input, { email: `person.${seed}@acme.example`, roles: ['reader'] });
  Object.assign(input, o.more);
  for (const name of o.without ?? []) delete input[name];
  const contents = freshContents(r, byPeople(r) ? parseInput(r, input, 'engine') : {});
  const actor = { ...engineActor(t.organisation), ...(o.author ? { ref: o.author } : {}) };
  const { record } = await createChecked(t.app, { actor }, r, contents, { as: 'engine', state });
  if (r.name === 'release' && state === 'allowed') await letThrough(t, r, record.ref);
  return record.ref;
}

/** A document in force that says how something is done here: what a control may be shown by. */
export const published = (t: TestInstance, body = 'How it is done here.'): Promise<string> =>
  standing(t, t.app.registry.get('document'), 'published', 1, {
    more: { title: body.slice(0, 40), body, template: '' },
    without: ['attachment', 'template'],
  });

/** The gate's allowance that a release in the state `allowed` must have. */
export async function letThrough(t: TestInstance, r: Register, ref: string): Promise<void> {
  const [page] = await t.app.db.run(t.organisation.id, [readStatement(r, ref)]);
  const subjectDigest = (await presentBinding(t.app, t.organisation.id, r, ref, toStored(page![0]!))).content
    .digest;
  const gate = t.app.registry.get('gateDecision');
  const contents = { values: { title: ref, verdict: 'allow', subjectDigest }, links: { release: [ref] } };
  await createChecked(t.app, { actor: engineActor(t.organisation) }, gate, contents, { as: 'engine' });
}

/**
 * Lets a test begin again at an earlier time, as if nothing had been entered later: the application refuses that, for no log runs backwards. For
 * tests that play the same days with other records.
 */
export async function forgetTime(t: TestInstance): Promise<void> {
  await t.app.sequencer.settle(t.organisation.id);
  await t.app.db.asOwner({
    text: 'update log set newest = null where organisation = $1',
    values: [t.organisation.id],
  });
}
