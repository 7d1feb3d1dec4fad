import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../base/failure.ts';
import { cosignaturesOf, cosignedNote, cosignerFromKey, witnessFromVkey } from './cosignature.ts';
import { parseNote, signNote } from './note.ts';
import { LOG_KEY } from './testing/sample-log.ts';

const SEED = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const NAME = 'witness.example.com/w1';
const TEXT = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const TIME = 1679315147;
// Made by testing/cosignature.py, which shares no code with this.
const VKEY = 'witness.example.com/w1+a0059f11+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4';
const LINE =
  '— witness.example.com/w1 oAWfEQAAAABkGFDLBuRDazBLVac2NE+Y+IjbjQOcXLfF9CSDZVUIoS83rE1nFZsVE8YiWV6Ngr7lV8H6bdoBQGP/l73euDMQ9k+bBQ==\n';

const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(SEED, 'hex')]),
  format: 'der',
  type: 'pkcs8',
});
const cosigner = cosignerFromKey(NAME, privateKey);
const witness = witnessFromVkey(VKEY);
const signed = (text = TEXT) => signNote(text, [LOG_KEY.signer]);

describe('cosignatures', () => {
  it('are the known one for a known key, time and text', () => {
    expect(cosigner.vkey).toBe(VKEY);
    expect(cosigner.keyId).toBe(0xa0059f11);
    expect(cosigner.cosign(TEXT, TIME)).toBe(LINE);
    expect(cosignaturesOf(signed() + LINE, [witness])).toEqual([{ name: NAME, keyId: 0xa0059f11, at: TIME }]);
  });

  it('are what the standard describes, put together by hand', () => {
    const raw = Buffer.from(createPublicKey(privateKey).export({ format: 'der', type: 'spki' })).subarray(
      -32,
    );
    const typed = Buffer.concat([Buffer.of(4), raw]);
    const id = createHash('sha256').update(`${NAME}\n`).update(typed).digest().subarray(0, 4);
    const time = Buffer.from(TIME.toString(16).padStart(16, '0'), 'hex');
    const bytes = sign(null, Buffer.from(`cosignature/v1\ntime ${TIME}\n${TEXT}`), privateKey);
    expect(cosigner.vkey).toBe(`${NAME}+${id.toString('hex')}+${typed.toString('base64')}`);
    expect(cosigner.cosign(TEXT, TIME)).toBe(
      `— ${NAME} ${Buffer.concat([id, time, bytes]).toString('base64')}\n`,
    );
  });

  const python = spawnSync('python3', ['-c', 'import cryptography']).status === 0;
  it.skipIf(!python)('are those another program makes', () => {
    const script = fileURLToPath(new URL('testing/cosignature.py', import.meta.url));
    let compared = 0;
    for (const [name, time, text] of [
      [NAME, TIME, TEXT],
      ['w', 0, 'a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'],
      ['Zeugin-Ä', 253402300799, `${TEXT}an extension line\n`],
    ] as const) {
      const made = spawnSync('python3', [script], {
        input: JSON.stringify({ seed: SEED, name, time, text }),
        encoding: 'utf8',
        env: { PATH: process.env.PATH, PYTHONIOENCODING: 'utf8' },
      });
      const own = cosignerFromKey(name, privateKey);
      expect(JSON.parse(made.stdout)).toEqual({ vkey: own.vkey, line: own.cosign(text, time) });
      compared += 1;
    }
    expect(compared).toBe(3);
  });

  it('do not fit another text, time, key or length', () => {
    const bytes = Buffer.from(LINE.trim().split(' ')[2]!, 'base64').subarray(4);
    expect(witness.open(TEXT, bytes)).toBe(TIME);
    expect(witness.open(`${TEXT}x\n`, bytes)).toBeUndefined();
    const other = generateKeyPairSync('ed25519').privateKey;
    expect(witnessFromVkey(cosignerFromKey(NAME, other).vkey).open(TEXT, bytes)).toBeUndefined();
    let tried = 0;
    for (let length = 0; length < bytes.length; length++) {
      expect(witness.open(TEXT, bytes.subarray(0, length))).toBeUndefined();
      tried += 1;
    }
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(witness.open(TEXT, changed)).toBeUndefined();
      tried += 1;
    }
    expect(tried).toBe(72 + 576);
    // A plain signature over the note (type 0x01) is no cosignature.
    expect(witness.open(TEXT, sign(null, Buffer.from(TEXT), privateKey))).toBeUndefined();
  });

  it('have whole seconds since 1970 for their time', () => {
    for (const time of [-1, 0.5, Number.NaN, 2 ** 53])
      expect(() => cosigner.cosign(TEXT, time)).toThrow(RangeError);
    expect(cosignaturesOf(signed() + cosigner.cosign(TEXT, 2 ** 53 - 1), [witness])[0]!.at).toBe(2 ** 53 - 1);
    // Beyond what a number holds exactly, even when the signature is right.
    const head = Buffer.from('0020000000000000', 'hex');
    const far = sign(null, Buffer.from(`cosignature/v1\ntime 9007199254740992\n${TEXT}`), privateKey);
    expect(witness.open(TEXT, Buffer.concat([head, far]))).toBeUndefined();
  });
});

describe('a cosigned note', () => {
  it('says who cosigned and when, once each, and nothing of strangers', () => {
    const second = cosignerFromKey('other', generateKeyPairSync('ed25519').privateKey);
    const note = cosignedNote(signed(), [second.cosign(TEXT, 7), LINE, cosigner.cosign(TEXT, TIME + 1)]);
    expect(cosignaturesOf(note, [witness])).toEqual([{ name: NAME, keyId: 0xa0059f11, at: TIME }]);
    expect(cosignaturesOf(note, [witness, witnessFromVkey(second.vkey)]).map((c) => c.name)).toEqual([
      'other',
      NAME,
    ]);
    expect(cosignaturesOf(note, [])).toEqual([]);
    expect(parseNote(note).text).toBe(TEXT);
  });

  it('is refused when the line of a trusted witness does not hold', () => {
    const note = signed() + cosigner.cosign(`${TEXT}x\n`, TIME);
    expect(() => cosignaturesOf(note, [witness])).toThrow(/does not fit the checkpoint/);
    expect(cosignaturesOf(note, [])).toEqual([]);
  });

  it('takes whole lines only', () => {
    expect(cosignedNote(signed(), [])).toBe(signed());
    const wrong = [LINE.trim(), `${LINE}${LINE}`, '', '\n', `\n${LINE}`, 'x\n', `${LINE}\n`];
    for (const line of wrong) expect(() => cosignedNote(signed(), [line]), line).toThrow(Failure);
    expect(() => cosignedNote(TEXT, [LINE])).toThrow(Failure);
  });
});

describe('keys of witnesses', () => {
  it('are refused when cut, changed, of a log, or damaged', () => {
    let tried = 0;
    for (let to = 0; to < VKEY.length; to++) {
      expect(() => witnessFromVkey(VKEY.slice(0, to))).toThrow(Failure);
      tried += 1;
    }
    for (let i = 0; i < VKEY.length; i++) {
      const next = String.fromCharCode(VKEY.charCodeAt(i) + 1);
      expect(() => witnessFromVkey(VKEY.slice(0, i) + next + VKEY.slice(i + 1)), `at ${i}`).toThrow(Failure);
      tried += 1;
    }
    expect(tried).toBe(2 * VKEY.length);
    expect(() => witnessFromVkey(LOG_KEY.vkey)).toThrow(/type 0x04/);
    expect(() => witnessFromVkey(`${VKEY}\n`)).toThrow(/base64/);
    expect(() => witnessFromVkey(VKEY.replace('a0059f11', 'A0059F11'))).toThrow(/8 hex digits/);
    expect(() => witnessFromVkey(VKEY.replace('a0059f11', 'a0059f12'))).toThrow(/damaged/);
  });

  it('never let other than a Failure out', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.tuple(fc.string(), fc.base64String()).map(([n, b]) => `${n}+00000000+${b}`),
        ),
        (text) => {
          expect(() => witnessFromVkey(text)).toThrow(Failure);
          refused += 1;
        },
      ),
      { numRuns: 500 },
    );
    expect(refused).toBe(500);
  });

  it('need a private Ed25519 key and a name', () => {
    expect(() => cosignerFromKey('a b', privateKey)).toThrow(Failure);
    expect(() => cosignerFromKey('', privateKey)).toThrow(Failure);
    expect(() => cosignerFromKey('w', createPublicKey(privateKey))).toThrow(Failure);
    expect(() => cosignerFromKey('w', generateKeyPairSync('x25519').privateKey)).toThrow(Failure);
  });
});
