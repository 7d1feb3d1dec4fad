import { createHash, createPrivateKey } from 'node:crypto';
import { signCheckpoint } from '../checkpoint.ts';
import { commit, GROUPS, type Group } from '../commitment.ts';
import { type Commitments, encodeEntry, entryDigest, type LedgerEntry, type RecordEntry } from '../entry.ts';
import { type Signer, signerFromKey, vkeyFromKey } from '../keys.ts';
import { leafHash } from '../merkle.ts';
import { formatProof } from '../proof.ts';
import { inclusionProof } from '../tree.ts';
import { TileTable } from './reference-tree.ts';

/** A small log with known keys, salts and values, the same in every run. For tests only. */

export const ORIGIN = 'aims.example.com/acme/log1';

function keyNumber(n: number) {
  const seed = createHash('sha256').update(`key ${n}`).digest();
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** Signer and vkey number `n` under a name. */
export function keyPair(n: number, name: string = ORIGIN): { signer: Signer; vkey: string } {
  return { signer: signerFromKey(name, keyNumber(n)), vkey: vkeyFromKey(name, keyNumber(n)) };
}

export const LOG_KEY = keyPair(1);

/** The salt of a group of an entry. */
export function sampleSalt(entry: number, group: Group): Buffer {
  return createHash('sha256').update(`salt ${entry} ${group}`).digest();
}

/** The value of a group of an entry. */
export function sampleValue(entry: number, group: Group): unknown {
  return { group, entry, name: 'Zoë 中', score: 0.1 + 0.2, list: [true, null, 'a "quoted" text'] };
}

const uuid = (n: number) => `0190f3a2-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** Entries of three records, edited in turn, after an opening entry. */
export function sampleEntries(count: number): Buffer[] {
  const open: LedgerEntry = {
    v: 1,
    type: 'log',
    at: '2026-03-01T08:00:00.000Z',
    act: 'open',
    origin: ORIGIN,
    vkey: LOG_KEY.vkey,
  };
  const entries = [encodeEntry(open)];
  for (let i = 1; i < count; i++) {
    const before = i > 3 ? entries[i - 3] : undefined;
    entries.push(encodeEntry(recordEntry(i, before)));
  }
  return entries;
}

/** Entry `i`; `before` is the entry of the record's version before. */
export function recordEntry(i: number, before?: Buffer): RecordEntry {
  const version = Math.ceil(i / 3);
  const groups = i % 2 === 0 ? GROUPS : (['values', 'people', 'actor'] as const);
  const c: Commitments = Object.fromEntries(
    groups.map((g) => [g, commit(g, sampleValue(i, g), sampleSalt(i, g))]),
  );
  return {
    v: 1,
    type: 'record',
    at: `2026-03-01T09:00:00.${String(i % 1000).padStart(3, '0')}Z`,
    register: 'aiSystem',
    id: uuid(i % 3),
    number: 1 + (i % 3),
    version,
    act: before === undefined ? 'create' : 'edit',
    state: 'draft',
    ...(before === undefined ? {} : { prev: entryDigest(before) }),
    c,
  };
}

/** A signed log over entries, and the proof file of each. */
export function signedLog(entries: readonly Buffer[], signers: readonly Signer[] = [LOG_KEY.signer]) {
  const table = new TileTable();
  const root = table.append(0, entries.map(leafHash));
  const size = entries.length;
  const checkpoint = signCheckpoint({ origin: ORIGIN, size, root }, signers);
  const proof = (index: number) =>
    formatProof({ index, hashes: inclusionProof(index, size, table), checkpoint });
  return { checkpoint, proof, root };
}
