import { Failure } from '../../base/failure.ts';
import type { Place } from './place.ts';

/** Signs in the server's output that a start may succeed a moment later: a dead server's last children still leave. */
export function isPassing(output: string): boolean {
  return /pre-existing shared memory block|lock file "[^"]*" already exists|is still in use/.test(output);
}

const DAMAGE =
  /valid checkpoint|checkpoint record|required checkpoint|incorrect checksum|control file|could not (open|read|find|access|locate)|not a valid data directory|invalid (magic|page|data)|incompatible with server|PANIC/;

/** One sentence for a server that would not start (or a cluster that could not be made), from what it wrote. */
export function explain(place: Place, doing: string, output: string): Failure {
  const line = lastComplaint(output);
  const failed = `PostgreSQL could not ${doing} in ${place.root}`;
  const because = (reason: string): Failure => new Failure('UNAVAILABLE', `${failed}: ${reason}`);
  if (/No space left on device|could not extend file|Disk quota exceeded/.test(output)) {
    return because(
      'the disk is full. Free some space there and start again; nothing that was confirmed is lost.',
    );
  }
  if (/invalid permissions|has wrong ownership|Operation not permitted/.test(output)) {
    return because(
      `the file system does not keep owners and permissions as needed (${line}). Choose a data directory on a local disk with --data.`,
    );
  }
  if (/Read-only file system/.test(output)) {
    return because('the file system is read-only. Choose another data directory with --data.');
  }
  if (/could not look up effective user ID|could not look up local user/.test(output)) {
    return because(
      'the account it runs as has no name in /etc/passwd. Add an entry for it, or set DATABASE_URL to a PostgreSQL server of your own.',
    );
  }
  if (/Permission denied/.test(output)) {
    return because(
      `permission denied (${line}). The folder must belong to the account that starts OpenAIMS.`,
    );
  }
  if (DAMAGE.test(output)) {
    return because(
      `the data is damaged or incomplete (${line}). Keep a copy of the folder, then restore the latest backup; ${place.log} has the details.`,
    );
  }
  return because(`${line || 'it ended without a message'}. ${place.log} has the details.`);
}

/** The last line that complains, without time and process number. */
function lastComplaint(output: string): string {
  const lines = output.split('\n').filter((line) => /(FATAL|PANIC|ERROR|error|could not)/.test(line));
  const last = lines.at(-1) ?? output.trim().split('\n').at(-1) ?? '';
  return last.replace(/^.*?(FATAL|PANIC|ERROR|error):\s*/, '').trim();
}
