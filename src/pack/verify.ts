import { verifierFromVkey } from '../ledger/keys.ts';
import { parsePolicy } from '../ledger/policy.ts';
import { checkAsOf } from './check-as-of.ts';
import { type AttachmentsChecked, checkAttachments } from './check-attachments.ts';
import { checkFormerLogs, type LostEnd, type LostKey } from './check-former.ts';
import { checkKeys } from './check-keys.ts';
import { type CheckedLog, checkLog, Histories } from './check-log.ts';
import { checkOlder, type KeptCheckpoint, type OlderChecked, readKept } from './check-older.ts';
import { checkRecords, type RecordsChecked, type RegisterKnowledge } from './check-records.ts';
import { checkTables } from './check-tables.ts';
import { formerPath, PACK_FILES, type PackManifest, recordsPath, shownOf } from './format.ts';
import { readManifest } from './manifest.ts';
import { isPackName } from './names.ts';
import { type PackProblem, Problems, STEPS, type Step } from './problems.ts';
import { FileFault, PackZip } from './zip-read.ts';

export interface VerifyOptions {
  /** The log's key, got from somewhere else than the pack. Without it the pack is only shown to agree with itself. */
  vkey?: string;
  /** The gate's public key (PEM), got from somewhere else. */
  gateKey?: string;
  /** Text of a tlog-policy file: which witnesses must have cosigned. */
  policy?: string;
  /** Checkpoints kept from before: the log in the pack must continue them. */
  older?: readonly KeptCheckpoint[];
  /** Notes of heads that were verified before, of any log; those beyond the pack are told, not refused. */
  seen?: readonly string[];
  /** For what no log commits to: prefixes of references, derived values. */
  registers?: RegisterKnowledge;
}

/** What a pack says of itself and what was found; believe it only when the verdict is `ok`. */
export interface PackFacts {
  origin: string;
  organisation: string;
  name: string;
  log: number;
  size: number;
  root: string;
  asOf: PackManifest['asOf'];
  system: string | null;
  madeAt: string;
  /** Earlier logs of which the end is lost, by number: the next one continues more entries than there are. */
  lost: LostEnd[];
  /** Earlier logs that ended because their key was lost. */
  keyLost: LostKey[];
  /** `pack`: the key came from the pack, which so only agrees with itself. */
  keyFrom: 'caller' | 'pack';
  gateKeyFrom: 'caller' | 'pack';
  /** Keys of the log that are trusted, through its rotations. */
  vkeys: string[];
  files: number;
  records: number;
  versions: number;
  erasedParts: number;
  notCompared: number;
  /** Versions whose rows are a little later than their entries, which is a known fault of 0.1.0; the first of them by name. */
  late: RecordsChecked['late'];
  evidence: number;
  decisions: number;
  stamps: AttachmentsChecked['stamps'];
  /** Kept checkpoints that the log continues. */
  older: OlderChecked['older'];
  seen: OlderChecked['seen'];
  /** The signed head, verbatim: to be kept for the next time. */
  checkpoint: string;
  /** Witnesses that cosigned: by the caller's policy when there is one, else by the one in the pack. */
  cosignedBy: { name: string; at: string }[];
  policyMet?: boolean;
}

/** Verdict over a pack. */
export interface PackVerdict {
  ok: boolean;
  /** At most a hundred, in the order of the steps. */
  problems: PackProblem[];
  /** How many there are. */
  total: number;
  steps: { step: Step; ok: boolean; problems: number }[];
  facts: PackFacts;
}

/**
 * Verifies an audit pack, offline, file by file: nothing but leaf hashes and a few words a record stay in memory. What is wrong with the
 * pack is the verdict. Fails INVALID when the file is no pack or its ZIP is ambiguous, TOO_LARGE when it is a bomb, and INVALID on
 * options that cannot be read.
 */
export async function verifyPack(path: string, o: VerifyOptions = {}): Promise<PackVerdict> {
  if (o.vkey !== undefined) verifierFromVkey(o.vkey);
  if (o.policy !== undefined) parsePolicy(o.policy);
  for (const kept of o.older ?? []) readKept(kept);
  const zip = await PackZip.open(path);
  try {
    return await verifyOpened(zip, o);
  } finally {
    zip.close();
  }
}

async function verifyOpened(zip: PackZip, o: VerifyOptions): Promise<PackVerdict> {
  const manifest = await readManifest(zip);
  const problems = new Problems();
  const histories = new Histories();
  const logs = new Map<number, CheckedLog>();
  for (const { number, origin, size, vkeys } of manifest.former) {
    const shown = shownOf(manifest, { number, size });
    const files = { folder: formerPath(number), number, present: false, size, shown };
    const former = await checkLog(zip, files, origin, histories, problems);
    logs.set(number, { ...former, told: vkeys });
  }
  const head = { number: manifest.log, size: manifest.size };
  const files = { folder: PACK_FILES.log, ...head, present: true, shown: shownOf(manifest, head) };
  const own = await checkLog(zip, files, manifest.origin, histories, problems);
  const log = { ...own, told: manifest.vkeys };
  logs.set(manifest.log, log);
  if (log.root !== undefined && log.root.toString('base64') !== manifest.root)
    problems.add(
      'checkpoint',
      { file: PACK_FILES.manifest },
      'pack.json says another root than the checkpoint',
    );
  const keys = await checkKeys(zip, manifest, log, o, problems);
  const former = await checkFormerLogs(zip, manifest, logs, problems);
  await checkAsOf(zip, manifest, logs, keys, problems);
  const kept = checkOlder(o, logs.values(), keys, problems);
  const records = await checkRecords(zip, manifest, logs, histories, o.registers, problems);
  await checkTables(zip, manifest, problems);
  const attachments = await checkAttachments(zip, o.gateKey ?? manifest.gateKey, records, keys, problems);
  await checkFiles(zip, manifest, problems);
  const cosigned = keys.policy ? keys.policy.cosignedBy : keys.cosignedBy;
  const { files: _, statements: __, ...counts } = records;
  return {
    ok: problems.total === 0,
    problems: problems.list(),
    total: problems.total,
    steps: STEPS.map((step) => ({ step, ok: problems.count(step) === 0, problems: problems.count(step) })),
    facts: {
      origin: manifest.origin,
      organisation: manifest.organisation,
      name: manifest.name,
      log: manifest.log,
      size: manifest.size,
      root: manifest.root,
      asOf: manifest.asOf,
      system: manifest.system,
      madeAt: manifest.madeAt,
      lost: former.ends,
      keyLost: former.keys,
      keyFrom: o.vkey === undefined ? 'pack' : 'caller',
      gateKeyFrom: o.gateKey === undefined ? 'pack' : 'caller',
      vkeys: keys.trusted,
      files: zip.names.size,
      ...counts,
      ...attachments,
      ...kept,
      checkpoint: keys.note,
      cosignedBy: cosigned.map(({ name, at }) => ({
        name,
        at: new Date(Math.min(at * 1000, 8.64e15)).toISOString(),
      })),
      ...(keys.policy ? { policyMet: keys.policy.ok } : {}),
    },
  };
}

/** Reads what has not been read yet, and compares every file with pack.json. */
async function checkFiles(zip: PackZip, manifest: PackManifest, problems: Problems): Promise<void> {
  for (const name of zip.names) {
    if (name === PACK_FILES.manifest) continue;
    if (!isPackName(name) || isStray(name, zip.names))
      problems.add('files', { file: name }, 'a pack has no such file');
    const told = Object.hasOwn(manifest.files, name) ? manifest.files[name] : undefined;
    if (told === undefined) {
      problems.add('files', { file: name }, 'the file is not in pack.json: it was added');
      continue;
    }
    try {
      if (!zip.read.has(name)) await zip.drain(name);
      if (zip.read.get(name) !== told)
        problems.add('files', { file: name }, 'the file is not the one in pack.json: it was changed');
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      problems.add('files', { file: name }, `the file ${error.message}`);
    }
  }
  for (const name of Object.keys(manifest.files))
    if (!zip.names.has(name))
      problems.add(
        'files',
        { file: name },
        'the file is in pack.json, but not in the pack: it was taken out',
      );
}

/** A table of records that are not in the pack. */
const isStray = (name: string, names: ReadonlySet<string>): boolean =>
  name.startsWith(PACK_FILES.documents) &&
  !names.has(recordsPath(name.slice(PACK_FILES.documents.length).replace(/\.csv$/, '')));

/** True when a file begins as a ZIP does. */
export const looksLikeZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 &&
  bytes[1] === 0x4b &&
  (bytes[2] === 3 || bytes[2] === 5) &&
  (bytes[3] === 4 || bytes[3] === 6);
