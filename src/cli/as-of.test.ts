import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FixtureServer, record } from './testing/fixture-server.ts';
import { run } from './testing/run.ts';

let server: FixtureServer;
beforeAll(async () => {
  server = await FixtureServer.start();
});
afterAll(() => server.stop());
const withKey = () => ({
  env: { AIMS_URL: server.url, AIMS_ORG: 'acme', AIMS_KEY: 'aims_0123456789abcdef' },
});
const asOf = { log: 1, size: 120, at: '2027-03-31T12:00:00.000Z' };
const asked = () => server.seen.map((s) => Object.fromEntries(s.query));

describe('--as-of', () => {
  it('is passed on by every command that reads, and the answer says which state it is', async () => {
    const item = record('RSK-0001', 'risk');
    server.serve({
      'GET /api/v1/acme/risk': { json: { items: [item], next: null, references: {}, asOf } },
      'GET /api/v1/acme/risk/RSK-0001': { json: { ...item, asOf } },
      'GET /api/v1/acme/risk/RSK-0001/versions': { json: { items: [], next: null, asOf } },
      'GET /api/v1/acme/risk/export': { text: 'ref\n' },
    });
    const point = ['--as-of', '2027-03-31'];
    let asking = 0;
    for (const args of [['list'], ['show', 'RSK-0001'], ['versions', 'RSK-0001'], ['export']]) {
      server.seen.length = 0;
      const { code, err } = await run(['risk', ...args, ...point], withKey());
      expect(code, err).toBe(0);
      expect(asked()).toEqual([expect.objectContaining({ asOf: '2027-03-31' })]);
      if (args[0] === 'list' || args[0] === 'show')
        expect(err).toContain('As of 2027-03-31T12:00:00.000Z, entry 120; checked against the log.');
      asking += 1;
    }
    expect(asking).toBe(4);
    const filtered = await run(['risk', 'list', '--filter', 'asOf=5'], withKey());
    expect(filtered).toMatchObject({ code: 2, err: expect.stringContaining('--as-of instead') as string });
  });
});

describe('--as-of of what is computed', () => {
  const COMMANDS: [string[], string][] = [
    [['risk', 'standing', 'RSK-0001'], 'risk/RSK-0001/standing'],
    [['risk', 'matrix'], 'risk/matrix'],
    [['risk', 'quantify', 'RSK-0001'], 'risk/RSK-0001/quantification'],
    [['risk', 'quantify'], 'risk/portfolio'],
    [['impact-assessment', 'triggers', 'IMA-0001'], 'impactAssessment/IMA-0001/triggers'],
    [['control', 'statement', '--json'], 'control/statement'],
    [['ai-system', 'requirements', 'SYS-0001'], 'aiSystem/SYS-0001/requirements'],
    [['ai-system', 'effects', 'SYS-0001'], 'aiSystem/SYS-0001/effects'],
    [['component', 'effects', 'CMP-0001'], 'component/CMP-0001/effects'],
    [['change', 'effects', 'CHG-0001'], 'change/CHG-0001/effects'],
    [['gate', 'REL-0001', '--preview'], 'release/REL-0001/gate'],
  ];

  it.each(COMMANDS)(
    '%s is asked of the point, says it, and names what was erased since',
    async (args, path) => {
      const erased = [{ ref: 'RSK-0001', register: 'risk', parts: ['text', 'people'] }];
      server.serve({ [`GET /api/v1/acme/${path}`]: { json: { asOf, erased } } });
      server.seen.length = 0;
      const { err } = await run([...args, '--as-of', '2027-03-31'], withKey());
      expect(asked()).toEqual([expect.objectContaining({ asOf: '2027-03-31' })]);
      expect(err).toContain('As of 2027-03-31T12:00:00.000Z, entry 120.');
      expect(err).toContain('Erased since, and so not known: RSK-0001 (text, people).');
    },
  );

  it('the gate decides of the present alone', async () => {
    server.seen.length = 0;
    const { code, err } = await run(['gate', 'REL-0001', '--as-of', '5'], withKey());
    expect([code, asked()]).toEqual([2, []]);
    expect(err).toContain('give --preview too');
  });
});

describe('diff', () => {
  const page = (n: number, next: string | null) => ({
    from: { ...asOf, size: 100 },
    to: asOf,
    counts: [{ register: 'risk', label: 'AI risks', created: 1, changed: 1 }],
    items: [
      {
        ref: `RSK-000${n}`,
        register: 'risk',
        title: `Title \u001b[2J${n}`,
        created: n === 2,
        state: { from: n === 2 ? null : 'open', to: 'assessed' },
        changed: [{ name: 'title', label: 'Title', from: n === 2 ? null : 'Old', to: 'New' }],
        versions: [{ version: n, at: asOf.at, act: 'edit', actor: { ref: 'PSN-0001', name: 'Ada' } }],
        versionsTotal: 3,
        erased: { from: ['text'], to: [] },
      },
    ],
    next,
    references: {},
  });

  it('follows the pages, and says what changed from what to what, by whom', async () => {
    server.serve({
      'GET /api/v1/acme/differences': (s) => ({ json: s.query.get('after') ? page(2, null) : page(1, 'c2') }),
    });
    server.seen.length = 0;
    const args = ['diff', '--from', '100', '--to', '2027-03-31', '--register', 'risk'];
    const { code, out, err } = await run(args, withKey());
    expect([code, asked()]).toEqual([
      0,
      [
        { from: '100', to: '2027-03-31', register: 'risk', limit: '200' },
        { after: 'c2', limit: '200' },
      ],
    ]);
    for (const text of [
      'AI risks: 1 created, 1 changed',
      'changed, open -> assessed',
      'created, (nothing) -> assessed',
      'Title: Old -> New',
      'by Ada',
      '2 older versions between',
      'erased since: text',
    ])
      expect(out).toContain(text);
    expect(out).not.toContain('\u001b');
    expect(err).toContain('entry 100');
    const json = await run([...args, '--output', 'json'], withKey());
    expect(JSON.parse(json.out).items).toHaveLength(2);
  });

  it('needs a first point and a register that there is', async () => {
    expect(await run(['diff'], withKey())).toMatchObject({
      code: 2,
      err: expect.stringContaining('--from') as string,
    });
    const wrong = await run(['diff', '--from', '1', '--register', 'nonesuch'], withKey());
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('Expected one of') as string });
  });
});
