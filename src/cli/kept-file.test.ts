import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changeFile } from './kept-file.ts';
import { writeProfile } from './profile.ts';
import type { CliIo } from './terminal.ts';
import { folder } from './testing/run.ts';

it('keeps what each of many sign-ins at the same moment stored', async () => {
  const io = { home: folder(), env: {} } as CliIo;
  const names = Array.from({ length: 12 }, (_, i) => `p${i}`);
  await Promise.all(names.map((n) => writeProfile(io, n, { url: 'http://127.0.0.1:1', org: 'acme' })));
  const path = join(io.home, '.config/openaims/profiles.json');
  const kept = JSON.parse(readFileSync(path, 'utf8')) as { profiles: object };
  expect(Object.keys(kept.profiles).sort()).toEqual([...names].sort());
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect([existsSync(`${path}.lock`), existsSync(`${path}.new`)]).toEqual([false, false]);
});

it('goes on after a command that was ended in between, and leaves no lock when a change fails', async () => {
  const path = join(folder(), 'kept.json');
  mkdirSync(`${path}.lock`);
  utimesSync(`${path}.lock`, 1, 1);
  writeFileSync(`${path}.new`, 'half');
  await changeFile(path, async () => 'whole');
  await expect(changeFile(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await changeFile(path, async () => undefined);
  expect(readFileSync(path, 'utf8')).toBe('whole');
  expect(existsSync(`${path}.lock`)).toBe(false);
});
