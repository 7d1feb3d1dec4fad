import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { runCli } from '../index.ts';

/** What one command line did. */
export interface Outcome {
  code: number;
  out: string;
  err: string;
}

export interface RunOptions {
  stdin?: string | Uint8Array;
  env?: Record<string, string>;
  home?: string;
  cwd?: string;
  /** Standard output behaves as a terminal of this width. */
  terminal?: number;
}

/** A new, empty folder of its own. */
export const folder = (): string => mkdtempSync(join(tmpdir(), 'aims-cli-'));

/** Runs a command line in this process, with everything it could touch passed in. For tests only. */
export async function run(argv: string[], o: RunOptions = {}): Promise<Outcome> {
  const out = new Collector();
  const err = new Collector();
  if (o.terminal !== undefined) Object.assign(out, { isTTY: true, columns: o.terminal });
  const stdin = o.stdin === undefined ? new PassThrough().end() : Readable.from([Buffer.from(o.stdin)]);
  const code = await runCli(argv, {
    stdin,
    stdout: out,
    stderr: err,
    env: o.env ?? {},
    cwd: o.cwd ?? process.cwd(),
    // Of its own unless told: a log that a command saw would be compared with those of other tests.
    home: o.home ?? folder(),
  });
  return { code, out: out.text, err: err.text };
}

class Collector extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
