import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorkItem, WorkKind } from '../../src/answers/work.ts';
import { MOST } from '../../src/app/work/my-work.ts';
import { isoWeek, weekStart } from '../../src/app/work/work-digest.ts';
import { catalogues, inEnglish } from '../../src/base/sentence.ts';
import { dayFrom, letThrough, standing } from '../support/arrange.ts';
import { given, PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { forgetKept } from '../support/kept-standing.ts';

/** Sessions end by the real clock: days are moved in the records instead. */
const now = new Date();
let t: TestInstance;
let ada: Visitor;
let dan: Visitor;
let cleo: Visitor;
let bea: Visitor;
let system = '';
let seed = 0;

beforeAll(async () => {
  t = await testInstance({ clock: { now: () => now } });
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  dan = await t.person('Dan', ['designatedManagement']);
  cleo = await t.person('Cleo', ['contributor']);
  bea = await t.person('Bea', ['contributor']);
  system = await put('aiSystem', 'inScope', {
    name: 'Support assistant',
    owner: cleo.ref,
    approver: bea.ref,
    oversight: dan.ref,
    inScope: 'in',
    riskClass: 'high',
    stage: 'design',
  });
});
afterAll(() => t.close());

const reg = (name: string) => t.app.registry.get(name);

/** A record in a state, written by the engine: so nobody of the test is its author. */
async function put(
  register: string,
  state: string,
  more: Record<string, unknown>,
  author?: string,
): Promise<string> {
  seed += 1;
  return standing(t, reg(register), state, seed, { more, author });
}

async function work(who: Visitor, query = ''): Promise<WorkItem[]> {
  const a = await who.ask('GET', `my-work?limit=200${query}`);
  expect(a.status, a.text).toBe(200);
  return a.body.items;
}

const messageOf = (id: string): string => {
  const at = id.lastIndexOf('.');
  return catalogues.get(id.slice(0, at))![id.slice(at + 1)]!;
};

const found = async (who: Visitor, kind: WorkKind, ref: string): Promise<WorkItem | undefined> =>
  (await work(who)).find((i) => i.kind === kind && i.ref === ref);

/** Who of these has it in their list. */
async function holders(kind: WorkKind, ref: string): Promise<string[]> {
  const out: string[] = [];
  for (const who of [ada, dan, cleo, bea]) if (await found(who, kind, ref)) out.push(who.name);
  return out;
}

async function done(who: Visitor, path: string, body: unknown = {}): Promise<void> {
  const a = await who.ask('POST', path, body);
  expect(a.status, `${path}: ${a.text}`).toBeLessThan(300);
}

/** What a record says, changed behind the application's back: as if days had gone by. No entry tells of it, so what was kept before is forgotten. */
const alter = async (ref: string, values: Record<string, unknown>) => {
  await t.app.db.asOwner({
    text: 'update record set "values" = "values" || $2::jsonb where ref = $1',
    values: [ref, JSON.stringify(values)],
  });
  await forgetKept(t);
};

const dayIn = (days: number): string =>
  new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);

describe('each kind of work appears for the right person, and disappears with its reason', () => {
  test('what is due, for the owner', async () => {
    const ref = await put('risk', 'assessed', { owner: cleo.ref, reviewBy: dayIn(-3) });
    expect(await holders('due', ref)).toEqual(['Cleo']);
    const item = (await found(cleo, 'due', ref))!;
    expect([item.urgency, item.due, item.why]).toEqual([
      'overdue',
      dayIn(-3),
      `Review by ${dayIn(-3)}, 3 days ago. You own it.`,
    ]);
    expect((await cleo.ask('PATCH', `risk/${ref}`, { reviewBy: dayIn(90) })).status).toBe(200);
    expect(await holders('due', ref)).toEqual([]);
    expect((await cleo.ask('PATCH', `risk/${ref}`, { reviewBy: dayIn(20) })).status).toBe(200);
    expect((await found(cleo, 'due', ref))!.urgency).toBe('later');
    await done(ada, `risk/${ref}/close`, { reason: 'gone' });
    expect(await holders('due', ref)).toEqual([]);
  });

  test('a decision by role, never on their own work', async () => {
    const ref = await put('process', 'draft', { owner: cleo.ref }, ada.ref);
    // Ada wrote it herself; an AIMS manager may otherwise approve.
    expect(await holders('decisions', ref)).toEqual(['Dan']);
    const item = (await found(dan, 'decisions', ref))!;
    expect([item.next.transition, item.urgency]).toEqual(['approve', 'waiting']);
    await done(dan, `process/${ref}/approve`);
    expect(await holders('decisions', ref)).toEqual([]);
  });

  test('a decision on what was imported for them is nothing that they are asked', async () => {
    const row = {
      title: 'Brought over',
      owner: cleo.ref,
      inputs: 'i',
      outputs: 'o',
      criteria: 'c',
      reviewBy: dayFrom(t, 300),
    };
    const file = JSON.stringify([row]);
    const done_ = await ada.ask('POST', `process/import?format=json&onBehalfOf=${dan.ref}`, file);
    expect(done_.status, done_.text).toBe(200);
    const [{ ref }] = (await ada.ask('GET', 'process?sort=-number&limit=1')).body.items;
    expect(await holders('decisions', ref)).toEqual([]);
    expect((await dan.ask('POST', `process/${ref}/approve`, {})).body.code).toBe('OWN_WORK');
  });

  test('a decision by relation; what a step asks for must be there first', async () => {
    const ref = await put('change', 'draft', { owner: cleo.ref, systems: [system] }, cleo.ref);
    expect(await holders('decisions', ref)).toEqual([]);
    await done(cleo, `change/${ref}/submit`);
    expect((await holders('decisions', ref)).sort()).toEqual(['Ada', 'Bea', 'Dan']);
    await done(bea, `change/${ref}/approve`);
    expect(await holders('decisions', ref)).toEqual([]);
    const other = await put('aiSystem', 'inScope', { owner: cleo.ref, approver: cleo.ref, inScope: 'in' });
    const both = await put('change', 'submitted', { owner: dan.ref, systems: [system, other] });
    // Bea approves for one of the systems only.
    expect(await holders('decisions', both)).not.toContain('Bea');
  });

  test('somebody named is asked until they decided; who may by a role, until anybody has', async () => {
    const ref = await put('release', 'submitted', { system: [system] });
    expect((await holders('decisions', ref)).sort()).toEqual(['Ada', 'Bea', 'Cleo', 'Dan']);
    await done(bea, `release/${ref}/approve`);
    // Ada holds the role only. Dan is named as oversight.
    expect((await holders('decisions', ref)).sort()).toEqual(['Cleo', 'Dan']);
    await done(cleo, `release/${ref}/approve`);
    expect(await holders('decisions', ref)).toEqual(['Dan']);
    // Another content asks everybody again, but not its author.
    expect((await ada.ask('PATCH', `release/${ref}`, { releaseVersion: '9.9.9' })).status).toBe(200);
    expect((await holders('decisions', ref)).sort()).toEqual(['Bea', 'Cleo', 'Dan']);
    await done(ada, `release/${ref}/withdraw`, { reason: 'x' });
    expect(await holders('decisions', ref)).toEqual([]);
  });

  test('whether an action worked, from the day that its exposure allows', async () => {
    const ref = await put('action', 'done', {
      owner: cleo.ref,
      verifier: bea.ref,
      doneOn: dayIn(-10),
      exposureDays: 20,
      exposureCases: 200,
      dueOn: dayIn(-20),
    });
    expect(await holders('decisions', ref)).toEqual([]);
    await alter(ref, { doneOn: dayIn(-20) });
    // That was said today: it waits from today on, whatever day it claims.
    expect(await holders('decisions', ref)).toEqual([]);
    await alter(ref, { doneOnEntered: dayIn(-20) });
    expect(await holders('decisions', ref)).toEqual(['Bea']);
    await done(bea, `action/${ref}/confirm`, { reason: 'no case in 200', values: { casesSeen: 200 } });
    expect(await holders('decisions', ref)).toEqual([]);
  });

  test('an approval that no longer counts, for the owner and whoever renews it', async () => {
    const ref = await put('process', 'draft', { owner: cleo.ref, reviewBy: dayIn(300) });
    await done(dan, `process/${ref}/approve`);
    expect(await holders('standing', ref)).toEqual([]);
    await t.app.db.asOwner({
      text: `update record set material = 'sha256:other' where ref = $1`,
      values: [ref],
    });
    await forgetKept(t);
    expect(await holders('standing', ref)).toEqual(['Cleo']);
    expect((await found(cleo, 'standing', ref))!.next.transition).toBe('revise');
    await done(cleo, `process/${ref}/revise`);
    expect(await holders('standing', ref)).toEqual([]);
    expect((await holders('decisions', ref)).sort()).toEqual(['Ada', 'Dan']);
  });

  test('an acceptance that ends, for the owner and for whoever accepts', async () => {
    const criteria = await put('criteria', 'approved', { appetite: 1, acceptAtLevel: 25 });
    const ref = await put('risk', 'assessed', {
      owner: cleo.ref,
      reviewBy: dayIn(300),
      criteria: [criteria],
    });
    expect((await holders('decisions', ref)).sort()).toEqual(['Ada', 'Dan']);
    await done(dan, `risk/${ref}/accept`, { reason: 'x', until: dayIn(20), password: PASSWORD });
    expect((await holders('standing', ref)).sort()).toEqual(['Ada', 'Cleo', 'Dan']);
    const item = (await found(dan, 'standing', ref))!;
    expect([item.due, item.next.transition, item.urgency]).toEqual([dayIn(20), 'accept', 'later']);
    expect((await found(cleo, 'standing', ref))!.next.label).toContain('designated management');
    await done(ada, `risk/${ref}/accept`, { reason: 'x', until: dayIn(200), password: PASSWORD });
    expect(await holders('standing', ref)).toEqual([]);
    const decisions = (await ada.ask('GET', `risk/${ref}`)).body.decisions as { ref: string }[];
    expect(decisions).toHaveLength(2);
    for (const d of decisions) await alter(d.ref, { until: dayIn(0) });
    expect((await found(cleo, 'standing', ref))!.why).toContain('has ended');
  });

  test('a document to acknowledge, in the edition in force', async () => {
    const ref = await put('document', 'approved', {
      owner: ada.ref,
      acknowledgedBy: 'named',
      readers: [cleo.ref],
    });
    expect(await holders('acknowledgements', ref)).toEqual([]);
    await done(ada, `document/${ref}/publish`);
    expect(await holders('acknowledgements', ref)).toEqual(['Cleo']);
    await done(cleo, `document/${ref}/acknowledge`);
    expect(await holders('acknowledgements', ref)).toEqual([]);
    await done(ada, `document/${ref}/revise`);
    expect(
      (await ada.ask('PATCH', `document/${ref}`, { body: 'Another edition', acknowledgedBy: 'everyone' }))
        .status,
    ).toBe(200);
    await done(ada, `document/${ref}/submit`);
    await done(dan, `document/${ref}/approve`);
    await done(ada, `document/${ref}/publish`);
    expect(await holders('acknowledgements', ref)).toEqual(['Ada', 'Dan', 'Cleo', 'Bea']);
  });

  test('tests, drills and assessments out of their interval, for owner and approver of a system in use', async () => {
    const ref = await put('aiSystem', 'inScope', {
      owner: cleo.ref,
      approver: bea.ref,
      inScope: 'in',
      riskClass: 'limited',
      stage: 'design',
    });
    expect(await holders('intervals', ref)).toEqual([]);
    expect((await cleo.ask('PATCH', `aiSystem/${ref}`, { stage: 'operation' })).status).toBe(200);
    expect((await holders('intervals', ref)).sort()).toEqual(['Bea', 'Cleo']);
    const kinds = async () => (await work(cleo)).filter((i) => i.kind === 'intervals' && i.ref === ref);
    expect(await kinds()).toHaveLength(3);
    const plan = await put('rollbackPlan', 'approved', { system: [ref] });
    const drill = { kind: 'rollback', rollbackPlan: [plan], outcome: 'succeeded' };
    await put('drill', 'verified', { ...drill, heldOn: dayIn(-400) });
    expect((await kinds()).map((i) => i.urgency).sort()).toEqual(['overdue', 'waiting', 'waiting']);
    await put('drill', 'verified', { ...drill, heldOn: dayIn(-20) });
    await put('riskAssessment', 'approved', { systems: [ref], heldOn: dayIn(-20) });
    expect(await kinds()).toHaveLength(1);
    const item = (await kinds())[0]!;
    expect(item.why).toContain('without a complete test run');
  });

  test('of a system that a vendor runs neither drills nor tests, while there are use clearances of it alone', async () => {
    const ref = await put('aiSystem', 'inScope', {
      owner: cleo.ref,
      inScope: 'in',
      riskClass: 'high',
      stage: 'operation',
    });
    const lacks = async () =>
      (await work(cleo))
        .filter((x) => x.kind === 'intervals' && x.ref === ref)
        .map((x) => /without a (.*?)\./.exec(x.why)?.[1])
        .sort();
    const all = [
      'complete test run',
      'concluded risk assessment',
      'successful, verified rollback drill',
      'successful, verified stop drill',
    ];
    expect(await lacks()).toEqual(all);
    await put('release', 'submitted', { system: [ref], kind: 'useClearance' });
    expect(await lacks()).toEqual(['concluded risk assessment']);
    await put('release', 'submitted', { system: [ref], kind: 'release' });
    expect(await lacks()).toEqual(all);
  });

  test('an appointment to accept', async () => {
    const ref = await put('responsibility', 'proposed', {
      owner: bea.ref,
      kind: 'appointment',
      startsOn: dayIn(0),
    });
    expect(await holders('appointments', ref)).toEqual(['Bea']);
    await done(bea, `responsibility/${ref}/accept`);
    expect(await holders('appointments', ref)).toEqual([]);
  });

  test('a comment that mentions them, until it is settled', async () => {
    const made = await cleo.ask('POST', 'comment', {
      subject: system,
      content: `Look at this, @${bea.ref}, please.`,
    });
    expect(made.status, made.text).toBe(201);
    expect(await holders('mentions', system)).toEqual(['Bea']);
    expect((await found(bea, 'mentions', system))!.why).toContain('Cleo mentioned you');
    await done(bea, `comment/${made.body.ref}/settle`);
    expect(await holders('mentions', system)).toEqual([]);
  });

  test('a concern to handle; nobody whom it is about ever learns of it', async () => {
    const a = await cleo.ask('POST', 'concern', {
      title: 'x',
      content: 'y',
      about: [ada.ref],
      answerBy: dayIn(5),
    });
    expect(a.status, a.text).toBe(201);
    const ref = a.body.ref as string;
    // Dan could examine, but is no AIMS manager: they hand concerns out.
    expect(await holders('concerns', ref)).toEqual([]);
    const eva = await t.person('Eva', ['aimsManager']);
    expect(await found(eva, 'concerns', ref)).toBeDefined();
    expect((await eva.ask('POST', `concern/${ref}/examine`, { values: { owner: dan.ref } })).status).toBe(
      200,
    );
    expect(await found(eva, 'concerns', ref)).toBeUndefined();
    expect(await holders('concerns', ref)).toEqual(['Dan']);
    expect((await found(dan, 'concerns', ref))!.due).toBe(dayIn(5));
    // Ada manages the system and looks at Dan's list: the concern about her is not in it.
    expect((await work(ada, `&person=${dan.ref}`)).map((i) => i.ref)).not.toContain(ref);
    expect((await work(eva, `&person=${dan.ref}`)).map((i) => i.ref)).toContain(ref);
    expect(
      (await ada.ask('GET', `my-work?person=${dan.ref}&limit=200`)).body.counts.concerns,
    ).toBeUndefined();
    // Even as its owner she would not see it.
    await t.app.db.asOwner({ text: 'update record set owner = $2 where ref = $1', values: [ref, ada.ref] });
    expect(await holders('concerns', ref)).toEqual([]);
    await t.app.db.asOwner({ text: 'update record set owner = $2 where ref = $1', values: [ref, dan.ref] });
    await done(dan, `concern/${ref}/answer`, { values: { examination: 'x', answer: 'y' } });
    expect(await holders('concerns', ref)).toEqual([]);
  });

  test('an incident to report, until a message is recorded as sent', async () => {
    const ref = await put('incident', 'reported', {
      severity: 'high',
      reportable: true,
      reportBy: dayIn(2),
      owner: cleo.ref,
      communications: [],
    });
    expect(await holders('incidents', ref)).toEqual(['Cleo']);
    expect((await found(cleo, 'incidents', ref))!.urgency).toBe('soon');
    const message = await put('communication', 'sent', { owner: cleo.ref });
    expect((await cleo.ask('PATCH', `incident/${ref}`, { communications: [message] })).status).toBe(200);
    expect(await holders('incidents', ref)).toEqual([]);
  });
});

describe('the list', () => {
  test('tells of each item the rule that found it, and everything said as a message with its parameters', async () => {
    const items = (await Promise.all([ada, dan, cleo, bea].map((who) => work(who)))).flat();
    expect(new Set(items.map((i) => i.kind)).size).toBeGreaterThan(4);
    for (const i of items) {
      expect(i.rule, i.why).toMatch(/^\w+\.\w+$/);
      expect(inEnglish(messageOf(i.message), i.params)).toBe(i.why);
      if (i.next.transition === undefined)
        expect(inEnglish(messageOf(i.next.message), i.next.params)).toBe(i.next.label);
      else expect(i.next.message).toBe(`register.${i.register}.step.${i.next.transition}`);
    }
  });

  test('is sorted by urgency and paged without gaps', async () => {
    const all = await work(cleo);
    expect(all.length).toBeGreaterThan(3);
    const order = ['overdue', 'soon', 'waiting', 'later'];
    expect(all.map((i) => order.indexOf(i.urgency))).toEqual(all.map((i) => order.indexOf(i.urgency)).sort());
    const paged: WorkItem[] = [];
    let after = '';
    for (let i = 0; i < 50; i++) {
      const a = await cleo.ask('GET', `my-work?limit=2${after ? `&after=${after}` : ''}`);
      paged.push(...a.body.items);
      expect(a.body.total).toBe(all.length);
      if (!a.body.next) break;
      after = a.body.next;
    }
    expect(paged).toEqual(all);
    const bad = await cleo.ask('GET', 'my-work?after=xx');
    expect([bad.status, bad.body.problems[0].path]).toEqual([400, '/after']);
    expect((await work(cleo, '&kind=due')).every((i) => i.kind === 'due')).toBe(true);
  });

  test('tells why a release in use is in it on every page, though reasons are read for those that are shown', async () => {
    for (let i = 0; i < 5; i++) {
      const of = await put('aiSystem', 'inScope', { owner: bea.ref, approver: bea.ref, inScope: 'in' });
      const ref = await put('release', 'shipped', { system: [of], kind: 'release' });
      await letThrough(t, reg('release'), ref);
      await t.app.db.asOwner({
        text: `insert into use_finding (organisation, release_id, log, size, judged_at, anew_at, verdict, reasons)
          select organisation, id, 1, 1, now(), now(), 'refuse', array['Nothing is approved.'] from record where organisation = $1 and ref = $2
          on conflict do nothing`,
        values: [t.organisation.id, ref],
      });
    }
    await t.uses.settle(t.organisation.id);
    await t.quiet();
    const all = await work(bea, '&kind=inUse');
    expect(all.length).toBeGreaterThan(4);
    expect(all.filter((i) => !i.why.includes('now the gate would'))).toEqual([]);
    // A list tells the first reasons and how many there are besides; the page has all.
    const { inUse } = (await bea.ask('GET', 'dashboard')).body;
    const told = inUse.find(
      (u: { release: string; unsaid?: number }) => u.unsaid && all.some((i) => i.ref === u.release),
    );
    const [there] = (await bea.ask('GET', `release/${told.release}`)).body.inUse;
    expect(told.reasons).toEqual(there.reasons.slice(0, 3));
    expect([told.unsaid, there.unsaid]).toEqual([there.reasons.length - 3, undefined]);
    const end = `${told.reasons.join(' ')} The gate has ${told.unsaid} more reasons.`;
    expect(told.why.endsWith(end), told.why).toBe(true);
    expect(all.find((i) => i.ref === told.release)?.why).toContain(end);
    expect(there.why.endsWith(there.reasons.join(' ')), there.why).toBe(true);
    const whole = await work(bea);
    let statements = 0;
    t.app.db.observe = () => {
      statements += 1;
    };
    await bea.ask('GET', 'my-work?kind=inUse&limit=2');
    t.app.db.observe = undefined;
    // The first page has its reasons at once.
    expect(statements).toBe(2);
    for (const [query, expected] of [
      ['kind=inUse&', all],
      ['', whole],
    ] as const)
      for (let after = '', at = 0; ; at += 2) {
        const a = await bea.ask('GET', `my-work?${query}limit=2${after}`);
        expect(a.body.items).toEqual(expected.slice(at, at + 2));
        if (!a.body.next) break;
        after = `&after=${a.body.next}`;
      }
  });

  test('is shown to the person, their line manager and AIMS managers', async () => {
    const refused = await cleo.ask('GET', `my-work?person=${bea.ref}`);
    expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining('line manager')]);
    expect((await ada.ask('PATCH', `person/${bea.ref}`, { manager: cleo.ref })).status).toBe(200);
    expect((await cleo.ask('GET', `my-work?person=${bea.ref}`)).body.person.name).toBe('Bea');
    expect((await ada.ask('GET', 'my-work?person=PSN-9999')).status).toBe(404);
    expect((await ada.ask('GET', 'my-work?person=x')).status).toBe(400);
    expect((await (await t.key('reader', ada)).ask('GET', 'my-work')).status).toBe(403);
  });

  test('makes a weekly letter of the present week and the next ones', async () => {
    const a = await cleo.ask('GET', 'my-work/digest');
    expect(a.status, a.text).toBe(200);
    const week = isoWeek(dayIn(0));
    expect([a.body.week, a.body.from]).toEqual([week, weekStart(week)]);
    expect(Date.parse(a.body.to) - Date.parse(a.body.from)).toBe(6 * 86_400_000);
    const items = [...a.body.overdue, ...a.body.dueThisWeek, ...a.body.waiting];
    expect(items.length + a.body.unnamed).toBe(
      a.body.counts.overdue + a.body.counts.dueThisWeek + a.body.counts.waiting,
    );
    expect(a.body.subject).toContain(`${a.body.counts.overdue} overdue`);
    const later = isoWeek(dayIn(28));
    expect((await cleo.ask('GET', `my-work/digest?week=${later}`)).body.from).toBe(weekStart(later));
    for (const wrong of [isoWeek(dayIn(-7)), isoWeek(dayIn(35)), `${later.slice(0, 4)}-W60`, 'x'])
      expect((await cleo.ask('GET', `my-work/digest?week=${wrong}`)).body.problems?.[0].path, wrong).toBe(
        '/week',
      );
    expect(['2027-03-01', '2027-01-01', '2026-12-28', '2024-12-30'].map(isoWeek)).toEqual([
      '2027-W09',
      '2026-W53',
      '2026-W53',
      '2025-W01',
    ]);
    expect(['2027-W01', '2026-W53', '2027-W53', '2027-W00'].map(weekStart)).toEqual([
      '2027-01-04',
      '2026-12-28',
      undefined,
      undefined,
    ]);
  });
});

test('costs the same number of statements at ten records and at a thousand, and a cut is told', async () => {
  // What the instance does in the background belongs to no request.
  await t.quiet();
  const cost = async () => {
    let n = 0;
    t.app.db.observe = () => {
      n += 1;
    };
    try {
      await work(bea);
    } finally {
      t.app.db.observe = undefined;
    }
    return n;
  };
  const ten = await cost();
  // Settings, and all sources; who asks is a statement of the identity part.
  expect(ten).toBe(2);
  const first = await given(t, 'risk', { title: 'r', owner: bea.ref, systems: [system] });
  const rows = await t.app.db.asOwner({
    text: `insert into record (organisation, id, register, number, ref, state, version, title, "values", derived, owner, due, material,
        created_at, created_by, updated_at, updated_by, search)
      select organisation, gen_random_uuid(), register, 50000 + n, 'RSK-' || (50000 + n), state, 1, title, "values", derived, owner,
        $2::date, material, created_at, created_by, updated_at, updated_by, search
      from record, generate_series(1, 1000) n where ref = $1 and organisation = $3 returning 1`,
    values: [first.ref, dayIn(1), t.organisation.id],
  });
  expect(rows).toHaveLength(1000);
  expect(await cost()).toBe(ten);
  const a = await bea.ask('GET', 'my-work?limit=200&kind=due');
  // They are not rated, either.
  expect(a.body.cut).toEqual(['due', 'risks'].map((kind) => ({ kind, listed: MOST })));
  expect(a.body.total).toBe(MOST);
});
