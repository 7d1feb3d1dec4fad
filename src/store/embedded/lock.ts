import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../../base/failure.ts';
import type { Place } from './place.ts';
import { liveHolder, processTable, startedAt, writtenPostmaster } from './processes.ts';

/** What the lock file says about the instance that holds (or held) the data directory. */
interface Holder {
  id: string;
  pid: number;
  /** Start of that process, so that a new process with an old number is not taken for it. */
  started: string;
  /** The boot and process table the number belongs to. */
  table: string;
  host: string;
  socketFolder?: string;
}

/** A held data directory. */
export interface Lock {
  /** What the previous holder left when it died instead of stopping. */
  leftover: { socketFolder?: string } | undefined;
  rememberSocket(folder: string): void;
  release(): void;
}

const BEAT_MS = 2_000;
const BEATS_MISSED = 3;

/**
 * Takes the data directory for this process. Throws CONFLICT, naming process and folder, while another instance
 * lives; the lock of a dead one is taken over. The lock never depends on the age of a file alone: on one machine the
 * process and its start time are compared; from another machine or container (a shared volume) the holder's
 * heartbeat is watched for six seconds.
 */
export async function takeLock(place: Place): Promise<Lock> {
  const pipe = process.platform === 'win32' ? await holdPipe(place) : undefined;
  const mine: Holder = {
    id: randomUUID(),
    pid: process.pid,
    started: startedAt(process.pid) ?? 'unknown',
    table: processTable(),
    host: hostname(),
  };
  if (!pipe) await demandNobody(place);
  let dead: Holder | undefined;
  while (!placeFile(place, mine)) {
    const holder = readHolder(place);
    if (holder && !pipe && (await isLive(place, holder))) throw inUse(place, holder);
    if (removeExactly(place, holder)) dead = holder ?? dead;
  }
  const beat = setInterval(() => keep(place, mine), BEAT_MS).unref();
  return {
    leftover: dead && { socketFolder: dead.socketFolder },
    rememberSocket(folder) {
      mine.socketFolder = folder;
      replaceFile(place, mine);
    },
    release() {
      clearInterval(beat);
      if (readHolder(place)?.id === mine.id) rmSync(place.lock, { force: true });
      pipe?.close();
    },
  };
}

/**
 * The file may be gone, empty or damaged while its instance lives. So the server that runs is asked first whose it is; and where no
 * server can be seen but one was not stopped, the folder is watched for a moment: a live instance writes its lock again with its next beat.
 */
async function demandNobody(place: Place): Promise<void> {
  const holder = liveHolder(place);
  if (holder !== undefined) throw heldBy(place, holder);
  if (readHolder(place) !== undefined || writtenPostmaster(place) === undefined) return;
  await wait(BEAT_MS * 1.5);
}

export function heldBy(place: Place, pid: number): Failure {
  return new Failure(
    'CONFLICT',
    `OpenAIMS is already running on ${place.root} (process ${pid}). Use that one, stop it first, or choose another data directory with --data.`,
  );
}

function inUse(place: Place, holder: Holder): Failure {
  const where = holder.table === processTable() ? '' : ` on ${holder.host}`;
  return new Failure(
    'CONFLICT',
    `OpenAIMS is already running on ${place.root} (process ${holder.pid}${where}). Use that one, stop it first, or choose another data directory with --data.`,
  );
}

/** link(2) fails when the name exists, and the file appears with its whole content. */
function placeFile(place: Place, holder: Holder): boolean {
  const draft = `${place.lock}.${holder.id}`;
  try {
    writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
    linkSync(draft, place.lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function replaceFile(place: Place, holder: Holder): void {
  const draft = `${place.lock}.${holder.id}`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  renameSync(draft, place.lock);
}

/** Undefined when there is none, or when the machine died while it was written (an empty file). */
function readHolder(place: Place): Holder | undefined {
  try {
    const read = JSON.parse(readFileSync(place.lock, 'utf8')) as Partial<Holder>;
    return typeof read.id === 'string' && Number.isInteger(read.pid) ? (read as Holder) : undefined;
  } catch {
    return undefined;
  }
}

async function isLive(place: Place, holder: Holder): Promise<boolean> {
  if (holder.table === processTable()) {
    const started = startedAt(holder.pid);
    return started !== undefined && (started === holder.started || started === 'unknown');
  }
  const seen = beatOf(place);
  for (let beats = 0; beats < BEATS_MISSED; beats++) {
    await wait(BEAT_MS);
    if (beatOf(place) !== seen) return true;
  }
  return false;
}

function beatOf(place: Place): number | undefined {
  return statSync(place.lock, { throwIfNoEntry: false })?.mtimeMs;
}

/** Shows that the holder lives. A lock that was removed or damaged is written again; one of somebody else is left alone. */
function keep(place: Place, mine: Holder): void {
  try {
    const holder = readHolder(place);
    if (holder === undefined) replaceFile(place, mine);
    else if (holder.id !== mine.id) return;
    const now = new Date();
    utimesSync(place.lock, now, now);
  } catch {
    // The folder was taken away under a running instance; the server says so soon enough.
  }
}

/**
 * Removes the lock of `dead`. Two starters may both have judged it dead and the quicker one may hold the lock
 * already: moving it aside first shows which lock was taken away, and a live one is put back.
 */
function removeExactly(place: Place, dead: Holder | undefined): boolean {
  const aside = `${place.lock}.${randomUUID()}`;
  try {
    renameSync(place.lock, aside);
  } catch {
    return false;
  }
  try {
    const moved = readHolder({ ...place, lock: aside });
    if (moved?.id === dead?.id) return true;
    linkSync(aside, place.lock);
    return false;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Windows tells no start times cheaply; a named pipe ends with its process, so holding one is the lock there. */
function holdPipe(place: Place): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => {
      const holder = readHolder(place);
      reject(
        inUse(place, holder ?? { id: '', pid: 0, started: '', table: processTable(), host: hostname() }),
      );
    });
    server.listen(`\\\\.\\pipe\\${place.name}`, () => resolve(server.unref()));
  });
}
