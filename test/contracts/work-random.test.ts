import { afterAll, beforeAll, expect, test } from 'vitest';
import { engineActor } from '../../src/app/people/people.ts';
import { USE_NAMES } from '../../src/app/release/in-use.ts';
import { intervals } from '../../src/app/work/intervals.ts';
import { AHEAD, ALONE, MOST } from '../../src/app/work/my-work.ts';
import type { Whose } from '../../src/app/work/rule.ts';
import { createChecked } from '../../src/app/write/commit.ts';
import { asList, type Register } from '../../src/register/register.ts';
import type { Actor, Role } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { decisionPlace } from '../../src/store/authority/decisions.ts';
import { decisionsDue } from '../../src/store/authority/decisions-due.ts';
import { byName, NAMING } from '../../src/store/authority/naming.ts';
import { byPart, stepRow } from '../../src/store/authority/steps.ts';
import type { Row } from '../../src/store/db/database.ts';
import { rowsOf, together } from '../../src/store/db/union.ts';
import { toldTo } from '../../src/store/release/in-use.ts';
import { standing } from '../support/arrange.ts';
import { times } from '../support/depth.ts';
import { given, type TestInstance, testInstance } from '../support/instance.ts';
import { dayOf, decided } from '../support/kept-standing.ts';
import { decisionsComputed, intervalsComputed, toldComputed } from '../support/work-reference.ts';

/** What my work finds by beginning from whom records name is what looking at everything finds: over all registers, whatever chance made. */

let t: TestInstance;
const people: Actor[] = [];
const systems: string[] = [];
const audits: string[] = [];
let seed = 0;

const ROLES: Role[][] = [
  ['topManagement', 'aimsManager'],
  ['designatedManagement'],
  ['contributor'],
  ['contributor'],
  ['auditor'],
  ['reader'],
];

/** Numbers that look random and are the same in every run. */
function repeatable(from: number): (below: number) => number {
  let s = from >>> 0;
  return (below) => {
    s = (Math.imul(s, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((s / 2 ** 32) * below);
  };
}
const pick = repeatable(24);
const one = <T>(all: readonly T[]): T => all[pick(all.length)]!;
const some = (all: readonly string[], most: number): string[] => [
  ...new Set(Array.from({ length: 1 + pick(most) }, () => one(all))),
];
/** Few people, so that somebody is named by several of what a record is linked to. */
const who = (): string => one(people.slice(0, 5)).ref;

const put = (register: string, state: string, more: Record<string, unknown>, author?: string) => {
  seed += 1;
  return standing(t, registry.get(register), state, seed, { more, author });
};

/** Registers in which somebody decides on what waits. */
const DECIDED = registry.all.filter(
  (r) => r.name !== 'person' && Object.values(r.transitions).some((x) => x.decision),
);

beforeAll(async () => {
  t = await testInstance();
  for (const roles of ROLES) {
    const { ref } = await given(t, 'person', { name: roles.join(), roles });
    const { id, slug } = t.organisation;
    people.push({ organisation: id, organisationSlug: slug, kind: 'person', ref, name: ref, roles });
  }
  for (let i = 0; i < 5; i++)
    systems.push(await put('aiSystem', 'inScope', { owner: who(), approver: who(), oversight: who() }));
  for (let i = 0; i < 3; i++) audits.push(await put('audit', 'running', { owner: who() }));
  for (const r of DECIDED) for (let i = 0; i < times(7); i++) await makeWaiting(r);
  for (let i = 0; i < times(24); i++) await makeUse();
  for (let i = 0; i < times(18); i++) await makeHeld();
  // Some are hidden from somebody, some were entered on behalf of somebody: past every rule, wherever the database may meet it.
  await t.app.db.asOwner({
    text: `update record set hidden_from = array[$2] where organisation = $1 and register <> 'person' and number % 9 = 0`,
    values: [t.organisation.id, people[2]!.ref],
  });
  await t.app.db.asOwner({
    text: `with edited as (insert into version (organisation, record_id, version, at, act, state, actor, digest)
        select organisation, id, version + 1, updated_at, 'edit', state, 'engine', 'x' from record where organisation = $1 and number % 7 = 0 returning *)
      insert into content (organisation, record_id, version, part, value)
        select organisation, record_id, version, 'actor', jsonb_build_object('ref', 'engine', 'for', $2::text) from edited`,
    values: [t.organisation.id, people[0]!.ref],
  });
});
afterAll(() => t?.close());

function partsIn(r: Register): Record<string, unknown> {
  const named = Object.entries(r.fields)
    .filter(([n, f]) => ['person', 'people'].includes(f.kind) && !f.engine && n !== r.hiddenFrom)
    .map(([n, f]) => [
      n,
      f.kind === 'people'
        ? some(
            people.map((p) => p.ref),
            2,
          )
        : who(),
    ]);
  const links = Object.entries(r.links).flatMap(([n, l]) => {
    const all = { aiSystem: systems, audit: audits }[l.to];
    return all ? [[n, some(all, Math.min(3, l.max))]] : [];
  });
  const choices = Object.values(r.transitions).flatMap((x) =>
    [x.when, x.onlyBy].flatMap((c) => (c ? [[c.field, one(r.fields[c.field]!.options!)]] : [])),
  );
  return Object.fromEntries([...named, ...links, ...choices]);
}

async function makeWaiting(r: Register): Promise<void> {
  const from = Object.values(r.transitions)
    .filter((x) => x.decision)
    .flatMap((x) => [...asList(x.from)]);
  const ref = await put(r.name, pick(6) ? one(from) : one(r.states), partsIn(r), pick(2) ? who() : undefined);
  for (let i = pick(3); i > 0; i--)
    await decided(t, ref, {
      kind: one(['approve', 'accept', 'refuse', 'acknowledge']),
      by: who(),
      manner: one(['single', 'single', 'alone']),
      ...(pick(4) ? {} : { until: dayOf(t, pick(20) - 10) }),
    });
}

async function makeUse(): Promise<void> {
  const release = registry.get('release');
  const ref = await put(
    'release',
    pick(5) ? 'shipped' : one(release.states.filter((s) => s !== 'allowed')),
    { ...partsIn(release), kind: one(['release', 'useClearance']) },
    pick(2) ? who() : undefined,
  );
  for (let i = pick(3); i > 0; i--) {
    const basis = one(['approvals', 'approvals', 'envelope', 'emergency']);
    const values = { title: ref, verdict: pick(4) ? 'allow' : 'refuse', basis };
    await createChecked(
      t.app,
      { actor: engineActor(t.organisation) },
      registry.get('gateDecision'),
      { values, links: { release: [ref] } },
      { as: 'engine' },
    );
  }
  await t.app.db.asOwner({
    text: `insert into use_finding (organisation, release_id, log, size, judged_at, anew_at, verdict, reasons)
      select organisation, id, 1, 1, now(), now(), $3, array['x'] from record where organisation = $1 and ref = $2
      on conflict do nothing`,
    values: [t.organisation.id, ref, one(['allow', 'refuse', 'insufficient', 'insufficient'])],
  });
}

/** What was held and tested: drills, assessments, runs, of some of the systems or of none that counts. */
async function makeHeld(): Promise<void> {
  const heldOn = dayOf(t, pick(400) - 420);
  const plan = await put('rollbackPlan', 'approved', { system: [one(systems)] });
  await put('drill', pick(4) ? 'verified' : one(['planned', 'held']), {
    rollbackPlan: [plan],
    kind: one(['rollback', 'stop', 'communication']),
    outcome: pick(4) ? 'succeeded' : 'failed',
    heldOn,
  });
  await put('riskAssessment', one(['planned', 'concluded', 'approved']), {
    systems: some(systems, 3),
    heldOn,
  });
  const release = await put('release', one(['draft', 'shipped']), { system: [one(systems)] });
  await createChecked(
    t.app,
    { actor: engineActor(t.organisation) },
    registry.get('testRun'),
    {
      values: {
        title: release,
        status: one(['complete', 'complete', 'incomplete']),
        receivedAt: `${heldOn}T09:00:00.000Z`,
        ...(pick(2) ? { startedAt: `${heldOn}T0${pick(9)}:00:00.000Z` } : {}),
      },
      links: { release: [release] },
    },
    { as: 'engine', state: pick(2) ? 'recorded' : 'withdrawn' },
  );
}

const workOf = (person: Actor, most: number, registers = registry.all): Whose => ({
  app: t.app,
  own: true,
  person,
  registers,
  place: decisionPlace(t.app),
  today: dayOf(t, 0),
  now: t.app.clock.now().toISOString(),
  most,
  shown: most + 1,
  ahead: AHEAD,
  alone: ALONE,
});

/** Registers that are closed to whoever asks. */
const CLOSED = [[], ['aiSystem'], ['audit', 'change', 'release']];

/** Both ways, in the same moment, for everybody with what is closed to them and with any cut: what is found, by its step or use. */
async function everybody(): Promise<Map<string, number>> {
  const met = new Map<string, number>();
  for (const person of people)
    for (const closed of CLOSED)
      for (const most of [MOST, 3]) {
        const w = workOf(
          person,
          most,
          registry.all.filter((r) => !closed.includes(r.name)),
        );
        const both = [true, false].flatMap((manages) => [
          toldTo(USE_NAMES, w, manages),
          toldComputed(USE_NAMES, w, manages),
        ]);
        const asked = [
          decisionsDue(registry, w),
          decisionsComputed(registry, w),
          intervals.statement(w)!,
          intervalsComputed(w),
          ...both,
        ];
        // Their own list, or somebody else's who may see it: then the database hides nothing from them by itself.
        const [rows] = await t.app.db
          .as(
            most === MOST ? person.ref : people.at(-1)!.ref,
            closed.flatMap((name) => [name, registry.get(name).prefix]),
          )
          .run(t.organisation.id, [together(asked)]);
        for (let i = 0; i < asked.length; i += 2) {
          const found = rowsOf(rows!, i);
          expect(found, `${person.ref} (${person.roles}), closed: ${closed}, ${asked[i]!.name}`).toEqual(
            rowsOf(rows!, i + 1),
          );
          for (const row of found) met.set(keyOf(person, row), (met.get(keyOf(person, row)) ?? 0) + 1);
        }
      }
  return met;
}

const keyOf = (person: Actor, row: Row): string => {
  const held = ['drills', 'assessment', 'test'].filter((n) => row[n]);
  return 'drills' in row
    ? `held ${held}`
    : `${person.roles.includes('contributor') ? 'by name' : 'any'} ${row.step ? `${row.register}.${row.step}` : 'in use'}`;
};

/** Steps that somebody without a role may take where they are named. */
const BY_NAME = DECIDED.flatMap((r) =>
  Object.entries(r.transitions).flatMap(([name, x]) => {
    const row = stepRow(
      { ...people[0]!, ref: 'x', kind: 'person', roles: [] } as Actor,
      r,
      name,
      x,
      asList(x.from),
    );
    return x.decision && byPart(row) ? [{ r, name, row }] : [];
  }),
);

test('whoever is named is found without looking at everything that waits', () => {
  expect(BY_NAME.length).toBeGreaterThan(8);
  // A step that asks of another field works all the same; it is found by looking at everything that waits, so the field should have an index.
  expect(BY_NAME.filter(({ r, row }) => !byName(r, row)).map(({ r, name }) => `${r.name}.${name}`)).toEqual(
    [],
  );
});

test('the database looks through the very fields that are named here', async () => {
  for (const [register, fields] of Object.entries(NAMING))
    for (const field of fields) {
      expect(registry.get(register).fields[field]?.kind).toBe('person');
      const [row] = await t.app.db.asOwner({
        text: `select ref, "values"->>$3 as named from record where organisation = $1 and register = $2 and "values" ? $3 limit 1`,
        values: [t.organisation.id, register, field],
      });
      const [rows] = await t.app.db.run(t.organisation.id, [
        { text: 'select n.register, n.field from records_naming($1) n', values: [row!.named] },
      ]);
      expect(rows, `${register}.${field}`).toContainEqual({ register, field });
    }
});

test('it is the same for everybody, whatever is hidden, closed or cut', async () => {
  const met = await everybody();
  const decisions = [...met].filter(([k]) => k.startsWith('by name') && !k.endsWith('in use'));
  expect(decisions.length, JSON.stringify([...met])).toBeGreaterThan(6);
  const held = [...met.keys()].filter((k) => k.startsWith('held ')).join();
  for (const what of ['drills', 'assessment', 'test']) expect(held).toContain(what);
  expect(Math.min(met.get('by name in use') ?? 0, met.get('any in use') ?? 0)).toBeGreaterThan(5);
});

test('it is the same for somebody whom very much names', async () => {
  await t.app.db.asOwner({
    text: `insert into record (organisation, id, register, number, ref, state, version, title, "values", derived, owner, material,
        created_at, created_by, updated_at, updated_by, search)
      select organisation, gen_random_uuid(), register, 50000 + n, 'SYS-' || (50000 + n), state, 1, title, "values" || jsonb_build_object('approver', $3::text), derived, owner,
        material, created_at, created_by, updated_at, updated_by, search
      from record, generate_series(1, 120) n where organisation = $1 and ref = $2`,
    values: [t.organisation.id, systems[0], people[3]!.ref],
  });
  expect((await everybody()).size).toBeGreaterThan(6);
});
