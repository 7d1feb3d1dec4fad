import { Failure } from '../../base/failure.ts';
import { decodeEntry, encodeEntry, type LogEntry } from '../../ledger/index.ts';
import type { Row } from '../db/database.ts';

/**
 * An entry about the log itself that waited while its log was ended says its place in the log it comes into: as it stood it would speak of
 * another log there, which nobody who checks it accepts, and the places it names would be places of the new log. Other rows are as they were.
 * Undefined for a key that was to sign the ended log: that one is signed by none any more.
 */
export function settledIn(row: Row, origin: string): Row | undefined {
  if (row.record_id !== null) return row;
  const note = noteOf(row.entry as Buffer);
  if (note === undefined || note.origin === origin) return row;
  if (note.about === 'key.rotate') return undefined;
  const named = note.entries !== undefined && note.of === undefined ? { of: note.origin } : {};
  return { ...row, entry: encodeEntry({ ...note, origin, ...named }) };
}

/** True for the entry that names the log's next key. */
export const rotates = (row: Row): boolean =>
  row.record_id === null && noteOf(row.entry as Buffer)?.about === 'key.rotate';

/** A note about a log; undefined for its opening, and for what cannot be read: that goes in as it stands, and whoever checks finds it. */
function noteOf(bytes: Buffer): LogEntry | undefined {
  try {
    const entry = decodeEntry(bytes);
    return entry.type === 'log' && entry.act === 'note' ? entry : undefined;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
