import { createHash, type Hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openCheckpoint, parseCheckpoint, parseNote, verifierFromVkey } from '../../src/ledger/index.ts';
import type { TestInstance } from './instance.ts';

/** What was found to hold together. */
export interface WholeLog {
  number: number;
  size: number;
  checkpoints: number;
}

const sha256 = (...parts: Uint8Array[]): Buffer =>
  parts.reduce<Hash>((h, part) => h.update(part), createHash('sha256')).digest();

const node = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.of(1), left, right);

/** Roots of RFC 6962 over a growing list of leaves: complete subtrees, largest first. Shares no code with the product. */
class Frontier {
  private readonly peaks: { span: number; hash: Buffer }[] = [];

  add(leaf: Buffer): void {
    this.peaks.push({ span: 1, hash: leaf });
    for (;;) {
      const [a, b] = this.peaks.slice(-2);
      if (!a || !b || a.span !== b.span) return;
      this.peaks.splice(-2, 2, { span: a.span * 2, hash: node(a.hash, b.hash) });
    }
  }

  root(): Buffer {
    return this.peaks.length === 0
      ? sha256()
      : this.peaks.map((p) => p.hash).reduceRight((right, left) => node(left, right));
  }
}

/** All tiles over these leaf hashes, by `level/index`. */
function rebuiltTiles(leaves: readonly Buffer[]): Map<string, string> {
  const tiles = new Map<string, string>();
  for (let level = 0, row = leaves; row.length > 0; level++) {
    const above: Buffer[] = [];
    for (let from = 0; from < row.length; from += 256) {
      const part = row.slice(from, from + 256);
      tiles.set(`${level}/${from / 256}`, Buffer.concat(part).toString('hex'));
      if (part.length < 256) continue;
      const whole = new Frontier();
      for (const hash of part) whole.add(hash);
      above.push(whole.root());
    }
    row = above;
  }
  return tiles;
}

/**
 * Fails unless everything stored of the organisation's logs fits together: leaves without a gap, each hashed from its
 * entry; every version in exactly one leaf and every record's leaf of a version; every checkpoint signed by a key of its
 * log over the root of its first leaves (so that all are consistent with each other); tiles as a rebuild gives them; and
 * what was kept outside not ahead of the database. Reads the tables themselves and hashes anew.
 */
export async function expectWholeLog(t: TestInstance, organisation = t.organisation): Promise<WholeLog[]> {
  const id = organisation.id;
  // Read first: the log may go on growing meanwhile, what was kept outside may not have been ahead of it.
  const kept = keptOutside(t, organisation.slug);
  const rows = (text: string, ...more: unknown[]) => t.app.db.asOwner({ text, values: [id, ...more] });
  const [open] = await rows('select number, origin, size, root, checkpoint from log where organisation = $1');
  const former = await rows(
    'select number, origin, size, root, checkpoint from former_log where organisation = $1',
  );
  const found: WholeLog[] = [];
  for (const log of [...former, open!]) {
    const number = log.number as number;
    const leaves = await rows(
      'select index, entry, hash from leaf where organisation = $1 and log = $2 order by index',
      number,
    );
    expect(leaves.length, `leaves of log ${number}`).toBe(log.size);
    expect(leaves.findIndex((l, i) => l.index !== i)).toBe(-1);
    const hashes = leaves.map((l) => sha256(Buffer.of(0), l.entry as Buffer));
    expect(hashes.findIndex((h, i) => !h.equals(leaves[i]!.hash as Buffer))).toBe(-1);

    const keys = await rows('select vkey from log_key where organisation = $1 and log = $2', number);
    const verifiers = keys.map((k) => verifierFromVkey(k.vkey as string));
    const checkpoints = await rows(
      'select size, note, at from checkpoint where organisation = $1 and log = $2 order by size',
      number,
    );
    const frontier = new Frontier();
    let size = 0;
    let at = 0;
    for (const c of checkpoints) {
      expect(c.size, 'a checkpoint beyond the log').toBeLessThanOrEqual(leaves.length);
      while (size < (c.size as number)) frontier.add(hashes[size++]!);
      const opened = openCheckpoint(c.note as string, verifiers, log.origin as string);
      expect([opened.size, opened.root.toString('hex')], `checkpoint ${c.size} of log ${number}`).toEqual([
        size,
        frontier.root().toString('hex'),
      ]);
      expect((c.at as Date).getTime()).toBeGreaterThanOrEqual(at);
      at = (c.at as Date).getTime();
    }
    expect(size, 'leaves that no checkpoint covers').toBe(leaves.length);
    expect((log.root as Buffer).equals(frontier.root())).toBe(true);
    expect(log.checkpoint ?? undefined).toBe(checkpoints.at(-1)?.note);

    const tiles = await rows(
      'select level, index, hashes from tile where organisation = $1 and log = $2',
      number,
    );
    const wanted = rebuiltTiles(hashes);
    const differing = tiles.filter(
      (x) => wanted.get(`${x.level}/${x.index}`) !== (x.hashes as Buffer).toString('hex'),
    );
    expect([tiles.length, differing.map((x) => `${x.level}/${x.index}`)]).toEqual([wanted.size, []]);
    found.push({ number, size, checkpoints: checkpoints.length });
  }
  await expectEveryVersionOnce(rows);
  if (kept !== undefined) {
    const head = parseCheckpoint(parseNote(kept).text);
    const own = [...former, open!].find((l) => l.origin === head.origin);
    expect(head.size, 'what was kept outside is ahead').toBeLessThanOrEqual(own?.size as number);
    const same = await rows(
      'select from checkpoint where organisation = $1 and log = $2 and note = $3',
      own!.number,
      kept,
    );
    expect(same.length, 'what was kept outside is no checkpoint of the log').toBe(1);
  }
  return found;
}

/** The checkpoint kept outside the database, as a restart would find it. */
export function keptOutside(t: TestInstance, slug = t.organisation.slug): string | undefined {
  const file = join(t.dataDir, 'published', slug);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** A version's entry is in one leaf, or waits for its place: never in both, never in neither, never twice. */
async function expectEveryVersionOnce(
  rows: (text: string) => Promise<Record<string, unknown>[]>,
): Promise<void> {
  const wrong = await rows(
    `with placed as (
        select record_id, version, 'sha256:' || encode(sha256(entry), 'hex') as digest from leaf
          where organisation = $1 and record_id is not null
        union all
        select record_id, version, 'sha256:' || encode(sha256(entry), 'hex') from outbox
          where organisation = $1 and record_id is not null)
      select v.record_id as version_of, v.version, p.record_id as placed_of, count(*)::int as times
        from (select record_id, version, digest from version where organisation = $1) v
        full join placed p on p.record_id = v.record_id and p.version = v.version and p.digest = v.digest
        group by v.record_id, v.version, p.record_id
        having v.record_id is null or p.record_id is null or count(*) <> 1`,
  );
  expect(wrong).toEqual([]);
  const broken = await rows(
    `select r.ref from record r where r.organisation = $1 and (r.version <>
        (select count(*) from version v where v.organisation = $1 and v.record_id = r.id) or r.version <>
        (select max(version) from version v where v.organisation = $1 and v.record_id = r.id))`,
  );
  expect(broken).toEqual([]);
}
