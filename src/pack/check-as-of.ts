import { Failure } from '../base/failure.ts';
import { openCheckpoint } from '../ledger/checkpoint.ts';
import { verifierFromVkey } from '../ledger/keys.ts';
import { checkLines, type KeysChecked, keysNamedIn } from './check-keys.ts';
import type { CheckedLog } from './check-log.ts';
import { PACK_FILES, type PackManifest } from './format.ts';
import type { Problems } from './problems.ts';
import { FileFault, type PackZip } from './zip-read.ts';

/**
 * The checkpoint of an earlier state after which the log goes on: signed by a key of its log, and over the first entries of the log as it
 * is in the pack. The entries after it are then a continuation of what was signed, not another history that erases what it likes.
 */
export async function checkAsOf(
  zip: PackZip,
  manifest: PackManifest,
  logs: ReadonlyMap<number, CheckedLog>,
  keys: KeysChecked,
  problems: Problems,
): Promise<void> {
  const place = { file: PACK_FILES.asOf };
  const { asOf } = manifest;
  if (asOf?.log === undefined) {
    if (zip.names.has(PACK_FILES.asOf))
      problems.add('checkpoint', place, 'a pack whose log ends with the state it shows has no such file');
    return;
  }
  const log = logs.get(asOf.log)!;
  const known = log.present ? keys.known : keysNamedIn(log);
  try {
    const note = (await zip.bytes(PACK_FILES.asOf)).toString('utf8');
    const head = openCheckpoint(note, known.map(verifierFromVkey), log.origin);
    if (head.size !== asOf.size)
      problems.add(
        'checkpoint',
        place,
        `the checkpoint signs ${head.size} entries, pack.json says the state after ${asOf.size}`,
      );
    else if (head.size > log.tree.size || !log.tree.root(head.size).equals(head.root))
      problems.add(
        'checkpoint',
        place,
        `the first ${head.size} entries do not give the root this checkpoint signs: the log in the pack does not continue that state`,
      );
    else if (log.present) keys.texts.set(head.size, note.slice(0, note.lastIndexOf('\n\n') + 1));
    checkLines(note, { known, witnesses: keys.witnesses }, place, problems);
  } catch (error) {
    if (error instanceof FileFault) problems.add('checkpoint', place, `the file ${error.message}`);
    else if (error instanceof Failure) problems.add('checkpoint', place, error.message);
    else throw error;
  }
}
