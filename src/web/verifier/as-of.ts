import { sameHash } from '../proof/merkle.ts';
import { need } from './findings.ts';
import { keepText, keysNamedIn, opened, type Signed } from './keys.ts';
import { type PackLog, rootsAt } from './log.ts';
import { asList, asObject, asText, asWhole, exactly, isObject, type Json } from './reading.ts';
import type { PackFiles } from './zip.ts';

/** The earlier state that a pack shows. With `log`, the entries after it are in the pack as well: they say what was erased since. */
export interface AsOf {
  log?: number;
  size: number;
  at: string;
}

/** The checkpoint of that state, when the log goes on after it. */
export const AS_OF = 'log/as-of';

/** Reads `asOf` of pack.json: a state of one of the logs in the pack, and before its end where more of the log follows. */
export function readAsOf(manifest: Json): AsOf | null {
  const said = manifest.asOf;
  if (said === null) return null;
  const goesOn = isObject(said) && Object.hasOwn(said, 'log');
  const object = exactly(said, goesOn ? 'log size at' : 'size at', '"asOf"');
  const asOf = {
    size: asWhole(object.size, 'the size of "asOf"'),
    at: asText(object.at, 'the time of "asOf"'),
  };
  const size = asWhole(manifest.size, '"size"');
  if (!goesOn) {
    need(asOf.size === size, `it is as of ${asOf.size} entries, the log has ${size}`);
    return asOf;
  }
  const log = asWhole(object.log, 'the log of "asOf"');
  const former = asList(manifest.former, '"former"').map((f) => asObject(f, 'a former log'));
  const most = log === manifest.log ? size - 1 : former.find((f) => f.number === log)?.size;
  need(
    typeof most === 'number' && asOf.size > 0 && asOf.size <= most,
    `it is as of ${asOf.size} entries of log ${log}, which is no earlier state of a log in the pack`,
  );
  return { log, ...asOf };
}

/** Entries of a log that belong to the state that is shown. */
export function shownOf(asOf: AsOf | null, log: number, size: number): number {
  if (asOf?.log === undefined || log < asOf.log) return size;
  return log === asOf.log ? asOf.size : 0;
}

/** The log in the pack must continue the state that was signed: entries after it say what of it was erased. */
export async function checkAsOf(
  files: PackFiles,
  asOf: AsOf | null,
  logs: readonly PackLog[],
  signed: Signed,
): Promise<void> {
  if (asOf?.log === undefined) return;
  const log = logs.find((l) => l.number === asOf.log)!;
  const keys = log.present ? signed.keys : keysNamedIn(log);
  const note = await files.text(AS_OF);
  const head = opened(note, keys);
  need(typeof head !== 'string', typeof head === 'string' ? head : '');
  need(head.origin === log.origin, `the checkpoint is of the log "${head.origin}", expected "${log.origin}"`);
  need(head.size === asOf.size, `it signs ${head.size} entries, pack.json says the state after ${asOf.size}`);
  const root = rootsAt(log.hashes, new Set([head.size])).get(head.size);
  need(
    root !== undefined && sameHash(root, head.root),
    `the first ${head.size} entries give another root: the log in the pack does not continue that state`,
  );
  if (log.present) keepText(signed, head.size, note);
}
