import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { zipSync } from 'fflate';
import { canonicalJson, sha256Hex } from '../../base/canonical.ts';
import { envelopeText, sign } from '../../gate/attestation.ts';
import { STATEMENT_TYPE, type Statement } from '../../gate/statement.ts';
import {
  bundlePath,
  commit,
  encodeBundle,
  encodeEntry,
  entryDigest,
  type Group,
  type LedgerEntry,
  leafHash,
  SnapshotTree,
  signCheckpoint,
  TILE_WIDTH,
  tilePath,
  tileWidth,
} from '../../ledger/index.ts';
import { keyPair, ORIGIN } from '../../ledger/testing/sample-log.ts';
import { PACK_FORMAT, type PackManifest, type PackRecord, type PackVersion } from '../format.ts';
import { TreeHashes } from '../tree-hashes.ts';

/** The files of a pack by path, `pack.json` among them. */
export type Files = Map<string, Buffer>;

export interface SampleOptions {
  /** Risks in the pack, beside one evidence record and one gate decision. */
  risks?: number;
  /** Versions of every risk. */
  versions?: number;
  /** The log's key is changed in between; checkpoints before and after are in the pack. */
  rotated?: boolean;
  /** The reason of one version was erased. */
  erased?: boolean;
  /** The state from before the erasure is shown; the log goes on after it. */
  early?: boolean;
  /** A snapshot entry after all records. */
  snapshot?: boolean;
  /** What is signed: the tree of the entries unless told. For logs that never were. */
  size?: number;
}

export const KEYS = { old: keyPair(1), next: keyPair(2), stranger: keyPair(9) };
const { privateKey: gate } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const GATE_PEM = createPublicKey(gate).export({ type: 'spki', format: 'pem' }).toString();
export const EVIDENCE = Buffer.from('{"results":[1,2,3],"tool":"sample"}\n'.repeat(20));

const uuid = (n: number) => `0190f3a2-0000-7000-8000-${String(n).padStart(12, '0')}`;
const at = (n: number) => new Date(Date.UTC(2027, 0, 1) + n * 1000).toISOString();
const saltOf = (name: string) => createHash('sha256').update(`salt ${name}`).digest();

interface Planned {
  record: PackRecord;
  version: PackVersion;
  entry: Buffer;
}

/** A pack as the product writes them, made without a database; the same in every run but for the gate's key. For tests only. */
export function samplePack(o: SampleOptions = {}): Files {
  const entries: Buffer[] = [];
  const records = new Map<string, PackRecord>();
  const planned: Planned[] = [];
  const log = (entry: Omit<Extract<LedgerEntry, { type: 'log' }>, 'v' | 'type' | 'at' | 'origin'>) =>
    entries.push(encodeEntry({ v: 1, type: 'log', at: at(entries.length), origin: ORIGIN, ...entry }));
  const version = (
    prefix: string,
    register: string,
    number: number,
    parts: Partial<Record<Group, unknown>>,
  ) => {
    const ref = `${prefix}-${String(number).padStart(4, '0')}`;
    const id = uuid(number * 10 + (prefix === 'RSK' ? 1 : prefix === 'EVD' ? 2 : 3));
    const record: PackRecord = records.get(ref) ?? { ref, id, register, number, present: null, versions: [] };
    records.set(ref, record);
    const before = planned.findLast((p) => p.record === record);
    const n = record.versions.length + 1;
    const salted = Object.entries({ ...parts, actor: { ref: 'PSN-0001', as: 'contributor' } }).map(
      ([group, value]) => ({ group, value, salt: saltOf(`${ref} ${n} ${group}`) }),
    );
    const act = n === 1 ? 'create' : n % 2 === 0 ? 'edit' : 'transition';
    const entry = encodeEntry({
      v: 1,
      type: 'record',
      at: at(entries.length),
      register,
      id,
      number,
      version: n,
      act,
      ...(act === 'transition' ? { transition: 'assess' } : {}),
      state: 'open',
      ...(before ? { prev: entryDigest(before.entry) } : {}),
      c: Object.fromEntries(salted.map((s) => [s.group, commit(s.group, s.value, s.salt)])),
    });
    const own: PackVersion = {
      version: n,
      log: 1,
      index: entries.length,
      at: at(entries.length),
      act,
      transition: act === 'transition' ? 'assess' : null,
      state: 'open',
      actor: 'PSN-0001',
      digest: entryDigest(entry),
      proof: [],
      parts: Object.fromEntries(
        salted.map((s) => [s.group, { salt: s.salt.toString('hex'), json: canonicalJson(s.value) }]),
      ),
      erased: [],
    };
    entries.push(entry);
    record.versions.push(own);
    planned.push({ record, version: own, entry });
    const values = { ...(parts.values as object), ...(parts.people as object), ...(parts.text as object) };
    const links = (parts.links ?? {}) as Record<string, string[]>;
    const title = String((parts.values as { title?: string }).title ?? ref);
    record.present = { version: n, state: 'open', title, values, derived: {}, links };
  };
  log({ act: 'open', vkey: KEYS.old.vkey });
  const sizes: number[] = [];
  for (let n = 1; n <= (o.versions ?? 2); n++) {
    for (let i = 1; i <= (o.risks ?? 5); i++)
      version('RSK', 'risk', i, {
        values: { title: `Risk ${i}`, likelihood: n, level: 0.5 },
        people: { owner: 'PSN-0001' },
        text: { description: `What can happen, ${n}. Zoë 中` },
        links: { systems: ['SYS-0001'] },
        ...(n > 1 ? { reason: 'looked at again' } : {}),
      });
    sizes.push(entries.length);
    if (n !== 1 || !o.rotated) continue;
    log({ act: 'note', about: 'key.rotate', vkey: KEYS.next.vkey });
    sizes.push(entries.length);
  }
  const sha256 = sha256Hex(EVIDENCE);
  version('EVD', 'evidence', 1, { values: { title: 'Run', file: `sha256:${sha256}`, fileName: 'run.json' } });
  const statement = envelopeText(sign(sampleStatement(), gate));
  version('GAT', 'gateDecision', 1, {
    values: { title: 'REL-0001: allow' },
    text: { attestation: statement },
  });
  const state = entries.length;
  if (o.erased) {
    const gone = planned.find((p) => p.version.parts.reason)!;
    log({
      act: 'note',
      about: 'erasure',
      entries: [gone.version.index],
      groups: ['reason'],
      basis: 'gdpr.17.1.a',
    });
    delete gone.version.parts.reason;
    gone.version.erased.push('reason');
  }
  if (o.snapshot) {
    const tree = new SnapshotTree();
    for (const p of planned)
      tree.set({ id: p.record.id, version: p.version.version, digest: p.version.digest });
    log({
      act: 'note',
      about: 'snapshot',
      snapshot: { records: tree.records, root: tree.root().toString('base64') },
    });
  }
  const tree = new TreeHashes(Buffer.concat(entries.map((e) => leafHash(e))));
  for (const p of planned) p.version.proof = tree.proof(p.version.index).map((h) => h.toString('base64'));
  const lastSigners = o.rotated ? [KEYS.next.signer] : [KEYS.old.signer];
  const note = (size: number, signers = lastSigners) =>
    signCheckpoint({ origin: ORIGIN, size, root: tree.root(size) }, signers);
  const files: Files = new Map();
  const text = (path: string, content: string) => files.set(path, Buffer.from(content));
  text('README.md', '# Sample\n');
  text('log/checkpoint', note(entries.length));
  text('log/vkey', `${o.rotated ? KEYS.next.vkey : KEYS.old.vkey}\n`);
  text('log/policy', `log ${o.rotated ? KEYS.next.vkey : KEYS.old.vkey}\nquorum none\n`);
  const older = (size: number, i: number) =>
    note(size, !o.rotated || i === 0 ? [KEYS.old.signer] : [KEYS.old.signer, KEYS.next.signer]);
  text(
    'log/checkpoints.jsonl',
    sizes.map((size, i) => `${JSON.stringify({ size, note: older(size, i), at: at(size) })}\n`).join(''),
  );
  if (o.early) {
    text('log/as-of', note(state));
    for (const record of records.values()) record.present = null;
  }
  addTiles(files, 'log/', entries, tree);
  for (const register of ['evidence', 'gateDecision', 'risk'])
    text(
      `records/${register}.jsonl`,
      [...records.values()]
        .filter((r) => r.register === register)
        .map((r) => `${JSON.stringify(r)}\n`)
        .join(''),
    );
  files.set(`evidence/${sha256}`, EVIDENCE);
  text(
    'evidence/index.jsonl',
    `${JSON.stringify({ sha256, bytes: EVIDENCE.length, fileName: 'run.json', ref: 'EVD-0001' })}\n`,
  );
  text('decisions/GAT-0001.dsse.json', statement);
  const manifest: Omit<PackManifest, 'files'> = {
    format: PACK_FORMAT,
    origin: ORIGIN,
    log: 1,
    organisation: 'acme',
    name: 'ACME',
    size: entries.length,
    root: tree.root().toString('base64'),
    asOf: o.early ? { log: 1, size: state, at: at(state) } : null,
    system: null,
    madeAt: at(100_000),
    vkeys: o.rotated ? [KEYS.next.vkey, KEYS.old.vkey] : [KEYS.old.vkey],
    gateKey: GATE_PEM,
    former: [],
  };
  return withManifest(files, manifest);
}

function sampleStatement(): Statement {
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: 'REL-0001', digest: { sha256: 'ab'.repeat(32) } }],
    predicateType: 'https://slsa.dev/verification_summary/v1',
    predicate: { verificationResult: 'PASSED' },
  } as unknown as Statement;
}

/** Writes entry bundles and all tiles of a log. */
export function addTiles(files: Files, folder: string, entries: readonly Buffer[], tree: TreeHashes): void {
  const size = entries.length;
  for (let level = 0; size / TILE_WIDTH ** level >= 1; level++)
    for (let index = 0; tileWidth(level, index, size) > 0; index++) {
      const width = tileWidth(level, index, size);
      const first = index * TILE_WIDTH;
      const hashes = Array.from({ length: width }, (_, i) => tree.node(8 * level, first + i));
      files.set(`${folder}${tilePath(level, index, width)}`, Buffer.concat(hashes));
      if (level === 0)
        files.set(`${folder}${bundlePath(index, width)}`, encodeBundle(entries.slice(first, first + width)));
    }
}

/** Sets `pack.json` with the hashes of the files as they are. */
export function withManifest(files: Files, manifest: Omit<PackManifest, 'files'>): Files {
  const hashes = Object.fromEntries(
    [...files].filter(([path]) => path !== 'pack.json').map(([path, bytes]) => [path, sha256Hex(bytes)]),
  );
  files.delete('pack.json');
  return files.set('pack.json', Buffer.from(`${JSON.stringify({ ...manifest, files: hashes }, null, 1)}\n`));
}

/** Sets the hashes in `pack.json` anew, as somebody would who changed other files. */
export function rehashed(files: Files): Files {
  const { files: _, ...manifest } = JSON.parse(files.get('pack.json')!.toString('utf8')) as PackManifest;
  return withManifest(new Map(files), manifest);
}

/** The ZIP of the files, stored unless `level` packs them. */
export const zipOf = (files: Files, level: 0 | 1 = 0): Buffer =>
  Buffer.from(zipSync(Object.fromEntries(files), { level, mtime: new Date(2027, 0, 1) }));
