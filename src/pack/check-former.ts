import { Failure } from '../base/failure.ts';
import { openCheckpoint } from '../ledger/checkpoint.ts';
import { verifierFromVkey } from '../ledger/keys.ts';
import { keysNamedIn } from './check-keys.ts';
import type { CheckedLog } from './check-log.ts';
import { PACK_FILES, type PackManifest } from './format.ts';
import { numberOf } from './log-files.ts';
import type { Problems } from './problems.ts';
import { FileFault, type PackZip } from './zip-read.ts';

/** An earlier log of which the end is lost. */
export interface LostEnd {
  log: number;
  entries: number;
  /** The next log says what is left; false for logs that 0.1.0 began, whose remains rest on nothing that was signed since. */
  pinned: boolean;
}

/** An earlier log of which the key was lost, as the next one says. */
export interface LostKey {
  log: number;
  /** Versions that were recorded before the next log was begun, and entered in it: under no signature until then. */
  waited: number;
  /** Time of the oldest of them. */
  since: string | null;
}

/** Every earlier log is the one that the next continues. Answers those of which the end, or the key, is lost. */
export async function checkFormerLogs(
  zip: PackZip,
  manifest: PackManifest,
  logs: ReadonlyMap<number, CheckedLog>,
  problems: Problems,
): Promise<{ ends: LostEnd[]; keys: LostKey[] }> {
  const order = [...manifest.former.map((f) => f.number), manifest.log].map((n) => logs.get(n)!);
  const first = order[0]!;
  if (first.previous !== undefined)
    problems.add(
      'log',
      { entry: 0, ...(first.present ? {} : { log: first.number }) },
      `the log continues ${JSON.stringify(first.previous.origin.slice(0, 200))}, which is not in the pack`,
    );
  if (first.lostKey !== undefined)
    problems.add(
      'log',
      { file: `${first.folder}checkpoint`, ...(first.present ? {} : { log: first.number }) },
      'the log says that a key of the log before it was lost, and none is before it',
    );
  const ends: LostEnd[] = [];
  const keys: LostKey[] = [];
  for (const [i, { root, number }] of manifest.former.entries()) {
    const former = order[i]!;
    const note = await zip.bytes(`${former.folder}checkpoint`).catch((error: unknown) => {
      if (error instanceof FileFault) return undefined;
      throw error;
    });
    const next = order[i + 1]!;
    const end = checkFormer(former, note?.toString('utf8'), next, problems);
    if (end) ends.push(end);
    if (next.lostKey !== undefined)
      keys.push({ log: former.number, waited: next.waited.entries, since: next.waited.since });
    if (former.root?.toString('base64') !== root)
      problems.add(
        'checkpoint',
        { file: PACK_FILES.manifest, log: number },
        'pack.json says another root than its checkpoint',
      );
  }
  return { ends, keys };
}

/**
 * A log that the present one continues holds what the next log names in its first entry, and nothing beyond: all of it, or what that entry
 * says is left. Its keys are those its own entries name; they are as good as these entries.
 */
function checkFormer(
  former: CheckedLog,
  note: string | undefined,
  next: CheckedLog,
  problems: Problems,
): LostEnd | undefined {
  const place = { file: `${former.folder}checkpoint`, ...numberOf(former) };
  const say = (message: string) => problems.add('checkpoint', place, message);
  if (next.previous === undefined) {
    say(`log ${next.number} does not say that it continues this one`);
    return undefined;
  }
  const { origin, size, root, left } = next.previous;
  const own = former.tree.root().toString('base64');
  if (origin !== former.origin)
    say(`log ${next.number} continues the log ${JSON.stringify(origin.slice(0, 200))}`);
  if (former.size > size)
    say(
      `it holds ${former.size} entries, log ${next.number} continues ${size}: those beyond were added later`,
    );
  else if (former.size === size && own !== root)
    say(`its ${size} entries do not give the root that log ${next.number} continues`);
  else if (left && (left.size !== former.size || left.root !== own))
    say(
      `its ${former.size} entries are not the ${left.size} that log ${next.number} says are left of ${size}: they were changed since`,
    );
  if (next.lostKey !== undefined && !keysNamedIn(former).includes(next.lostKey))
    say(`log ${next.number} says that its key was lost, and names one that is none of it`);
  checkHead(former, note, place, problems);
  return former.size < size
    ? { log: former.number, entries: size - former.size, pinned: left !== undefined }
    : undefined;
}

function checkHead(
  former: CheckedLog,
  note: string | undefined,
  place: { file: string },
  problems: Problems,
): void {
  try {
    const keys = keysNamedIn(former);
    if (keys.length === 0) throw new Failure('INVALID', 'the first entry of the log names no key of it');
    const head = openCheckpoint(note ?? '', keys.map(verifierFromVkey), former.origin);
    if (head.size !== former.tree.size || !former.tree.root().equals(head.root))
      problems.add(
        'log',
        place,
        `the ${former.tree.size} entries do not give the root this checkpoint signs`,
      );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    problems.add('checkpoint', place, error.message);
  }
}
