import { Failure } from '../base/failure.ts';
import { openCheckpoint, parseCheckpoint } from '../ledger/checkpoint.ts';
import { verifierFromVkey } from '../ledger/keys.ts';
import { parseNote } from '../ledger/note.ts';
import { type KeysChecked, keysNamedIn } from './check-keys.ts';
import type { CheckedLog } from './check-log.ts';
import type { Problems } from './problems.ts';

/** A checkpoint that somebody kept, and what it is called. */
export interface KeptCheckpoint {
  name: string;
  note: string;
}

/** What kept checkpoints came to. */
export interface OlderChecked {
  /** Those that were given and hold: the log was only added to since. */
  older: {
    name: string;
    origin: string;
    size: number;
    /** It is the head that the next log names, of which the pack has only so many entries: nothing shows that they are its first. */
    left?: number;
  }[];
  /** Heads that this computer saw: how many agree, and the largest beyond the end of the pack. */
  seen: { compared: number; ahead?: number };
}

/** Fails INVALID with a sentence on what is no signed checkpoint. */
export function readKept({ name, note }: KeptCheckpoint): { origin: string; size: number; root: Buffer } {
  try {
    return parseCheckpoint(parseNote(note).text);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure('INVALID', `${name} is no signed checkpoint: ${error.message}`);
  }
}

/**
 * Checkpoints kept from before: each must be of a log in the pack, signed by a key of it, and over its first entries. One of more entries than the
 * pack holds shows nothing, and is a problem too: the pack is older than it, or the log went back. Heads that were `seen` were verified then.
 */
export function checkOlder(
  o: { older?: readonly KeptCheckpoint[]; seen?: readonly string[] },
  logs: Iterable<CheckedLog>,
  keys: KeysChecked,
  problems: Problems,
): OlderChecked {
  const all = [...logs];
  const checked: OlderChecked = { older: [], seen: { compared: 0 } };
  for (const kept of o.older ?? []) {
    try {
      checked.older.push(checkKept(kept, all, keys));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.add('checkpoint', {}, error.message);
    }
  }
  for (const note of o.seen ?? []) checkSeen(note, all, checked, problems);
  return checked;
}

function checkKept(kept: KeptCheckpoint, logs: CheckedLog[], keys: KeysChecked): OlderChecked['older'][0] {
  const { name, note } = kept;
  const told = readKept(kept);
  const log = logs.find((l) => l.origin === told.origin);
  const bad = (message: string) => new Failure('INVALID', `the older checkpoint ${name} ${message}`);
  if (log === undefined)
    throw bad(`is of the log ${JSON.stringify(told.origin.slice(0, 200))}, which is not in the pack`);
  const vkeys = log.present ? keys.known : keysNamedIn(log);
  let head: { size: number; root: Buffer };
  try {
    head = openCheckpoint(note, vkeys.map(verifierFromVkey), log.origin);
  } catch (error) {
    throw error instanceof Failure ? bad(`does not hold: ${error.message}`) : error;
  }
  const ended = logs.find((l) => l.previous?.origin === log.origin)?.previous;
  if (head.size > log.tree.size && ended?.size === head.size && ended.root === head.root.toString('base64'))
    return { name, origin: log.origin, size: head.size, left: log.tree.size };
  if (head.size > log.tree.size)
    throw bad(
      `signs ${head.size} entries, the pack holds ${log.tree.size}: the pack is from before it, or the log went back`,
    );
  if (!log.tree.root(head.size).equals(head.root))
    throw bad(`signs another history: the first ${head.size} entries of the pack give another root`);
  return { name, origin: log.origin, size: head.size };
}

function checkSeen(note: string, logs: CheckedLog[], checked: OlderChecked, problems: Problems): void {
  const { origin, size, root } = readKept({ name: 'a head that was seen', note });
  const log = logs.find((l) => l.origin === origin);
  if (log === undefined) return;
  if (size > log.tree.size) checked.seen.ahead = Math.max(checked.seen.ahead ?? 0, size);
  else if (log.tree.root(size).equals(root)) checked.seen.compared += 1;
  else
    problems.add(
      'checkpoint',
      {},
      `this computer saw another history of ${origin.slice(0, 200)}: its first ${size} entries gave another root then`,
    );
}
