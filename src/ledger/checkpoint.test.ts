import { describe, expect, it } from 'vitest';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { signerFromSkey, verifierFromVkey } from './keys.ts';
import { emptyRoot } from './merkle.ts';
import { parseNote, signNote } from './note.ts';

const ORIGIN = 'example.com/log/testdata';
const signer = signerFromSkey(`PRIVATE+KEY+${ORIGIN}+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg`);
const verifier = verifierFromVkey(`${ORIGIN}+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx`);
const root = Buffer.alloc(32, 9);

describe('checkpoints', () => {
  it('read the examples of the standards', () => {
    // tlog-cosignature: one signature of the log, one of a witness.
    const note = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;
    const { text, signatures } = parseNote(note);
    expect(signatures.map((s) => s.signature.length)).toEqual([64, 72]);
    const checkpoint = parseCheckpoint(text);
    expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163 });
    expect(formatCheckpoint(checkpoint)).toBe(text);
  });

  it('open as they were signed, extension lines included', () => {
    const checkpoint = { origin: ORIGIN, size: 2 ** 53 - 1, root, extensions: ['one', 'two words'] };
    expect(openCheckpoint(signCheckpoint(checkpoint, [signer]), verifier, ORIGIN)).toMatchObject(checkpoint);
    expect(openCheckpoint(signCheckpoint(checkpoint, [signer]), [verifier], ORIGIN).size).toBe(2 ** 53 - 1);
  });

  it('of another log are refused', () => {
    const note = signCheckpoint({ origin: 'example.com/other', size: 1, root }, [signer]);
    expect(() => openCheckpoint(note, verifier, ORIGIN)).toThrow(
      /of the log "example\.com\/other", expected/,
    );
  });

  it.each([
    ['one line', 'a\n'],
    ['no root', 'a\n1\n'],
    ['an empty origin', `\n1\n${root.toString('base64')}\n`],
    ['a leading zero', `a\n01\n${root.toString('base64')}\n`],
    ['a negative size', `a\n-1\n${root.toString('base64')}\n`],
    ['a size of 2^53', `a\n9007199254740992\n${root.toString('base64')}\n`],
    ['a size that rounds', `a\n9007199254740993\n${root.toString('base64')}\n`],
    ['a hexadecimal size', `a\n0x10\n${root.toString('base64')}\n`],
    ['a short root', `a\n1\n${Buffer.alloc(31).toString('base64')}\n`],
    ['an empty tree with a root', `a\n0\n${root.toString('base64')}\n`],
    ['an empty extension line', `a\n1\n${root.toString('base64')}\n\nx\n`],
    ['no newline at the end', `a\n1\n${root.toString('base64')}`],
  ])('with %s are refused', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining({ code: 'INVALID' }));
    if (text.endsWith('\n')) {
      expect(() => openCheckpoint(signNote(text, [signer]), verifier, 'a')).toThrow();
    }
  });

  it('are not written wrong', () => {
    expect(() => formatCheckpoint({ origin: 'a\nb', size: 1, root })).toThrow(/single lines/);
    expect(() => formatCheckpoint({ origin: 'a', size: 1.5, root })).toThrow(/whole number/);
    expect(() => formatCheckpoint({ origin: 'a', size: 1, root: Buffer.alloc(3) })).toThrow(/32 bytes/);
    expect(parseCheckpoint(formatCheckpoint({ origin: 'a', size: 0, root: emptyRoot() })).size).toBe(0);
  });
});
