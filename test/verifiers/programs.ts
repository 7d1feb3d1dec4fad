import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { verifyPack } from '../../src/pack/index.ts';
import { placeText } from '../../src/web/verifier/findings.ts';
import { verdictOf } from '../../src/web/verifier/pack.ts';
import { ROOT } from '../support/root.ts';

/** The programs in `verifiers/`, as an auditor has them: interpreters and libraries of Debian, where they are installed. */
const GOPATH = '/usr/share/gocode';
const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
export const hasPython = works('python3', '-c', 'import cryptography');
export const hasGo = existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog')) && works('go', 'version');
export const PYTHON = ['python3', '-B', join(ROOT, 'verifiers/audit.py')] as const;

/** What a program answered that was typed with some arguments. */
export interface Typed {
  status: number | null;
  stdout: string;
  stderr: string;
}

/**
 * audit.py, run whole for each call, in one process: starting Python and loading its cryptography takes fifty times as long as what is
 * asked. `end` before the test file ends.
 */
export class PythonTyped {
  #child: ChildProcessWithoutNullStreams | undefined;
  #answers: AsyncIterator<string> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** One call after the other, in the order in which they were asked for. */
  type(...args: string[]): Promise<Typed> {
    const answer = this.#last.then(() => this.#ask(args));
    this.#last = answer.catch(() => {});
    return answer;
  }

  end(): void {
    this.#child?.stdin.end();
  }

  async #ask(args: string[]): Promise<Typed> {
    if (!this.#child) {
      this.#child = spawn('python3', ['-B', join(ROOT, 'test/verifiers/typed.py'), PYTHON[2]]);
      this.#child.stderr.pipe(process.stderr);
      this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    }
    this.#child.stdin.write(`${JSON.stringify(args)}\n`);
    const { done, value } = await this.#answers!.next();
    if (done) throw new Error(`audit.py ended when it was called with ${args.join(' ')}`);
    const [status, stdout, stderr] = JSON.parse(value) as [number, string, string];
    return { status, stdout, stderr };
  }
}

/** Builds audit.go, with these files beside it. Throws what the compiler says. */
export function buildGo(binary: string, ...beside: string[]): void {
  const folder = `${binary}-sources`;
  const files = [join(ROOT, 'verifiers/audit.go'), ...beside];
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(file, join(folder, basename(file)));
  const built = spawnSync('go', ['build', '-o', binary, ...files.map((f) => basename(f))], {
    cwd: folder,
    env: { ...process.env, GO111MODULE: 'off', GOPATH, GOPROXY: 'off' },
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(built.stderr);
}

/**
 * What each of the four verifiers finds wrong with a pack, by its name: one problem a line, '' when it is sound. `go` is what `buildGo` built;
 * programs that cannot run here are absent.
 */
export async function verdicts(pack: string, vkey: string, go?: string): Promise<Record<string, string>> {
  const own = await verifyPack(pack, { vkey });
  const page = await verdictOf(new Blob([new Uint8Array(readFileSync(pack))]), {
    keys: { log: [vkey], witnesses: [] },
  });
  const key = `${pack}.vkey`;
  writeFileSync(key, `${vkey}\n`);
  const typed = ([program, ...first]: readonly string[]) => {
    const ran = spawnSync(program!, [...first, '--vkey', key, pack], { encoding: 'utf8' });
    return ran.status === 0 && ran.stdout.startsWith('Sound: ') ? '' : `${ran.stdout}${ran.stderr}`;
  };
  return {
    'aims verify': own.problems.map(({ step: _, ...p }) => `${placeText(p)}: ${p.message}`).join('\n'),
    'verify.html': page.problems.map((p) => `${placeText(p)}: ${p.message}`).join('\n'),
    ...(hasGo && go ? { 'audit.go': typed([go]) } : {}),
    ...(hasPython ? { 'audit.py': typed(PYTHON) } : {}),
  };
}
