import { canonicalJson } from '../base/canonical.ts';
import { Failure } from '../base/failure.ts';
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts';
import { unfaithful } from './commitment.ts';
import { keyIdHex, type Verifier, verifierFromVkey } from './keys.ts';
import { parseProof, type TlogProof } from './proof.ts';

/** One thing that was checked, with a sentence for the person who reads the result. */
export interface DisclosureCheck {
  name: string;
  ok: boolean;
  detail: string;
}

/** The vkey a verifier trusts, or several when the log's key was rotated: any of them may have signed. */
export type TrustedKeys = string | readonly string[];

/** Runs one check: the value and sentence it returns, or the reason it gives for refusing. */
export function attempt<T>(checks: DisclosureCheck[], name: string, check: () => [T, string]): T | undefined {
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

/**
 * Parses the text of a file, and refuses it when programs could read it differently: names given twice, numbers
 * that round, nesting deeper than `maxDepth`. White space between tokens is free.
 */
export function parseFaithfully(text: string, maxChars: number, maxDepth: number): unknown {
  if (text.length > maxChars) throw refused(`the file is longer than ${maxChars} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused('the file is not JSON');
  }
  const problem = unfaithful(value, maxDepth);
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

/**
 * The keys that may have signed what a file shows: those the caller trusts for the file's log, otherwise the one
 * the file names itself. Of several trusted keys, those of other logs say nothing about this one.
 */
export function readKeys(
  file: { vkey: string; origin: string },
  trusted: TrustedKeys | undefined,
): [Verifier[], string] {
  const given = trusted === undefined ? [file.vkey] : typeof trusted === 'string' ? [trusted] : trusted;
  if (given.length === 0) throw refused('no trusted key was given');
  const keys = given.map((vkey) => ({ vkey, key: verifierFromVkey(vkey) }));
  const named = keys.find(({ vkey }) => vkey === file.vkey);
  if (named === undefined) {
    const all = keys.slice(0, 5).map(({ key }) => show(key));
    const yours = keys.length === 1 ? 'the one you trust' : 'those you trust';
    throw refused(`the file names another key than ${yours} (${all.join(', ')})`);
  }
  if (named.key.name !== file.origin) {
    throw refused(`the ${show(named.key)} does not belong to the log the file names in "origin"`);
  }
  const own = keys.map(({ key }) => key).filter((key) => key.name === file.origin);
  if (trusted !== undefined) {
    const one = keys.length === 1 ? 'the one you trust' : 'one of those you trust';
    return [own, `the ${show(named.key)} is ${one}`];
  }
  return [
    own,
    `the ${show(named.key)} came from the file itself, so this proves only that the file agrees with itself; ` +
      "get the log's key from its owner by another way and verify again with it",
  ];
}

/** The proof of a file, which must be of the entry at `index`. */
export function readProof(file: { proof: string; index: number }): [TlogProof, string] {
  const proof = parseProof(file.proof);
  if (proof.extra !== undefined) throw refused('the proof carries extra data that nothing signs');
  if (proof.index !== file.index) {
    throw refused(`the proof is for entry ${proof.index}, the file says ${file.index}`);
  }
  return [proof, `the proof is for entry ${proof.index}, with ${proof.hashes.length} hashes`];
}

/** The signed checkpoint of a proof. */
export function readHead(
  origin: string,
  proof: TlogProof | undefined,
  keys: readonly Verifier[] | undefined,
): [OpenedCheckpoint, string] {
  if (proof === undefined || keys === undefined)
    throw refused('not checked, because the proof or the key is not usable');
  const head = openCheckpoint(proof.checkpoint, keys, origin);
  const others =
    head.ignored.length === 0 ? '' : `; signatures of other keys (${head.ignored.length}) say nothing here`;
  const by =
    keys.length === 1 ? 'the key' : head.verified.map((s) => `key ${keyIdHex(s.keyId)}`).join(' and ');
  return [head, `${by} signed the log at ${head.size} entries${others}`];
}

/** Refusal of a check, with its reason. */
export function refused(message: string): Failure {
  return new Failure('INVALID', message);
}

function show(key: Verifier): string {
  return `key ${keyIdHex(key.keyId)} of "${key.name.slice(0, 200)}"`;
}

function sentence(text: string): string {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
