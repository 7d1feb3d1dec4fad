import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { codeOf, messageOf } from '../base/thrown.ts';
import { CliError, type CliIo } from './terminal.ts';

/** Largest file any command reads into memory: 512 MB, above every limit of the server. */
const MOST_BYTES = 512 * 1024 * 1024;

/** A file given on the command line: its bytes and the name to show for it. */
export interface Given {
  name: string;
  bytes: Buffer;
}

/** Reads a file, or standard input for `-`. Throws a CliError (exit 2) that says why it cannot be read. */
export async function readGiven(io: CliIo, path: string): Promise<Given> {
  if (path === '-') return { name: 'stdin', bytes: await readStdin(io) };
  const full = resolve(io.cwd, path);
  try {
    const info = await stat(full);
    if (info.isDirectory()) throw new CliError(`${path} is a folder; give one file.`);
    if (info.size > MOST_BYTES)
      throw new CliError(`${path} has ${info.size} bytes; at most ${MOST_BYTES} are read.`);
    return { name: basename(full), bytes: await readFile(full) };
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${path} cannot be read: ${reason(error)}.`);
  }
}

/** Writes a file, relative to where the command was called. */
export async function writeGiven(io: CliIo, path: string, data: string | Uint8Array): Promise<void> {
  try {
    await writeFile(resolve(io.cwd, path), data);
  } catch (error) {
    throw new CliError(`${path} cannot be written: ${reason(error)}.`);
  }
}

/** Everything on standard input. */
export async function readStdin(io: CliIo): Promise<Buffer> {
  const parts: Buffer[] = [];
  let total = 0;
  for await (const part of io.stdin) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    total += bytes.length;
    if (total > MOST_BYTES) throw new CliError(`Standard input has more than ${MOST_BYTES} bytes.`);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** Why the operating system refused, in words. */
export function reason(error: unknown): string {
  const known: Record<string, string> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is not a folder',
    ENOSPC: 'no space is left on the disk',
    EROFS: 'the disk is read-only',
  };
  return known[codeOf(error) ?? ''] ?? messageOf(error);
}
