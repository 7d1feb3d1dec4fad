/**
 * From the bytes of a JSON document to its text. Only UTF-8 is read (RFC 8259, 8.1): a file in another
 * encoding is refused by name, because guessing would let two readers see two different documents.
 */

/** Why a JSON document was not read. Every code stands for a refusal; none is a warning. */
export type JsonErrorCode =
  | 'EMPTY'
  | 'TRUNCATED'
  | 'SYNTAX'
  | 'TRAILING_DATA'
  | 'DUPLICATE_KEY'
  | 'PROTO_KEY'
  | 'DEPTH'
  | 'NON_FINITE'
  | 'BIG_INTEGER'
  | 'LONE_SURROGATE'
  | 'ENCODING'
  | 'TOO_LARGE'
  | 'TOO_MANY_KEYS';

/**
 * A JSON document that cannot be read. `line` and `column` count from 1 (column in UTF-16 units), `pointer` is the
 * JSON pointer (RFC 6901) of the value being read. The message is a whole sentence and carries no value of the file
 * but the name of a key.
 */
export class JsonError extends Error {
  readonly code: JsonErrorCode;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;

  constructor(code: JsonErrorCode, message: string, line: number, column: number, pointer = '') {
    super(message);
    this.name = 'JsonError';
    this.code = code;
    this.line = line;
    this.column = column;
    this.pointer = pointer;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const POWERSHELL =
  'PowerShell writes UTF-16 with `>`; write the file with the -o option of the tool, or with `| Out-File -Encoding utf8`.';

/** The name of the wrong encoding these bytes are in, or null when they may be UTF-8. */
function wrongEncoding(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe)
    return c === 0 && d === 0 ? 'UTF-32 (little-endian)' : 'UTF-16 (little-endian)';
  if (a === 0xfe && b === 0xff) return 'UTF-16 (big-endian)';
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'UTF-32 (big-endian)';
  if (bytes.length < 4) return null;
  // Without a mark: the first character of a JSON text is ASCII, so the place of the zero bytes tells (RFC 4627, 3).
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return 'UTF-16 (little-endian, no byte order mark)';
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return 'UTF-16 (big-endian, no byte order mark)';
  return null;
}

/** How many bytes the UTF-8 sequence that starts with this byte has, 0 when no sequence may start so. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** Whether this is a legal second byte after that lead: bars overlong forms, surrogates and values over U+10FFFF. */
function secondByteFits(lead: number, second: number): boolean {
  if (second < 0x80 || second > 0xbf) return false;
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90;
  return lead === 0xf4 ? second <= 0x8f : true;
}

/** The offset of the first byte that is not UTF-8; `cut` when the input merely ends within a sequence. */
function firstBadByte(bytes: Uint8Array): { offset: number; cut: boolean } | null {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] as number;
    const length = sequenceLength(lead);
    if (length === 0) return { offset: at, cut: false };
    for (let n = 1; n < length; n++) {
      const next = bytes[at + n];
      if (next === undefined) return { offset: at, cut: true };
      const fits = n === 1 ? secondByteFits(lead, next) : next >= 0x80 && next <= 0xbf;
      if (!fits) return { offset: at, cut: false };
    }
    at += length;
  }
  return null;
}

function badUtf8(bytes: Uint8Array): JsonError {
  const bad = firstBadByte(bytes) ?? { offset: 0, cut: false };
  const before = new TextDecoder().decode(bytes.subarray(0, bad.offset));
  const { line, column } = placeOf(before, before.length);
  if (bad.cut) {
    const message = `The file ends at byte ${bytes.length} in the middle of a character: it was cut short. Get the whole file.`;
    return new JsonError('TRUNCATED', message, line, column);
  }
  const byte = (bytes[bad.offset] ?? 0).toString(16).padStart(2, '0');
  const message = `Byte ${bad.offset} (0x${byte}) is not UTF-8. JSON must be UTF-8: write the file again in that encoding.`;
  return new JsonError('ENCODING', message, line, column);
}

/** The line and column of an offset in a text, both counted from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

/**
 * The text of a JSON document, one byte order mark taken off. Throws JsonError (`ENCODING`, `TRUNCATED`, `TOO_LARGE`).
 * A string is taken as it is; for a string `maxBytes` counts UTF-16 units.
 */
export function jsonText(input: Uint8Array | string, maxBytes: number): string {
  if (input.length > maxBytes) {
    const message = `The document has ${input.length} bytes; at most ${maxBytes} are read. Split it, or raise the limit.`;
    throw new JsonError('TOO_LARGE', message, 1, 1);
  }
  if (typeof input === 'string') return input.charCodeAt(0) === 0xfeff ? input.slice(1) : input;
  const wrong = wrongEncoding(input);
  if (wrong !== null) {
    throw new JsonError('ENCODING', `The file is in ${wrong}; JSON must be in UTF-8. ${POWERSHELL}`, 1, 1);
  }
  let text: string;
  try {
    text = decoder.decode(input);
  } catch {
    throw badUtf8(input);
  }
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
