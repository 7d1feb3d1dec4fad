import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Place } from './place.ts';

/** Signals a process; false when it is gone already. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    // EPERM: it exists but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * When a process started, in a form that two processes with the same number never share: clock ticks since boot on
 * Linux, the start date elsewhere. Undefined when there is no such process (a zombie counts as none), 'unknown' when
 * the system hides it.
 */
export function startedAt(pid: number): string | undefined {
  if (!signal(pid, 0)) return undefined;
  if (process.platform === 'linux') return startedAtLinux(pid);
  if (process.platform === 'win32') return 'unknown';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function startedAtLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces and brackets; what follows the last bracket is regular (proc_pid_stat(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return signal(pid, 0) ? 'unknown' : undefined;
  }
}

/**
 * Names this boot of this machine and, in containers, this process table: process numbers of another one mean
 * nothing here.
 */
export function processTable(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

interface Running {
  pid: number;
  uid: number;
  command: string;
}

function linuxProcesses(): Running[] {
  const found: Running[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (command.includes('postgres')) {
        found.push({ pid: Number(entry), uid: statSync(`/proc/${entry}`).uid, command });
      }
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return found;
}

function otherProcesses(): Running[] {
  const table = execFileSync('ps', ['-axo', 'pid=,uid=,command='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return table.split('\n').flatMap((line) => {
    const part = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return part ? [{ pid: Number(part[1]), uid: Number(part[2]), command: part[3] ?? '' }] : [];
  });
}

/** Processes of the server on this data directory, postmaster first; orphans of a dead postmaster included. */
export function serverProcesses(place: Place): number[] {
  const postmaster = writtenPostmaster(place);
  if (process.platform === 'win32') return postmaster && signal(postmaster, 0) ? [postmaster] : [];
  return runningServers(place)
    .map(({ pid }) => pid)
    .sort((a, b) => Number(b === postmaster) - Number(a === postmaster) || a - b);
}

function runningServers(place: Place): Running[] {
  const owner = place.user.uid ?? process.getuid?.();
  const all = process.platform === 'linux' ? linuxProcesses() : otherProcesses();
  // Anybody can give a process our name, so the account must match too.
  return all.filter(({ uid, command }) => uid === owner && isOf(place, command));
}

/** Children carry the cluster name in their title, the postmaster the folder in its arguments. */
function isOf(place: Place, command: string): boolean {
  return command.startsWith(`postgres: ${place.name}: `) || command.includes(` -D ${place.cluster} `);
}

/** Setting of the server that names the instance it belongs to; what runs says it, and no damaged file can make it say something else. */
export const HOLDER_SETTING = 'openaims.holder';

/** This process as the server's arguments name it: number, start, process table. */
export function holderText(): string {
  return [process.pid, hex(startedAt(process.pid) ?? 'unknown'), hex(processTable())].join('.');
}

const hex = (text: string) => Buffer.from(text).toString('hex');

/**
 * The live process whose server runs on this data directory, by what the server itself was started with. A process of another table (a
 * container on the same machine) cannot be looked for and counts as live. Undefined when there is no server, or its instance is dead or unknown.
 */
export function liveHolder(place: Place): number | undefined {
  if (process.platform === 'win32') return undefined;
  for (const { command } of runningServers(place)) {
    const [, pid, started, table] = HOLDER.exec(command) ?? [];
    if (pid === undefined) continue;
    const now = table === hex(processTable()) ? startedAt(Number(pid)) : 'unknown';
    if (now === 'unknown' || (now !== undefined && hex(now) === started)) return Number(pid);
  }
  return undefined;
}

const HOLDER = /openaims\.holder=(\d+)\.([0-9a-f]+)\.([0-9a-f]+)/;

/** The process number PostgreSQL wrote into its own lock file; it may be long dead. */
export function writtenPostmaster(place: Place): number | undefined {
  try {
    const pid = Number(readFileSync(join(place.cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}
