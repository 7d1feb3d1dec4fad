import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Hash, sameHash } from '../proof/merkle.ts';
import {
  fromBase64,
  type NoteCheck,
  openCheckpoint,
  parseVerifierKey,
  toBase64,
  toHex,
  type VerifierKey,
} from '../proof/note.ts';
import { type Findings, need, type Place } from './findings.ts';
import { type PackLog, placeIn, rootsAt, wholeRoot } from './log.ts';
import { asObject, asText, asTexts, asWhole, exactly, type Json, lineObject } from './reading.ts';
import type { PackFiles } from './zip.ts';

/** A witness's key (C2SP tlog-cosignature v1, type 0x04). */
interface WitnessKey extends VerifierKey {
  fromPack: boolean;
}

/** Who cosigned the newest checkpoint, when by their own clock, and whether the pack itself named that witness. */
export interface Cosigned {
  name: string;
  at: string;
  fromPack: boolean;
}

/** What the signatures say. */
export interface Signed {
  /** Keys of the log, past ones too. */
  keys: ReadonlyMap<string, VerifierKey>;
  cosigned: Cosigned[];
  /** Texts of the checkpoints by size: what a time stamp may be over. */
  texts: Map<number, string[]>;
  /** Former logs of which the end is lost; `pinned` when the next log says what is left. */
  lost: { number: number; entries: number; pinned: boolean }[];
  /** Former logs that ended because their key was lost; how many entries of the next one had waited, and since when. */
  keyLost: { number: number; waited: number; since: string | undefined }[];
}

/** Keys that the reader gave: those of the log and those of witnesses. Fails with a sentence on a line that is no key. */
export function readGivenKeys(text: string): { log: string[]; witnesses: string[] } {
  const given: { log: string[]; witnesses: string[] } = { log: [], witnesses: [] };
  for (const line of text.split('\n').map((l) => l.trim())) {
    if (line === '') continue;
    if (parseVerifierKey(line)) given.log.push(line);
    else if (parseWitnessKey(line, false)) given.witnesses.push(line);
    else throw new Error(`This is not a key: ${line.slice(0, 80)}. A key reads name+8 hex digits+base64.`);
  }
  return given;
}

function parseWitnessKey(text: string, fromPack: boolean): WitnessKey | undefined {
  const parts = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim());
  const key = parts && fromBase64(parts[3]!);
  if (!parts || key?.length !== 33 || key[0] !== 4) return undefined;
  const label = new TextEncoder().encode(`${parts[1]}\n`);
  const id = sha256(Uint8Array.from([...label, ...key])).slice(0, 4);
  return toHex(id) === parts[2] ? { name: parts[1]!, id, publicKey: key.slice(1), fromPack } : undefined;
}

interface Older {
  place: Place;
  note: string;
  size: number;
}

/** Signatures of the newest checkpoint and of all others, through the chain of keys, and of the logs before. */
export async function checkKeys(
  files: PackFiles,
  manifest: Json,
  logs: readonly PackLog[],
  given: { log: string[]; witnesses: string[] },
  findings: Findings,
): Promise<Signed> {
  const log = logs.at(-1)!;
  const place = { file: 'log/checkpoint' };
  const keys = new Map<string, VerifierKey>();
  const signed: Signed = { keys, cosigned: [], texts: new Map(), lost: [], keyLost: [] };
  const own = asTexts(manifest.vkeys, '"vkeys"');
  await findings.attempt({ file: 'log/vkey' }, async () => {
    const named = (await files.text('log/vkey')).replace(/\n$/, '');
    need(own.includes(named), 'the key is none of those in pack.json');
  });
  const newest = await files.text('log/checkpoint');
  const older = await readOlder(files, log, findings);
  const roots = rootsAt(log.hashes, new Set([log.size, ...older.map((o) => o.size)]));
  for (const vkey of given.log.length > 0 ? given.log : own) trust(keys, vkey, log);
  // A key is believed when a key that is believed signed the entry that names it.
  for (let before = -1; before !== keys.size; ) {
    before = keys.size;
    for (const { note, size } of [...older, { note: newest, size: log.size }]) {
      const text = opened(note, keys);
      if (typeof text === 'string' || !sameRoot(text, size, roots)) continue;
      for (const { index, vkey } of log.keys) if (index > 0 && index < size) trust(keys, vkey, log);
    }
  }
  await findings.attempt(place, () => {
    const head = opened(newest, keys);
    need(typeof head !== 'string', typeof head === 'string' ? head : '');
    need(head.origin === log.origin, `it is of the log "${head.origin}", expected "${log.origin}"`);
  });
  keepText(signed, log.size, newest);
  await checkWitnesses(files, newest, given.witnesses, signed, findings);
  // Keys from before the one given are not trusted for themselves: what they signed must be the beginning of what is.
  await findings.attempt(place, () => {
    for (const { vkey } of log.keys) trust(keys, vkey, log);
  });
  for (const o of older) {
    await findings.step();
    await findings.attempt(o.place, () => {
      const head = opened(o.note, keys);
      need(typeof head !== 'string', typeof head === 'string' ? head : '');
      need(head.origin === log.origin, `the checkpoint is of the log "${head.origin}"`);
      need(head.size === o.size, `the line says ${o.size} entries, its checkpoint ${head.size}`);
      need(
        sameRoot(head, o.size, roots),
        `the first ${o.size} entries give another root: it signs another history`,
      );
      keepText(signed, o.size, o.note);
    });
  }
  const first = logs[0]!;
  if (first.previous !== undefined)
    findings.add(
      placeIn(first, `${first.at}checkpoint`, 0),
      'the first log continues one that is not in the pack',
    );
  if (first.lostKey !== undefined)
    findings.add(
      placeIn(first, `${first.at}checkpoint`),
      'the log says that a key of the log before it was lost, and none is before it',
    );
  for (const [i, former] of logs.slice(0, -1).entries())
    await findings.attempt(placeIn(former, `${former.at}checkpoint`), async () =>
      checkFormer(former, logs[i + 1]!, await files.text(`${former.at}checkpoint`), signed),
    );
  return signed;
}

function trust(keys: Map<string, VerifierKey>, vkey: string, log: PackLog): void {
  if (keys.has(vkey.trim())) return;
  const key = parseVerifierKey(vkey);
  need(key !== undefined, `the key ${vkey.slice(0, 80)} cannot be read`);
  need(key.name === log.origin, `the key is of the log "${key.name}", this pack is of "${log.origin}"`);
  keys.set(vkey.trim(), key);
}

/** The checkpoint when one of the keys signed it and none that signed fails; else why not. */
export function opened(note: string, keys: ReadonlyMap<string, VerifierKey>) {
  let why = 'there is no key to check the signature with';
  for (const key of keys.values()) {
    const check = once(note, key);
    if (check.ok) return check.checkpoint;
    why = check.problem;
  }
  return why;
}

/** Checking a signature takes a millisecond, and the chain of keys asks for the same one again. */
const CHECKED = new WeakMap<VerifierKey, Map<string, NoteCheck>>();
function once(note: string, key: VerifierKey): NoteCheck {
  const known = CHECKED.get(key) ?? new Map<string, NoteCheck>();
  CHECKED.set(key, known);
  const check = known.get(note) ?? openCheckpoint(note, key);
  known.set(note, check);
  return check;
}

const sameRoot = (head: { size: number; root: Hash }, size: number, roots: Map<number, Hash>): boolean =>
  head.size === size && roots.has(size) && sameHash(head.root, roots.get(size)!);

export function keepText(signed: Signed, size: number, note: string): void {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  signed.texts.set(size, [...(signed.texts.get(size) ?? []), text]);
}

async function readOlder(files: PackFiles, log: PackLog, findings: Findings): Promise<Older[]> {
  const file = 'log/checkpoints.jsonl';
  const older: Older[] = [];
  await findings.attempt({ file }, async () => {
    let line = 0;
    for await (const bytes of files.lines(file)) {
      const place = { file, line: ++line };
      await findings.attempt(place, () => {
        const said = exactly(lineObject(bytes), 'size note at', 'the line');
        const size = asWhole(said.size, '"size"');
        need(
          older.length < 1000 && size > (older.at(-1)?.size ?? -1) && size <= log.size,
          `checkpoints must ascend up to ${log.size}, at most 1000 of them`,
        );
        asText(said.at, '"at"');
        older.push({ place, note: asText(said.note, '"note"'), size });
      });
    }
  });
  return older;
}

/** Cosignatures: those of witnesses the reader trusts must be there; those of witnesses the pack names must hold. */
async function checkWitnesses(
  files: PackFiles,
  note: string,
  given: readonly string[],
  signed: Signed,
  findings: Findings,
): Promise<void> {
  const named: string[] = [];
  await findings.attempt({ file: 'log/policy' }, async () => {
    for (const line of (await files.text('log/policy')).split('\n')) {
      const [word, , vkey] = line.trim().split(/\s+/);
      if (word === 'witness') named.push(vkey ?? '');
    }
  });
  for (const vkey of new Set([...given, ...named])) {
    const fromPack = !given.includes(vkey);
    await findings.attempt({ file: fromPack ? 'log/policy' : 'log/checkpoint' }, () => {
      const key = parseWitnessKey(vkey, fromPack);
      need(key !== undefined, `the key of a witness cannot be read: ${vkey.slice(0, 80)}`);
      const at = cosignedAt(note, key);
      if (at !== undefined) signed.cosigned.push({ name: key.name, at, fromPack });
      need(fromPack || at !== undefined, `the witness ${key.name} did not cosign the checkpoint`);
    });
  }
}

function cosignedAt(note: string, key: WitnessKey): string | undefined {
  const cut = note.lastIndexOf('\n\n');
  const text = note.slice(0, cut + 1);
  for (const line of note.slice(cut + 2).split('\n')) {
    const [dash, name, base64] = line.split(' ');
    const bytes = base64 === undefined ? undefined : fromBase64(base64);
    if (dash !== '—' || name !== key.name || !bytes || toHex(bytes.slice(0, 4)) !== toHex(key.id)) continue;
    need(bytes.length === 76, `the cosignature of ${key.name} has a wrong length`);
    const time = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(4));
    const message = new TextEncoder().encode(`cosignature/v1\ntime ${time}\n${text}`);
    need(
      holds(bytes.slice(12), message, key.publicKey),
      `the cosignature of ${key.name} does not fit the checkpoint`,
    );
    return new Date(Math.min(time, 8.64e12) * 1000).toISOString();
  }
  return undefined;
}

function holds(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

/**
 * The next log names the head of the one before, or what is left of it; nothing stands beyond that. Its keys are those its own entries name:
 * what pack.json says of them is nobody's word.
 */
function checkFormer(former: PackLog, next: PackLog, note: string, signed: Signed): void {
  const said = asObject(next.previous, `log ${next.number} continues no log: "previous" of its first entry`);
  need(said.origin === former.origin, `log ${next.number} continues "${String(said.origin)}", not this one`);
  const size = asWhole(said.size, 'the size in "previous"');
  const root = toBase64(wholeRoot(former.hashes));
  need(
    former.size <= size,
    `it holds ${former.size} entries, log ${next.number} continues ${size}: those beyond were added later`,
  );
  if (former.size === size)
    need(
      said.root === root,
      `log ${next.number} continues another log of ${size} entries: its root is ${String(said.root)}`,
    );
  checkLeft(former, next, said, root);
  const named = keysNamedIn(former);
  need(
    next.lostKey === undefined || named.has(next.lostKey),
    `log ${next.number} says that its key was lost, and names one that is none of it`,
  );
  const head = opened(note, named);
  need(typeof head !== 'string', typeof head === 'string' ? head : '');
  need(head.origin === former.origin, `it is of the log "${head.origin}", expected "${former.origin}"`);
  if (next.lostKey !== undefined)
    signed.keyLost.push({ number: former.number, waited: next.waited, since: next.waitedSince });
  if (former.size < size)
    signed.lost.push({
      number: former.number,
      entries: size - former.size,
      pinned: said.left !== undefined,
    });
}

function checkLeft(former: PackLog, next: PackLog, said: Json, root: string): void {
  if (said.left === undefined) return;
  const left = exactly(said.left, 'size root', '"left" in "previous"');
  need(
    left.size === former.size && left.root === root,
    `its ${former.size} entries are not the ${String(left.size)} that log ${next.number} says are left of ${String(said.size)}: they were changed since`,
  );
}

/** Keys that the entries of a log name for it. */
export function keysNamedIn(log: PackLog): Map<string, VerifierKey> {
  const keys = new Map<string, VerifierKey>();
  // These vouch for nothing: what they signed must be what the next log names.
  if (!log.keys.some((k) => k.index === 0)) for (const vkey of log.told) trust(keys, vkey, log);
  for (const { vkey } of log.keys) trust(keys, vkey, log);
  return keys;
}
