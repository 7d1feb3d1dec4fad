import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../base/failure.ts';
import { signCheckpoint } from './checkpoint.ts';
import { verifierFromVkey } from './keys.ts';
import { emptyRoot } from './merkle.ts';
import { naiveProof, naiveRoot, someLeaves } from './testing/reference-tree.ts';
import { keyPair, LOG_KEY, ORIGIN } from './testing/sample-log.ts';
import {
  formatAddCheckpoint,
  judge,
  type KnownLog,
  parseAddCheckpoint,
  SIZE_TYPE,
} from './witness-protocol.ts';

const LEAVES = someLeaves(70);
const rootOf = (size: number) => naiveRoot(LEAVES.slice(0, size));
const proofOf = (from: number, to: number) => (from === 0 ? [] : naiveProof(from, LEAVES.slice(0, to)));
const noteOf = (size: number, signer = LOG_KEY.signer, root = rootOf(size), origin = ORIGIN) =>
  signCheckpoint({ origin, size, root }, [signer]);
const key = verifierFromVkey(LOG_KEY.vkey);
const known = (size: number, root: Buffer | undefined = size === 0 ? undefined : rootOf(size)): KnownLog => ({
  origin: ORIGIN,
  keys: [key],
  size,
  root,
});
const ask = (old: number, note: string, proof: readonly Buffer[] = []) =>
  parseAddCheckpoint(formatAddCheckpoint({ old, proof, note }));

describe('the body of a request', () => {
  it('reads the example of the standard', () => {
    const note = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;
    const body = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=

${note}`;
    const read = parseAddCheckpoint(body);
    expect(read).toMatchObject({ old: 20852014, note, checkpoint: { size: 20852163 } });
    expect(read.proof).toHaveLength(2);
    expect(formatAddCheckpoint(read)).toBe(body);
  });

  it('comes back as it was written', () => {
    let read = 0;
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 }),
        (old, hashes) => {
          const request = { old, proof: hashes.map((h) => Buffer.from(h)), note: noteOf(5) };
          expect(parseAddCheckpoint(formatAddCheckpoint(request))).toMatchObject(request);
          read += 1;
        },
      ),
      { numRuns: 100 },
    );
    expect(read).toBe(100);
  });

  const note = noteOf(5);
  const hash = rootOf(1).toString('base64');
  const malformed: [string, string][] = [
    ['nothing', ''],
    ['only a newline', '\n'],
    ['no empty line', `old 0\n${note.replace('\n\n', '\n')}`],
    ['no old line', `\n\n${note}`],
    ['no number', `old \n\n${note}`],
    ['a leading zero', `old 01\n\n${note}`],
    ['a sign', `old -1\n\n${note}`],
    ['a fraction', `old 1.0\n\n${note}`],
    ['two spaces', `old  1\n\n${note}`],
    ['a carriage return', `old 1\r\n\n${note}`],
    ['beyond 2^53', `old 9007199254740992\n\n${note}`],
    ['very many digits', `old ${'9'.repeat(50_000)}\n\n${note}`],
    ['other word', `new 1\n\n${note}`],
    ['a short hash', `old 1\nAAAA\n\n${note}`],
    ['loose base64', `old 1\n${hash.slice(0, -2)}${hash.at(-2) === 'B' ? 'C' : 'B'}=\n\n${note}`],
    ['64 hashes', `old 1\n${`${hash}\n`.repeat(64)}\n${note}`],
    ['no note', 'old 1\n\n'],
    ['no signature', `old 1\n\n${ORIGIN}\n1\n${hash}\n\n`],
    ['a size that is none', `old 1\n\n${note.replace('\n5\n', '\nfive\n')}`],
    ['a root that is none', `old 1\n\n${note.replace(rootOf(5).toString('base64'), 'AAAA')}`],
    ['size 0 with a root', `old 0\n\n${note.replace('\n5\n', '\n0\n')}`],
    ['a control character', `old 0\n\n${note.replace('\n5\n', '\n5\u0000\n')}`],
  ];
  it.each(malformed)('is refused with BAD_INPUT: %s', (_, body) => {
    expect(() => parseAddCheckpoint(body)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  it('never lets other than a Failure out, whatever comes', () => {
    let refused = 0;
    const good = formatAddCheckpoint({ old: 3, proof: proofOf(3, 5), note });
    fc.assert(
      fc.property(
        fc.nat(good.length),
        fc.nat(40),
        fc.string({ unit: 'binary', maxLength: 20 }),
        (at, cut, put) => {
          const body = good.slice(0, at) + put + good.slice(at + cut);
          try {
            parseAddCheckpoint(body);
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
            refused += 1;
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  it('is not written when no witness would read it', () => {
    expect(() => formatAddCheckpoint({ old: -1, proof: [], note })).toThrow(RangeError);
    expect(() => formatAddCheckpoint({ old: 1, proof: [Buffer.alloc(31)], note })).toThrow(RangeError);
    expect(() => formatAddCheckpoint({ old: 1, proof: Array(64).fill(Buffer.alloc(32)), note })).toThrow(
      RangeError,
    );
  });
});

describe('the judgement', () => {
  it('lets through every true growth, and stores what it was', () => {
    let judged = 0;
    for (let from = 0; from <= 40; from++) {
      for (let to = Math.max(from, 1); to <= 41; to++) {
        const answer = judge(ask(from, noteOf(to), proofOf(from, to)), known(from));
        expect(answer).toEqual({ status: 200, next: { size: to, root: rootOf(to) } });
        judged += 1;
      }
    }
    expect(judged).toBeGreaterThan(800);
  });

  it('takes an empty log', () => {
    const note = noteOf(0, LOG_KEY.signer, emptyRoot());
    expect(judge(ask(0, note), known(0)).status).toBe(200);
    expect(judge(ask(0, note), known(0, emptyRoot())).status).toBe(200);
  });

  it('404 for a log it does not watch', () => {
    expect(judge(ask(0, noteOf(3)), undefined).status).toBe(404);
    expect(judge(ask(0, noteOf(3)), { ...known(0), origin: 'another' }).status).toBe(404);
  });

  it('403 without a signature of a trusted key, also when a stranger signed', () => {
    const stranger = keyPair(2).signer;
    expect(judge(ask(0, noteOf(3, stranger)), known(0)).status).toBe(403);
    expect(judge(ask(0, noteOf(3, keyPair(1, 'other').signer)), known(0)).status).toBe(403);
    expect(judge(ask(0, noteOf(3)), { ...known(0), keys: [] }).status).toBe(403);
    const broken = noteOf(3).replace('\n3\n', '\n4\n');
    expect(judge(ask(0, broken), known(0)).status).toBe(403);
  });

  it('takes any of several keys of a log', () => {
    const second = keyPair(2);
    const keys = [key, verifierFromVkey(second.vkey)];
    expect(judge(ask(0, noteOf(3, second.signer)), { ...known(0), keys }).status).toBe(200);
    expect(judge(ask(0, noteOf(3)), { ...known(0), keys }).status).toBe(200);
  });

  it('400 when the old size is larger than the checkpoint', () => {
    expect(judge(ask(5, noteOf(3)), known(5)).status).toBe(400);
  });

  it('409 with the size it knows when the old size is another', () => {
    let judged = 0;
    for (let old = 0; old <= 20; old++) {
      if (old === 7) continue;
      expect(judge(ask(old, noteOf(20), proofOf(old, 20)), known(7))).toEqual({
        status: 409,
        body: '7\n',
        contentType: SIZE_TYPE,
      });
      judged += 1;
    }
    expect(judged).toBe(20);
    expect(judge(ask(3, noteOf(20)), known(0)).body).toBe('0\n');
  });

  it('409 for another root of the same size', () => {
    const fork = noteOf(7, LOG_KEY.signer, Buffer.alloc(32, 1));
    expect(judge(ask(7, fork), known(7))).toMatchObject({ status: 409, body: '7\n', contentType: SIZE_TYPE });
    expect(judge(ask(7, noteOf(7)), known(7)).status).toBe(200);
  });

  it('422 for a rewritten history, at every place', () => {
    let judged = 0;
    for (let at = 0; at < 13; at++) {
      const rewritten = [...LEAVES];
      rewritten[at] = Buffer.alloc(32, 0xee);
      const note = noteOf(21, LOG_KEY.signer, naiveRoot(rewritten.slice(0, 21)));
      expect(judge(ask(13, note, naiveProof(13, rewritten.slice(0, 21))), known(13)).status).toBe(422);
      judged += 1;
    }
    expect(judged).toBe(13);
  });

  it('422 for a proof that is short, long, changed, or given for nothing', () => {
    const proof = proofOf(13, 21);
    expect(proof.length).toBeGreaterThan(2);
    const changed = proof.map((h, i) => (i === 1 ? Buffer.alloc(32, 9) : h));
    for (const p of [
      [],
      proof.slice(1),
      proof.slice(0, -1),
      [...proof, proof[0]!],
      changed,
      proof.toReversed(),
    ])
      expect(judge(ask(13, noteOf(21), p), known(13)).status).toBe(422);
    expect(judge(ask(0, noteOf(21), [proof[0]!]), known(0)).status).toBe(422);
    expect(judge(ask(13, noteOf(13), [proof[0]!]), known(13)).status).toBe(422);
  });

  it('422 rather than trust when it knows a size and not its root', () => {
    expect(judge(ask(13, noteOf(21), proofOf(13, 21)), { ...known(13), root: undefined }).status).toBe(422);
  });
});
