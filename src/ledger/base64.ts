/**
 * Decodes standard base64 (RFC 4648 section 4) with padding, or answers undefined.
 *
 * Only the one canonical spelling is accepted: node's decoder ignores stray characters and unused trailing
 * bits, so that one signature would have many spellings and a changed file could still verify. Written anew it
 * must read the same.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** Decodes the base64 of exactly one SHA-256 hash (32 bytes), or answers undefined. */
export function decodeHash(text: string): Buffer | undefined {
  const bytes = text.length === 44 ? decodeBase64(text) : undefined;
  return bytes?.length === 32 ? bytes : undefined;
}

/** Parses an ASCII decimal without sign or leading zero, up to 2^53 - 1, or answers undefined. */
export function decodeDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
