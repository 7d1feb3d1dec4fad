import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PackManifest, type PackRecord, type PackVerdict, verifyPack } from '../../src/pack/index.ts';
import { located, said } from '../../src/pack/testing/verdict.ts';
import { derive } from '../../src/register/values.ts';
import { sampleInput, standing } from '../support/arrange.ts';
import { DEPTH, times } from '../support/depth.ts';
import { given, PASSWORD, ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

let t: TestInstance;
let ada: Visitor;
let folder: string;
let system: string;
let other: string;
let release: string;
let vkey: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pack-test-'));
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
  const make = async (register: string, input: Record<string, unknown>) => {
    const sample = await sampleInput(t, t.app.registry.get(register), 7, 'required');
    const { ref } = await given(t, register, { ...sample, ...input });
    // Each record under a checkpoint of its own: which ones there are does not hang on the speed of the machine.
    await t.app.sequencer.settle(t.organisation.id);
    return ref;
  };
  system = await make('aiSystem', { name: 'Chat', purpose: 'Answers questions', owner: ada.ref });
  other = await make('aiSystem', { name: 'Sorter', purpose: 'Sorts letters', owner: ada.ref });
  release = await make('release', { title: 'Chat 1', system: [system] });
  await make('release', { title: 'Sorter 1', system: [other] });
  for (let i = 1; i <= 6; i++)
    await make('risk', { title: `Risk ${i}`, systems: [i % 3 === 0 ? other : system], owner: ada.ref });
  await make('risk', { title: 'Of both', systems: [system, other] });
  for (const purpose of ['Answers more', 'Answers all'])
    expect((await ada.ask('PATCH', `aiSystem/${system}`, { purpose })).status).toBe(200);
  const file = readFileSync(join(ROOT, 'demo/evidence/eval-basic-2.3.1.json'));
  const added = await ada.ask('POST', `evidence/add?release=${release}&fileName=eval.json`, file);
  expect(added.status, added.text).toBe(201);
  const decided = await ada.ask('POST', `release/${release}/gate`, undefined);
  expect(decided.status, decided.text).toBe(200);
  vkey = (await t.stranger.ask('GET', '/log/acme/vkey')).text.trim();
}, 60_000);
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

const registers = {
  prefix: (name: string) => t.app.registry.find(name)?.prefix,
  derive: (name: string, values: Record<string, unknown>) => {
    const register = t.app.registry.find(name);
    return register && derive(register, values);
  },
};
let count = 0;

/** A pack as the interface gives it out, written to a file. */
async function pack(query = '', who = ada): Promise<string> {
  const r = await t.server.inject({
    method: 'GET',
    url: `/api/v1/acme/audit-pack${query}`,
    headers: who.headers,
  });
  expect(r.statusCode, r.body.slice(0, 500)).toBe(200);
  const path = join(folder, `pack-${++count}.zip`);
  writeFileSync(path, r.rawPayload);
  return path;
}

const check = async (query = ''): Promise<PackVerdict> => verifyPack(await pack(query), { vkey, registers });
const filesOf = (path: string) => new Map(Object.entries(unzipSync(readFileSync(path))));
const textOf = (files: Map<string, Uint8Array>, name: string) =>
  Buffer.from(files.get(name)!).toString('utf8');
const recordsOf = (path: string): PackRecord[] =>
  [...filesOf(path)]
    .filter(([name]) => name.startsWith('records/'))
    .flatMap(([name]) => textOf(filesOf(path), name).trim().split('\n'))
    .map((line) => JSON.parse(line) as PackRecord);

describe('a pack of everything', () => {
  test('verifies, with the key and what the registers know', async () => {
    const v = await check();
    expect(said(v)).toBe('');
    expect(v.ok).toBe(true);
    expect(v.facts).toMatchObject({
      keyFrom: 'caller',
      evidence: 1,
      decisions: 1,
      notCompared: 0,
      system: null,
    });
    expect(v.facts.records).toBeGreaterThan(15);
  });

  test('is a download of the whole file, for those who may', async () => {
    // More than ten: entries come in the order of their numbers, not of their digits.
    for (let i = 0; i < 14; i++)
      await given(t, 'aiSystem', { name: `Bot ${i}`, purpose: 'x', owner: ada.ref });
    const r = await t.server.inject({ method: 'GET', url: '/api/v1/acme/audit-pack', headers: ada.headers });
    expect(r.headers['content-type']).toBe('application/zip');
    expect(Number(r.headers['content-length'])).toBe(r.rawPayload.length);
    expect(r.headers['content-disposition']).toMatch(
      /^attachment; filename="acme-audit-pack-\d{4}-\d\d-\d\d\.zip"$/,
    );
    const bea = await t.person('Bea', ['contributor']);
    expect((await bea.ask('GET', 'audit-pack')).status).toBe(403);
    expect((await t.stranger.ask('GET', 'audit-pack')).status).toBe(401);
    const cleo = await t.person('Cleo', ['auditor']);
    await pack('', cleo);
    expect((await ada.ask('GET', 'audit-pack?system=SYS-9999')).status).toBe(404);
    expect((await ada.ask('GET', `audit-pack?system=${release}`)).status).toBe(404);
    expect((await ada.ask('GET', 'audit-pack?asOf=nonsense')).status).toBe(400);
  });

  test('holds what is needed to check it without us', async () => {
    const files = filesOf(await pack());
    const manifest = JSON.parse(textOf(files, 'pack.json')) as PackManifest;
    expect(Object.keys(manifest.files).sort()).toEqual(
      [...files.keys()].filter((n) => n !== 'pack.json').sort(),
    );
    for (const name of [
      'README.md',
      'verifiers/audit.py',
      'verifiers/audit.go',
      'log/policy',
      'documents/risk.csv',
    ])
      expect(files.has(name), name).toBe(true);
    expect(textOf(files, 'documents/risk.csv')).toContain('Of both');
    expect([...files.keys()].at(-1)).toBe('pack.json');
  });

  test('the commands of its README do what they say', async () => {
    const path = await pack();
    const place = mkdtempSync(join(folder, 'unpacked-'));
    for (const [name, bytes] of filesOf(path)) {
      execFileSync('mkdir', ['-p', join(place, name, '..')]);
      writeFileSync(join(place, name), bytes);
    }
    const manifest = JSON.parse(readFileSync(join(place, 'pack.json'), 'utf8')) as PackManifest;
    writeFileSync(join(place, 'kept.vkey'), `${vkey}\n`);
    writeFileSync(join(place, 'gate.pem'), manifest.gateKey);
    const blocks = [...readFileSync(join(place, 'README.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(
      (m) => m[1]!,
    );
    const run = (part: string) => {
      const block = blocks.find((b) => b.includes(part));
      expect(block, part).toBeDefined();
      return execFileSync('bash', ['-ec', block!], { cwd: place, encoding: 'utf8' });
    };
    expect(run('pkeyutl')).toContain('Signature Verified Successfully');
    expect(run('sha256sum')).toContain(': OK');
    expect(run('DSSEv1')).toContain('Verified OK');
  });
});

describe('a pack of one system', () => {
  test('holds the records around it, people and decisions included, and none of another system', async () => {
    const path = await pack(`?system=${system}`);
    const v = await verifyPack(path, { vkey, registers });
    expect(said(v)).toBe('');
    expect([v.ok, v.facts.system]).toEqual([true, system]);
    const held = recordsOf(path);
    const titles = held.map((r) => r.present!.title);
    for (const title of ['Chat', 'Chat 1', 'Risk 1', 'Risk 2', 'Of both', 'Ada'])
      expect(titles).toContain(title);
    for (const title of ['Sorter', 'Sorter 1', 'Risk 3', 'Risk 6']) expect(titles).not.toContain(title);
    const kinds = new Set(held.map((r) => r.register));
    for (const kind of ['testRun', 'evidence', 'gateDecision', 'person']) expect(kinds).toContain(kind);
  });
});

describe('decisions', () => {
  test('on what a pack of one system holds come with it, and none on what it does not hold', async () => {
    const dan = await t.person('Dan', ['designatedManagement']);
    const rating = { likelihood: 2, impactOrganisation: 2, impactIndividuals: 2, impactSociety: 2 };
    const until = new Date(t.app.clock.now().getTime() + 30 * 86_400_000).toISOString().slice(0, 10);
    const decided: string[] = [];
    for (const [i, of] of [system, other].entries()) {
      const risk = await standing(t, t.app.registry.get('risk'), 'assessed', 900 + i, {
        more: { title: `Accepted ${i}`, owner: ada.ref, systems: [of], reviewBy: until, ...rating },
      });
      const body = { reason: 'within appetite', until, password: PASSWORD };
      const a = await dan.ask('POST', `risk/${risk}/accept`, body);
      expect(a.status, a.text).toBe(200);
      decided.push(risk);
    }
    const about = async (query: string) =>
      recordsOf(await pack(query))
        .filter((r) => r.register === 'decision')
        .map((r) => JSON.stringify(r))
        .map((text) => decided.filter((ref) => text.includes(ref)).join())
        .filter(Boolean);
    expect(await about(`?system=${system}`)).toEqual([decided[0]]);
    expect((await about('')).sort()).toEqual(decided);
    expect(said(await check(`?system=${system}`))).toBe('');
  });
});

describe('a pack of an earlier state', () => {
  test('is the log up to a checkpoint of exactly that size, with versions up to there', async () => {
    const rows = await t.app.db.asOwner({ text: 'select size from checkpoint order by size' });
    const sizes = rows.map((r) => r.size as number).filter((n) => n > 3);
    expect(sizes.length).toBeGreaterThan(5);
    for (const size of [sizes[0]!, sizes[3]!, sizes.at(-1)!]) {
      const v = await check(`?asOf=${size}`);
      expect(said(v)).toBe('');
      expect([v.ok, v.facts.size, v.facts.asOf?.size]).toEqual([true, size, size]);
    }
    const now = new Date().toISOString();
    expect((await check(`?asOf=${encodeURIComponent(now)}`)).facts.asOf).not.toBeNull();
    const answer = await ada.ask('GET', 'audit-pack?asOf=100000');
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  });
});

/** Runs statements as somebody who owns the server: triggers and row-level security do not hold them up. */
async function asSuperuser(
  ...statements: { text: string; values?: unknown[] }[]
): Promise<Record<string, unknown>[]> {
  const client = await t.app.db.ownerPool.connect();
  try {
    await client.query('begin');
    await client.query(`set local session_replication_role = 'replica'`);
    let rows: Record<string, unknown>[] = [];
    for (const s of statements) rows = (await client.query(s)).rows as Record<string, unknown>[];
    await client.query('commit');
    return rows;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

interface Row {
  table: string;
  where: string;
  values: unknown[];
}

/** Changes a row, lets `body` look, and puts the row back. */
async function tampered(row: Row, set: string, body: () => Promise<void>): Promise<void> {
  const [before] = await asSuperuser({
    text: `select to_jsonb(x) as row from ${row.table} x where ${row.where}`,
    values: row.values,
  });
  expect(before, `${row.table} ${row.where}`).toBeDefined();
  // What changes may be what names the row: it is found again by its place.
  const [at] = await asSuperuser(
    set === 'delete'
      ? { text: `delete from ${row.table} where ${row.where}`, values: row.values }
      : {
          text: `update ${row.table} set ${set} where ${row.where} returning ctid::text as ctid`,
          values: row.values,
        },
  );
  try {
    await body();
  } finally {
    await asSuperuser(
      ...(at ? [{ text: `delete from ${row.table} where ctid = $1::tid`, values: [at.ctid] }] : []),
      {
        text: `insert into ${row.table} select * from jsonb_populate_record(null::public.${row.table}, $1)`,
        values: [JSON.stringify(before!.row)],
      },
    );
  }
}

const key = (table: string, row: Record<string, unknown>, names: string[]): Row => ({
  table,
  where: names.map((n, i) => `${n} = $${i + 1}`).join(' and '),
  values: names.map((n) => row[n]),
});

const rowsOf = async (text: string) => (await t.app.db.asOwner({ text })) as Record<string, unknown>[];

/**
 * Every change must be refused, and the place named; answers how many changes there were. Where several rows of one table are changed in the
 * same ways, each way is tried on so many, and on each row others; with greater depth every way on every row.
 */
async function refuseAll(
  cases: { row: Row; sets: string[]; at: Parameters<typeof located>[1] }[],
  rowsEach = 1,
): Promise<number> {
  const wrong: string[] = [];
  let tried = 0;
  const alike = (row: Row) => cases.filter((c) => c.row.table === row.table);
  for (const { row, sets, at } of cases)
    for (const [i, set] of sets.entries()) {
      const rows = alike(row);
      const turn = rows.findIndex((c) => c.row === row);
      const apart = Math.min(sets.length, Math.ceil(rows.length / rowsEach));
      if (DEPTH === 1 && (i + turn) % apart !== 0) continue;
      await tampered(row, set, async () => {
        tried += 1;
        const v = await check();
        const what = `${row.table} ${JSON.stringify(row.values)} set ${set}`;
        if (v.ok) wrong.push(`${what}: passed as sound`);
        else if (!located(v, at)) wrong.push(`${what}: expected ${JSON.stringify(at)}, got\n${said(v)}`);
      });
    }
  expect(wrong.slice(0, 4).join('\n\n')).toBe('');
  return tried;
}

/** Bits that are turned over in what is longer than a row, from its beginning to its end. */
const FLIPS = times(5, 16);

const VERSIONS = `select v.*, r.ref, f.index from version v join record r on r.id = v.record_id join leaf f
  on f.record_id = v.record_id and f.version = v.version order by f.index`;
const bitOf = (column: string, bit: number) =>
  `${column} = set_bit(${column}, ${bit}, 1 - get_bit(${column}, ${bit}))`;
const wrongText = (column: string) => `${column} = ${column} || 'x'`;

describe('rows changed past the ledger are found and named', () => {
  test('version', async () => {
    const all = await rowsOf(VERSIONS);
    const isNewest = (v: Record<string, unknown>) =>
      !all.some((x) => x.record_id === v.record_id && (x.version as number) > (v.version as number));
    // Each way on a newest version and on one before it: a newest one is compared with its record too, and the others with their entries alone.
    const before = all.filter((v) => !isNewest(v));
    expect(before.length).toBeGreaterThan(1);
    const newest = all.filter(isNewest);
    const apart = Math.floor(newest.length / before.length);
    const tried = await refuseAll(
      [...before.map((_, i) => newest[i * apart]!), ...before]
        .map((v) => ({
          row: key('version', v, ['organisation', 'record_id', 'version']),
          sets: [
            `at = at + interval '1 millisecond'`,
            `at = at + interval '1 microsecond'`,
            wrongText('act'),
            wrongText('state'),
            wrongText('actor'),
            `transition = coalesce(transition, '') || 'x'`,
            `digest = translate(digest, '0123456789', '1234567890')`,
            'version = version + 100',
            'delete',
          ],
          at: { ref: v.ref as string, entry: v.index as number },
        }))
        .map((c) => ({ ...c, at: { entry: c.at.entry } })),
      2,
    );
    expect(tried).toBeGreaterThan(10);
  }, 120_000);

  test('content and secret', async () => {
    const rows =
      await rowsOf(`select c.*, r.ref, f.index from content c join record r on r.id = c.record_id join leaf f
      on f.record_id = c.record_id and f.version = c.version order by f.index, c.part`);
    // Two of each kind of part: each opens a commitment of its own.
    const some = rows.filter((c) => {
      const alike = rows.filter((x) => x.part === c.part);
      return c === alike[0] || c === alike.at(-1);
    });
    const at = (c: Record<string, unknown>) => ({
      ref: c.ref as string,
      version: c.version as number,
      entry: c.index as number,
    });
    const names = ['organisation', 'record_id', 'version', 'part'];
    const contents = some.map((c) => ({
      row: key('content', c, names),
      sets: [
        `value = '"changed"'`,
        `value = 'null'`,
        `value = '1e400'`,
        `value = jsonb_build_array(value)`,
        `part = 'other'`,
        'delete',
      ],
      at: at(c),
    }));
    const salts = some.map((c) => ({
      row: key('secret', c, names),
      sets: [bitOf('salt', 0), bitOf('salt', 255), bitOf('salt', 100), 'delete'],
      at: at(c),
    }));
    expect(await refuseAll([...contents, ...salts])).toBeGreaterThan(14);
  }, 120_000);

  test('leaf', async () => {
    const rows = (await rowsOf('select * from leaf order by index')).filter((_, i) => i % 9 === 0);
    const tried = await refuseAll(
      rows.map((l) => ({
        row: key('leaf', l, ['organisation', 'log', 'index']),
        sets: [
          bitOf('entry', 0),
          bitOf('entry', 777),
          `entry = substring(entry from 2)`,
          `entry = entry || '\\x20'`,
          `entry = ''`,
          'index = index + 1000',
          'index = 9223372036854775807',
          'delete',
        ],
        at: { entry: l.index as number },
      })),
    );
    expect(tried).toBeGreaterThan(7);
  }, 120_000);

  test('two leaves exchanged, and one put twice', async () => {
    const swap = () =>
      asSuperuser({
        text: `update leaf x set entry = y.entry from leaf y where (x.index = 3 and y.index = 4) or (x.index = 4 and y.index = 3)`,
      });
    await swap();
    const exchanged = await check();
    await swap();
    expect(
      exchanged.problems
        .filter((p) => p.step === 'log')
        .map((p) => p.message)
        .join(),
    ).toContain('entry 3');
    const [leaf] = await rowsOf('select * from leaf where index = 6');
    const copy = 'entry = (select entry from leaf where index = 5)';
    await tampered(key('leaf', leaf!, ['organisation', 'log', 'index']), copy, async () => {
      expect(located(await check(), { entry: 6 })).toBe(true);
    });
  });

  test('tile', async () => {
    const rows = await rowsOf('select *, octet_length(hashes) * 8 as bits from tile');
    expect(rows.length).toBeGreaterThan(0);
    const bits = rows.flatMap((r) =>
      Array.from({ length: FLIPS }, (_, i) => Math.floor(((r.bits as number) * i) / FLIPS) + (i % 8)),
    );
    const tried = await refuseAll(
      rows.map((r) => ({
        row: key('tile', r, ['organisation', 'log', 'level', 'index']),
        sets: [
          ...bits.map((bit) => bitOf('hashes', bit)),
          'hashes = substring(hashes from 1 for 32)',
          'index = index + 5',
          'delete',
        ],
        at: { step: 'log' } as never,
      })),
    );
    expect(tried).toBeGreaterThan(7);
    const [tile] = rows;
    await tampered(
      key('tile', tile!, ['organisation', 'log', 'level', 'index']),
      bitOf('hashes', 32 * 8 * 5 + 3),
      async () => {
        expect(located(await check(), { entry: 5, step: 'log' } as never)).toBe(true);
      },
    );
  }, 120_000);

  test('checkpoint, the log row and its key', async () => {
    const [log] = await rowsOf('select * from log');
    const [last] = await rowsOf('select * from checkpoint order by size desc limit 1 offset 2');
    const [free] = await rowsOf(
      'select n from generate_series(1, 60) n where not exists (select from checkpoint where size = n) limit 1',
    );
    const [signing] = await rowsOf('select * from log_key');
    const place = key('log', log!, ['organisation']);
    await refuseAll([
      {
        row: place,
        sets: [
          `checkpoint = translate(checkpoint, 'ABCDEFGH', 'BCDEFGHA')`,
          `checkpoint = replace(checkpoint, E'\\n\\n', E'\\n')`,
          `checkpoint = ''`,
          'size = size - 1',
          'size = 9223372036854775807',
          `root = decode(repeat('00', 32), 'hex')`,
          wrongText('origin'),
        ],
        at: { step: 'checkpoint' } as never,
      },
      {
        row: key('checkpoint', last!, ['organisation', 'log', 'size']),
        sets: [
          `note = translate(note, 'ABCDEFGH', 'BCDEFGHA')`,
          `note = replace(note, '/', '+')`,
          `note = 'x'`,
          ...(free ? [`size = ${free.n as number}`] : []),
        ],
        at: { file: 'log/checkpoints.jsonl' },
      },
      {
        row: key('log_key', signing!, ['organisation', 'log', 'vkey']),
        sets: [wrongText('vkey'), 'delete'],
        at: { file: 'log/vkey' },
      },
    ]);
  }, 120_000);

  test('record', async () => {
    const rows =
      await rowsOf(`select r.*, f.index from record r join leaf f on f.record_id = r.id and f.version = r.version
      where r.register in ('aiSystem', 'risk') order by r.number limit 3`);
    const tried = await refuseAll(
      rows.map((r) => ({
        row: key('record', r, ['organisation', 'id']),
        sets: [
          wrongText('state'),
          'version = version + 1',
          wrongText('title'),
          `"values" = "values" || '{"extra": 1}'`,
          `"values" = '{}'`,
          `"values" = '[1]'`,
          `"values" = "values" || '{"owner": "PSN-0099"}'`,
          `derived = derived || '{"level": 1}'`,
          `number = number + 100`,
        ],
        at: { entry: r.index as number },
      })),
    );
    expect(tried).toBeGreaterThan(8);
    await refuseAll(
      rows.map((r) => ({
        row: key('record', r, ['organisation', 'id']),
        sets: ['delete', wrongText('register'), `ref = 'XXX' || substring(ref from 4)`],
        at: {},
      })),
    );
  }, 120_000);

  test('link', async () => {
    const [link] = await rowsOf(
      `select l.*, r.ref from link l join record r on r.id = l.from_id where r.register = 'risk' limit 1`,
    );
    await refuseAll([
      {
        row: key('link', link!, ['organisation', 'from_id', 'name', 'to_id']),
        sets: ['delete', wrongText('name')],
        at: { ref: link!.ref as string, step: 'present' } as never,
      },
    ]);
  });

  test('the file of evidence', async () => {
    const [blob] = await rowsOf('select sha256 from blob');
    const sha256 = blob!.sha256 as string;
    const path = join(t.dataDir, 'blobs', sha256.slice(0, 2), sha256);
    const bytes = readFileSync(path);
    const expected = { file: `evidence/${blob!.sha256 as string}`, ref: 'EVD-0001' };
    const variants = [
      bytes.subarray(1),
      bytes.subarray(0, -1),
      Buffer.alloc(0),
      Buffer.concat([bytes, Buffer.from(' ')]),
    ];
    for (let i = 0; i < FLIPS; i++) {
      const copy = Buffer.from(bytes);
      copy[Math.floor((bytes.length * i) / FLIPS)]! ^= 1 << (i % 8);
      variants.push(copy);
    }
    for (const variant of variants) {
      writeFileSync(path, variant);
      expect(located(await check(), expected)).toBe(true);
    }
    rmSync(path);
    expect(located(await check(), expected)).toBe(true);
    writeFileSync(path, bytes);
    expect((await check()).ok).toBe(true);
  }, 60_000);
});
