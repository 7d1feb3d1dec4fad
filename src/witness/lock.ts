import { readFileSync } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../base/failure.ts';
import { type Random, secretToken } from '../base/random.ts';
import { codeOf, readIfThere, writeNew } from './files.ts';

/**
 * Takes a folder for this process; answers how to give it back. Fails CONFLICT when another live process has it. One that was killed
 * leaves its lock behind: it is taken over when no process has its number and time of start any more.
 *
 * A courtesy to the operator, not what keeps the state right: that is the exclusive creation of each state file (see `commit`).
 */
export async function lockFolder(folder: string, random: Random): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  const own = `${process.pid} ${startOf(process.pid)} ${secretToken(random, 9)}\n`;
  try {
    await writeNew(path, own, 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const found = (await readIfThere(path)) ?? '';
    if (alive(found)) throw taken(folder, found);
    const draft = join(folder, `.${secretToken(random, 9)}.tmp`);
    await writeNew(draft, own, 0o600);
    await rename(draft, path);
    const now = (await readIfThere(path)) ?? '';
    if (now !== own) throw taken(folder, now);
  }
  return async () => {
    if ((await readIfThere(path)) === own) await unlink(path);
  };
}

function alive(lock: string): boolean {
  const [pid, start] = lock.trim().split(' ');
  if (!/^[1-9]\d{0,9}$/.test(pid ?? '')) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if (codeOf(error) !== 'EPERM') return false;
  }
  // The same number and another start: the number was given out again.
  return startOf(Number(pid)) === start;
}

/** When a process began, in ticks since the machine did; `-` where the system does not tell. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}

function taken(folder: string, lock: string): Failure {
  const pid = /^\d+/.exec(lock)?.[0] ?? 'unknown';
  return new Failure(
    'CONFLICT',
    `the folder ${folder} is in use by another witness (process ${pid}): stop that one first, or give this one a folder of its own`,
  );
}
