import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importRecords } from '../../src/app/exchange/transfer.ts';
import { dayFrom, standing, stored } from '../support/arrange.ts';
import { times } from '../support/depth.ts';
import { type Answer, given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** More than the log places in one batch. */
const MANY = times(2_100, 5_000);

let t: TestInstance;
let top: Visitor;
let manager: Visitor;
let owner: Visitor;
let designated: Visitor;
beforeAll(async () => {
  t = await testInstance();
  top = await t.person('Tia Top', ['topManagement']);
  manager = await t.person('Mia Manager', ['aimsManager']);
  owner = await t.person('Ola Owner', ['contributor']);
  designated = await t.person('Des Designated', ['designatedManagement']);
});
afterAll(() => t.close());

const must = (a: Answer, status = 200): Answer => {
  expect(a.status, a.text).toBe(status);
  return a;
};
const step = (who: Visitor, ref: string, name: string, body: unknown = {}) =>
  who.ask('POST', `document/${ref}/${name}`, body);

/** A document in force: written by its owner, approved and published. */
async function inForce(more: Record<string, unknown> = {}): Promise<string> {
  const made = must(
    await owner.ask('POST', 'document', {
      title: 'Rules',
      kind: 'procedure',
      owner: owner.ref,
      body: 'Do no harm.',
      reviewBy: dayFrom(t, 300),
      ...more,
    }),
    201,
  );
  must(await step(owner, made.body.ref, 'submit'));
  must(await step(top, made.body.ref, 'approve'));
  must(await step(owner, made.body.ref, 'publish'));
  return made.body.ref;
}

async function newEdition(ref: string, change: Record<string, unknown>): Promise<void> {
  must(await step(owner, ref, 'revise'));
  must(await owner.ask('PATCH', `document/${ref}`, change));
  must(await step(owner, ref, 'submit'));
  must(await step(top, ref, 'approve'));
  must(await step(manager, ref, 'publish'));
}

describe('documents', () => {
  test('started from a template with one answer; approved only once every place is filled in', async () => {
    const listed = must(await owner.ask('GET', 'document/templates')).body.items;
    expect(listed.length).toBeGreaterThanOrEqual(12);
    const made = must(await owner.ask('POST', 'document/start', { template: 'supplierProcess' }), 201);
    const ref = made.body.ref;
    expect(made.body.derived.untouched).toBe('unedited');
    must(await owner.ask('PATCH', `document/${ref}`, { reviewBy: dayFrom(t, 300) }));
    must(await step(owner, ref, 'submit'));
    const unedited = await step(designated, ref, 'approve');
    expect([unedited.status, unedited.body.code]).toEqual([409, 'REQUIREMENTS_MISSING']);
    expect(unedited.body.detail).toContain('still that of the template');
    must(await step(owner, ref, 'revise'));
    const body = String(made.body.values.body).replaceAll('[Number of days]', '30');
    must(await owner.ask('PATCH', `document/${ref}`, { body: `${body}\nOurs.` }));
    must(await step(owner, ref, 'submit'));
    const left = await step(designated, ref, 'approve');
    expect(left.status).toBe(409);
    expect(left.body.detail).toContain('[Role that approves suppliers]');
    expect(left.body.detail).not.toContain('[Number of days]');
    must(await step(owner, ref, 'revise'));
    must(await owner.ask('PATCH', `document/${ref}`, { body: 'All of it is ours now.' }));
    must(await step(owner, ref, 'submit'));
    must(await step(designated, ref, 'approve'));
    expect((await owner.ask('POST', 'document/start', { template: 'nonesuch' })).body.problems[0].path).toBe(
      '/template',
    );
    expect(
      (
        await (
          await t.person('Rea Reader', ['reader'])
        ).ask('POST', 'document/start', { template: 'aiPolicy' })
      ).status,
    ).toBe(403);
  });

  test('nothing is submitted that says nothing; a policy is for top management alone', async () => {
    const empty = must(
      await owner.ask('POST', 'document', {
        title: 'E',
        kind: 'policy',
        owner: owner.ref,
        reviewBy: dayFrom(t, 9),
      }),
      201,
    );
    const a = await step(owner, empty.body.ref, 'submit');
    expect([a.status, a.body.problems[0].path]).toEqual([409, '/values/body']);
    must(await owner.ask('PATCH', `document/${empty.body.ref}`, { address: 'https://example.com/policy' }));
    must(await step(owner, empty.body.ref, 'submit'));
    const denied = await step(designated, empty.body.ref, 'approve');
    expect([denied.status, denied.body.code]).toEqual([403, 'NOT_ALLOWED']);
    expect(denied.body.detail).toContain('top management');
    must(await step(top, empty.body.ref, 'approve'));
  });

  test('while it is revised the published edition stays in force, and what differs is told', async () => {
    const ref = await inForce();
    must(await step(owner, ref, 'revise'));
    must(await owner.ask('PATCH', `document/${ref}`, { body: 'Do good.' }));
    const e = must(await owner.ask('GET', `document/${ref}/editions`)).body;
    expect([e.inForce.edition, e.inForce.body, e.present.body, e.differs, e.state]).toEqual([
      1,
      'Do no harm.',
      'Do good.',
      true,
      'revising',
    ]);
    const v = must(await owner.ask('GET', `document/${ref}/versions`)).body.items.find(
      (x: { version: number }) => x.version === e.inForce.version,
    );
    expect(v.values.body).toBe('Do no harm.');
    must(await step(owner, ref, 'submit'));
    must(await step(top, ref, 'approve'));
    must(await step(owner, ref, 'publish'));
    const next = must(await owner.ask('GET', `document/${ref}/editions`)).body;
    expect([next.inForce.edition, next.inForce.body, next.differs, next.editions.length]).toEqual([
      2,
      'Do good.',
      false,
      2,
    ]);
    must(await step(manager, ref, 'withdraw', { reason: 'Replaced.' }));
    expect(must(await owner.ask('GET', `document/${ref}/editions`)).body.inForce).toBeNull();
  });
});

describe('acknowledgement', () => {
  const counts = async (ref: string) => {
    const a = must(await owner.ask('GET', `document/${ref}/acknowledgements?limit=1`)).body;
    return [a.total, a.acknowledged, a.missing];
  };

  test('is bound to the edition in force: a change in substance makes it stale, another one carries it forward', async () => {
    const ref = await inForce({ acknowledgedBy: 'named', readers: [owner.ref, manager.ref] });
    expect(await counts(ref)).toEqual([2, 0, 2]);
    const before = await stored(t);
    const a = must(await step(owner, ref, 'acknowledge'));
    const after = await stored(t);
    expect([after.versions! - before.versions!, after.leaves! - before.leaves!]).toEqual([1, 1]);
    expect((await step(owner, ref, 'acknowledge')).body.code).toBe('CONFLICT');
    const d = must(await owner.ask('GET', `decision/${a.body.decision}`)).body.values;
    expect(d).toMatchObject({ kind: 'acknowledge', subject: ref, by: owner.ref, method: 'session' });
    expect(await counts(ref)).toEqual([2, 1, 1]);
    await newEdition(ref, { summary: 'Only a comma.', owner: manager.ref });
    expect(await counts(ref)).toEqual([2, 1, 1]);
    must(await manager.ask('POST', `document/${ref}/revise`, {}));
    must(await manager.ask('PATCH', `document/${ref}`, { body: 'Something else.' }));
    // Still the edition before is in force, and can be acknowledged.
    expect(await counts(ref)).toEqual([2, 1, 1]);
    must(await step(manager, ref, 'acknowledge'));
    expect(await counts(ref)).toEqual([2, 2, 0]);
    for (const [who, name] of [
      [manager, 'submit'],
      [top, 'approve'],
      [manager, 'publish'],
    ] as const)
      must(await step(who, ref, name));
    expect(await counts(ref)).toEqual([2, 0, 2]);
    const key = await t.key('ci', manager);
    expect((await key.ask('POST', `document/${ref}/acknowledge`, {})).status).toBe(403);
  });

  test('whoever departed does not count; pages come to an end', async () => {
    const people = [];
    for (let i = 0; i < 5; i++) people.push((await given(t, 'person', { name: `Reader ${i}` })).ref);
    const ref = await inForce({ acknowledgedBy: 'named', readers: people });
    must(await manager.ask('POST', `person/${people[0]}/depart`, {}));
    expect(await counts(ref)).toEqual([4, 0, 4]);
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const page = must(
        await owner.ask('GET', `document/${ref}/acknowledgements?limit=3${after && `&after=${after}`}`),
      ).body;
      seen.push(...page.items.map((i: { person: string }) => i.person));
      if (!page.next) break;
      after = page.next;
    }
    expect(seen).toEqual(people.slice(1));
    const all = must(await owner.ask('GET', 'awareness?limit=200')).body.items.find(
      (d: { ref: string }) => d.ref === ref,
    );
    expect([all.total, all.acknowledged]).toEqual([4, 0]);
    expect((await owner.ask('GET', `document/${ref}/acknowledgements?after=x`)).status).toBe(400);
  });

  test('by link: one for each without an account, once, for this edition only', async () => {
    const lea = (await given(t, 'person', { name: 'Lea Link', email: 'lea@example.org' })).ref;
    const ned = (await given(t, 'person', { name: 'Ned Nomail' })).ref;
    const ref = await inForce({
      acknowledgedBy: 'named',
      readers: [lea, ned, manager.ref],
      body: 'Read me.',
    });
    const made = must(await owner.ask('POST', `document/${ref}/links`, { days: 5 })).body;
    expect(made.items.map((i: { person: string }) => i.person)).toEqual([lea]);
    expect([made.withoutEmail, made.withAccount]).toEqual([[ned], 1]);
    expect((await manager.ask('GET', `communication/${made.communication}`)).body.values.kind).toBe(
      'awareness',
    );
    const token = made.items[0].link.split('token=')[1];
    const [kept] = await t.app.db.asOwner({
      text: `select count(*)::int as n from acknowledgement_link x where x::text like '%' || $1 || '%'`,
      values: [token],
    });
    expect(kept!.n).toBe(0);
    const open = must(await t.stranger.ask('POST', 'acknowledgement/read', { token })).body;
    expect(open).toMatchObject({ name: 'Lea Link', title: 'Rules', body: 'Read me.', edition: 1 });
    // Nothing else may be done with it.
    const tries: Record<string, string>[] = [
      { authorization: `Bearer ${token}` },
      { cookie: `session=${token}` },
    ];
    for (const headers of tries)
      expect((await t.stranger.ask('GET', `document/${ref}`, undefined, headers)).status).toBe(401);
    const twice = await Promise.all([1, 2].map(() => t.stranger.ask('POST', 'acknowledgement', { token })));
    expect(twice.map((a) => a.status).sort()).toEqual([200, 404]);
    const [mine] = must(await owner.ask('GET', `document/${ref}/acknowledgements?acknowledged=yes`)).body
      .items;
    expect([mine.person, mine.acknowledged.method]).toEqual([lea, 'link']);
    const v = must(await owner.ask('GET', `decision/${mine.acknowledged.decision}/versions`)).body.items[0];
    expect(v.actor.ref).toBe(lea);
    const said = new Set<string>();
    for (const wrong of [token, `${token.slice(0, -1)}x`, 'x', '', 'A'.repeat(43)])
      for (const path of ['acknowledgement', 'acknowledgement/read']) {
        const a = await t.stranger.ask('POST', path, { token: wrong });
        said.add(`${a.status} ${a.body.detail}`);
      }
    expect([...said]).toHaveLength(1);
  });

  test('a link is over when withdrawn, when another edition is in force, and when the person departed', async () => {
    const people = [];
    for (const n of ['a', 'b', 'c'])
      people.push((await given(t, 'person', { name: n, email: `${n}@links.example` })).ref);
    const ref = await inForce({ acknowledgedBy: 'named', readers: people });
    const made = must(await owner.ask('POST', `document/${ref}/links`, {})).body;
    const tokens = made.items.map((i: { link: string }) => i.link.split('token=')[1]);
    expect(tokens).toHaveLength(3);
    const opens = async (i: number) =>
      (await t.stranger.ask('POST', 'acknowledgement/read', { token: tokens[i] }, { 'x-nothing': '1' }))
        .status === 200;
    must(await owner.ask('POST', `document/${ref}/links/withdraw`, { people: [people[0]] }));
    expect([await opens(0), await opens(1)]).toEqual([false, true]);
    must(await manager.ask('POST', `person/${people[1]}/depart`, {}));
    expect(await opens(1)).toBe(false);
    expect(await opens(2)).toBe(true);
    await newEdition(ref, { body: 'Other rules.' });
    expect(await opens(2)).toBe(false);
    const denied = await (await t.person('Nia Nobody', ['contributor'])).ask(
      'POST',
      `document/${ref}/links`,
      {},
    );
    expect([denied.status, denied.body.detail]).toEqual([403, expect.stringContaining('AIMS manager')]);
  });

  test('guessing is stopped', async () => {
    let refused = 0;
    for (let i = 0; i < 40; i++)
      if ((await t.stranger.ask('POST', 'acknowledgement', { token: 'B'.repeat(43) })).status === 429)
        refused += 1;
    expect(refused).toBeGreaterThan(10);
  });

  test('by a file: with 3 wrong rows of many each is named and nothing is stored; mended, all is', {
    timeout: 240_000,
  }, async () => {
    const rows = Array.from({ length: MANY }, (_, i) => ({
      name: `Worker ${i}`,
      email: `worker.${i}@big.example`,
    }));
    await importRecords(
      t.app,
      {
        actor: {
          organisation: t.organisation.id,
          organisationSlug: 'acme',
          kind: 'engine',
          ref: 'engine',
          name: '',
          roles: [],
        },
      },
      t.app.registry.get('person'),
      Buffer.from(JSON.stringify(rows)),
      { format: 'json', dryRun: false },
    );
    const ref = await inForce({ acknowledgedBy: 'everyone' });
    const today = dayFrom(t, 0);
    const lines = rows.map((r) => `${r.email.toUpperCase()};${today};1`);
    const wrong = [...lines];
    wrong[10] = `nobody@big.example;${today};1`;
    wrong[1_200] = `worker.1200@big.example;${dayFrom(t, 2)};1`;
    wrong[MANY - 1] = `worker.${MANY - 1}@big.example;${today};7`;
    const path = `document/${ref}/acknowledgements/import`;
    const file = (list: string[]) => `E-Mail;Date;Edition\r\n${list.join('\r\n')}\r\n`;
    const before = await stored(t);
    const dry = must(await manager.ask('POST', `${path}?dryRun=true`, file(wrong))).body;
    expect(dry.problems.map((p: { path: string }) => p.path)).toEqual([
      'line 12, column person',
      'line 1202, column date',
      `line ${MANY + 1}, column edition`,
    ]);
    const refused = await manager.ask('POST', path, file(wrong));
    expect([refused.status, refused.body.problems.length]).toEqual([422, 3]);
    expect(refused.body.detail).toContain(`3 of ${MANY} rows`);
    expect(await stored(t)).toEqual(before);
    const done = must(await manager.ask('POST', path, file(lines), { 'idempotency-key': 'hr-1' })).body;
    expect([done.rows, done.recorded, done.unchanged]).toEqual([MANY, MANY, 0]);
    const after = await stored(t);
    expect(after.leaves! - before.leaves!).toBe(MANY);
    const again = must(await manager.ask('POST', path, file(lines), { 'idempotency-key': 'hr-1' })).body;
    expect([again.recorded, (await stored(t)).leaves]).toEqual([MANY, after.leaves]);
    const [one] = must(await owner.ask('GET', `document/${ref}/acknowledgements?acknowledged=yes&limit=1`))
      .body.items;
    const d = must(await owner.ask('GET', `decision/${one.acknowledged.decision}`)).body;
    expect(d.values).toMatchObject({
      by: one.person,
      method: 'hrFile',
      recordedBy: manager.ref,
      saidOn: today,
      manner: 'bulk',
    });
    expect(d.values.source).toMatch(/^sha256:/);
    expect(d.createdBy).toBe(manager.ref);
    // The document's page does not grow with those who read it.
    const page = must(await owner.ask('GET', `document/${ref}`)).body;
    expect(page.decisions.length).toBeLessThanOrEqual(30);
    const denied = await owner.ask('POST', path, file(lines.slice(0, 1)));
    expect([denied.status, denied.body.detail]).toEqual([403, expect.stringContaining('AIMS manager')]);
    for (const [body, at] of [
      ['', 'line 1'],
      ['person,date\n"x', 'line 2'],
      ['person,day,colour\nx,2026-01-01,red', 'line 1'],
      ['date\n2026-01-01', 'line 1'],
      [`person,date\n${owner.ref},${today},extra`, 'line 2'],
      [`person,date\n${owner.ref},2026-02-30`, 'line 2, column date'],
      [`person,date\n${owner.ref},${today}\n${owner.ref},${today}`, 'line 3, column person'],
    ] as const) {
      const a = await manager.ask('POST', path, body);
      expect([a.status, a.body.problems?.[0]?.path], `${body}: ${a.text}`).toEqual([422, at]);
    }
  });
});

describe('readings', () => {
  const csv = (who: Visitor, at: string, body: string) =>
    who.ask('POST', `${at}/readings?format=csv`, body, { 'content-type': 'text/csv' });

  test('are only ever added: one entry a batch, the newest by period kept, the approval untouched', async () => {
    const made = must(
      await owner.ask('POST', 'objective', {
        title: 'Fewer errors',
        owner: owner.ref,
        target: 5,
        direction: 'atMost',
        measure: 'm',
        plan: 'p',
        dueOn: dayFrom(t, 90),
      }),
      201,
    );
    const at = `objective/${made.body.ref}`;
    must(await top.ask('POST', `${at}/agree`, {}));
    const before = await stored(t);
    must(
      await csv(owner, at, `from,to,value,note\n2026-01-01,2026-03-31,9,first\n2026-04-01,2026-06-30,7,\n`),
    );
    const one = await stored(t);
    expect([one.versions! - before.versions!, one.leaves! - before.leaves!]).toEqual([1, 1]);
    let page = must(await owner.ask('GET', at)).body;
    expect([page.values.latest, page.values.latestOn, page.derived.onTarget, page.standing]).toEqual([
      7,
      '2026-06-30',
      'no',
      'current',
    ]);
    // Handed in late: recorded, but not the newest.
    must(
      await owner.ask(
        'POST',
        `${at}/readings?format=json`,
        JSON.stringify([{ to: '2025-12-31', value: 20 }]),
      ),
    );
    page = must(await owner.ask('GET', at)).body;
    expect([page.values.latest, page.values.latestOn]).toEqual([7, '2026-06-30']);
    must(await csv(owner, at, 'to;value\n2026-09-30;4\n'));
    page = must(await owner.ask('GET', at)).body;
    expect([page.values.latest, page.derived.onTarget, page.standing]).toEqual([4, 'yes', 'current']);
    expect(page.decisions[0].current).toBe(true);
    const first = must(await owner.ask('GET', `${at}/readings?limit=2`)).body;
    expect([first.total, first.items.map((b: { rows: unknown[] }) => b.rows.length)]).toEqual([3, [1, 1]]);
    const rest = must(await owner.ask('GET', `${at}/readings?limit=2&after=${first.next}`)).body;
    expect(rest.items[0].rows).toEqual([
      { from: '2026-01-01', to: '2026-03-31', value: 9, note: 'first' },
      { to: '2026-06-30', from: '2026-04-01', value: 7 },
    ]);
    expect(rest.next).toBeNull();
    must(await owner.ask('POST', `${at}/miss`, { reason: 'over' }));
    expect((await csv(owner, at, 'to,value\n2026-10-01,1')).body.code).toBe('WRONG_STATE');
  });

  test('a pipeline hands in those of a monitor, and of nothing else', async () => {
    const key = await t.key('ci', manager);
    const monitor = must(
      await owner.ask('POST', 'monitor', { title: 'Latency', kind: 'metric', owner: owner.ref }),
      201,
    ).body.ref;
    const objective = must(await owner.ask('POST', 'objective', { title: 'O', owner: owner.ref }), 201).body
      .ref;
    must(await csv(key, `monitor/${monitor}`, 'to,value\n2026-01-01,1'));
    expect((await csv(key, `objective/${objective}`, 'to,value\n2026-01-01,1')).status).toBe(403);
    const other = await t.person('Oz Other', ['contributor']);
    const denied = await csv(other, `monitor/${monitor}`, 'to,value\n2026-01-01,1');
    expect([denied.status, denied.body.detail]).toEqual([403, expect.stringContaining('AIMS manager')]);
  });

  test('hostile rows are refused by line, and nothing is stored', async () => {
    const ref = must(await owner.ask('POST', 'objective', { title: 'H', owner: owner.ref }), 201).body.ref;
    const at = `objective/${ref}`;
    const before = await stored(t);
    const far = dayFrom(t, 1);
    const cases: [string, string][] = [
      ['to,value\n2026-01-01,abc', 'line 2, column value'],
      ['to,value\n2026-01-01,NaN', 'line 2, column value'],
      ['to,value\n2026-01-01,Infinity', 'line 2, column value'],
      ['to,value\n2026-01-01,1e400', 'line 2, column value'],
      ['to,value\n2026-01-01,', 'line 2, column value'],
      ['to,value\n2026-01-01,0x10', 'line 2, column value'],
      ['to,value\n2026-13-01,1', 'line 2, column to'],
      ['to,value\n,1', 'line 2, column to'],
      [`to,value\n2026-01-01,1\n${far},2`, 'line 3, column to'],
      ['from,to,value\n2026-02-01,2026-01-01,1', 'line 2, column from'],
      ['from,to,value\nyesterday,2026-01-01,1', 'line 2, column from'],
      [`to,value,note\n2026-01-01,1,${'x'.repeat(2_001)}`, 'line 2, column note'],
      ['to,value\n2026-01-01,1,2', 'line 2'],
      ['value\n1', 'line 1'],
      ['to,value', '/'],
    ];
    for (const [body, path] of cases) {
      const a = await csv(owner, at, body);
      expect([a.status, a.body.problems?.[0]?.path], `${body.slice(0, 60)}: ${a.text}`).toEqual([422, path]);
    }
    const json: [unknown, string][] = [
      [[{ to: '2026-01-01', value: '1' }], 'row 1, column value'],
      [[{ to: 20260101, value: 1 }], 'row 1, column to'],
      [[{ to: '2026-01-01', value: 1, extra: 1 }], 'row 1, column extra'],
      [[{ to: '2026-01-01', value: 1, note: 'a\u0000b' }], 'row 1, column note'],
      [[null], 'row 1'],
      [{ rows: [] }, '/'],
      [[], '/'],
    ];
    for (const [body, path] of json) {
      const a = await owner.ask('POST', `${at}/readings?format=json`, JSON.stringify(body));
      expect([a.status, a.body.problems?.[0]?.path], `${JSON.stringify(body)}: ${a.text}`).toEqual([
        422,
        path,
      ]);
    }
    const many = Array.from({ length: 501 }, () => ({ to: '2026-01-01', value: 1 }));
    expect((await owner.ask('POST', `${at}/readings?format=json`, JSON.stringify(many))).status).toBe(413);
    expect(await stored(t)).toEqual(before);
  });
});

describe('responsibilities', () => {
  let system: string;
  const row = (more: Record<string, unknown>) => ({
    title: 'x',
    kind: 'raci',
    part: 'accountable',
    activity: 'release',
    owner: owner.ref,
    systems: [system],
    ...more,
  });
  beforeAll(async () => {
    system = (await given(t, 'aiSystem', { name: 'S', purpose: 'p', owner: owner.ref })).ref;
  });

  test('a second person accountable for the same is refused, naming the row there is; another system is another row', async () => {
    const first = must(await manager.ask('POST', 'responsibility', row({})), 201).body.ref;
    const second = await manager.ask('POST', 'responsibility', row({ owner: manager.ref }));
    expect([second.status, second.body.code]).toEqual([409, 'CONFLICT']);
    expect(second.body.detail).toContain(first);
    expect(second.body.detail).toContain(system);
    must(await manager.ask('POST', 'responsibility', row({ part: 'responsible' })), 201);
    must(await manager.ask('POST', 'responsibility', row({ systems: [] })), 201);
    expect(
      (await manager.ask('POST', 'responsibility', row({ systems: [], owner: manager.ref }))).status,
    ).toBe(409);
    const other = must(
      await manager.ask('POST', 'responsibility', row({ part: 'informed', owner: manager.ref })),
      201,
    ).body.ref;
    expect((await manager.ask('PATCH', `responsibility/${other}`, { part: 'accountable' })).status).toBe(409);
    must(await manager.ask('POST', `responsibility/${first}/end`, { reason: 'moved on' }));
    must(await manager.ask('PATCH', `responsibility/${other}`, { part: 'accountable' }));
  });

  test('nor by two rows of one file, nor by two requests at the same moment', async () => {
    const two = [row({ activity: 'incidents' }), row({ activity: 'incidents', owner: manager.ref })];
    const before = await stored(t);
    const faults = [
      {
        path: 'row 2, column part',
        message: `is a second person accountable for incidents of ${system}, see row 1; one person is accountable for an activity`,
      },
    ];
    const send = (dryRun: boolean) =>
      manager.ask('POST', `responsibility/import?format=json&dryRun=${dryRun}`, JSON.stringify(two));
    const [dry, file] = [await send(true), await send(false)];
    expect([dry.status, dry.body.problems], dry.text).toEqual([200, faults]);
    expect([file.status, file.body.problems], file.text).toEqual([422, faults]);
    expect(await stored(t)).toEqual(before);
    const both = await Promise.all(two.map((r) => manager.ask('POST', 'responsibility', r)));
    expect(both.map((a) => a.status).sort(), both.map((a) => a.text).join()).toEqual([201, 409]);
  });

  test('no row and no appointment ends before it begins', async () => {
    for (const more of [
      { part: 'informed' },
      { kind: 'appointment', part: undefined, activity: undefined },
    ]) {
      const turned = row({ ...more, startsOn: '2027-05-01', endsOn: '2027-03-01' });
      const a = await manager.ask('POST', 'responsibility', turned);
      expect([a.status, a.body.problems?.[0].path], a.text).toEqual([422, '/endsOn']);
    }
    const day = row({ part: 'informed', startsOn: '2027-05-01', endsOn: '2027-05-01' });
    must(await manager.ask('POST', 'responsibility', day), 201);
  });

  test('the matrix shows gaps, conflicts and competence, and goes out as CSV', async () => {
    const gone = (await given(t, 'person', { name: '=Gone' })).ref;
    must(await manager.ask('POST', `person/${gone}/depart`, {}));
    // Whoever departs hands their rows over; one from before that was asked may still be there.
    await standing(t, t.app.registry.get('responsibility'), 'accepted', 7, {
      more: row({ part: 'responsible', activity: 'verification', owner: gone }),
    });
    must(
      await manager.ask('POST', 'responsibility', {
        title: 'Oversees',
        kind: 'appointment',
        owner: owner.ref,
        systems: [system],
        competence: 'Knows it',
      }),
      201,
    );
    const m = must(await owner.ask('GET', `raci?system=${system}`)).body;
    const of = (activity: string) => m.rows.find((r: { activity: string }) => r.activity === activity);
    expect(of('release').gaps).toEqual([]);
    expect(of('dataManagement').gaps).toHaveLength(2);
    expect(of('verification').conflicts[0]).toContain('has departed');
    expect(m.appointments[0].gap).toContain('Nothing shows');
    const csv = must(await owner.ask('GET', `raci?system=${system}&format=csv`)).text.split('\n');
    expect(csv[0]).toContain(owner.ref);
    expect(csv.length).toBe(m.rows.length + 2);
    expect((await owner.ask('GET', 'raci?system=SYS-9999')).status).toBe(404);
    must(await owner.ask('GET', 'raci'));
  });

  test('a delegation is made by whoever lends, ends within a year, and makes no chain', async () => {
    const lend = (who: Visitor, more: Record<string, unknown>) =>
      who.ask('POST', 'responsibility', {
        title: 'd',
        kind: 'delegation',
        owner: owner.ref,
        delegator: who.ref,
        endsOn: dayFrom(t, 30),
        ...more,
      });
    for (const [a, path] of [
      [await lend(manager, { delegator: top.ref }), '/delegator'],
      [await lend(manager, { delegator: undefined }), '/delegator'],
      [await lend(manager, { owner: manager.ref }), '/owner'],
      [await lend(manager, { endsOn: undefined }), '/endsOn'],
      [await lend(manager, { endsOn: dayFrom(t, 400) }), '/endsOn'],
      [await lend(manager, { endsOn: dayFrom(t, 0) }), '/endsOn'],
    ] as const) {
      expect(a.status, a.text).toBeGreaterThanOrEqual(400);
      expect(a.status).toBeLessThan(500);
      expect(a.body.problems[0].path, a.text).toBe(path);
    }
    const made = must(await lend(manager, {}), 201).body.ref;
    must(await owner.ask('POST', `responsibility/${made}/accept`, {}));
    const on = await lend(owner, { owner: designated.ref });
    expect([on.status, on.body.code], on.text).toEqual([409, 'CONFLICT']);
    const back = await lend(top, { owner: manager.ref });
    expect([back.status, back.body.code], back.text).toEqual([409, 'CONFLICT']);
    const gone = (await given(t, 'person', { name: 'Gone' })).ref;
    must(await manager.ask('POST', `person/${gone}/depart`, {}));
    for (const kind of ['raci', 'appointment', 'delegation']) {
      const a = await lend(top, { kind, owner: gone });
      expect([a.status, a.body.problems?.[0]?.path], a.text).toEqual([422, '/owner']);
    }
  });
});
