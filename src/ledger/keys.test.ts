import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  isKeyName,
  keyIdHex,
  signerFromKey,
  signerFromSkey,
  skeyFromKey,
  verifierFromVkey,
  vkeyFromKey,
} from './keys.ts';

// Keys published with Go's note package and with the signed-note standard.
const PETER_VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETER_SKEY = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const OTHERS = [
  'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop',
  'TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6',
  'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
];

describe('verifier keys', () => {
  it('read those other programs wrote', () => {
    expect(keyIdHex(verifierFromVkey(PETER_VKEY).keyId)).toBe('c74f20a3');
    for (const vkey of OTHERS) expect(verifierFromVkey(vkey).name).toBe(vkey.split('+')[0]);
  });

  it('refuse any cut and any changed character', () => {
    for (let from = 0; from <= PETER_VKEY.length; from++) {
      for (let to = from; to <= PETER_VKEY.length; to++) {
        if (to - from < PETER_VKEY.length)
          expect(() => verifierFromVkey(PETER_VKEY.slice(from, to))).toThrow();
      }
    }
    for (let i = 0; i < PETER_VKEY.length; i++) {
      const next = String.fromCharCode(PETER_VKEY.charCodeAt(i) + 1);
      expect(
        () => verifierFromVkey(PETER_VKEY.slice(0, i) + next + PETER_VKEY.slice(i + 1)),
        `at ${i}`,
      ).toThrow();
    }
  });

  it('refuse other key types, upper-case ids and loose base64', () => {
    // Type 0x04, a witness key: its signatures mean something else.
    expect(() =>
      verifierFromVkey('remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'),
    ).toThrow(/must be Ed25519/);
    expect(() => verifierFromVkey(PETER_VKEY.replace('c74f20a3', 'C74F20A3'))).toThrow(/8 hex digits/);
    expect(() => verifierFromVkey(`${PETER_VKEY}\n`)).toThrow(/base64/);
  });
});

describe('private keys', () => {
  it('read the published one, sign as it does, and write it back', () => {
    const signer = signerFromSkey(PETER_SKEY);
    const text = Buffer.from('hello\n');
    expect(verifierFromVkey(PETER_VKEY).verify(text, signer.sign(text))).toBe(true);
    expect(verifierFromVkey(PETER_VKEY).verify(Buffer.from('hullo\n'), signer.sign(text))).toBe(false);
    expect(verifierFromVkey(PETER_VKEY).verify(text, Buffer.alloc(63))).toBe(false);
  });

  it('take nothing for signed because something like it was, before or after', () => {
    const [signer, verifier] = [signerFromSkey(PETER_SKEY), verifierFromVkey(PETER_VKEY)];
    const text = Buffer.from('a text that holds\n');
    const signature = signer.sign(text);
    for (let i = 0; i < 3; i++) {
      expect(verifier.verify(text, signature)).toBe(true);
      for (const given of [text, signature])
        for (let bit = 0; bit < given.length * 8; bit++) {
          // In the very buffers that held a moment ago.
          given[bit >> 3]! ^= 1 << (bit & 7);
          expect(verifier.verify(text, signature)).toBe(false);
          given[bit >> 3]! ^= 1 << (bit & 7);
        }
      expect(verifier.verify(text.subarray(1), signature)).toBe(false);
      expect(verifier.verify(Buffer.concat([text, Buffer.alloc(1)]), signature)).toBe(false);
      expect(verifier.verify(text, Buffer.concat([signature, Buffer.alloc(1)]))).toBe(false);
      const other = signerFromKey('PeterNeumann', generateKeyPairSync('ed25519').privateKey);
      expect(verifier.verify(text, other.sign(text))).toBe(false);
    }
  });

  it('make vkeys and texts that read back', () => {
    for (let i = 0; i < 20; i++) {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      const vkey = vkeyFromKey('a.example/log', publicKey);
      expect(vkeyFromKey('a.example/log', privateKey)).toBe(vkey);
      const signer = signerFromSkey(skeyFromKey('a.example/log', privateKey));
      expect(signer.keyId).toBe(signerFromKey('a.example/log', privateKey).keyId);
      expect(verifierFromVkey(vkey).verify(Buffer.from('x\n'), signer.sign(Buffer.from('x\n')))).toBe(true);
    }
  });

  it('refuse keys of another kind, without ever repeating a secret', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const ed = generateKeyPairSync('ed25519');
    expect(() => vkeyFromKey('a', ec.publicKey)).toThrow(/must be Ed25519, got ec/);
    expect(() => signerFromKey('a', ed.publicKey)).toThrow(/needs a private key/);
    expect(() => skeyFromKey('a', ed.publicKey)).toThrow(/must be a private key/);
    expect(() => vkeyFromKey('a b', ed.publicKey)).toThrow(/cannot name a key/);
    const secret = PETER_SKEY.slice(-20);
    for (const text of [PETER_SKEY.slice(12), PETER_SKEY.replace('c74f', 'c75f'), `${PETER_SKEY}=`]) {
      let message = 'nothing was thrown';
      try {
        signerFromSkey(text);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toMatch(/private key/);
      expect(message).not.toContain(secret);
    }
  });
});

describe('key names', () => {
  it.each(['example.com/log', 'Ünïcode', 'a', 'x:y@z'])('may be %j', (name) =>
    expect(isKeyName(name)).toBe(true),
  );
  it.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u2003b', 'a\nb', 'a\u0000', '\ud800', 'x'.repeat(2000)])(
    'may not be %j',
    (name) => expect(isKeyName(name)).toBe(false),
  );
});
