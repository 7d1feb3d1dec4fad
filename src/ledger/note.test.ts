import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyIdHex, signerFromKey, signerFromSkey, verifierFromVkey, vkeyFromKey } from './keys.ts';
import { MAX_SIGNATURES, openNote, parseNote, signNote } from './note.ts';

// The example of Go's note package, key included.
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER = verifierFromVkey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
const PETER_SIGNER = signerFromSkey(
  'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
);
const PETER_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const NOTE = `${TEXT}\n${PETER_LINE}`;

// The example of the signed-note standard (its key is not published).
const SPEC_EXAMPLE = `Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
`;

function someone(name: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    signer: signerFromKey(name, privateKey),
    verifier: verifierFromVkey(vkeyFromKey(name, publicKey)),
  };
}

describe('published notes', () => {
  it('verify, and come out byte for byte when signed again', () => {
    expect(openNote(NOTE, [PETER])).toMatchObject({ text: TEXT, ignored: [] });
    expect(signNote(TEXT, [PETER_SIGNER])).toBe(NOTE);
  });

  it('are taken apart at the last empty line', () => {
    const { text, signatures } = parseNote(SPEC_EXAMPLE);
    expect(text).toBe(SPEC_EXAMPLE.slice(0, SPEC_EXAMPLE.indexOf('\n— ')));
    expect(text).toMatch(/sole:\n\ned è subito sera\.\n$/);
    expect(signatures.map((s) => [s.name, keyIdHex(s.keyId), s.signature.length])).toEqual([
      ['quasimodo.example/salvatore', '367ba04b', 64],
    ]);
  });
});

describe('opening a note', () => {
  it('ignores unknown keys, also those that share a name or an id', () => {
    const other = someone('other.example');
    const namesake = someone('PeterNeumann');
    const both = signNote(TEXT, [other.signer, namesake.signer, PETER_SIGNER]);
    const { verified, ignored } = openNote(both, [PETER]);
    expect(verified.map((s) => s.name)).toEqual(['PeterNeumann']);
    expect(ignored.map((s) => s.name)).toEqual(['other.example', 'PeterNeumann']);
  });

  it('rejects the whole note when a known key does not fit, whatever else holds', () => {
    const other = someone('other.example');
    const forged = { ...other.signer, sign: () => Buffer.alloc(64) };
    const note = signNote(TEXT, [PETER_SIGNER, forged]);
    expect(() => openNote(note, [PETER, other.verifier])).toThrow(
      /"other\.example" .* does not fit the text/,
    );
    expect(() => openNote(note, [PETER])).not.toThrow();
    // A second line of the same key is verified too, not skipped.
    const twice = signNote(TEXT, [PETER_SIGNER, { ...PETER_SIGNER, sign: () => Buffer.alloc(64) }]);
    expect(() => openNote(twice, [PETER])).toThrow(/does not fit/);
    expect(openNote(signNote(TEXT, [PETER_SIGNER, PETER_SIGNER]), [PETER]).verified).toHaveLength(1);
  });

  it('rejects a note without a trusted signature, naming what was expected and found', () => {
    expect(() => openNote(NOTE, [someone('log.example').verifier])).toThrow(
      /expected "log\.example" .*, got "PeterNeumann" \(key c74f20a3\)/,
    );
    expect(() => openNote(NOTE, [])).toThrow(/expected none/);
  });

  it('finds every flipped bit', () => {
    const bytes = Buffer.from(NOTE);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => openNote(changed.toString(), [PETER]), `bit ${bit}`).toThrow();
    }
  });
});

describe('malformed notes', () => {
  const line = PETER_LINE;
  it.each([
    ['no empty line', `a\n${line}`],
    ['no signature', 'a\n\n'],
    ['nothing', ''],
    ['no newline at the end', `a\n\n${line.trimEnd()}`],
    ['a hyphen for the dash', `a\n\n${line.replace('—', '-')}`],
    ['two spaces', `a\n\n${line.replace(' PeterNeumann ', '  PeterNeumann ')}`],
    ['a plus in the name', `a\n\n${line.replace('PeterNeumann', 'Peter+Neumann')}`],
    ['an empty name', `a\n\n${line.replace('PeterNeumann', '')}`],
    ['no base64', `a\n\n— PeterNeumann\n`],
    ['base64 of the id alone', `a\n\n— PeterNeumann x08gow==\n`],
    ['base64 without padding', `a\n\n${line.replace('=\n', '\n')}`],
    ['base64 with unused bits set', `a\n\n${line.replace('nAM=', 'nAN=')}`],
    ['URL-safe base64', `a\n\n${line.replace('/', '_')}`],
    ['a carriage return', `a\r\n\n${line}`],
    ['a tab', `a\tb\n\n${line}`],
    ['a zero character', `a\u0000\n\n${line}`],
    ['half of a surrogate pair', `a\ud800\n\n${line}`],
    ['an ordinary line among the signatures', `a\n\n${line}b\n`],
    ['too many signatures', `a\n\n${line.repeat(MAX_SIGNATURES + 1)}`],
    ['far too long a text', `${'a'.repeat(1_000_001)}\n\n${line}`],
  ])('are refused: %s', (_, note) => {
    expect(() => parseNote(note)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it('fail with a sentence, and with nothing else', () => {
    const near = fc.tuple(fc.nat(NOTE.length), fc.nat(5), fc.string()).map(([at, cut, put]) => {
      return NOTE.slice(0, at) + put + NOTE.slice(at + cut);
    });
    fc.assert(
      fc.property(fc.oneof(near, fc.string(), fc.string({ unit: 'binary' })), (text) => {
        try {
          openNote(text, [PETER]);
          // Only text that says the same may pass: unknown signature lines are allowed around the known one.
          expect(text).toContain(`${TEXT}\n`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID' });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are not signed', () => {
    expect(() => signNote('no newline', [PETER_SIGNER])).toThrow(/ends with a newline/);
    expect(() => signNote('tab\t\n', [PETER_SIGNER])).toThrow(/U\+0009 at 3/);
    expect(() => signNote('a\n', [])).toThrow(/1 to 100 keys/);
    expect(() => signNote('a\n', [{ ...PETER_SIGNER, name: 'a b' }])).toThrow(/cannot name/);
  });

  it('of 100 signatures are accepted', () => {
    const others = Array.from({ length: MAX_SIGNATURES - 1 }, (_, i) => ({ ...PETER_SIGNER, name: `w${i}` }));
    expect(openNote(signNote(TEXT, [...others, PETER_SIGNER]), [PETER]).ignored).toHaveLength(99);
  });
});
