import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FixtureServer, problem, record } from './testing/fixture-server.ts';
import { folder, type RunOptions, run } from './testing/run.ts';

let server: FixtureServer;
const KEY = 'aims_0123456789abcdef';
beforeAll(async () => {
  server = await FixtureServer.start();
});
afterAll(() => server.stop());
const withKey = (o: RunOptions = {}): RunOptions => ({
  ...o,
  env: { AIMS_URL: server.url, AIMS_ORG: 'acme', AIMS_KEY: KEY, ...o.env },
});
const sent = () => JSON.parse(server.seen[0]!.body.toString()) as unknown;

describe('requests of derived commands', () => {
  it('adds a record from options of every shape', async () => {
    server.serve({ 'POST /api/v1/acme/risk': { status: 201, json: record('RSK-0001', 'risk') } });
    const args = [
      'risk',
      'add',
      '--title',
      'Wrong advice',
      '--owner',
      'PSN-0001',
      '--likelihood',
      '3',
      '--systems',
      'SYS-0001,SYS-0002',
      '--systems',
      'SYS-0003',
    ];
    const { code, out, err } = await run(
      [...args, '--affects', 'groups; society', '--scenario', '@@home'],
      withKey(),
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('RSK-0001 Title of RSK-0001: recorded, version 1, open.');
    expect(sent()).toEqual({
      title: 'Wrong advice',
      owner: 'PSN-0001',
      likelihood: 3,
      systems: ['SYS-0001', 'SYS-0002', 'SYS-0003'],
      affects: ['groups', 'society'],
      scenario: '@home',
    });
    expect(server.seen[0]!.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      origin: server.url,
    });
  });

  it('reads tables and long texts from files', async () => {
    server.serve({
      'POST /api/v1/acme/verificationPlan': { status: 201, json: record('VPL-0001', 'verificationPlan') },
    });
    const cwd = folder();
    const rows = [{ id: 'pii:direct', severity: 'high' }];
    writeFileSync(join(cwd, 'rows.json'), JSON.stringify(rows));
    const ok = await run(
      ['verification-plan', 'add', '--title', 'Plan', '--hazards-required', '@rows.json'],
      withKey({ cwd }),
    );
    expect(ok.code).toBe(0);
    expect(sent()).toEqual({ title: 'Plan', hazardsRequired: rows });
    const bad = await run(['verification-plan', 'add', '--hazards-required', 'not json'], withKey({ cwd }));
    expect(bad.code).toBe(2);
    expect(bad.err).toContain('--hazards-required: expected JSON');
    const gone = await run(
      ['verification-plan', 'add', '--hazards-required', '@gone.json'],
      withKey({ cwd }),
    );
    expect(gone).toMatchObject({
      code: 2,
      err: expect.stringContaining('gone.json cannot be read') as string,
    });
    // The first letter of somebody who is mentioned.
    const mention = ['comment', 'add', '--subject', 'RSK-0001', '--content', '@PSN-0004 look'];
    expect((await run(mention, withKey({ cwd }))).err).toContain('"@@PSN-0004 look"');
  });

  it('edits: clears fields and links, states the version and the reason', async () => {
    server.serve({
      'PATCH /api/v1/acme/risk/RSK-0001': { json: record('RSK-0001', 'risk', { version: 4 }) },
    });
    const args = [
      'risk',
      'edit',
      'RSK-0001',
      '--impact-society',
      '4',
      '--clear',
      'review-by',
      '--clear',
      'hazards',
    ];
    expect((await run([...args, '--if-version', '3', '--reason', 'recounted'], withKey())).code).toBe(0);
    expect(sent()).toEqual({ impactSociety: 4, reviewBy: null, hazards: [], $reason: 'recounted' });
    expect(server.seen[0]!.headers['if-match']).toBe('"3"');
    expect(await run(['risk', 'edit', 'RSK-0001'], withKey())).toMatchObject({ code: 2 });
    expect(await run(['risk', 'edit', 'RSK-0001', '--clear', 'nonsense'], withKey())).toMatchObject({
      code: 2,
    });
    expect(server.seen).toHaveLength(1);
  });

  it('says that an edit found nothing to change', async () => {
    server.serve({
      'PATCH /api/v1/acme/risk/RSK-0001': {
        json: { ...record('RSK-0001', 'risk', { version: 2 }), unchanged: true },
      },
    });
    const { code, out } = await run(['risk', 'edit', 'RSK-0001', '--impact-society', '4'], withKey());
    expect([code, out]).toEqual([0, 'RSK-0001 Title of RSK-0001: nothing to change, version 2, open.\n']);
  });

  it('makes a transition with values and reason', async () => {
    server.serve({
      'POST /api/v1/acme/risk/RSK-0001/assess': {
        json: record('RSK-0001', 'risk', { version: 2, state: 'assessed' }),
      },
    });
    const { code, out } = await run(
      ['risk', 'assess', 'RSK-0001', '--likelihood', '3', '--impact-society', '4', '--reason', 'workshop'],
      withKey(),
    );
    expect(code).toBe(0);
    expect(out).toContain('assess, version 2, assessed');
    expect(sent()).toEqual({ values: { likelihood: 3, impactSociety: 4 }, reason: 'workshop' });
  });

  it('asks a person for the password of a signed transition, and never a key', async () => {
    server.serve({ 'POST /api/v1/acme/risk/RSK-0001/accept': { json: record('RSK-0001', 'risk') } });
    const args = ['risk', 'accept', 'RSK-0001', '--reason', 'known', '--until', '2027-12-31'];
    const person = { stdin: 's3cret\n', env: { AIMS_URL: server.url, AIMS_ORG: 'acme' } };
    expect((await run([...args, '--password-stdin'], person)).code).toBe(0);
    expect(sent()).toEqual({ reason: 'known', until: '2027-12-31', password: 's3cret' });
    const nobody = await run(args, { env: person.env });
    expect(nobody).toMatchObject({ code: 2, err: expect.stringContaining('--password-stdin') as string });
    await run(args, withKey());
    expect(JSON.parse(server.seen[1]!.body.toString())).not.toHaveProperty('password');
  });

  it('prints a secret that is answered once', async () => {
    server.serve({
      'POST /api/v1/acme/apiKey': {
        status: 201,
        json: { ...record('KEY-0001', 'apiKey'), secret: 'aims_fresh' },
      },
    });
    const { out } = await run(
      ['api-key', 'add', '--label', 'ci', '--role', 'ci', '--expires', '2027-01-01'],
      withKey(),
    );
    expect(out).toContain('Secret, shown this once: aims_fresh');
    expect(out).not.toContain(KEY);
  });
});

describe('similar', () => {
  const like = (ref: string, how: string, more = {}) => ({
    ref,
    title: 'GPT\u001b[2J',
    state: 'current',
    how,
    ...more,
  });

  it('asks by name, version and digest, and says by its exit code whether something may be the same', async () => {
    server.serve({
      'GET /api/v1/acme/component/similar': { json: { items: [like('CMP-0002', 'name', { version: '4' })] } },
    });
    const args = ['component', 'similar', 'GPT 4', '--component-version', '4', '--digest', 'sha256:ab'];
    const { code, out } = await run(args, withKey());
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/^CMP-0002 GPT.* 4 \(current\): the same name\n$/),
    ]);
    expect(out).not.toContain('\u001b');
    expect(Object.fromEntries(server.seen[0]!.query)).toEqual({
      name: 'GPT 4',
      version: '4',
      digest: 'sha256:ab',
    });
  });

  it('takes a record, and leaves it out of what is like it', async () => {
    server.serve({
      'GET /api/v1/acme/supplier/SUP-0001': { json: record('SUP-0001', 'supplier') },
      'GET /api/v1/acme/supplier/similar': {
        json: { items: [like('SUP-0001', 'name'), like('SUP-0007', 'near')] },
      },
    });
    const both = await run(['supplier', 'similar', 'SUP-0001', '--json'], withKey());
    expect([both.code, JSON.parse(both.out).map((l: { ref: string }) => l.ref)]).toEqual([1, ['SUP-0007']]);
    expect(server.seen[1]!.query.get('name')).toBe('Title of SUP-0001');
    server.serve({ 'GET /api/v1/acme/supplier/similar': { json: { items: [] } } });
    const none = await run(['supplier', 'similar', 'Acme'], withKey());
    expect([none.code, none.out]).toEqual([0, '']);
    expect((await run(['supplier', 'similar', 'Acme', '--digest', 'x'], withKey())).code).toBe(2);
  });
});

describe('list', () => {
  const page = (from: number, count: number, next: string | null) => ({
    items: Array.from({ length: count }, (_, i) =>
      record(`RSK-${String(from + i).padStart(4, '0')}`, 'risk', {
        values: { title: '=1+1', owner: 'PSN-0001' },
        derived: { level: 12 },
        links: { systems: ['SYS-0001'] },
      }),
    ),
    next,
    total: 230,
    references: {
      'SYS-0001': { register: 'aiSystem', title: 'Assistant' },
      'PSN-0001': { register: 'person', title: 'Ada \u001b[2J' },
    },
  });

  it('asks for a standing where states rest on decisions, and nowhere else', async () => {
    server.serve({ 'GET /api/v1/acme/risk': { json: page(1, 1, null) } });
    const { code } = await run(
      ['risk', 'list', '--standing', 'stale,ended', '--filter', 'state=accepted'],
      withKey(),
    );
    expect([code, Object.fromEntries(server.seen[0]!.query)]).toEqual([
      0,
      { limit: '50', state: 'accepted', standing: 'stale,ended', total: 'true' },
    ]);
    const wrong = await run(['risk', 'list', '--standing', 'old'], withKey());
    expect([wrong.code, wrong.err]).toEqual([
      2,
      expect.stringMatching(/Expected current, alone, stale, ended/),
    ]);
    const none = await run(['evidence', 'list', '--standing', 'stale'], withKey());
    expect([none.code, none.err]).toEqual([2, expect.stringMatching(/unknown option/i)]);
  });

  it('passes sort, search and filters on, and writes CSV that no spreadsheet runs', async () => {
    server.serve({ 'GET /api/v1/acme/risk': { json: page(1, 50, 'c2') } });
    const { code, out, err } = await run(
      [
        'risk',
        'list',
        '--sort',
        '-level',
        '--q',
        'advice',
        '--filter',
        'state=open,assessed',
        '--filter',
        'level.gte=10',
      ],
      withKey(),
    );
    expect(code).toBe(0);
    expect(Object.fromEntries(server.seen[0]!.query)).toEqual({
      limit: '50',
      sort: '-level',
      q: 'advice',
      state: 'open,assessed',
      'level.gte': '10',
      total: 'true',
    });
    const lines = out.trim().split('\n');
    expect(lines[0]).toMatch(/^ref,title,/);
    expect(lines[1]).toContain("'=1+1");
    expect(lines).toHaveLength(51);
    expect(err, 'a list that is cut says so, in a pipe too').toContain('50 of 230');
  });

  it('draws a table on a terminal, with titles, and disarms what could rewrite the screen', async () => {
    server.serve({ 'GET /api/v1/acme/risk': { json: page(1, 50, 'c2') } });
    const { out, err } = await run(['risk', 'list'], {
      ...withKey({ env: { NO_COLOR: '1' } }),
      terminal: 300,
    });
    expect(out).toContain('Number');
    expect(out).toContain('SYS-0001 Assistant');
    expect(out).not.toContain('\u001b');
    expect(err).toContain('50 of 230');
  });

  it('follows pages with --all, and with a limit above one page', async () => {
    const pages: Record<string, ReturnType<typeof page>> = {
      first: page(1, 200, 'c2'),
      c2: page(201, 30, null),
    };
    server.serve({ 'GET /api/v1/acme/risk': (s) => ({ json: pages[s.query.get('after') ?? 'first'] }) });
    const all = await run(['risk', 'list', '--all', '--output', 'json'], withKey());
    expect(JSON.parse(all.out)).toHaveLength(230);
    expect(server.seen.map((s) => s.query.get('limit'))).toEqual(['200', '200']);
    server.seen.length = 0;
    await run(['risk', 'list', '--limit', '210', '--output', 'json'], withKey());
    expect(server.seen.map((s) => s.query.get('limit'))).toEqual(['200', '10']);
  });
});

describe('import and export', () => {
  it('reports problems with exit code 1 and counts with 0', async () => {
    const report = { rows: 2, created: 1, updated: 1, unchanged: 0, dryRun: true, problems: [] as unknown[] };
    server.serve({ 'POST /api/v1/acme/risk/import': () => ({ json: report }) });
    const ok = await run(['risk', 'import', '-', '--dry-run'], withKey({ stdin: 'title\nA\n' }));
    expect(ok).toMatchObject({
      code: 0,
      out: 'Checked, nothing stored: 2 rows, 1 new, 1 changed, 0 as before.\n',
    });
    expect(server.seen[0]!.body.toString()).toBe('title\nA\n');
    expect(Object.fromEntries(server.seen[0]!.query)).toEqual({ dryRun: 'true' });
    report.problems.push({ path: 'line 3, column likelihood', message: 'must be from 1 to 5' });
    const bad = await run(['risk', 'import', '-'], withKey({ stdin: 'x' }));
    expect(bad.code).toBe(1);
    expect(bad.err).toContain('line 3, column likelihood: must be from 1 to 5');
  });

  it('streams an export, and calls one that breaks off an error', async () => {
    server.serve({ 'GET /api/v1/acme/risk/export': { text: 'ref,title\nRSK-0001,A\n' } });
    expect(await run(['risk', 'export'], withKey())).toMatchObject({
      code: 0,
      out: 'ref,title\nRSK-0001,A\n',
    });
    server.serve({ 'GET /api/v1/acme/risk/export': { text: 'ref,ti', breakOff: 1000 } });
    const cut = await run(['risk', 'export'], withKey());
    expect(cut).toMatchObject({ code: 2, err: expect.stringContaining('not complete') as string });
  });
});

describe('when the server refuses or is not there', () => {
  it('prints the sentence and each problem by its path', async () => {
    const problems = [{ path: '/likelihood', message: 'must be from 1 to 5' }];
    server.serve({
      'POST /api/v1/acme/risk': problem(422, 'INVALID', 'AI risk: likelihood must be from 1 to 5.', problems),
    });
    const { code, out, err } = await run(['risk', 'add', '--likelihood', '9'], withKey());
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe('error: AI risk: likelihood must be from 1 to 5.\n  /likelihood: must be from 1 to 5\n');
  });

  it('says how to sign in', async () => {
    server.serve({ 'GET /api/v1/acme/risk/RSK-0001': problem(401, 'NOT_SIGNED_IN', 'Sign in first.') });
    const { code, err } = await run(['risk', 'show', 'RSK-0001'], {
      env: { AIMS_URL: server.url, AIMS_ORG: 'acme' },
    });
    expect(code).toBe(2);
    expect(err).toContain('aims login');
  });

  it('tells an unreachable server, a page of something else, and a redirection', async () => {
    const dead = await FixtureServer.start();
    const { url } = dead;
    await dead.stop();
    const gone = await run(['risk', 'list'], withKey({ env: { AIMS_URL: url } }));
    expect(gone.code).toBe(2);
    expect(gone.err).toContain(`The server at ${url} cannot be reached`);
    server.serve({ 'GET /api/v1/acme/risk': { text: '<html>' } });
    expect(await run(['risk', 'list'], withKey())).toMatchObject({
      code: 2,
      err: expect.stringContaining('not as an OpenAIMS server') as string,
    });
    server.serve({ 'GET /api/v1/acme/risk': { status: 302, headers: { location: 'http://evil.example/' } } });
    expect(await run(['risk', 'list'], withKey())).toMatchObject({
      code: 2,
      err: expect.stringContaining('not followed') as string,
    });
  });
});
