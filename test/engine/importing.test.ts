import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWorkbook } from '../../src/sheet/index.ts';
import { stored } from '../support/arrange.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let ada: Visitor;
let bea: Visitor;
let cy: Visitor;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  bea = await t.person('Bea Jones', ['aimsManager']);
  cy = await t.person('Cy', ['contributor']);
});
afterAll(() => t.close());

const query = (o: Record<string, unknown>) =>
  new URLSearchParams(
    Object.entries(o).map(([k, v]) => [k, typeof v === 'string' ? v : JSON.stringify(v)]),
  ).toString();

async function workbook(rows: Parameters<typeof writeWorkbook>[0]['sheets'][0]['rows']): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const p of writeWorkbook({
    at: new Date('2027-01-01'),
    sheets: [{ name: 'S', columns: [], rows }],
  }))
    parts.push(p);
  return Buffer.concat(parts);
}

test('three wrong rows of five thousand: each is named with line and column, and nothing is stored', async () => {
  const rows = Array.from({ length: 5_000 }, (_, i) => `Acme ${i},Models,${ada.ref},2026-01-01`);
  rows[6] = `Acme,Models,PSN-9999,2026-01-01`;
  rows[2_499] = `,Models,${ada.ref},2026-01-01`;
  rows[4_999] = `Acme,Models,${ada.ref},31/02/2027`;
  const file = Buffer.from(`name,supplies,owner,assessedOn\n${rows.join('\n')}\n`);
  const before = await stored(t);
  const a = await ada.ask('POST', 'supplier/import?format=csv', file);
  expect([a.status, a.body.code]).toEqual([422, 'INVALID']);
  expect(a.body.detail).toMatch(/^3 of 5000 rows have a fault; nothing was stored/);
  expect(a.body.problems.map((p: { path: string }) => p.path)).toEqual([
    'line 8, column owner',
    'line 2501, column name',
    'line 5001, column assessedOn',
  ]);
  expect(await stored(t)).toEqual(before);
});

describe('rows that may be there already', () => {
  const system = (name: string) => `${name},Answers,${ada.ref}`;
  const file = (names: string[]) => Buffer.from(`name,purpose,owner\n${names.map(system).join('\n')}\n`);

  test('are marked by record or earlier row, before and after they are stored, and never refused', async () => {
    const { ref } = await given(t, 'aiSystem', { name: 'Ticket triage', purpose: 'Sorts', owner: ada.ref });
    const body = file(['Claims reader', 'ticket TRIAGE', 'claims reader', 'Ticket-triage', 'Wholly other']);
    const marks = [
      { place: 'line 3', like: ref, how: 'name' },
      { place: 'line 4', like: 'line 2', how: 'name' },
      { place: 'line 5', like: ref, how: 'near' },
    ];
    const dry = await ada.ask('POST', 'aiSystem/import?format=csv&dryRun=true', body);
    expect([dry.body.created, dry.body.duplicates]).toEqual([5, marks]);
    const done = await ada.ask('POST', 'aiSystem/import?format=csv', body);
    expect([done.status, done.body.created, done.body.duplicates]).toEqual([200, 5, marks]);
    // A row that says its number is that record, and no other thing like it.
    const update = Buffer.from(`ref,name,purpose,owner\n${ref},${system('Ticket triage')}\n`);
    const changed = await ada.ask('POST', 'aiSystem/import?format=csv&dryRun=true', update);
    expect([changed.body.updated, changed.body.duplicates]).toEqual([1, undefined]);
  });

  test('a hundred are named and the rest is counted; in long files equal names alone are looked for', async () => {
    const many = Array.from({ length: 400 }, (_, i) => `Robot ${i}`);
    const body = file([...many, ...many.slice(0, 150), 'Robot-7']);
    const a = await ada.ask('POST', 'aiSystem/import?format=csv&dryRun=true', body);
    expect([a.body.created, a.body.duplicates.length, a.body.moreDuplicates]).toEqual([551, 100, 50]);
    const others = await ada.ask(
      'POST',
      'hazard/import?format=csv&dryRun=true',
      Buffer.from('code,title,severity\nHZ-801,A,low\nHZ-802,A,low\n'),
    );
    expect([others.body.created, others.body.duplicates]).toEqual([2, undefined]);
  });
});

describe('somebody’s own spreadsheet', () => {
  const rows = () => [
    ['Vendor name', 'What they supply', 'Relationship owner', 'Review', 'Comments', 'Written by'],
    ['North', 'Models', 'bea.jones@acme.example', { day: '2027-05-01' }, 'x', 'Bea Jones'],
    ['South', 'Data', 'bea jones', null, 'y', null],
  ];
  const mapping = {
    'Vendor name': 'name',
    'Relationship owner': 'owner',
    Review: 'nextReview',
    Comments: null,
    'Written by': '$onBehalfOf',
  };

  test('is looked into: what each column probably is, and what is missing', async () => {
    const before = await stored(t);
    const seen = await ada.ask('POST', 'supplier/import/inspect', await workbook(rows() as never));
    expect(seen.status, seen.text).toBe(200);
    expect(seen.body).toMatchObject({ format: 'xlsx', rows: 2, sheets: ['S'], formulas: [], missing: [] });
    expect(seen.body.columns.map((c: { to: string; how: string }) => [c.to, c.how])).toEqual([
      ['name', 'near'],
      ['supplies', 'label'],
      ['owner', 'label'],
      ['nextReview', 'near'],
      [null, null],
      ['$onBehalfOf', 'near'],
    ]);
    expect(seen.body.columns[3].samples).toEqual(['2027-05-01']);
    expect(seen.body.mapping).toEqual({ 'What they supply': 'supplies', ...mapping });
    expect(await stored(t)).toEqual(before);
  });

  test('is imported as mapped: people by name and address, days as days, and who wrote it counts as author', async () => {
    const file = await workbook(rows() as never);
    const bare = await ada.ask('POST', 'supplier/import?format=xlsx', file);
    expect([bare.status, bare.body.detail]).toEqual([
      422,
      expect.stringContaining('Unknown columns "Vendor name", perhaps name; '),
    ]);
    const made = await ada.ask('POST', `supplier/import?${query({ mapping })}`, file);
    expect(made.body, made.text).toMatchObject({ created: 2, problems: [], unmapped: ['Comments'] });
    const [south, north] = (await ada.ask('GET', 'supplier?sort=-number&limit=2')).body.items;
    expect(north.values).toEqual({
      name: 'North',
      supplies: 'Models',
      owner: bea.ref,
      nextReview: '2027-05-01',
    });
    const [version] = (await ada.ask('GET', `supplier/${north.ref}/versions`)).body.items;
    expect([version.actor.ref, version.madeFor]).toEqual([ada.ref, { ref: bea.ref, name: 'Bea Jones' }]);
    expect((await ada.ask('GET', `supplier/${south.ref}/versions`)).body.items[0].madeFor).toBeUndefined();
    const filled = {
      responsibilities: 'ours',
      assessment: 'good',
      assessedOn: '2026-06-01',
      nextReview: '2027-05-01',
    };
    for (const s of [north, south]) expect((await cyFills(s.ref, filled)).status).toBe(200);
    const own = await bea.ask('POST', `supplier/${north.ref}/approve`, {});
    expect([own.status, own.body.code]).toEqual([403, 'OWN_WORK']);
    expect((await bea.ask('POST', `supplier/${south.ref}/approve`, {})).status).toBe(200);
  });

  /** Filled in by somebody who approves neither. */
  async function cyFills(ref: string, values: object) {
    return (await t.person(`Owner ${ref}`, ['aimsManager'])).ask('PATCH', `supplier/${ref}`, values);
  }

  test('names that two people have, or nobody, are faults of their rows', async () => {
    await given(t, 'person', { name: 'Sam' });
    await given(t, 'person', { name: 'Sam' });
    const file = Buffer.from('name,supplies,owner\nA,x,Sam\nB,x,Nobody Atall\nC,x,Cy\n');
    const a = await ada.ask('POST', 'supplier/import?format=csv&dryRun=true', file);
    expect(a.body.problems).toEqual([
      {
        path: 'line 2, column owner',
        message: expect.stringMatching(/"Sam" could be PSN-\d+, PSN-\d+; give the reference/),
      },
      { path: 'line 3, column owner', message: expect.stringContaining('there is no Person "Nobody Atall"') },
    ]);
  });

  test('records are named by title, options by how they read, rows by number', async () => {
    const system = await given(t, 'aiSystem', { name: 'Chat, the bot', purpose: 'x', owner: ada.ref });
    const file = Buffer.from(
      'Name,Kind,Used in,Known only by what the supplier says\nM,MODEL,"Chat, the bot",Y\n',
    );
    const made = await ada.ask('POST', 'component/import?format=csv', file);
    expect(made.body, made.text).toMatchObject({ created: 1 });
    const [one] = (await ada.ask('GET', 'component?sort=-number&limit=1')).body.items;
    expect([one.values, one.links]).toEqual([
      { name: 'M', kind: 'model', supplierDeclared: true },
      { systems: [system.ref] },
    ]);
    const number = Number(one.ref.slice(4));
    const changed = await ada.ask(
      'POST',
      'component/import?format=csv',
      Buffer.from(`ref,Name\n${number},Renamed\n`),
    );
    expect(changed.body).toMatchObject({ created: 0, updated: 1 });
    expect((await ada.ask('GET', `component/${one.ref}`)).body.values).toEqual({
      ...one.values,
      name: 'Renamed',
    });
  });

  test('nobody is made an author who is not in the directory, and importing stays with those who may create', async () => {
    const file = Buffer.from('name,supplies,owner\nA,x,Cy\n');
    const nobody = await ada.ask('POST', 'supplier/import?format=csv&onBehalfOf=PSN-9999', file);
    expect([nobody.status, nobody.body.problems[0].path]).toEqual([422, '/onBehalfOf']);
    const reader = await t.person('Reader', ['reader']);
    for (const path of ['supplier/import', 'supplier/import/inspect'])
      expect((await reader.ask('POST', `${path}?format=csv`, file)).status).toBe(403);
  });

  test('a filled-in template is imported as it stands', async () => {
    const r = await t.server.inject({
      method: 'GET',
      url: '/api/v1/acme/risk/template.xlsx',
      headers: ada.headers,
    });
    expect([r.statusCode, r.headers['content-disposition']]).toEqual([
      200,
      'attachment; filename="risk-template.xlsx"',
    ]);
    const seen = await ada.ask('POST', 'risk/import/inspect', r.rawPayload);
    expect(seen.body.sheets).toEqual(['AI risks', 'Help']);
    expect(seen.body.columns.every((c: { how: string }) => ['name', 'label'].includes(c.how))).toBe(true);
    expect(seen.body.columns.length).toBeGreaterThan(10);
    expect((await ada.ask('POST', 'risk/import', r.rawPayload)).body).toMatchObject({ rows: 0, created: 0 });
  });
});

test('a column may be called what every object has something by', async () => {
  // The reader of JSON refuses this one itself.
  const names = Object.getOwnPropertyNames(Object.prototype).filter((n) => n !== '__proto__');
  expect(names).toContain('toString');
  const rows = JSON.stringify([Object.fromEntries([['name', 'A'], ...names.map((n) => [n, 1])]), {}]);
  const seen = await ada.ask('POST', 'supplier/import/inspect?format=json', rows);
  const read = (seen.body.columns ?? []).map((c: { heading: string; samples: string[] }) => [
    c.heading,
    c.samples,
  ]);
  expect([seen.status, read]).toEqual([200, [['name', ['"A"']], ...names.map((n) => [n, ['1']])]]);
  const tried = await ada.ask('POST', 'supplier/import?format=json&dryRun=true', rows);
  expect([tried.status, tried.body.created, tried.body.problems.length > 0]).toEqual([200, 0, true]);
});

describe('components from files', () => {
  const bom = (suffix = '') =>
    JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [
        {
          type: 'machine-learning-model',
          'bom-ref': 'm',
          name: `tuned${suffix}`,
          version: '2',
          supplier: { name: 'North' },
          pedigree: {
            ancestors: [{ type: 'machine-learning-model', name: `Llama 2 7b${suffix}`, 'bom-ref': 'b' }],
          },
          modelCard: { modelParameters: { datasets: [{ ref: 'd' }] } },
        },
        {
          type: 'data',
          'bom-ref': 'd',
          name: `corpus${suffix}`,
          hashes: [{ alg: 'SHA-256', content: 'a'.repeat(64) }],
        },
        { type: 'data', 'bom-ref': 'd2', name: `corpus${suffix}` },
      ],
    });
  const propose = async (text: string) =>
    (await cy.ask('POST', 'component/propose?fileName=bom.json', Buffer.from(text))).body;

  test('are proposed with what is known, taken over by choice, and linked to each other and the system', async () => {
    const old = await given(t, 'component', { name: 'meta-llama/Llama-2-7b', kind: 'model' });
    const same = await given(t, 'component', {
      name: 'Old corpus',
      kind: 'dataset',
      digest: `sha256:${'a'.repeat(64)}`,
    });
    const system = await given(t, 'aiSystem', { name: 'Search', purpose: 'x', owner: cy.ref });
    const before = await stored(t);
    const p = await propose(bom());
    expect(await stored(t)).toEqual(before);
    const by = Object.fromEntries(p.components.map((c: { key: string }) => [c.key, c]));
    expect(by.b.known).toEqual([
      { ref: old.ref, title: 'meta-llama/Llama-2-7b', state: 'current', how: 'near' },
    ]);
    expect(by.d.known[0]).toMatchObject({ ref: same.ref, how: 'digest' });
    expect([by.d2.repeats, by.m.supplierRef]).toEqual(['d', expect.stringMatching(/^SUP-/)]);
    const body = {
      system: system.ref,
      components: [
        {
          key: 'm',
          values: { name: 'tuned', kind: 'model', componentVersion: '2' },
          derivedFrom: ['b', 'd'],
        },
        { key: 'b', use: old.ref },
        { key: 'd', use: same.ref },
      ],
    };
    const denied = await cy.ask('POST', 'component/adopt', body);
    expect(denied.status, denied.text).toBe(422);
    expect(denied.body.problems[0].message).toMatch(/^Only .* can edit/);
    const done = await ada.ask('POST', 'component/adopt', body);
    expect(done.status, done.text).toBe(201);
    expect(done.body.linked.map((l: { ref: string }) => l.ref)).toEqual([old.ref, same.ref]);
    const made = (await ada.ask('GET', `component/${done.body.created[0].ref}`)).body;
    expect(made.links).toEqual({ derivedFrom: [old.ref, same.ref], systems: [system.ref] });
    const again = await propose(bom());
    expect(again.components[0].known[0]).toMatchObject({ ref: made.ref, how: 'name', version: '2' });
    const line = (await cy.ask('GET', `aiSystem/${system.ref}/lineage`)).body;
    expect(line.nodes.map((n: { layer: number }) => n.layer)).toEqual([0, 0, 0]);
    const up = (await cy.ask('GET', `component/${made.ref}/lineage`)).body;
    expect(up.nodes.map((n: { ref: string; layer: number }) => [n.ref, n.layer])).toEqual([
      [old.ref, -1],
      [same.ref, -1],
      [made.ref, 0],
    ]);
    expect(up.edges).toEqual([
      { from: made.ref, to: old.ref },
      { from: made.ref, to: same.ref },
    ]);
  });

  test('are all taken over or none: circles, wrong values and what is not there are named', async () => {
    const before = await stored(t);
    const cases: [object, string][] = [
      [
        {
          components: [
            { key: 'a', values: { name: 'a', kind: 'model' }, derivedFrom: ['b'] },
            { key: 'b', values: { name: 'b', kind: 'model' }, derivedFrom: ['a'] },
          ],
        },
        '/components/0/derivedFrom',
      ],
      [
        {
          components: [
            { key: 'a', values: { name: 'a', kind: 'model' } },
            { key: 'b', values: { name: 'b', kind: 'nonesuch' } },
          ],
        },
        '/components/1/values/kind',
      ],
      [{ components: [{ key: 'a', use: 'CMP-9999' }] }, '/components/0/use'],
      [
        {
          components: [
            { key: 'a', values: { name: 'a', kind: 'model' } },
            { key: 'a', values: {} },
          ],
        },
        '/components',
      ],
      [{ components: [] }, '/components'],
      [{ components: [{ key: 'a' }] }, '/components/0/values/name'],
    ];
    for (const [body, path] of cases) {
      const a = await ada.ask('POST', 'component/adopt', body);
      expect([a.status, a.body.problems?.[0]?.path], a.text).toEqual([422, path]);
    }
    expect(
      (
        await ada.ask('POST', 'component/adopt', {
          system: 'SYS-9999',
          components: [{ key: 'a', values: { name: 'a', kind: 'model' } }],
        })
      ).status,
    ).toBe(404);
    expect(
      (
        await ada.ask('POST', 'component/adopt', {
          components: [{ key: 'a', values: { name: 'a', kind: 'model' }, derivedFrom: ['CMP-9999'] }],
        })
      ).status,
    ).toBe(422);
    expect(await stored(t)).toEqual(before);
  });

  test('the same request sent again makes nothing twice', async () => {
    const body = { components: [{ key: 'a', values: { name: 'Once', kind: 'tool' } }] };
    const headers = { 'idempotency-key': 'adopt-once' };
    const first = await ada.ask('POST', 'component/adopt', body, headers);
    const second = await ada.ask('POST', 'component/adopt', body, headers);
    expect([first.status, second.body]).toEqual([201, first.body]);
    expect((await ada.ask('GET', 'component?q=Once&total=true')).body.total).toBe(1);
  });

  test('a chain with a circle is followed to its limit and told to be cut; a record of the same name is shown at creation', async () => {
    const refs: string[] = [];
    for (let i = 0; i < 25; i++)
      refs.push(
        (
          await given(t, 'component', {
            name: `Step ${i}`,
            kind: 'model',
            ...(i > 0 ? { derivedFrom: [refs[i - 1]!] } : {}),
          })
        ).ref,
      );
    const long = (await ada.ask('GET', `component/${refs[24]}/lineage`)).body;
    expect([long.nodes.length, long.cut]).toEqual([21, true]);
    // Past every rule: what a check at writing may refuse some day must do no harm when it is there.
    await t.app.db.asOwner({
      text: `insert into link (organisation, from_id, name, to_id, from_register, from_number, to_ref)
          select $1, a.id, 'derivedFrom', b.id, a.register, a.number, b.ref from record a, record b
        where a.organisation = $1 and b.organisation = $1 and a.ref = $2 and b.ref = $3`,
      values: [t.organisation.id, refs[0], refs[4]],
    });
    const round = (await ada.ask('GET', `component/${refs[2]}/lineage`)).body;
    expect(round.nodes.map((n: { ref: string }) => n.ref)).toContain(refs[4]);
    expect(new Set(round.nodes.map((n: { ref: string }) => n.ref)).size).toBe(round.nodes.length);
    const near = (await cy.ask('GET', 'component/similar?name=step%2024&version=9')).body.items;
    expect(near[0]).toMatchObject({ ref: refs[24], how: 'name' });
    expect((await cy.ask('GET', 'supplier/similar?name=Nroth')).body.items).toEqual([]);
    expect((await cy.ask('GET', 'supplier/similar?name=North%20')).body.items[0]).toMatchObject({
      title: 'North',
    });
    expect((await cy.ask('GET', 'supplier/similar')).status).toBe(400);
  });
});
