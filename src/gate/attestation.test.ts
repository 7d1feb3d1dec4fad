import { execFileSync, spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Envelope,
  envelopeText,
  keyId,
  OPENSSL_CHECK,
  pae,
  sign,
  verifyEnvelope,
} from './attestation.ts';
import { evaluateGate } from './evaluate.ts';
import { buildStatement, DECISION_DETAIL, type Statement } from './statement.ts';
import { allowedScene, people, type Scene } from './testing/scene.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const context = {
  verifierId: 'https://aims.example/gate',
  version: '0.1.0',
  resourceUri: 'https://aims.example/demo/release/REL-0001',
  policyUri: 'https://aims.example/demo/criteria/CRI-0001',
  checkpoint: { origin: 'aims.example/demo', size: 120, root: 'sha256:00' },
};
const statementOf = (s: Scene): Statement => buildStatement(s, evaluateGate(s), context);

test('an allowed release passes, over the release and every component, with all evidence named', () => {
  const s = allowedScene();
  const st = statementOf(s);
  expect(st.subject).toEqual([
    { name: 'REL-0001', digest: { sha256: s.releaseDigest.slice(7) } },
    { name: 'CMP-0001', digest: { sha256: String(s.components[0]!.values.digest).slice(7) } },
  ]);
  expect(st.predicate).toMatchObject({
    verifier: { id: context.verifierId, version: { openaims: '0.1.0' } },
    timeVerified: s.now,
    resourceUri: context.resourceUri,
    inputAttestations: [
      {
        uri: 'urn:openaims:evidence:EVD-0001',
        digest: { sha256: String(s.evidence[0]!.values.file).slice(7) },
      },
    ],
    verificationResult: 'PASSED',
    verifiedLevels: ['AIMS_RELEASE_ALLOWED'],
    [DECISION_DETAIL]: { decision: { verdict: 'allow' }, log: context.checkpoint },
  });
  expect((st.predicate.policy as { digest: { sha256: string } }).digest.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('refused and insufficient releases are attested as FAILED, each by its own word', () => {
  const refused = allowedScene();
  refused.system.state = 'retired';
  const insufficient = allowedScene();
  insufficient.runs = [];
  for (const [s, verdict] of [
    [refused, 'refuse'],
    [insufficient, 'insufficient'],
  ] as const)
    expect(statementOf(s).predicate).toMatchObject({
      verificationResult: 'FAILED',
      verifiedLevels: ['FAILED'],
      [DECISION_DETAIL]: { decision: { verdict } },
    });
});

test('a statement names no person, because it is made to be published', () => {
  const s = allowedScene();
  s.decisions.push(
    ...s.decisions.map((d) => ({
      ...d,
      ref: `${d.ref}9`,
      values: { ...d.values, subjectDigest: 'sha256:old' },
    })),
  );
  const text = JSON.stringify(statementOf(s));
  for (const [ref, p] of Object.entries(people)) {
    expect(text).not.toContain(ref);
    expect(text).not.toContain(p.name);
  }
});

test('DSSE pre-authentication encoding equals the example of its specification', () => {
  expect(pae('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
  expect(pae('é', Buffer.from('ü')).toString()).toBe('DSSEv1 2 é 2 ü');
});

test('an envelope gives its statement back, to the holder of the right key only', () => {
  const statement = statementOf(allowedScene());
  const envelope = sign(statement, privateKey);
  expect(verifyEnvelope(JSON.parse(envelopeText(envelope)), publicKey)).toEqual({
    valid: true,
    statement: JSON.parse(JSON.stringify(statement)),
  });
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  expect(verifyEnvelope(envelope, other)).toEqual({ valid: false, why: 'it was signed with another key' });
  const claimed: Envelope = {
    ...envelope,
    signatures: [{ ...envelope.signatures[0]!, keyid: keyId(other) }],
  };
  expect(verifyEnvelope(claimed, other)).toMatchObject({
    valid: false,
    why: expect.stringContaining('does not fit'),
  });
});

test('only ECDSA P-256 keys sign', () => {
  const statement = statementOf(allowedScene());
  expect(() => sign(statement, generateKeyPairSync('ed25519').privateKey)).toThrow(/P-256/);
  expect(() => sign(statement, generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)).toThrow(
    /P-256/,
  );
  expect(() => sign(statement, createPublicKey(privateKey))).toThrow(/private/);
});

test('any flipped bit of the envelope is found', () => {
  const bytes = Buffer.from(envelopeText(sign(statementOf(allowedScene()), privateKey)));
  const isValid = (changed: Buffer): boolean => {
    try {
      return verifyEnvelope(JSON.parse(changed.toString('utf8')), publicKey).valid;
    } catch {
      return false;
    }
  };
  expect(isValid(bytes)).toBe(true);
  // Every bit of what surrounds the payload, where tools differ in strictness; and payload bits at random.
  const payloadFrom = bytes.indexOf('"payload":"') + 11;
  const payloadTo = bytes.indexOf('"', payloadFrom);
  const flip = (at: number, bit: number) => {
    const b = Buffer.from(bytes);
    b[at]! ^= 1 << bit;
    return b;
  };
  let flips = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (at >= payloadFrom && at < payloadTo - 8) continue;
    for (let bit = 0; bit < 8; bit++) {
      flips += 1;
      if (isValid(flip(at, bit))) throw new Error(`bit ${bit} of byte ${at} can be flipped unnoticed`);
    }
  }
  expect(flips).toBeGreaterThan(1500);
  fc.assert(
    fc.property(
      fc.integer({ min: payloadFrom, max: payloadTo - 1 }),
      fc.nat(7),
      (at, bit) => !isValid(flip(at, bit)),
    ),
    { numRuns: 300 },
  );
});

test('additions to the envelope are refused: a second signature, an unknown member, another spelling of base64', () => {
  const e = sign(statementOf(allowedScene()), privateKey);
  const s = e.signatures[0]!;
  const variants: unknown[] = [
    { ...e, signatures: [s, s] },
    { ...e, signatures: [] },
    { ...e, note: 'x' },
    { ...e, signatures: [{ ...s, cert: 'x' }] },
    { ...e, payload: `${e.payload}\n` },
    { ...e, signatures: [{ ...s, sig: s.sig.replace(/=*$/, '') + (s.sig.endsWith('=') ? '' : '=') }] },
    null,
    'text',
    [],
  ];
  for (const v of variants)
    expect(verifyEnvelope(v, publicKey).valid, JSON.stringify(v)?.slice(0, 40)).toBe(false);
});

const hasOpenssl =
  spawnSync('openssl', ['version']).status === 0 && spawnSync('sh', ['-c', 'command -v sed']).status === 0;

test.skipIf(!hasOpenssl)(
  'the documented openssl command accepts the envelope and rejects a changed one',
  () => {
    const dir = mkdtempSync(join(tmpdir(), 'gate-'));
    try {
      writeFileSync(join(dir, 'gate.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
      const envelope = sign(statementOf(allowedScene()), privateKey);
      writeFileSync(join(dir, 'vsa.json'), envelopeText(envelope));
      expect(execFileSync('sh', ['-ec', OPENSSL_CHECK], { cwd: dir, encoding: 'utf8' })).toContain(
        'Verified OK',
      );
      expect(JSON.parse(readFileSync(join(dir, 'payload'), 'utf8')).predicate.verificationResult).toBe(
        'PASSED',
      );
      const forged = Buffer.from(envelope.payload, 'base64').toString().replace('"allow"', '"ALLOW"');
      writeFileSync(
        join(dir, 'vsa.json'),
        envelopeText({ ...envelope, payload: Buffer.from(forged).toString('base64') }),
      );
      expect(spawnSync('sh', ['-ec', OPENSSL_CHECK], { cwd: dir }).status).toBe(1);
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
);
