import { Failure } from '../base/failure.ts';
import { emptyRoot, foldPeaks, HASH_BYTES, isSize, joinPairs } from './merkle.ts';
import { TILE_WIDTH, type TilePlace, tilePath } from './tiles.ts';

/**
 * Where stored tiles come from. A tile is 1 to 256 concatenated 32-byte hashes; it may be wider than the tree
 * in question needs (a later version of the same tile), never narrower.
 */
export interface TileStore {
  get(level: number, index: number): Buffer | undefined;
}

/** A tile that is new or grew; `data` is the whole tile, full or partial. */
export interface GrownTile extends TilePlace {
  data: Buffer;
}

/** What a batch of leaves did to the tree. */
export interface Appended {
  size: number;
  root: Buffer;
  tiles: GrownTile[];
}

/** The partial tiles on the right edge of a tree (at most 7): what has to be loaded before appending to it. */
export function edgeTiles(size: number): TilePlace[] {
  requireSize(size);
  const places: TilePlace[] = [];
  for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / TILE_WIDTH)) {
    if (rest % TILE_WIDTH > 0) places.push({ level, index: Math.floor(rest / TILE_WIDTH) });
  }
  return places;
}

/**
 * Appends leaf hashes to the tree of `size` leaves, of which only `edgeTiles(size)` are read. Pure: the caller
 * stores the returned tiles, in the same transaction that moves the size.
 *
 * Fails INTERNAL when the store's edge does not fit the size: signing over it would sign a fork.
 */
export function appendLeaves(size: number, edge: TileStore, leafHashes: readonly Buffer[]): Appended {
  requireSize(size);
  requireSize(size + leafHashes.length);
  for (const leaf of leafHashes) {
    if (leaf.length !== HASH_BYTES) throw new RangeError(`a leaf hash has 32 bytes, got ${leaf.length}`);
  }
  const tiles: GrownTile[] = [];
  const edges: Buffer[] = [];
  let added: readonly Buffer[] = leafHashes;
  for (
    let level = 0, rest = size;
    rest > 0 || added.length > 0;
    level++, rest = Math.floor(rest / TILE_WIDTH)
  ) {
    const grown = growLevel(level, rest, edge, added);
    tiles.push(...grown.tiles);
    edges.push(grown.edge);
    added = grown.carried;
  }
  const peaks = edges.reverse().flatMap((tile) => tilePeaks(tile));
  return { size: size + leafHashes.length, root: foldPeaks(peaks), tiles };
}

/** Appends to one level of which `count` hashes exist; `carried` are the roots of tiles that became full. */
function growLevel(level: number, count: number, edge: TileStore, added: readonly Buffer[]) {
  const width = count % TILE_WIDTH;
  let index = Math.floor(count / TILE_WIDTH);
  let tile = width === 0 ? Buffer.alloc(0) : readTile(edge, level, index, width);
  const tiles: GrownTile[] = [];
  const carried: Buffer[] = [];
  for (let at = 0; at < added.length; ) {
    const take = Math.min(TILE_WIDTH - tile.length / HASH_BYTES, added.length - at);
    tile = Buffer.concat([tile, ...added.slice(at, at + take)]);
    at += take;
    tiles.push({ level, index, data: tile });
    if (tile.length === TILE_WIDTH * HASH_BYTES) {
      carried.push(perfectRoot(tile, 0, TILE_WIDTH));
      tile = Buffer.alloc(0);
      index += 1;
    }
  }
  return { tiles, carried, edge: tile };
}

/** Root of the tree of `size` leaves, from the tiles `edgeTiles(size)`. */
export function rootFromTiles(size: number, store: TileStore): Buffer {
  requireSize(size);
  return size === 0 ? emptyRoot() : rangeHash({ lo: 0, hi: size }, store);
}

/**
 * Inclusion proof of the leaf at `index` in the tree of `size` leaves, from its sibling up to the root's child
 * (RFC 6962 section 2.1.1). Reads only `tilesForInclusion(index, size)`.
 */
export function inclusionProof(index: number, size: number, store: TileStore): Buffer[] {
  return inclusionRanges(index, size).map((range) => rangeHash(range, store));
}

/** The tiles an inclusion proof reads, so that they can be loaded in one statement. */
export function tilesForInclusion(index: number, size: number): TilePlace[] {
  return placesOf(inclusionRanges(index, size));
}

/**
 * Consistency proof between the trees of `from` and `to` leaves (RFC 6962 section 2.1.2); empty when they are
 * the same size. Reads only `tilesForConsistency(from, to)`. Strict: `from` 0 fails BAD_INPUT.
 */
export function consistencyProof(from: number, to: number, store: TileStore): Buffer[] {
  return consistencyRanges(from, to).map((range) => rangeHash(range, store));
}

/** The tiles a consistency proof reads, so that they can be loaded in one statement. */
export function tilesForConsistency(from: number, to: number): TilePlace[] {
  return placesOf(consistencyRanges(from, to));
}

/** The leaves lo (included) to hi (excluded). */
interface Range {
  lo: number;
  hi: number;
}

function inclusionRanges(index: number, size: number): Range[] {
  if (!isSize(index) || !isSize(size) || index >= size) {
    throw new Failure(
      'BAD_INPUT',
      `no leaf ${index} in a tree of ${size} leaves: give an index below the size`,
    );
  }
  const ranges: Range[] = [];
  let lo = 0;
  let hi = size;
  while (hi - lo > 1) {
    const mid = lo + largestSplit(hi - lo);
    ranges.push(index < mid ? { lo: mid, hi } : { lo, hi: mid });
    if (index < mid) hi = mid;
    else lo = mid;
  }
  return ranges.reverse();
}

function consistencyRanges(from: number, to: number): Range[] {
  if (!isSize(from) || !isSize(to) || from < 1 || from > to) {
    throw new Failure('BAD_INPUT', `no consistency proof from ${from} to ${to} leaves: give 1 <= from <= to`);
  }
  const ranges: Range[] = [];
  let lo = 0;
  let hi = to;
  while (from < hi) {
    const mid = lo + largestSplit(hi - lo);
    ranges.push(from <= mid ? { lo: mid, hi } : { lo, hi: mid });
    if (from <= mid) hi = mid;
    else lo = mid;
  }
  // What remains is the last subtree of the older tree; the verifier knows it already when it is all of that tree.
  if (lo > 0) ranges.push({ lo, hi });
  return ranges.reverse();
}

/** Largest power of two below n (the `k` of RFC 6962); n is at least 2. */
function largestSplit(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** A perfect subtree read from one tile: `count` (a power of two up to 128) hashes from `offset` on. */
interface Piece extends TilePlace {
  offset: number;
  count: number;
}

/** Splits a range that starts at a multiple of its largest power of two into perfect subtrees, left to right. */
function piecesOf({ lo, hi }: Range): Piece[] {
  const pieces: Piece[] = [];
  for (let at = lo; at < hi; ) {
    let span = 1;
    while (span * 2 <= hi - at) span *= 2;
    pieces.push(pieceOf(at, span));
    at += span;
  }
  return pieces;
}

function pieceOf(start: number, span: number): Piece {
  let level = 0;
  let unit = 1;
  while (unit * TILE_WIDTH <= span) {
    unit *= TILE_WIDTH;
    level += 1;
  }
  const first = start / unit;
  return { level, index: Math.floor(first / TILE_WIDTH), offset: first % TILE_WIDTH, count: span / unit };
}

function placesOf(ranges: readonly Range[]): TilePlace[] {
  const places = new Map<string, TilePlace>();
  for (const { level, index } of ranges.flatMap(piecesOf)) places.set(`${level}/${index}`, { level, index });
  return [...places.values()];
}

function rangeHash(range: Range, store: TileStore): Buffer {
  const peaks = piecesOf(range).map(({ level, index, offset, count }) =>
    perfectRoot(readTile(store, level, index, offset + count), offset, count),
  );
  return foldPeaks(peaks);
}

/** Root over `count` hashes (a power of two) of a tile, from `offset` on. Of its own memory: a hash must not hold a whole tile, nor change with it. */
function perfectRoot(tile: Buffer, offset: number, count: number): Buffer {
  const row = Buffer.from(tile.subarray(offset * HASH_BYTES, (offset + count) * HASH_BYTES));
  for (let width = count; width > 1; width /= 2) joinPairs(row, width);
  return Buffer.from(row.subarray(0, HASH_BYTES));
}

/** Roots of the perfect subtrees of a partial tile, left to right. */
function tilePeaks(tile: Buffer): Buffer[] {
  return piecesOf({ lo: 0, hi: tile.length / HASH_BYTES }).map((p) => perfectRoot(tile, p.offset, p.count));
}

/** The first `width` hashes of a stored tile. */
function readTile(store: TileStore, level: number, index: number, width: number): Buffer {
  const tile = store.get(level, index);
  if (tile === undefined || tile.length < width * HASH_BYTES || tile.length % HASH_BYTES !== 0) {
    const got = tile === undefined ? 'nothing' : `${tile.length} bytes`;
    throw new Failure(
      'INTERNAL',
      `${tilePath(level, index)} of the ledger must hold at least ${width} hashes of 32 bytes, got ${got}: ` +
        'stop writing, and rebuild the tiles from the entries',
    );
  }
  return tile.subarray(0, width * HASH_BYTES);
}

function requireSize(size: number): void {
  if (!isSize(size)) throw new RangeError(`a tree size is a whole number from 0 to 2^53 - 1, got ${size}`);
}
