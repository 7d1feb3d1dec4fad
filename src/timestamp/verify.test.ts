import { X509Certificate } from 'node:crypto';
import { RFC3161Timestamp } from '@sigstore/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEPTH, times } from '../../test/support/depth.ts';
import { stampNonce, stampRequest, verifyStamp } from './index.ts';
import { readResponse } from './response.ts';
import {
  Authority,
  INTERMEDIATE,
  type KeyKind,
  opensslFound,
  STAMPING,
  WITHOUT_OPENSSL,
} from './testing/authority.ts';
import { type Forged, forge } from './testing/forge.ts';

const BODY = 'openaims-test/log/acme\n42\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const NONCE = Buffer.from('4123456789abcdef', 'hex');
/** A moment at which every certificate of these tests is valid. */
const soon = () => new Date(Date.now() + 60_000);

if (!opensslFound) console.log(WITHOUT_OPENSSL);

describe.skipIf(!opensslFound).each<KeyKind>(['rsa', 'ec'])('a stamp of an %s authority', (kind) => {
  let a: Authority;
  let other: Authority;
  let tsr: Buffer<ArrayBuffer>;
  let at: Date;
  const check = (more: Partial<Parameters<typeof verifyStamp>[0]> = {}) =>
    verifyStamp({ tsr, body: BODY, chainPem: a.root.pem, ...more });
  const forged = (more: Partial<Forged> = {}) =>
    forge({ body: BODY, at: soon(), signerPem: a.signer.pem, keyPem: a.signer.keyPem, ...more });
  beforeAll(() => {
    a = new Authority(kind);
    other = new Authority(kind);
    tsr = Buffer.from(a.reply(stampRequest(BODY, NONCE)));
    at = verifyStamp({ tsr, body: BODY, chainPem: a.root.pem }).at!;
  });
  afterAll(() => {
    a.remove();
    other.remove();
  });

  test('holds, says when and by whom, and openssl says the same', () => {
    const verdict = check({ nonce: NONCE });
    expect(verdict).toEqual({
      ok: true,
      at: expect.any(Date),
      by: `CN=Stamps ${kind}`,
      anchor: { name: `CN=Root ${kind}`, sha256: new X509Certificate(a.root.pem).fingerprint256 },
    });
    expect(Math.abs(verdict.at!.getTime() - Date.now())).toBeLessThan(3_600_000);
    expect(a.saysOpenssl(tsr, BODY)).toContain('Verification: OK');
    expect(a.saysOpenssl(tsr, `${BODY}x`)).not.toContain('Verification: OK');
  });

  test('an implementation that is not ours agrees on signature and time', () => {
    const theirs = RFC3161Timestamp.parse(tsr);
    expect(theirs.signingTime.getTime()).toBe(at.getTime());
    expect(() => theirs.verify(Buffer.from(BODY), new X509Certificate(a.signer.pem).publicKey)).not.toThrow();
    expect(() => theirs.verify(Buffer.from('x'), new X509Certificate(a.signer.pem).publicKey)).toThrow();
  });

  test('over another text, with another nonce, or under a foreign root it does not hold', () => {
    expect(check({ body: `${BODY}x` }).problem).toMatch(/imprint is not the SHA-256/);
    expect(check({ nonce: Buffer.from('4123456789abcdee', 'hex') }).problem).toMatch(/nonce is another one/);
    expect(check({ chainPem: other.root.pem }).problem).toMatch(/did not sign the certificate/);
    const elsewhere = other.issue('Elsewhere', INTERMEDIATE);
    expect(check({ chainPem: elsewhere.pem }).problem).toMatch(/does not lead to one that is trusted/);
    expect(verifyStamp({ tsr: a.reply(stampRequest('x', NONCE)), body: BODY, chainPem: a.root.pem }).ok).toBe(
      false,
    );
    // The same names, other keys: the link must be checked, not the name.
    expect(check({ chainPem: `${other.root.pem}${other.signer.pem}` }).problem).toBeDefined();
    expect(check({ chainPem: other.signer.pem }).ok).toBe(false);
  });

  test('any single bit that is changed never gives another time or another text', () => {
    const runs = times(120);
    let held = 0;
    let refused = 0;
    const flipAt = fc.integer({ min: 0, max: tsr.length * 8 - 1 });
    fc.assert(
      fc.property(flipAt, (bit) => {
        const bytes = Buffer.from(tsr);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const verdict = verifyStamp({ tsr: bytes, body: BODY, chainPem: a.root.pem });
        if (verdict.ok) held += 1;
        else refused += 1;
        if (verdict.ok) expect(verdict.at).toEqual(at);
        else expect(verdict.problem).toMatch(/\.$/);
        expect(verifyStamp({ tsr: bytes, body: 'another', chainPem: a.root.pem }).ok).toBe(false);
      }),
      { numRuns: runs },
    );
    expect(refused).toBeGreaterThan(runs / 2);
    expect(held + refused).toBe(runs);
  });

  test('every byte of the signed time, of the signed attributes and of the signature counts', () => {
    const answer = readResponse(tsr);
    if (!('token' in answer)) throw new Error('no token');
    const { content, signer } = answer.token;
    const spans = [content, signer.attributes.bytes, signer.signature].map((part): [number, number] => {
      const from = tsr.indexOf(part);
      return [from, from + part.length - 1];
    });
    let walked = 0;
    for (const [from, to] of spans)
      for (let i = from; i <= to; i++)
        // One bit of each, with greater depth all of them: what covers a byte covers its bits.
        for (let bit = DEPTH > 1 ? 0 : i % 8; bit < 8; bit += DEPTH > 1 ? 1 : 8) {
          const bytes = Buffer.from(tsr);
          bytes[i]! ^= 1 << bit;
          const verdict = verifyStamp({ tsr: bytes, body: BODY, chainPem: a.root.pem });
          if (verdict.ok) expect(`${i}.${bit}: held`).toBe('refused');
          walked += 1;
        }
    expect(walked).toBeGreaterThan(DEPTH > 1 ? 2000 : 250);
  });

  test('cut short, prolonged, or garbage: a sentence, never an error', () => {
    let walked = 0;
    for (let n = 0; n < tsr.length; n += 7) {
      expect(check({ tsr: tsr.subarray(0, n) }).ok).toBe(false);
      walked += 1;
    }
    expect(walked).toBeGreaterThan(50);
    expect(check({ tsr: Buffer.concat([tsr, Buffer.from([0])]) }).problem).toMatch(/1 bytes after its end/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const verdict = check({ tsr: bytes });
        expect([verdict.ok, typeof verdict.problem]).toEqual([false, 'string']);
      }),
    );
    const deep = Buffer.alloc(60_000, 0x30);
    const claims = [
      Buffer.from('3084ffffffff', 'hex'),
      Buffer.from('3080', 'hex'),
      Buffer.from('1f8101', 'hex'),
      deep,
    ];
    for (const bytes of claims) expect(check({ tsr: bytes }).ok).toBe(false);
    expect(check({ tsr: Buffer.alloc(70_000) }).problem).toMatch(/at most 65536 bytes/);
    expect(check({ chainPem: 'no certificate' }).problem).toMatch(/found none/);
    expect(check({ chainPem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }).ok).toBe(
      false,
    );
  });

  test('a stamp made from nothing holds here and for openssl: what follows fails for its one fault', () => {
    for (const more of [
      {},
      { nonce: NONCE },
      { hash: 'sha384' as const },
      { hash: 'sha512' as const },
      { essV1: true },
      { bySubjectKeyId: true },
    ]) {
      const made = forged(more);
      expect(
        check({ tsr: made, ...(more.nonce ? { nonce: NONCE } : {}) }),
        JSON.stringify(more),
      ).toMatchObject({ ok: true });
      // openssl checks certificates at the present time, and the key id form of a signer only in newer releases.
      if (!more.bySubjectKeyId)
        expect(a.saysOpenssl(made, BODY), JSON.stringify(more)).toContain('Verification: OK');
    }
    expect(check({ tsr: forged({ at: '20300102030405.25Z' }) }).at?.toISOString()).toBe(
      '2030-01-02T03:04:05.250Z',
    );
  });

  test.each<[string, Partial<Forged>, RegExp]>([
    ['a text that is not this one', { body: 'x' }, /imprint/],
    ['another hash', { imprintHash: 'sha512' }, /imprint/],
    ['a digest by SHA-1', { hash: 'sha1' }, /hash function that is not taken/],
    [
      'an unknown signature algorithm',
      { algorithm: '1.2.840.113549.1.1.10' },
      /signed in a way that is not taken/,
    ],
    ['a stamp from before the certificates', { at: '20010101000000Z' }, /not at the time of the stamp/],
    ['a stamp from after the certificates', { at: '20990101000000Z' }, /not at the time of the stamp/],
    ['a time that does not exist', { at: '20270231000000Z' }, /time that does not exist/],
    ['a time without a zone', { at: '20270201000000' }, /no time in UTC/],
    ['no signed attributes', { without: 'attributes' }, /signed attributes/],
    ['no type of content', { without: 'contentType' }, /type of content/],
    ['no digest', { without: 'messageDigest' }, /digest/],
    ['no name of the certificate', { without: 'signingCertificate' }, /does not name the certificate/],
    ['one attribute twice', { twice: true }, /exactly one value/],
    ['two signers', { signers: 2 }, /2 signers/],
    ['no signer', { signers: 0 }, /0 signers/],
    ['another version', { version: 2 }, /version other than 1/],
    ['an extension it must know', { criticalExtension: true }, /critical extension/],
    ['content that is no time', { contentType: '1.2.840.113549.1.7.1' }, /something other than a time/],
    ['a signature over other content', { innerType: '1.2.840.113549.1.7.1' }, /something other than a time/],
    ['no certificate', { certificates: [] }, /neither in it nor/],
    ['a refusal that carries a stamp', { status: 2 }, /authority answers "rejected"/],
  ])('%s is refused', (_, more, why) => {
    const verdict = check({ tsr: forged(more), ...('nonce' in more ? { nonce: NONCE } : {}) });
    expect([verdict.ok, verdict.at]).toEqual([false, undefined]);
    expect(verdict.problem).toMatch(why);
  });

  test('without a nonce it answers no request', () => {
    expect(check({ tsr: forged(), nonce: NONCE }).problem).toMatch(/nonce/);
  });

  test('certificates that may not stamp are refused, though their root is trusted', () => {
    const wrong: [string, string, RegExp][] = [
      ['no purpose', STAMPING.replace(/extendedKeyUsage.*\n/, ''), /not one for time stamping/],
      ['another purpose', STAMPING.replace('timeStamping', 'serverAuth'), /not one for time stamping/],
      [
        'two purposes',
        STAMPING.replace('timeStamping', 'timeStamping,serverAuth'),
        /not one for time stamping/,
      ],
      [
        'purpose not critical',
        STAMPING.replace('extendedKeyUsage=critical,', 'extendedKeyUsage='),
        /not one for time stamping/,
      ],
      ['another key usage', STAMPING.replace('digitalSignature', 'keyEncipherment'), /key usage/],
      ['an unknown critical extension', `${STAMPING}1.2.3.4=critical,ASN1:NULL\n`, /critical extension/],
    ];
    for (const [name, extensions, why] of wrong) {
      const c = a.issue(name, extensions, a.root, { keyOf: a.signer });
      const verdict = check({ tsr: forged({ signerPem: c.pem, keyPem: c.keyPem }) });
      expect(verdict.problem, name).toMatch(why);
      // Handing it over as trusted by itself does not give it a purpose either.
      expect(check({ tsr: forged({ signerPem: c.pem, keyPem: c.keyPem }), chainPem: c.pem }).ok, name).toBe(
        false,
      );
    }
    expect(wrong).toHaveLength(6);
    const short = a.issue('short', STAMPING, a.root, { days: 1, keyOf: a.signer });
    const made = { signerPem: short.pem, keyPem: short.keyPem };
    expect(check({ tsr: forged(made) }).ok).toBe(true);
    expect(check({ tsr: forged({ ...made, at: new Date(Date.now() + 2 * 86_400_000) }) }).problem).toMatch(
      /CN=short was valid from/,
    );
  });

  test('a certificate put in the place of another one with the same key is noticed', () => {
    const twin = forged({ certificates: [other.signer.pem] });
    expect(check({ tsr: twin }).ok).toBe(false);
    // Signed with a key that is not the certificate's.
    expect(check({ tsr: forged({ keyPem: other.signer.keyPem }) }).problem).toMatch(/does not fit/);
    // A self-made signer among the trusted ones does not stand by itself while a root is there.
    const own = a.issue('Stamps of nobody', STAMPING);
    const tsrOfOwn = forged({ signerPem: own.pem, keyPem: own.keyPem });
    expect(check({ tsr: tsrOfOwn }).ok).toBe(false);
    const pretended = other.issue('Pretended', STAMPING, other.root);
    const byPretended = forged({ signerPem: pretended.pem, keyPem: pretended.keyPem });
    expect(check({ tsr: byPretended, chainPem: `${a.root.pem}${pretended.pem}` }).ok).toBe(false);
  });

  test('a path over certificates in between, from the stamp or from beside it', () => {
    const middle = a.issue('Middle', INTERMEDIATE.replace('CA:TRUE', 'CA:TRUE,pathlen:0'), a.root);
    const signer = a.issue('Below', STAMPING, middle, { keyOf: a.signer });
    const made = { signerPem: signer.pem, keyPem: signer.keyPem };
    const whole = forged({ ...made, certificates: [signer.pem, middle.pem] });
    expect(check({ tsr: whole })).toMatchObject({ ok: true, anchor: { name: `CN=Root ${kind}` } });
    expect(a.saysOpenssl(whole, BODY)).toContain('Verification: OK');
    const alone = forged(made);
    expect(check({ tsr: alone }).problem).toMatch(/does not lead/);
    expect(check({ tsr: alone, morePem: middle.pem })).toMatchObject({
      ok: true,
      anchor: { name: `CN=Root ${kind}` },
    });
    expect(check({ tsr: alone, chainPem: `${signer.pem}${middle.pem}${a.root.pem}` }).ok).toBe(true);
    // Trusted without its root: then it is the end of the path itself.
    expect(check({ tsr: alone, chainPem: middle.pem })).toMatchObject({
      ok: true,
      anchor: { name: 'CN=Middle' },
    });
    const second = a.issue('Second', INTERMEDIATE, middle);
    const low = a.issue('Low', STAMPING, second, { keyOf: a.signer });
    const long = forged({
      signerPem: low.pem,
      keyPem: low.keyPem,
      certificates: [low.pem, second.pem, middle.pem],
    });
    expect(check({ tsr: long }).problem).toMatch(/more certificates stand below CN=Middle/);
    const noIssuer = a.issue('By a signer', STAMPING, signer, { keyOf: a.signer });
    const bySigner = forged({
      signerPem: noIssuer.pem,
      keyPem: noIssuer.keyPem,
      certificates: [noIssuer.pem, signer.pem, middle.pem],
    });
    expect(check({ tsr: bySigner }).problem).toMatch(/may not issue certificates/);
    const web = a.issue('Web', `${INTERMEDIATE}extendedKeyUsage=serverAuth\n`, a.root);
    const byWeb = a.issue('By web', STAMPING, web, { keyOf: a.signer });
    expect(
      check({
        tsr: forged({ signerPem: byWeb.pem, keyPem: byWeb.keyPem, certificates: [byWeb.pem, web.pem] }),
      }).problem,
    ).toMatch(/for time stamping/);
  });

  test('keys that are too short prove nothing', () => {
    const key = kind === 'rsa' ? ['rsa:1024'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:secp224r1'];
    const weak = a.issue('Weak', STAMPING, a.root, { key });
    expect(check({ tsr: forged({ signerPem: weak.pem, keyPem: weak.keyPem }) }).problem).toMatch(
      /RSA of at least 2048 bits/,
    );
  });

  test('a refusal of the authority is told in words', () => {
    const query = stampRequest(BODY, NONCE);
    const sha512 = Buffer.from(query);
    sha512[query.indexOf('0609608648016503040201', 'hex') + 10] = 3;
    const verdict = check({ tsr: a.reply(sha512) });
    expect(verdict.problem).toMatch(/authority answers "rejected"/);
  });

  // How they are put together has nothing to do with the kind of key, and making twenty of them takes a second.
  const once = kind === 'ec' || DEPTH > 1 ? test : () => {};
  once('many certificates that sign one another do not keep the verifier busy', () => {
    // One key under one name: each of them did sign each other one.
    const first = a.issue('Ring', INTERMEDIATE);
    const ring = Array.from({ length: 18 }, (_, i) =>
      i === 0 ? first : a.issue('Ring', INTERMEDIATE, undefined, { keyOf: first }),
    );
    const signer = a.issue('On the ring', STAMPING, first, { keyOf: a.signer });
    const made = forged({
      signerPem: signer.pem,
      keyPem: signer.keyPem,
      certificates: [signer.pem, ...ring.map((r) => r.pem)],
    });
    expect(check({ tsr: made }).ok).toBe(false);
    const many = forged({ certificates: Array.from({ length: 21 }, () => a.signer.pem) });
    expect(check({ tsr: many }).problem).toMatch(/at most 20/);
  });
});

describe('a request', () => {
  test('is the same bytes as before: version, SHA-256, nonce, certificate wanted', () => {
    expect(stampRequest('abc', NONCE).toString('hex')).toBe(
      '30' +
        '43' +
        '020101' +
        '3031300d060960864801650304020105000420' +
        'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' +
        '02084123456789abcdef' +
        '0101ff',
    );
  });

  test('has a nonce of 64 bits, positive, for any randomness', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        const nonce = stampNonce({ bytes: () => Buffer.from(bytes) });
        expect(nonce).toHaveLength(8);
        expect(nonce[0]! >= 0x40 && nonce[0]! < 0x80).toBe(true);
      }),
    );
  });
});
