import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../base/failure.ts';
import { codeOf, messageOf } from '../base/thrown.ts';
import { parseCheckpoint, parseNote } from '../ledger/index.ts';
import { changeFile } from './kept-file.ts';
import { CliError, type CliIo } from './terminal.ts';

/**
 * Heads of logs that this computer saw and verified: with them a log that was rewritten since is found without anybody having kept a file. Of
 * each log the newest ones are kept, as the notes that were signed, which then prove it.
 */
const HEADS_OF_A_LOG = 20;
const LOGS = 500;

/** Signed notes by origin, smallest log first. */
export type Seen = Map<string, string[]>;

const fileOf = (io: CliIo) => join(io.home, '.config', 'openaims', 'seen-logs.json');

/** What was seen; nothing when there is no file. Throws when it is damaged: forgetting must be said, not happen. */
export async function readSeen(io: CliIo): Promise<Seen> {
  const path = fileOf(io);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return new Map();
    throw new CliError(`The heads of logs in ${path} cannot be read: ${messageOf(error)}.`);
  }
  const seen = parseSeen(text);
  if (!seen)
    throw new CliError(
      `The file ${path} is damaged. Heads of logs that this computer saw are in it; delete it to begin anew.`,
    );
  return seen;
}

function parseSeen(text: string): Seen | undefined {
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data !== 'object' || data === null || !('logs' in data)) return undefined;
    const { logs } = data;
    if (typeof logs !== 'object' || logs === null) return undefined;
    const seen: Seen = new Map();
    for (const [origin, notes] of Object.entries(logs)) {
      if (!Array.isArray(notes) || !notes.every((n) => typeof n === 'string' && headOf(n)?.origin === origin))
        return undefined;
      seen.set(origin, notes);
    }
    return seen;
  } catch {
    return undefined;
  }
}

/** Origin, size and root of a note; undefined when it is none. */
export function headOf(note: string): { origin: string; size: number; root: Buffer } | undefined {
  try {
    return parseCheckpoint(parseNote(note).text);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** Keeps a head that was verified. Answers whether it could be kept: a home that cannot be written to does not undo a verification. */
export async function rememberHead(io: CliIo, note: string): Promise<boolean> {
  const head = headOf(note);
  if (!head) return false;
  try {
    await changeFile(fileOf(io), async () => {
      const seen = await readSeen(io);
      const others = (seen.get(head.origin) ?? []).filter((n) => headOf(n)?.size !== head.size);
      const own = [...others, note].sort((a, b) => headOf(a)!.size - headOf(b)!.size).slice(-HEADS_OF_A_LOG);
      seen.delete(head.origin);
      seen.set(head.origin, own);
      return seenText(new Map([...seen].slice(-LOGS)));
    });
    return true;
  } catch {
    return false;
  }
}

/** Forgets a log, or every log. Answers how many logs. */
export async function forgetHeads(io: CliIo, origin: string | undefined): Promise<number> {
  if (origin === undefined) {
    const all = (await readSeen(io)).size;
    await rm(fileOf(io), { force: true });
    return all;
  }
  let known = false;
  await changeFile(fileOf(io), async () => {
    const seen = await readSeen(io);
    known = seen.delete(origin);
    return known ? seenText(seen) : undefined;
  });
  return known ? 1 : 0;
}

const seenText = (seen: Seen): string => `${JSON.stringify({ logs: Object.fromEntries(seen) }, null, 2)}\n`;

/** What remembered heads say of a log whose roots can be computed. */
export interface SeenVerdict {
  compared: number;
  /** Entries of the largest head beyond the log at hand. */
  ahead?: number;
  problem?: string;
}

/** Compares the heads that were seen with a log. `rootAt` is asked for sizes up to its own. */
export async function compareSeen(
  io: CliIo,
  log: { origin: string; size: number; rootAt: (size: number) => Buffer },
): Promise<SeenVerdict> {
  const verdict: SeenVerdict = { compared: 0 };
  for (const note of (await readSeen(io)).get(log.origin) ?? []) {
    const { size, root } = headOf(note)!;
    if (size > log.size) verdict.ahead = Math.max(verdict.ahead ?? 0, size);
    else if (log.rootAt(size).equals(root)) verdict.compared += 1;
    else
      verdict.problem ??= `this computer saw another history of ${log.origin}: its first ${size} entries gave another root then`;
  }
  if (verdict.ahead !== undefined)
    verdict.problem ??= `this computer saw ${verdict.ahead} entries of ${log.origin} before, now it has only ${log.size}: the log went back`;
  return verdict;
}

/** What to do when a log is another one than was seen. */
export const forgetHint = (origin: string): string =>
  `Ask its owner. The heads that were seen are listed by: aims log seen. When the log was begun anew and that is right: aims log forget ${origin}`;
