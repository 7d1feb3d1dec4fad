import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectEvidence, inspectionJson } from '../../evidence/inspect.ts';
import { FixtureServer, problem, record } from '../testing/fixture-server.ts';
import { folder, run } from '../testing/run.ts';

const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url));
const haveShared = existsSync(join(shared, 'samples'));
if (!haveShared) console.log('skipped: no shared files');
const genuine = join(shared, 'samples/promptfoo/redteam.0.121.20.json');
// No server must be needed: this address answers nobody.
const offline = { env: { AIMS_URL: 'http://127.0.0.1:1' } };

describe.skipIf(!haveShared)('aims evidence inspect on real files', () => {
  it('counts a genuine red-team run and names the hazard that was never tested', async () => {
    const { code, out } = await run(['evidence', 'inspect', genuine], offline);
    expect(code).toBe(0);
    expect(out).toContain('Counted: 44 cases: 33 pass, 11 fail');
    expect(out).toMatch(/^prompt-extraction +8 +8 +8$/m);
    expect(out).toMatch(/^hijacking +2 +0 +0$/m);
    expect(out).toContain('Not tested at all: hijacking');
    expect(out).toContain('Accepted');
  });

  it('gives exactly the public JSON, from a file and from standard input', async () => {
    const bytes = readFileSync(genuine);
    const expected = JSON.parse(JSON.stringify(inspectionJson(inspectEvidence(bytes)))) as unknown;
    const file = await run(['evidence', 'inspect', genuine, '--json'], offline);
    expect(JSON.parse(file.out)).toEqual(expected);
    const piped = await run(['evidence', 'inspect', '-', '--json'], { ...offline, stdin: bytes });
    expect(piped).toEqual(file);
  });

  it('agrees with the reader on every hostile file: 1 with a reason when it refuses, else 0', async () => {
    const dir = join(shared, 'hostile/promptfoo');
    const files = readdirSync(dir).filter((f) => f.endsWith('.json'));
    let refused = 0;
    for (const f of files) {
      const { accepted } = inspectEvidence(readFileSync(join(dir, f)));
      const { code, out } = await run(['evidence', 'inspect', join(dir, f), '--json'], offline);
      const said = JSON.parse(out) as { accepted: boolean; findings: { severity: string }[] };
      expect(code, f).toBe(accepted ? 0 : 1);
      expect(
        said.findings.some((x) => x.severity === 'refuse'),
        f,
      ).toBe(!accepted);
      if (!accepted) refused += 1;
    }
    expect(files.length).toBeGreaterThan(5);
    expect(refused).toBeGreaterThan(3);
  });
});

describe('aims evidence inspect on what is no evidence', () => {
  it('answers 2 when there is nothing to read, and writes nothing to standard output', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, 'a-folder'));
    for (const path of ['missing.json', 'a-folder', 'missing/deeper.json']) {
      const r = await run(['evidence', 'inspect', path, '--json'], { ...offline, cwd });
      expect(r, path).toMatchObject({ code: 2, out: '' });
      expect(r.err).toContain(path);
    }
  });

  it('refuses garbage and emptiness with a finding, and shows no escape sequence of a file', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'garbage'), Buffer.from([0xff, 0x00, 0x1b, 0x5b, 0x32, 0x4a]));
    writeFileSync(join(cwd, 'empty.json'), '');
    writeFileSync(join(cwd, 'screen.json'), '{"\\u001b[2Jname": 1, "\\u001b[2Jname": 2}');
    for (const f of ['garbage', 'empty.json', 'screen.json']) {
      const r = await run(['evidence', 'inspect', f], { ...offline, cwd });
      expect(r.code, f).toBe(1);
      expect(r.out, f).toContain('Refused');
      expect(r.out, f).not.toContain('\u001b');
    }
  });
});

describe('aims evidence add', () => {
  let server: FixtureServer;
  beforeAll(async () => {
    server = await FixtureServer.start();
  });
  afterAll(() => server.stop());
  const env = () => ({ AIMS_URL: server.url, AIMS_ORG: 'acme', AIMS_KEY: 'aims_0123456789' });
  const bytes = Buffer.from('{"results": "ü"}'.repeat(50_000));
  const inspection = { ...inspectionJson(inspectEvidence(Buffer.from('{}'))), accepted: true };
  const added = {
    evidence: record('EVD-0003', 'evidence', { values: { fileName: 'run.json' } }),
    testRun: record('TST-0002', 'testRun', { values: { trust: 'ci' } }),
    inspection,
  };

  it('streams the file as it is and tells what came of it', async () => {
    server.serve({ 'POST /api/v1/acme/evidence/add': { status: 201, json: added } });
    const cwd = folder();
    writeFileSync(join(cwd, 'run.json'), bytes);
    const r = await run(['evidence', 'add', 'run.json', '--release', 'REL-0002', '--claim', 'red team'], {
      env: env(),
      cwd,
    });
    expect(r.code).toBe(0);
    expect(server.seen[0]!.body.equals(bytes)).toBe(true);
    expect(Object.fromEntries(server.seen[0]!.query)).toEqual({
      release: 'REL-0002',
      fileName: 'run.json',
      claim: 'red team',
    });
    expect(server.seen[0]!.headers['content-length']).toBe(String(bytes.length));
    for (const said of ['EVD-0003', 'TST-0002', 'Trust: ci']) expect(r.out).toContain(said);
    const piped = await run(
      ['evidence', 'add', '-', '--release', 'REL-0002', '--file-name', 'x.json', '--json'],
      { env: env(), stdin: bytes },
    );
    expect(JSON.parse(piped.out)).toMatchObject({ evidence: { ref: 'EVD-0003' } });
    expect(server.seen[1]!.body.equals(bytes)).toBe(true);
  });

  it('answers 1 for a refused file, 2 for a request that failed or a file that is not there', async () => {
    const findings = [{ path: '/results/stats', message: 'summary-mismatch: 44 passed, the rows have 33' }];
    server.serve({
      'POST /api/v1/acme/evidence/add': problem(422, 'EVIDENCE_REFUSED', 'The file is refused.', findings),
    });
    const refused = await run(['evidence', 'add', '-', '--release', 'REL-0002'], { env: env(), stdin: '{}' });
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('/results/stats: summary-mismatch');
    server.serve({
      'POST /api/v1/acme/evidence/add': problem(403, 'NOT_ALLOWED', 'Only a contributor may.'),
    });
    expect(
      (await run(['evidence', 'add', '-', '--release', 'REL-0002'], { env: env(), stdin: '{}' })).code,
    ).toBe(2);
    expect((await run(['evidence', 'add', 'none.json', '--release', 'REL-0002'], { env: env() })).code).toBe(
      2,
    );
    expect((await run(['evidence', 'add', '-'], { env: env() })).code).toBe(2);
  });
});
