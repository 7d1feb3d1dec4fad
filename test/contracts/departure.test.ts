import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mentionsIn } from '../../src/app/people/comments.ts';
import type { Register } from '../../src/register/register.ts';
import { registry } from '../../src/registers/index.ts';
import { heldBy } from '../../src/store/records/owned.ts';
import { standing, stored } from '../support/arrange.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { wanted } from '../support/wanted.ts';

let t: TestInstance;
let ada: Visitor;
let seed = 0;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
});
afterAll(() => t.close());

const CSV = { 'content-type': 'text/csv' };
const HOLDING = registry.all.filter((r) => heldBy(r).length > 0);

/** A record in which this person stands in every place that people can hold. */
async function held(
  r: Register,
  state: string,
  by: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  seed += 1;
  const people = Object.fromEntries(
    heldBy(r).map((f) => [f, r.fields[f]!.kind === 'people' ? [by, ada.ref] : by]),
  );
  return standing(t, r, state, seed, { more: { ...people, ...(await allowing(r)), ...more } });
}

/** What rules of single records want, so that anybody may take them over. */
async function allowing(r: Register): Promise<Record<string, unknown>> {
  // Nobody checks an action of their own: these two places never pass to the same person.
  if (r.name === 'action') return { verifier: ada.ref };
  if (r.name === 'audit') return { kind: 'audit' };
  // Who decides an emergency of a system is not just anybody.
  if (r.name === 'change') return { kind: 'release' };
  if (r.name === 'managementReview') return wanted(t, 'managementReview.hold');
  return {};
}

let named = 0;
const somebody = async (roles: Parameters<TestInstance['person']>[1] = ['contributor']): Promise<Visitor> => {
  named += 1;
  return t.person(`Person ${named}`, roles);
};

const rowOf = async (ref: string) => {
  const [row] = await t.app.db.asOwner({
    text: `select r.state, r.version, r."values", r.owner, (select jsonb_agg(v.act order by v.version) from version v where v.organisation = r.organisation
      and v.record_id = r.id) as acts from record r where r.ref = $1 and r.organisation = $2`,
    values: [ref, t.organisation.id],
  });
  return row as {
    state: string;
    version: number;
    values: Record<string, unknown>;
    owner: string;
    acts: string[];
  };
};

test('nothing stays with somebody who left: every register, every state, every place that people hold', async () => {
  const leaver = await somebody();
  const successor = await somebody();
  const all: { r: Register; state: string; ref: string; before: Awaited<ReturnType<typeof rowOf>> }[] = [];
  for (const r of HOLDING)
    for (const state of r.states) {
      const ref = await held(r, state, leaver.ref);
      all.push({ r, state, ref, before: await rowOf(ref) });
    }
  const action = registry.get('action');
  for (const state of action.states) {
    const ref = await held(action, state, leaver.ref, { owner: ada.ref, verifier: leaver.ref });
    all.push({ r: action, state, ref, before: await rowOf(ref) });
  }
  const open = all.filter(({ r, state }) => !r.ended.includes(state));
  expect(HOLDING.length).toBeGreaterThan(20);
  expect(open.length).toBeGreaterThan(60);

  const owned = await ada.ask('GET', `person/${leaver.ref}/owned?limit=200`);
  expect(owned.status, owned.text).toBe(200);
  expect(owned.body.total).toBe(open.length);
  expect(owned.body.items.map((i: { ref: string }) => i.ref).sort()).toEqual(open.map((o) => o.ref).sort());
  const paged: string[] = [];
  for (let after = ''; ; ) {
    const page = await ada.ask('GET', `person/${leaver.ref}/owned?limit=40${after ? `&after=${after}` : ''}`);
    paged.push(...page.body.items.map((i: { ref: string }) => i.ref));
    if (!page.body.next) break;
    after = page.body.next;
  }
  expect(paged).toEqual(owned.body.items.map((i: { ref: string }) => i.ref));

  const refused = await ada.ask('POST', `person/${leaver.ref}/depart`, {});
  expect([refused.status, refused.body.code]).toEqual([409, 'CONFLICT']);
  expect(refused.body.detail).toContain(`${open.length} records`);
  expect(refused.body.detail).toContain('successor');

  const before = await stored(t);
  const done = await ada.ask('POST', `person/${leaver.ref}/depart`, {
    successor: successor.ref,
    reason: 'moves on',
  });
  expect(done.status, done.text).toBe(200);
  expect([done.body.state, done.body.handedOver.total]).toEqual(['departed', open.length]);
  const after = await stored(t);
  expect(after.versions! - before.versions!).toBe(open.length + 1);
  expect(after.leaves! - before.leaves!).toBe(open.length + 1);

  let looked = 0;
  for (const { r, state, ref, before: was } of all) {
    const now = await rowOf(ref);
    const over = r.ended.includes(state);
    if (over) expect(now, `${r.name} ${state}`).toEqual(was);
    else {
      const ended = r.ended.includes(now.state);
      for (const f of heldBy(r))
        if (!ended) expect([now.values[f]].flat(), `${r.name} ${state} ${f}`).not.toContain(leaver.ref);
      if (!ended && r.fields.owner) expect(now.owner).not.toBe(leaver.ref);
      expect(now.version).toBe(was.version + 1);
      const versions = await ada.ask('GET', `${r.name}/${ref}/versions`);
      // What was, stays: the version before still names who left; the new one says why, and is no decision.
      const [newest, earlier] = versions.body.items;
      for (const f of heldBy(r)) expect(earlier.values[f], `${r.name} ${f}`).toEqual(was.values[f]);
      expect(
        heldBy(r).flatMap((f) => earlier.values[f]),
        r.name,
      ).toContain(leaver.ref);
      expect(newest.reason).toContain(`${leaver.ref} departs; ${successor.ref} takes over. moves on`);
      expect(['edit', 'transition']).toContain(newest.act);
    }
    looked += 1;
  }
  expect(looked).toBe(all.length);
  expect((await ada.ask('GET', `person/${leaver.ref}/owned`)).body.total).toBe(0);
});

test('an appointment waits for the successor to accept it, without the competence of the one before; a delegation ends', async () => {
  const [leaver, successor] = [await somebody(), await somebody()];
  const r = registry.get('responsibility');
  const appointment = await held(r, 'accepted', leaver.ref, {
    kind: 'appointment',
    delegator: ada.ref,
    competenceShown: 'ten years',
  });
  const lentTo = await held(r, 'accepted', leaver.ref, { kind: 'delegation', delegator: ada.ref });
  const lentBy = await held(r, 'accepted', ada.ref, { kind: 'delegation', delegator: leaver.ref });
  expect((await ada.ask('POST', `person/${leaver.ref}/depart`, { successor: successor.ref })).status).toBe(
    200,
  );
  const taken = await rowOf(appointment);
  expect([taken.state, taken.owner, taken.values.competenceShown]).toEqual([
    'proposed',
    successor.ref,
    undefined,
  ]);
  expect([(await rowOf(lentTo)).state, (await rowOf(lentBy)).state]).toEqual(['ended', 'ended']);
  const work = await successor.ask('GET', 'my-work?kind=appointments');
  expect(work.body.items.map((i: { ref: string }) => i.ref)).toEqual([appointment]);
});

test('an approval made stale by it is shown so', async () => {
  const [leaver, successor] = [await somebody(), await somebody()];
  const dan = await somebody(['designatedManagement']);
  const ref = await held(registry.get('process'), 'draft', leaver.ref);
  expect((await dan.ask('POST', `process/${ref}/approve`, {})).status).toBe(200);
  expect((await ada.ask('GET', `process/${ref}`)).body.standing).toBe('current');
  expect((await ada.ask('POST', `person/${leaver.ref}/depart`, { successor: successor.ref })).status).toBe(
    200,
  );
  expect((await ada.ask('GET', `process/${ref}`)).body.standing).toBe('stale');
});

test('nothing is given to somebody who left: created, edited, in bulk, from a file, in every register that people hold', async () => {
  const gone = await standing(t, registry.get('person'), 'departed', ++seed);
  const here = await somebody();
  const told = `${gone} has departed; name somebody who is here`;
  for (const r of HOLDING) {
    const field = r.fields.owner ? 'owner' : heldBy(r)[0]!;
    const isPeople = r.fields[field]!.kind === 'people';
    const ref = await held(r, r.states[0]!, here.ref);
    const before = await stored(t);
    const edited = await ada.ask('PATCH', `${r.name}/${ref}`, { [field]: isPeople ? [gone] : gone });
    expect(edited.status, `${r.name}: ${edited.text}`).toBeGreaterThanOrEqual(400);
    expect(edited.text, r.name).toMatch(/has departed|NOT_ALLOWED|OWN_WORK/);
    expect(await stored(t), r.name).toEqual(before);
  }
  const issue = (owner: string) => ({ title: 'New law', kind: 'external', owner });
  const made = await ada.ask('POST', 'contextIssue', issue(gone));
  expect([made.status, made.body.problems], made.text).toEqual([422, [{ path: '/owner', message: told }]]);
  const ref = (await ada.ask('POST', 'contextIssue', issue(here.ref))).body.ref;
  const bulk = await ada.ask('POST', 'contextIssue/bulk', { refs: [ref], values: { owner: gone } });
  expect([bulk.status, bulk.body.detail], bulk.text).toEqual([422, expect.stringContaining(told)]);
  const file = `ref,title,kind,owner\n${ref},New law,external,${gone}\n,Other law,external,${gone}\n,Third,external,${here.ref}\n`;
  const before = await stored(t);
  for (const dry of ['true', 'false']) {
    const taken = await ada.ask('POST', `contextIssue/import?format=csv&dryRun=${dry}`, file, CSV);
    expect(taken.body.problems, taken.text).toEqual([
      { path: 'line 2, column owner', message: told },
      { path: 'line 3, column owner', message: told },
    ]);
  }
  expect(await stored(t)).toEqual(before);
  // Who wrote something before it came here may well have left since; and what names a leaver already may be edited.
  const old = await ada.ask(
    'POST',
    `contextIssue/import?format=csv&onBehalfOf=${gone}`,
    `title,kind,owner\nOld law,external,${here.ref}\n`,
    CSV,
  );
  expect([old.status, old.body.created], old.text).toEqual([200, 1]);
});

describe('who takes over', () => {
  test.each([
    ['the leaver', async (leaver: Visitor) => leaver.ref],
    ['nobody', async () => 'PSN-9999'],
    ['somebody who left', async () => standing(t, registry.get('person'), 'departed', ++seed)],
  ])('is never %s', async (_, whom) => {
    const leaver = await somebody();
    const ref = await held(registry.get('risk'), 'open', leaver.ref);
    const before = await stored(t);
    const successor = await whom(leaver);
    const extra = (await stored(t)).records! - before.records!;
    const a = await ada.ask('POST', `person/${leaver.ref}/depart`, { successor });
    expect([a.status, a.body.problems[0].path], a.text).toEqual([422, '/successor']);
    expect((await rowOf(ref)).owner).toBe(leaver.ref);
    expect((await stored(t)).versions).toBe(before.versions! + extra);
  });

  test('a rule of one record refuses the whole, naming it; it goes to somebody else first', async () => {
    const leaver = await somebody();
    const other = await somebody();
    const system = await held(registry.get('aiSystem'), 'inScope', leaver.ref);
    const risk = await held(registry.get('risk'), 'open', leaver.ref);
    // Nobody makes themselves owner of a system in scope.
    const refused = await ada.ask('POST', `person/${leaver.ref}/depart`, { successor: ada.ref });
    expect([refused.status, refused.body.problems.map((p: { path: string }) => p.path)]).toEqual([
      409,
      [system],
    ]);
    expect([(await rowOf(system)).owner, (await rowOf(risk)).owner]).toEqual([leaver.ref, leaver.ref]);
    const part = await ada.ask('POST', `person/${leaver.ref}/reassign`, {
      successor: other.ref,
      registers: ['aiSystem'],
    });
    expect([part.status, part.body.total], part.text).toEqual([200, 1]);
    expect([(await rowOf(system)).owner, (await rowOf(risk)).owner]).toEqual([other.ref, leaver.ref]);
    const none = await ada.ask('POST', `person/${leaver.ref}/reassign`, {
      successor: other.ref,
      refs: [system],
    });
    expect([none.status, none.body.problems[0].path]).toEqual([422, '/refs/0']);
    expect((await ada.ask('POST', `person/${leaver.ref}/depart`, { successor: ada.ref })).status).toBe(200);
    expect((await rowOf(risk)).owner).toBe(ada.ref);
  });

  test('nobody without the right hands over, sees what others hold, or learns of what is hidden', async () => {
    const [leaver, other] = [await somebody(), await somebody()];
    for (const [method, path, body] of [
      ['POST', 'reassign', { successor: other.ref }],
      ['POST', 'depart', { successor: other.ref }],
      ['GET', 'owned', undefined],
    ] as const) {
      const a = await other.ask(method, `person/${leaver.ref}/${path}`, body);
      expect([a.status, a.body.code], path).toEqual([403, 'NOT_ALLOWED']);
      expect(a.body.detail).toContain('AIMS manager');
    }
    expect((await leaver.ask('GET', `person/${leaver.ref}/owned`)).status).toBe(200);
  });
});

test('a concern about whoever asks, or about the successor, passes to a manager who may see it, and is never told', async () => {
  const leaver = await somebody(['aimsManager']);
  const accused = await somebody();
  const eva = await somebody(['aimsManager']);
  const r = registry.get('concern');
  const aboutAda = await held(r, 'examining', leaver.ref, { about: [ada.ref, accused.ref] });
  expect((await ada.ask('GET', `person/${leaver.ref}/owned`)).body.total).toBe(0);
  const done = await ada.ask('POST', `person/${leaver.ref}/depart`, {});
  expect([done.status, done.body.handedOver.total], done.text).toEqual([200, 0]);
  expect(done.text).not.toContain(aboutAda);
  const taken = await rowOf(aboutAda);
  expect([leaver.ref, ada.ref, accused.ref]).not.toContain(taken.owner);
  expect((await eva.ask('GET', `concern/${aboutAda}`)).status).toBe(200);

  const second = await somebody();
  const known = await held(r, 'examining', second.ref, { about: [accused.ref] });
  const refused = await ada.ask('POST', `person/${second.ref}/depart`, { successor: accused.ref });
  expect([refused.status, refused.body.problems[0].path]).toEqual([409, known]);
});

test('keys that the leaver made are kept or revoked, as is said', async () => {
  const [first, second] = [await somebody(['aimsManager']), await somebody(['aimsManager'])];
  const kept = await t.key('ci', first);
  const revoked = await t.key('ci', second);
  const unsaid = await ada.ask('POST', `person/${first.ref}/depart`, {});
  expect([unsaid.status, unsaid.body.problems[0].path]).toEqual([409, '/keys']);
  expect((await ada.ask('GET', `person/${first.ref}/owned`)).body.keys).toMatchObject([{ ref: kept.ref }]);
  const a = await ada.ask('POST', `person/${first.ref}/depart`, { keys: 'keep' });
  expect(a.body.keys).toEqual({ kept: [kept.ref], revoked: [] });
  expect((await kept.ask('GET', 'meta')).status).toBe(200);
  const b = await ada.ask('POST', `person/${second.ref}/depart`, { keys: 'revoke' });
  expect(b.body.keys).toEqual({ kept: [], revoked: [revoked.ref] });
  expect((await revoked.ask('GET', 'meta')).status).toBe(401);
  expect((await second.ask('GET', 'meta')).status).toBe(404);
});

test('there is no way round: in bulk, or by erasure', async () => {
  const leaver = await somebody();
  await held(registry.get('risk'), 'open', leaver.ref);
  const bulk = await ada.ask('POST', 'person/bulk', { refs: [leaver.ref], transition: 'depart' });
  expect([bulk.status, bulk.body.problems[0].path]).toEqual([422, '/transition']);
  const erased = await ada.ask('POST', 'erasure/preview', { kind: 'person', ref: leaver.ref });
  expect([erased.status, erased.body.code], erased.text).toEqual([409, 'CONFLICT']);
  expect(erased.body.detail).toContain('successor');
});

test('the last of top management does not leave: alone or with a successor, before somebody else holds the role', async () => {
  const next = await somebody();
  const before = await stored(t);
  for (const more of [{}, { successor: next.ref }]) {
    const a = await ada.ask('POST', `person/${ada.ref}/depart`, { reason: 'retires', ...more });
    expect([a.status, a.body.problems?.[0].path], a.text).toEqual([409, '/roles']);
    expect(a.body.detail).toContain('Give that role to somebody who signs in');
  }
  // Whoever is only listed cannot act on it.
  const listed = await ada.ask('POST', 'person', { name: 'Listed', roles: ['topManagement'] });
  expect(listed.status, listed.text).toBe(201);
  const still = await ada.ask('POST', `person/${ada.ref}/depart`, { successor: next.ref });
  expect([still.status, still.body.problems?.[0].path], still.text).toEqual([409, '/roles']);
  expect((await stored(t)).versions).toBe(before.versions! + 1);
  await ada.ask('PATCH', `person/${next.ref}`, { roles: ['topManagement', 'aimsManager'] });
  const now = await next.ask('POST', `person/${ada.ref}/depart`, {});
  expect(now.text).toContain('Name a successor');
  expect(now.text).not.toContain('/roles');
});

test('nobody is their own line manager: named so, or by taking over from theirs', async () => {
  const [leaver, report] = [await somebody(), await somebody()];
  const own = await ada.ask('PATCH', `person/${report.ref}`, { manager: report.ref });
  expect([own.status, own.body.problems?.[0].path], own.text).toEqual([422, '/manager']);
  const led = await ada.ask('PATCH', `person/${report.ref}`, { manager: leaver.ref });
  expect(led.status, led.text).toBe(200);
  const gone = await ada.ask('POST', `person/${leaver.ref}/depart`, { successor: report.ref });
  expect([gone.status, gone.body.handedOver?.total], gone.text).toEqual([200, 1]);
  expect((await rowOf(report.ref)).values.manager).toBeUndefined();
});

test('mentions are read from the text, each once', () => {
  expect(mentionsIn('@PSN-0003, @PSN-0004 and @PSN-0003; mail@PSN-00 is nobody')).toEqual([
    'PSN-0003',
    'PSN-0004',
  ]);
});
