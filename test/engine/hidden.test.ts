import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withUnseen } from '../../src/app/read/hidden.ts';
import { refusedBefore, ruled } from '../../src/app/write/rules.ts';
import { Failure } from '../../src/base/failure.ts';
import { closedTo } from '../../src/register/closed.ts';
import type { Register } from '../../src/register/register.ts';
import type { Actor, Role } from '../../src/register/who.ts';
import { readStatement, toStoredWithRelations } from '../../src/store/records/records.ts';
import { type Answer, given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Any = any;

/** Whoever a concern is about finds it nowhere, whatever their role; everybody else who may read concerns finds it everywhere. */

const WORD = 'zanzibar';
let t: TestInstance;
let manager: Visitor;
let auditor: Visitor;
let about: Visitor;
let concern: string;
let incident: string;
let system: string;
beforeAll(async () => {
  t = await testInstance();
  manager = await t.person('Mia Manager', ['aimsManager', 'topManagement']);
  auditor = await t.person('Ann Auditor', ['auditor']);
  // Nobody could have more rights.
  about = await t.person('Abe About', ['topManagement', 'aimsManager', 'auditor']);
  system = (await given(t, 'aiSystem', { name: 'S', purpose: 'p', owner: manager.ref })).ref;
  const body = {
    title: `On ${WORD}`,
    content: `${WORD} content`,
    about: [about.ref],
    systems: [system],
    owner: manager.ref,
  };
  const made = await manager.ask('POST', 'concern', body);
  if (made.status !== 201) throw new Error(made.text);
  concern = made.body.ref;
  const raised = await manager.ask('POST', 'incident', await incidentBody([concern]));
  if (raised.status !== 201) throw new Error(raised.text);
  incident = raised.body.ref;
  await t.app.sequencer.settle(t.organisation.id);
});
afterAll(() => t.close());

async function incidentBody(concerns: string[]): Promise<Record<string, unknown>> {
  const { sampleInput } = await import('../support/arrange.ts');
  return { ...(await sampleInput(t, t.app.registry.get('incident'), 1, 'required')), concerns };
}

/** Every way to read, and what is found in it by somebody who sees the concern. */
const READS: readonly [string, () => [string, unknown?], (a: Answer) => boolean][] = [
  ['list', () => ['concern'], (a) => a.body.items.some((i: Any) => i.ref === concern)],
  ['list with a total', () => ['concern?total=true'], (a) => a.body.total === 1],
  ['search', () => [`concern?q=${WORD}`], (a) => a.body.items.length === 1],
  ['search, filtered', () => [`concern?q=${WORD}&state=received&total=true`], (a) => a.body.total === 1],
  ['filter by number (palette)', () => [`concern?ref=${concern}`], (a) => a.body.items.length === 1],
  ['filter by link', () => [`concern?systems=${system}`], (a) => a.body.items.length === 1],
  ['sorted by a column', () => ['concern?sort=title'], (a) => a.body.items.length === 1],
  ['record', () => [`concern/${concern}`], (a) => a.status === 200],
  ['versions', () => [`concern/${concern}/versions`], (a) => a.status === 200],
  ['proof', () => [`concern/${concern}/proof`], (a) => a.status === 200],
  ['export as CSV', () => ['concern/export?format=csv'], (a) => a.text.includes(WORD)],
  ['export as JSON', () => ['concern/export?format=json'], (a) => a.text.includes(WORD)],
  ['way back', () => [`aiSystem/${system}`], (a) => a.body.inverses.concerns.total === 1],
  [
    'way back, as of',
    () => [`aiSystem/${system}?asOf=${size()}`],
    (a) => a.body.inverses.concerns.total === 1,
  ],
  ['link of another record', () => [`incident/${incident}`], (a) => a.body.links.concerns?.[0] === concern],
  ['title of a link', () => [`incident/${incident}`], (a) => a.body.references[concern] !== undefined],
  [
    'list of others, filtered by it',
    () => [`incident?concerns=${concern}`],
    (a) => a.body.items.length === 1,
  ],
  ['references of a list', () => ['incident'], (a) => a.body.references[concern] !== undefined],
  ['dashboard', () => ['dashboard'], (a) => counted(a) === 1],
  ['dashboard, as of', () => [`dashboard?asOf=${size()}`], (a) => counted(a) === 1],
  ['versions of another record', () => [`incident/${incident}/versions`], (a) => a.text.includes(concern)],
  [
    'versions of another record, as of',
    () => [`incident/${incident}/versions?asOf=${size()}`],
    (a) => a.text.includes(concern),
  ],
  ['another record, as of', () => [`incident/${incident}?asOf=${size()}`], (a) => a.text.includes(concern)],
  ['list of others, as of', () => [`incident?asOf=${size()}`], (a) => a.text.includes(concern)],
  ['proof of another record', () => [`incident/${incident}/proof`], (a) => a.text.includes(concern)],
  [
    'export of others, as of',
    () => [`incident/export?format=json&asOf=${size()}`],
    (a) => a.text.includes(concern),
  ],
  ['differences of others', () => ['differences?from=1&register=incident'], (a) => a.text.includes(concern)],
  ['search over all registers', () => [`search?q=${WORD}`], (a) => a.text.includes(concern)],
  ['list, as of', () => [`concern?asOf=${size()}`], (a) => a.body.items.length === 1],
  ['search, as of', () => [`concern?asOf=${size()}&q=${WORD}`], (a) => a.body.items.length === 1],
  ['record, as of', () => [`concern/${concern}?asOf=${size()}`], (a) => a.status === 200],
  ['versions, as of', () => [`concern/${concern}/versions?asOf=${size()}`], (a) => a.status === 200],
  ['export, as of', () => [`concern/export?format=csv&asOf=${size()}`], (a) => a.text.includes(WORD)],
  [
    'differences',
    () => ['differences?from=1&register=concern'],
    (a) => a.body.items?.some((i: Any) => i.ref === concern),
  ],
  [
    'differences, counted',
    () => ['differences?from=1'],
    (a) => a.body.counts?.some((c: Any) => c.register === 'concern'),
  ],
];

let entries = 0;
const size = () => entries;
const counted = (a: Answer): number =>
  a.body.steps.flatMap((s: Any) => s.registers).find((r: Any) => r.name === 'concern').count;

describe('a concern about somebody', () => {
  test.each(READS)('%s', async (_, request, finds) => {
    entries = (await t.app.sequencer.settle(t.organisation.id)).size;
    const [path] = request();
    for (const who of [manager, auditor]) {
      const a = await who.ask('GET', path);
      expect(finds(a), `${who.name}: ${a.status} ${a.text.slice(0, 300)}`).toBe(true);
    }
    const hidden = await about.ask('GET', path);
    expect(hidden.status, hidden.text).toBeLessThan(500);
    expect(hidden.text).not.toContain(WORD);
    const found = hidden.status < 400 && finds(hidden);
    expect(found, hidden.text.slice(0, 300)).toBe(false);
  });

  test('the proof of which version is the newest is not given either', async () => {
    const a = await about.ask('GET', `concern/${concern}/proof?latest=true`);
    const absent = await about.ask('GET', 'concern/CON-9999/proof?latest=true');
    expect([a.status, a.body.detail]).toEqual([404, absent.body.detail.replace('CON-9999', concern)]);
  });

  test('nothing can be done to it: edited, moved, imported over, linked to, written about', async () => {
    const before = (await manager.ask('GET', `concern/${concern}`)).body.version;
    const tries: [string, Answer][] = [
      ['edit', await about.ask('PATCH', `concern/${concern}`, { title: 'Nothing' })],
      ['uncover', await about.ask('PATCH', `concern/${concern}`, { about: [] })],
      ['step', await about.ask('POST', `concern/${concern}/examine`, {})],
      ['reply', await about.ask('POST', `concern/${concern}/reply`, { text: 'x' })],
      ['code', await about.ask('POST', `concern/${concern}/code`)],
      [
        'import',
        await about.ask(
          'POST',
          'concern/import?format=json',
          JSON.stringify([{ ref: concern, title: 'Mine' }]),
        ),
      ],
      ['link', await about.ask('POST', 'incident', await incidentBody([concern]))],
      ['erase', await about.ask('POST', 'erasure/preview', { kind: 'record', ref: concern })],
    ];
    for (const [deed, a] of tries) {
      expect(a.status, `${deed}: ${a.text}`).toBeGreaterThanOrEqual(400);
      expect(a.status, `${deed}: ${a.text}`).toBeLessThan(500);
      expect(a.text, deed).not.toContain(WORD);
    }
    expect((await manager.ask('GET', `concern/${concern}`)).body.version).toBe(before);
  });

  test('nobody comments on it, since everybody reads comments', async () => {
    for (const who of [manager, about]) {
      const a = await who.ask('POST', 'comment', { subject: concern, content: `See ${WORD}` });
      expect([a.status, a.body.code], a.text).toEqual([403, 'NOT_ALLOWED']);
    }
  });

  test('whoever does not see it changes a record that links to it, and what is hidden stays linked and proven', async () => {
    const edited = await about.ask('PATCH', `incident/${incident}`, { title: 'Changed by whom it is about' });
    expect(edited.status, edited.text).toBe(200);
    const list = await about.ask('PATCH', `incident/${incident}`, { concerns: [] });
    // As they see it, the list is empty: that is no change.
    expect([list.status, list.body.version]).toEqual([200, edited.body.version]);
    // Nor does the answer to their own change name what they do not see.
    for (const a of [edited, list])
      expect([a.text.includes(concern), a.body.links.concerns]).toEqual([false, undefined]);
    const other = await manager.ask('POST', 'concern', { title: 'Another', content: 'x' });
    const added = await about.ask('PATCH', `incident/${incident}`, { concerns: [other.body.ref] });
    expect([added.status, added.body.code], added.text).toEqual([403, 'NOT_ALLOWED']);
    expect((await manager.ask('GET', `incident/${incident}`)).body.links.concerns).toEqual([concern]);
    const [v] = (await manager.ask('GET', `incident/${incident}/versions`)).body.items;
    expect(v.links.concerns).toEqual([concern]);
    const file = await about.ask('GET', 'incident/export?format=csv');
    const again = await about.ask('POST', 'incident/import?format=csv', file.body);
    expect([again.status, again.body.updated], again.text).toEqual([200, 0]);
  });

  test('a pack that would lack it is not made; somebody who sees everything makes one that holds', async () => {
    for (const path of ['audit-pack', `audit-pack?system=${system}`]) {
      const a = await about.ask('GET', path);
      expect([a.status, a.body.code], a.text).toEqual([403, 'NOT_ALLOWED']);
      expect(a.body.detail).toContain('would not verify');
    }
    expect((await auditor.ask('GET', 'audit-pack')).status).toBe(200);
  });

  test('named in it later, a person loses sight of it at once', async () => {
    const late = await t.person('Lea Later', ['aimsManager']);
    const made = await manager.ask('POST', 'concern', { title: 'Open so far', content: 'x' });
    const path = `concern/${made.body.ref}`;
    expect((await late.ask('GET', path)).status).toBe(200);
    expect((await manager.ask('PATCH', path, { about: [late.ref] })).status).toBe(200);
    for (const at of [path, `${path}/versions`, `${path}/proof`, `${path}?asOf=${entries}`])
      expect((await late.ask('GET', at)).status, at).toBe(404);
    expect((await manager.ask('PATCH', path, { about: [] })).status).toBe(200);
    expect((await late.ask('GET', path)).status).toBe(200);
  });
});

describe('a register that somebody may not read', () => {
  test('is not opened by the raising of a record, nor by sending that again', async () => {
    const raiser = await t.person('Rae Raiser', ['contributor']);
    const key = { 'idempotency-key': 'raised-once' };
    const body = { title: 'Raised by Rae', content: 'x', systems: [system] };
    const raised = await raiser.ask('POST', 'concern', body, key);
    expect(raised.status, raised.text).toBe(201);
    const path = `concern/${raised.body.ref}`;
    const edited = await manager.ask('PATCH', path, { examination: `${WORD} notes`, owner: manager.ref });
    expect(edited.status, edited.text).toBe(200);
    const again = await raiser.ask('POST', 'concern', body, key);
    expect([again.status, again.body.ref, again.body.values]).toEqual([200, raised.body.ref, {}]);
    expect((await raiser.ask('GET', `aiSystem/${system}`)).text).not.toContain('CON-');
    expect((await raiser.ask('GET', path)).status).toBe(403);
    expect((await raiser.ask('POST', `${path}/code`)).status).toBe(200);
  });

  test('whoever was made to handle one of its records does so, finds it in their work, and nothing of the others', async () => {
    const handler = await t.person('Han Handler', ['contributor']);
    const made = await manager.ask('POST', 'concern', { title: 'For Han', content: 'x', systems: [system] });
    const path = `concern/${made.body.ref}`;
    await manager.ask('PATCH', path, { owner: handler.ref });
    await manager.ask('POST', `${path}/examine`, {});
    expect((await handler.ask('GET', 'my-work')).text).toContain('For Han');
    const edited = await handler.ask('PATCH', path, { examination: 'looked', systems: [] });
    expect([edited.status, edited.body.links], edited.text).toEqual([200, {}]);
    expect((await manager.ask('GET', path)).body.links.systems ?? []).toEqual([]);
    const answered = await handler.ask('POST', `${path}/answer`, { values: { answer: 'Thank you.' } });
    expect([answered.status, answered.body.state], answered.text).toEqual([200, 'answered']);
    for (const ref of [concern, 'CON-9999'])
      expect((await handler.ask('PATCH', `concern/${ref}`, { examination: 'x' })).body.detail).toBe(
        `Only the owner of the record, an AIMS manager or designated management can edit ${ref}.`,
      );
  });

  test('a record that links to what they may not read stays linked when they change it', async () => {
    const contributor = await t.person('Con Tributor', ['contributor']);
    const made = await manager.ask('POST', 'incident', {
      ...(await incidentBody([concern])),
      owner: contributor.ref,
    });
    const path = `incident/${made.body.ref}`;
    const edited = await contributor.ask('PATCH', path, { title: 'Changed' });
    expect([edited.status, edited.text.includes(concern)], edited.text).toEqual([200, false]);
    const added = await contributor.ask('PATCH', path, { concerns: ['CON-9999'] });
    expect([added.status, added.body.code], added.text).toEqual([403, 'NOT_ALLOWED']);
    expect((await manager.ask('GET', path)).body.links.concerns).toEqual([concern]);
    expect((await manager.ask('GET', `${path}/versions`)).body.items[0].links.concerns).toEqual([concern]);
  });
});

describe('what a rule makes of another record that links to what is kept from whoever asked', () => {
  test.each(['whoever it is about', 'somebody who may not read its register'])('by %s', async (who) => {
    const verifier = who === 'whoever it is about' ? about : await t.person('Ver Ifier', ['contributor']);
    const owner = await t.person(`Owner ${who.length}`, ['contributor']);
    const today = t.app.clock.now().toISOString().slice(0, 10);
    const must = async (by: Visitor, path: string, body: unknown): Promise<string> => {
      const a = await by.ask('POST', path, body);
      if (a.status >= 300) throw new Error(`${path}: ${a.text}`);
      return a.body.ref;
    };
    const said = { foundOn: today, criterion: 'x', what: 'x', correction: 'x', cause: 'x', elsewhere: 'x' };
    const from = await must(manager, 'nonconformity', {
      title: 'x',
      kind: 'actual',
      owner: owner.ref,
      concerns: [concern],
      ...said,
    });
    for (const step of ['analyse', 'act']) await must(owner, `nonconformity/${from}/${step}`, {});
    const plan = { plan: 'x', dueOn: today, criterion: 'no case', exposureDays: 0, verifier: verifier.ref };
    const action = await must(owner, 'action', {
      title: 'x',
      kind: 'corrective',
      owner: owner.ref,
      nonconformities: [from],
      ...plan,
    });
    await must(owner, `action/${action}/agree`, {});
    await must(owner, `action/${action}/finish`, { values: { doneOn: today, result: 'x' } });
    const failed = await verifier.ask('POST', `action/${action}/fail`, {
      values: { casesSeen: 1 },
      reason: 'x',
    });
    expect([failed.status, failed.text.includes(concern)], failed.text).toEqual([200, false]);
    // Reopened by the rule: the row and its newest version say the same, and both name the concern.
    const { body } = await manager.ask('GET', `nonconformity/${from}`);
    expect([body.state, body.links.concerns]).toEqual(['open', [concern]]);
    const [newest] = (await manager.ask('GET', `nonconformity/${from}/versions`)).body.items;
    expect([newest.transition, newest.links.concerns]).toEqual(['fallBack', [concern]]);
    const seen = await verifier.ask('GET', `nonconformity/${from}/versions`);
    expect([seen.status, seen.text.includes(concern)]).toEqual([200, false]);
  });
});

describe('what a step asks of linked records counts those that are kept from whoever takes it, and names none of them', () => {
  /** Steps of a record by a declaration that asks something of concerns, by the link or by the way back from them. */
  const asking = (name: string, step: string, via: string): Register => {
    const r = t.app.registry.get(name);
    const asks = { via, states: ['closed'], next: 'Close them first.' };
    return { ...r, transitions: { ...r.transitions, [step]: { ...r.transitions[step]!, linked: [asks] } } };
  };
  /** What the page says, what the step says, and what it says of the record without what links to it. */
  async function told(who: Visitor, r: Register, step: string, ref: string) {
    const roles: Role[] = who === contributor ? ['contributor'] : ['topManagement', 'aimsManager'];
    const { id, slug } = t.organisation;
    const actor: Actor = {
      organisation: id,
      organisationSlug: slug,
      kind: 'person',
      ref: who.ref,
      name: who.ref,
      roles,
    };
    const app = { ...t.app, db: t.app.db.as(who.ref, closedTo(t.app.registry, actor)) };
    const [rows] = await app.db.run(id, [readStatement(r, ref)]);
    const seen = toStoredWithRelations(rows![0]!);
    const [whole] = await withUnseen(app, { actor }, r, [seen]);
    const page = await refusedBefore(app, { actor }, r, seen, step, {});
    const taken = await ruled(
      app,
      { actor },
      {
        register: r,
        before: whole!,
        contents: whole!,
        state: r.transitions[step]!.to,
        act: 'transition',
        transition: step,
        actor: { ref: who.ref, as: 'owner' },
      },
    ).catch((e: unknown) => e);
    return [page, taken].map((e) => (e instanceof Failure ? [e.rule, e.message] : undefined));
  }
  let contributor: Visitor;
  beforeAll(async () => {
    contributor = await t.person('Cas Contributor', ['contributor']);
  });

  test.each([
    ['incident', 'contain', 'concerns'],
    ['aiSystem', 'confirm', 'concerns'],
  ])('%s, %s, by %s', async (name, step, via) => {
    const fresh = (await given(t, 'aiSystem', { name: 'F', purpose: 'p', owner: manager.ref })).ref;
    const open = await manager.ask('POST', 'concern', {
      title: 'Also open',
      content: 'x',
      about: [about.ref],
      systems: [fresh],
    });
    const made = await manager.ask('POST', 'incident', await incidentBody([open.body.ref]));
    const ref = name === 'incident' ? made.body.ref : fresh;
    const r = asking(name, step, via);
    const [page, taken] = await told(manager, r, step, ref);
    expect([page![0], taken]).toEqual(['declared.linked', page]);
    expect(page![1]).toContain(`${open.body.ref} is received`);
    for (const who of [about, contributor]) {
      const [page, taken] = await told(who, r, step, ref);
      expect([page![0], taken]).toEqual(['declared.linked', page]);
      expect(page![1]).toMatch(/kept from you/);
      expect(page![1]).not.toMatch(/CON-|received/);
    }
    const closed = {
      ...r,
      transitions: { ...r.transitions, [step]: { ...r.transitions[step]!, linked: [] } },
    };
    for (const who of [manager, about, contributor])
      expect(await told(who, closed, step, ref)).toEqual([undefined, undefined]);
  });
});
