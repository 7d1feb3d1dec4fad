import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Instance } from '../../src/instance.ts';
import { decodeBundle, decodeEntry } from '../../src/ledger/index.ts';
import { registry } from '../../src/registers/index.ts';
import { OLD, OLD_PASSWORD, oldClock, oldInstance } from '../support/old-data.ts';

/** What 0.1.0 answered of a record. */
interface Then {
  state: string;
  version: number;
  standing?: string;
  decisions: { ref: string; kind: string; version: number; current: boolean; ended?: boolean }[];
}

const then = JSON.parse(gunzipSync(readFileSync(join(OLD, 'answers.json.gz'))).toString()) as Record<
  string,
  Then
>;
let old: Awaited<ReturnType<typeof oldInstance>>;
let instance: Instance;
const log: string[] = [];
let cookie = '';

async function ask(path: string) {
  const r = await instance.server.inject({
    method: 'GET',
    url: `/api/v1/demo/${path}`,
    headers: { cookie },
  });
  return { status: r.statusCode, text: r.body, body: JSON.parse(r.body) };
}

beforeAll(async () => {
  old = await oldInstance(oldClock(), (line) => log.push(line));
  instance = old.instance;
  const r = await instance.server.inject({
    method: 'POST',
    url: '/api/v1/sign-in',
    payload: { email: 'maria.santos@acme.example', password: OLD_PASSWORD },
  });
  cookie = [r.headers['set-cookie']]
    .flat()
    .map((c) => String(c).split(';')[0])
    .join('; ');
});
afterAll(() => old?.drop());

describe('a data folder of 0.1.0', () => {
  test('every record is there in its state and version, and no decision that counted has stopped counting', async () => {
    const wrong: string[] = [];
    let decided = 0;
    for (const [ref, was] of Object.entries(then)) {
      const { status, body, text } = await ask(`${registry.ofRef(ref)!.name}/${ref}`);
      if (status !== 200) {
        wrong.push(`${ref}: ${status} ${text}`);
        continue;
      }
      if (body.state !== was.state || body.version !== was.version)
        wrong.push(`${ref}: ${was.state} ${was.version} is ${body.state} ${body.version}`);
      if (body.standing !== was.standing) wrong.push(`${ref}: standing ${was.standing} is ${body.standing}`);
      for (const d of was.decisions) {
        const now = body.decisions.find((x: { ref: string }) => x.ref === d.ref);
        decided += 1;
        if (now?.current !== d.current || now?.ended !== d.ended)
          wrong.push(`${ref} ${d.ref}: current ${d.current} is ${now?.current}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(Object.keys(then).length).toBeGreaterThan(250);
    expect(decided).toBeGreaterThan(60);
  });

  test('the row of every record says what its newest version says', async () => {
    const { body } = await ask('rows/differences');
    expect([body.total, body.items]).toEqual([0, []]);
    expect(body.records).toBeGreaterThan(250);
  });

  test('what a class asks of its systems is what the gate asks', async () => {
    const missing: Record<string, string[]> = {};
    for (const ref of ['SYS-0001', 'SYS-0002', 'SYS-0003', 'SYS-0004']) {
      const { status, body, text } = await ask(`aiSystem/${ref}/requirements`);
      expect(status, text).toBe(200);
      missing[ref] = body.items.flatMap((i: { id: string; status: string }) =>
        i.status === 'missing' ? [i.id] : [],
      );
    }
    expect(missing).toEqual({
      'SYS-0001': [],
      'SYS-0002': [
        ...['hazards', 'riskAssessment', 'impactAssessment', 'risks'],
        ...['rollbackDrill', 'stopDrill', 'monitoring', 'userInformation'],
      ],
      'SYS-0003': ['rollback'],
      'SYS-0004': [],
    });
  });

  test('what is computed of it can be asked of earlier states, in its former log, too', async () => {
    const [demo] = await instance.app.db.organisationsWith('log', instance.app.clock.now());
    const [heads] = await instance.app.db.run(demo!.id, [
      { text: 'select distinct on (log) log, size, at from checkpoint order by log, size desc' },
    ]);
    expect(heads!.map((h) => h.log)).toEqual([1, 2]);
    const lines = (body: { groups: { lines: { ref: string; state: string; standing: string }[] }[] }) =>
      body.groups.flatMap((g) => g.lines.map((l) => [l.ref, l.state, l.standing]));
    for (const { log: number, size, at } of heads!) {
      const point = encodeURIComponent((at as Date).toISOString());
      for (const path of [
        'control/statement',
        'risk/matrix',
        'risk/RSK-0001/standing',
        'aiSystem/SYS-0001/requirements',
        'aiSystem/SYS-0001/effects',
        'release/REL-0001/gate',
      ]) {
        const { status, body, text } = await ask(`${path}?asOf=${point}`);
        expect(status, `${path} ${text}`).toBe(200);
        expect([body.asOf.log, body.asOf.size, body.erased], path).toEqual([number, size, []]);
        if (path === 'control/statement')
          expect(lines(body)).toEqual(lines((await ask('control/statement')).body));
      }
    }
  });

  test('lists compute the same standing as the pages', async () => {
    const wrong: string[] = [];
    let seen = 0;
    for (const register of registry.all) {
      const { status, body } = await ask(`${register.name}?limit=200`);
      if (status !== 200) continue;
      for (const i of body.items) {
        if (i.standing !== then[i.ref]?.standing)
          wrong.push(`${i.ref}: ${then[i.ref]?.standing} is ${i.standing}`);
        if (i.standing) seen += 1;
      }
    }
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(40);
  });

  test('its log goes on: the next write stands behind the last entry', async () => {
    const head = async () => {
      const { body, statusCode } = await instance.server.inject({
        method: 'GET',
        url: '/log/demo/2/checkpoint',
        headers: { cookie },
      });
      expect(statusCode, body).toBe(200);
      return Number(body.split('\n')[1]);
    };
    const entries = async () => {
      const { rawPayload, statusCode } = await instance.server.inject({
        method: 'GET',
        url: `/log/demo/2/tile/entries/000.p/${await head()}`,
        headers: { cookie },
      });
      expect(statusCode).toBe(200);
      return decodeBundle(rawPayload).map((entry) => decodeEntry(entry));
    };
    const exact = async () =>
      (await entries()).flatMap((e, i) => (e.type === 'log' && e.about === 'rows.entered' ? [i] : []));
    const before = await head();
    expect(await exact()).toEqual([]);
    for (const by of ['present', 'next']) {
      const r = await instance.server.inject({
        method: 'PATCH',
        url: '/api/v1/demo/hazard/HAZ-0002',
        headers: { cookie },
        payload: { description: `Looked at with the ${by} version` },
      });
      expect(r.statusCode, r.body).toBe(200);
      const [demo] = await instance.app.db.organisationsWith('log', instance.app.clock.now());
      await instance.app.sequencer.settle(demo!.id);
    }
    // The daily snapshot may be entered along with them.
    expect(await head()).toBeGreaterThan(before + 1);
    expect((await ask('hazard/HAZ-0002')).body.version).toBe(then['HAZ-0002']!.version + 2);
    // Said once, behind what was placed first.
    const [at, ...more] = await exact();
    expect([at! > before, more]).toEqual([true, []]);
    expect(log).toEqual([]);
  });
});

test('its records are found by words that 0.1.0 never found, and none of them got a version by that', async () => {
  const found = await ask('search?q=2.3.1');
  expect(found.status, found.text).toBe(200);
  expect(found.body.items.length, found.text).toBeGreaterThan(0);
  for (const { ref, register } of found.body.items) {
    const record = await ask(`${register}/${ref}`);
    if (then[ref]) expect([ref, record.body.version]).toEqual([ref, then[ref].version]);
  }
});
