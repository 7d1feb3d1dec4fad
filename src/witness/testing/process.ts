import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** `aims witness run` in a process of its own. For tests only. */
export interface RunningWitness {
  url: string;
  port: number;
  process: ChildProcess;
  output(): string;
  /** Ends it with a signal and waits until it is gone; answers its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts it on a free port; fails with what it printed when it ends instead. */
export async function runWitness(folder: string, port = 0): Promise<RunningWitness> {
  const args = [
    '--import',
    'tsx',
    join(ROOT, 'src/main.ts'),
    'witness',
    'run',
    '--data',
    folder,
    '--port',
    String(port),
  ];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const listening = await new Promise<string>((done, fail) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const found = /Listening on http:\/\/127\.0\.0\.1:(\d+)\//.exec(output);
      if (found) done(found[1]!);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => fail(new Error(`the witness ended with ${code}: ${output}`)));
  });
  return {
    url: `http://127.0.0.1:${listening}`,
    port: Number(listening),
    process: child,
    output: () => output,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill(signal);
        await gone;
      }
      return child.exitCode;
    },
  };
}
