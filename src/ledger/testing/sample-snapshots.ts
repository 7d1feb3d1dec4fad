import { decodeEntry, encodeEntry, entryDigest, type LogEntry } from '../entry.ts';
import { snapshotRoot } from '../snapshot.ts';
import type { SnapshotRow } from '../snapshot-tree.ts';
import { ORIGIN, sampleEntries } from './sample-log.ts';

/** Notes of a sample log, and its snapshots by their definition. For tests only. */

/** The newest version of every record in entries, found by reading all of them. */
export function newestRows(entries: readonly Buffer[]): SnapshotRow[] {
  const newest = new Map<string, SnapshotRow>();
  for (const bytes of entries) {
    const entry = decodeEntry(bytes);
    if (entry.type === 'record')
      newest.set(entry.id, { id: entry.id, version: entry.version, digest: entryDigest(bytes) });
  }
  return [...newest.values()];
}

/** A note in the log. */
export function note(fields: Partial<LogEntry>): Buffer {
  return encodeEntry({
    v: 1,
    type: 'log',
    at: '2026-03-02T00:00:00.000Z',
    act: 'note',
    origin: ORIGIN,
    ...fields,
  });
}

/** The snapshot of what came before. */
export function snapshotNote(before: readonly Buffer[]): Buffer {
  const { records, root } = snapshotRoot(newestRows(before));
  return note({ about: 'snapshot', snapshot: { records, root: root.toString('base64') } });
}

/** The sample log with a snapshot after the entries at each of `after`, which are counted in the sample. */
export function entriesWithSnapshots(count: number, after: readonly number[]): Buffer[] {
  const entries: Buffer[] = [];
  sampleEntries(count).forEach((entry, i) => {
    entries.push(entry);
    if (after.includes(i)) entries.push(snapshotNote(entries));
  });
  return entries;
}
