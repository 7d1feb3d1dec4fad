import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineActor } from '../../src/app/people/people.ts';
import { createChecked } from '../../src/app/write/commit.ts';
import { presentBinding } from '../../src/app/write/decisions.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { registry } from '../../src/registers/index.ts';
import { readStatement, toStored } from '../../src/store/records/records.ts';
import { given, PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** The risk step from outside: ratings, acceptance, measurement, money, applicability, hazards, review triggers. */
const clock = fixedClock('2027-03-01T08:00:00Z');
let t: TestInstance;
let manager: Visitor;
let designated: Visitor;
let top: Visitor;
let owner: Visitor;
let system: string;
let criteria: string;

beforeAll(async () => {
  t = await testInstance({ clock });
  manager = await t.person('Mira', ['aimsManager']);
  designated = await t.person('Dan', ['designatedManagement']);
  top = await t.person('Tove', ['topManagement']);
  owner = await t.person('Omar', ['contributor']);
  system = (
    await given(t, 'aiSystem', {
      name: 'Support chat assistant',
      purpose: 'Answers customers about orders and refunds.',
      owner: owner.ref,
      isoRoles: ['provider', 'producer'],
      riskClass: 'limited',
    })
  ).ref;
});
afterAll(() => t.close());

const scores = { impactOrganisation: 2, impactIndividuals: 4, impactSociety: 1 };
const made = async (more: Record<string, unknown> = {}): Promise<string> => {
  const a = await owner.ask('POST', 'risk', {
    title: 'Leaks personal data',
    owner: owner.ref,
    systems: [system],
    scenario: 'Somebody learns about another customer.',
    reviewBy: '2027-12-31',
    ...more,
  });
  expect(a.status, a.text).toBe(201);
  return a.body.ref;
};
const until = '2027-09-01';
const accept = (who: Visitor, ref: string) =>
  who.ask('POST', `risk/${ref}/accept`, { reason: 'weighed', until, password: PASSWORD });

describe('ratings', () => {
  test('without approved criteria an assessment cites none; one impact alone is no rating', async () => {
    const ref = await made({ likelihood: 3, impactOrganisation: 2 });
    const partial = await owner.ask('POST', `risk/${ref}/assess`, {});
    expect([partial.status, partial.body.problems.map((p: { path: string }) => p.path)]).toEqual([
      409,
      ['/values/impactIndividuals', '/values/impactSociety'],
    ]);
    const whole = await owner.ask('POST', `risk/${ref}/assess`, { values: scores });
    expect(whole.body.derived).toEqual({ impact: 4, level: 12 });
  });

  test('with approved criteria it cites those in force, and rates by their scales', async () => {
    const draft = await manager.ask('POST', 'criteria', {
      title: 'Criteria 2027',
      owner: manager.ref,
      appetite: 8,
      acceptAtLevel: 16,
      likelihoodScale: [1, 2, 3, 4].map((level) => ({ level, name: `l${level}` })),
    });
    criteria = draft.body.ref;
    const early = await made({ likelihood: 3, ...scores, criteria: [criteria] });
    expect((await designated.ask('POST', `criteria/${criteria}/approve`, {})).status).toBe(200);
    const bare = await made({ likelihood: 3, ...scores });
    const refused = await owner.ask('POST', `risk/${bare}/assess`, {});
    expect([refused.status, refused.body.problems[0]]).toEqual([
      409,
      { path: '/values/criteria', message: `expected ${criteria}, got nothing` },
    ]);
    expect(refused.body.detail).toContain(`${criteria} (Criteria 2027) are in force`);
    const cited = await owner.ask('POST', `risk/${bare}/assess`, { values: { criteria: [criteria] } });
    expect([cited.status, cited.body.links.criteria], cited.text).toEqual([200, [criteria]]);
    expect((await owner.ask('POST', `risk/${early}/assess`, {})).status).toBe(200);
  });

  test('a score that the cited scale does not have is refused by name, at every door', async () => {
    const says = `${criteria} has no level 5; it has 1 l1, 2 l2, 3 l3, 4 l4`;
    const body = { title: 'x', owner: owner.ref, systems: [system], likelihood: 5, criteria: [criteria] };
    const created = await owner.ask('POST', 'risk', body);
    expect([created.status, created.body.problems]).toEqual([422, [{ path: '/likelihood', message: says }]]);
    const ref = await made({ criteria: [criteria] });
    const edited = await owner.ask('PATCH', `risk/${ref}`, { residualLikelihood: 5 });
    expect([edited.status, edited.body.problems[0].path]).toEqual([422, '/residualLikelihood']);
    const imported = await owner.ask('POST', 'risk/import?format=json', JSON.stringify([body]));
    expect([imported.status, imported.body.problems[0].message]).toEqual([422, says]);
    const uncited = await made({ likelihood: 5 });
    const linked = await owner.ask('PATCH', `risk/${uncited}`, { criteria: [criteria] });
    expect([linked.status, linked.body.problems[0].path]).toEqual([422, '/likelihood']);
  });

  test.each([
    ['likelihood', '3'],
    ['likelihood', -1],
    ['likelihood', 6],
    ['likelihood', 2.5],
    ['impactSociety', 1e308],
    ['frequencyLow', -1],
    ['frequencyHigh', 1e9],
    ['lossHigh', 1e300],
    ['currency', 'XXX'],
  ])('%s %s is refused with its place', async (field, value) => {
    const body = { title: 'x', owner: owner.ref, systems: [system], [field]: value };
    const a = await owner.ask('POST', 'risk', body);
    expect([a.status, a.body.problems[0].path], a.text).toEqual([422, `/${field}`]);
  });

  test('what is no JSON number never reaches a rating', async () => {
    const head = { 'content-type': 'application/json' };
    for (const text of ['NaN', 'Infinity', '-Infinity', '1e999']) {
      const a = await owner.ask('POST', 'risk', `{"title":"x","likelihood":${text}}`, head);
      expect([400, 422], `${text}: ${a.text}`).toContain(a.status);
    }
  });

  test('a low end above the high one, and a range too wide, are refused', async () => {
    const body = { title: 'x', owner: owner.ref, systems: [system] };
    const low = await owner.ask('POST', 'risk', { ...body, lossLow: 10, lossHigh: 5 });
    expect([low.status, low.body.problems[0]]).toEqual([
      422,
      { path: '/lossLow', message: 'is 10, more than the high end 5' },
    ]);
    const ref = await made({ frequencyLow: 0.1 });
    const wide = await owner.ask('PATCH', `risk/${ref}`, { frequencyHigh: 500 });
    expect([wide.status, wide.body.problems[0].path]).toEqual([422, '/frequencyHigh']);
  });
});

describe('acceptance', () => {
  test('from the level of the criteria on, designated management is refused and told who may', async () => {
    const ref = await made({ likelihood: 4, ...scores, criteria: [criteria] });
    expect((await owner.ask('POST', `risk/${ref}/assess`, {})).status).toBe(200);
    const before = (await owner.ask('GET', `risk/${ref}`)).body;
    const refused = await accept(designated, ref);
    expect([refused.status, refused.body.code]).toEqual([403, 'NOT_ALLOWED']);
    expect(refused.body.detail).toBe(
      `You cannot accept ${ref}: it is at level 16, and ${criteria} lets only top management accept from level 16: Tove (${top.ref}).`,
    );
    expect((await owner.ask('GET', `risk/${ref}`)).body.version).toBe(before.version);
    const standing = (await owner.ask('GET', `risk/${ref}/standing`)).body;
    expect([standing.against, standing.accepts]).toEqual([
      'untreated',
      { role: 'Top management', people: [`Tove (${top.ref})`] },
    ]);
    expect(standing.says).toBe(
      'Level 16 is above the appetite of 8, and it is neither treated nor accepted.',
    );
    const done = await accept(top, ref);
    expect([done.status, done.body.state], done.text).toEqual([200, 'accepted']);
    const after = (await owner.ask('GET', `risk/${ref}/standing`)).body;
    expect([after.against, after.says]).toEqual([
      'accepted',
      'Level 16 is above the appetite of 8, and accepted.',
    ]);
  });

  test('below that level designated management accepts, with an end; a changed rating makes it stale', async () => {
    const ref = await made({ likelihood: 3, ...scores, criteria: [criteria] });
    await owner.ask('POST', `risk/${ref}/assess`, {});
    const endless = await designated.ask('POST', `risk/${ref}/accept`, { reason: 'x', password: PASSWORD });
    expect([endless.status, endless.body.problems[0].path]).toEqual([409, '/until']);
    expect((await accept(designated, ref)).status).toBe(200);
    await owner.ask('PATCH', `risk/${ref}`, { impactIndividuals: 3 });
    const stale = (await owner.ask('GET', `risk/${ref}/standing`)).body;
    expect([stale.against, stale.says]).toEqual([
      'treatedAbove',
      'Level 9 is above the appetite of 8; its acceptance no longer counts, because it changed since.',
    ]);
  });
});

describe('measured likelihood', () => {
  let risk: string;
  let hazard: string;
  let release: string;
  let count = 0;

  /** A complete run on the release as it is now, with these figures for the hazard. */
  async function run(failed: number, executed: number, more: Record<string, unknown> = {}): Promise<string> {
    const r = registry.get('release');
    const [page] = await t.app.db.run(t.organisation.id, [readStatement(r, release)]);
    const subjectDigest = (await presentBinding(t.app, t.organisation.id, r, release, toStored(page![0]!)))
      .digest;
    const actor = engineActor(t.organisation);
    const write = (name: string, values: Record<string, unknown>, links: Record<string, string[]>) =>
      createChecked(t.app, { actor }, registry.get(name), { values, links }, { as: 'engine' });
    const file = await write(
      'evidence',
      { title: 'results', file: `sha256:${String(++count).padStart(64, 'a')}`, trust: 'ci' },
      { release: [release] },
    );
    const made = await write(
      'testRun',
      {
        title: 'red team',
        tool: 'promptfoo',
        toolRunId: `run ${count}`,
        status: 'complete',
        startedAt: '2027-02-20T08:00:00.000Z',
        receivedAt: '2027-02-20T09:00:00.000Z',
        pass: executed - failed,
        fail: failed,
        hazards: [{ id: 'pii:direct', executed, failed }],
        subjectDigest,
        trust: 'ci',
        ...more,
      },
      { evidence: [file.record.ref], release: [release] },
    );
    return made.record.ref;
  }
  const standing = async () => (await owner.ask('GET', `risk/${risk}/standing`)).body;

  beforeAll(async () => {
    hazard = (
      await given(t, 'hazard', {
        code: 'HZ-018',
        title: 'Disclosure',
        severity: 'high',
        testIds: 'pii:direct',
      })
    ).ref;
    const component = (await given(t, 'component', { name: 'model', kind: 'model', systems: [system] })).ref;
    const contents = {
      values: { title: '1.0', releaseVersion: '1.0' },
      links: { system: [system], components: [component] },
    };
    release = (
      await createChecked(t.app, { actor: engineActor(t.organisation) }, registry.get('release'), contents, {
        as: 'engine',
        state: 'submitted',
      })
    ).record.ref;
    risk = await made({
      likelihood: 3,
      ...scores,
      residualLikelihood: 2,
      treatment: 'modify',
      criteria: [criteria],
      hazards: [hazard],
    });
    await owner.ask('POST', `risk/${risk}/assess`, {});
    await owner.ask('POST', `risk/${risk}/treat`, {});
  });

  test('nothing tested: the claim stands, and the hazard is named as not tested', async () => {
    const s = await standing();
    expect([s.judged.effectiveLikelihood, s.measured]).toEqual([2, { hazards: [], notMeasured: [hazard] }]);
    expect(s.against).toBe('within');
  });

  test('a clean run keeps the claim, and is shown with its bound', async () => {
    const clean = await run(0, 8);
    const s = await standing();
    expect(s.measured.hazards).toEqual([
      expect.objectContaining({
        hazard,
        failed: 0,
        cases: 8,
        bound: 31.3,
        speaks: false,
        runs: [clean],
        release,
      }),
    ]);
    expect([s.judged.raised, s.judged.effectiveLevel, s.against]).toEqual([false, 8, 'within']);
  });

  test('failures raise it, whatever was claimed and however clean the run before', async () => {
    const bad = await run(5, 8);
    const s = await standing();
    expect(s.measured.hazards[0]).toMatchObject({ failed: 5, cases: 16, level: 4, speaks: true });
    expect(s.measured.hazards[0].runs).toContain(bad);
    expect([s.judged.likelihood, s.judged.effectiveLikelihood, s.judged.effectiveLevel]).toEqual([2, 4, 16]);
    expect([s.against, s.says]).toEqual([
      'treatedAbove',
      'Level 16 is above the appetite of 8; it is treated, and what is left is not accepted. Tests put its likelihood at 4; 2 is claimed.',
    ]);
    const refused = await accept(top, risk);
    expect([refused.status, refused.body.code]).toEqual([409, 'CONFLICT']);
    expect(refused.body.detail).toContain('is rated with likelihood 2, and tests put it at 4');
  });

  test('whoever accepts it is told what stands in the way, and sent to no step', async () => {
    const waiting = async (hazards: string[]) => {
      const ref = await made({
        likelihood: 3,
        ...scores,
        residualLikelihood: 3,
        treatment: 'modify',
        criteria: [criteria],
        hazards,
      });
      await owner.ask('POST', `risk/${ref}/assess`, {});
      await owner.ask('POST', `risk/${ref}/treat`, {});
      const { items } = (await top.ask('GET', 'my-work?kind=decisions&limit=200')).body;
      return items.find((i: { ref: string }) => i.ref === ref).next;
    };
    expect(await waiting([])).toMatchObject({ transition: 'accept' });
    const next = await waiting([hazard]);
    expect([next.transition, next.message]).toEqual([undefined, 'work.next.refused']);
    expect(next.label).toContain('is rated with likelihood 3, and tests put it at 4');
  });

  test('what was run on other content says nothing, and an incomplete run adds its failures only', async () => {
    await run(8, 8, { subjectDigest: `sha256:${'b'.repeat(64)}` });
    await run(1, 500, { status: 'incomplete' });
    const s = await standing();
    expect(s.measured.hazards[0]).toMatchObject({ failed: 6, cases: 17 });
  });

  test('the matrix places it where the tests put it, and says so', async () => {
    const m = (await owner.ask('GET', `risk/matrix?system=${system}`)).body;
    const cell = m.cells.find((c: { risks: { ref: string }[] }) => c.risks.some((r) => r.ref === risk));
    expect([
      cell.likelihood,
      cell.impact,
      cell.risks.find((r: { ref: string }) => r.ref === risk).raised,
    ]).toEqual([4, 4, true]);
    const before = (await owner.ask('GET', 'risk/matrix?basis=before')).body;
    const was = before.cells.find((c: { risks: { ref: string }[] }) => c.risks.some((r) => r.ref === risk));
    expect([was.likelihood, was.impact]).toEqual([3, 4]);
    const counted = m.cells.reduce((n: number, c: { count: number }) => n + c.count, 0);
    expect(counted + m.unrated.count).toBe(m.total);
    expect((await owner.ask('GET', 'risk/matrix?system=SYS-9999')).status).toBe(404);
    expect((await owner.ask('GET', 'risk/matrix?basis=after')).body.problems[0].path).toBe('/basis');
  });
});

describe('risk in money', () => {
  const ranges = { frequencyLow: 0.5, frequencyHigh: 4, lossLow: 2000, lossHigh: 90_000 };

  test('one risk: closed form beside the simulation, the same every time', async () => {
    const ref = await made({ ...ranges, currency: 'EUR' });
    const [one, again] = await Promise.all([1, 2].map(() => owner.ask('GET', `risk/${ref}/quantification`)));
    expect(one!.body).toEqual(again!.body);
    const { result } = one!.body;
    expect(result.expected).toBe((await owner.ask('GET', `risk/${ref}`)).body.derived.expectedLoss);
    expect(Math.abs(result.mean / result.expected - 1)).toBeLessThan(0.1);
    const bare = await made();
    const missing = (await owner.ask('GET', `risk/${bare}/quantification`)).body;
    expect([missing.result, missing.missing.length]).toEqual([null, 5]);
  });

  test('together: by currency, what is not estimated is named and is not zero', async () => {
    await made({ ...ranges, currency: 'EUR' });
    await made({ ...ranges, currency: 'USD' });
    const p = (await owner.ask('GET', `risk/portfolio?system=${system}`)).body;
    expect(p.currencies.map((c: { currency: string }) => c.currency)).toEqual(['EUR', 'USD']);
    const eur = p.currencies[0];
    const sum = eur.risks.reduce((s: number, r: { expected: number }) => s + r.expected, 0);
    expect(eur.result.expected).toBeCloseTo(sum, 0);
    expect(p.notQuantified.count).toBeGreaterThan(3);
    expect((await owner.ask('GET', 'risk/portfolio?system=nonsense')).status).toBe(400);
  });
});

describe('statement of applicability', () => {
  const lines = (s: { groups: { lines: { code: string; gaps: string[]; ref: string | null }[] }[] }) =>
    s.groups.flatMap((g) => g.lines);

  test('shows all 38 controls before any line exists', async () => {
    const s = (await owner.ask('GET', 'control/statement')).body;
    expect(lines(s)).toHaveLength(38);
    expect(lines(s).every((l) => l.gaps.includes('noLine') && l.ref === null)).toBe(true);
    expect(s.groups).toHaveLength(10);
  });

  test('proposing adds what is missing, keeps what is there, decides nothing', async () => {
    const mine = await manager.ask('POST', 'control', { code: 'a.6.2.4', title: 'Ours' });
    expect(mine.status, mine.text).toBe(201);
    const done = await owner.ask('POST', 'control/propose', {});
    expect([done.status, done.body.created.length, done.body.kept]).toEqual([200, 37, 1]);
    const again = await owner.ask('POST', 'control/propose', {});
    expect([again.body.created.length, again.body.kept]).toEqual([0, 38]);
    const s = (await owner.ask('GET', 'control/statement')).body;
    expect(lines(s)).toHaveLength(38);
    expect(s.counts).toMatchObject({ controls: 38, necessary: 0, excluded: 0, undecided: 38 });
    const provider = (await owner.ask('GET', 'control?code=A.7.2')).body.items[0];
    expect(provider.values.applicable).toBeUndefined();
    expect(provider.values.why).toMatch(/^Draft, not decided: necessary\. .*we provide or build SYS-0001/);
    const user = (await owner.ask('GET', 'control?code=A.9.2')).body.items[0];
    expect(user.values.why).toMatch(
      /^Draft, not decided: perhaps not necessary\. It concerns those who use AI/,
    );
    const reader = await t.person('Rea', ['reader']);
    const refused = await reader.ask('POST', 'control/propose', {});
    expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining('a contributor')]);
  });

  test('a decision shows, its gap is told, and a change makes it stale', async () => {
    const line = (await owner.ask('GET', 'control?code=A.2.2')).body.items[0].ref;
    const own = { applicable: true, owner: owner.ref, reviewBy: '2027-02-01' };
    const proposed = await manager.ask('POST', `control/${line}/include`, { values: own });
    expect([proposed.status, proposed.body.problems], proposed.text).toEqual([
      409,
      [{ path: '/values/why', message: 'is still the text that was proposed' }],
    ]);
    const values = { ...own, why: 'Customers ask what we want from AI.' };
    const included = await manager.ask('POST', `control/${line}/include`, { values });
    expect(included.status, included.text).toBe(200);
    const find = async () =>
      lines((await owner.ask('GET', 'control/statement')).body).find((l) => l.code === 'A.2.2');
    expect(await find()).toMatchObject({ necessary: true, gaps: ['notImplemented', 'reviewOverdue'] });
    expect((await manager.ask('PATCH', `control/${line}`, { applicable: false })).status).toBe(409);
    await manager.ask('POST', `control/${line}/revise`, { values: { applicable: false } });
    const again = await manager.ask('POST', `control/${line}/include`, {});
    expect(again.status, again.text).toBe(200);
    expect((await find())!.gaps).toContain('contradiction');
  });

  test('as CSV: a line per control, and nothing that a spreadsheet runs', async () => {
    await manager.ask('POST', 'control', { code: 'OWN-1', title: '=cmd()', why: '+1' });
    const csv = await owner.ask('GET', 'control/statement?format=csv');
    expect(csv.headers['content-type']).toContain('text/csv');
    const rows = csv.text.trim().split(/\n(?=A\.|Controls of our own)/);
    expect(rows).toHaveLength(1 + 38 + 1);
    expect(rows.at(-1)).toContain("'=cmd()");
    expect(rows.at(-1)).toContain("'+1");
  });

  test.each([
    ['ISO/IEC 27001 A.5.23, A.8.28', 201],
    ['ISO/IEC 27001:2022 A.5.1; SOC 2 CC9.9', 201],
    ['our own list 99.99', 201],
    ['ISO/IEC 27001 A.5.38', 422],
    ['27001: A.9.2.1', 422],
    ['ISO/IEC 27001', 422],
  ])('reference %s', async (otherRegister, status) => {
    const a = await manager.ask('POST', 'control', {
      code: `X ${otherRegister}`.slice(0, 40),
      title: 'x',
      otherRegister,
    });
    expect(a.status, a.text).toBe(status);
    if (status === 422) expect(a.body.problems[0].path).toBe('/otherRegister');
  });
});

describe('hazards from the catalogue', () => {
  test('at most eight that fit, with why; taken over once, then linked for the next system', async () => {
    const found = (await owner.ask('GET', `aiSystem/${system}/hazards`)).body;
    expect(found.proposals.length).toBeGreaterThan(3);
    expect(found.proposals.length).toBeLessThanOrEqual(8);
    for (const p of found.proposals) expect(p.why.length, p.code).toBeGreaterThan(0);
    const [first, second] = found.proposals.map((p: { code: string }) => p.code);
    const hazards = [first, second].map((code) => ({ code, severity: 'high' }));
    const done = await owner.ask('POST', `aiSystem/${system}/hazards`, { hazards });
    expect([done.status, done.body.created.length, done.body.linked], done.text).toEqual([200, 2, []]);
    const next = (await owner.ask('GET', `aiSystem/${system}/hazards`)).body;
    expect(next.proposals.map((p: { code: string }) => p.code)).not.toContain(first);
    const other = (await given(t, 'aiSystem', { name: 'Other', purpose: 'x', owner: owner.ref })).ref;
    const linked = await owner.ask('POST', `aiSystem/${other}/hazards`, { hazards: hazards.slice(0, 1) });
    expect([linked.body.created, linked.body.linked.length]).toEqual([[], 1]);
  });

  test.each([
    [{ hazards: [] }, '/hazards'],
    [{ hazards: [{ code: 'HZ-999', severity: 'high' }] }, '/hazards/0/code'],
    [{ hazards: [{ code: 'HZ-001', severity: 'fatal' }] }, '/hazards/0/severity'],
    [{ hazards: Array.from({ length: 9 }, () => ({ code: 'HZ-001', severity: 'high' })) }, '/hazards'],
    [{ hazards: [1, 2].map(() => ({ code: 'HZ-002', severity: 'high' })) }, '/hazards/1/code'],
    [{}, '/hazards'],
  ])('%j is refused', async (body, path) => {
    const a = await owner.ask('POST', `aiSystem/${system}/hazards`, body);
    expect([a.status, a.body.problems[0].path], a.text).toEqual([422, path]);
  });
});

describe('impact assessments', () => {
  const values = {
    title: 'Impact of the assistant',
    heldOn: '2027-02-20',
    purposeAndUse: 'x',
    affected: 'customers',
    individuals: 2,
    society: 1,
    consulted: 'the works council',
    conclusion: 'acceptable',
    nextOn: '2028-02-20',
    impacts: [{ on: 'individuals', what: 'x', severity: 2, likelihood: 2, reversibility: 'easily' }],
  };

  test.each([0, 6, -1, 2.5, 1e9])('severity %s in the table is refused with its row', async (severity) => {
    const impacts = [values.impacts[0], { ...values.impacts[0], severity }];
    const a = await owner.ask('POST', 'impactAssessment', {
      ...values,
      owner: owner.ref,
      systems: [system],
      impacts,
    });
    expect([a.status, a.body.problems[0].path], a.text).toEqual([422, '/impacts/1/severity']);
  });

  test('what happened since the approval is named, and nothing that was before', async () => {
    const a = await owner.ask('POST', 'impactAssessment', { ...values, owner: owner.ref, systems: [system] });
    const ref = a.body.ref;
    const triggers = async (who: Visitor) => (await who.ask('GET', `impactAssessment/${ref}/triggers`)).body;
    expect((await triggers(owner)).since).toBeNull();
    await given(t, 'incident', { title: 'Before', severity: 'low', systems: [system] });
    expect((await owner.ask('POST', `impactAssessment/${ref}/conclude`, {})).status).toBe(200);
    const approved = await designated.ask('POST', `impactAssessment/${ref}/approve`, {});
    expect(approved.status, approved.text).toBe(200);
    expect((await triggers(owner)).events).toEqual([]);
    clock.set('2027-03-02T08:00:00Z');
    const incident = await given(t, 'incident', { title: 'It lied', severity: 'low', systems: [system] });
    const concern = await given(t, 'concern', {
      title: 'Unfair',
      content: 'x',
      from: 'outside',
      systems: [system],
    });
    const component = await given(t, 'component', { name: 'Agent', kind: 'agent', systems: [system] });
    await given(t, 'component', { name: 'Prompt', kind: 'prompt', systems: [system] });
    await manager.ask('PATCH', `aiSystem/${system}`, { purpose: 'Also decides on refunds by itself.' });
    const found = await triggers(manager);
    expect(found.events.map((e: { trigger: string; ref: string }) => [e.trigger, e.ref]).sort()).toEqual(
      [
        ['complaint', concern.ref],
        ['incident', incident.ref],
        ['newAutonomy', component.ref],
        ['newPurpose', system],
      ].sort(),
    );
    expect(found.watchedByPeople).toEqual(['newGroup', 'newLaw']);
    const less = await triggers(owner);
    expect([less.notShown, less.events.some((e: { trigger: string }) => e.trigger === 'complaint')]).toEqual([
      ['concern'],
      false,
    ]);
  });
});
