import { HASH_BYTES, leafHash } from '../ledger/merkle.ts';
import { bundlePath, TILE_WIDTH, tilePath, tileWidth } from '../ledger/tiles.ts';
import type { Problems } from './problems.ts';
import { TreeHashes } from './tree-hashes.ts';
import { FileFault, type PackZip } from './zip-read.ts';

/** Bytes of entries that are kept for the records that ask for them; beyond it, bundles are unpacked again. */
const CACHE_BYTES = 256 * 1024 ** 2;
const ZERO = Buffer.alloc(HASH_BYTES);

/** Which log of a pack is meant, and what is said of it. */
export interface LogFiles {
  /** `log/` or `log/former/<n>/`. */
  folder: string;
  number: number;
  /** The log that the pack is of: problems in others say their number. */
  present: boolean;
  size: number;
  /** Entries that belong to the state the pack shows: all of them, or those before the first that came later. */
  shown: number;
}

/** The entries of a log of which some may be gone or changed. */
export class LogEntries {
  readonly #zip: PackZip;
  readonly #log: LogFiles;
  readonly #cache = new Map<number, (Buffer | undefined)[]>();
  #cached = 0;
  /** Leaf hashes that are known to be the signed ones, from the tiles. */
  signed: TreeHashes | undefined;

  constructor(zip: PackZip, log: LogFiles) {
    this.#zip = zip;
    this.#log = log;
  }

  get bundles(): number {
    return Math.ceil(this.#log.size / TILE_WIDTH);
  }

  path(bundle: number): string {
    return `${this.#log.folder}${bundlePath(bundle, tileWidth(0, bundle, this.#log.size))}`;
  }

  /** The bytes of entry `index`, when the pack has something in its place. */
  async at(index: number): Promise<Buffer | undefined> {
    const bundle = Math.floor(index / TILE_WIDTH);
    const held = this.#cache.get(bundle) ?? (await this.load(bundle)).slots;
    return held[index % TILE_WIDTH];
  }

  /**
   * Reads a bundle. Entries take the places where their hashes are signed, when these are known: then one entry that is gone does not
   * make all that follow look wrong. `fault` says why the bundle is not in order, `asSigned` that every hash was found to be the signed one.
   */
  async load(
    bundle: number,
  ): Promise<{ slots: (Buffer | undefined)[]; fault?: string; missing?: true; asSigned?: true }> {
    const width = tileWidth(0, bundle, this.#log.size);
    let found: { entries: Buffer[]; fault?: string };
    try {
      found = splitBundle(await this.#zip.bytes(this.path(bundle)), width);
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      return { slots: [], fault: error.message, missing: true };
    }
    const { slots, disorder, asSigned } = this.#placed(bundle, width, found.entries);
    this.#keep(bundle, slots);
    const fault = found.fault ?? disorder;
    return { slots, ...(fault === undefined ? {} : { fault }), ...(asSigned ? { asSigned } : {}) };
  }

  #placed(
    bundle: number,
    width: number,
    entries: Buffer[],
  ): { slots: (Buffer | undefined)[]; disorder?: string; asSigned?: true } {
    const signed = this.signed;
    if (signed === undefined) return { slots: entries.slice(0, width) };
    const expected = (i: number) => signed.node(0, bundle * TILE_WIDTH + i);
    const hashes = entries.map((entry) => leafHash(entry));
    if (entries.length === width && hashes.every((hash, i) => hash.equals(expected(i))))
      return { slots: entries, asSigned: true };
    const places = new Map(Array.from({ length: width }, (_, i) => [expected(i).toString('hex'), i]));
    const slots = new Array<Buffer | undefined>(width).fill(undefined);
    const strays: [number, Buffer][] = [];
    let disorder: string | undefined;
    let last = -1;
    for (const [i, hash] of hashes.entries()) {
      const place = places.get(hash.toString('hex'));
      if (place === undefined) strays.push([i, entries[i]!]);
      else {
        // Each entry is a signed one, and still the bundle is not: a moved entry must not be put right in silence.
        const first = bundle * TILE_WIDTH;
        if (place <= last) disorder ??= `entry ${first + place} stands behind entry ${first + last}`;
        last = place;
        slots[place] = entries[i];
      }
    }
    // What belongs nowhere stays where it stands, if that place is free: it is what somebody wants to be read there.
    for (const [i, entry] of strays) if (i < width && slots[i] === undefined) slots[i] = entry;
    return disorder === undefined ? { slots } : { slots, disorder };
  }

  #keep(bundle: number, slots: (Buffer | undefined)[]): void {
    if (this.#cache.has(bundle)) return;
    this.#cache.set(bundle, slots);
    this.#cached += bytesOf(slots);
    for (const [oldest, held] of this.#cache) {
      if (this.#cached <= CACHE_BYTES || oldest === bundle) break;
      this.#cache.delete(oldest);
      this.#cached -= bytesOf(held);
    }
  }
}

const bytesOf = (slots: readonly (Buffer | undefined)[]) =>
  slots.reduce((sum, entry) => sum + (entry?.length ?? 0) + 64, 0);

/** The entries of a bundle up to the first that cannot be read. */
function splitBundle(bundle: Buffer, width: number): { entries: Buffer[]; fault?: string } {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 <= bundle.length ? at + 2 + bundle.readUInt16BE(at) : Number.POSITIVE_INFINITY;
    if (end > bundle.length)
      return {
        entries,
        fault: `entry ${entries.length} of this bundle runs past its end at byte ${bundle.length}`,
      };
    if (entries.length === TILE_WIDTH) return { entries, fault: 'the bundle holds more than 256 entries' };
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  if (entries.length === width) return { entries };
  return { entries, fault: `the bundle holds ${entries.length} entries, expected ${width}` };
}

/** The hash tiles of a log as they lie in the pack. */
export interface LogTiles {
  /** Leaf hashes, zeros where a tile is missing or short. */
  leaves: Buffer;
  /** Tiles above level 0, by path. */
  upper: { path: string; level: number; index: number; data: Buffer }[];
  /** Every file that belongs below `tile/`. */
  expected: Set<string>;
}

/** Reads the hash tiles of a tree of exactly `size` leaves; whatever is missing or of another length is a problem. */
export async function readTiles(zip: PackZip, log: LogFiles, problems: Problems): Promise<LogTiles> {
  const tiles: LogTiles = { leaves: Buffer.alloc(log.size * HASH_BYTES), upper: [], expected: new Set() };
  for (let level = 0, count = log.size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    for (let index = 0; index * TILE_WIDTH < count; index++) {
      const width = tileWidth(level, index, log.size);
      const path = `${log.folder}${tilePath(level, index, width)}`;
      tiles.expected.add(path);
      const place = { file: path, ...numberOf(log) };
      try {
        const data = await zip.bytes(path, TILE_WIDTH * HASH_BYTES + 1);
        if (data.length !== width * HASH_BYTES)
          problems.add(
            'log',
            place,
            `the tile holds ${data.length} bytes, expected ${width} hashes of 32 bytes`,
          );
        if (level > 0) tiles.upper.push({ path, level, index, data });
        else data.copy(tiles.leaves, index * TILE_WIDTH * HASH_BYTES, 0, width * HASH_BYTES);
      } catch (error) {
        if (!(error instanceof FileFault)) throw error;
        problems.add('log', place, `tile ${index} of level ${level} ${error.message}`);
      }
    }
  }
  return tiles;
}

/** Compares the tiles with the tree of the entries; names level, index and position of each hash that differs. */
export function compareTiles(tiles: LogTiles, tree: TreeHashes, log: LogFiles, problems: Problems): void {
  const leaves = new TreeHashes(tiles.leaves);
  for (let i = 0; i < log.size; i++) {
    const hash = leaves.node(0, i);
    if (hash.equals(tree.node(0, i)) || hash.equals(ZERO)) continue;
    const index = Math.floor(i / TILE_WIDTH);
    const path = `${log.folder}${tilePath(0, index, tileWidth(0, index, log.size))}`;
    problems.add(
      'log',
      { file: path, ...numberOf(log), entry: i },
      `hash ${i % TILE_WIDTH} of tile ${index} of level 0 is not the hash of entry ${i}`,
    );
  }
  compareUpper(tiles, tree, log, problems);
}

/** The same for the tiles above level 0. */
export function compareUpper(tiles: LogTiles, tree: TreeHashes, log: LogFiles, problems: Problems): void {
  for (const { path, level, index, data } of tiles.upper) {
    const width = Math.min(tileWidth(level, index, log.size), Math.floor(data.length / HASH_BYTES));
    for (let i = 0; i < width; i++) {
      if (
        data
          .subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)
          .equals(tree.node(8 * level, index * TILE_WIDTH + i))
      )
        continue;
      problems.add(
        'log',
        { file: path, ...numberOf(log) },
        `hash ${i} of tile ${index} of level ${level} is not what the entries give`,
      );
    }
  }
}

/** Problems in the present log need no number: there is one. */
export const numberOf = (log: { number: number; present: boolean }): { log?: number } =>
  log.present ? {} : { log: log.number };
