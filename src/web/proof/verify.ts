import { checkConsistency, checkInclusion, leafHash, sameHash } from './merkle.ts';
import { type Checkpoint, fromBase64, openCheckpoint, parseVerifierKey, toHex } from './note.ts';
import { type FetchTile, TileReader } from './tiles.ts';

/** One step of a check, told as it happens. `failed` ends the check. */
export interface Step {
  id: string;
  title: string;
  status: 'passed' | 'failed' | 'skipped';
  detail: string;
}

/** A checkpoint that was seen before, as it is kept in the browser. */
export interface Seen {
  size: number;
  root: string;
}

export interface VerifyInput {
  checkpoint: string;
  vkey: string;
  fetchTile: FetchTile;
  /** Place of the entry to prove; none checks the log alone. */
  index?: number;
  /** Further checks on the proven entry; the first that fails ends them. */
  examine?: (entry: Uint8Array) => Promise<Step[]>;
  /** The checkpoint this browser saw last; the log must only have grown since. */
  seen?: Seen;
  /** Rebuild the root from all entries when there are no more than this many. */
  rebuildUpTo?: number;
}

export interface Verified {
  ok: boolean;
  steps: Step[];
  checkpoint?: Checkpoint;
  /** Text of the proven entry. */
  entry?: string;
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Checks a log in the browser: signature, growth since the last visit, one entry, and for small logs every entry.
 * Trusts the verifier key and nothing else that the server says. A failed check is an answer, not an exception.
 */
export async function verifyLog(
  input: VerifyInput,
  told: (step: Step) => void = () => {},
): Promise<Verified> {
  const steps: Step[] = [];
  const say = (id: string, title: string, status: Step['status'], detail: string): boolean => {
    const step = { id, title, status, detail };
    steps.push(step);
    told(step);
    return status !== 'failed';
  };
  const key = parseVerifierKey(input.vkey);
  const keyTitle = 'The verifier key can be read';
  if (!key) {
    say('key', keyTitle, 'failed', 'It is not an Ed25519 key whose id fits its name.');
    return { ok: false, steps };
  }
  say('key', keyTitle, 'passed', `${key.name}, key id ${toHex(key.id)}`);
  const opened = openCheckpoint(input.checkpoint, key);
  if (!opened.ok) {
    say('signature', 'The checkpoint is signed by that key', 'failed', `${opened.problem}.`);
    return { ok: false, steps };
  }
  const { checkpoint } = opened;
  say(
    'signature',
    'The checkpoint is signed by that key',
    'passed',
    `${checkpoint.size} entries, root ${checkpoint.rootText}`,
  );
  const reader = new TileReader(input.fetchTile, checkpoint.size);
  let entry: string | undefined;
  let ok = await growth(checkpoint, reader, input.seen, say);
  if (ok && input.index !== undefined) {
    const proven = await inclusion(checkpoint, reader, input.index, input.examine, say);
    ok = proven.ok;
    entry = proven.entry;
  }
  if (ok && input.rebuildUpTo !== undefined) ok = await rebuilt(checkpoint, reader, input.rebuildUpTo, say);
  return { ok, steps, checkpoint, entry };
}

type Say = (id: string, title: string, status: Step['status'], detail: string) => boolean;

async function growth(
  now: Checkpoint,
  reader: TileReader,
  seen: Seen | undefined,
  say: Say,
): Promise<boolean> {
  const title = 'The log only grew since this browser last saw it';
  if (!seen) return say('growth', title, 'skipped', 'First visit: this checkpoint is kept for the next one.');
  const root = fromBase64(seen.root);
  if (!root || seen.size === 0) return say('growth', title, 'skipped', 'The log was empty then.');
  if (seen.size > now.size)
    return say('growth', title, 'failed', `It had ${seen.size} entries then and has ${now.size} now.`);
  try {
    const proof = await reader.consistency(seen.size);
    const good = checkConsistency(seen.size, now.size, root, now.root, proof);
    const detail = good
      ? `The first ${seen.size} entries are unchanged (${proof.length} hashes).`
      : `The first ${seen.size} entries are not the ones this browser saw: history was rewritten.`;
    return say('growth', title, good ? 'passed' : 'failed', detail);
  } catch (error) {
    return say('growth', title, 'failed', `${sentence(error)}.`);
  }
}

async function inclusion(
  now: Checkpoint,
  reader: TileReader,
  index: number,
  examine: VerifyInput['examine'],
  say: Say,
): Promise<{ ok: boolean; entry?: string }> {
  const title = `Entry ${index} is in the log`;
  if (!(index >= 0 && index < now.size))
    return {
      ok: say('inclusion', title, 'failed', `The signed checkpoint covers ${now.size} entries only.`),
    };
  try {
    const bytes = await reader.entry(index);
    const path = await reader.inclusion(index);
    const good = checkInclusion(index, now.size, leafHash(bytes), path, now.root);
    const detail = good
      ? `Its hash and ${path.length} hashes of the tree lead to the signed root.`
      : 'Its hash does not lead to the signed root: entry or tree were altered.';
    if (!say('inclusion', title, good ? 'passed' : 'failed', detail)) return { ok: false };
    const entry = new TextDecoder().decode(bytes);
    for (const step of (await examine?.(bytes)) ?? []) {
      if (!say(step.id, step.title, step.status, step.detail)) return { ok: false, entry };
    }
    return { ok: true, entry };
  } catch (error) {
    return { ok: say('inclusion', title, 'failed', `${sentence(error)}.`) };
  }
}

async function rebuilt(now: Checkpoint, reader: TileReader, limit: number, say: Say): Promise<boolean> {
  const title = 'All entries together give the signed root';
  if (now.size > limit)
    return say(
      'rebuild',
      title,
      'skipped',
      `${now.size} entries are more than the ${limit} that are read here.`,
    );
  try {
    const root = await reader.rebuild(() => {});
    const good = sameHash(root, now.root);
    const detail = good
      ? `${now.size} entries were read and hashed.`
      : 'The entries lead to a different root.';
    return say('rebuild', title, good ? 'passed' : 'failed', detail);
  } catch (error) {
    return say('rebuild', title, 'failed', `${sentence(error)}.`);
  }
}
