import { canonicalJson } from '../base/canonical.ts';
import { Failure } from '../base/failure.ts';
import { decodeBase64 } from './base64.ts';
import { openCheckpoint } from './checkpoint.ts';
import { GROUPS, type Group, MAX_DEPTH, unfaithful } from './commitment.ts';
import { type Disclosure, disclosureProblem } from './disclosure.ts';
import { decodeEntry, type LedgerEntry, openGroup } from './entry.ts';
import { keyIdHex, type Verifier, verifierFromVkey } from './keys.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { parseProof } from './proof.ts';

/** Longest disclosure file that is read, in characters. */
export const MAX_DISCLOSURE_CHARS = 16_000_000;

/** One thing that was checked, with a sentence for the person who reads the result. */
export interface DisclosureCheck {
  name: string;
  ok: boolean;
  detail: string;
}

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
 * names given twice and numbers spelt so that programs read them differently.
 *
 * Never throws. A check that could not be made because an earlier one failed counts as failed and says so.
 */
export function verifyDisclosure(file: unknown, trustedVkey?: string): DisclosureVerdict {
  const keyFrom = trustedVkey === undefined ? 'file' : 'caller';
  const checks: DisclosureCheck[] = [];
  let entry: LedgerEntry | undefined;
  try {
    const disclosure = attempt(checks, 'file', () => readFile(file));
    if (disclosure !== undefined) entry = verifyParts(disclosure, trustedVkey, checks);
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

function verifyParts(d: Disclosure, trustedVkey: string | undefined, checks: DisclosureCheck[]) {
  const key = attempt(checks, 'key', () => readKey(d, trustedVkey));
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
  const head = attempt(checks, 'checkpoint', () => readHead(d, proof, key));
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

/** Runs one check: the value and sentence it returns, or the reason it gives for refusing. */
function attempt<T>(checks: DisclosureCheck[], name: string, check: () => [T, string]): T | undefined {
  try {
    const [value, detail] = check();
    checks.push({ name, ok: true, detail: sentence(detail) });
    return value;
  } catch (error) {
    const detail = error instanceof Failure ? error.message : 'this part could not be read';
    checks.push({ name, ok: false, detail: sentence(detail) });
    return undefined;
  }
}

function readFile(file: unknown): [Disclosure, string] {
  const value = typeof file === 'string' ? parseText(file) : file;
  const problem = disclosureProblem(value);
  if (problem !== undefined) throw refused(problem);
  return [value as Disclosure, 'the file is a disclosure of the known format'];
}

/** Parses the text, and refuses it when programs could read it differently. White space is free. */
function parseText(text: string): unknown {
  if (text.length > MAX_DISCLOSURE_CHARS)
    throw refused(`the file is longer than ${MAX_DISCLOSURE_CHARS} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused('the file is not JSON');
  }
  // The file wraps a value in three levels: the file, `disclosed`, the group.
  const problem = unfaithful(value, MAX_DEPTH + 3);
  if (problem !== undefined) throw refused(`the file cannot be read faithfully: ${problem}`);
  if (withoutSpace(text) !== canonicalJson(value)) {
    throw refused(
      'the file is not canonical JSON: a name is given twice, or its spelling was changed; ask for the original',
    );
  }
  return value;
}

/** JSON text without the white space between its tokens. */
function withoutSpace(text: string): string {
  const kept: string[] = [];
  let from = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (inString) {
      if (c === '\\') i++;
      else if (c === '"') inString = false;
    } else if (c === '"') {
      inString = true;
    } else if (c === ' ' || c === '\n' || c === '\r' || c === '\t') {
      kept.push(text.slice(from, i));
      from = i + 1;
    }
  }
  kept.push(text.slice(from));
  return kept.join('');
}

function readKey(d: Disclosure, trustedVkey: string | undefined): [Verifier, string] {
  const key = verifierFromVkey(trustedVkey ?? d.vkey);
  const shown = `key ${keyIdHex(key.keyId)} of "${key.name.slice(0, 200)}"`;
  if (trustedVkey !== undefined && d.vkey !== trustedVkey) {
    throw refused(`the file names another key than the one you trust (${shown})`);
  }
  if (key.name !== d.origin)
    throw refused(`the ${shown} does not belong to the log the file names in "origin"`);
  if (trustedVkey !== undefined) return [key, `the ${shown} is the one you trust`];
  return [
    key,
    `the ${shown} came from the file itself, so this proves only that the file agrees with itself; ` +
      "get the log's key from its owner by another way and verify again with it",
  ];
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

function readProof(d: Disclosure) {
  const proof = parseProof(d.proof);
  if (proof.extra !== undefined) throw refused('the proof carries extra data that nothing signs');
  if (proof.index !== d.index)
    throw refused(`the proof is for entry ${proof.index}, the file says ${d.index}`);
  return [proof, `the proof is for entry ${proof.index}, with ${proof.hashes.length} hashes`] as [
    typeof proof,
    string,
  ];
}

function readHead(d: Disclosure, proof: { checkpoint: string } | undefined, key: Verifier | undefined) {
  if (proof === undefined || key === undefined)
    throw refused('not checked, because the proof or the key is not usable');
  const head = openCheckpoint(proof.checkpoint, key, d.origin);
  const others =
    head.ignored.length === 0 ? '' : `; signatures of other keys (${head.ignored.length}) say nothing here`;
  const detail = `the key signed the log at ${head.size} entries${others}`;
  return [head, detail] as [typeof head, string];
}

function sentence(text: string): string {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

function refused(message: string): Failure {
  return new Failure('INVALID', message);
}
