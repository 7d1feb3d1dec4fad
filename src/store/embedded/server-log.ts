import {
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import type { Place } from './place.ts';

/** The server's own log, kept at two files of about `LARGEST_BYTES` each. */
export interface ServerLog {
  /** For the server's standard error; it appends. */
  descriptor: number;
  /** What was written since `mark` was called last, at most the last 8 kB. */
  sinceMark(): string;
  mark(): void;
  close(): void;
}

const LARGEST_BYTES = 5 * 1024 * 1024;
const LOOK_EVERY_MS = 30_000;
const TAIL_BYTES = 8 * 1024;

/**
 * Opens the log. We hold the file instead of PostgreSQL's log collector: that one is a process more, bounds nothing
 * by size when the file name stays the same, and its files would belong to another account.
 */
export function openServerLog(place: Place): ServerLog {
  const older = `${place.log}.1`;
  if (existsSync(place.log) && statSync(place.log).size > LARGEST_BYTES) renameSync(place.log, older);
  const descriptor = openSync(place.log, 'a+', 0o600);
  // Whoever owns the data directory must be able to open the log at the next start, also after one start as root.
  const owner = statSync(place.root);
  if (process.getuid?.() === 0) chownSync(place.log, owner.uid, owner.gid);
  let marked = fstatSync(descriptor).size;
  const bound = setInterval(() => {
    if (fstatSync(descriptor).size <= LARGEST_BYTES) return;
    copyFileSync(place.log, older);
    ftruncateSync(descriptor, 0);
    marked = 0;
  }, LOOK_EVERY_MS).unref();
  return {
    descriptor,
    mark() {
      marked = fstatSync(descriptor).size;
    },
    sinceMark() {
      const end = fstatSync(descriptor).size;
      const from = Math.max(marked, end - TAIL_BYTES);
      const part = Buffer.alloc(Math.max(0, end - from));
      readSync(descriptor, part, 0, part.length, from);
      return part.toString('utf8');
    },
    close() {
      clearInterval(bound);
      closeSync(descriptor);
    },
  };
}
