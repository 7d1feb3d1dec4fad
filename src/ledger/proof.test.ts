import { describe, expect, it } from 'vitest';
import { verifierFromVkey } from './keys.ts';
import { leafHash } from './merkle.ts';
import { formatProof, parseProof, verifyProof } from './proof.ts';
import { keyPair, LOG_KEY, ORIGIN, sampleEntries, signedLog } from './testing/sample-log.ts';

const entries = sampleEntries(21);
const log = signedLog(entries);
const verifier = verifierFromVkey(LOG_KEY.vkey);
const refused = expect.objectContaining({ code: 'INVALID' });

describe('proof files', () => {
  it('have the form of the standard', () => {
    const lines = log.proof(13).split('\n');
    expect(lines[0]).toBe('c2sp.org/tlog-proof@v1');
    expect(lines[1]).toBe('index 13');
    expect(lines.slice(2, 7).every((line) => Buffer.from(line, 'base64').length === 32)).toBe(true);
    expect(lines[7]).toBe('');
    expect(lines.slice(8).join('\n')).toBe(log.checkpoint);
  });

  it('verify every entry, of a log of one as well', () => {
    for (const [i, entry] of entries.entries()) {
      const found = verifyProof(log.proof(i), leafHash(entry), verifier, ORIGIN);
      expect(found).toEqual({ index: i, size: 21, root: log.root });
    }
    const one = signedLog(entries.slice(0, 1));
    expect(one.proof(0)).toContain('index 0\n\n');
    expect(verifyProof(one.proof(0), leafHash(entries[0]!), verifier, ORIGIN).size).toBe(1);
  });

  it('carry extra data without trusting it', () => {
    const { index, hashes, checkpoint } = parseProof(log.proof(2));
    const text = formatProof({ index, hashes, checkpoint, extra: Buffer.from('note') });
    expect(text.split('\n')[1]).toBe('extra bm90ZQ==');
    expect(parseProof(text).extra?.toString()).toBe('note');
    expect(verifyProof(text, leafHash(entries[2]!), verifier, ORIGIN).index).toBe(2);
  });

  it('of another entry, key or log do not verify', () => {
    const leaf = leafHash(entries[4]!);
    expect(() => verifyProof(log.proof(4), leafHash(entries[5]!), verifier, ORIGIN)).toThrow(/does not lead/);
    expect(() => verifyProof(log.proof(4).replace('index 4', 'index 5'), leaf, verifier, ORIGIN)).toThrow(
      /does not lead/,
    );
    expect(() => verifyProof(log.proof(4).replace('index 4', 'index 21'), leaf, verifier, ORIGIN)).toThrow(
      /lead/,
    );
    expect(() => verifyProof(log.proof(4), leaf, verifierFromVkey(keyPair(2).vkey), ORIGIN)).toThrow(
      /trusted key/,
    );
    expect(() => verifyProof(log.proof(4), leaf, verifier, 'another.example')).toThrow(
      /expected "another\.example"/,
    );
  });

  it('are found out for every flipped bit', () => {
    const text = Buffer.from(log.proof(9));
    const leaf = leafHash(entries[9]!);
    for (let bit = 0; bit < text.length * 8; bit++) {
      const changed = Buffer.from(text);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => verifyProof(changed.toString(), leaf, verifier, ORIGIN), `bit ${bit}`).toThrow(refused);
    }
  });
});

describe('malformed proof files', () => {
  const good = log.proof(9);
  const hash = good.split('\n')[2]!;
  it.each([
    ['nothing', ''],
    ['another version', good.replace('@v1', '@v2')],
    ['no empty line', good.replaceAll('\n\n', '\n')],
    ['no index', good.replace('index 9\n', '')],
    ['an index with a leading zero', good.replace('index 9', 'index 09')],
    ['an index of 2^53', good.replace('index 9', 'index 9007199254740992')],
    ['a negative index', good.replace('index 9', 'index -1')],
    ['extra data after the index', good.replace('index 9', 'index 9\nextra bm90ZQ==')],
    ['extra data twice', good.replace('index 9', 'extra bm90ZQ==\nextra bm90ZQ==\nindex 9')],
    ['extra data that is no base64', good.replace('index 9', 'extra bm90ZQ\nindex 9')],
    ['a short hash', good.replace(hash, hash.slice(4))],
    ['a hash in hex', good.replace(hash, Buffer.from(hash, 'base64').toString('hex'))],
    ['Windows line ends', good.replaceAll('\n', '\r\n')],
    ['54 hashes', good.replace(hash, Array.from({ length: 54 }, () => hash).join('\n'))],
    ['no checkpoint', good.slice(0, good.indexOf('\n\n') + 2)],
  ])('are refused: %s', (_, text) => {
    expect(() => parseProof(text)).toThrow(refused);
  });

  it('are not written', () => {
    const { hashes, checkpoint } = parseProof(good);
    expect(() => formatProof({ index: -1, hashes, checkpoint })).toThrow(/whole number/);
    expect(() => formatProof({ index: 0, hashes: [Buffer.alloc(4)], checkpoint })).toThrow(/32 bytes/);
    expect(() => formatProof({ index: 0, hashes, checkpoint: 'unsigned\n' })).toThrow(refused);
  });
});
