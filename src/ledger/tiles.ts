import { Failure } from '../base/failure.ts';
import { isSize } from './merkle.ts';

/** Hashes in a full tile, and entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** Longest entry a bundle can hold: its length is written in two bytes. */
export const MAX_ENTRY_BYTES = 65_535;

/** Place of a tile: level 0 holds leaf hashes, each level above one hash per full tile below. */
export interface TilePlace {
  level: number;
  index: number;
}

/** What a path of the tile API names. `width` is 256 for a full resource, 1 to 255 for a partial one. */
export type TileResource =
  | { kind: 'hashes'; level: number; index: number; width: number }
  | { kind: 'entries'; index: number; width: number };

/**
 * Path of a hash tile, `tile/<level>/<index>[.p/<width>]`: index 1234067 is `x001/x234/067`, so that no
 * directory holds more than a thousand names.
 */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  if (!isSize(level) || level > 63) throw new RangeError(`a tile level is 0 to 63, got ${level}`);
  return `tile/${level}/${indexPath(index)}${partialSuffix(width)}`;
}

/** Path of an entry bundle, `tile/entries/<index>[.p/<width>]`. */
export function bundlePath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${indexPath(index)}${partialSuffix(width)}`;
}

const PATH =
  /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Reads a path of the tile API; undefined when it is not the one canonical spelling of a resource. */
export function parseTilePath(path: string): TileResource | undefined {
  const parts = PATH.exec(path);
  if (parts === null) return undefined;
  const width = parts[3] === undefined ? TILE_WIDTH : Number(parts[3]);
  const index = Number(parts[2]!.replaceAll(/[x/]/g, ''));
  if (!isSize(index) || (parts[3] !== undefined && width >= TILE_WIDTH)) return undefined;
  if (indexPath(index) !== parts[2]) return undefined;
  if (parts[1] === 'entries') return { kind: 'entries', index, width };
  return { kind: 'hashes', level: Number(parts[1]), index, width };
}

/** How many hashes the tile at this place has in a tree of `size` leaves: 0 (absent) to 256 (full). */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH;
  return Math.min(TILE_WIDTH, Math.max(0, hashes));
}

/**
 * Writes an entry bundle: each entry after its length as a big-endian 16-bit number.
 * Fails INVALID when there are more than 256 entries or one is longer than 65,535 bytes.
 */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  if (entries.length > TILE_WIDTH) {
    throw new Failure('INVALID', `an entry bundle holds at most 256 entries, got ${entries.length}`);
  }
  const out = Buffer.allocUnsafe(entries.reduce((sum, e) => sum + 2 + e.length, 0));
  let at = 0;
  for (const [i, entry] of entries.entries()) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new Failure('INVALID', `entry ${i} of the bundle has ${entry.length} bytes, the limit is 65,535`);
    }
    at = out.writeUInt16BE(entry.length, at);
    out.set(entry, at);
    at += entry.length;
  }
  return out;
}

/**
 * Reads an entry bundle; the entries share the memory of `bundle`. Fails INVALID when a length runs past the
 * end, or there are more than 256 entries, or not exactly `count` of them when that is given.
 */
export function decodeBundle(bundle: Buffer, count?: number): Buffer[] {
  const entries: Buffer[] = [];
  let at = 0;
  while (at < bundle.length) {
    const start = at + 2;
    const end = start <= bundle.length ? start + bundle.readUInt16BE(at) : Number.POSITIVE_INFINITY;
    if (end > bundle.length) {
      throw new Failure(
        'INVALID',
        `entry ${entries.length} of the bundle runs past its end at byte ${bundle.length}`,
      );
    }
    if (entries.length === TILE_WIDTH)
      throw new Failure('INVALID', 'the entry bundle holds more than 256 entries');
    entries.push(bundle.subarray(start, end));
    at = end;
  }
  if (count !== undefined && entries.length !== count) {
    throw new Failure('INVALID', `the entry bundle must hold ${count} entries, got ${entries.length}`);
  }
  return entries;
}

function indexPath(index: number): string {
  if (!isSize(index)) throw new RangeError(`a tile index is a whole number up to 2^53 - 1, got ${index}`);
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return path;
}

function partialSuffix(width: number): string {
  if (!isSize(width) || width < 1 || width > TILE_WIDTH) {
    throw new RangeError(`the width of a tile is 1 to 256, got ${width}`);
  }
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}
