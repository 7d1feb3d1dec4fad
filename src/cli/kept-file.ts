import { mkdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf, messageOf } from '../base/thrown.ts';
import { CliError } from './terminal.ts';

/** A lock older than this was left by a process that was ended in between: a change takes milliseconds. */
const LEFT_BEHIND_MS = 10_000;
const TRIES = 600;

/**
 * Reads, changes and replaces a file that several commands at the same moment may change: one after the other, so that none loses what another
 * wrote. The file is readable by its owner alone and replaced as a whole; `change` answers its new text, undefined to leave it.
 */
export async function changeFile(path: string, change: () => Promise<string | undefined>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const lock = `${path}.lock`;
  await take(lock);
  try {
    const text = await change();
    if (text === undefined) return;
    const next = `${path}.new`;
    await rm(next, { force: true });
    await writeFile(next, text, { mode: 0o600, flag: 'wx' });
    await rename(next, path);
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function take(lock: string): Promise<void> {
  for (let left = TRIES; left > 0; left--) {
    try {
      await mkdir(lock);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw new CliError(`${lock} cannot be made: ${messageOf(error)}.`);
    }
    const held = await stat(lock).catch(() => undefined);
    if (held && Date.now() - held.mtimeMs > LEFT_BEHIND_MS) await rmdir(lock).catch(() => undefined);
    else await pause(20);
  }
  throw new CliError(`Another command holds ${lock}. If none is running, delete that folder and try again.`);
}
