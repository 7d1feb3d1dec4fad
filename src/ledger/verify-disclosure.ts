import { decodeBase64 } from './base64.ts';
import {
  attempt,
  type DisclosureCheck,
  parseFaithfully,
  readHead,
  readKeys,
  readProof,
  refused,
  type TrustedKeys,
} from './checks.ts';
import { GROUPS, type Group, MAX_DEPTH } from './commitment.ts';
import { type Disclosure, disclosureProblem } from './disclosure.ts';
import { decodeEntry, type LedgerEntry, openGroup } from './entry.ts';
import { leafHash, verifyInclusion } from './merkle.ts';

export type { DisclosureCheck } from './checks.ts';

/** Longest disclosure file that is read, in characters. */
export const MAX_DISCLOSURE_CHARS = 16_000_000;

/** Verdict over a disclosure file. */
export interface DisclosureVerdict {
  /** True when every check holds. */
  ok: boolean;
  checks: DisclosureCheck[];
  /** Where the key came from: `file` proves only that the file agrees with itself. */
  keyFrom: 'caller' | 'file';
  /** The entry, when it could be read; believe it only when `ok`. */
  entry?: LedgerEntry;
}

/**
 * Verifies a disclosure file offline: shape, key, entry, groups, each disclosed value, signed checkpoint,
 * inclusion. `file` is its text or the parsed JSON. Prefer the text: only there can the reader be protected from
 * names given twice and numbers spelt so that programs read them differently. `trusted` is the log's vkey, or all
 * of them when it was rotated: the file must name one of them, and any of them may have signed.
 *
 * Never throws. A check that could not be made because an earlier one failed counts as failed and says so.
 */
export function verifyDisclosure(file: unknown, trusted?: TrustedKeys): DisclosureVerdict {
  const keyFrom = trusted === undefined ? 'file' : 'caller';
  const checks: DisclosureCheck[] = [];
  let entry: LedgerEntry | undefined;
  try {
    const disclosure = attempt(checks, 'file', () => readFile(file));
    if (disclosure !== undefined) entry = verifyParts(disclosure, trusted, checks);
  } catch {
    checks.push({
      name: 'file',
      ok: false,
      detail: 'The file could not be read to its end; it is not a disclosure.',
    });
  }
  const ok = checks.length > 0 && checks.every((check) => check.ok);
  return entry === undefined ? { ok, checks, keyFrom } : { ok, checks, keyFrom, entry };
}

function verifyParts(d: Disclosure, trusted: TrustedKeys | undefined, checks: DisclosureCheck[]) {
  const keys = attempt(checks, 'key', () => readKeys(d, trusted));
  const bytes = decodeBase64(d.entry);
  const entry = attempt(checks, 'entry', () => readEntry(d, bytes));
  if (entry !== undefined) {
    attempt(checks, 'groups', () => compareGroups(d, entry));
    for (const group of GROUPS) {
      const shown = d.disclosed[group];
      if (shown !== undefined) attempt(checks, `group:${group}`, () => openShown(d, entry, group, shown));
    }
  }
  const proof = attempt(checks, 'proof', () => readProof(d));
  const head = attempt(checks, 'checkpoint', () => readHead(d.origin, proof, keys));
  attempt(checks, 'inclusion', () => {
    if (bytes === undefined || proof === undefined || head === undefined) {
      throw refused('not checked, because the entry, the proof or the checkpoint could not be trusted');
    }
    if (!verifyInclusion(d.index, head.size, leafHash(bytes), proof.hashes, head.root)) {
      throw refused(`the entry is not at place ${d.index} of the ${head.size} entries the checkpoint signs`);
    }
    return [true, `the entry is at place ${d.index} of the ${head.size} entries the checkpoint signs`];
  });
  return entry;
}

function readFile(file: unknown): [Disclosure, string] {
  // The file wraps a value in three levels: the file, `disclosed`, the group.
  const value = typeof file === 'string' ? parseFaithfully(file, MAX_DISCLOSURE_CHARS, MAX_DEPTH + 3) : file;
  const problem = disclosureProblem(value);
  if (problem !== undefined) throw refused(problem);
  return [value as Disclosure, 'the file is a disclosure of the known format'];
}

function readEntry(d: Disclosure, bytes: Buffer | undefined): [LedgerEntry, string] {
  if (bytes === undefined) throw refused('"entry" is not valid base64');
  const entry = decodeEntry(bytes);
  if (entry.type === 'log') {
    if (entry.origin !== d.origin) throw refused('the entry speaks of another log than the file');
    return [entry, `the entry is about the log itself, of ${entry.at}`];
  }
  const what = `version ${entry.version} of ${entry.register} number ${entry.number}, ${entry.act} at ${entry.at}`;
  return [entry, `the entry is ${what}`];
}

function compareGroups(d: Disclosure, entry: LedgerEntry): [true, string] {
  const named = [...Object.keys(d.disclosed), ...d.withheld].sort().join(', ');
  const held = Object.keys(entry.c ?? {})
    .sort()
    .join(', ');
  if (named !== held) {
    throw refused(
      `the entry holds the groups ${held || 'none'}; the file discloses or withholds ${named || 'none'}`,
    );
  }
  return [true, d.withheld.length === 0 ? 'nothing is withheld' : `withheld: ${d.withheld.join(', ')}`];
}

function openShown(
  d: Disclosure,
  entry: LedgerEntry,
  group: Group,
  shown: { salt: string; value: unknown },
): [true, string] {
  if (!openGroup(entry, group, shown.value, Buffer.from(shown.salt, 'hex'))) {
    throw refused(`"${group}" is not what entry ${d.index} committed to: the value or the salt was changed`);
  }
  return [true, `"${group}" is what the entry committed to`];
}
