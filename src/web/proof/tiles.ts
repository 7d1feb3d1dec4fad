import { type Hash, isPowerOfTwo, leafHash, nodeHash, rootOf, splitPoint } from './merkle.ts';

/** Hashes in a full tile, and entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** Fetches a file of the log by its path below the log's address; undefined when there is none. */
export type FetchTile = (path: string) => Promise<Uint8Array | undefined>;

/** `1234067` -> `x001/x234/067`. */
export function indexPath(index: number): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return path;
}

/** How wide the tile at this place is in a tree of `size` leaves. */
export function widthOf(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH;
  return Math.min(TILE_WIDTH, Math.max(0, hashes));
}

/** Splits an entry bundle; undefined when a length runs past the end. */
export function splitBundle(bundle: Uint8Array): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bundle.length) {
    if (at + 2 > bundle.length) return undefined;
    const end = at + 2 + bundle[at]! * 256 + bundle[at + 1]!;
    if (end > bundle.length) return undefined;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

/**
 * Reads a log of fixed `size` through its tiles. Nothing read is trusted: whoever calls compares what comes out with
 * a signed root. Throws Error with a sentence when a tile is missing or too short.
 */
export class TileReader {
  private readonly kept = new Map<string, Promise<Uint8Array>>();

  constructor(
    private readonly fetchTile: FetchTile,
    readonly size: number,
  ) {}

  /** The entry bytes at `index`. */
  async entry(index: number): Promise<Uint8Array> {
    const bundle = await this.bundle(Math.floor(index / TILE_WIDTH));
    const entry = bundle[index % TILE_WIDTH];
    if (!entry) throw new Error(`the log does not hold entry ${index}`);
    return entry;
  }

  /** All entries of one bundle that belong to the tree. */
  async bundle(n: number): Promise<Uint8Array[]> {
    const width = widthOf(0, n, this.size);
    const entries = splitBundle(await this.file(`tile/entries/${indexPath(n)}`, width));
    if (!entries || entries.length < width) throw new Error(`entry bundle ${n} is broken or too short`);
    return entries.slice(0, width);
  }

  /** Inclusion path of leaf `index`, from the leaf upwards (RFC 9162, 2.1.3.1). */
  async inclusion(index: number): Promise<Hash[]> {
    const path: Hash[] = [];
    let lo = 0;
    let hi = this.size;
    while (hi - lo > 1) {
      const middle = lo + splitPoint(hi - lo);
      if (index < middle) {
        path.unshift(await this.range(middle, hi));
        hi = middle;
      } else {
        path.unshift(await this.range(lo, middle));
        lo = middle;
      }
    }
    return path;
  }

  /** Consistency proof from the tree of `older` leaves to this one (RFC 9162, 2.1.4.1). */
  async consistency(older: number): Promise<Hash[]> {
    const proof = async (m: number, lo: number, hi: number, whole: boolean): Promise<Hash[]> => {
      if (m === hi - lo) return whole ? [] : [await this.range(lo, hi)];
      const k = splitPoint(hi - lo);
      if (m <= k) return [...(await proof(m, lo, lo + k, whole)), await this.range(lo + k, hi)];
      return [...(await proof(m - k, lo + k, hi, false)), await this.range(lo, lo + k)];
    };
    return proof(older, 0, this.size, true);
  }

  /** Root over every entry, rebuilt from the entries themselves and from no tile. */
  async rebuild(progress: (done: number) => void): Promise<Hash> {
    const leaves: Hash[] = [];
    for (let n = 0; n * TILE_WIDTH < this.size; n++) {
      for (const entry of await this.bundle(n)) leaves.push(leafHash(entry));
      progress(leaves.length);
    }
    return rootOf(leaves);
  }

  /** Hash of the leaves `lo` to `hi`; whole aligned subtrees come out of one tile. */
  private async range(lo: number, hi: number): Promise<Hash> {
    const count = hi - lo;
    if (!isPowerOfTwo(count) || lo % count !== 0) {
      const k = splitPoint(count);
      return nodeHash(await this.range(lo, lo + k), await this.range(lo + k, hi));
    }
    const level = Math.floor(Math.log2(count) / 8);
    const first = lo / TILE_WIDTH ** level;
    const tile = Math.floor(first / TILE_WIDTH);
    const data = await this.file(`tile/${level}/${indexPath(tile)}`, widthOf(level, tile, this.size));
    const within = first % TILE_WIDTH;
    const wide = count / TILE_WIDTH ** level;
    return rootOf(
      Array.from({ length: wide }, (_, i) => data.slice((within + i) * 32, (within + i + 1) * 32)),
    );
  }

  private file(path: string, width: number): Promise<Uint8Array> {
    const name = width === TILE_WIDTH ? path : `${path}.p/${width}`;
    const known = this.kept.get(name);
    if (known) return known;
    // A partial tile may be gone once the full one exists; the full one begins with the same hashes.
    const loading = (async () => {
      const data = (await this.fetchTile(name)) ?? (await this.fetchTile(path));
      if (!data) throw new Error(`the log has no file ${name}`);
      if (!name.startsWith('tile/entries') && data.length < width * 32)
        throw new Error(`${name} is too short`);
      return data;
    })();
    this.kept.set(name, loading);
    return loading;
  }
}
