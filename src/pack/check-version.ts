import { createHmac } from 'node:crypto';
import { canonicalJson } from '../base/canonical.ts';
import { decodeHash } from '../ledger/base64.ts';
import { entryDigest, type RecordEntry } from '../ledger/entry.ts';
import { leafHash, verifyInclusion } from '../ledger/merkle.ts';
import { type CheckedLog, type Histories, KIND } from './check-log.ts';
import type { PackRecord, PackVersion } from './format.ts';
import { isObject } from './json-line.ts';
import { lateBy } from './late-row.ts';
import { partValue } from './record-line.ts';

/** Says what is wrong with a version; `entry` is added to the place when it is known. */
export type Say = (message: string, entry?: number) => void;

/** Takes note of a row that is later than its entry as it was in 0.1.0. */
export type Late = (entry: number, at: string, ms: number) => void;

/**
 * Compares one version with its log entry. Claims the entry, so that a second version cannot, and what nobody claimed can be found.
 */
export async function checkVersion(
  record: PackRecord,
  version: PackVersion,
  logs: ReadonlyMap<number, CheckedLog>,
  histories: Histories,
  say: Say,
  late: Late,
): Promise<void> {
  const log = logs.get(version.log);
  const { index } = version;
  if (log === undefined) return say(`no log ${String(version.log).slice(0, 20)} is in this pack`);
  if (!Number.isSafeInteger(index) || index < 0 || index >= log.size)
    return say(`it has no entry in the log (entry ${String(index).slice(0, 20)} of ${log.size})`);
  const bytes = await log.entries.at(index);
  if (bytes === undefined || log.kinds[index] !== KIND.record)
    return say(
      `entry ${index}, which should be its own, is missing, cannot be read or is not about a record`,
      index,
    );
  const entry = JSON.parse(bytes.toString('utf8')) as RecordEntry;
  if (index >= log.shown)
    say(`entry ${index} came after the state that the pack shows: this version was not there then`, index);
  if (log.claimed[index] === 1) say(`entry ${index} belongs to another version of this pack already`, index);
  const same = entry.id === record.id && entry.version === version.version;
  if (same) log.claimed[index] = 1;
  const ms = index < log.exactFrom ? lateBy(version.at, entry) : undefined;
  const onlyLate = ms !== undefined && !differences(record, { ...version, at: entry.at }, entry);
  if (onlyLate) late(index, entry.at, ms);
  const differing = onlyLate ? undefined : differences(record, version, entry);
  if (differing !== undefined) say(`entry ${index} says otherwise: ${differing}`, index);
  if (entryDigest(bytes) !== version.digest)
    say(`its digest is not that of entry ${index}: the version or the entry was changed`, index);
  if (!proofHolds(log, version, bytes))
    say(`its proof does not lead from entry ${index} to the root of ${log.size} entries`, index);
  checkParts(version, entry, index, say);
  checkErased(version, entry, histories.erased.get(`${log.origin} ${index}`), index, say);
}

function differences(record: PackRecord, version: PackVersion, entry: RecordEntry): string | undefined {
  const pairs: [string, unknown, unknown][] = [
    ['record', record.id, entry.id],
    ['register', record.register, entry.register],
    ['number', record.number, entry.number],
    ['version', version.version, entry.version],
    ['at', version.at, entry.at],
    ['act', version.act, entry.act],
    ['transition', version.transition, entry.transition ?? null],
    ['state', version.state, entry.state],
  ];
  const wrong = pairs.filter(([, here, there]) => here !== there);
  if (wrong.length === 0) return undefined;
  return wrong
    .map(([name, here, there]) => `${name} is ${show(there)}, the pack has ${show(here)}`)
    .join('; ');
}

function proofHolds(log: CheckedLog, version: PackVersion, bytes: Buffer): boolean {
  // Where the entries give the signed root, the one proof that leads there is known already: a comparison instead of a dozen hashes.
  if (log.sound) {
    const path = log.tree.proof(version.index, log.size);
    if (
      path.length === version.proof.length &&
      path.every((hash, i) => hash.toString('base64') === version.proof[i])
    )
      return true;
  }
  const proof = version.proof.map((text) => decodeHash(text));
  if (log.root === undefined || proof.some((hash) => hash === undefined)) return false;
  return verifyInclusion(version.index, log.size, leafHash(bytes), proof as Buffer[], log.root);
}

/** Groups that hold something by its name. */
const OBJECTS = ['values', 'people', 'text', 'links'] as const;

/** Every part must open the commitment of its group over the very bytes it is written in. */
function checkParts(version: PackVersion, entry: RecordEntry, index: number, say: Say): void {
  const commitments = entry.c as Readonly<Record<string, string>>;
  for (const [group, part] of Object.entries(version.parts)) {
    if (!Object.hasOwn(commitments, group)) {
      say(`entry ${index} holds no ${group}; the pack has some`, index);
      continue;
    }
    const opened = createHmac('sha256', Buffer.from(part.salt, 'hex'))
      .update(`aims-commit/v1\n${group}\n${part.json}`)
      .digest('hex');
    if (opened !== commitments[group])
      say(`its ${group} are not what entry ${index} committed to: content or salt was changed`, index);
  }
  for (const [group, part] of Object.entries(version.parts))
    if (!isCanonicalText(part.json)) say(`its ${group} are not written as canonical JSON`, index);
  for (const group of OBJECTS)
    if (Object.hasOwn(version.parts, group) && !isObject(partValue(version, group)))
      say(`its ${group} are not an object`, index);
  const actor = partValue(version, 'actor');
  if (Object.hasOwn(version.parts, 'actor') && !(isObject(actor) && actor.ref === version.actor))
    say(`it names ${show(version.actor)} as who did it; entry ${index} committed to somebody else`, index);
}

/** What the entry has and the pack has not must have been erased, and what was erased must be gone. */
function checkErased(
  version: PackVersion,
  entry: RecordEntry,
  erased: ReadonlySet<string> | undefined,
  index: number,
  say: Say,
): void {
  for (const group of Object.keys(entry.c)) {
    const here = Object.hasOwn(version.parts, group);
    const gone = erased?.has(group) ?? false;
    if (here && gone)
      say(`its ${group} were erased by an entry of the log, and yet the pack has them`, index);
    if (!here && !gone)
      say(`its ${group} are missing, and no entry of the log says that they were erased`, index);
    if (!here && gone && !version.erased.includes(group)) say(`"erased" does not list ${group}`, index);
  }
  for (const group of version.erased)
    if (!Object.hasOwn(entry.c, group) || Object.hasOwn(version.parts, group))
      say(`"erased" lists ${group}, which was not`, index);
}

/** Other spellings are read as other values by some programs: a member twice, a number beyond all numbers. */
function isCanonicalText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    // Most by far are alike in both, and the first is quick.
    return JSON.stringify(value) === text || canonicalJson(value) === text;
  } catch {
    return false;
  }
}

const show = (value: unknown) => JSON.stringify(String(value).slice(0, 100));
