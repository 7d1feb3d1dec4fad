import { sameHash } from '../proof/merkle.ts';
import { fromBase64 } from '../proof/note.ts';
import { type Findings, need } from './findings.ts';
import { keysNamedIn, opened, type Signed } from './keys.ts';
import { type PackLog, rootsAt } from './log.ts';
import { isObject } from './reading.ts';

/** A kept checkpoint that does not contradict the pack. */
export interface Older {
  size: number;
  left?: number;
}

/**
 * Checkpoints kept from before: each is of a log in the pack, signed by a key of it, and over its first entries. Answers their sizes. `left`: it is the
 * head that the next log names, of which only so many entries are here; nothing shows that they are its first.
 */
export async function checkOlder(
  kept: readonly { name: string; note: string }[],
  logs: readonly PackLog[],
  signed: Signed,
  findings: Findings,
): Promise<Older[]> {
  const found: Older[] = [];
  for (const { name, note } of kept)
    await findings.attempt({ file: `the older checkpoint ${name}` }, () => {
      const origin = note.split('\n')[0]!;
      const log = logs.find((l) => l.origin === origin);
      need(
        log !== undefined,
        `it is of the log "${origin.slice(0, 200)}", which is not in the pack, or no signed checkpoint`,
      );
      const head = opened(note, log.present ? signed.keys : keysNamedIn(log));
      need(typeof head !== 'string', typeof head === 'string' ? head : '');
      need(head.origin === origin, `it is of the log "${head.origin}"`);
      const ended = logs.map((l) => l.previous).find((p) => isObject(p) && p.origin === origin);
      const named = isObject(ended) && ended.size === head.size ? fromBase64(String(ended.root)) : undefined;
      if (head.size > log.size && named !== undefined && sameHash(named, head.root)) {
        found.push({ size: head.size, left: log.size });
        return;
      }
      need(
        head.size <= log.size,
        `it signs ${head.size} entries, the pack holds ${log.size}: the pack is from before it, or the log went back`,
      );
      need(
        sameHash(rootsAt(log.hashes, new Set([head.size])).get(head.size)!, head.root),
        `it signs another history: the first ${head.size} entries of the pack give another root`,
      );
      found.push({ size: head.size });
    });
  return found;
}
