import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** `npm test` over tests of a folder of its own: its last words must be what failed and how many. */

const ROOT = join(import.meta.dirname, '../..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aims-runner-'));
  const files = {
    'vitest.config.mjs': `export default { test: { globals: true, include: ['*.test.mjs'], pool: 'forks', maxWorkers: 1 } };`,
    'good.test.mjs': `test('holds', () => {});`,
    'false.test.mjs': `
      test('holds', () => {});
      describe('a part', () => test('is not so', () => expect({ one: 1 }).toEqual({ one: 2 })));
      test('hangs', () => new Promise(() => {}), 50);`,
    'around.test.mjs': `
      describe('a part', () => {
        beforeAll(() => { throw new Error('no beginning'); });
        test('never begins', () => {});
      });`,
    'unread.test.mjs': `throw new Error('cannot be read');`,
    'late.test.mjs': `
      test('leaves something behind', async () => {
        setTimeout(() => { throw new Error('too late'); }, 1);
        await new Promise((done) => setTimeout(done, 30));
      });`,
    'gone.test.mjs': `test('ends its process', () => process.kill(process.pid, 'SIGKILL'));`,
    'many.test.mjs': `for (let i = 0; i < 60; i++) test('number ' + i, () => expect(i).toBe('ten\\nlines\\nor\\nmore'));`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function npmTest(...files: string[]) {
  const ran = spawnSync(
    process.execPath,
    [join(ROOT, 'tools', 'test.mjs'), '--root', folder, ...files.map((f) => `${f}.test.mjs`)],
    // What this run tells its own tests is not meant for that one.
    { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: process.env.HOME } },
  );
  const lines = ran.stdout.trimEnd().split('\n');
  const from = lines.findIndex((l) => l.startsWith('Failed ('));
  return { code: ran.status, last: from < 0 ? lines.slice(-1) : lines.slice(from) };
}

test('a run that holds says only how many', () => {
  expect(npmTest('good')).toEqual({ code: 0, last: ['1 passed, 0 failed'] });
});

test('each failure is named at the very end, with its message: tests, what is around them, files, errors outside, a process that ends', () => {
  const { code, last } = npmTest('good', 'false', 'around', 'unread', 'late', 'gone');
  expect(code).toBe(1);
  expect(last[0]).toBe('Failed (7):');
  expect(last.slice(-2)).toEqual(['', '3 passed, 7 failed, 1 skipped']);
  const said = new Map<string, string>();
  for (const line of last.slice(1, -2))
    if (/^ {2}\S/.test(line)) said.set(line.trim(), '');
    else said.set([...said.keys()].at(-1) ?? '', `${[...said.values()].at(-1)}${line.trim()}\n`);
  expect([...said.keys()].sort()).toEqual([
    'around.test.mjs > a part',
    'false.test.mjs > a part > is not so',
    'false.test.mjs > hangs',
    'gone.test.mjs',
    'outside of tests (Uncaught Exception)',
    'outside of tests (Unhandled Error)',
    'unread.test.mjs',
  ]);
  expect(said.get('false.test.mjs > a part > is not so')).toMatch(
    /^AssertionError: expected \{ one: 1 \} to deeply equal \{ one: 2 \} \(false\.test\.mjs:3\)\n(.*\n)*-\s+"one": 2,\n/,
  );
  expect(said.get('false.test.mjs > hangs')).toContain('timed out in 50ms');
  expect(said.get('around.test.mjs > a part')).toContain('no beginning (around.test.mjs:3)');
  expect(said.get('unread.test.mjs')).toContain('cannot be read (unread.test.mjs:1)');
  expect(said.get('gone.test.mjs')).toContain('never finished');
  expect(said.get('outside of tests (Unhandled Error)')).toContain('exited unexpectedly');
  expect(said.get('outside of tests (Uncaught Exception)')).toContain('too late (late.test.mjs:3)');
});

test('many failures are named in 40 lines', () => {
  const { code, last } = npmTest('many');
  expect(code).toBe(1);
  expect(last[0]).toBe('Failed (60):');
  expect(last.slice(0, -2)).toHaveLength(40);
  expect(last.at(-3)).toBe('  … and 22 more');
  expect(last.at(-1)).toBe('0 passed, 60 failed');
});

test('a run that finds no test is a failure', () => {
  const { code, last } = npmTest('nothing');
  expect({ code, last }).toEqual({
    code: 1,
    last: ['Failed (1):', '  no test passed', '      vitest ended with 1', '', '0 passed, 1 failed'],
  });
});
