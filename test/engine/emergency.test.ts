import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmergencyWatch, openOverdueReviews } from '../../src/app/release/emergency-reviews.ts';
import type { Clock } from '../../src/base/clock.ts';
import { forgetTime, letThrough, standing } from '../support/arrange.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** The Control step on a real instance, with a clock that the tests move. */

const START = '2027-03-15T09:00:00.000Z'; // a Monday
let now = START;
const clock: Clock = { now: () => new Date(now) };
/** Moves the clock; sessions do not last that long, so everybody signs in again. */
async function at(moment: string): Promise<void> {
  if (moment < now) await forgetTime(t);
  now = moment;
  let ip = 1;
  for (const who of Object.values(people)) {
    const email = `${who.name.toLowerCase()}@acme.example`;
    ip += 1;
    const { setCookie } = await t.app.identity.signIn({ email, password: PASSWORD, ip: `127.0.2.${ip}` });
    who.headers.cookie = setCookie.map((c) => c.split(';')[0]).join('; ');
  }
}
const hours = (n: number) => at(new Date(Date.parse(now) + n * 3_600_000).toISOString());

const people: Record<string, Visitor> = {};
let t: TestInstance;
let boss: Visitor;
let maker: Visitor;
let owner: Visitor;
let approver: Visitor;
let oversight: Visitor;
let outsider: Visitor;
beforeAll(async () => {
  t = await testInstance({ clock });
  boss = await t.person('Boss', ['topManagement', 'aimsManager']);
  maker = await t.person('Maker', ['contributor']);
  owner = await t.person('Owner', ['contributor']);
  approver = await t.person('Approver', ['contributor']);
  oversight = await t.person('Oversight', ['contributor']);
  outsider = await t.person('Outsider', ['contributor']);
  Object.assign(people, { boss, maker, owner, approver, oversight, outsider });
});
afterAll(() => t.close());

let n = 0;
const ok = async (who: Visitor, method: 'POST' | 'PATCH', path: string, body: unknown = {}) => {
  const a = await who.ask(method, path, body);
  expect([200, 201], `${path}: ${a.text}`).toContain(a.status);
  return a.body;
};
const refused = async (
  who: Visitor,
  path: string,
  body: unknown,
  code: string,
  says: RegExp,
  method: 'POST' | 'PATCH' = 'POST',
) => {
  const a = await who.ask(method, path, body);
  expect([a.body.code, a.status < 500], `${path}: ${a.text}`).toEqual([code, true]);
  expect(a.body.detail).toMatch(says);
};

/** A system in scope, confirmed, with a model and a prompt. */
async function system(riskClass = 'minimal') {
  const made = await ok(owner, 'POST', 'aiSystem', {
    name: `System ${++n}`,
    purpose: 'answers',
    owner: owner.ref,
    approver: approver.ref,
    oversight: oversight.ref,
    riskClass,
    isoRoles: ['provider'],
    inScope: 'in',
  });
  await ok(boss, 'POST', `aiSystem/${made.ref}/include`);
  return made.ref as string;
}
const component = async (kind: string, systems: string[], more = {}) =>
  (
    await ok(maker, 'POST', 'component', {
      name: `${kind} ${++n}`,
      kind,
      digest: `sha256:${String(n).padStart(64, '0')}`,
      systems,
      ...more,
    })
  ).ref as string;

const gate = async (ref: string) => ok(maker, 'POST', `release/${ref}/gate`);
const preview = async (ref: string) => (await maker.ask('GET', `release/${ref}/gate`)).body;
const why = (result: { checks: { id: string; status: string; reasons: { text: string }[] }[] }) =>
  result.checks
    .filter((c) => c.status !== 'passed')
    .map((c) => `${c.id}: ${c.reasons.map((r) => r.text).join(' ')}`);

/** A release whose ticket is an emergency, submitted; and the ticket, submitted. */
async function emergency(sys: string, more: Record<string, unknown> = {}) {
  const model = await component('model', [sys]);
  const incident = (await ok(maker, 'POST', 'incident', { title: 'It leaks', severity: 'critical' })).ref;
  const ticket = (
    await ok(maker, 'POST', 'change', {
      title: 'Close the leak',
      owner: maker.ref,
      kind: 'emergency',
      systems: [sys],
      incident: [incident],
      description: 'x',
      impact: 'y',
      rollback: 'back to 1.0',
      ...more,
    })
  ).ref;
  const plan = await standing(t, t.app.registry.get('verificationPlan'), 'draft', ++n, {
    more: { system: [sys] },
  });
  const back = await standing(t, t.app.registry.get('rollbackPlan'), 'draft', ++n, {
    more: { system: [sys] },
  });
  const release = (
    await ok(maker, 'POST', 'release', {
      title: `R ${++n}`,
      releaseVersion: String(n),
      system: [sys],
      components: [model],
      change: [ticket],
      plan: [plan],
      rollbackPlan: [back],
    })
  ).ref;
  await ok(maker, 'POST', `release/${release}/submit`);
  const { subject } = await preview(release);
  await ok(maker, 'PATCH', `change/${ticket}`, { releaseDigest: subject });
  await ok(maker, 'POST', `change/${ticket}/submit`);
  return { ticket, release, incident };
}

async function nonconformities(ticket: string): Promise<{ ref: string; createdBy: string }[]> {
  return (await boss.ask('GET', `nonconformity?changes=${ticket}`)).body.items;
}

describe('an emergency', () => {
  test('goes into use by one decision, tells everybody, ends after 72 hours, and is reviewed by another', async () => {
    await at(START);
    const sys = await system('high');
    const { ticket, release } = await emergency(sys);
    expect((await preview(release)).verdict).toBe('insufficient');
    await refused(maker, `change/${ticket}/approveEmergency`, { reason: 'now' }, 'NOT_ALLOWED', /oversight/);
    await refused(outsider, `change/${ticket}/approveEmergency`, { reason: 'now' }, 'NOT_ALLOWED', /on call/);
    await refused(oversight, `change/${ticket}/approveEmergency`, {}, 'REQUIREMENTS_MISSING', /reason/);
    await ok(oversight, 'POST', `change/${ticket}/approveEmergency`, { reason: 'customers see each other' });
    const decided = await gate(release);
    expect(decided.result.verdict, why(decided.result).join('\n')).toBe('allow');
    const record = (await boss.ask('GET', `gateDecision/${decided.decision.ref}`)).body.values;
    expect(record).toMatchObject({ basis: 'emergency', allowedUntil: '2027-03-18T09:00:00.000Z' });
    expect(record.told).toEqual([owner.ref, approver.ref, oversight.ref, boss.ref]);
    await hours(71);
    await ok(maker, 'POST', `release/${release}/ship`);
    await hours(2);
    // The release is out; the ticket cannot be made to look as if nothing was owed.
    await refused(maker, `change/${ticket}/revise`, {}, 'CONFLICT', /reviewed, not revised/);
    await ok(maker, 'POST', `change/${ticket}/implement`);
    await refused(owner, `change/${ticket}/close`, {}, 'CONFLICT', /closed by the review/);
    await refused(
      oversight,
      `change/${ticket}/review`,
      { reason: 'fine' },
      'OWN_WORK',
      /Someone else has to review/,
    );
    expect((await ok(approver, 'POST', `change/${ticket}/review`, { reason: 'right to do so' })).state).toBe(
      'closed',
    );
    // Taking it back was never anybody's to refuse.
    expect(
      (await ok(oversight, 'POST', `release/${release}/rollBack`, { reason: 'new one comes' })).state,
    ).toBe('rolledBack');
  });

  test('cannot be shipped once its hours are over', async () => {
    await at(START);
    const { ticket, release } = await emergency(await system());
    await ok(owner, 'POST', `change/${ticket}/approveEmergency`, { reason: 'now' });
    expect((await gate(release)).result.verdict).toBe('allow');
    await hours(73);
    await refused(
      maker,
      `release/${release}/ship`,
      {},
      'CONFLICT',
      /let through in an emergency until 2027-03-18T09:00/,
    );
  });

  test('in use beyond its 72 hours is found by itself, by whom it concerns, until it is taken back or replaced', async () => {
    await at(START);
    const sys = await system();
    const { ticket, release } = await emergency(sys);
    await ok(owner, 'POST', `change/${ticket}/approveEmergency`, { reason: 'now' });
    expect((await gate(release)).result.verdict).toBe('allow');
    const work = async (who: Visitor) =>
      (await who.ask('GET', 'my-work?kind=emergencies&limit=200')).body.items.filter(
        (i: { ref: string }) => i.ref === release,
      );
    const asked = async () =>
      (await maker.ask('GET', `aiSystem/${sys}/requirements`)).body.items.filter(
        (i: { id: string }) => i.id === 'emergency',
      );
    // Let through is not in use yet.
    expect([await work(owner), await asked()]).toEqual([[], []]);
    await ok(maker, 'POST', `release/${release}/ship`);
    await hours(71);
    expect(await work(owner)).toMatchObject([{ urgency: 'soon', due: '2027-03-18' }]);
    expect(await asked()).toMatchObject([{ status: 'done', records: [release] }]);
    await hours(1);
    for (const who of [owner, boss, maker])
      expect(await work(who)).toMatchObject([
        {
          urgency: 'overdue',
          due: '2027-03-18',
          why: expect.stringMatching(
            new RegExp(
              `for ${sys} by an emergency decision that ended on 2027-03-18 09:00 UTC.*still to be reviewed`,
            ),
          ),
        },
      ]);
    expect(await work(outsider)).toEqual([]);
    // The review says that it was right; the approvals are still owed.
    await ok(approver, 'POST', `change/${ticket}/review`, { reason: 'right to do so' });
    expect((await work(owner))[0].why).toMatch(
      /has been reviewed. The release never had approvals of its own/,
    );
    expect(await asked()).toMatchObject([
      { status: 'missing', text: expect.stringMatching(/still in use/), next: { ref: release } },
    ]);
    const register = t.app.registry.get('release');
    const usual = { more: { system: [sys], kind: 'release', change: [] } };
    const next = await standing(t, register, 'submitted', ++n, usual);
    const reviews = (await preview(next)).checks.find((c: { id: string }) => c.id === 'reviews');
    expect([reviews.status, reviews.reasons.map((r: { text: string }) => r.text).join(' ')]).toEqual([
      'passed',
      expect.stringMatching(new RegExp(`${release} .* is still in use .* to be taken back or replaced`)),
    ]);
    // Let through the usual way and shipped, another release takes its place.
    const other = await standing(t, register, 'shipped', ++n, usual);
    expect(await work(owner)).toHaveLength(1);
    await letThrough(t, register, other);
    expect([await work(owner), await work(boss), await asked()]).toEqual([[], [], []]);
  });

  test('without a review opens one nonconformity, whoever looks and however often, and holds up what comes next', async () => {
    await at(START);
    const sys = await system();
    const first = await emergency(sys);
    await ok(owner, 'POST', `change/${first.ticket}/approveEmergency`, { reason: 'now' });
    expect((await gate(first.release)).result.verdict).toBe('allow');
    await ok(maker, 'POST', `release/${first.release}/ship`);
    await at('2027-03-22T23:59:59.000Z');
    await openOverdueReviews(t.app, t.organisation);
    expect(await nonconformities(first.ticket)).toEqual([]);
    const second = await emergency(sys);
    await at('2027-03-23T08:00:00.000Z');
    await ok(owner, 'POST', `change/${second.ticket}/approveEmergency`, { reason: 'again' });
    const held = await preview(second.release);
    expect(why(held)).toEqual([
      expect.stringMatching(
        /^reviews: The emergency .* was to be reviewed by 2027-03-22.* is still in use by an emergency decision that ended at 2027-03-18T09:00/,
      ),
    ]);
    expect(held.verdict).toBe('refuse');
    // A process that dies before it commits has written nothing; the next look writes it.
    const broken = Object.create(t.app.db, {
      run: {
        value: async (organisation: number, statements: { text: string }[]) => {
          if (statements.some((s) => s.text.includes('write_records'))) throw new Error('killed');
          return t.app.db.run(organisation, statements);
        },
      },
    });
    await expect(openOverdueReviews({ ...t.app, db: broken }, t.organisation)).rejects.toThrow('killed');
    expect(await nonconformities(first.ticket)).toEqual([]);
    const looks = await Promise.all([1, 2, 3, 4].map(() => openOverdueReviews(t.app, t.organisation)));
    await openOverdueReviews(t.app, t.organisation);
    const opened = await nonconformities(first.ticket);
    expect(opened.map((o) => o.createdBy)).toEqual(['engine']);
    expect(looks.flat().filter((ref) => ref === opened[0]!.ref)).toHaveLength(1);
    expect((await boss.ask('GET', `nonconformity/${opened[0]!.ref}`)).body).toMatchObject({
      values: { kind: 'actual', owner: owner.ref, foundOn: '2027-03-23' },
      links: { changes: [first.ticket], systems: [sys], incidents: [first.incident] },
    });
    await ok(approver, 'POST', `change/${first.ticket}/review`, { reason: 'late, but right' });
    // Reviewed, and still in use without approvals: one emergency after the other would do without them for good.
    expect(why(await preview(second.release))).toEqual([
      expect.stringMatching(/^reviews: REL-\d+ .* is still in use by an emergency decision that ended at/),
    ]);
    await ok(oversight, 'POST', `release/${first.release}/rollBack`, { reason: 'its hours are over' });
    expect((await preview(second.release)).verdict).toBe('allow');
  });

  test('the watch finds it by itself, and stops when told to', async () => {
    await at(START);
    const { ticket } = await emergency(await system());
    await ok(owner, 'POST', `change/${ticket}/approveEmergency`, { reason: 'now' });
    await at('2027-03-24T08:00:00.000Z');
    const watch = new EmergencyWatch(t.app, { first: 1, look: 10 });
    watch.start();
    let found: unknown[] = [];
    for (let i = 0; i < 200 && found.length === 0; i++) {
      await new Promise((r) => setTimeout(r, 25));
      found = await nonconformities(ticket);
    }
    await watch.stop();
    expect(found).toHaveLength(1);
  });

  test('is decided by somebody who has a part in the system or an appointment, not by whom the requester names', async () => {
    await at(START);
    const sys = await system();
    await expect(emergency(sys, { onCall: outsider.ref })).rejects.toThrow(/cannot be on call/);
    const appointment = await ok(boss, 'POST', 'responsibility', {
      title: 'On call',
      kind: 'appointment',
      owner: outsider.ref,
      activity: 'incidents',
    });
    await ok(outsider, 'POST', `responsibility/${appointment.ref}/accept`);
    const { ticket } = await emergency(sys, { onCall: outsider.ref });
    await ok(outsider, 'POST', `change/${ticket}/approveEmergency`, { reason: 'now' });
  });
});
