import type { LogStanding } from '../../answers/log.ts';
import { catalogue } from '../../base/sentence.ts';
import * as cell from '../../store/db/cells.ts';
import { behindSentence } from '../../store/ledger/newest-entries.ts';
import { type Standstill, standstillSaid } from '../../store/ledger/standstill.ts';
import { logWaiting } from '../../store/log/log-standing.ts';
import type { App } from '../context.ts';

/** What a log that stands still means for what is recorded, and what to do about it, by cause. */
const said = catalogue('log.standing', {
  wait: 'What is recorded now is kept, and is not signed yet: its entry waits for its place in the log. Nothing can be proved of it until then, and no release is decided on.',
  refused: 'Nothing can be recorded until this is put right. Reading goes on.',
  database: 'Restore the newer database; if it is lost, begin a new log (docs/guide/restore.md).',
  key: 'When the file is back, the log goes on by itself. If the key is lost for good, begin a new log because of that: on the page Ledger, or with aims log new --because keyLost.',
  storage: 'Make room on the disk: the log goes on by itself.',
  clock: 'Set the clock right: the log goes on by itself (docs/guide/restore.md).',
  held: 'Look at the other servers on this database, and end the one that hangs: the log goes on by itself.',
  failing: 'Look at the output of the server, and put right what it names: the log goes on by itself.',
});

/**
 * Why the log of an organisation is not signed at this moment; undefined while it is. One rule for whatever hinders it: what the sequencer met, a clock
 * that was set back, a disk that is full. Asks nothing of the database.
 */
export function standstillOf(
  app: Pick<App, 'sequencer' | 'db' | 'clock' | 'storage'>,
  organisation: number,
): Standstill | undefined {
  const met = app.sequencer.standstill(organisation);
  if (met) return met;
  const now = app.clock.now();
  const newest = app.db.newest.aheadOf(organisation, now);
  if (newest)
    return {
      cause: 'clock',
      since: now,
      problem: standstillSaid('clock', { says: `${behindSentence(now, newest)}.` }),
      writes: 'refused',
    };
  const full = app.storage.fullSince();
  return full && { cause: 'storage', since: full, problem: standstillSaid('storage'), writes: 'refused' };
}

/** What is told with each record that was written while the log is not signed. */
export const notSigned = (app: App, organisation: number): { notSigned?: string } => {
  const still = standstillOf(app, organisation);
  return still ? { notSigned: `${still.problem.text} ${said(still.writes).text}` } : {};
};

/** The same for programs that do not look into answers: a header of each. */
export const standingHeader = ({ cause, writes, since }: Standstill): string =>
  `not-signed; cause=${cause}; writes=${writes}; since=${since.toISOString()}`;

/** Whether the log is signed, what waits for its place, and what to do. */
export async function logStanding(app: App, organisation: number): Promise<LogStanding> {
  const [rows] = await app.db.run(organisation, [logWaiting]);
  const still = standstillOf(app, organisation);
  return {
    signed: still === undefined,
    still: still ? told(still) : null,
    waiting: cell.number(rows![0]!.n),
    waitingSince: cell.orNull(cell.moment)(rows![0]!.since)?.toISOString() ?? null,
  };
}

const told = ({ cause, since, problem, writes }: Standstill) => ({
  ...problem,
  cause,
  since: since.toISOString(),
  writes,
  means: said(writes),
  next: said(cause),
});
