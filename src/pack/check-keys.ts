import { Failure } from '../base/failure.ts';
import { openCheckpoint, parseCheckpoint } from '../ledger/checkpoint.ts';
import { type Cosignature, cosignaturesOf, type WitnessKey, witnessFromVkey } from '../ledger/cosignature.ts';
import { KeyChain } from '../ledger/key-chain.ts';
import { verifierFromVkey } from '../ledger/keys.ts';
import { meetsPolicy, type PolicyVerdict } from '../ledger/meets-policy.ts';
import { openNote, parseNote } from '../ledger/note.ts';
import { parsePolicy } from '../ledger/policy.ts';
import type { CheckedLog } from './check-log.ts';
import { PACK_FILES, type PackCheckpoint, type PackManifest } from './format.ts';
import { hasExactly, isObject, jsonLine } from './json-line.ts';
import type { Place, Problems } from './problems.ts';
import { FileFault, type PackZip } from './zip-read.ts';

/** Whose signature lines may stand under a checkpoint of the pack: keys of its log, past ones too, and witnesses. */
export interface Signers {
  known: readonly string[];
  witnesses: readonly WitnessKey[];
}

/** What signatures say of the pack. */
export interface KeysChecked extends Signers {
  /** The newest checkpoint as it lies in the pack; '' when it cannot be read. */
  note: string;
  /** Keys that are believed, the one given or claimed first. */
  trusted: string[];
  /** Note texts of all checkpoints that hold, by size: what a time stamp may be over. */
  texts: Map<number, string>;
  /** Witnesses named in the pack itself that cosigned the newest checkpoint. */
  cosignedBy: Cosignature[];
  /** The caller's own policy, when there is one. */
  policy?: PolicyVerdict;
}

const MAX_CHECKPOINTS = 1000;

/** Signatures of the newest checkpoint and of all others in the pack, through the chain of keys. */
export async function checkKeys(
  zip: PackZip,
  manifest: PackManifest,
  log: CheckedLog,
  o: { vkey?: string; policy?: string },
  problems: Problems,
): Promise<KeysChecked> {
  const place = { file: PACK_FILES.checkpoint };
  const note = await text(zip, PACK_FILES.checkpoint);
  const own = /^([^\n]+)\n$/.exec((await text(zip, PACK_FILES.vkey)) ?? '')?.[1];
  if (own === undefined || !manifest.vkeys.includes(own))
    problems.add(
      'checkpoint',
      { file: PACK_FILES.vkey },
      'this key is not one of those pack.json names for the log',
    );
  const others = await readCheckpoints(zip, log.tree.size, problems);
  const rootAt = (size: number) => (size <= log.tree.size ? log.tree.root(size) : undefined);
  const chain = new KeyChain();
  trustGiven(chain, o.vkey === undefined ? manifest.vkeys : [o.vkey], log, problems);
  for (const { index, vkey } of log.rotations) chain.sawRotation(index, vkey);
  for (const { note: older } of others) chain.acceptCheckpoint(older, rootAt);
  if (note !== undefined) chain.acceptCheckpoint(note, rootAt);
  const trusted = chain.trusted.map((key) => key.vkey);
  // Keys from before the trusted one: their signatures are compared too, and what they signed must be the beginning of what is trusted.
  const known = [...new Set([...trusted, ...keysNamedIn(log)])];
  if (own !== undefined && !trusted.includes(own))
    problems.add('checkpoint', { file: PACK_FILES.vkey }, 'the key you trust does not lead to this key');
  for (const vkey of manifest.vkeys)
    if (!isKeyOf(vkey, log.origin))
      problems.add(
        'checkpoint',
        { file: PACK_FILES.manifest },
        'vkeys in pack.json names a key that is none of this log',
      );
  const witnesses = await readPolicy(zip, known, problems);
  const signers = { known, witnesses };
  const checked: KeysChecked = { ...signers, note: note ?? '', trusted, texts: new Map(), cosignedBy: [] };
  if (note !== undefined) {
    open(note, trusted, log, place, problems, checked);
    if (own !== undefined && trusted.includes(own)) open(note, [own], log, place, problems, checked);
    checked.cosignedBy = checkLines(note, signers, place, problems);
    if (o.policy !== undefined) {
      checked.policy = meetsPolicy(note, parsePolicy(o.policy), trusted);
      if (!checked.policy.ok) problems.add('checkpoint', place, `your policy: ${checked.policy.problem}`);
    }
  }
  let good = -1;
  let bad = Number.POSITIVE_INFINITY;
  for (const [i, { note: older, size }] of others.entries()) {
    if (size < 0) continue;
    const line = { file: PACK_FILES.checkpoints, line: i + 1 };
    const holds = open(older, known, log, line, problems, checked);
    if (holds !== 'refused') checkLines(older, signers, line, problems);
    if (holds === 'forked') bad = Math.min(bad, size);
    else if (holds === 'holds') good = Math.max(good, size);
  }
  if (!log.sound && bad < Number.POSITIVE_INFINITY && good < bad)
    problems.add(
      'log',
      { entry: Math.max(good, 0) },
      `the first wrong entry is one of ${Math.max(good, 0)} to ${bad - 1}: earlier checkpoints agree up to there, and no longer after`,
    );
  return checked;
}

/**
 * Keys that the entries of a log name for it, oldest first. What `pack.json` says beside it is nobody's word; it stands in only where the first entry
 * names no key, which vouches for nothing: what such a key signed must be what the next log names.
 */
export const keysNamedIn = (log: CheckedLog): string[] =>
  [...(log.firstKey === undefined ? log.told : [log.firstKey]), ...log.rotations.map((r) => r.vkey)].filter(
    (vkey) => isKeyOf(vkey, log.origin),
  );

function isKeyOf(vkey: string, origin: string): boolean {
  try {
    return verifierFromVkey(vkey).name === origin;
  } catch {
    return false;
  }
}

function trustGiven(chain: KeyChain, keys: string[], log: CheckedLog, problems: Problems): void {
  for (const vkey of keys) {
    try {
      if (verifierFromVkey(vkey).name !== log.origin)
        throw new Failure('INVALID', `the key is not of the log ${JSON.stringify(log.origin.slice(0, 200))}`);
      chain.trust(vkey);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.add('checkpoint', { file: PACK_FILES.manifest }, error.message);
    }
  }
}

/** Opens one checkpoint: signature, origin, and the root that the entries give for its size. */
function open(
  note: string,
  keys: string[],
  log: CheckedLog,
  place: Place,
  problems: Problems,
  checked: KeysChecked,
): 'holds' | 'forked' | 'refused' {
  try {
    const head = openCheckpoint(note, keys.map(verifierFromVkey), log.origin);
    if (head.size > log.tree.size)
      throw new Failure(
        'INVALID',
        `the checkpoint signs ${head.size} entries, the pack holds ${log.tree.size}`,
      );
    if (!log.tree.root(head.size).equals(head.root)) {
      if (place.file !== PACK_FILES.checkpoint)
        problems.add(
          'checkpoint',
          place,
          `the first ${head.size} entries do not give the root this checkpoint signs`,
        );
      return 'forked';
    }
    checked.texts.set(head.size, note.slice(0, note.lastIndexOf('\n\n') + 1));
    return 'holds';
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    problems.add('checkpoint', place, error.message);
    return 'refused';
  }
}

/** Witnesses that the pack itself names, past ones too. */
async function readPolicy(zip: PackZip, known: string[], problems: Problems): Promise<WitnessKey[]> {
  const place = { file: PACK_FILES.policy };
  try {
    const policy = parsePolicy((await text(zip, PACK_FILES.policy)) ?? '');
    for (const { vkey } of policy.logs)
      if (!known.includes(vkey))
        problems.add('checkpoint', place, 'the policy names a key that is none of this log');
    return policy.witnesses.map((w) => witnessFromVkey(w.vkey));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    problems.add('checkpoint', place, error.message);
    return [];
  }
}

/** Every signature line of a checkpoint in a pack must be of a key the pack names, and hold: one that says nothing was damaged. */
export function checkLines(
  note: string,
  { known, witnesses }: Signers,
  place: Place,
  problems: Problems,
): Cosignature[] {
  try {
    const keys = known.map(verifierFromVkey);
    const all = [...keys, ...witnesses];
    for (const [i, line] of parseNote(note).signatures.entries())
      if (!all.some((key) => key.name === line.name && key.keyId === line.keyId))
        problems.add(
          'checkpoint',
          place,
          `signature line ${i + 1} is of no key of the log and of no witness that the pack names`,
        );
    openNote(note, keys);
    return cosignaturesOf(note, witnesses);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    problems.add('checkpoint', place, error.message);
    return [];
  }
}

async function readCheckpoints(zip: PackZip, size: number, problems: Problems): Promise<PackCheckpoint[]> {
  const found: PackCheckpoint[] = [];
  let before = -1;
  try {
    for await (const { line, bytes } of zip.lines(PACK_FILES.checkpoints)) {
      const place = { file: PACK_FILES.checkpoints, line };
      const { value, problem } = jsonLine(bytes);
      const one = value as Partial<PackCheckpoint>;
      let fault = problem;
      if (!fault && !isCheckpoint(value)) fault = 'the line must hold size, note and at';
      if (!fault && sizeOf(one.note!) !== one.size) fault = `the note is not of ${String(one.size)} entries`;
      if (!fault && !(one.size! > before && one.size! <= size && found.length < MAX_CHECKPOINTS))
        fault = `checkpoints must ascend up to ${size}, at most ${MAX_CHECKPOINTS} of them`;
      if (!fault) before = one.size!;
      // A line that cannot be read keeps its place, so that the lines after it are named rightly.
      if (fault) problems.add('checkpoint', place, fault);
      if (found.length < MAX_CHECKPOINTS)
        found.push(fault ? { size: -1, note: '', at: '' } : (one as PackCheckpoint));
    }
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    problems.add('checkpoint', { file: PACK_FILES.checkpoints }, error.message);
  }
  return found;
}

const isCheckpoint = (value: unknown): boolean =>
  isObject(value) &&
  hasExactly(value, ['size', 'note', 'at']) &&
  typeof value.note === 'string' &&
  typeof value.at === 'string';

function sizeOf(note: string): number | undefined {
  try {
    const end = note.lastIndexOf('\n\n');
    return parseCheckpoint(note.slice(0, end + 1)).size;
  } catch {
    return undefined;
  }
}

async function text(zip: PackZip, name: string): Promise<string | undefined> {
  try {
    return (await zip.bytes(name)).toString('utf8');
  } catch (error) {
    if (error instanceof FileFault) return undefined;
    throw error;
  }
}
