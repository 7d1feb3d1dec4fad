import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { earliestDayOf, latestDayOf } from '../../src/base/day.ts';
import { countsFrom, enteredName, happenedIn, originOf, withEntered } from '../../src/register/claim.ts';
import { requiredFor } from '../../src/register/conditions.ts';
import type { Field } from '../../src/register/field.ts';
import type { Register } from '../../src/register/register.ts';
import { registry } from '../../src/registers/index.ts';
import { byPeople, dayFrom, sampleInput, standing } from '../support/arrange.ts';
import { doors } from '../support/doors.ts';
import { type Answer, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/**
 * What a day claims is held against what can be, in every register and by every door: what happened does not lie ahead, nor before what it belongs to;
 * what ends does not end before it began; and a claim counts from its entry on, where that came later.
 */

let t: TestInstance;
let ada: Visitor;

beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', [
    'aimsManager',
    'designatedManagement',
    'auditor',
    'contributor',
    'topManagement',
  ]);
});

const events = registry.all
  .filter(byPeople)
  .flatMap((r) => happenedIn(r).map(([name, f]) => [`${r.name}.${name}`, r, name, f] as const));
const spans = registry.all
  .filter(byPeople)
  .flatMap((r) =>
    Object.entries(r.fields).flatMap(([name, f]) =>
      f.claim?.is === 'ends' && f.claim.from ? [[`${r.name}.${name}`, r, name, f.claim.from] as const] : [],
    ),
  );

test('there is something of each kind to look at', () => {
  expect(events.length).toBeGreaterThan(9);
  expect(spans.length).toBeGreaterThan(2);
  expect(events.filter(([, , , f]) => sinceOf(f).length > 0).length).toBeGreaterThan(3);
});

const sinceOf = ({ claim }: Field): readonly string[] =>
  claim?.is === 'happened' ? (claim.since ?? []) : [];
const now = () => t.app.clock.now();
const spelt = (f: Field, day: string) => (f.kind === 'date' ? day : `${day}T12:00:00.000Z`);
const refusedFor = (a: Answer, name: string) => {
  expect([a.status, a.body.code], a.text).toEqual([422, 'INVALID']);
  expect(
    a.body.problems.some((p: { path: string }) => p.path.endsWith(name)),
    a.text,
  ).toBe(true);
};

const sinceNames = (r: Register, name: string): readonly string[] => sinceOf(r.fields[name]!);

describe.each(events)('%s', (_, r, name, f) => {
  test('is not in the future, by whatever door', async () => {
    const all = await doors(t, ada, r, name, spelt(f, dayFrom(t, 3)), sinceOf(f));
    for (const [door, ask] of all) {
      const a = await ask();
      expect(a.status, `${door}: ${a.text}`).toBe(422);
      expect(a.text, door).toMatch(/not (be|been)? ?(in the future)|has not come yet/);
    }
    expect(all).toHaveLength(5);
  });

  test('a step that rests on it refuses what was stored before this was asked', async () => {
    for (const [step, s] of Object.entries(r.transitions)) {
      if (!requiredFor(s).includes(name)) continue;
      const from = [s.from].flat()[0]!;
      const ref = await standing(t, r, from, 3, { author: ada.ref });
      const value = spelt(f, dayFrom(t, 3));
      await t.app.db.asOwner({
        text: `update record set "values" = "values" || jsonb_build_object($3::text, $4::text) where organisation = $1 and ref = $2`,
        values: [t.organisation.id, ref, name, value],
      });
      const a = await ada.ask('POST', `${r.name}/${ref}/${step}`, {});
      expect([422, 409, 403], `${step}: ${a.text}`).toContain(a.status);
      if (a.status === 422 && a.body.code === 'INVALID') refusedFor(a, name);
      // What is stored stays readable.
      expect((await ada.ask('GET', `${r.name}/${ref}`)).body.values[name]).toBe(value);
    }
  });

  test.runIf(sinceOf(f).length > 0)('is not before what it belongs to', async () => {
    for (const other of sinceOf(f)) {
      const whole = await sampleInput(t, r, 1);
      const early = r.links[other]
        ? spelt(f, dayFrom(t, -3))
        : new Date(Date.parse(String(whole[other])) - 60_000).toISOString();
      const a = await ada.ask('POST', r.name, { ...whole, [name]: early });
      refusedFor(a, name);
      expect(a.body.message).toBe(r.links[other] ? 'claims.beforeRecord' : 'claims.beforeDay');
      const without = { ...whole, [name]: early, [other]: r.links[other] ? [] : null };
      const must = (r.links[other]?.min ?? 0) > 0;
      if (!must) expect((await ada.ask('POST', r.name, without)).status, name).toBe(201);
    }
  });

  test('the day of its entry is kept where it came later, for as long as the claim stands', async () => {
    const body = await sampleInput(t, r, 1, 'required');
    const alone = Object.fromEntries(Object.entries(body).filter(([n]) => !sinceNames(r, name).includes(n)));
    if (Object.keys(alone).length < Object.keys(body).length) return;
    const entered = enteredName(name);
    const made = await ada.ask('POST', r.name, { ...body, [name]: spelt(f, dayFrom(t, -9)) });
    expect(made.body.values[entered], made.text).toBe(dayFrom(t, 0));
    const { ref } = made.body;
    const other = await ada.ask('PATCH', `${r.name}/${ref}`, { [r.title]: 'Something else' });
    expect(other.body.values[entered], other.text).toBe(dayFrom(t, 0));
    const forged = await ada.ask('PATCH', `${r.name}/${ref}`, { [entered]: dayFrom(t, -9) });
    expect([forged.status, forged.body.code]).toEqual([422, 'INVALID']);
    const today = await ada.ask('PATCH', `${r.name}/${ref}`, {
      [name]: f.kind === 'date' ? dayFrom(t, 0) : now().toISOString(),
    });
    expect([today.status, today.body.values[entered]], today.text).toEqual([200, undefined]);
    const none = await ada.ask('PATCH', `${r.name}/${ref}`, { [name]: null });
    expect([none.status, none.body.values[entered]], none.text).toEqual([200, undefined]);
  });
});

test.each(spans)('%s does not end before it begins', async (_, r, name, from) => {
  const body = { ...(await sampleInput(t, r, 1, 'required')), [from]: dayFrom(t, 9) };
  refusedFor(await ada.ask('POST', r.name, { ...body, [name]: dayFrom(t, 8) }), name);
  const made = await ada.ask('POST', r.name, { ...body, [name]: dayFrom(t, 9) });
  expect(made.status, made.text).toBe(201);
  refusedFor(await ada.ask('PATCH', `${r.name}/${made.body.ref}`, { [from]: dayFrom(t, 10) }), name);
});

test('every order of events that people may tell is let through or refused as the days say', async () => {
  const r = registry.get('action');
  const today = dayFrom(t, 0);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: -40, max: 4 }),
      fc.integer({ min: -40, max: 4 }),
      async (found, done) => {
        const [foundOn, doneOn] = [dayFrom(t, found), dayFrom(t, done)];
        const latest = latestDayOf(now());
        const cause = await ada.ask('POST', 'nonconformity', {
          title: 'n',
          kind: 'actual',
          owner: ada.ref,
          foundOn,
        });
        expect(cause.status, cause.text).toBe(foundOn > latest ? 422 : 201);
        if (cause.status !== 201) return;
        const a = await ada.ask('POST', r.name, {
          title: 'a',
          kind: 'corrective',
          owner: ada.ref,
          doneOn,
          nonconformities: [cause.body.ref],
        });
        const first = [foundOn, earliestDayOf(now())].toSorted()[0]!;
        expect(a.status, `${foundOn} ${doneOn}: ${a.text}`).toBe(
          doneOn > latest || doneOn < first ? 422 : 201,
        );
        if (a.status !== 201) return;
        expect(countsFrom(a.body.values, 'doneOn')).toBe([doneOn, today].toSorted()[1]);
      },
    ),
    { numRuns: 25 },
  );
  expect(originOf(registry.get('nonconformity'))).toBe('foundOn');
});

test('a claim counts from the later of its day and its entry, and never from before either', () => {
  const r = registry.get('drill');
  const day = fc.date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2027-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(day, day), { minLength: 1, maxLength: 5 }), (said) => {
      let before: Record<string, unknown> | undefined;
      let since: string | undefined;
      for (const [claim, at] of said.toSorted(([, a], [, b]) => a.getTime() - b.getTime())) {
        const heldOn = claim.toISOString().slice(0, 10);
        const today = at.toISOString().slice(0, 10);
        if (before?.heldOn !== heldOn) since = today;
        const { values } = withEntered(r, before, { values: { ...before, heldOn }, links: {} }, at);
        expect(countsFrom(values, 'heldOn')).toBe(heldOn < since! ? since : heldOn);
        before = values;
      }
    }),
  );
});

test('a clock that is a little ahead of the server is no future', async () => {
  const known = (ms: number) =>
    ada.ask('POST', 'incident', {
      title: 'i',
      severity: 'low',
      knownAt: new Date(now().getTime() + ms).toISOString(),
    });
  expect((await known(60_000)).status).toBe(201);
  refusedFor(await known(10 * 60_000), 'knownAt');
});

test('today is today anywhere on Earth', () => {
  expect(latestDayOf(new Date('2026-12-01T10:00:00Z'))).toBe('2026-12-02');
  expect(latestDayOf(new Date('2026-12-01T09:59:59Z'))).toBe('2026-12-01');
  expect(earliestDayOf(new Date('2026-12-01T11:59:59Z'))).toBe('2026-11-30');
  expect(earliestDayOf(new Date('2026-12-01T12:00:00Z'))).toBe('2026-12-01');
});
