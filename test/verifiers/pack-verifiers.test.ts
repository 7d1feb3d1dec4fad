import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/testing/run.ts';
import { verifyPack } from '../../src/pack/index.ts';
import { placeText } from '../../src/web/verifier/findings.ts';
import { sampleInput } from '../support/arrange.ts';
import { everyNth } from '../support/depth.ts';
import { given, ROOT, testInstance } from '../support/instance.ts';
import { OLD } from '../support/old-data.ts';
import { asOfForgeries, asOfTampers } from './as-of-tampers.ts';
import { hostileZips, STRANGE_NAMES, WRONGLY_PACKED, wronglyPacked } from './hostile-zips.ts';
import { lateAfter, lateRows } from './late-rows.ts';
import { pageChecks } from './page.ts';
import { buildGo, hasGo, hasPython, PYTHON, PythonTyped, type Typed, verdicts } from './programs.ts';
import {
  type Files,
  filesOf,
  type Sample,
  type SampleOptions,
  samplePack,
  seal,
  WITNESS,
  zipOf,
} from './sample-pack.ts';
import * as tampers from './tampers.ts';
import { lines, tables } from './two-readings.ts';

/** The three verifiers of audit packs that share no code with src/pack: Go, Python, and the page for browsers. */

const work = mkdtempSync(join(tmpdir(), 'aims-pack-verifiers-'));
if (!hasPython) console.log('skipped: no python3-cryptography');
if (!hasGo) console.log('skipped: no Go with golang-golang-x-mod-dev');
const binary = join(work, 'audit');
beforeAll(() => {
  if (hasGo) buildGo(binary, join(ROOT, 'test/verifiers/cases.go'));
});
const python = new PythonTyped();
let verdictOf: Awaited<ReturnType<typeof pageChecks>>;
beforeAll(async () => {
  verdictOf = await pageChecks();
});
afterAll(() => {
  python.end();
  rmSync(work, { recursive: true, force: true });
});

/** Large enough for a second bundle and a tile of level 1. The small one holds one of everything, and is read in a tenth of the time. */
const large = samplePack({ size: 300 });
const small = samplePack({ size: 20 });

function folderOf(sample: Sample, name: string): string {
  const folder = join(work, name);
  for (const [path, data] of sample.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), data);
  }
  return folder;
}

/** What each case must be found as; `every` takes only so manieth of them, `kinds` one of each kind besides: of each kind of file, or of deed. */
function casesOf(sample: Sample, every: number, share: number, kinds?: 'files' | 'deeds'): tampers.Tamper[] {
  const some = (n: number) => Math.ceil(n * share);
  const all = [
    ...tampers.plainFlips(sample, some(300)),
    ...tampers.entryFlips(sample, some(400)),
    ...tampers.entryMoves(sample, some(60)),
    ...tampers.tileFlips(sample, some(150)),
    ...tampers.checkpointFlips(sample, Math.round(7 / share)),
    ...tampers.recordFlips(sample, some(1000)),
    ...tampers.recordMoves(sample),
    ...tampers.attachedTampers(sample, some(100)),
  ];
  const chosen = kinds
    ? tampers.ofEveryKind(all, every, kinds === 'files')
    : all.filter((_, i) => i % every === 0);
  return chosen.concat([...tampers.saltFlips(sample)]);
}

type Answer = string[] | null;

/** Calls a program for the command line. */
type Type = (...args: string[]) => Promise<Typed>;
const started = ([program, ...first]: readonly string[], args: string[]): Typed =>
  spawnSync(program!, [...first, ...args], { encoding: 'utf8' });
const typeGo: Type = async (...args) => started([binary], args);
const typePython: Type = (...args) => python.type(...args);

/** Requires every case to be found, and located. */
function judge(cases: readonly tampers.Tamper[], answers: readonly Answer[]): void {
  expect(answers.length).toBe(cases.length);
  const missed = cases.flatMap((c, i) => {
    const said = (answers[i] ?? []).join('\n');
    return c.says.test(said)
      ? []
      : [`${c.what}: expected ${c.says}, got ${said.slice(0, 600) || 'no problem'}`];
  });
  expect(missed).toEqual([]);
}

function batch(
  command: string,
  args: string[],
  sample: Sample,
  folder: string,
  cases: tampers.Tamper[],
): void {
  const input = cases.map(({ Edits, Seal }) => `${JSON.stringify({ Edits, Seal })}\n`).join('');
  const ran = spawnSync(command, [...args, folder, sample.oldVkey, WITNESS.vkey], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    // Thousands of packs that are thrown away at once: Go sweeps them up less often.
    env: { ...process.env, GOGC: '800' },
  });
  expect(ran.stderr).toBe('');
  judge(
    cases,
    ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer),
  );
}

const untouched: tampers.Tamper = { what: 'nothing', Edits: [], Seal: true, says: /^$/ };

describe.skipIf(!hasGo)('verifiers/audit.go on packs', () => {
  it('finds and locates hundreds of changes', () => {
    const cases = [untouched, ...casesOf(small, everyNth(15), 0.5, 'files')];
    expect(cases.length).toBeGreaterThan(150);
    batch(binary, ['-cases'], small, folderOf(small, 'go-small'), cases);
  }, 120_000);

  it('finds and locates changes in a log of several bundles', () => {
    const cases = [untouched, ...casesOf(large, everyNth(101), 0.5)];
    expect(cases.length).toBeGreaterThan(30);
    batch(binary, ['-cases'], large, folderOf(large, 'go-large'), cases);
  }, 120_000);

  commandLine('audit.go', () => [binary], typeGo);
});

describe.skipIf(!hasPython)('verifiers/audit.py on packs', () => {
  const script = PYTHON[2];

  it('finds and locates hundreds of changes', () => {
    const [few, fewer] = [casesOf(small, everyNth(61), 0.5, 'files'), casesOf(large, everyNth(601), 0.5)];
    expect(few.length + fewer.length).toBeGreaterThan(70);
    const args = ['-B', join(ROOT, 'test/verifiers/cases.py'), script];
    batch('python3', args, small, folderOf(small, 'py-small'), [untouched, ...few]);
    batch('python3', args, large, folderOf(large, 'py-large'), [untouched, ...fewer]);
  }, 120_000);

  commandLine('audit.py', () => [...PYTHON], typePython);
});

/** An earlier state of the pack's own log and one of the log before it; parts of both were erased since. */
const EARLY = [
  { size: 26, asOf: 'present' },
  { size: 24, asOf: 'former' },
  { size: 30, asOf: 'present', former: false },
] as const;
const early = EARLY.map((options) => samplePack(options));
const forged = EARLY.flatMap((options) => asOfForgeries(options));

describe('packs of an earlier state of which parts were erased since', () => {
  const inProcess: [string, (files: Files, vkey: string) => Promise<string>][] = [
    ['aims verify', said],
    ['verify.html', onPage],
  ];
  const programs = [
    ...inProcess,
    ...(hasGo ? [['audit.go', (f, k) => typed(typeGo, f, k)] as (typeof inProcess)[number]] : []),
    ...(hasPython ? [['audit.py', (f, k) => typed(typePython, f, k)] as (typeof inProcess)[number]] : []),
  ];

  /** Requires that everything is found and located. */
  async function findsAll(
    ask: (typeof inProcess)[number][1],
    cases: { what: string; files: Files; vkey: string; says: RegExp }[],
  ) {
    const missed: string[] = [];
    for (const { what, files, vkey, says } of cases) {
      const got = await ask(files, vkey);
      if (!says.test(got)) missed.push(`${what}: expected ${says}, got ${got.slice(0, 400) || 'no problem'}`);
    }
    expect(missed).toEqual([]);
  }

  it.each(programs)(
    '%s finds them sound, and those that are forged not',
    async (_, ask) => {
      for (const { files, oldVkey } of early) expect(await ask(files, oldVkey)).toBe('');
      expect(forged.length).toBe(15);
      await findsAll(
        ask,
        forged.map(({ what, sample, says }) => ({ what, files: sample.files, vkey: sample.oldVkey, says })),
      );
    },
    60_000,
  );

  it.each(inProcess)(
    '%s finds what was done to them',
    async (_, ask) => {
      for (const sample of early) {
        const cases = [...asOfTampers(sample, everyNth(197))].map((c) => {
          const files = tampers.tampered(sample.files, c);
          if (c.Seal) seal(files);
          return { what: c.what, files, vkey: sample.oldVkey, says: c.says };
        });
        expect(cases.length).toBeGreaterThan(15);
        await findsAll(ask, cases);
      }
    },
    60_000,
  );

  it.skipIf(!hasGo)(
    'audit.go finds what was done to them',
    () => {
      for (const [i, sample] of early.entries()) {
        const cases = [
          untouched,
          ...asOfTampers(sample, everyNth(37)),
          ...casesOf(sample, everyNth(i === 0 ? 37 : 61), 0.5),
        ];
        expect(cases.length).toBeGreaterThan(60);
        batch(binary, ['-cases'], sample, folderOf(sample, `go-early-${i}`), cases);
      }
    },
    120_000,
  );

  it.skipIf(!hasPython)(
    'audit.py finds what was done to them',
    () => {
      for (const [i, sample] of early.entries()) {
        const cases = [
          untouched,
          ...asOfTampers(sample, everyNth(127)),
          ...casesOf(sample, everyNth(61), 0.5),
        ];
        expect(cases.length).toBeGreaterThan(45);
        const args = ['-B', join(ROOT, 'test/verifiers/cases.py'), PYTHON[2]];
        batch('python3', args, sample, folderOf(sample, `py-early-${i}`), cases);
      }
    },
    120_000,
  );
});

/** What was done to the log before, whether it holds, and what is said of it. */
const FORMERLY: [SampleOptions['formerly'], boolean, RegExp][] = [
  [{}, true, /^(?![\s\S]*lost)/],
  [{ lost: 5 }, true, /last 5 entries are lost(?![\s\S]*begun by)/],
  [{ lost: 5, pinned: false }, true, /last 5 entries are lost[\s\S]*begun by/],
  [{ unnamed: true }, true, /^(?![\s\S]*lost)/],
  [{ unnamed: true, gutted: true, stranger: true }, false, /13 entries.*continues 12/],
  [{ unnamed: true, gutted: true, stranger: true, lost: 5 }, false, /13 entries are not the 12/],
  [{ whole: true }, true, /^(?![\s\S]*lost)/],
  [{ whole: true, cut: 3 }, false, /log\/former\/1\/checkpoint.*9 entries are not the 12/],
  [{ whole: true, cut: 3, stranger: true }, false, /log\/former\/1\/checkpoint.*9 entries are not the 12/],
  [{ stranger: true }, false, /log\/former\/1\/checkpoint/],
  [{ stranger: true, lost: 5 }, false, /log\/former\/1\/checkpoint/],
  [{ stranger: true, lost: 5, pinned: false }, false, /log\/former\/1\/checkpoint/],
  [{ gutted: true, stranger: true }, false, /log\/former\/1\/checkpoint.*13 entries.*continues 12/],
  [{ gutted: true }, false, /log\/former\/1\/checkpoint.*13 entries.*continues 12/],
  [{ gutted: true, lost: 5 }, false, /log\/former\/1\/checkpoint.*13 entries are not the 12/],
  [{ gutted: true, changed: true }, false, /log\/former\/1\/checkpoint.*13 entries/],
  [{ gutted: true, changed: true, lost: 5 }, false, /log\/former\/1\/checkpoint.*13 entries are not the 13/],
  [{ whole: true, keyLost: 'its own' }, true, /its key was lost(?![\s\S]*had waited)/],
  [
    { whole: true, keyLost: 'its own', waited: true },
    true,
    /its key was lost[\s\S]*[1-3] of its entries had waited/,
  ],
  [{ lost: 5, keyLost: 'its own' }, true, /its key was lost[\s\S]*last 5 entries are lost/],
  [
    { whole: true, keyLost: 'its own', cut: 3 },
    false,
    /log\/former\/1\/checkpoint.*9 entries are not the 12/,
  ],
  [
    { whole: true, keyLost: 'another' },
    false,
    /log\/former\/1\/checkpoint.*key was lost, and names one that is none of it/,
  ],
];

/** What TypeScript knows of a lost key, in the words of the programs. */
const keyLostText = ({ waited }: { waited: number }) =>
  `its key was lost${waited > 0 ? ` (${waited} of its entries had waited)` : ''}`;

describe('the log before: its keys, and nothing beyond what the next log names', () => {
  const formed = FORMERLY.map(([formerly, holds, says]) => ({
    what: JSON.stringify(formerly),
    sample: samplePack({ size: 20, formerly }),
    holds,
    says,
  }));
  const path = join(work, 'former.zip');
  const check = async (ask: (files: Files, vkey: string) => Promise<{ holds: boolean; text: string }>) => {
    expect(formed.filter((f) => f.holds).length).toBe(8);
    for (const { what, sample, holds, says } of formed) {
      const got = await ask(sample.files, sample.oldVkey);
      expect([what, got]).toEqual([what, { holds, text: expect.stringMatching(says) }]);
    }
  };

  it('as aims verify sees it', async () => {
    await check(async (files, vkey) => {
      rmSync(path, { force: true });
      writeFileSync(path, zipOf(files, true));
      const { problems, facts } = await verifyPack(path, { vkey });
      // Stamps of this sample have no certificates.
      const found = problems.filter((p) => p.step !== 'attachments');
      const lost = facts.lost.map((l) => `last ${l.entries} entries are lost${l.pinned ? '' : ', begun by'}`);
      return {
        holds: found.length === 0,
        text: [
          ...found.map((p) => `${p.file}: ${p.message}`),
          ...facts.keyLost.map(keyLostText),
          ...lost,
        ].join('\n'),
      };
    });
  });

  it('as the page sees it', async () => {
    await check(async (files, vkey) => {
      const blob = new Blob([new Uint8Array(zipOf(files, true))]);
      const { ok, problems, facts } = await verdictOf(blob, { keys: { log: [vkey], witnesses: [] } });
      const lost = facts!.lost.map(
        (l) => `last ${l.entries} entries are lost${l.pinned ? '' : ', begun by'}`,
      );
      const keyLost = facts!.keyLost.map(keyLostText);
      const found = problems.map((p) => `${p.file}: ${p.message}`);
      return { holds: ok, text: [...found, ...keyLost, ...lost].join('\n') };
    });
  });

  it.each([
    ...(hasGo ? [['audit.go', typeGo] as const] : []),
    ...(hasPython ? [['audit.py', typePython] as const] : []),
  ])('as %s sees it', async (_, type) => {
    await check(async (files, vkey) => {
      const key = join(work, 'former.vkey');
      writeFileSync(path, zipOf(files));
      writeFileSync(key, `${vkey}\n`);
      const { status, stdout } = await type('--vkey', key, path);
      return { holds: status === 0, text: stdout };
    });
  });
});

describe('a ZIP that holds more than it lists, or reads in two ways', () => {
  const cases = hostileZips(small.files);
  const pack = join(work, 'hostile.zip');
  const named = STRANGE_NAMES.map((name): [string, Files] => {
    const files = new Map(small.files).set(name, Buffer.from('x'));
    seal(files);
    return [name, files];
  });

  it('is refused by aims verify and by the page, and a file that packs do not have is named', async () => {
    expect(cases.length).toBeGreaterThan(20);
    for (const [what, bytes] of cases) {
      rmSync(pack, { force: true });
      writeFileSync(pack, bytes);
      const refused = await verifyPack(pack).catch((e: { code?: string }) => e.code);
      expect([what, refused]).toEqual([what, 'INVALID']);
      const page = await verdictOf(new Blob([new Uint8Array(bytes)]), { keys: { log: [], witnesses: [] } });
      expect([what, page.problems.map((p) => p.message)]).toEqual([
        what,
        [expect.stringMatching(/not an audit pack/)],
      ]);
    }
    for (const [name, files] of named) {
      expect(await said(files, small.oldVkey)).toContain(`${name}: a pack has no such file`);
      expect(await onPage(files, small.oldVkey)).toContain(`${name}: a pack has no such file`);
    }
  });

  it.each([
    ...(hasGo ? [['audit.go', typeGo] as const] : []),
    ...(hasPython ? [['audit.py', typePython] as const] : []),
  ])('is refused by %s', async (_, type) => {
    for (const [what, bytes] of cases) {
      writeFileSync(pack, bytes);
      const { status, stdout } = await type(pack);
      expect([what, status, stdout]).toEqual([what, 2, expect.stringMatching(/^Not a pack: /)]);
    }
    for (const [name, files] of named) {
      writeFileSync(pack, zipOf(files));
      const { status, stdout } = await type(pack);
      expect([status, stdout]).toEqual([1, expect.stringContaining(`${name}: a pack has no such file`)]);
    }
    const folder = folderOf(small, `links-${_}`);
    rmSync(join(folder, 'README.md'));
    symlinkSync('pack.json', join(folder, 'README.md'));
    const linked = await type(folder);
    expect([linked.status, linked.stdout]).toEqual([1, expect.stringContaining('not a plain file')]);
  });
});

describe('a file that is packed in another way than the ZIP says', () => {
  const cases = wronglyPacked(small.files);
  const pack = join(work, 'packed.zip');
  const key = join(work, 'packed.vkey');

  it('is named by aims verify and by the page', async () => {
    expect(cases.length).toBe(8);
    for (const [what, bytes] of cases) {
      rmSync(pack, { force: true });
      writeFileSync(pack, bytes);
      const own = await verifyPack(pack, { vkey: small.oldVkey }).then(
        ({ problems }) => problems.map((p) => `${p.file}: ${p.message}`).join('\n'),
        (error: Error) => error.message,
      );
      const keys = { log: [small.oldVkey], witnesses: [] };
      const { problems } = await verdictOf(new Blob([new Uint8Array(bytes)]), { keys });
      const page = problems.map((p) => `${placeText(p)}: ${p.message}`).join('\n');
      expect([what, own]).toEqual([
        what,
        expect.stringMatching(/records\/risk\.jsonl: (?:the file|is damaged)|stored file/),
      ]);
      expect([what, page]).toEqual([what, expect.stringContaining(WRONGLY_PACKED)]);
    }
  });

  it.each([
    ...(hasGo ? [['audit.go', typeGo] as const] : []),
    ...(hasPython ? [['audit.py', typePython] as const] : []),
  ])('is named by %s', async (_, type) => {
    writeFileSync(key, `${small.oldVkey}\n`);
    for (const [what, bytes] of cases) {
      writeFileSync(pack, bytes);
      const { status, stdout } = await type('--vkey', key, pack);
      expect([what, status, stdout]).toEqual([what, 1, expect.stringContaining(WRONGLY_PACKED)]);
    }
  });
});

/** What stands in a pack cannot repaint the screen with a verdict, turn the text, or add a line. */
describe('control characters in a pack', () => {
  const EVIL = 'ACME\u001b[2J\u001b[HVerified\u202e\r\nSound: x\u009b1m\u2028\ufeff';
  const pack = join(work, 'evil.zip');
  const evil = ((): Files => {
    const files = new Map(small.files);
    const manifest = JSON.parse(files.get('pack.json')!.toString()) as Record<string, unknown>;
    files.set('pack.json', Buffer.from(JSON.stringify({ ...manifest, name: EVIL, madeAt: EVIL })));
    seal(files);
    return files;
  })();
  const wrong = new Map(evil);
  const lines = tampers.split(wrong.get('records/risk.jsonl')!);
  wrong.set(
    'records/risk.jsonl',
    Buffer.from(
      tampers.unsplit([JSON.stringify({ ...JSON.parse(lines[0]!), ref: EVIL, register: EVIL }), ...lines]),
    ),
  );
  seal(wrong);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours alone; whatever else is left of a sequence must be found
  const withoutColours = (text: string) => text.replaceAll(/\u001b\[[0-9]{1,2}m/g, '');
  const unsafe = /[^\P{C}\n]|[\u2028\u2029]/u;

  it.each([
    ...(hasGo ? [['audit.go', typeGo] as const] : []),
    ...(hasPython ? [['audit.py', typePython] as const] : []),
    [
      'aims verify',
      async (...args: string[]) => {
        const { code, out, err } = await run(['verify', ...args], { terminal: 100 });
        return {
          status: code,
          stdout: withoutColours(out),
          stderr: withoutColours(err),
        };
      },
    ] as const,
  ])('are shown as such by %s', async (_, type) => {
    for (const files of [evil, wrong]) {
      rmSync(pack, { force: true });
      writeFileSync(pack, zipOf(files, true));
      const { stdout, stderr } = await type(pack);
      expect(stdout).toContain('ACME');
      expect(stdout + stderr).not.toMatch(unsafe);
      expect(stdout.split('\n').filter((l) => l.startsWith('Sound: x'))).toEqual([]);
    }
  });
});

describe('what an evidence file is called', () => {
  const index = 'evidence/index.jsonl';
  const files = new Map(small.files);
  const text = files.get(index)!.toString();
  files.set(index, Buffer.from(text.replace('r.json', 'approval.pdf')));
  seal(files);

  it('is what its record calls it, to aims verify and the page', async () => {
    expect(text).toContain('"r.json"');
    expect(await said(files, small.oldVkey)).toContain(`${index} line 1`);
    expect(await onPage(files, small.oldVkey)).toContain(`${index} line 1`);
  });

  it.each([
    ...(hasGo ? [['audit.go', typeGo] as const] : []),
    ...(hasPython ? [['audit.py', typePython] as const] : []),
  ])('to %s too', async (_, type) => {
    const pack = join(work, 'called.zip');
    writeFileSync(pack, zipOf(files));
    const { status, stdout } = await type(pack);
    expect([status, stdout]).toEqual([
      1,
      expect.stringMatching(/index\.jsonl line 1.*EVD-0001 does not call/),
    ]);
  });
});

describe('tables for people, and lines, that two programs would read in two ways', () => {
  const cases = [...tables(small), ...lines(small)];
  const packed = cases.map((c) => {
    const files = tampers.tampered(small.files, c);
    if (c.Seal) seal(files);
    for (const [path, data] of files)
      if (c.Edits[0]!.File === path) expect([c.what, data]).not.toEqual([c.what, small.files.get(path)]);
    return { what: c.what, says: c.says, files };
  });

  it.each([
    ['aims verify', said],
    ['the page', onPage],
  ] as const)('are named by %s', async (_, ask) => {
    expect(cases.length).toBeGreaterThan(90);
    const missed: string[] = [];
    for (const { what, says, files } of packed) {
      const got = await ask(files, small.oldVkey);
      if (!says.test(got)) missed.push(`${what}: got ${got.slice(0, 300) || 'no problem'}`);
    }
    expect(missed).toEqual([]);
  });

  it.skipIf(!hasGo)('are named by audit.go', () => {
    batch(binary, ['-cases'], small, folderOf(small, 'go-twofold'), [untouched, ...cases]);
  });

  it.skipIf(!hasPython)('are named by audit.py', () => {
    const args = ['-B', join(ROOT, 'test/verifiers/cases.py'), PYTHON[2]];
    batch('python3', args, small, folderOf(small, 'py-twofold'), [untouched, ...cases]);
  });
});

describe('parts of an earlier version that hold nothing by its name', () => {
  it.each([
    ['values', 'x'],
    ['values', []],
    ['text', [['description', 'pairs that read as an object']]],
    ['links', 7],
  ])('%s that are %j are refused by all four, although the log committed to them', async (group, value) => {
    const { files, oldVkey } = samplePack({ size: 20, odd: { [group]: value } });
    const pack = join(work, 'odd-parts.zip');
    rmSync(pack, { force: true });
    writeFileSync(pack, zipOf(files));
    const all = await verdicts(pack, oldVkey, hasGo ? binary : undefined);
    expect(Object.keys(all).length).toBe(2 + Number(hasGo) + Number(hasPython));
    for (const [name, told] of Object.entries(all))
      expect([name, told]).toEqual([name, expect.stringMatching(/RSK-0002 version 1\b[\s\S]*object/)]);
  });
});

describe('a checkpoint kept from before', () => {
  const { files, oldVkey, size, signed } = small;
  const other = WITNESS.cosign('x\n', 1);
  const kept: [string, string, boolean, RegExp][] = [
    ['of the log', signed(8), true, /8/],
    ['of the log, the newest', signed(size), true, /20/],
    ['of the log before', files.get('log/former/1/checkpoint')!.toString(), true, /12/],
    ['of another history', signed(8, 'its own', Buffer.alloc(32, 7)), false, /another history/],
    ['by a stranger', signed(8, 'a stranger'), false, /key/],
    ['of more than there is', signed(size + 1, 'its own', Buffer.alloc(32, 7)), false, /went back/],
    ['of another log', signed(8).replace('acme', 'ocme'), false, /not in the pack/],
    ['that is garbage', 'hello\n', false, /signed (checkpoint|note)/],
    ['that is empty', '', false, /signed (checkpoint|note)/],
    ['that is a cosignature alone', other, false, /signed (checkpoint|note)/],
  ];
  const pack = join(work, 'kept.zip');
  const key = join(work, 'kept.vkey');
  const older = join(work, 'kept.checkpoint');
  beforeAll(() => {
    rmSync(pack, { force: true });
    writeFileSync(pack, zipOf(files, true));
    writeFileSync(key, `${oldVkey}\n`);
  });

  it('is compared by aims verify', async () => {
    for (const [name, note, holds, says] of kept) {
      const asked = verifyPack(pack, { vkey: oldVkey, older: [{ name: 'kept', note }] });
      const got = await asked.then(
        (v) => ({
          holds: v.steps.find((s) => s.step === 'checkpoint')!.ok,
          text: [...v.problems.map((p) => p.message), ...v.facts.older.map((o) => `${o.size}`)].join('\n'),
        }),
        (error: Error) => ({ holds: false, text: error.message }),
      );
      expect([name, got]).toEqual([name, { holds, text: expect.stringMatching(says) }]);
    }
  });

  it('is compared by the page', async () => {
    for (const [name, note, holds, says] of kept) {
      const blob = new Blob([new Uint8Array(readFileSync(pack))]);
      const keys = { log: [oldVkey], witnesses: [] };
      const v = await verdictOf(blob, { keys, older: [{ name: 'kept', note }] });
      const text = [
        ...v.problems.map((p) => p.message),
        ...(v.facts?.older ?? []).map((o) => `${o.size}`),
      ].join('\n');
      expect([name, v.ok, text]).toEqual([name, holds, expect.stringMatching(says)]);
    }
  });

  it.each([
    ...(hasGo ? [['audit.go', typeGo] as const] : []),
    ...(hasPython ? [['audit.py', typePython] as const] : []),
  ])('is compared by %s', async (_, type) => {
    for (const [name, note, holds, says] of kept) {
      writeFileSync(older, note);
      const ran = await type('--vkey', key, '--older', older, pack);
      expect([name, ran.status, ran.stdout]).toEqual([name, holds ? 0 : 1, expect.stringMatching(says)]);
      if (holds) expect(ran.stdout).toMatch(/; older checkpoint of \d+ entries holds/);
    }
    writeFileSync(older, signed(8));
    writeFileSync(`${older}2`, signed(9, 'its own', Buffer.alloc(32, 7)));
    const both = await type('--vkey', key, '--older', older, '--older', `${older}2`, pack);
    expect([both.status, both.stdout]).toEqual([1, expect.stringMatching(/another history/)]);
    expect((await type('--vkey', key, '--proof', older, pack)).status).toBe(1);
  });
});

describe('a kept checkpoint of entries that are lost', () => {
  // The head that the next log names proves nothing of the fewer entries that somebody says are left.
  const sample = samplePack({ size: 20, formerly: { lost: 5 } });
  const note = samplePack({ size: 24, asOf: 'former' }).signed(17, 'its own', Buffer.alloc(32, 5));
  const pack = join(work, 'lost.zip');
  const key = join(work, 'lost.vkey');
  const older = join(work, 'lost.checkpoint');
  beforeAll(() => {
    writeFileSync(pack, zipOf(sample.files, true));
    writeFileSync(key, `${sample.oldVkey}\n`);
    writeFileSync(older, note);
  });

  it('is not said to hold by aims verify and the page', async () => {
    const kept = [{ name: 'kept', note }];
    const own = await verifyPack(pack, { vkey: sample.oldVkey, older: kept });
    expect(own.facts.older).toMatchObject([{ size: 17, left: 12 }]);
    const { out } = await run(['verify', pack, '--vkey', key, '--older', older], { terminal: 200 });
    expect(out).toContain('nothing shows that they are its first');
    const page = await verdictOf(new Blob([new Uint8Array(readFileSync(pack))]), {
      keys: { log: [sample.oldVkey], witnesses: [] },
      older: kept,
    });
    expect(page.facts?.older).toEqual([{ size: 17, left: 12 }]);
  });

  it.each([
    ...(hasGo ? [['audit.go', typeGo] as const] : []),
    ...(hasPython ? [['audit.py', typePython] as const] : []),
  ])('is not said to hold by %s', async (_, type) => {
    const { status, stdout } = await type('--vkey', key, '--older', older, pack);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/17 entries is the head that the next log names, 12 entries are here: nothing/),
    ]);
    expect(stdout).not.toContain('holds');
  });
});

describe('rows that are later than their entries, as 0.1.0 stored those of bulk changes', () => {
  const cases = [...lateRows(small)];
  const packed = cases.map((c) => {
    const files = tampers.tampered(small.files, c);
    seal(files);
    return { ...c, files };
  });

  it.each([
    ['aims verify', said],
    ['verify.html', onPage],
  ] as const)('%s takes those, says so, and takes no others', async (_, ask) => {
    expect(cases.filter((c) => c.holds).length).toBe(3);
    expect(cases.filter((c) => !c.holds).length).toBe(8);
    for (const { what, files, says } of packed)
      expect([what, await ask(files, small.oldVkey)]).toEqual([what, expect.stringMatching(says)]);
    const path = join(work, 'late.zip');
    for (const { what, files, holds } of packed) {
      rmSync(path, { force: true });
      writeFileSync(path, zipOf(files, true));
      const { steps, facts } = await verifyPack(path, { vkey: small.oldVkey });
      const own = steps.find((s) => s.step === 'versions')!.ok;
      expect([what, own, facts.late.count]).toEqual([what, holds, holds ? 1 : 0]);
      const keys = { log: [small.oldVkey], witnesses: [] };
      const page = await verdictOf(new Blob([new Uint8Array(readFileSync(path))]), { keys });
      expect([what, page.ok]).toEqual([what, holds]);
    }
  });

  it.each([
    ...(hasGo ? [['audit.go', typeGo] as const] : []),
    ...(hasPython ? [['audit.py', typePython] as const] : []),
  ])('%s takes those, says so, and takes no others', async (_, type) => {
    for (const { what, files, says, holds } of packed) {
      const [pack, key] = [join(work, 'late.zip'), join(work, 'late.vkey')];
      writeFileSync(pack, zipOf(files));
      writeFileSync(key, `${small.oldVkey}\n`);
      const ran = await type('--vkey', key, pack);
      expect([what, ran.status, ran.stdout]).toEqual([what, holds ? 0 : 1, expect.stringMatching(says)]);
      if (holds) expect(ran.stdout).toMatch(/^Sound: [\s\S]*known fault of bulk changes/);
    }
  });
});

describe('rows that are later than their entries, in logs that say from where on none is', () => {
  const samples = (['former', 'present', 'note'] as const).map((exact) => samplePack({ size: 20, exact }));
  const cases = samples.map((sample) => [...lateAfter(sample)]);

  it.each([
    ['aims verify', said],
    ['verify.html', onPage],
  ] as const)('are refused from there on by %s', async (_, ask) => {
    expect(cases.map((list) => list.filter((c) => c.holds).length)).toEqual([0, 10, 17]);
    expect(cases.every((list) => list.filter((c) => !c.holds).length > 4)).toBe(true);
    const missed: string[] = [];
    for (const [i, { files, oldVkey }] of samples.entries())
      for (const c of cases[i]!) {
        const to = tampers.tampered(files, c);
        seal(to);
        const got = await ask(to, oldVkey);
        if (!c.says.test(got)) missed.push(`${c.what}: expected ${c.says}, got ${got.slice(0, 400)}`);
      }
    expect(missed).toEqual([]);
  });

  it.skipIf(!hasGo)('are refused from there on by audit.go', () => {
    for (const [i, sample] of samples.entries())
      batch(binary, ['-cases'], sample, folderOf(sample, `go-exact-${i}`), [untouched, ...cases[i]!]);
  });

  it.skipIf(!hasPython)('are refused from there on by audit.py', () => {
    const args = ['-B', join(ROOT, 'test/verifiers/cases.py'), PYTHON[2]];
    for (const [i, sample] of samples.entries())
      batch('python3', args, sample, folderOf(sample, `py-exact-${i}`), [untouched, ...cases[i]!]);
  });
});

describe('a pack that 0.1.0 made', () => {
  const path = join(OLD, 'audit-pack.zip');

  it('holds as it did, for all four', async () => {
    const pack = join(work, 'old.zip');
    copyFileSync(path, pack);
    const { vkeys } = JSON.parse(filesOf(readFileSync(pack)).get('pack.json')!.toString()) as {
      vkeys: string[];
    };
    const all = await verdicts(pack, vkeys[0]!, hasGo ? binary : undefined);
    expect(Object.keys(all).length).toBe(2 + Number(hasGo) + Number(hasPython));
    for (const [name, said] of Object.entries(all)) expect([name, said]).toEqual([name, '']);
  });
});

/** The problems that the page finds, one a line. */
async function onPage(files: Files, vkey: string): Promise<string> {
  const keys = { log: [vkey], witnesses: [] };
  const { problems, facts } = await verdictOf(new Blob([new Uint8Array(zipOf(files, true))]), { keys });
  return [...problems.map((p) => `${placeText(p)}: ${p.message}`), ...(facts?.late.named ?? [])].join('\n');
}

/** The problems that the product's own verifier finds, one a line. */
async function said(files: Files, vkey: string): Promise<string> {
  const path = join(work, 'early.zip');
  rmSync(path, { force: true });
  writeFileSync(path, zipOf(files, true));
  try {
    const v = await verifyPack(path, { vkey });
    return [
      ...v.problems.map(({ message, step: _, ...place }) => `${placeText(place)}: ${message}`),
      ...v.facts.late.rows.map((l) => `${placeText(l)}: ${l.ms} ms later`),
    ].join('\n');
  } catch (error) {
    return `pack.json: ${(error as Error).message}`;
  }
}

/** The problems that a program for the command line lists; '' when it says that the pack is sound. */
async function typed(type: Type, files: Files, vkey: string): Promise<string> {
  const [pack, key] = [join(work, 'early.zip'), join(work, 'early.vkey')];
  writeFileSync(pack, zipOf(files));
  writeFileSync(key, `${vkey}\n`);
  const ran = await type('--vkey', key, pack);
  const sound = /^Sound: .*; the state after \d+ entries of log \d+/.test(ran.stdout);
  expect([ran.status, ran.stderr]).toEqual([sound ? 0 : 1, '']);
  return sound ? '' : ran.stdout;
}

/** A ZIP whose directory says that one file unpacks to two gigabytes. */
function bombOf(files: Files): Buffer {
  const zip = zipOf(files);
  zip.writeUInt32LE(0x7fffffff, zip.lastIndexOf('records/risk.jsonl') - 46 + 24);
  return zip;
}

/** What an auditor types: exit codes, keys, hostile ZIPs. */
function commandLine(name: string, command: () => string[], type: Type): void {
  const together = (ran: Typed) => ({ status: ran.status, said: `${ran.stdout}${ran.stderr}` });
  const start = (...args: string[]) => together(started(command(), args));
  const audit = async (...args: string[]) => together(await type(...args));
  const file = (path: string, data: Buffer | string) => {
    const full = join(work, `${name}-${path}`);
    writeFileSync(full, data);
    return full;
  };

  it('finds a whole pack sound, as a ZIP and as a folder, and says where the key came from', async () => {
    const zip = file('pack.zip', zipOf(large.files));
    expect(start(zip)).toMatchObject({
      status: 0,
      said: expect.stringMatching(
        /^Sound: a pack of ACME Ltd with \d+ records .*the key came from the pack itself/,
      ),
    });
    const keys = [
      '--vkey',
      file('vkey', `${large.oldVkey}\n`),
      '--witness',
      file('witness', `${WITNESS.vkey}\n`),
    ];
    for (const path of [zip, folderOf(large, `${name}-folder`)]) {
      const { status, said } = await audit(...keys, path);
      expect([status, said]).toEqual([
        0,
        expect.stringMatching(/cosigned by witness\.example\.com\/w1 at 2026-/),
      ]);
      expect(said).not.toMatch(/pack itself/);
    }
    const alone = samplePack({ size: 70, former: false });
    expect((await audit(file('alone.zip', zipOf(alone.files)))).status).toBe(0);
  });

  it('does not take another key or another witness', async () => {
    const zip = file('pack.zip', zipOf(small.files));
    const other = samplePack({ size: 20, former: false });
    expect(await audit('--vkey', file('vkey', other.oldVkey), zip)).toMatchObject({ status: 1 });
    expect(await audit('--witness', file('witness', large.vkey), zip)).toMatchObject({ status: 1 });
  });

  it('answers 2 for what is no pack, never "sound"', async () => {
    const files = new Map(small.files);
    const hostile: [string, Buffer][] = [
      ['empty', Buffer.alloc(0)],
      ['noise', Buffer.alloc(5000, 0xfe)],
      ['cut', zipOf(files).subarray(0, 5000)],
      ['no-manifest', zipOf(new Map([['README.md', Buffer.from('x')]]))],
      ['bomb', bombOf(files)],
      ...['../evil', '/etc/passwd', 'a\\b', 'a//b', 'c:d'].map((path, i): [string, Buffer] => [
        `name${i}`,
        zipOf(new Map([...files, [path, Buffer.from('x')]])),
      ]),
      // The same name twice: a name of the same length is written over in both directories of the ZIP.
      [
        'twice',
        Buffer.from(
          zipOf(new Map([...files, ['packXjson', Buffer.from('{}')]]))
            .toString('latin1')
            .replaceAll('packXjson', 'pack.json'),
          'latin1',
        ),
      ],
    ];
    for (const [what, bytes] of hostile) {
      const { status, said } = await audit(file(`${what}.zip`, bytes));
      expect([what, status, said]).toEqual([what, 2, expect.stringMatching(/^Not a pack: /)]);
    }
  });
}

describe('packs that the product makes', () => {
  const packs: [string, string][] = [];
  let keyFile = '';
  beforeAll(async () => {
    const t = await testInstance();
    const ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
    const make = async (register: string, input: Record<string, unknown>) =>
      given(t, register, {
        ...(await sampleInput(t, t.app.registry.get(register), 7, 'required')),
        ...input,
      });
    const owner = ada.ref;
    const { ref: system } = await make('aiSystem', { name: 'Chat', purpose: 'Answers', owner });
    const { ref: release } = await make('release', { title: 'Chat 1', system: [system] });
    for (let i = 1; i <= 9; i++) await make('risk', { title: `Risk ${i}`, systems: [system], owner });
    await t.app.sequencer.settle(t.organisation.id);
    const asOf = (await t.stranger.ask('GET', '/log/acme/checkpoint')).text.split('\n')[1]!;
    expect((await ada.ask('PATCH', `aiSystem/${system}`, { purpose: 'Answers “all”\u2028 中' })).status).toBe(
      200,
    );
    const file = readFileSync(join(ROOT, 'demo/evidence/eval-basic-2.3.1.json'));
    expect((await ada.ask('POST', `evidence/add?release=${release}&fileName=eval.json`, file)).status).toBe(
      201,
    );
    expect((await ada.ask('POST', `release/${release}/gate`, undefined)).status).toBe(200);
    keyFile = join(work, 'product.vkey');
    writeFileSync(keyFile, (await t.stranger.ask('GET', '/log/acme/vkey')).text);
    for (const [name, query] of [
      ['whole', ''],
      ['system', `?system=${system}`],
      ['as-of', `?asOf=${asOf}`],
    ]) {
      const url = `/api/v1/acme/audit-pack${query}`;
      const made = await t.server.inject({ method: 'GET', url, headers: ada.headers });
      expect(made.statusCode, made.body.slice(0, 300)).toBe(200);
      packs.push([name!, join(work, `product-${name}.zip`)]);
      writeFileSync(packs.at(-1)![1], made.rawPayload);
    }
    await t.close();
  });

  it('are sound to all three', async () => {
    expect(packs.length).toBe(3);
    for (const [name, path] of packs) {
      const log = [readFileSync(keyFile, 'utf8').trim()];
      const verdict = await verdictOf(new Blob([new Uint8Array(readFileSync(path))]), {
        keys: { log, witnesses: [] },
      });
      expect([name, verdict.problems]).toEqual([name, []]);
      for (const type of [...(hasGo ? [typeGo] : []), ...(hasPython ? [typePython] : [])]) {
        const ran = await type('--vkey', keyFile, path);
        expect([name, ran.status, ran.stdout]).toEqual([name, 0, expect.stringMatching(/^Sound: /)]);
      }
    }
  });
});

describe('the page for browsers, its checks alone', () => {
  const keys = { log: [small.oldVkey], witnesses: [WITNESS.vkey] };
  const ask = async (files: Map<string, Buffer>, given = keys) => {
    const verdict = await verdictOf(new Blob([new Uint8Array(zipOf(files, true))]), { keys: given });
    const problems = verdict.problems.map((p) => `${placeText(p)}: ${p.message}`);
    return { verdict, said: [...problems, ...(verdict.facts?.late.named ?? [])] };
  };

  it('finds the pack to hold, and says what is in it', async () => {
    const { verdict } = await ask(large.files, { log: [large.oldVkey], witnesses: [WITNESS.vkey] });
    expect(verdict).toMatchObject({
      ok: true,
      problems: [],
      facts: {
        size: 300,
        organisation: 'ACME Ltd',
        keyFromPack: false,
        cosigned: [{ fromPack: false }],
        stamps: [{ size: 60 }],
        erased: 1,
      },
    });
    const own = await ask(small.files, { log: [], witnesses: [] });
    expect(own.verdict).toMatchObject({ ok: true, facts: { keyFromPack: true } });
  });

  it('finds and locates hundreds of changes', async () => {
    const cases = casesOf(small, everyNth(199), 0.5, 'files');
    expect(cases.length).toBeGreaterThan(60);
    const answers: Answer[] = [];
    for (const c of cases) {
      const files = tampers.tampered(small.files, c);
      if (c.Seal) seal(files);
      answers.push((await ask(files)).said);
    }
    judge(cases, answers);
  }, 120_000);

  it('finds a stamp that is over another text, and a statement that the gate did not sign', async () => {
    for (const [path, change] of [
      ['stamps/4.tsr', (d: Buffer) => d.with(d.length - 60, 1)],
      ['stamps/4.body', (d: Buffer) => d.with(3, 65)],
    ] as const) {
      const files = new Map(small.files);
      files.set(path, Buffer.from(change(files.get(path)!)));
      seal(files);
      const { verdict, said } = await ask(files);
      expect([verdict.ok, said.join()]).toEqual([false, expect.stringContaining(path)]);
    }
    const files = new Map(small.files);
    const manifest = JSON.parse(files.get('pack.json')!.toString()) as { gateKey: string };
    manifest.gateKey = samplePack({ size: 20 }).files.get('pack.json')!.toString();
    files.set('pack.json', Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`));
    expect((await ask(files)).said.join()).toMatch(/GAT-0001.*key of the gate/);
  });

  it('says of anything else that it is no pack', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(5000, 0xfe), zipOf(small.files).subarray(0, 3000)]) {
      const verdict = await verdictOf(new Blob([new Uint8Array(bytes)]), { keys });
      expect(verdict).toMatchObject({
        ok: false,
        problems: [{ message: expect.stringMatching(/not an audit pack/) }],
      });
    }
    for (const path of ['../evil', '/etc/passwd', 'a\\b', 'a//b']) {
      const { said } = await ask(new Map([...small.files, [path, Buffer.from('x')]]));
      expect(said.join()).toMatch(/is not allowed/);
    }
    const bomb = await verdictOf(new Blob([new Uint8Array(bombOf(small.files))]), { keys });
    expect(bomb.problems[0]!.message).toMatch(/times its size/);
  });
});
