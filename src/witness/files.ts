import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Random, secretToken } from '../base/random.ts';

/** Makes what was created or renamed in a folder survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a new file whole and flushes it; the name must be free. The folder is not flushed. */
export async function writeNew(path: string, text: string, mode = 0o644): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'wx', mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

/** Replaces a file, or makes it: whole or not at all, on the disk when this returns. */
export async function replaceFile(path: string, text: string, random: Random): Promise<void> {
  const draft = join(dirname(path), `.${secretToken(random, 9)}.tmp`);
  await writeNew(draft, text);
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** Text of a file; undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Code of an error of the operating system, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
