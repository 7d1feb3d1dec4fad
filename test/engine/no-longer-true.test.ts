import { afterAll, beforeAll, expect, test } from 'vitest';
import { dayFrom, letThrough } from '../support/arrange.ts';
import { allowed, type Crew, crewOf, criteriaInForce, inState, ok } from '../support/gated.ts';
import { PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What was judged on an earlier day does not carry a step when it is true no longer. */

let t: TestInstance;
let crew: Crew;
let lead: Visitor;
beforeAll(async () => {
  t = await testInstance();
  crew = await crewOf(t);
  lead = await t.person('Lead', ['auditor']);
  await criteriaInForce(t, crew);
});
afterAll(() => t.close());

const refused = async (who: Visitor, path: string, body: unknown, says: RegExp) => {
  const a = await who.ask('POST', path, body);
  expect([path, a.status >= 400 && a.status < 500], a.text).toEqual([path, true]);
  expect(a.body.detail).toMatch(says);
};

test('a nonconformity that came back is not closed on the effectiveness check from before', async () => {
  const owner = crew.owner.ref;
  const n = await inState(t, 'nonconformity', 'acting', { title: 'n', kind: 'actual', owner });
  const old = await inState(t, 'action', 'effective', {
    title: 'a',
    kind: 'corrective',
    owner,
    nonconformities: [n],
  });
  const close = { reason: 'all worked' };
  await ok(crew.boss, 'POST', `nonconformity/${n}/close`, close);
  await ok(crew.owner, 'POST', `nonconformity/${n}/reopen`, { reason: 'it happened again' });
  await ok(crew.owner, 'PATCH', `nonconformity/${n}`, {
    foundOn: dayFrom(t, -9),
    criterion: 'c',
    what: 'w',
    correction: 'c',
    cause: 'another',
    elsewhere: 'no',
  });
  await ok(crew.owner, 'POST', `nonconformity/${n}/analyse`);
  await refused(
    crew.boss,
    `nonconformity/${n}/close`,
    close,
    new RegExp(`reopened on .* ${old} was effective`),
  );
  const next = await ok(crew.owner, 'POST', 'action', {
    title: 'b',
    kind: 'corrective',
    owner,
    nonconformities: [n],
  });
  await ok(crew.boss, 'POST', `action/${next.ref}/drop`, { reason: 'the cause is gone with the tool' });
  await ok(crew.boss, 'POST', `nonconformity/${n}/close`, close);
});

test('a risk is not accepted as it was rated under other criteria, or past its day of review', async () => {
  const before = await criteriaInForce(t, crew);
  const present = await criteriaInForce(t, crew);
  const system = await inState(t, 'aiSystem', 'proposed', { name: 'R', purpose: 'p', owner: crew.owner.ref });
  const risk = (more: Record<string, unknown>) =>
    inState(t, 'risk', 'assessed', {
      title: 'r',
      systems: [system],
      owner: crew.owner.ref,
      scenario: 's',
      likelihood: 2,
      impactOrganisation: 2,
      impactIndividuals: 1,
      impactSociety: 1,
      reviewBy: dayFrom(t, 30),
      ...more,
    });
  const accept = { reason: 'small', until: dayFrom(t, 20), password: PASSWORD };
  for (const [more, says] of [
    [{ criteria: [before] }, /was rated under/],
    [{ criteria: [present], reviewBy: dayFrom(t, -1) }, /was to be reviewed by/],
  ] as const)
    await refused(crew.boss, `risk/${await risk(more)}/accept`, accept, says);
  for (const more of [{ criteria: [present] }, {}, { reviewBy: dayFrom(t, 0) }])
    await ok(crew.boss, 'POST', `risk/${await risk(more)}/accept`, accept);
});

test('a ticket is not carried out while its release is on its way', async () => {
  const g = await allowed(t, crew);
  await refused(crew.maker, `change/${g.change}/implement`, {}, /is allowed/);
  await ok(crew.maker, 'POST', `release/${g.release}/ship`);
  await ok(crew.maker, 'POST', `change/${g.change}/implement`);
  await ok(crew.maker, 'POST', `change/${g.change}/close`);
});

test('who works on what they audit while they audit it does not report on it', async () => {
  const system = await inState(t, 'aiSystem', 'inScope', { name: 'S', purpose: 'p', owner: crew.owner.ref });
  const audit = await inState(t, 'audit', 'approved', {
    title: 'a',
    kind: 'audit',
    owner: lead.ref,
    objectives: 'o',
    criteria: 'c',
    scope: 's',
    from: dayFrom(t, -2),
    to: dayFrom(t, 9),
    declaration: 'd',
    report: 'r',
    conclusion: 'c',
    result: 'conforms',
    systems: [system],
  });
  await ok(lead, 'POST', `audit/${audit}/begin`);
  const helper = await t.person('Helper', ['contributor']);
  const risk = (by: Visitor) => ok(by, 'POST', 'risk', { title: 'r', owner: helper.ref, systems: [system] });
  await risk(helper);
  const writer = await t.person('Both', ['auditor', 'contributor']);
  const other = await inState(t, 'audit', 'approved', {
    title: 'b',
    kind: 'audit',
    owner: writer.ref,
    from: dayFrom(t, -2),
    to: dayFrom(t, 9),
    declaration: 'd',
    report: 'r',
    conclusion: 'c',
    result: 'conforms',
    systems: [system],
  });
  await ok(writer, 'POST', `audit/${other}/begin`);
  await risk(writer);
  await ok(lead, 'POST', `audit/${audit}/report`);
  await refused(
    writer,
    `audit/${other}/report`,
    {},
    new RegExp(`cannot be reported: ${writer.ref} made or changed RSK-`),
  );
});

test('rolled back, the release before is in use again, and told of when the gate would not let it through now', async () => {
  const first = await allowed(t, crew);
  await ok(crew.maker, 'POST', `release/${first.release}/ship`);
  const second = await inState(t, 'release', 'shipped', {
    title: 'next',
    releaseVersion: '2',
    system: [first.system],
  });
  await letThrough(t, t.app.registry.get('release'), second);
  await ok(crew.owner, 'PATCH', `risk/${first.risk}`, { likelihood: 5, impactIndividuals: 5 });
  await ok(crew.owner, 'POST', `release/${second}/rollBack`, { reason: 'it fails' });
  await t.uses.settle(t.organisation.id);
  const told = (await crew.maker.ask('GET', `release/${first.release}`)).body.inUse;
  expect(told.map((u: { release: string }) => u.release)).toEqual([first.release]);
});
