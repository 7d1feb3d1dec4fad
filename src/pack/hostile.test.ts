import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { signCheckpoint } from '../ledger/index.ts';
import { ORIGIN } from '../ledger/testing/sample-log.ts';
import type { PackManifest } from './format.ts';
import { type Files, KEYS, rehashed, samplePack, withManifest, zipOf } from './testing/sample-pack.ts';
import { located, said, workplace } from './testing/verdict.ts';

const place = workplace();
afterAll(place.remove);
const files = samplePack({ risks: 3 });
const zip = zipOf(files, 1);
const manifestOf = (from: Files) => JSON.parse(from.get('pack.json')!.toString('utf8')) as PackManifest;
const withText = (path: string, text: string) => rehashed(new Map(files).set(path, Buffer.from(text)));

/** Offset of a signature in the ZIP. */
const find = (bytes: Buffer, signature: string, from = 0) =>
  bytes.indexOf(Buffer.from(signature, 'hex'), from);
const patched = (bytes: Buffer, at: number, hex: string) => {
  const copy = Buffer.from(bytes);
  Buffer.from(hex, 'hex').copy(copy, at);
  return copy;
};
const CENTRAL = '504b0102';
const END = '504b0506';

describe('what is no pack', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('hello')],
    ['a ZIP without pack.json', Buffer.from(zipSync({ 'a.txt': Buffer.from('x') }))],
    [
      'a pack of another format',
      zipOf(withManifest(new Map(files), { ...manifestOf(files), format: 'x' as never })),
    ],
    ['pack.json that is no JSON', zipOf(new Map(files).set('pack.json', Buffer.from('{')))],
    [
      'pack.json with a name twice',
      zipOf(
        new Map(files).set(
          'pack.json',
          Buffer.from(files.get('pack.json')!.toString().replace('"log": 1,', '"log": 2,\n "log": 1,')),
        ),
      ),
    ],
  ])('%s is refused in words', async (_, bytes) => {
    await expect(place.verify(bytes)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('a pack cut off anywhere is refused', async () => {
    let count = 0;
    for (let keep = 0; keep < zip.length; keep += Math.max(1, Math.floor(zip.length / 150))) {
      count += 1;
      await expect(place.verify(zip.subarray(0, keep))).rejects.toMatchObject({ code: 'INVALID' });
    }
    expect(count).toBeGreaterThan(100);
  });
});

describe('a ZIP that lies', () => {
  const central = find(zip, CENTRAL);
  const nameAt = central + 46;
  it.each([
    ['a name that leads out', '2e2e2f'],
    ['a hidden file', '2e'],
    ['an absolute name', '2f'],
    ['a backslash', '5c'],
    ['a control character', '07'],
  ])('%s', async (_, hex) => {
    await expect(place.verify(patched(zip, nameAt, hex))).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('two files of one name, also when they differ in case', async () => {
    const twice = Buffer.from(zipSync({ 'pack.json': Buffer.from('{}'), 'pack.jsoN': Buffer.from('{}') }));
    await expect(place.verify(twice)).rejects.toThrow(/two files/);
  });

  it('encrypted, or packed in another way', async () => {
    await expect(place.verify(patched(zip, central + 8, '01'))).rejects.toThrow(/encrypted|read/);
    await expect(place.verify(patched(zip, central + 10, '0e'))).rejects.toThrow(/method 14/);
  });

  it('files that overlap', async () => {
    const second = find(zip, CENTRAL, central + 4);
    const same = zip.subarray(central + 42, central + 46).toString('hex');
    await expect(place.verify(patched(zip, second + 42, same))).rejects.toThrow(/overlaps/);
  });

  it('sizes beyond the file, and counts that do not fit', async () => {
    await expect(place.verify(patched(zip, central + 20, 'ffffff7f'))).rejects.toMatchObject({
      code: 'INVALID',
    });
    await expect(place.verify(patched(zip, central + 24, 'feffffff'))).rejects.toThrow(/more than|size/);
    const end = find(zip, END);
    await expect(place.verify(patched(zip, end + 8, 'feff'.repeat(2)))).rejects.toBeDefined();
    await expect(place.verify(patched(zip, end + 16, 'ffffffff'))).rejects.toBeDefined();
  });

  it('a name in the local header that is not the one in the directory', async () => {
    await expect(place.verify(patched(zip, 30, '58'))).rejects.toThrow(/another name in its own header/);
  });

  it('a bomb ends when its bytes pass the limit, whatever it says of itself', async () => {
    const bomb = new Map(files).set('evidence/bomb', Buffer.alloc(80 * 1024 * 1024));
    await expect(place.verify(zipOf(rehashed(bomb), 1))).rejects.toMatchObject({ code: 'TOO_LARGE' });
    const packed = zipOf(new Map([['evidence/bomb', Buffer.alloc(2_000_000)], ...files]), 1);
    const lying = patched(patched(packed, find(packed, CENTRAL) + 24, '10000000'), 22, '10000000');
    const v = await place.verify(lying);
    expect(v.ok).toBe(false);
    expect(located(v, { file: 'evidence/bomb' })).toBe(true);
  }, 60_000);

  it('single bits of the ZIP itself are refused or change nothing that is read', async () => {
    let refused = 0;
    for (let bit = 0; bit < zip.length * 8; bit += 997) {
      const copy = Buffer.from(zip);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      const v = await place.verify(copy, { vkey: KEYS.old.vkey }).catch((e: { code?: string }) => {
        expect(['INVALID', 'TOO_LARGE']).toContain(e.code);
        return undefined;
      });
      if (v === undefined || !v.ok) refused += 1;
    }
    expect(refused).toBeGreaterThan(20);
  }, 120_000);
});

describe('a log that is not what it seems', () => {
  const resigned = (size: number, origin = ORIGIN, signer = KEYS.old.signer) => {
    const root = Buffer.from(manifestOf(files).root, 'base64');
    return withText('log/checkpoint', signCheckpoint({ origin, size, root }, [signer]));
  };

  it('wrong key: said, and nothing is verified', async () => {
    const v = await place.verify(files, { vkey: KEYS.stranger.vkey });
    expect(v.ok).toBe(false);
    expect(located(v, { file: 'log/checkpoint' })).toBe(true);
    expect(v.steps.find((s) => s.step === 'checkpoint')?.ok).toBe(false);
    await expect(place.verify(files, { vkey: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('everything signed anew by somebody else agrees with itself only', async () => {
    const root = Buffer.from(manifestOf(files).root, 'base64');
    const size = manifestOf(files).size;
    const forged = new Map(files)
      .set(
        'log/checkpoint',
        Buffer.from(signCheckpoint({ origin: ORIGIN, size, root }, [KEYS.stranger.signer])),
      )
      .set('log/vkey', Buffer.from(`${KEYS.stranger.vkey}\n`))
      .set('log/policy', Buffer.from(`log ${KEYS.stranger.vkey}\nquorum none\n`))
      .set('log/checkpoints.jsonl', Buffer.alloc(0));
    const pack = withManifest(forged, { ...without(manifestOf(files)), vkeys: [KEYS.stranger.vkey] });
    const own = await place.verify(pack);
    expect([own.ok, own.facts.keyFrom]).toEqual([true, 'pack']);
    expect((await place.verify(pack, { vkey: KEYS.old.vkey })).ok).toBe(false);
  });

  it.each([
    ['size 0', 0],
    ['one entry less', -1],
    ['one entry more', 1],
    ['a giant size', 2 ** 53 - 1],
  ])('%s', async (_, by) => {
    const size = manifestOf(files).size;
    const signed = by === 0 ? 0 : by > 1 ? by : size + by;
    const root =
      size === 0 || by === 0
        ? Buffer.from('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', 'base64')
        : Buffer.from(manifestOf(files).root, 'base64');
    const note = signCheckpoint({ origin: ORIGIN, size: signed, root }, [KEYS.old.signer]);
    for (const told of [size, signed]) {
      const changed = new Map(files).set('log/checkpoint', Buffer.from(note));
      const v = await place.verify(
        withManifest(changed, { ...without(manifestOf(files)), size: told, root: root.toString('base64') }),
        { vkey: KEYS.old.vkey },
      );
      expect(v.ok).toBe(false);
      expect(v.problems.some((p) => p.step === 'checkpoint' || p.step === 'log')).toBe(true);
    }
  });

  it('another origin', async () => {
    const v = await place.verify(resigned(manifestOf(files).size, 'other.example/log'), {
      vkey: KEYS.old.vkey,
    });
    expect(v.ok).toBe(false);
    expect(said(v)).toContain('other.example/log');
  });

  it('numbers that programs read differently', async () => {
    const line = files.get('records/risk.jsonl')!.toString('utf8');
    for (const [from, to] of [
      ['"number":1,', '"number":1.0,'],
      ['"number":1,', '"number":1e400,'],
      ['"index":1,', '"index":9007199254740993,'],
      ['"index":1,', '"index":-1,'],
      ['"index":1,', '"index":1,"index":1,'],
    ] as const) {
      expect(line).toContain(from);
      const v = await place.verify(withText('records/risk.jsonl', line.replace(from, to)), {
        vkey: KEYS.old.vkey,
      });
      expect(v.ok).toBe(false);
      expect(located(v, { file: 'records/risk.jsonl', line: 1 })).toBe(true);
    }
  });

  it('deep nesting and long lines end in words', async () => {
    for (const text of [
      '['.repeat(200_000),
      `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'x'.repeat(1_000_000),
    ]) {
      const v = await place.verify(withText('records/risk.jsonl', `${text}\n`), { vkey: KEYS.old.vkey });
      expect(located(v, { file: 'records/risk.jsonl', line: 1 })).toBe(true);
    }
  });

  it('a witness policy that nobody met', async () => {
    const v = await place.verify(files, {
      vkey: KEYS.old.vkey,
      policy: `log ${KEYS.old.vkey}\nquorum none\n`,
    });
    expect([v.ok, v.facts.policyMet]).toEqual([true, true]);
    await expect(place.verify(files, { policy: 'nonsense\n' })).rejects.toMatchObject({ code: 'INVALID' });
  });
});

function without({ files: _, ...rest }: PackManifest): Omit<PackManifest, 'files'> {
  return rest;
}
