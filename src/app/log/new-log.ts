import type { Committed } from '../../answers/record.ts';
import { deed } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import {
  decodeEntry,
  emptyRoot,
  encodeEntry,
  KEY_LOST,
  openCheckpoint,
  ROWS_ENTERED,
  verifierFromVkey,
} from '../../ledger/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { KeyFault } from '../../store/ledger/standstill.ts';
import { lockOpen } from '../../store/log/log-admin.ts';
import {
  afterBatch,
  beginLog,
  NO_KEY_WAITS,
  replaceUnsignedKey,
  signedSince,
  waitingFirst,
} from '../../store/log/new-log.ts';
import { notesAt } from '../../store/records/write.ts';
import type { App, Asking } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';
import { anew, noLongerSo } from '../write/anew.ts';
import { demandPerson } from '../write/step.ts';
import { demandKeeper, newKey, recordLogChange } from './log-admin.ts';
import { type LogHead, logHead } from './log-heads.ts';

/** Why a log is ended, as the record of it says. */
export type Because = 'lost' | 'compromised' | 'keyLost';

const no = failures('newLog', {
  notLost: [
    'CONFLICT',
    'The database holds everything that was published of this log: nothing is lost, and it can be signed on.',
  ],
  begun: ['CONFLICT', 'Somebody else began log {number} at this moment; look at it first.'],
  noHead: ['CONFLICT', 'The log has no checkpoint yet that a new one could continue.'],
  strangeHead: [
    'CONFLICT',
    'The last published checkpoint is not of this log ({why}): bring data folder and database together again; see docs/guide/restore.md.',
  ],
  keySigns: [
    'CONFLICT',
    'The keys of this log are there and sign: nothing is lost. If a key is in other hands, say so (compromised).',
  ],
  signedElsewhere: [
    'CONFLICT',
    'This log was signed at {at}, after this server could not: another server has its key. Copy the folder of keys from there, or begin the new log there.',
  ],
});

interface Begun {
  because: Because;
  reason?: string;
}

/**
 * Ends the open log and begins the next one, whose first entry names the last head of the one before: because the newest database is lost,
 * and signing on would contradict what was published (`lost`); because its key is in other hands (`compromised`); or because its key is lost, and
 * nobody can sign it any more (`keyLost`). Records keep their versions; the next snapshot says in the new log what they were. What waits for its
 * place comes into the new log.
 */
export async function beginNewLog(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: Begun,
): Promise<Committed & { origin: string; vkey: string }> {
  const as = demandKeeper(ask, deed('newLog'));
  await demandPerson(ask, 'beginning a new log');
  const refused = app.sequencer.refusalOf(organisation.id);
  if (o.because === 'lost' && !refused) throw no('notLost');
  if (o.because !== 'lost' && refused) throw new Failure('CONFLICT', refused);
  const fault = await app.sequencer.lostKey(organisation.id);
  if (o.because === 'keyLost') await demandLost(app, organisation, fault);
  const open = await logHead(app, organisation);
  if (fault && !refused && open.checkpoint === null)
    return replaceKey(app, ask, organisation, { ...o, as, head: open, lost: fault.key.vkey });
  const origin = `${firstOrigin(open)}/${open.number + 1}`;
  const key = await newKey(app, organisation.slug, origin);
  // Others go on writing, and each batch moves the head that the new log is to name.
  return anew(async () => {
    if (!refused && !fault) await app.sequencer.settle(organisation.id);
    const head = await logHead(app, organisation);
    if (head.number !== open.number) throw no('begun', { number: head.number });
    const done = await freeze(app, ask, organisation, { ...o, as, head, origin, fault, ...key });
    await app.sequencer.settle(organisation.id);
    return { ...done, origin, vkey: key.vkey };
  }, noLongerSo);
}

/** Throws unless no server can sign this log, as far as one can see that from here. */
async function demandLost(app: App, organisation: Organisation, fault: KeyFault | undefined): Promise<void> {
  if (!fault) throw no('keySigns');
  const since = app.sequencer.standstill(organisation.id)?.since;
  if (!since) return;
  const [rows] = await app.db.run(organisation.id, [signedSince(since)]);
  const at = cell.orNull(cell.moment)(rows![0]!.at);
  if (at) throw no('signedElsewhere', { at: at.toISOString() });
}

/** Another key for a log that has signed nothing yet: no head is there to continue, and nobody trusts the key that is lost. */
async function replaceKey(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: Begun & { as: string; head: LogHead; lost: string },
): Promise<Committed & { origin: string; vkey: string }> {
  const { number, origin } = o.head;
  const { vkey, name } = await newKey(app, organisation.slug, origin);
  const [waiting] = await app.db.run(organisation.id, [waitingFirst(number)]);
  const first = waiting![0] && decodeEntry(cell.bytes(waiting![0].entry));
  const entry = first?.type === 'log' ? encodeEntry({ ...first, vkey }).toString('utf8') : null;
  const at = app.clock.now();
  const p = { number, lost: o.lost, vkey, name, at: at.toISOString(), entry };
  const done = await recordLogChange(app, ask, organisation, {
    as: o.as,
    at,
    told: { origin, vkey },
    kind: 'keyRotation',
    subject: vkey,
    reason: o.reason,
    detail: `${o.because}: takes the place of ${o.lost}, which has signed nothing`,
    also: [replaceUnsignedKey(p)],
  });
  await app.sequencer.settle(organisation.id);
  return { ...done, origin, vkey };
}

/** Origin of the organisation's first log: those after it carry their number behind it. */
const firstOrigin = ({ origin, number }: LogHead): string =>
  number === 1 ? origin : origin.slice(0, -`/${number}`.length);

/** One transaction: the head is frozen as it was read, or nothing happens. */
async function freeze(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: Begun & {
    as: string;
    head: LogHead;
    origin: string;
    vkey: string;
    name: string;
    /** The key of the open log that does not sign. */
    fault: KeyFault | undefined;
  },
): Promise<Committed> {
  const { head, origin, vkey } = o;
  const lost = o.because === 'lost';
  const final = lost ? await app.sequencer.publishedNote(organisation.id) : head.checkpoint;
  if (!final) throw no('noHead');
  const last = readFinal(final, head);
  const at = app.clock.now();
  const entry = encodeEntry({
    v: 1,
    type: 'log',
    at: at.toISOString(),
    act: 'open',
    origin,
    about: ROWS_ENTERED,
    vkey,
    previous: {
      origin: last.origin,
      size: last.size,
      root: last.root.toString('base64'),
      // Also when nothing is lost. Without it, a pack with fewer entries, rewritten under any key, would pass for one after a loss.
      left: { size: head.size, root: head.root.toString('base64') },
    },
  });
  const next = { origin, root: emptyRoot().toString('hex'), vkey, key: o.name };
  const { number, size } = head;
  const told = {
    number,
    size,
    final,
    reason: o.because,
    at: at.toISOString(),
    next,
    entry: entry.toString('utf8'),
  };
  return recordLogChange(app, ask, organisation, {
    as: o.as,
    at,
    told: { origin, vkey },
    kind: 'newLog',
    subject: origin,
    reason: o.reason,
    detail: `${o.because}: continues ${last.origin} after ${last.size} entries, of which the database holds ${size}`,
    // Said in the log itself, too: why a log ended is not only a word of the records.
    notes: o.because === 'keyLost' && o.fault ? [{ about: KEY_LOST, vkey: o.fault.key.vkey, origin }] : [],
    whileRefused: true,
    also: [
      // The batch that is under way first, then whoever names a key: both take the row of the log.
      afterBatch(organisation.id),
      ...(lost ? [] : [lockOpen(number)]),
      // One that nobody can sign leads nobody from the old key to the next, and is left out of the new log.
      ...(lost || o.fault ? [] : [NO_KEY_WAITS]),
      (moment) => beginLog({ ...told, at: moment.toISOString(), entry: notesAt([told.entry], moment)[0] }),
    ],
  });
}

function readFinal(final: string, head: LogHead) {
  try {
    return openCheckpoint(
      final,
      head.keys.map((k) => verifierFromVkey(k.vkey)),
      head.origin,
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw no('strangeHead', { why: error.said ?? error.message });
  }
}
