import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from './instance.ts';

/**
 * What is renamed in a declaration does not compile anywhere that names it. A copy of the source has these names renamed in `src/registers` alone and
 * goes through the compiler once; every file that still says the old name has to be among those that do not compile. Each name is that of one thing.
 */
const RENAMED = {
  field: [
    'exposureCases',
    'servedModel',
    'isoRoles',
    'attendees',
    'delegator',
    'ownDigest',
    'inputsAt',
    'componentVersion',
    'competenceShown',
  ],
  link: ['nonconformities'],
  state: ['rolledBack', 'ineffective', 'invited'],
} as const;
const NAMES = Object.values(RENAMED).flat();

/** Parts of src/ that know names of single registers; `api` hands on what `app` answers and knows none. */
const PARTS = ['authority', 'gate', 'app', 'cli', 'store', 'identity', 'web'];

let copy: string;
/** Errors of the compiler by file below src/. */
const errors = new Map<string, string[]>();

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'aims-renamed-'));
  cpSync(join(ROOT, 'src'), join(copy, 'src'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  const config: Record<string, unknown> = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
  const less = { include: ['src'], exclude: ['src/**/*.test.ts', 'src/**/testing/**', 'src/demo/**'] };
  writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify({ ...config, ...less }));
  const names = new RegExp(`\\b(${NAMES.join('|')})\\b`, 'g');
  for (const file of readdirSync(join(copy, 'src', 'registers'))) {
    const path = join(copy, 'src', 'registers', file);
    const text = readFileSync(path, 'utf8');
    if (file.endsWith('.ts')) writeFileSync(path, text.replace(names, '$1Renamed'));
  }
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const ran = spawnSync(process.execPath, [tsc, '--noEmit', '--pretty', 'false', '-p', copy], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const [, file, what] of ran.stdout.matchAll(/^(\S+?)\(\d+,\d+\): error (.*)$/gm)) {
    const path = file!
      .split(sep)
      .join('/')
      .replace(/^.*\bsrc\//, '');
    errors.set(path, [...(errors.get(path) ?? []), what!]);
  }
}, 300_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Files that say the name: as a property, in a list, or in quotation marks. */
function filesNaming(name: string): string[] {
  const said = new RegExp(`['"]${name}['"]|\\.${name}\\b(?!\\()|(?<![\\w.])${name}:|[{,]\\s*${name}\\s*[,}]`);
  return PARTS.flatMap((part) =>
    readdirSync(join(ROOT, 'src', part), { recursive: true, encoding: 'utf8' })
      .map((file) => `${part}/${file.split(sep).join('/')}`)
      .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|\/testing\/|UnderTest|\.d\.ts$/.test(file)),
  ).filter((file) => {
    const code = readFileSync(join(ROOT, 'src', file), 'utf8').replace(
      /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm,
      '',
    );
    return said.test(code);
  });
}

test('the declarations themselves compile: what does not is what names them', () => {
  expect([...errors.keys()].filter((file) => /^(base|register|registers)\//.test(file))).toEqual([]);
  expect(errors.size).toBeGreaterThan(15);
});

test.each(Object.entries(RENAMED))('a renamed %s does not compile in any file that names it', (_, names) => {
  for (const name of names) {
    const naming = filesNaming(name);
    expect(naming.length, name).toBeGreaterThan(0);
    expect(
      naming.filter((file) => !errors.has(file)),
      name,
    ).toEqual([]);
  }
});

test('that is so in every part that works with single registers', () => {
  const parts = new Set([...errors.keys()].map((file) => file.split('/')[0]));
  expect(PARTS.filter((part) => !parts.has(part))).toEqual([]);
});
