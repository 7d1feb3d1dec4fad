import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYS, rehashed, samplePack, zipOf } from '../../pack/testing/sample-pack.ts';
import { FixtureServer } from '../testing/fixture-server.ts';
import { folder, run } from '../testing/run.ts';

const files = samplePack({ risks: 2 });
const cwd = folder();
writeFileSync(join(cwd, 'pack.zip'), zipOf(files, 1));
writeFileSync(join(cwd, 'kept.vkey'), `${KEYS.old.vkey}\n`);
const lines = files.get('records/risk.jsonl')!.toString('utf8');
const changed = rehashed(
  new Map(files).set('records/risk.jsonl', Buffer.from(lines.replaceAll('Risk 2', 'Risk 3'))),
);
writeFileSync(join(cwd, 'changed.zip'), zipOf(changed, 1));
const verify = (...argv: string[]) => run(['verify', ...argv], { cwd });

describe('aims verify on an audit pack', () => {
  it('exits 0 and says what holds', async () => {
    const r = await verify('pack.zip', '--vkey', 'kept.vkey');
    expect([r.code, r.err]).toEqual([0, '']);
    expect(r.out).toContain('Verified: pack.zip');
    expect(r.out.match(/holds/g)!.length).toBeGreaterThanOrEqual(8);
    const own = await verify('pack.zip');
    expect(own.out).toContain('Agrees with itself');
    expect(own.err).toContain('anybody could have made this pack');
  });

  it('exits 1 and names line, entry, record and version', async () => {
    const r = await verify('changed.zip', '--vkey', KEYS.old.vkey);
    expect(r.code).toBe(1);
    expect(r.out).toContain('Not verified: changed.zip');
    expect(r.out).toMatch(/records\/risk\.jsonl line 2, entry \d+, RSK-0002 version 1/);
    const json = await verify('changed.zip', '--vkey', KEYS.old.vkey, '--json');
    const said = JSON.parse(json.out) as { ok: boolean; kind: string; problems: { ref?: string }[] };
    expect([json.code, said.ok, said.kind]).toEqual([1, false, 'pack']);
    expect(said.problems.some((p) => p.ref === 'RSK-0002')).toBe(true);
  });

  it('takes a policy', async () => {
    writeFileSync(join(cwd, 'policy'), `log ${KEYS.old.vkey}\nquorum none\n`);
    expect((await verify('pack.zip', '--vkey', 'kept.vkey', '--policy', 'policy')).code).toBe(0);
    writeFileSync(join(cwd, 'other-policy'), `log ${KEYS.stranger.vkey}\nquorum none\n`);
    expect((await verify('changed.zip', '--vkey', 'kept.vkey', '--policy', 'other-policy')).code).toBe(1);
  });

  it('exits 2 when it is no pack, or the options are for other files', async () => {
    writeFileSync(join(cwd, 'cut.zip'), zipOf(files, 1).subarray(0, 900));
    for (const argv of [
      ['cut.zip'],
      ['pack.zip', '--require-passed'],
      ['pack.zip', '--vkey', 'absent'],
      ['absent.zip'],
    ]) {
      const r = await verify(...argv);
      expect([argv, r.code]).toEqual([argv, 2]);
      expect(r.out).toBe('');
      expect(r.err).toContain('error:');
    }
  });
});

describe('aims export audit-pack', () => {
  let server: FixtureServer;
  const pack = zipOf(files, 1);
  const answer = {
    bytes: pack,
    headers: {
      'content-type': 'application/zip',
      'content-disposition': 'attachment; filename="acme-audit-pack-2027-01-01.zip"',
    },
  };
  const env = () => ({ AIMS_URL: server.url, AIMS_ORG: 'acme', AIMS_KEY: `aims_${'x'.repeat(43)}` });
  beforeAll(async () => {
    server = await FixtureServer.start();
  });
  afterAll(() => server.stop());

  it('writes the file under the name the server gives, and never over another', async () => {
    server.serve({ 'GET /api/v1/acme/audit-pack': answer });
    const place = folder();
    const r = await run(['export', 'audit-pack', '--system', 'SYS-0001', '--as-of', '7'], {
      cwd: place,
      env: env(),
    });
    expect([r.code, r.out], r.err).toEqual([0, expect.stringContaining('acme-audit-pack-2027-01-01.zip')]);
    expect(readFileSync(join(place, 'acme-audit-pack-2027-01-01.zip')).equals(pack)).toBe(true);
    expect(readdirSync(place)).toHaveLength(1);
    expect(server.seen[0]!.query.toString()).toBe('system=SYS-0001&asOf=7');
    expect((await run(['export', 'audit-pack'], { cwd: place, env: env() })).code).toBe(2);
    expect((await run(['export', 'audit-pack', '-o', 'b.zip'], { cwd: place, env: env() })).code).toBe(0);
  });

  it('leaves nothing behind when the transfer breaks off', async () => {
    server.serve({ 'GET /api/v1/acme/audit-pack': { ...answer, breakOff: pack.length + 10 } });
    const place = folder();
    const r = await run(['export', 'audit-pack'], { cwd: place, env: env() });
    expect(r.code).toBe(2);
    expect(readdirSync(place)).toEqual([]);
  });
});
