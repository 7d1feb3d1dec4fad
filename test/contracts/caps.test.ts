import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { dayOf, latestDayOf, monthsAfter } from '../../src/base/day.ts';
import { requiredFor } from '../../src/register/conditions.ts';
import type { Role } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { INTERVALS, monthsAllowed, OUR_MONTHS } from '../../src/registers/intervals.ts';
import { byPeople, dayFrom, reviewDay, sampleInput, standing } from '../support/arrange.ts';
import { doors } from '../support/doors.ts';
import {
  type Answer,
  given,
  PASSWORD,
  type TestInstance,
  testInstance,
  type Visitor,
} from '../support/instance.ts';
import { wanted } from '../support/wanted.ts';

/** What is looked at again, or ends, does so within the interval of the criteria in force, or ours; in every register, by every door. */

let t: TestInstance;
let ada: Visitor;
const MANAGER: Role[] = ['aimsManager', 'designatedManagement', 'topManagement', 'contributor', 'auditor'];

beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', MANAGER);
});

const reviews = registry.all
  .filter(byPeople)
  .flatMap((r) =>
    Object.entries(r.fields).flatMap(([name, f]) =>
      f.claim?.is === 'review' ? [[`${r.name}.${name}`, r, name, f.claim] as const] : [],
    ),
  );
const ends = registry.all.flatMap((r) =>
  Object.entries(r.transitions).flatMap(([step, s]) =>
    s.until ? [[`${r.name}.${step}`, r, step, s.until.cap] as const] : [],
  ),
);

const latest = (months = OUR_MONTHS) => monthsAfter(latestDayOf(t.app.clock.now()), months);
const dayAfter = (day: string) => dayOf(new Date(Date.parse(day) + 86_400_000));
const refused = (a: Answer, what: string) => {
  expect([a.status, /must be|is later than/.test(a.text)], `${what}: ${a.text}`).toEqual([422, true]);
};

test('there is something of each kind, and every interval that caps is one of the criteria', () => {
  expect(reviews.length).toBeGreaterThan(9);
  expect(ends.length).toBeGreaterThan(3);
  for (const cap of [...reviews.map(([, , , c]) => c.cap), ...ends.map(([, , , cap]) => cap)])
    expect(INTERVALS).toContain(cap);
});

describe.each(reviews)('%s', (_, r, name, claim) => {
  test('is no later than our interval allows where no criteria say one, by whatever door', async () => {
    const all = await doors(t, ada, r, name, dayAfter(latest()));
    expect(all).toHaveLength(5);
    for (const [door, ask] of all) {
      const a = await ask();
      refused(a, door);
      expect(a.text, door).toContain(latest());
    }
    const body = { ...(await sampleInput(t, r, 2, 'required')), [name]: latest() };
    const made = await ada.ask('POST', r.name, body);
    expect(made.status, made.text).toBe(201);
  });

  test('counts from the day that it names', async () => {
    if (!claim.from) return;
    const since = dayFrom(t, -60);
    const all = await doors(t, ada, r, name, dayAfter(monthsAfter(since, OUR_MONTHS)), []);
    const made = await all[0]![1]();
    expect(made.status, made.text).toBe(201);
    refused(await ada.ask('PATCH', `${r.name}/${made.body.ref}`, { [claim.from]: since }), claim.from);
  });

  test('stored before this was asked, it stays readable and stops only what rests on it', async () => {
    for (const [step, s] of Object.entries(r.transitions)) {
      if (!requiredFor(s).includes(name)) continue;
      const from = [s.from].flat()[0]!;
      const ref = await standing(t, r, from, 3, { author: ada.ref });
      await t.app.db.asOwner({
        text: `update record set "values" = "values" || jsonb_build_object($3::text, '2099-01-01') where organisation = $1 and ref = $2`,
        values: [t.organisation.id, ref, name],
      });
      const a = await ada.ask('POST', `${r.name}/${ref}/${step}`, {});
      expect([422, 409, 403], `${step}: ${a.text}`).toContain(a.status);
      expect((await ada.ask('GET', `${r.name}/${ref}`)).body.values[name]).toBe('2099-01-01');
    }
  });
});

test.each(ends)('what %s sets an end to ends within its interval', async (_, r, step) => {
  const from = [r.transitions[step]!.from].flat()[0]!;
  const more = await wanted(t, `${r.name}.${step}`);
  const ref = await standing(t, r, from, 5, { more });
  const take = (until: string) =>
    ada.ask('POST', `${r.name}/${ref}/${step}`, { reason: 'because', until, password: PASSWORD });
  const late = await take(dayAfter(latest()));
  expect([late.status, late.body.message], late.text).toEqual([422, 'caps.later']);
  expect(late.body.problems[0].path).toBe('/until');
  const made = await take(latest());
  expect(made.status, made.text).toBe(200);
});

test('criteria in force say how late, name themselves, and count at once', async () => {
  const own = await testInstance();
  const eve = await own.person('Eve', MANAGER);
  const now = () => latestDayOf(own.app.clock.now());
  const more = { intervals: [{ what: 'riskReview', months: 3 }] };
  const inForce = await standing(own, registry.get('criteria'), 'approved', 1, { more });
  const system = await given(own, 'aiSystem', { name: 's', purpose: 'p', owner: eve.ref });
  const make = (reviewBy: string) =>
    eve.ask('POST', 'risk', { title: 'r', owner: eve.ref, systems: [system.ref], reviewBy });
  const late = await make(dayAfter(monthsAfter(now(), 3)));
  expect([late.status, late.body.message]).toEqual([422, 'caps.later']);
  expect(late.body.params).toMatchObject({ months: 3, last: monthsAfter(now(), 3) });
  expect(late.body.detail).toContain(inForce);
  expect((await make(monthsAfter(now(), 3))).status).toBe(201);
  // What they do not list is ours.
  const supplier = { name: 's', kind: 'model', owner: eve.ref, nextReview: monthsAfter(now(), 13) };
  const other = await eve.ask('POST', 'supplier', supplier);
  expect(other.status, other.text).toBe(422);
});

test('the longest that criteria say counts; 0 is any interval; nothing said is ours', () => {
  const rows = fc.array(fc.record({ what: fc.constantFrom('a', 'b'), months: fc.nat(60) }));
  fc.assert(
    fc.property(rows, (said) => {
      const mine = said.filter((r) => r.what === 'a').map((r) => r.months);
      const { months, ours } = monthsAllowed(said, 'a');
      expect(ours).toBe(mine.length === 0);
      if (ours) expect(months).toBe(OUR_MONTHS);
      else if (mine.includes(0)) expect(months).toBe(Number.POSITIVE_INFINITY);
      else expect(months).toBe(Math.max(...mine));
    }),
  );
});

test('samples of tests stay within it', () => {
  expect(reviewDay(t, 59) < latest(6)).toBe(true);
});
