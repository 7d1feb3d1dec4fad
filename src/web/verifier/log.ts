import { sha256 } from '@noble/hashes/sha2.js';
import { type Hash, leafHash, nodeHash, rootOf, sameHash } from '../proof/merkle.ts';
import { fromBase64, parseCheckpoint } from '../proof/note.ts';
import { indexPath, splitBundle, TILE_WIDTH, widthOf } from '../proof/tiles.ts';
import { type Findings, need, type Place } from './findings.ts';
import type { PackFiles } from './zip.ts';

/** What pack.json says of one log. */
export interface LogHead {
  /** Folder in the pack, with its slash. */
  at: string;
  number: number;
  present: boolean;
  origin: string;
  size: number;
  /** Entries that belong to the state the pack shows; those after it say what was erased since. */
  shown: number;
  rootText: string;
}

/** One log of a pack. An entry that is not there is undefined. */
export interface PackLog extends LogHead {
  root: Hash;
  entries: (Uint8Array | undefined)[];
  /** Hashes of the signed entries where they are known, else of those that are there. */
  hashes: Hash[];
  /** Id of the record of each entry; entries about the log have none. */
  of: (string | undefined)[];
  /** 1 where a version of the pack shows the entry. */
  seen: Uint8Array;
  /** Keys that pack.json says: for the first log of an organisation, whose first entry names none. */
  told: readonly string[];
  /** Keys that entries named, and where. */
  keys: { index: number; vkey: string }[];
  previous: unknown;
  openedAt: string | undefined;
  /** The key of the log before that was lost, as a note says. */
  lostKey: string | undefined;
  /** Versions that were recorded before this log was opened, and the time of the oldest. */
  waited: number;
  waitedSince: string | undefined;
  /** From this entry on rows carry the time of their entries: the log says so. Infinity when it does not. */
  exactFrom: number;
}

const NONE = new Uint8Array(32);

export const pathOf = (log: { at: string }, kind: string | number, n: number, width: number): string =>
  `${log.at}tile/${kind}/${indexPath(n)}${width < TILE_WIDTH ? `.p/${width}` : ''}`;

/** Roots of the trees of the first n leaves, for each n asked for. */
export function rootsAt(hashes: readonly Hash[], sizes: ReadonlySet<number>): Map<number, Hash> {
  const found = new Map<number, Hash>();
  const peaks: { height: number; hash: Hash }[] = [];
  for (let n = 0; n <= hashes.length; n++) {
    if (sizes.has(n))
      found.set(
        n,
        peaks.length === 0
          ? sha256(new Uint8Array(0))
          : peaks.map((p) => p.hash).reduceRight((r, l) => nodeHash(l, r)),
      );
    if (n === hashes.length) break;
    let top = { height: 0, hash: hashes[n]! };
    while (peaks.at(-1)?.height === top.height)
      top = { height: top.height + 1, hash: nodeHash(peaks.pop()!.hash, top.hash) };
    peaks.push(top);
  }
  return found;
}

export const wholeRoot = (hashes: readonly Hash[]): Hash =>
  rootsAt(hashes, new Set([hashes.length])).get(hashes.length)!;

/** Reads entries and tiles of a log, and locates what does not give the root of its checkpoint. */
export async function readLog(files: PackFiles, head: LogHead, findings: Findings): Promise<PackLog> {
  const root = fromBase64(head.rootText);
  need(root?.length === 32, 'the root in pack.json is not the base64 of 32 bytes');
  const size = await checkHead(files, head, findings);
  const log: PackLog = {
    ...head,
    size,
    shown: Math.min(head.shown, size),
    root,
    entries: [],
    hashes: [],
    of: new Array<undefined>(size),
    seen: new Uint8Array(size),
    told: [],
    keys: [],
    previous: undefined,
    openedAt: undefined,
    lostKey: undefined,
    waited: 0,
    waitedSince: undefined,
    exactFrom: Number.POSITIVE_INFINITY,
  };
  const bundles = await readBundles(files, log, findings);
  const own = log.hashes;
  const sound = sameHash(wholeRoot(own), log.root);
  const tiles = await leafTiles(files, log);
  if (!sound && sameHash(wholeRoot(tiles), log.root)) log.hashes = tiles;
  for (const b of bundles) {
    const right = log.hashes.slice(b.first, b.first + b.width);
    const mine = own.slice(b.first, b.first + b.width);
    if (mine.some((hash, i) => !sameHash(hash, right[i]!)))
      tellFault(mine.slice(0, b.there), right, b, log, findings);
    else if (b.trouble) findings.add(placeIn(log, b.file), `the bundle${b.trouble}`);
  }
  if (!sound && log.hashes === own)
    findings.add(
      placeIn(log, `${log.at}checkpoint`),
      `the ${size} entries do not give the signed root ${head.rootText}; which are wrong, the proofs of the versions tell`,
    );
  const expected = await compareTiles(files, log, findings);
  for (const b of bundles) expected.add(b.file);
  for (const name of files.under(`${log.at}tile/`))
    if (!expected.has(name)) findings.add(placeIn(log, name), `a tree of ${size} entries has no such tile`);
  return log;
}

export const placeIn = (log: { present: boolean; number: number }, file: string, entry?: number): Place => ({
  file,
  ...(entry === undefined ? {} : { entry }),
  ...(log.present ? {} : { log: log.number }),
});

/** The size that can be read: a size far beyond the files would be counted for ever. */
async function checkHead(files: PackFiles, head: LogHead, findings: Findings): Promise<number> {
  const place = placeIn(head, `${head.at}checkpoint`);
  await findings.attempt(place, async () => {
    const note = await files.text(place.file!);
    const said = parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
    need(said !== undefined, 'the checkpoint cannot be read');
    need(
      said.origin === head.origin,
      `the checkpoint is of the log "${said.origin}", expected "${head.origin}"`,
    );
    need(
      said.size === head.size && said.rootText === head.rootText,
      `the checkpoint is of ${said.size} entries with root ${said.rootText}, pack.json says ${head.size} and ${head.rootText}`,
    );
  });
  const most = (files.under(`${head.at}tile/entries/`).length + 1) * TILE_WIDTH;
  if (head.size <= most) return head.size;
  findings.add(place, `it signs ${head.size} entries, there are at most ${most}`);
  return most;
}

interface Bundle {
  file: string;
  first: number;
  width: number;
  /** Entries that could be read. */
  there: number;
  trouble?: string;
}

async function readBundles(files: PackFiles, log: PackLog, findings: Findings): Promise<Bundle[]> {
  const bundles: Bundle[] = [];
  for (let n = 0; n * TILE_WIDTH < log.size; n++) {
    const width = widthOf(0, n, log.size);
    const bundle: Bundle = { file: pathOf(log, 'entries', n, width), first: n * TILE_WIDTH, width, there: 0 };
    let entries: Uint8Array[] = [];
    try {
      const read = splitBundle(await files.bytes(bundle.file, 17 * 1024 ** 2));
      if (read === undefined) bundle.trouble = ': an entry runs past the end of the file';
      else if (read.length !== width) bundle.trouble = ` holds ${read.length} entries, expected ${width}`;
      entries = read ?? [];
    } catch (error) {
      bundle.trouble = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    bundle.there = entries.length;
    for (let i = 0; i < width; i++) {
      log.entries.push(entries[i]);
      log.hashes.push(entries[i] ? leafHash(entries[i]!) : NONE);
    }
    bundles.push(bundle);
    await findings.step(width);
  }
  return bundles;
}

/** Says which entry of a bundle is wrong; `right` are hashes that give the signed root. */
function tellFault(found: Hash[], right: Hash[], bundle: Bundle, log: PackLog, findings: Findings): void {
  let i = 0;
  while (i < found.length && i < right.length && sameHash(found[i]!, right[i]!)) i++;
  const at = (index: number) => bundle.first + index;
  const tell = (index: number, message: string) =>
    findings.add(
      placeIn(log, bundle.file, at(index)),
      `${message}${bundle.trouble ? `; the bundle${bundle.trouble}` : ''}`,
    );
  const place = i < found.length ? right.findIndex((hash) => sameHash(hash, found[i]!)) : -1;
  if (i >= right.length) tell(i - 1, `after entry ${at(i - 1)} stands one that was not signed`);
  else if (i === found.length) tell(i, `entry ${at(i)} is missing`);
  else if (place >= 0) tell(i, `entry ${at(i)} is not in its place: entry ${at(place)} stands there`);
  else if (i + 1 < found.length && sameHash(found[i + 1]!, right[i]!))
    tell(i, `an entry was put in before entry ${at(i)}`);
  else tell(i, `entry ${at(i)} was changed`);
}

/** The hashes of level 0 as they lie there; what is missing is zero. */
async function leafTiles(files: PackFiles, log: PackLog): Promise<Hash[]> {
  const hashes: Hash[] = [];
  for (let n = 0; n * TILE_WIDTH < log.size; n++) {
    const width = widthOf(0, n, log.size);
    const data = await files.bytes(pathOf(log, 0, n, width), 1024 ** 2).catch(() => new Uint8Array(0));
    for (let i = 0; i < width; i++)
      hashes.push(data.length >= 32 * i + 32 ? data.subarray(32 * i, 32 * i + 32) : NONE);
  }
  return hashes;
}

/** Rebuilds every tile and names the first hash that differs in each. Answers the tiles there must be. */
async function compareTiles(files: PackFiles, log: PackLog, findings: Findings): Promise<Set<string>> {
  const expected = new Set<string>();
  let row: readonly Hash[] = log.hashes;
  for (let level = 0; row.length > 0; level++) {
    const above: Hash[] = [];
    for (let n = 0; n * TILE_WIDTH < row.length; n++) {
      const right = row.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH);
      const file = pathOf(log, level, n, right.length);
      expected.add(file);
      const wrong = await files.bytes(file, 1024 ** 2).then(
        (data) => tileFault(data, right, level, n),
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      if (wrong) findings.add(placeIn(log, file), wrong);
      if (right.length === TILE_WIDTH) above.push(rootOf(right));
    }
    row = above;
    await findings.step();
  }
  return expected;
}

function tileFault(data: Uint8Array, right: readonly Hash[], level: number, n: number): string | undefined {
  const i = right.findIndex((hash, at) => !sameHash(data.subarray(32 * at, 32 * at + 32), hash));
  if (i >= 0) {
    const entry = (n * TILE_WIDTH + i) * TILE_WIDTH ** level;
    return `hash ${i} of tile ${n} of level ${level} is not what the entries give (entry ${entry})`;
  }
  return data.length === 32 * right.length
    ? undefined
    : `it holds ${data.length} bytes, expected ${32 * right.length}`;
}
