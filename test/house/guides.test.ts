import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { Context } from '../../src/cli/context.ts';
import { derivedCommands } from '../../src/cli/derive.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { registry } from '../../src/registers/index.ts';
import { start } from '../../src/start.ts';
import { ROOT } from '../support/root.ts';

/** Every command that a page tells somebody to type is one that the program understands, with these options and so many arguments. */

const GUIDES = join(ROOT, 'docs', 'guide');
const PAGES = [
  'README.md',
  'SECURITY.md',
  'demo/README.md',
  'verifiers/README.md',
  ...readdirSync(GUIDES).map((name) => `docs/guide/${name}`),
];
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** Lines of the page that stand in blocks for a shell; a line that ends with `\` goes on. */
const shellLines = (page: string): string[] =>
  [...textOf(page).matchAll(/^ *```sh.*\n([\s\S]*?)^ *```$/gm)].flatMap((block) =>
    block[1]!
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((l) => l.trim())
      .filter((l) => l !== '' && !l.startsWith('#')),
  );

/** The words of the first command of a line, as a shell would take them apart. What `$(…)` would give stands as it is. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  let depth = 0;
  const keep = (c: string) => {
    word = `${word ?? ''}${c}`;
  };
  for (const [i, c] of [...line].entries()) {
    if (depth > 0) {
      depth += c === '(' ? 1 : c === ')' ? -1 : 0;
      keep(c);
    } else if (c === '(' && line[i - 1] === '$' && quote !== "'") {
      depth = 1;
      keep(c);
    } else if (quote) {
      if (c === quote) quote = '';
      else keep(c);
    } else if (c === "'" || c === '"') {
      quote = c;
      keep('');
    } else if (/\s/.test(c) || (word === undefined && '|>#&'.includes(c))) {
      if (word !== undefined) words.push(word);
      word = undefined;
      if (!/\s/.test(c)) return words;
    } else keep(c);
  }
  return word === undefined ? words : [...words, word];
}

/** Commands of the page in blocks, without what stands before `aims`. */
const inBlocks = (page: string): string[][] =>
  shellLines(page)
    .map(wordsOf)
    .filter((w) => w[0] === 'npx' && w[1] === 'aims')
    .map((w) => w.slice(2));

/** Commands that stand in a sentence: `aims log new`. Some are cut short, as sentences do. */
const inSentences = (page: string): string[][] =>
  [...textOf(page).matchAll(/`(?:npx )?aims ([^`\n]+)`/g)].map((m) => wordsOf(m[1]!));

const DERIVED = await derivedCommands();

/** The program, which says what it was asked for instead of doing it. */
function listening(line?: string[]): { program: Command; asked: () => string | undefined } {
  const stream = () => new PassThrough();
  const io = { stdin: stream(), stdout: stream(), stderr: stream(), env: {}, cwd: '/', home: '/' };
  const program = buildProgram(new Context(io, registry), DERIVED, line);
  let asked: string | undefined;
  const listen = (c: Command) => {
    if (c.commands.length === 0)
      c.action(() => {
        asked = c.name();
      });
    for (const sub of c.commands) listen(sub);
  };
  listen(program);
  return { program, asked: () => asked };
}

describe('commands of the pages', () => {
  it('are understood by the program as they stand in blocks', async () => {
    let tried = 0;
    for (const page of PAGES)
      for (const words of inBlocks(page)) {
        const { program, asked } = listening(words);
        const where = `${page}: aims ${words.join(' ')}`;
        await program.parseAsync(words, { from: 'user' }).catch((e: Error) => {
          throw new Error(`${where}: ${e.message}`);
        });
        expect(asked(), where).toBeDefined();
        tried += 1;
      }
    expect(tried).toBeGreaterThan(60);
  });

  it('are there, with their options, where a sentence names them', () => {
    const { program } = listening();
    let tried = 0;
    for (const page of PAGES)
      for (const words of inSentences(page)) {
        if (words[0] === '…' || words[0] === 'start') continue;
        const where = `${page}: aims ${words.join(' ')}`;
        let command = program;
        const options = new Set(command.options.map((o) => o.long));
        for (const word of words) {
          const sub: Command | undefined = command.commands.find((c) => c.name() === word);
          if (!sub) break;
          command = sub;
          for (const o of command.options) options.add(o.long);
        }
        expect(command, where).not.toBe(program);
        // Of a group, a sentence names the command that it means.
        if (words.length > 1) expect(command.commands, where).toEqual([]);
        for (const word of words.filter((w) => w.startsWith('--')))
          expect([...options], where).toContain(/^--[a-z-]+/.exec(word)![0]);
        tried += 1;
      }
    expect(tried).toBeGreaterThan(40);
  });

  it('begin with npx in blocks, since nothing puts aims on the path', () => {
    const bare = PAGES.flatMap((page) =>
      shellLines(page)
        .filter((l) => /^aims\b/.test(l))
        .map((l) => `${page}: ${l}`),
    );
    expect(bare).toEqual([]);
  });

  it('start the server with settings that it takes', async () => {
    let tried = 0;
    for (const page of PAGES)
      for (const line of shellLines(page)) {
        const words = wordsOf(line);
        const at = words.indexOf('start');
        if (words[at - 1] !== 'npm') continue;
        const args = words.slice(at + 1).filter((w) => w !== '--');
        // Asked for its help it looks at what else it is given, and starts nothing.
        const said: string[] = [];
        const code = await start({
          args: [...args, '--help'],
          root: ROOT,
          cwd: ROOT,
          out: (l) => said.push(l),
          onSignal: () => {},
        });
        expect(code, `${page}: ${line}: ${said.join('\n')}`).toBe(0);
        tried += 1;
      }
    expect(tried).toBeGreaterThan(4);
  });

  it('do not set what the next line would not see', () => {
    const lost = PAGES.flatMap((page) =>
      shellLines(page)
        .filter((l) => /^[A-Z_]+=\S+$/.test(l))
        .map((l) => `${page}: ${l}`),
    );
    expect(lost).toEqual([]);
  });
});

it('every file and folder that CONTRIBUTING.md and ARCHITECTURE.md name is there', () => {
  const named = ['CONTRIBUTING.md', 'ARCHITECTURE.md'].flatMap((page) =>
    [...textOf(page).matchAll(/`((?:src|test|tools|docs|migrations|demo|bench)\/[\w./-]+)`/g)].map(
      (m) => m[1]!,
    ),
  );
  expect(named.length).toBeGreaterThan(40);
  expect(
    [...new Set(named)].filter((path) => !path.includes('NNNN') && !existsSync(join(ROOT, path))),
  ).toEqual([]);
});
