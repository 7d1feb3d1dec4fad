import { readFileSync } from 'node:fs';
import { signal, startedAt } from './processes.ts';

/** How often they are looked for (milliseconds). */
const LOOK = 500;

/**
 * Calls back once when the programs that started this one have ended: `npm start` is npm, often a shell, and only then this process, and what
 * ends npm (a service manager's TERM, a closed terminal, kill -9) does not reach further. Answers how to stop looking.
 */
export function onceParentsEnd(done: () => void): () => void {
  const parents = chain().map((pid) => ({ pid, started: startedAt(pid) }));
  const looking = setInterval(() => {
    if (parents.every(lives)) return;
    clearInterval(looking);
    done();
  }, LOOK).unref();
  return () => clearInterval(looking);
}

interface Parent {
  pid: number;
  started: string | undefined;
}

function lives({ pid, started }: Parent): boolean {
  // Where asking for the start means running a program, a number that is in use must do.
  return process.platform === 'linux' ? startedAt(pid) === started : signal(pid, 0);
}

/** The parent, and the one above it when the parent is only the shell between npm and this process. */
function chain(): number[] {
  const shell = process.platform === 'linux' ? grandparent(process.ppid) : undefined;
  return shell === undefined ? [process.ppid] : [process.ppid, shell];
}

function grandparent(parent: number): number | undefined {
  try {
    const [program = '', flag] = readFileSync(`/proc/${parent}/cmdline`, 'utf8').split('\0');
    if (!/(^|\/)(ba|da|z|k|a)?sh$/.test(program) || flag !== '-c') return undefined;
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
    // The name in brackets may hold spaces and brackets; what follows the last bracket is regular (proc_pid_stat(5)).
    const above = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return above > 1 ? above : undefined;
  } catch {
    return undefined;
  }
}
