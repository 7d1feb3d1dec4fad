import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from './context.ts';
import { reason } from './files.ts';
import { CliError } from './terminal.ts';

const MIB = 1_048_576;

/**
 * Writes the body of an answer whole or not at all: under another name until its last byte is there and, where `sha256` is given, the bytes have
 * that digest. Answers how many bytes it has. Throws CliError; then nothing is left behind.
 */
export async function saveWhole(
  context: Context,
  response: Response,
  output: string,
  sha256?: string,
): Promise<number> {
  const path = resolve(context.io.cwd, output);
  const partial = `${path}.partial`;
  // What was packed on its way has another length than it says.
  const packed = response.headers.has('content-encoding');
  const total = packed ? 0 : Number(response.headers.get('content-length') ?? 0);
  const hash = createHash('sha256');
  let bytes = 0;
  let told = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes - told >= 16 * MIB) {
        told = bytes;
        context.terminal.note(
          `${Math.round(bytes / MIB)} of ${total > 0 ? Math.round(total / MIB) : '?'} MiB`,
        );
      }
      done(null, chunk);
    },
  });
  const body = Readable.fromWeb(
    (response.body ?? new Blob([]).stream()) as Parameters<typeof Readable.fromWeb>[0],
  );
  try {
    await pipeline(body, counter, createWriteStream(partial, { mode: 0o600, flush: true }));
    if (total > 0 && bytes !== total) throw new Error(`${bytes} of ${total} bytes arrived`);
    const found = hash.digest('hex');
    if (sha256 !== undefined && found !== sha256)
      throw new Error(`the bytes that arrived have the SHA-256 ${found}, on record is ${sha256}`);
    await rename(partial, path);
    return bytes;
  } catch (error) {
    await rm(partial, { force: true });
    throw new CliError(`${output} was not written: ${reason(error)}.`);
  }
}
