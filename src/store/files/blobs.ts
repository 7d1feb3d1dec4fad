import { createHash, randomBytes } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../../base/failure.ts';
import { codeOf } from '../../base/thrown.ts';

/** A file that has arrived whole but has no place yet. */
export interface StagedBlob {
  sha256: string;
  bytes: number;
  /** Where it lies until then. */
  path: string;
  /** Its first bytes, as many as there are. */
  head(bytes: number): Promise<Buffer>;
  /** Gives it its place, once. */
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
    let kept: Promise<void> | undefined;
    return {
      sha256,
      bytes,
      path: temporary,
      discard: () => rm(temporary, { force: true }),
      head: async (most) => {
        const file = await open(temporary, 'r');
        try {
          const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(most, bytes)), 0, undefined, 0);
          return buffer.subarray(0, bytesRead);
        } finally {
          await file.close();
        }
      },
      keep: () => {
        kept ??= this.give(temporary, this.path(sha256));
        return kept;
      },
    };
  }

  /** Its own name, on the disk for good. */
  private async give(temporary: string, final: string): Promise<void> {
    await mkdir(dirname(final), { recursive: true, mode: 0o700 });
    await rename(temporary, final);
    const folder = await open(dirname(final), 'r');
    await folder.sync().catch(() => {});
    await folder.close();
  }

  /**
   * The file of this name, for sending: its bytes have this digest when it is given out. Were they changed after that, the stream ends with
   * an error before its last bytes, never cleanly. Throws DAMAGED for a file that is gone, cut short or altered, in any way; `whose` names
   * the record in the sentence.
   */
  async open(sha256: string, whose: string): Promise<{ bytes: number; stream: Readable }> {
    const file = await open(this.path(sha256), READING).catch(() => undefined);
    if (!file) throw damaged(whose, sha256, 'is not in the store');
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw damaged(whose, sha256, 'is no plain file');
      const { size } = stat;
      const kept = size <= KEPT ? await file.readFile() : undefined;
      const found = kept ? createHash('sha256').update(kept).digest('hex') : await digestOf(piecesOf(file));
      if (found !== sha256)
        throw damaged(whose, sha256, `was altered: it has ${size} bytes with the SHA-256 ${found}`);
      const stream = Readable.from(kept ? [kept] : whole(file, sha256, whose), { objectMode: false });
      // However it ends, read to its end or given up before its first byte.
      stream.once('close', () => void file.close().catch(() => {}));
      return { bytes: size, stream };
    } catch (error) {
      await file.close().catch(() => {});
      if (error instanceof Failure) throw error;
      throw damaged(whose, sha256, `cannot be read (${codeOf(error) ?? 'unknown error'})`);
    }
  }
}

/** Does not wait for the other end of a pipe that was put in the place of a file. */
const READING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Files up to this size are read once, and sent from memory. */
const KEPT = 1_048_576;
/** Bytes read of a larger one at once. */
const PIECE = 262_144;

async function* piecesOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    // A new buffer each time: whoever takes one may still hold the one before.
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE), 0, PIECE, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function digestOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** The bytes of a file that is digested once more while it goes out: the last piece leaves when the digest is known to be right. */
async function* whole(file: FileHandle, sha256: string, whose: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let held: Buffer | undefined;
  for await (const piece of piecesOf(file)) {
    if (held) yield held;
    hash.update(piece);
    held = piece;
  }
  if (hash.digest('hex') !== sha256) throw damaged(whose, sha256, 'was altered while it was sent');
  if (held) yield held;
}

const damaged = (whose: string, sha256: string, what: string): Failure =>
  new Failure(
    'DAMAGED',
    `The file of ${whose} (sha256:${sha256}) ${what}. Nothing of it is given out; put the file back from your backup, and find out what changed it.`,
    [{ path: '/file', message: what }],
  );
