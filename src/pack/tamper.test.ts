import { afterAll, describe, expect, it } from 'vitest';
import { everyNth, times } from '../../test/support/depth.ts';
import { type Files, KEYS, samplePack } from './testing/sample-pack.ts';
import {
  bitFlips,
  entryCases,
  fileCases,
  lineCases,
  memberCases,
  saltCases,
  type TamperCase,
} from './testing/tamper.ts';
import { located, said, workplace } from './testing/verdict.ts';

const place = workplace();
afterAll(place.remove);
const registers = {
  prefix: (name: string) => ({ risk: 'RSK', evidence: 'EVD', gateDecision: 'GAT' })[name],
  derive: () => ({}),
};

/** Of what is done to all three packs every second case, other ones to each of them in turn. */
function* some(cases: Iterable<TamperCase>, turn: number): Generator<TamperCase> {
  let i = turn;
  for (const c of cases) if (i++ % everyNth(2) === 0) yield c;
}

/** Every case must be refused, and the place named; answers how many there were. */
async function refuseAll(cases: Iterable<TamperCase>, vkey: string): Promise<number> {
  let count = 0;
  const wrong: string[] = [];
  const rest = cases[Symbol.iterator]();
  const worker = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) {
      const c = next.value;
      count += 1;
      const v = await place.verify(c.files(), { vkey, registers });
      if (v.ok && v.facts.late.count === 0) wrong.push(`${c.name}: passed as sound`);
      else if (!located(v, c.at)) wrong.push(`${c.name}: expected ${JSON.stringify(c.at)}, got\n${said(v)}`);
    }
  };
  // While one waits for its file the others compute.
  await Promise.all([worker(), worker(), worker(), worker()]);
  expect(wrong.slice(0, 5).join('\n\n')).toBe('');
  return count;
}

const small = samplePack({ risks: 4, erased: true, snapshot: true });
const rotated = samplePack({ risks: 3, rotated: true, snapshot: true });
const early = samplePack({ risks: 3, erased: true, early: true, snapshot: true });
const large = samplePack({ risks: 260, versions: 1 });
/** The last number: which cases are left to the others. */
const packs: [string, Files, string, number][] = [
  ['one key', small, KEYS.old.vkey, 0],
  ['a changed key', rotated, KEYS.old.vkey, 1],
  ['an earlier state', early, KEYS.old.vkey, 0],
];
/** Bits of each file that are turned while the hashes are set anew. */
const FLIPS = times(4, 60);

describe('a pack that was tampered with', () => {
  it.each(packs)('is sound before: %s', async (_, files, vkey) => {
    const v = await place.verify(files, { vkey, registers });
    expect(said(v)).toBe('');
    expect(v.ok).toBe(true);
    expect(v.facts.keyFrom).toBe('caller');
  });

  it.each(packs)(
    'single bits, pack.json as it was: %s',
    async (_, files, vkey) => {
      expect(await refuseAll(bitFlips(files, { perFile: times(3), clever: false }), vkey)).toBeGreaterThan(
        35,
      );
    },
    120_000,
  );

  it.each(packs)(
    'single bits, hashes set anew: %s',
    async (_, files, vkey) => {
      const cases = bitFlips(files, { perFile: FLIPS, clever: true, from: 3 });
      expect(await refuseAll(cases, vkey)).toBeGreaterThan(8 * FLIPS);
    },
    120_000,
  );

  it.each(packs)(
    'files taken out, cut off, exchanged, added: %s',
    async (_, files, vkey, turn) => {
      expect(await refuseAll(some(fileCases(files, false), turn), vkey)).toBeGreaterThan(25);
      expect(await refuseAll(some(fileCases(files, true), turn + 1), vkey)).toBeGreaterThan(25);
    },
    120_000,
  );

  it.each(packs)(
    'lines and entries deleted, doubled, moved, inserted, salts changed: %s',
    async (_, files, vkey, turn) => {
      expect(await refuseAll(some(lineCases(files), turn), vkey)).toBeGreaterThan(10);
      expect(await refuseAll(some(entryCases(files), turn), vkey)).toBeGreaterThan(15);
      expect(await refuseAll(saltCases(files), vkey)).toBeGreaterThan(8);
      expect(await refuseAll(some(memberCases(files), turn), vkey)).toBeGreaterThan(25);
    },
    120_000,
  );

  it('entries and tiles of a log of several tiles', async () => {
    const cases = bitFlips(large, { perFile: times(5, 14), clever: true, from: 5, only: /^log\/tile\// });
    expect(await refuseAll(cases, KEYS.old.vkey)).toBeGreaterThan(20);
  }, 120_000);
});
