import { sha256 } from '@noble/hashes/sha2.js';
import { type Hash, leafHash, nodeHash } from '../proof/merkle.ts';
import { toBase64, toHex } from '../proof/note.ts';
import { TILE_WIDTH, widthOf } from '../proof/tiles.ts';
import { type Findings, need } from './findings.ts';
import { type PackLog, pathOf, placeIn, wholeRoot } from './log.ts';
import { asList, asObject, asText, asTexts, asWhole, type Json, jsonObject, utf8 } from './reading.ts';

interface Newest {
  version: number;
  digest: string;
  register: string;
  number: number;
  /** Hash of the record's row in a snapshot. */
  row?: Hash;
}

/** What the logs of an organisation say of its records, oldest log first. */
export class Histories {
  readonly newest = new Map<string, Newest>();
  readonly #erased = new Set<string>();
  #exact = false;
  #nodes = new WeakMap<Hash, { right: Hash; node: Hash }>();

  wasErased(origin: string, index: number, group: string): boolean {
    return this.#erased.has(`${origin} ${index} ${group}`);
  }

  /** Reads the entries of one log in order. */
  async read(log: PackLog, findings: Findings): Promise<void> {
    if (this.#exact) log.exactFrom = 0;
    for (const [index, bytes] of log.entries.entries()) {
      await findings.step();
      if (bytes === undefined) continue;
      const bundle = Math.floor(index / TILE_WIDTH);
      const place = placeIn(log, pathOf(log, 'entries', bundle, widthOf(0, bundle, log.size)), index);
      await findings.attempt(place, () => this.#entry(log, index, bytes));
    }
  }

  #entry(log: PackLog, index: number, bytes: Uint8Array): void {
    const entry = jsonObject(utf8(bytes), 'the entry');
    need((entry.act === 'open') === (index === 0), 'entry 0, and no other, opens a log');
    if (entry.type === 'log') this.#logEntry(log, index, entry);
    else this.#recordEntry(log, index, bytes, entry);
  }

  #recordEntry(log: PackLog, index: number, bytes: Uint8Array, entry: Json): void {
    need(entry.type === 'record', 'it is neither about a record nor about the log');
    const id = asText(entry.id, '"id"');
    log.of[index] = id;
    const at = asText(entry.at, '"at"');
    if (log.openedAt !== undefined && at < log.openedAt) {
      log.waited += 1;
      if (log.waitedSince === undefined || at < log.waitedSince) log.waitedSince = at;
    }
    const now: Newest = {
      version: asWhole(entry.version, '"version"'),
      digest: `sha256:${toHex(sha256(bytes))}`,
      register: asText(entry.register, '"register"'),
      number: asWhole(entry.number, '"number"'),
    };
    const before = this.newest.get(id);
    this.newest.set(id, now);
    const what = `${now.register} number ${now.number}`;
    const next = (before?.version ?? 0) + 1;
    need(now.version === next, `it is version ${now.version} of ${what}, expected version ${next}`);
    need(
      entry.prev === before?.digest,
      `it does not name the entry of version ${next - 1} of ${what}: history was rewritten`,
    );
    need(
      !before || (before.register === now.register && before.number === now.number),
      `it continues ${before?.register} number ${before?.number} as ${what}`,
    );
  }

  #logEntry(log: PackLog, index: number, entry: Json): void {
    need(
      entry.origin === log.origin,
      `it speaks of the log "${String(entry.origin)}", not of "${log.origin}"`,
    );
    if (index === 0) {
      log.previous = entry.previous;
      log.openedAt = asText(entry.at, '"at"');
    }
    if (entry.about === 'key.lost') log.lostKey ??= asText(entry.vkey, '"vkey"');
    if (entry.vkey !== undefined && (index === 0 || entry.about === 'key.rotate'))
      log.keys.push({ index, vkey: asText(entry.vkey, '"vkey"') });
    if (entry.about === 'rows.entered') {
      log.exactFrom = Math.min(log.exactFrom, index);
      this.#exact = true;
    }
    if (entry.about === 'erasure' && entry.entries !== undefined) {
      const of = entry.of === undefined ? log.origin : asText(entry.of, '"of"');
      for (const at of asList(entry.entries, '"entries"'))
        for (const group of asTexts(entry.groups, '"groups"'))
          this.#erased.add(`${of} ${asWhole(at, 'an index in "entries"')} ${group}`);
    }
    if (entry.snapshot !== undefined) this.#snapshot(asObject(entry.snapshot, '"snapshot"'));
  }

  /** A snapshot is the root over the newest versions before it, one row for each record in the order of their ids. */
  #snapshot(said: Json): void {
    const rows: Hash[] = [];
    for (const id of [...this.newest.keys()].sort()) {
      const n = this.newest.get(id)!;
      n.row ??= leafHash(new TextEncoder().encode(JSON.stringify([id, n.version, n.digest])));
      rows.push(n.row);
    }
    const root = toBase64(rows.length === 0 ? wholeRoot(rows) : this.#over(rows, 0, rows.length));
    need(
      said.records === rows.length && said.root === root,
      `the snapshot is not of the newest versions before it: they are ${rows.length} records with root ${root}`,
    );
  }

  /** Root over rows lo to hi. Nodes are remembered: a log has a snapshot for every day, and little changes in one. */
  #over(rows: readonly Hash[], lo: number, hi: number): Hash {
    if (hi - lo === 1) return rows[lo]!;
    let half = 1;
    while (half * 2 < hi - lo) half *= 2;
    const left = this.#over(rows, lo, lo + half);
    const right = this.#over(rows, lo + half, hi);
    const known = this.#nodes.get(left);
    if (known?.right === right) return known.node;
    const node = nodeHash(left, right);
    this.#nodes.set(left, { right, node });
    return node;
  }
}
