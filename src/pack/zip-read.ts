import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { Failure } from '../base/failure.ts';
import { messageOf } from '../base/thrown.ts';
import { PACK_LIMITS } from './format.ts';
import { layoutProblem } from './zip-layout.ts';

/** One name, for all systems: no spaces, no hidden files, nothing that leads out of the folder it is unpacked in. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const LOCAL_HEADER_BYTES = 30;

/**
 * The files of a pack, read where they lie. Nothing a ZIP says of itself is believed: bytes are counted while they are unpacked.
 * Fails INVALID (TOO_LARGE beyond a limit) on what makes a ZIP ambiguous or a bomb; what is wrong with one file is a `FileFault`.
 */
export class PackZip {
  readonly names: ReadonlySet<string>;
  /** Files read whole, by SHA-256 in hex. */
  readonly read = new Map<string, string>();
  readonly #zip: ZipFile;
  readonly #entries: Map<string, Entry>;
  #unpacked = 0;

  private constructor(zip: ZipFile, entries: Map<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
    this.names = new Set(entries.keys());
  }

  static async open(path: string): Promise<PackZip> {
    let zip: ZipFile;
    try {
      zip = await openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
    } catch (error) {
      throw bad(`this is not a ZIP that can be read: ${messageOf(error).replace(/\.+$/, '')}`);
    }
    try {
      const entries = await listing(zip);
      const problem = await layoutOf(path, entries);
      if (problem !== undefined) throw bad(`this ZIP is none that a pack is: ${problem}`);
      return new PackZip(zip, entries);
    } catch (error) {
      zip.close();
      throw error instanceof Failure
        ? error
        : bad(`this is not a ZIP that can be read: ${messageOf(error).replace(/\.+$/, '')}`);
    }
  }

  close(): void {
    this.#zip.close();
  }

  /** The bytes of a file as they are unpacked. Throws FileFault when they cannot be, or are not those the ZIP speaks of. */
  async *chunks(name: string): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new FileFault(name, 'is missing');
    const hash = createHash('sha256');
    let bytes = 0;
    let crc = 0;
    try {
      const local = await this.#zip.readLocalFileHeaderPromise(entry);
      if (!local.fileName.equals(entry.fileNameRaw))
        throw new FileFault(name, 'has another name in its own header than in the directory of the ZIP');
      for await (const chunk of this.#unpack(entry)) {
        bytes += chunk.length;
        // What is read a second time is no more than it was.
        if (!this.read.has(name)) this.#unpacked += chunk.length;
        this.#demandRoom(name, bytes, entry.compressedSize);
        if (bytes > entry.uncompressedSize) throw new FileFault(name, 'is longer than the ZIP says');
        hash.update(chunk);
        crc = crc32(chunk, crc);
        yield chunk;
      }
      if (bytes !== entry.uncompressedSize) throw new FileFault(name, 'is shorter than the ZIP says');
    } catch (error) {
      if (error instanceof Failure || error instanceof FileFault) throw error;
      throw new FileFault(name, `cannot be unpacked: ${messageOf(error).replace(/\.+$/, '')}`);
    }
    this.read.set(name, hash.digest('hex'));
    if (crc !== entry.crc32) throw new FileFault(name, 'is damaged: its checksum in the ZIP is another one');
  }

  /**
   * What is packed ends where the ZIP says. Programs that read a ZIP from its beginning go on where it ends: what stood behind it would be files that
   * only they find.
   */
  async *#unpack(entry: Entry): AsyncGenerator<Buffer> {
    const packed = await this.#zip.openReadStreamPromise(entry, { decodeFileData: false });
    if (entry.compressionMethod === 0) return yield* packed;
    const inflate = createInflateRaw();
    packed.on('error', (error: Error) => inflate.destroy(error));
    try {
      yield* packed.pipe(inflate);
    } finally {
      packed.destroy();
    }
    if (inflate.bytesWritten !== entry.compressedSize)
      throw new FileFault(
        entry.fileName,
        'ends before the place that the ZIP says: something stands behind it',
      );
  }

  /** A whole file of at most `most` bytes. */
  async bytes(name: string, most: number = PACK_LIMITS.small): Promise<Buffer> {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.chunks(name)) {
      length += chunk.length;
      if (length > most) throw new FileFault(name, `is larger than the ${most} bytes such a file may have`);
      parts.push(chunk);
    }
    return Buffer.concat(parts);
  }

  /** A file's lines, without their line feeds, as bytes; `line` counts from 1. */
  async *lines(name: string): AsyncGenerator<{ line: number; bytes: Buffer }> {
    let rest: Buffer[] = [];
    let held = 0;
    let line = 0;
    for await (const chunk of this.chunks(name)) {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        const own = chunk.subarray(from, end);
        yield { line: ++line, bytes: held === 0 ? own : Buffer.concat([...rest, own]) };
        rest = [];
        held = 0;
        from = end + 1;
      }
      if (from < chunk.length) {
        rest.push(chunk.subarray(from));
        held += chunk.length - from;
        if (held > PACK_LIMITS.line)
          throw new Failure(
            'TOO_LARGE',
            `line ${line + 1} of ${name} is longer than ${PACK_LIMITS.line} bytes`,
          );
      }
    }
    if (held > 0) {
      yield { line: ++line, bytes: Buffer.concat(rest) };
      throw new FileFault(name, 'does not end with a line feed: it was cut off', line);
    }
  }

  /** Reads what nobody asked for, so that it is hashed too. */
  async drain(name: string): Promise<void> {
    for await (const _ of this.chunks(name));
  }

  #demandRoom(name: string, bytes: number, packed: number): void {
    if (this.#unpacked > PACK_LIMITS.unpacked)
      throw new Failure(
        'TOO_LARGE',
        `the pack unpacks to more than ${PACK_LIMITS.unpacked} bytes (at ${name})`,
      );
    if (bytes > PACK_LIMITS.free + PACK_LIMITS.ratio * packed)
      throw new Failure(
        'TOO_LARGE',
        `${name} unpacks to more than ${PACK_LIMITS.ratio} times its packed size`,
      );
  }
}

/** One file of a pack cannot be read. */
export class FileFault extends Error {
  readonly file: string;
  readonly line: number | undefined;

  constructor(file: string, message: string, line?: number) {
    super(message);
    this.file = file;
    this.line = line;
  }
}

/** The directory of the ZIP: names that are safe and different, places that do not overlap. */
async function listing(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > PACK_LIMITS.files) throw tooMany(zip.entryCount);
  const entries = new Map<string, Entry>();
  const folded = new Set<string>();
  let told = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName;
    if (!NAME.test(name) || name.length > 300)
      throw bad(`the ZIP holds a file with a name no pack has: ${show(name)}`);
    // Two names that differ in case are one file on some systems.
    if (folded.has(name.toLowerCase())) throw bad(`the ZIP holds two files called ${show(name)}`);
    if (entry.isEncrypted()) throw bad(`${show(name)} is encrypted; a pack is not`);
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
      throw bad(
        `${show(name)} is packed by method ${entry.compressionMethod}; a pack uses 0 (stored) and 8 (deflate)`,
      );
    told += entry.uncompressedSize;
    if (told > PACK_LIMITS.unpacked)
      throw new Failure(
        'TOO_LARGE',
        `the pack says that it unpacks to more than ${PACK_LIMITS.unpacked} bytes`,
      );
    folded.add(name.toLowerCase());
    entries.set(name, entry);
    if (entries.size > PACK_LIMITS.files) throw tooMany(entries.size);
  }
  const inPlace = [...entries.values()].sort(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  );
  for (const [i, entry] of inPlace.entries()) {
    const end =
      entry.relativeOffsetOfLocalHeader +
      LOCAL_HEADER_BYTES +
      entry.fileNameRaw.length +
      entry.compressedSize;
    const next = inPlace[i + 1]?.relativeOffsetOfLocalHeader ?? zip.fileSize;
    if (end > next) throw bad(`${show(entry.fileName)} overlaps another file of the ZIP`);
  }
  return entries;
}

async function layoutOf(path: string, entries: ReadonlyMap<string, Entry>): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    return await layoutProblem(file, (await file.stat()).size, [...entries.values()]);
  } finally {
    await file.close();
  }
}

const tooMany = (n: number) =>
  new Failure('TOO_LARGE', `the ZIP holds ${n} files, more than the ${PACK_LIMITS.files} a pack may have`);

const show = (name: string) => JSON.stringify(name.slice(0, 100));

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
