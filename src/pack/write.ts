import { createHash } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { Zip, ZipPassThrough } from 'fflate';
import { Failure } from '../base/failure.ts';
import { PACK_FILES, PACK_LIMITS, type PackManifest } from './format.ts';

/** The ZIP directory counts files in two bytes. */
const MOST_FILES = 65_000;
/** Bytes handed to the packer at once: what it holds of a file. */
const SLICE = 256 * 1024;

/** Where the bytes of a pack go; awaited, so that a slow reader slows the writer. */
export type PackSink = (chunk: Uint8Array) => Promise<void> | void;

/**
 * Writes a pack as a stream: files one after the other, each hashed on its way, `pack.json` with the hashes last. Holds one slice of
 * one file in memory. A writer that was not finished has written no pack.
 */
export class PackWriter {
  readonly #zip: Zip;
  readonly #sink: PackSink;
  readonly #at: Date;
  readonly #files: Record<string, string> = {};
  #queue: Uint8Array[] = [];
  #count = 0;
  #bytes = 0;
  #failed: Error | undefined;

  /** `at` becomes the time of every file, so that the same content gives the same pack. */
  constructor(sink: PackSink, at: Date) {
    this.#sink = sink;
    this.#at = at;
    this.#zip = new Zip((error, chunk) => {
      if (error) this.#failed = error;
      else this.#queue.push(chunk);
    });
  }

  /** Paths and hashes of the files so far. */
  get files(): Readonly<Record<string, string>> {
    return this.#files;
  }

  /** Adds a file. Contents that are packed already (`stored`) are not packed again. Answers its SHA-256 in hex. */
  async add(
    path: string,
    content: string | Uint8Array | AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
    o: { stored?: boolean } = {},
  ): Promise<string> {
    if (Object.hasOwn(this.#files, path)) throw new Error(`${path} is in the pack already`);
    if (++this.#count > MOST_FILES)
      throw new Failure(
        'TOO_LARGE',
        `A pack holds at most ${MOST_FILES} files. Make one pack for each AI system instead.`,
      );
    const file = o.stored ? new ZipPassThrough(path) : new ZipPacked(path);
    file.mtime = new Date(Math.min(Math.max(this.#at.getTime(), Date.UTC(1981, 0)), Date.UTC(2098, 0)));
    this.#zip.add(file);
    const hash = createHash('sha256');
    const parts = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
    for await (const part of parts) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      for (let at = 0; at < bytes.length; at += SLICE) {
        const slice = bytes.subarray(at, at + SLICE);
        this.#bytes += slice.length;
        if (this.#bytes > PACK_LIMITS.unpacked)
          throw new Failure(
            'TOO_LARGE',
            `A pack holds at most ${PACK_LIMITS.unpacked / 1024 ** 3} GiB. Make one pack for each AI system instead.`,
          );
        hash.update(slice);
        // The packer keeps what it is given; a slice of a reused buffer would change under it.
        file.push(Uint8Array.from(slice), false);
        await this.#flush();
      }
    }
    file.push(new Uint8Array(0), true);
    await this.#flush();
    const sha256 = hash.digest('hex');
    this.#files[path] = sha256;
    return sha256;
  }

  /** Writes `pack.json` and ends the ZIP. */
  async finish(manifest: Omit<PackManifest, 'files'>): Promise<void> {
    const files = Object.fromEntries(Object.entries(this.#files).sort(([a], [b]) => (a < b ? -1 : 1)));
    await this.add(PACK_FILES.manifest, `${JSON.stringify({ ...manifest, files }, null, 1)}\n`);
    this.#zip.end();
    await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#failed) throw this.#failed;
    const ready = this.#queue;
    this.#queue = [];
    for (const chunk of ready) await this.#sink(chunk);
  }
}

/**
 * Packs a file with the library that Node brings, several times as quickly as in JavaScript. Each slice is packed by itself and ends on a
 * byte, so the slices of a file follow each other as one stream.
 */
class ZipPacked extends ZipPassThrough {
  override compression = 8;
  #waiting: Uint8Array[] = [];
  #bytes = 0;

  protected override process(chunk: Uint8Array, final: boolean): void {
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < SLICE && !final) return;
    const slice = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    const finishFlush = final ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    this.ondata(null, deflateRawSync(slice, { level: 6, finishFlush }), final);
  }
}
