import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../base/failure.ts';

/** A file that has arrived whole but has no place yet. */
export interface StagedBlob {
  sha256: string;
  bytes: number;
  /** Where it lies until then. */
  path: string;
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Files by the SHA-256 of their contents, below one folder. A file is complete or absent: it is written under a temporary name,
 * flushed, and only then given its own. Whether an organisation may read one is decided by the `blob` table.
 */
export class Blobs {
  constructor(private readonly folder: string) {}

  private path(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError('not a SHA-256');
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  /**
   * Streams to disk while hashing; gives up with TOO_LARGE as soon as `maxBytes` is passed, and leaves nothing behind. The file
   * gets its place with `keep`; `discard` forgets it. One of the two must be called.
   */
  async stage(source: Readable, maxBytes: number): Promise<StagedBlob> {
    await mkdir(join(this.folder, 'incoming'), { recursive: true, mode: 0o700 });
    const temporary = join(this.folder, 'incoming', randomBytes(16).toString('hex'));
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      await pipeline(
        source,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            bytes += chunk.length;
            if (bytes > maxBytes)
              throw new Failure(
                'TOO_LARGE',
                `The file is larger than ${Math.floor(maxBytes / 1048576)} MiB; nothing was stored.`,
              );
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(temporary, { mode: 0o600, flush: true }),
      );
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    const sha256 = hash.digest('hex');
    return {
      sha256,
      bytes,
      path: temporary,
      discard: () => rm(temporary, { force: true }),
      keep: async () => {
        const final = this.path(sha256);
        await mkdir(dirname(final), { recursive: true, mode: 0o700 });
        await rename(temporary, final);
        const folder = await open(dirname(final), 'r');
        await folder.sync().catch(() => {});
        await folder.close();
      },
    };
  }

  async read(sha256: string): Promise<Buffer> {
    return readFile(this.path(sha256));
  }

  stream(sha256: string): Readable {
    return createReadStream(this.path(sha256));
  }

  async has(sha256: string): Promise<boolean> {
    return stat(this.path(sha256)).then(
      () => true,
      () => false,
    );
  }
}
