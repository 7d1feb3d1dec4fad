import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, type TestInstance, testInstance } from '../../test/support/instance.ts';
import { compareRows } from '../app/passes/row-check.ts';
import { findOrganisation, type Organisation } from '../app/people/organisations.ts';
import { engineActor } from '../app/people/people.ts';
import { previewGate } from '../app/release/gate.ts';
import { readRequirements } from '../app/release/requirements.ts';
import { fixedClock } from '../base/clock.ts';
import type { GateResult } from '../gate/result.ts';
import { rulesOf } from '../register/covering.ts';
import { coverDigestSql } from '../store/authority/covers.ts';
import { coverDigest, coverRows } from '../store/authority/steps.ts';
import { takeNumbers } from '../store/records/write.ts';
import { readHistory } from './content.ts';
import { demoAccess, loadDemo } from './index.ts';

const FOLDER = join(ROOT, 'demo');
const AFTERWARDS = '2026-11-26T18:00:00Z';

const open = () => testInstance({ clock: fixedClock(AFTERWARDS) });
const quiet = () => {};

async function demoOf(t: TestInstance): Promise<Organisation> {
  const found = await findOrganisation(t.app, 'demo');
  if (!found) throw new Error('the demo organisation is not there');
  return found;
}

async function gateOf(t: TestInstance, ref: string): Promise<GateResult> {
  return previewGate(t.app, { actor: engineActor(await demoOf(t)) }, ref);
}

/** Every record with its state, and the size of the log. */
async function contentsOf(t: TestInstance): Promise<{ records: string[]; log: number }> {
  const { id } = await demoOf(t);
  const { size } = await t.app.sequencer.settle(id);
  const [rows] = await t.app.db.run(id, [
    { text: `select ref || ' ' || state || ' ' || version as r from record order by ref` },
  ]);
  return { records: rows!.map((r) => String(r.r)), log: size };
}

async function refsOf(t: TestInstance, register: string): Promise<string[]> {
  const [rows] = await t.app.db.run((await demoOf(t)).id, [
    { text: 'select ref from record where register = $1 order by ref', values: [register] },
  ]);
  return rows!.map((r) => String(r.ref));
}

const openChecks = (r: GateResult) => r.checks.filter((c) => c.status !== 'passed').map((c) => c.id);

let demo: TestInstance;
const said: string[] = [];
/** What a loading without a break makes. */
let whole: { records: string[]; log: number };
beforeAll(async () => {
  demo = await open();
  await loadDemo(demo.app, FOLDER, (line) => said.push(line));
  whole = await contentsOf(demo);
});
afterAll(() => demo?.close());

describe('demo organisation', () => {
  let t: TestInstance;
  beforeAll(() => {
    t = demo;
  });

  it('says that its history is staged, and has a public log', async () => {
    expect(said.join('\n')).toContain('staged: its clock was set');
    expect(await demoOf(t)).toMatchObject({ name: 'ACME Retail', demo: true, logPublic: true });
  });

  it('has the row of every record say what its newest version says', async () => {
    const { records, total, found } = await compareRows(t.app, (await demoOf(t)).id);
    expect([total, found]).toEqual([0, []]);
    expect(records).toBe(whole.records.length);
  });

  it('refuses 2.3.1 for its tests alone, and says which risks they show to be likelier than claimed', async () => {
    const result = await gateOf(t, 'REL-0001');
    expect(result.verdict).toBe('refuse');
    expect(openChecks(result)).toEqual(['tests']);
    const why = result.checks.flatMap((c) => c.reasons.map((r) => r.text)).join('\n');
    expect(why).toContain('11 of 44 attacks succeeded');
    expect(why).toMatch(/hijacking was planned .* and never run/);
    expect(why.match(/prompt-extraction: 8 of 8 failed/g)).toHaveLength(1);
    expect(why).toMatch(
      /RSK-0001 .*: tests put its likelihood at 5 \(CRI-0001\), claimed is 2\. HAZ-0002: 8 of 8 failed/,
    );
  });

  it('has decisions cover the same by either statement, whatever the register', async () => {
    const { id } = await demoOf(t);
    const covers = JSON.stringify(coverRows(t.app.registry));
    const found = await t.app.db.run(
      id,
      t.app.registry.all
        .flatMap((r) => rulesOf(r).map((rule) => [r, rule] as const))
        .map(([r, rule]) => ({
          text: `select r.ref, ${coverDigestSql(t.app.registry, r, 'r', rule)} as one, ${coverDigest('$2', String(rule))} as any from record r where r.register = $1 and $2::jsonb is not null`,
          values: [r.name, covers],
        })),
    );
    for (const row of found.flat()) expect(row.any, String(row.ref)).toBe(row.one);
    const digests = new Set(found.flat().map((row) => row.one));
    // Of several registers, some of nothing.
    expect(digests.size).toBeGreaterThan(15);
    expect(digests).toContain(null);
  });

  it('has a record of each register, but of those that nobody could have made in it', async () => {
    const [rows] = await t.app.db.run((await demoOf(t)).id, [
      { text: `select distinct register from record` },
    ]);
    const there = new Set(rows!.map((r) => r.register));
    const without = t.app.registry.all.map((r) => r.name).filter((name) => !there.has(name));
    // A key in a demo would be a door that everybody knows: the tour makes one. Nothing was done to the log itself: it is as old as the demo.
    expect(without).toEqual(['logChange', 'apiKey']);
  });

  it('has somebody in each part of each system, with its risks and its impact assessed', async () => {
    const [rows] = await t.app.db.run((await demoOf(t)).id, [
      {
        text: `select r.ref, r."values"->>'owner' as owner, r."values"->>'approver' as approver, r."values"->>'oversight' as oversight,
            array(select s.register || ' ' || s.state from link k join record s on s.organisation = k.organisation and s.id = k.from_id
              where k.organisation = r.organisation and k.to_id = r.id and s.register in ('riskAssessment', 'impactAssessment')
              order by s.register) as assessed
          from record r where r.register = 'aiSystem' order by r.number`,
      },
    ]);
    expect(rows).toHaveLength(4);
    for (const r of rows!) {
      const parts = [r.owner, r.approver, r.oversight];
      expect(new Set(parts).size, `${r.ref}: ${parts.join(', ')}`).toBe(3);
      expect(parts).not.toContain(null);
      // CV screening waits for its tests, and nobody has approved it.
      const state = r.ref === 'SYS-0002' ? 'concluded' : 'approved';
      expect([r.ref, r.assessed]).toEqual([r.ref, [`impactAssessment ${state}`, `riskAssessment ${state}`]]);
    }
  });

  it('has readings of each objective and monitor, and a statement of applicability with few lines undecided', async () => {
    const { id } = await demoOf(t);
    const [read, lines] = await t.app.db.run(id, [
      {
        text: `select ref, ("values"->>'latest')::float8 as latest from record where register in ('objective', 'monitor') order by ref`,
      },
      {
        text: `select state, count(*)::int as n from record where register = 'control' group by state order by state`,
      },
    ]);
    expect(read!.map((r) => [r.ref, r.latest])).toEqual([
      ['MON-0001', 4],
      ['MON-0002', 40],
      ['OBJ-0001', 25],
      ['OBJ-0002', 54.5],
      ['OBJ-0003', 100],
    ]);
    expect(lines!.reduce((sum, r) => sum + Number(r.n), 0)).toBe(38);
    expect(Object.fromEntries(lines!.map((r) => [r.state, r.n]))).toMatchObject({ excluded: 1, proposed: 2 });
  });

  it('holds only the failures of the assistant against it, not those of the echo in the same file', async () => {
    const result = await gateOf(t, 'REL-0001');
    const why = result.checks.flatMap((c) => c.reasons.map((r) => r.text)).join('\n');
    expect(why).toContain('2 of 8 cases failed in TST-0001; 2 further cases gave no verdict.');
    const [rows] = await t.app.db.run((await demoOf(t)).id, [
      { text: `select "values" from record where ref = 'TST-0001'` },
    ]);
    const run = rows![0]!.values as { subjectVersion: string; findings: { code: string; message: string }[] };
    expect(run.subjectVersion).toBe('2.3.1');
    expect(run.findings.find((f) => f.code === 'other-subjects')?.message).toContain(
      'Left out: 10 cases of "echo" (8 passed, 2 failed).',
    );
  });

  it('leaves tests, approvals and change ticket of 2.3.2 to the tour', async () => {
    const result = await gateOf(t, 'REL-0002');
    expect(result.verdict).toBe('insufficient');
    expect(openChecks(result)).toEqual(['tests', 'people', 'change']);
  });

  it('refuses CV screening for several reasons, and has shipped forecasting', async () => {
    const cv = await gateOf(t, 'REL-0003');
    expect(cv.verdict).toBe('refuse');
    expect(openChecks(cv)).toEqual([
      'tests',
      'confidence',
      'people',
      'risk',
      'impact',
      'rollback',
      'monitoring',
      'userInformation',
      'change',
    ]);
    expect((await contentsOf(t)).records.find((r) => r.startsWith('REL-0004'))).toContain('shipped');
  });

  it('tells of each system what its class asks, as it was told before', async () => {
    const lines: string[] = [];
    for (const ref of await refsOf(t, 'aiSystem')) {
      const asked = await readRequirements(t.app, { actor: engineActor(await demoOf(t)) }, ref);
      lines.push(`${ref} ${asked.title}: ${asked.riskClass}, by ${asked.criteria}`);
      for (const i of asked.items) {
        lines.push(`  ${i.id}: ${i.status}. ${i.title}: ${i.asks}`, `    ${i.text}`);
        if (i.next) {
          const { text, who, ref, action, create } = i.next;
          lines.push(`    -> ${JSON.stringify({ text, who, ref, action, create })}`);
        }
        const ids = [
          i.titleMessage,
          ...[i.asksSaid, ...i.said, ...(i.next ? [i.next] : [])].map((k) => k.message),
        ];
        lines.push(`    = ${ids.join(' ')}`);
      }
      for (const e of asked.eachRelease) lines.push(`  each release, ${e.check}. ${e.title}: ${e.asks}`);
    }
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(ROOT, 'test/golden/demo-systems.txt'));
  });

  it('tells of a system what the gate says of its releases, check by check', async () => {
    // Of the plans it tells of the best: a release may name another.
    const exactly = ['scope', 'policy', 'impact', 'monitoring', 'userInformation', 'reviews'];
    let compared = 0;
    for (const ref of await refsOf(t, 'release')) {
      const { checks, system } = await gateOf(t, ref);
      const { items } = await readRequirements(t.app, { actor: engineActor(await demoOf(t)) }, system.ref);
      for (const c of checks) {
        const mine = items.filter((i) => i.check === c.id && i.status !== 'notAsked');
        if (mine.length === 0) continue;
        const done = mine.every((i) => i.status === 'done');
        if (c.status === 'passed') expect([ref, c.id, done]).toEqual([ref, c.id, true]);
        else if (exactly.includes(c.id)) expect([ref, c.id, done]).toEqual([ref, c.id, false]);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(20);
  });

  it('records the decisions of the gate on the days of the history', async () => {
    const [rows] = await t.app.db.run((await demoOf(t)).id, [
      { text: `select title, created_at from record where register = 'gateDecision' order by number` },
    ]);
    expect(rows!.map((r) => [r.title, (r.created_at as Date).toISOString().slice(0, 10)])).toEqual([
      ['REL-0001: refuse', '2026-11-23'],
      ['REL-0003: refuse', '2026-11-23'],
      ['REL-0004: allow', '2026-11-23'],
    ]);
  });

  it('lets its people in with the one password', async () => {
    const { people, password } = demoAccess(FOLDER);
    expect(people.length).toBeGreaterThanOrEqual(7);
    for (const [i, { email }] of people.entries())
      await expect(
        t.app.identity.signIn({ email, password, ip: `127.0.1.${i}` }),
        email,
      ).resolves.toHaveProperty('userId');
  });

  it('does nothing when it is there already', async () => {
    const before = await contentsOf(t);
    const lines: string[] = [];
    await loadDemo(t.app, FOLDER, (line) => lines.push(line));
    expect(lines).toEqual([]);
    expect(await contentsOf(t)).toEqual(before);
  });

  it('has true digests where the artifact is among its files', async () => {
    const { createHash } = await import('node:crypto');
    const screener = readFileSync(join(FOLDER, 'evidence/made-with/hiring-screener.mjs'));
    const [rows] = await t.app.db.run((await demoOf(t)).id, [
      { text: `select "values"->>'digest' as digest from record where ref = 'CMP-0005'` },
    ]);
    expect(rows![0]!.digest).toBe(`sha256:${createHash('sha256').update(screener).digest('hex')}`);
  });
});

describe('loading the demo', () => {
  let t: TestInstance;
  let folder: string;
  beforeAll(async () => {
    t = await open();
    folder = mkdtempSync(join(tmpdir(), 'aims-demo-'));
    cpSync(FOLDER, folder, { recursive: true });
  });
  afterAll(async () => {
    await t.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says where a step is not allowed, and goes on from there once it is', async () => {
    const file = join(folder, 'history', '2-criteria-and-hazards.json');
    const good = readFileSync(file, 'utf8');
    // The author of the criteria approves them: the write path must not let that through.
    writeFileSync(file, good.replace('"PSN-0002", "do": "approve"', '"PSN-0003", "do": "approve"'));
    await expect(loadDemo(t.app, folder, quiet)).rejects.toThrow(
      /history stops at 2-criteria-and-hazards.json, group 1, step 2 .*Only /,
    );
    writeFileSync(file, good);
    const lines: string[] = [];
    await loadDemo(t.app, folder, (line) => lines.push(line));
    expect(lines[0]).toContain('loaded in part');
    expect(await contentsOf(t)).toEqual(whole);
  });

  it('does not go on when a number was lost', async () => {
    const other = await open();
    const part = mkdtempSync(join(tmpdir(), 'aims-demo-'));
    try {
      cpSync(FOLDER, part, { recursive: true });
      const history = join(part, 'history');
      for (const name of readdirSync(history)) if (!name.startsWith('1-')) rmSync(join(history, name));
      await loadDemo(other.app, part, quiet);
      await takeNumbers(other.app.db, (await demoOf(other)).id, 'criteria', 1);
      const sentence = /CRI-0002 instead of CRI-0001: a number was lost/;
      await expect(loadDemo(other.app, FOLDER, quiet)).rejects.toThrow(sentence);
      await expect(loadDemo(other.app, FOLDER, quiet)).rejects.toThrow(
        /CRI-0002 should be CRI-0001; begin anew/,
      );
    } finally {
      await other.close();
      rmSync(part, { recursive: true, force: true });
    }
  });

  it('leaves alone an organisation of the same short name', async () => {
    const other = await open();
    try {
      await other.newOrganisation('demo');
      await expect(loadDemo(other.app, FOLDER, quiet)).rejects.toThrow(/organisation "demo".*of its own/);
    } finally {
      await other.close();
    }
  });

  it('warns when the clock of the machine is before the end of the history', async () => {
    const early = await testInstance({ clock: fixedClock('2026-06-01T00:00:00Z') });
    const lines: string[] = [];
    try {
      await loadDemo(early.app, FOLDER, (line) => lines.push(line));
      expect(lines[0]).toContain("clock says 2026-06-01T00:00:00.000Z; the demo's history goes on until");
    } finally {
      await early.close();
    }
  });

  it('refuses a history whose steps are not one after the other', () => {
    const file = join(folder, 'history', '9-late.json');
    writeFileSync(
      file,
      JSON.stringify([
        {
          on: '2026-10-01T00:00:00Z',
          every: 1,
          steps: [{ by: 'PSN-0001', gate: 'REL-0001', verdict: 'allow' }],
        },
      ]),
    );
    expect(() => readHistory(folder)).toThrow(/9-late.json, group 1, step 1 is at .* not after the step/);
    rmSync(file);
  });
});
