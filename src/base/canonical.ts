import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * Canonical JSON (RFC 8785). Throws on what JSON cannot hold faithfully: NaN, infinities, lone surrogates.
 * Keys with an undefined value are left out, as JSON does.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('this value has no JSON form');
  return text;
}

/**
 * True when `text` is the canonical JSON of the value that was read from it; throws as `canonicalJson` does. Plain JSON with its names in
 * order is canonical (numbers and strings are written alike) unless it spells a lone surrogate, so most texts need no second writing by rule.
 */
export function isCanonical(text: string, value: unknown): boolean {
  if (!text.includes('\\ud') && inOrder(value) && JSON.stringify(value) === text) return true;
  return canonicalJson(value) === text;
}

/** Names ascend by UTF-16 code units in every object; deep nesting is left to the slow way. */
function inOrder(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth > 8) return false;
  let last = '';
  if (Array.isArray(value)) return value.every((item) => inOrder(item, depth + 1));
  for (const [name, item] of Object.entries(value)) {
    if (name < last || !inOrder(item, depth + 1)) return false;
    last = name;
  }
  return true;
}

/** SHA-256 as lower-case hex. Strings are hashed as UTF-8. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** `sha256:<hex>` over the canonical JSON of a value. */
export function digestOf(value: unknown): string {
  return `sha256:${sha256Hex(canonicalJson(value))}`;
}
