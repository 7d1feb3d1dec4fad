import { canonicalJson } from '../base/canonical.ts';
import { Failure } from '../base/failure.ts';
import { GROUPS, type Group, SALT_BYTES } from './commitment.ts';
import { decodeEntry, openGroup } from './entry.ts';
import { parseProof } from './proof.ts';

/** First field of a disclosure file. */
export const DISCLOSURE_FORMAT = 'openaims.disclosure/1';

/**
 * The file that shows somebody outside one version of one record, and no more of it than the sender chose, with
 * the proof that exactly this was entered in the log. Verified offline with `verifyDisclosure`.
 *
 * Written as canonical JSON (RFC 8785) and a newline. A verifier, in any language:
 * 1. base64-decodes `entry`; leaf hash = SHA-256(0x00 || entry bytes);
 * 2. for each group in `disclosed`: HMAC-SHA256(key = salt, "aims-commit/v1" LF group LF JCS(value)) must equal
 *    the entry's `c[group]`, and `disclosed` with `withheld` must name exactly the groups of `c`;
 * 3. verifies the Ed25519 signature of the checkpoint inside `proof` (C2SP tlog-proof) with a key it trusts;
 * 4. walks the inclusion proof from the leaf hash to the checkpoint's root (RFC 9162 section 2.1.3.2).
 */
export interface Disclosure {
  format: typeof DISCLOSURE_FORMAT;
  /** The log's verifier key, for information: a verifier trusts a key it got elsewhere. */
  vkey: string;
  origin: string;
  /** Place of the entry in the log. */
  index: number;
  /** The leaf, base64. */
  entry: string;
  /** What is shown: the salt (64 lower-case hex digits) and the value of each group. */
  disclosed: { [group in Group]?: { salt: string; value: unknown } };
  /** Groups of the entry that are not shown. */
  withheld: Group[];
  /** The `.tlog-proof` text. */
  proof: string;
}

/**
 * Makes a disclosure of the given groups of an entry. Fails INVALID when a value and salt do not open the
 * entry's commitment: a file that cannot verify is never handed out.
 */
export function makeDisclosure(from: {
  vkey: string;
  origin: string;
  entry: Buffer;
  disclosed: { readonly [group in Group]?: { readonly salt: Uint8Array; readonly value: unknown } };
  proof: string;
}): Disclosure {
  const entry = decodeEntry(from.entry);
  const { index, extra } = parseProof(from.proof);
  if (extra !== undefined) throw new Failure('INVALID', 'a disclosure carries a proof without extra data');
  const disclosed: Disclosure['disclosed'] = {};
  const withheld: Group[] = [];
  for (const group of GROUPS) {
    const shown = from.disclosed[group];
    if (shown === undefined) {
      if (entry.c?.[group] !== undefined) withheld.push(group);
      continue;
    }
    if (!openGroup(entry, group, shown.value, shown.salt)) {
      throw new Failure(
        'INVALID',
        `the value and salt of "${group}" are not what entry ${index} committed to`,
      );
    }
    disclosed[group] = { salt: Buffer.from(shown.salt).toString('hex'), value: shown.value };
  }
  const { vkey, origin, proof } = from;
  const bytes = from.entry.toString('base64');
  return { format: DISCLOSURE_FORMAT, vkey, origin, index, entry: bytes, disclosed, withheld, proof };
}

/** Text of the file: canonical JSON and a newline. */
export function formatDisclosure(disclosure: Disclosure): string {
  return `${canonicalJson(disclosure)}\n`;
}

/** What is wrong with the shape of a disclosure, as a sentence, or undefined. Looks at nothing nested deeper. */
export function disclosureProblem(file: unknown): string | undefined {
  if (!isObject(file)) return 'a disclosure file must be a JSON object';
  const { format, vkey, origin, index, entry, disclosed, withheld, proof } = file;
  if (format !== DISCLOSURE_FORMAT) return `"format" must be "${DISCLOSURE_FORMAT}"`;
  const known = ['format', 'vkey', 'origin', 'index', 'entry', 'disclosed', 'withheld', 'proof'];
  const unknown = Object.keys(file).find((field) => !known.includes(field));
  if (unknown !== undefined) return `a disclosure file has no field ${JSON.stringify(unknown.slice(0, 40))}`;
  for (const [field, value] of Object.entries({ vkey, origin, entry, proof })) {
    if (typeof value !== 'string' || value === '') return `"${field}" must be a non-empty string`;
  }
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0 || Object.is(index, -0)) {
    return '"index" must be a whole number from 0 to 2^53 - 1';
  }
  if (!Array.isArray(withheld) || !withheld.every(isGroup))
    return `"withheld" must list groups of ${GROUPS.join(', ')}`;
  return isObject(disclosed) ? shownProblem(disclosed) : '"disclosed" must be an object';
}

function shownProblem(disclosed: Record<string, unknown>): string | undefined {
  for (const [group, shown] of Object.entries(disclosed)) {
    if (!isGroup(group)) return `"disclosed" may hold the groups ${GROUPS.join(', ')}, and no other`;
    const fields = isObject(shown) ? Object.keys(shown).sort().join() : '';
    if (!isObject(shown) || fields !== 'salt,value')
      return `"disclosed.${group}" must hold "salt" and "value" only`;
    if (
      typeof shown.salt !== 'string' ||
      !/^[0-9a-f]+$/.test(shown.salt) ||
      shown.salt.length !== 2 * SALT_BYTES
    ) {
      return `"disclosed.${group}.salt" must be ${2 * SALT_BYTES} lower-case hex digits`;
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isGroup(value: unknown): value is Group {
  return GROUPS.some((group) => group === value);
}
