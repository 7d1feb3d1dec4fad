import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Place } from './place.ts';

/** Ends the server when this process ends without saying goodbye. */
export interface Watchdog {
  /** The server has stopped in good order; the watchdog leaves it alone and ends. */
  dismiss(): void;
}

/*
 * It sits in `read` on a pipe whose other end only this process holds; however this process ends, the kernel closes
 * the pipe. The number is compared with postmaster.pid before each signal, because numbers are reused. Ctrl-C, a
 * closed terminal and a service manager's TERM reach it too, and must not end it before the app.
 */
const SCRIPT = `
trap '' HUP INT TERM
read -r word
[ "$word" = bye ] && exit 0
send() {
  read -r now 2>/dev/null < "$2" || exit 0
  [ "$now" = "$1" ] || exit 0
  kill -s "$3" "$1" 2>/dev/null || exit 0
}
send "$1" "$2" INT
for second in 1 2 3 4 5; do sleep 1; kill -0 "$1" 2>/dev/null || exit 0; done
send "$1" "$2" QUIT
sleep 3
send "$1" "$2" KILL
`;

/** Windows has no /bin/sh: a second Node process does the same through pg_ctl. */
const WINDOWS_SCRIPT = `
const [pgCtl, cluster] = process.argv.slice(1);
let said = '';
process.stdin.on('data', (part) => { said += part; });
process.stdin.on('error', () => {});
process.stdin.on('close', () => {
  if (said.startsWith('bye')) return;
  require('node:child_process').spawnSync(pgCtl, ['stop', '-D', cluster, '-m', 'fast', '-w', '-t', '10']);
});
`;

/**
 * Watches over one postmaster. The server is asked to stop at once (fast shutdown), told to quit after five seconds
 * and killed after eight. A watchdog that is killed itself is replaced as long as this process lives.
 */
export function watch(
  place: Place,
  postmaster: number,
  pgCtl: string,
  log: (line: string) => void,
): Watchdog {
  let dismissed = false;
  let child: ChildProcess;
  const start = (): void => {
    const [program, args] =
      process.platform === 'win32'
        ? [process.execPath, ['-e', WINDOWS_SCRIPT, pgCtl, place.cluster]]
        : [
            '/bin/sh',
            ['-c', SCRIPT, 'openaims-watchdog', String(postmaster), join(place.cluster, 'postmaster.pid')],
          ];
    // Its own session: a signal to the terminal's group must not reach it.
    child = spawn(program, args, {
      detached: true,
      cwd: '/',
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
    });
    child.unref();
    child.stdin?.on('error', () => undefined);
    child.once('error', (error) =>
      log(
        `no watchdog (${error.message}): a crash of this process leaves PostgreSQL running until the next start`,
      ),
    );
    child.once('exit', () => {
      if (!dismissed) setTimeout(start, 100).unref();
    });
    // The pipe alone must not keep the app running.
    (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  };
  start();
  return {
    dismiss() {
      dismissed = true;
      child.stdin?.end('bye\n');
    },
  };
}
