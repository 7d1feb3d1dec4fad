import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { FAILURES } from '../../src/base/failure.ts';
import { FAILURE_WORDS } from '../../src/base/failure-words.ts';
import { EXIT, EXIT_MEANS } from '../../src/cli/terminal.ts';
import { ROOT } from '../support/instance.ts';

/** docs/reference/errors.md lists what can be answered, all of it and nothing else. That codes are of the list, the compiler sees to. */

const src = join(ROOT, 'src');
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((f) => f.split(sep).join('/'))
  .filter((f) => /\.tsx?$/.test(f) && !/\.test\.tsx?$|\/testing\/|\.d\.ts$/.test(f))
  .filter((f) => !/^base\/failure(-words)?\.ts$/.test(f))
  .map((f): [string, string] => [f, readFileSync(join(src, f), 'utf8')]);
const page = readFileSync(join(ROOT, 'docs/reference/errors.md'), 'utf8');
const codes = Object.entries(FAILURES);

/** Where a code is made: thrown with a sentence, declared with one in a catalogue, or chosen to be thrown. */
const MADE =
  /\bnew Failure\(\s*'([A-Z_]+)'|^\s*(?:\w+: )?\[\s*'([A-Z_]+)',|[?:] '([A-Z_]+)'|(?:return|=>) '([A-Z_]+)'|\(\s*'([A-Z_]+)',/gm;
const isCode = (word: string | undefined): word is string =>
  word !== undefined && Object.hasOwn(FAILURES, word);

test('every code on the page is made somewhere', () => {
  const made = new Set(
    sources
      // The pages make none: they read what the server answered.
      .filter(([f]) => !f.startsWith('web/'))
      .flatMap(([, text]) => [...text.matchAll(MADE)].map((m) => m.slice(1).find(isCode)))
      .filter(isCode),
  );
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.map(([code]) => code).filter((code) => !made.has(code))).toEqual([]);
});

test('every code that is thrown is on the page, with its status', () => {
  const listed = new Map(
    [...page.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| [^|]+ \| [^|]+ \|$/gm)].map((m) => [
      m[1]!,
      Number(m[2]),
    ]),
  );
  expect([...listed]).toEqual(codes);
  const thrown = sources.flatMap(([f, text]) =>
    [...text.matchAll(/\bnew Failure\(\s*'([A-Z_]+)'/g)].map((m) => [f, m[1]!] as const),
  );
  expect(thrown.length).toBeGreaterThan(100);
  expect(thrown.filter(([, code]) => !listed.has(code))).toEqual([]);
});

test('what a code means and what to do next are sentences', () => {
  for (const [code, words] of Object.entries(FAILURE_WORDS))
    for (const text of words) expect(text, code).toMatch(/^[A-Z`].*\.$/);
});

test('every exit code of the command line is on the page, and no command ends with another', () => {
  const exits = new Map<string, number>(Object.entries(EXIT));
  const listed = [...page.matchAll(/^\| (\d+) \| ([^|]+) \|$/gm)].map((m) => [Number(m[1]), m[2]]);
  expect(listed).toEqual(Object.entries(EXIT_MEANS).map(([name, means]) => [exits.get(name), means]));
  const commands = sources.filter(([f]) => f.startsWith('cli/'));
  expect(commands.length).toBeGreaterThan(30);
  // A number by itself where an exit code stands.
  const other = commands.filter(([, text]) =>
    /exitCode\s*=\s*\d|process\.exit\(|new CliError\((?:[^()]|\([^()]*\))*,\s*\d+\)/.test(text),
  );
  expect(other.map(([f]) => f)).toEqual([]);
});
