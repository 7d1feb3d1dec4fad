import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { worded } from '../../base/sentence.ts';
import { envelopeText, sign } from '../../gate/attestation.ts';
import { evaluateGate } from '../../gate/evaluate.ts';
import type { GateResult } from '../../gate/result.ts';
import { buildStatement } from '../../gate/statement.ts';
import { allowedScene } from '../../gate/testing/scene.ts';
import { FixtureServer, problem, record } from '../testing/fixture-server.ts';
import { folder, run } from '../testing/run.ts';

let server: FixtureServer;
beforeAll(async () => {
  server = await FixtureServer.start();
});
afterAll(() => server.stop());
const env = () => ({ AIMS_URL: server.url, AIMS_ORG: 'acme', AIMS_KEY: 'aims_0123456789' });

const scene = allowedScene();
const allowed: GateResult = evaluateGate(scene);
const REL = allowed.release;
const failing = (status: 'failed' | 'missing', verdict: GateResult['verdict']): GateResult => ({
  ...allowed,
  verdict,
  checks: allowed.checks.map((c, i) =>
    i > 0
      ? c
      : {
          ...c,
          status,
          reasons: [{ ...worded('x', '11 of 44 cases failed'), records: ['TST-0001'] }],
          next: [{ ...worded('x', 'Fix them'), who: 'the owner', ref: REL, action: 'revise' }],
        },
  ),
});
const answer = (result: GateResult) => ({
  result,
  decision: record('GAT-0001', 'gateDecision'),
  log: { origin: 'aims.test/acme', index: 7, size: 8, root: 'cm9vdA==' },
  files: {
    vsa: '/api/v1/acme/gateDecision/GAT-0001/attestation',
    proof: '/api/v1/acme/gateDecision/GAT-0001/proof',
  },
});
const path = `/api/v1/acme/release/${REL}/gate`;
const ask = (json: unknown, ...more: string[]) => {
  server.serve({ [`POST ${path}`]: { json } });
  return run(['gate', REL, ...more], { env: env() });
};

describe('aims gate', () => {
  it('answers 0 for allow and tells where it was recorded', async () => {
    expect(allowed.verdict).toBe('allow');
    const { code, out } = await ask(answer(allowed));
    expect(code).toBe(0);
    expect(out).toMatch(/^ALLOW/);
    expect(out).toContain('entry 7 of the log aims.test/acme (8 entries, root cm9vdA==)');
  });

  it('answers 1 for refuse and insufficient, with reasons and next steps', async () => {
    const refused = await ask(answer(failing('failed', 'refuse')));
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/^REFUSE/);
    expect(refused.out).toContain('11 of 44 cases failed (TST-0001)');
    expect(refused.out).toContain('next: Fix them (the owner)');
    expect(refused.out).toContain(`aims release revise ${REL}`);
    const unknown = await ask(answer(failing('missing', 'insufficient')), '--json');
    expect(unknown.code).toBe(1);
    expect(JSON.parse(unknown.out)).toEqual(
      JSON.parse(JSON.stringify(answer(failing('missing', 'insufficient')))),
    );
  });

  it('says of a release in use whether it still would be let through', async () => {
    const inUse = { system: 'SYS-0001', allowance: 'GAT-0007', reasons: ['11 of 44 cases failed'], said: [] };
    const refused: GateResult = { ...failing('failed', 'refuse'), inUse: { ...inUse, verdict: 'refuse' } };
    expect((await ask(answer(refused))).out).toContain(
      'In use for SYS-0001 by GAT-0007, and the gate would not let it through now: put it right, roll it back, or ship what replaces it.',
    );
    const held: GateResult = { ...allowed, inUse: { ...inUse, verdict: 'allow', reasons: [] } };
    expect((await ask(answer(held))).out).toContain(
      'In use for SYS-0001 by GAT-0007: what let it through still holds.',
    );
    expect((await ask(answer(allowed))).out).not.toContain('In use');
  });

  it('previews without recording', async () => {
    server.serve({ [`GET ${path}`]: { json: allowed } });
    const { code, out } = await run(['gate', REL, '--preview'], { env: env() });
    expect(code).toBe(0);
    expect(out).toContain('nothing was recorded');
    expect(server.seen.map((s) => s.method)).toEqual(['GET']);
    expect((await run(['gate', REL, '--preview', '--save', 'x'], { env: env() })).code).toBe(2);
  });

  it('never reads an answer it cannot rely on as a pass', async () => {
    const whole = answer(allowed);
    const wrong: Record<string, unknown> = {
      'another release': { ...whole, result: { ...allowed, release: 'REL-9999' } },
      'another verdict': { ...whole, result: { ...allowed, verdict: 'ok' } },
      'allow beside a failed check': answer({ ...failing('failed', 'refuse'), verdict: 'allow' }),
      'allow beside a missing check': answer({ ...failing('missing', 'insufficient'), verdict: 'allow' }),
      'no checks': { ...whole, result: { ...allowed, checks: [] } },
      'checks that are no list': { ...whole, result: { ...allowed, checks: {} } },
      'no decision': { result: allowed },
      nothing: {},
      null: null,
      list: [],
    };
    for (const [what, json] of Object.entries(wrong)) {
      const r = await ask(json);
      expect(r.code, what).toBe(2);
      expect(r.out, what).toBe('');
    }
    server.serve({ [`POST ${path}`]: { text: 'allow' } });
    expect((await run(['gate', REL], { env: env() })).code).toBe(2);
    server.serve({ [`POST ${path}`]: problem(500, 'INTERNAL', 'Something failed.') });
    expect((await run(['gate', REL], { env: env() })).code).toBe(2);
    const gone = await run(['gate', REL], { env: { ...env(), AIMS_URL: 'http://127.0.0.1:1' } });
    expect(gone).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('cannot be reached') as string,
    });
  });
});

describe('aims gate --save and aims verify', () => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const context = {
    verifierId: 'https://aims.test/acme',
    version: '0.1.0',
    resourceUri: 'urn:r',
    policyUri: 'urn:p',
    checkpoint: { origin: 'o', size: 1, root: 'r' },
  };
  const envelope = (result: GateResult) =>
    envelopeText(sign(buildStatement(scene, result, context), keys.privateKey));

  async function saved(result: GateResult) {
    server.serve({
      [`POST ${path}`]: { json: answer(result) },
      'GET /api/v1/acme/gateDecision/GAT-0001/attestation': { text: envelope(result) },
      'GET /api/v1/acme/gateDecision/GAT-0001/proof': { text: '{}' },
      'GET /log/acme/vkey': { text: 'key\n' },
      'GET /log/acme/gate.pem': { text: pem },
    });
    const cwd = folder();
    const r = await run(['gate', REL, '--save', 'out'], { env: env(), cwd });
    return { r, cwd: join(cwd, 'out') };
  }

  it('saves four files that verify without the server', async () => {
    const { r, cwd } = await saved(allowed);
    expect(r.code).toBe(0);
    expect(readFileSync(join(cwd, 'gate.pem'), 'utf8')).toBe(pem);
    expect(readFileSync(join(cwd, 'log.vkey'), 'utf8')).toBe('key\n');
    const file = `${REL}.vsa.dsse.json`;
    const ok = await run(
      ['verify', file, '--gate-key', 'gate.pem', '--require-passed', '--subject', allowed.subject],
      { cwd },
    );
    expect(ok.code).toBe(0);
    expect(ok.out).toContain('Result: PASSED');
    expect(await run(['verify', file], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringContaining('--gate-key') as string,
    });
    const other = await run(
      ['verify', file, '--gate-key', 'gate.pem', '--subject', `sha256:${'0'.repeat(64)}`],
      { cwd },
    );
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('failed: subject') as string });
  });

  it('tells a signed refusal from an allowance when asked to', async () => {
    const { r, cwd } = await saved(failing('failed', 'refuse'));
    expect(r.code).toBe(1);
    const file = `${REL}.vsa.dsse.json`;
    expect((await run(['verify', file, '--gate-key', 'gate.pem'], { cwd })).out).toContain('Result: FAILED');
    const demanded = await run(['verify', file, '--gate-key', 'gate.pem', '--require-passed'], { cwd });
    expect(demanded).toMatchObject({
      code: 1,
      out: expect.stringContaining('the statement says FAILED') as string,
    });
  });

  it('says which check fails when anything is changed', async () => {
    const whole = JSON.parse(envelope(allowed)) as {
      payload: string;
      payloadType: string;
      signatures: { keyid: string; sig: string }[];
    };
    const payload = Buffer.from(whole.payload, 'base64').toString().replace('PASSED', 'FAILED');
    const another = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString();
    const cases: [string, string, string, string][] = [
      [
        'payload',
        JSON.stringify({ ...whole, payload: Buffer.from(payload).toString('base64') }),
        pem,
        'the signature does not fit',
      ],
      ['type', JSON.stringify({ ...whole, payloadType: 'text/plain' }), pem, 'payload type'],
      ['key', JSON.stringify(whole), another, 'another key'],
      ['twice', JSON.stringify(whole).replace('{', `{"payload":"${whole.payload}",`), pem, 'failed: file'],
    ];
    for (const [what, text, key, said] of cases) {
      const { writeFileSync } = await import('node:fs');
      const cwd = folder();
      writeFileSync(join(cwd, 'gate.pem'), key);
      const r = await run(['verify', '-', '--gate-key', 'gate.pem'], { cwd, stdin: text });
      expect(r.code, what).toBe(1);
      expect(r.out, what).toContain(said);
      expect(r.out, what).toContain('Not verified');
    }
  });

  it('fails when a file to save cannot be had, even after an allowance', async () => {
    server.serve({ [`POST ${path}`]: { json: answer(allowed) } });
    expect((await run(['gate', REL, '--save', 'out'], { env: env(), cwd: folder() })).code).toBe(2);
  });

  it('asks the gate for nothing when there is no folder to save to', async () => {
    server.serve({ [`POST ${path}`]: { json: answer(allowed) } });
    const cwd = folder();
    writeFileSync(join(cwd, 'out'), 'a file');
    const before = server.seen.length;
    const r = await run(['gate', REL, '--save', 'out'], { env: env(), cwd });
    expect([r.code, r.err], r.err).toEqual([2, expect.stringMatching(/Nothing was asked of the gate/)]);
    expect(server.seen.slice(before).filter((s) => s.method === 'POST')).toEqual([]);
  });

  it('does not send the key to where a server points it', async () => {
    const evil = { ...answer(allowed), files: { vsa: '@evil.example/x', proof: '//evil.example/y' } };
    server.serve({ [`POST ${path}`]: { json: evil } });
    expect((await run(['gate', REL, '--save', 'out'], { env: env(), cwd: folder() })).code).toBe(2);
    expect(server.seen.every((s) => s.headers.host === new URL(server.url).host)).toBe(true);
  });
});
