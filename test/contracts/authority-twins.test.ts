import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { engineActor } from '../../src/app/people/people.ts';
import { readFacts } from '../../src/app/read/facts.ts';
import { createChecked } from '../../src/app/write/commit.ts';
import { presentBinding } from '../../src/app/write/decisions.ts';
import { coverDigest } from '../../src/authority/binding.ts';
import { isRefusal, missingFor } from '../../src/authority/own-right.ts';
import { standingOn } from '../../src/authority/standing.ts';
import { mayTake } from '../../src/authority/take.ts';
import { reads } from '../../src/facts/reads.ts';
import { presentRule, rulesOf } from '../../src/register/covering.ts';
import { restingStates } from '../../src/register/decisions.ts';
import { asList, type Register } from '../../src/register/register.ts';
import { freshContents, parseInput } from '../../src/register/values.ts';
import type { Actor } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { standingSql } from '../../src/store/authority/covers.ts';
import { decisionPlace } from '../../src/store/authority/decisions.ts';
import { coverRows, OPEN, STEP_COLUMNS, sameAsNow, stepRow } from '../../src/store/authority/steps.ts';
import {
  RECORD_SELECT,
  readStatement,
  type StoredWithRelations,
  toStored,
  toStoredWithRelations,
} from '../../src/store/records/records.ts';
import { dayFrom, standing } from '../support/arrange.ts';
import { DEPTH } from '../support/depth.ts';
import { given, type TestInstance, testInstance } from '../support/instance.ts';

/** What the database says of decisions and steps, and what `weigh` and `mayTake` say, over all registers and records that chance made. */

let t: TestInstance;
const people: Actor[] = [];
const systems: string[] = [];
let today = '';
beforeAll(async () => {
  t = await testInstance();
  today = dayFrom(t, 0);
  const roles = [
    ['topManagement'],
    ['designatedManagement'],
    ['aimsManager'],
    ['contributor'],
    ['auditor'],
    ['reader'],
  ] as const;
  for (const held of roles) {
    const { ref } = await given(t, 'person', { name: held[0], roles: [...held] });
    const { id, slug } = t.organisation;
    people.push({
      organisation: id,
      organisationSlug: slug,
      kind: 'person',
      ref,
      name: held[0],
      roles: held,
    });
  }
});
afterAll(() => t.close());

/** What chance decides about a record and what is said about it. */
const anyRecord = fc.record({
  state: fc.nat(),
  author: fc.nat(),
  owner: fc.nat(),
  named: fc.nat(),
  more: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
  systems: fc.integer({ min: 0, max: 3 }),
  without: fc.boolean(),
  days: fc.constantFrom(-400, -30, -1, 0),
  wait: fc.constantFrom(0, 0.4, 1, 30, 400),
  decisions: fc.array(
    fc.record({
      kind: fc.constantFrom('approve', 'accept', 'waive', 'refuse', 'acknowledge'),
      by: fc.nat(),
      manner: fc.constantFrom('single', 'single', 'alone'),
      until: fc.constantFrom(undefined, undefined, -1, 0, 1, 40),
      about: fc.constantFrom('now', 'now', 'now', 'then', 'cover', 'first'),
      old: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
});

/** Values of which a step requires more, and others, with each of these missing in turn. */
async function requiringMore(r: Register, seed: number): Promise<number> {
  let made = 0;
  for (const x of Object.values(r.transitions))
    for (const { field, is, names } of x.requiresOf ?? [])
      for (const value of r.fields[field]!.options!.filter((o, i) => is.includes(o) || i === 0))
        for (const without of [[], ...names.map((n) => [n])]) {
          const more = { [field]: value };
          const author = one(people, made).ref;
          await standing(t, r, asList(x.from)[0]!, seed + made, { author, more, without });
          made += 1;
        }
  return made;
}

const one = <T>(list: readonly T[], n: number): T => list[n % list.length]!;

async function make(
  r: Register,
  seed: number,
  x: typeof anyRecord extends fc.Arbitrary<infer V> ? V : never,
) {
  const named = Object.fromEntries(
    Object.entries(r.fields)
      .filter(([n, f]) => ['person', 'people'].includes(f.kind) && !f.engine && n !== r.hiddenFrom)
      .map(([n, f]) => {
        const ref = one(people, n === 'owner' ? x.owner : x.named).ref;
        return [n, f.kind === 'people' ? [ref] : ref];
      }),
  );
  const links = Object.fromEntries(
    Object.entries(r.links)
      .filter(([, l]) => l.to === 'aiSystem')
      .map(([n, l]) => [n, systems.slice(0, Math.max(l.min, Math.min(l.max, x.systems)))]),
  );
  const choices = Object.fromEntries(
    Object.values(r.transitions).flatMap((s) =>
      [s.when, s.onlyBy].flatMap((c) => (c ? [[c.field, one(r.fields[c.field]!.options!, x.more[0]!)]] : [])),
    ),
  );
  const days = Object.fromEntries(
    Object.values(r.transitions).flatMap((s) =>
      s.after
        ? [
            [s.after.day, dayFrom(t, x.days)],
            [s.after.days, x.wait],
          ]
        : [],
    ),
  );
  const later = Object.keys(r.fields).filter((n) => r.fields[n]!.later && !(n in days) && !(n in choices));
  const ref = await standing(t, r, one(r.states, x.state), seed, {
    author: one(people, x.author).ref,
    more: { ...named, ...links, ...choices, ...days },
    without: x.without && later.length > 0 ? [one(later, x.more[1]!)] : [],
  });
  for (const d of x.decisions) await decide(r, ref, d);
  return ref;
}

async function decide(
  r: Register,
  ref: string,
  d: { kind: string; by: number; manner: string; until?: number; about: string; old: boolean },
) {
  const [rows] = await t.app.db.run(t.organisation.id, [readStatement(r, ref)]);
  const record = toStored(rows![0]!);
  const present = await presentBinding(t.app, t.organisation.id, r, ref, record);
  const rule = d.about === 'first' ? 1 : presentRule(r);
  const bound = present.under(rule);
  const other = `sha256:${'7'.repeat(64)}`;
  const said = d.about === 'then' ? { ...bound, digest: other, own: other } : bound;
  const cover =
    d.about === 'cover' && bound.cover ? coverDigest([{ ref: 'CMP-0001', digest: other }]) : said.cover;
  const register = t.app.registry.get('decision');
  // Of before the digests of what is covered were kept, there is one digest, of a record that covers nothing.
  const plain = d.old && bound.covered.length === 0;
  const contents = freshContents(
    register,
    parseInput(
      register,
      {
        kind: d.kind,
        subject: ref,
        subjectVersion: record.version,
        subjectDigest: cover === said.cover ? said.digest : other,
        ...(plain ? {} : { ownDigest: said.own, ...(cover ? { coverDigest: cover } : {}) }),
        ...(rule > 1 ? { rule } : {}),
        by: one(people, d.by).ref,
        role: 'owner',
        manner: d.manner,
        ...(d.until === undefined ? {} : { until: dayFrom(t, d.until) }),
      },
      'engine',
    ),
  );
  await createChecked(t.app, { actor: engineActor(t.organisation) }, register, contents, { as: 'engine' });
}

/** References whose state rests on decisions, with what one statement of the database says they stand on. */
async function standings(r: Register): Promise<{ ref: string; list: string | null; work: string | null }[]> {
  const place = decisionPlace(t.app);
  const [rows] = await t.app.db.run(t.organisation.id, [
    {
      text: `select r.ref, ${standingSql(registry, r, 'r', place, '$2')} as list,
          (select coalesce(max('current') filter (where d.same and d.present and not d.alone), max('alone') filter (where d.same and d.present),
              max('ended') filter (where d.same), 'stale')
            from (select d."values"->>'until' is null or d."values"->>'until' > $2 as present,
                coalesce(d."values"->>'manner' = 'alone', false) as alone, ${sameAsNow('$3')} as same
              from record d where d.organisation = r.organisation and d.register = '${place.register}' and d.${place.subject} = lower(r.ref)
                and d."values"->>'kind' in ('approve', 'accept', 'waive')) d) as work
        from record r where r.organisation = (select present_organisation()) and r.register = $1`,
      values: [r.name, today, JSON.stringify(coverRows(registry))],
    },
  ]);
  return rows as { ref: string; list: string | null; work: string | null }[];
}

/** Steps that the database says are open to somebody, as `RSK-0001 accept`. */
async function openTo(actor: Actor, r: Register): Promise<Set<string>> {
  const rows = Object.entries(r.transitions)
    .filter(([, x]) => !asList(x.by).every((w) => w === 'engine'))
    .flatMap(([name, x]) => asList(x.from).map((state) => stepRow(actor, r, name, x, [state])));
  const [found] = await t.app.db.run(t.organisation.id, [
    {
      text: `select r.ref, s.step from jsonb_to_recordset($3) as s(${STEP_COLUMNS}) join record r on r.organisation = (select present_organisation())
        and r.register = s.register and r.state = any(s.states) where $2::text is not null and ${OPEN}`,
      values: [actor.ref, today, JSON.stringify(rows)],
    },
  ]);
  return new Set(found!.map((x) => `${x.ref} ${x.step}`));
}

/** The same by `mayTake`, by their own right and as far as the record alone tells. */
function openByRule(actor: Actor, r: Register, record: StoredWithRelations): string[] {
  return Object.entries(r.transitions).flatMap(([name, x]) => {
    if (!asList(x.from).includes(record.state) || asList(x.by).every((w) => w === 'engine')) return [];
    const { finds = [] } = x;
    if (missingFor(r, x, record).some((n) => !finds.includes(n))) return [];
    const answer = mayTake(actor, r, name, record, { now: t.app.clock.now() });
    return isRefusal(answer) ? [] : [`${record.ref} ${name}`];
  });
}

test('the database weighs decisions and opens steps as the rules do, in every register', async () => {
  for (const riskClass of ['limited', 'high', 'minimal'])
    systems.push(
      await standing(t, registry.get('aiSystem'), 'inScope', 900 + systems.length, {
        more: {
          riskClass,
          inScope: 'in',
          owner: one(people, systems.length).ref,
          approver: one(people, systems.length + 3).ref,
          oversight: one(people, 4).ref,
        },
      }),
    );
  for (const kind of ['model', 'prompt', 'dataset'])
    await given(t, 'component', { name: kind, kind, systems: systems.slice(0, 2) });
  const met: Record<string, number> = {};
  let opened = 0;
  let closed = 0;
  let requiring = 0;
  let seed = 1000;
  for (const r of registry.all) {
    const steps = Object.values(r.transitions).some((x) => !asList(x.by).every((w) => w === 'engine'));
    if (!steps) continue;
    const population = fc.sample(anyRecord, { numRuns: 5 * DEPTH, seed: 42 + seed });
    for (const x of population) {
      seed += 1;
      await make(r, seed, x);
    }
    const byKind = await requiringMore(r, seed + 1);
    seed += byKind;
    requiring += byKind;
    const [rows] = await t.app.db.run(t.organisation.id, [
      {
        text: `select r.ref from record r where r.organisation = (select present_organisation()) and r.register = $1`,
        values: [r.name],
      },
    ]);
    const refs = rows!.map((x) => String(x.ref));
    const [read] = await t.app.db.run(t.organisation.id, [readStatement(r, refs)]);
    const records = read!.map(toStoredWithRelations);
    const resting = restingStates(r);
    const said = new Map((await standings(r)).map((x) => [x.ref, x]));
    const facts = await t.app.db.converse(t.organisation.id, (ask) =>
      readFacts(t.app, ask, reads(r, { hops: [], weighed: [r] }), { refs }),
    );
    for (const record of records) {
      const [decided] = await t.app.db.run(t.organisation.id, [
        {
          text: `select ${RECORD_SELECT} from record r where r.organisation = (select present_organisation()) and r.register = 'decision' and r."values"->>'subject' = $1`,
          values: [record.ref],
        },
      ]);
      const binding = await presentBinding(t.app, t.organisation.id, r, record.ref, record);
      const pure = standingOn(decided!.map(toStored), binding, today);
      const { list, work } = said.get(record.ref)!;
      const at = `${record.ref}, ${record.state}, ${JSON.stringify(decided!.map((d) => d.values))}`;
      expect(work, at).toBe(pure);
      expect(list, at).toBe(resting.has(record.state) ? pure : null);
      expect(facts.standing(r, record) ?? null, at).toBe(list);
      if (decided!.length > 0) met[pure] = (met[pure] ?? 0) + 1;
    }
    for (const actor of people) {
      const open = await openTo(actor, r);
      const ruled = records.flatMap((record) => openByRule(actor, r, record));
      const more = [...open].filter((x) => !ruled.includes(x));
      expect(more, `${actor.name}: open in the database, and closed`).toEqual([]);
      expect(
        ruled.filter((x) => !open.has(x)),
        `${actor.name}: open, and closed in the database`,
      ).toEqual([]);
      opened += ruled.length;
      closed += records.length - new Set(ruled.map((x) => x.split(' ')[0])).size;
    }
  }
  expect(rulesOf(registry.get('release')).length).toBeGreaterThan(1);
  for (const s of ['current', 'alone', 'ended', 'stale']) expect(met[s] ?? 0, s).toBeGreaterThan(3);
  expect(Math.min(opened, closed)).toBeGreaterThan(100);
  expect(requiring).toBeGreaterThan(3);
});
