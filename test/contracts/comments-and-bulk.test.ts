import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enteredName } from '../../src/register/claim.ts';
import { STANDINGS } from '../../src/register/decisions.ts';
import { fixedIn } from '../../src/register/fixed.ts';
import { kindOf } from '../../src/register/kinds.ts';
import { registry } from '../../src/registers/index.ts';
import { STANDING_CHOICES } from '../../src/web/records/filters.ts';
import { dayFrom, standing, stored } from '../support/arrange.ts';
import { given, PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let ada: Visitor;
let dan: Visitor;
let cleo: Visitor;
let seed = 5000;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  dan = await t.person('Dan', ['designatedManagement']);
  cleo = await t.person('Cleo', ['contributor']);
});
afterAll(() => t.close());

const reg = (name: string) => registry.get(name);
const put = (register: string, state: string, more: Record<string, unknown> = {}, author?: string) => {
  seed += 1;
  return standing(t, reg(register), state, seed, { more, author });
};

describe('in bulk', () => {
  const many = async (n: number, more: Record<string, unknown> = {}) => {
    const out: string[] = [];
    for (let i = 0; i < n; i++)
      out.push(
        (await given(t, 'risk', { title: `Risk ${i}`, owner: cleo.ref, systems: [await system()], ...more }))
          .ref,
      );
    return out;
  };
  let known = '';
  const system = async () => {
    known ||= await put('aiSystem', 'inScope', { owner: dan.ref, inScope: 'in' });
    return known;
  };

  test('two hundred are edited in one transaction; with one that is refused nothing is stored, and it is named', async () => {
    const refs = await many(200);
    const closed = await put('risk', 'closed', { owner: cleo.ref });
    const before = await stored(t);
    const refused = await cleo.ask('POST', 'risk/bulk', {
      refs: [...refs.slice(0, 199), closed],
      values: { treatment: 'avoid' },
    });
    expect([refused.status, refused.body.code], refused.text).toEqual([409, 'WRONG_STATE']);
    expect(refused.body.problems).toMatchObject([
      { path: '/refs/199', message: expect.stringContaining(`${closed} is closed`) },
    ]);
    expect(await stored(t)).toEqual(before);

    let statements = 0;
    t.app.db.observe = (text) => {
      if (!text.includes('outbox')) statements += 1;
    };
    const done = await cleo.ask(
      'POST',
      'risk/bulk',
      { refs, values: { treatment: 'avoid' }, reason: 'as agreed' },
      { 'idempotency-key': 'one' },
    );
    t.app.db.observe = undefined;
    expect([done.status, done.body.changed, done.body.unchanged], done.text).toEqual([200, 200, 0]);
    // A statement for each record would be two hundred; what looks again by itself may ask a few beside it.
    expect(statements).toBeLessThan(60);
    const after = await stored(t);
    expect([after.versions! - before.versions!, after.leaves! - before.leaves!]).toEqual([200, 200]);
    const again = await cleo.ask(
      'POST',
      'risk/bulk',
      { refs, values: { treatment: 'avoid' }, reason: 'as agreed' },
      { 'idempotency-key': 'one' },
    );
    expect(again.body).toEqual(done.body);
    expect(await stored(t)).toEqual(after);
    const same = await cleo.ask('POST', 'risk/bulk', { refs, values: { treatment: 'avoid' } });
    expect([same.body.changed, same.body.unchanged]).toEqual([0, 200]);
    expect((await cleo.ask('GET', `risk/${refs[0]}`)).body.values.treatment).toBe('avoid');
  });

  test('decisions taken so say it, one password serves all, and all are refused with one', async () => {
    const rating = { likelihood: 2, impactOrganisation: 2, impactIndividuals: 2, impactSociety: 2 };
    const ready = await Promise.all(
      [1, 2, 3].map(() => put('risk', 'assessed', { owner: cleo.ref, ...rating, reviewBy: dayFrom(t, 300) })),
    );
    const own = await put(
      'risk',
      'assessed',
      { owner: cleo.ref, ...rating, reviewBy: dayFrom(t, 300) },
      dan.ref,
    );
    const until = new Date(t.app.clock.now().getTime() + 30 * 86_400_000).toISOString().slice(0, 10);
    const body = { transition: 'accept', reason: 'within appetite', until, password: PASSWORD };
    const before = await stored(t);
    const refused = await dan.ask('POST', 'risk/bulk', { ...body, refs: [...ready, own] });
    expect([refused.status, refused.body.code, refused.body.problems.length], refused.text).toEqual([
      403,
      'OWN_WORK',
      1,
    ]);
    const denied = await cleo.ask('POST', 'risk/bulk', { ...body, refs: ready });
    expect([denied.status, denied.body.problems.length]).toEqual([403, 3]);
    expect(denied.body.detail).toContain('designated management');
    const unsigned = await dan.ask('POST', 'risk/bulk', { ...body, refs: ready, password: 'wrong' });
    expect(unsigned.status).toBe(403);
    expect(await stored(t)).toEqual(before);
    const done = await dan.ask('POST', 'risk/bulk', { ...body, refs: ready });
    expect([done.status, done.body.changed], done.text).toEqual([200, 3]);
    for (const { ref, decision } of done.body.items as { ref: string; decision: string }[]) {
      const page = (await ada.ask('GET', `risk/${ref}`)).body;
      expect([
        page.state,
        page.decisions[0].ref,
        page.decisions[0].manner,
        page.decisions[0].current,
      ]).toEqual(['accepted', decision, 'bulk', true]);
    }
    const single = await put('risk', 'assessed', {
      owner: cleo.ref,
      ...rating,
      reviewBy: dayFrom(t, 300),
    });
    expect((await dan.ask('POST', 'risk/bulk', { ...body, refs: [single] })).status).toBe(200);
    expect((await ada.ask('GET', `risk/${single}`)).body.decisions[0].manner).toBe('single');
  });

  test.each([
    ['neither deed', { refs: ['RSK-0001'] }, '/transition'],
    ['both deeds', { refs: ['RSK-0001'], values: { title: 'x' }, transition: 'close' }, '/transition'],
    ['nothing to change', { refs: ['RSK-0001'], values: {} }, '/values'],
    ['no record', { refs: [], values: { title: 'x' } }, '/refs'],
    ['one twice', { refs: ['RSK-0001', 'RSK-0001'], values: { title: 'x' } }, '/refs'],
    [
      'too many',
      { refs: Array.from({ length: 201 }, (_, i) => `RSK-${1000 + i}`), values: { title: 'x' } },
      '/refs',
    ],
    ['a field that is not there', { refs: ['RSK-0001'], values: { nonesuch: 1 } }, '/nonesuch'],
    ['an end without a step', { refs: ['RSK-0001'], values: { title: 'x' }, until: '2030-01-01' }, '/until'],
    ['a strange number', { refs: ['x'], values: { title: 'x' } }, '/refs/0'],
  ])('refuses %s', async (_, body, path) => {
    const a = await ada.ask('POST', 'risk/bulk', body);
    expect([a.status, a.body.problems[0].path], a.text).toEqual([422, path]);
  });

  test('knows its registers, steps and records', async () => {
    expect((await ada.ask('POST', 'nonesuch/bulk', { refs: ['RSK-0001'], values: {} })).status).toBe(404);
    expect(
      (await ada.ask('POST', 'risk/bulk', { refs: ['RSK-0001'], transition: 'constructor' })).body.code,
    ).toBe('NO_SUCH_TRANSITION');
    expect((await ada.ask('POST', 'risk/bulk', { refs: ['RSK-9999'], values: { title: 'x' } })).status).toBe(
      404,
    );
    expect(
      (await ada.ask('POST', 'decision/bulk', { refs: ['DEC-0001'], values: { kind: 'approve' } })).status,
    ).toBe(422);
  });
});

describe('since the last approval', () => {
  test('exactly the names that were changed are told, and what is immaterial is marked so', async () => {
    const r = reg('supplier');
    // What is settled by the approval stays as it is.
    const settled = fixedIn(r, 'approved');
    const fields = Object.entries(r.fields).filter(
      ([n, f]) =>
        !settled.includes(n) &&
        !f.engine &&
        n !== 'name' &&
        f.kind !== 'person' &&
        f.kind !== 'people' &&
        f.kind !== 'file',
    );
    expect(fields.length).toBeGreaterThan(4);
    const demanded = new Set(Object.values(r.transitions).flatMap((x) => x.requires ?? []));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            at: fc.nat({ max: fields.length - 1 }),
            seed: fc.nat({ max: 40 }),
            clear: fc.boolean(),
          }),
          { maxLength: 6 },
        ),
        async (edits) => {
          run += 1;
          const ref = await put('supplier', 'proposed', { name: `Vendor ${run}`, owner: cleo.ref });
          expect((await dan.ask('POST', `supplier/${ref}/approve`, {})).status).toBe(200);
          const approved = (await ada.ask('GET', `supplier/${ref}`)).body.values;
          for (const e of edits) {
            const [name, f] = fields[e.at]!;
            const clear = e.clear && !f.required && !demanded.has(name);
            const a = await cleo.ask('PATCH', `supplier/${ref}`, {
              [name]: clear
                ? null
                : f.claim?.is === 'happened'
                  ? dayFrom(t, -e.seed)
                  : kindOf(f).sample(f, e.seed),
            });
            expect(a.status, `${name}: ${a.text}`).toBe(200);
          }
          const now = (await ada.ask('GET', `supplier/${ref}`)).body.values;
          const differs = fields
            .flatMap(([n, f]) => (f.claim?.is === 'happened' ? [n, enteredName(n)] : [n]))
            .filter((n) => JSON.stringify(now[n]) !== JSON.stringify(approved[n]));
          const since = (await dan.ask('GET', `supplier/${ref}/since-approval`)).body;
          expect(since.record.changed.map((c: { name: string }) => c.name).sort()).toEqual(differs.sort());
          for (const c of since.record.changed) {
            expect([c.from, c.to]).toEqual([approved[c.name] ?? null, now[c.name] ?? null]);
            expect(c.material).toBe(r.fields[c.name]!.material);
          }
          expect(since.carriedForward).toBe(differs.every((n) => !r.fields[n]!.material));
          expect(since.decision.current).toBe(since.carriedForward);
        },
      ),
      { numRuns: 12 },
    );
    expect(run).toBe(12);
  });

  test('what is covered is told with its own changes, and what came and went', async () => {
    const system = await put('aiSystem', 'inScope', { owner: cleo.ref, approver: dan.ref, inScope: 'in' });
    const [one, two] = [
      await put('component', 'current', { systems: [system] }),
      await put('component', 'current', { systems: [system] }),
    ];
    const ref = await put('release', 'submitted', { system: [system], components: [one] });
    const first = (await dan.ask('GET', `release/${ref}/since-approval`)).body;
    expect([first.decision, first.carriedForward, first.record.changed]).toEqual([null, false, []]);
    expect((await dan.ask('POST', `release/${ref}/approve`, {})).status).toBe(200);
    expect((await dan.ask('GET', `release/${ref}/since-approval`)).body.carriedForward).toBe(true);
    expect((await ada.ask('PATCH', `component/${one}`, { name: 'Another name' })).status).toBe(200);
    const changed = (await dan.ask('GET', `release/${ref}/since-approval`)).body;
    expect([changed.carriedForward, changed.record.changed]).toEqual([false, []]);
    expect(changed.covered).toMatchObject([
      { ref: one, from: 1, to: 2, changed: [{ name: 'name', to: 'Another name', material: true }] },
    ]);
    expect((await ada.ask('PATCH', `release/${ref}`, { components: [two] })).status).toBe(200);
    const other = (await dan.ask('GET', `release/${ref}/since-approval`)).body;
    expect(other.record.changed).toMatchObject([{ name: 'components', link: true, from: [one], to: [two] }]);
    expect(
      other.covered
        .map((c: { ref: string; from: number | null; to: number | null }) => [c.ref, c.from, c.to])
        .sort(),
    ).toEqual(
      [
        [one, 1, null],
        [two, null, 1],
      ].sort(),
    );
    expect(Object.keys(other.references)).toEqual(expect.arrayContaining([one, two, dan.ref]));
  });
});

test('lists are narrowed by what a state stands on', async () => {
  const [one, two] = [
    await put('process', 'draft', { owner: cleo.ref }),
    await put('process', 'draft', { owner: cleo.ref }),
  ];
  for (const ref of [one, two])
    expect((await dan.ask('POST', `process/${ref}/approve`, {})).status).toBe(200);
  await t.app.db.asOwner({
    text: `update record set material = 'sha256:other' where ref = $1`,
    values: [two],
  });
  const list = async (v: string) =>
    (await ada.ask('GET', `process?standing=${v}&total=true`)).body.items.map(
      (i: { ref: string; standing: string }) => [i.ref, i.standing],
    );
  expect(await list('stale')).toEqual([[two, 'stale']]);
  expect(await list('current')).toEqual([[one, 'current']]);
  expect(await list('current,stale')).toHaveLength(2);
  // Whatever the filter bar offers is understood, and it offers all there is.
  const offered = STANDING_CHOICES.map(([v]) => v).filter(Boolean);
  expect(new Set(offered.flatMap((v) => v.split(',')))).toEqual(new Set(STANDINGS));
  for (const v of offered) await list(v);
  const meta = (await ada.ask('GET', 'meta')).body.registers;
  const told = meta.filter((r: { standing: boolean }) => r.standing).map((r: { name: string }) => r.name);
  for (const name of ['process', 'component', 'risk', 'evidence'])
    expect(told.includes(name), name).toBe((await ada.ask('GET', `${name}?standing=stale`)).status === 200);
  for (const query of ['standing=x', 'standing.gt=stale', 'standing=stale&asOf=1', 'sort=standing'])
    expect((await ada.ask('GET', `process?${query}`)).status, query).toBe(400);
  expect((await ada.ask('GET', 'component?standing=stale')).status).toBe(400);
});

describe('comments', () => {
  const say = (who: Visitor, subject: string, content: string) =>
    who.ask('POST', 'comment', { subject, content });

  test('stand beside a record, oldest first, a page at a time, and leave its approvals valid', async () => {
    const ref = await put('process', 'draft', { owner: cleo.ref });
    expect((await dan.ask('POST', `process/${ref}/approve`, {})).status).toBe(200);
    for (let i = 1; i <= 5; i++)
      expect((await say(cleo, ref, `Remark ${i} for @${dan.ref}`)).status).toBe(201);
    const seen: string[] = [];
    for (let after = 0; ; ) {
      const page = await ada.ask('GET', `process/${ref}/comments?limit=2&after=${after}`);
      expect([page.status, page.body.total, page.body.open]).toEqual([200, 5, 5]);
      expect(page.body.references[dan.ref].title).toBe('Dan');
      seen.push(...page.body.items.map((i: { content: string }) => i.content.slice(0, 8)));
      if (page.body.next === null) break;
      after = page.body.next;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5].map((i) => `Remark ${i}`));
    const page = (await ada.ask('GET', `process/${ref}`)).body;
    expect([page.standing, page.version]).toEqual(['current', 2]);
    const [first] = (await dan.ask('GET', `process/${ref}/comments`)).body.items;
    expect([first.mentions, first.may.settle, first.edited]).toEqual([[dan.ref], true, false]);
    const stranger = await t.person('Uninvolved', ['contributor']);
    expect((await stranger.ask('GET', `process/${ref}/comments`)).body.items[0].may.settle).toBe(false);
    expect((await stranger.ask('POST', `comment/${first.ref}/settle`, {})).status).toBe(403);
    expect((await dan.ask('POST', `comment/${first.ref}/settle`, {})).status).toBe(200);
    expect((await ada.ask('GET', `process/${ref}/comments`)).body.open).toBe(4);
    expect((await ada.ask('GET', 'process/PRC-9999/comments')).status).toBe(404);
  });

  test('name records and people that are there, and stay where they were made', async () => {
    const ref = await put('process', 'draft', { owner: cleo.ref });
    const gone = await put('person', 'departed');
    for (const [subject, content, path] of [
      ['PRC-9999', 'x', '/subject'],
      ['XXX-0001', 'x', '/subject'],
      ['nothing', 'x', '/subject'],
      [ref, 'hello @PSN-9999', '/content'],
      [ref, `hello @${gone}`, '/content'],
    ] as const) {
      const a = await say(cleo, subject, content);
      expect([a.status, a.body.problems[0].path], `${subject} ${content}: ${a.text}`).toEqual([422, path]);
    }
    const made = await say(cleo, ref, 'hello');
    const other = await put('process', 'draft', { owner: cleo.ref });
    expect((await cleo.ask('PATCH', `comment/${made.body.ref}`, { subject: other })).status).toBe(409);
    expect(
      (await cleo.ask('PATCH', `comment/${made.body.ref}`, { content: `now @${ada.ref}` })).body.values
        .mentions,
    ).toEqual([ada.ref]);
    expect((await say(cleo, ref, 'x')).body.values.mentions).toBeUndefined();
    expect(
      (await cleo.ask('POST', 'comment', { subject: ref, content: 'x', mentions: [ada.ref] })).status,
    ).toBe(422);
  });

  test('on what somebody must not see are not there for them: by the record, by the register, now and later', async () => {
    const eva = await t.person('Eva', ['aimsManager']);
    const accused = await t.person('Accused', ['aimsManager']);
    const concern = (await cleo.ask('POST', 'concern', { title: 'x', content: 'y', about: [ada.ref] })).body
      .ref as string;
    // None is made any more; those that were are kept from the same people as what they stand beside.
    const ref = await put('comment', 'made', { subject: concern, content: 'Who looks into it?' }, eva.ref);
    const sees = async (who: Visitor) => {
      const one = (await who.ask('GET', `comment/${ref}`)).status === 200;
      const list = (await who.ask('GET', `comment?subject=${concern}`)).body.items.length === 1;
      const beside = (await who.ask('GET', `concern/${concern}/comments`)).status === 200;
      const history = (await who.ask('GET', `comment/${ref}/versions`)).status === 200;
      const exported = (await who.ask('GET', 'comment/export')).text.includes('Who looks into it?');
      return [one, list, beside, history, exported];
    };
    const all = (v: boolean) => [v, v, v, v, v];
    expect(await sees(eva)).toEqual(all(true));
    expect(await sees(accused)).toEqual(all(true));
    // Ada is whom it is about; Cleo raised it, and may not read the register.
    expect(await sees(ada)).toEqual(all(false));
    expect(await sees(cleo)).toEqual(all(false));
    expect((await say(ada, concern, 'I see nothing')).body.problems[0].path).toBe('/subject');
    expect((await say(cleo, concern, 'x')).body.problems[0].path).toBe('/subject');
    expect((await say(eva, concern, 'x')).body.problems[0].path).toBe('/subject');
    const asked = await eva.ask('PATCH', `comment/${ref}`, { content: `ask @${ada.ref}` });
    expect([asked.status, asked.body.problems[0].message], asked.text).toEqual([
      422,
      expect.stringContaining('cannot see'),
    ]);
    const later = await eva.ask('PATCH', `concern/${concern}`, { about: [ada.ref, accused.ref] });
    expect(later.status, later.text).toBe(200);
    expect(await sees(accused)).toEqual(all(false));
    expect(await sees(eva)).toEqual(all(true));
    // Editing the comment does not uncover it, and nobody hides a record from themselves.
    expect((await eva.ask('PATCH', `comment/${ref}`, { content: 'Who looks into it?!' })).status).toBe(200);
    expect(await sees(accused)).toEqual(all(false));
    const oneself = await eva.ask('PATCH', `concern/${concern}`, { about: [ada.ref, eva.ref] });
    expect([oneself.status, oneself.body.code], oneself.text).toEqual([403, 'OWN_WORK']);
    expect((await eva.ask('PATCH', `concern/${concern}`, { about: [ada.ref] })).status).toBe(200);
    expect(await sees(accused)).toEqual(all(true));
    expect(await sees(ada)).toEqual(all(false));
  });
});

describe('saved filters', () => {
  test('are kept by people, replaced by name, shared by an AIMS manager, and gone when removed', async () => {
    const save = (who: Visitor, more: Record<string, unknown> = {}) =>
      who.ask('POST', 'saved-filters', {
        name: 'Mine',
        register: 'risk',
        query: `owner=${cleo.ref}&sort=-level`,
        ...more,
      });
    const list = async (who: Visitor) =>
      (await who.ask('GET', 'saved-filters?register=risk')).body.items.map(
        (i: { name: string; mine: boolean; shared: boolean }) => [i.name, i.mine, i.shared],
      );
    expect((await save(cleo)).status).toBe(200);
    const again = await save(cleo, { query: 'state=open' });
    expect(await list(cleo)).toEqual([['Mine', true, false]]);
    expect(await list(dan)).toEqual([]);
    expect((await save(cleo, { shared: true })).status).toBe(403);
    const shared = await save(ada, { name: 'Open', shared: true });
    expect(shared.status, shared.text).toBe(200);
    expect(await list(dan)).toEqual([['Open', false, true]]);
    expect((await dan.ask('POST', `saved-filters/${again.body.id}/remove`)).status).toBe(404);
    expect((await dan.ask('POST', `saved-filters/${shared.body.id}/remove`)).status).toBe(404);
    expect((await cleo.ask('POST', `saved-filters/${again.body.id}/remove`)).body).toEqual({
      removed: 'Mine',
    });
    expect((await ada.ask('POST', `saved-filters/${shared.body.id}/remove`)).status).toBe(200);
    expect(await list(cleo)).toEqual([]);
    for (const [more, status] of [
      [{ query: 'nonesuch=1' }, 400],
      [{ query: 'sort=nonesuch' }, 400],
      [{ query: 'after=x' }, 422],
      [{ register: 'nonesuch' }, 404],
      [{ register: 'concern', query: '' }, 403],
      [{ name: ' ' }, 422],
      [{ query: 'state=%00' }, 400],
    ] as const)
      expect((await save(cleo, more)).status, JSON.stringify(more)).toBe(status);
    expect((await save(await t.key('reader', ada))).status).toBe(403);
    const eve = await t.person('Eve', ['aimsManager'], await t.newOrganisation('other'));
    expect((await eve.ask('GET', 'saved-filters')).body.items).toEqual([]);
  });
});
