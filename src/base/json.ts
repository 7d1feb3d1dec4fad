/**
 * A strict JSON reader (RFC 8259) for files and requests written by others. Unlike JSON.parse it refuses what two
 * readers could understand differently or what harms later: duplicate keys, keys that reach prototypes, numbers that
 * become Infinity, halves of surrogate pairs, endless depth. Objects have no prototype.
 */
import { JsonError, type JsonErrorCode, jsonText, placeOf } from './json-text.ts';

export { JsonError, type JsonErrorCode } from './json-text.ts';

/** What a JSON document holds. Objects have a null prototype. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
/** A JSON object: every key is its own, none is inherited. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** Limits of the reader. All have safe defaults. */
export interface JsonOptions {
  /** Nesting of arrays and objects. 64 by default, never above 512 (the reader calls itself). */
  maxDepth?: number;
  /** Bytes of the document. 64 MiB by default. */
  maxBytes?: number;
  /** Members and elements of all objects and arrays together. 5 million by default. */
  maxKeys?: number;
  /** Take NaN, Infinity, -Infinity and numbers over 1.8e308, which some Python tools write. No by default. */
  allowNonFinite?: boolean;
  /** Integers beyond 2^53-1 come back as the string of their digits (default), or are refused. */
  bigIntegers?: 'string' | 'refuse';
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const NUMBER_CUT = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?)?)?$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

class Reader {
  private at = 0;
  private keys = 0;
  private depth = 0;
  private readonly path: (string | number | null)[] = [];

  constructor(
    private readonly text: string,
    private readonly maxDepth: number,
    private readonly maxKeys: number,
    private readonly allowNonFinite: boolean,
    private readonly refuseBig: boolean,
  ) {}

  document(): JsonValue {
    this.space();
    if (this.at >= this.text.length) {
      this.fail('EMPTY', 'The document is empty: a JSON value was expected.');
    }
    const value = this.value();
    this.space();
    if (this.at < this.text.length) {
      this.fail(
        'TRAILING_DATA',
        'More text follows after the end of the JSON value; one value was expected.',
      );
    }
    return value;
  }

  private fail(code: JsonErrorCode, sentence: string, at = this.at): never {
    const { line, column } = placeOf(this.text, at);
    const pointer = this.path
      .slice(0, this.depth)
      .filter((part) => part !== null)
      .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join('');
    throw new JsonError(code, `${sentence} (line ${line}, column ${column})`, line, column, pointer);
  }

  /** Refuses the character here: as a cut file when there is none, as bad syntax otherwise. */
  private unexpected(expected: string): never {
    if (this.at >= this.text.length) {
      this.fail('TRUNCATED', `The document ends where ${expected} was expected: it was cut short.`);
    }
    const found = JSON.stringify(String.fromCodePoint(this.text.codePointAt(this.at) ?? 0));
    this.fail('SYNTAX', `Found ${found} where ${expected} was expected.`);
  }

  private space(): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.at++;
    }
  }

  private value(): JsonValue {
    switch (this.text.charCodeAt(this.at)) {
      case QUOTE:
        return this.string();
      case OPEN_OBJECT:
        return this.object();
      case OPEN_ARRAY:
        return this.array();
      case 116:
        return this.word('true', true);
      case 102:
        return this.word('false', false);
      case 110:
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private word<T extends JsonValue>(word: string, value: T): T {
    if (this.text.startsWith(word, this.at)) {
      this.at += word.length;
      return value;
    }
    const rest = this.text.slice(this.at, this.at + word.length);
    if (this.at + rest.length === this.text.length && word.startsWith(rest)) this.at = this.text.length;
    this.unexpected(`the word ${word}`);
  }

  private number(): number | string {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) return this.noNumber();
    const start = this.at;
    const [digits] = match;
    this.at += digits.length;
    const left = this.text.length - this.at;
    if (left > 0 && left <= 2 && NUMBER_CUT.test(this.text.slice(start))) {
      this.at = this.text.length;
      this.unexpected('the rest of a number');
    }
    const value = Number(digits);
    if (!Number.isFinite(value) && !this.allowNonFinite) {
      this.fail('NON_FINITE', 'This number is too large and would be read as Infinity.', start);
    }
    const whole = match[1] === undefined && match[2] === undefined;
    if (!whole || Number.isSafeInteger(value) || !Number.isFinite(value)) return value;
    if (this.refuseBig) {
      this.fail(
        'BIG_INTEGER',
        'This integer is beyond 2^53-1 and cannot be kept exactly; send it as a string.',
        start,
      );
    }
    return digits;
  }

  private noNumber(): number {
    for (const word of ['NaN', 'Infinity', '-Infinity'] as const) {
      if (!this.text.startsWith(word, this.at)) continue;
      if (!this.allowNonFinite) {
        this.fail('NON_FINITE', `${word} is not JSON; a finite number or null was expected.`);
      }
      this.at += word.length;
      return Number(word);
    }
    if (this.text.charCodeAt(this.at) === 45) this.at++;
    this.unexpected('a value');
  }

  private string(): string {
    const { text } = this;
    const start = ++this.at;
    for (let at = start; ; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.at = at + 1;
        return text.slice(start, at);
      }
      if (code === BACKSLASH) return this.escaped(start, at);
      if (!(code >= 32)) this.badInString(at);
    }
  }

  private badInString(at: number): never {
    this.at = at;
    if (at >= this.text.length) this.unexpected('the rest of a string');
    this.fail('SYNTAX', 'A control character stands in a string; it must be written as an escape.');
  }

  /** The rest of a string that has an escape at `at`; `start` is after its opening quote. */
  private escaped(start: number, at: number): string {
    const { text } = this;
    let out = text.slice(start, at);
    let from = at;
    for (let here = at; ; ) {
      const code = text.charCodeAt(here);
      if (code === QUOTE) {
        out += text.slice(from, here);
        this.at = here + 1;
        break;
      }
      if (code === BACKSLASH) {
        out += text.slice(from, here);
        this.at = here;
        out += this.escape();
        here = this.at;
        from = here;
      } else if (code >= 32) here++;
      else this.badInString(here);
    }
    if (LONE_SURROGATE.test(out)) {
      this.fail('LONE_SURROGATE', 'A string holds half of a surrogate pair, which is no character.', start);
    }
    return out;
  }

  private escape(): string {
    const letter = this.text[this.at + 1];
    if (letter === undefined) {
      this.at = this.text.length;
      this.unexpected('the rest of an escape');
    }
    const simple = ESCAPES[letter];
    if (simple !== undefined) {
      this.at += 2;
      return simple;
    }
    const hex = letter === 'u' ? this.text.slice(this.at + 2, this.at + 6) : '';
    if (/^[0-9a-fA-F]{4}$/.test(hex)) {
      this.at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const cut = letter === 'u' && this.at + 2 + hex.length === this.text.length && /^[0-9a-fA-F]*$/.test(hex);
    this.at = cut ? this.text.length : this.at + 1;
    this.unexpected('an escape');
  }

  private enter(): void {
    if (this.depth >= this.maxDepth) {
      this.fail('DEPTH', `Arrays and objects are nested deeper than ${this.maxDepth}.`);
    }
    this.depth++;
    this.at++;
    this.space();
  }

  private count(): void {
    if (++this.keys > this.maxKeys) {
      this.fail('TOO_MANY_KEYS', `The document has more than ${this.maxKeys} members and elements.`);
    }
  }

  private array(): JsonValue[] {
    const values: JsonValue[] = [];
    this.path[this.depth] = null;
    this.enter();
    if (this.text.charCodeAt(this.at) !== CLOSE_ARRAY) {
      for (;;) {
        this.path[this.depth - 1] = values.length;
        this.count();
        values.push(this.value());
        this.space();
        const code = this.text.charCodeAt(this.at);
        if (code === CLOSE_ARRAY) break;
        if (code !== COMMA) this.unexpected('a comma or the end of an array');
        this.at++;
        this.space();
      }
    }
    this.at++;
    this.depth--;
    return values;
  }

  private object(): JsonObject {
    const values = Object.create(null) as JsonObject;
    this.path[this.depth] = null;
    this.enter();
    if (this.text.charCodeAt(this.at) !== CLOSE_OBJECT) {
      for (;;) {
        this.member(values);
        this.space();
        const code = this.text.charCodeAt(this.at);
        if (code === CLOSE_OBJECT) break;
        if (code !== COMMA) this.unexpected('a comma or the end of an object');
        this.at++;
        this.space();
      }
    }
    this.at++;
    this.depth--;
    return values;
  }

  private member(values: JsonObject): void {
    const start = this.at;
    if (this.text.charCodeAt(start) !== QUOTE) this.unexpected('a key in double quotes');
    const key = this.string();
    this.path[this.depth - 1] = key;
    if (key in values) {
      this.fail(
        'DUPLICATE_KEY',
        `The key ${JSON.stringify(key.slice(0, 80))} stands twice in one object.`,
        start,
      );
    }
    if (key === '__proto__') this.fail('PROTO_KEY', 'The key "__proto__" is not taken.', start);
    this.count();
    this.space();
    if (this.text.charCodeAt(this.at) !== COLON) this.unexpected('a colon');
    this.at++;
    this.space();
    const value = this.value();
    if (key === 'constructor' && isJsonObject(value) && 'prototype' in value) {
      this.fail('PROTO_KEY', 'The key "constructor" with a "prototype" inside is not taken.', start);
    }
    values[key] = value;
  }
}

/** Whether a JSON value is an object (neither null nor an array). */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads one JSON document strictly (RFC 8259; the refusals are the codes of JsonError). Bytes must be UTF-8, one byte
 * order mark is taken off. Equal to JSON.parse on what it accepts, but for integers beyond 2^53-1 (see `bigIntegers`).
 * Throws JsonError only.
 */
export function parseJson(input: Uint8Array | string, opts: JsonOptions = {}): JsonValue {
  const text = jsonText(input, opts.maxBytes ?? 64 * 1024 * 1024);
  if (typeof input === 'string' && LONE_SURROGATE.test(text)) {
    const { line, column } = placeOf(text, text.search(LONE_SURROGATE));
    throw new JsonError('LONE_SURROGATE', 'The text holds half of a surrogate pair.', line, column);
  }
  const reader = new Reader(
    text,
    Math.min(opts.maxDepth ?? 64, 512),
    opts.maxKeys ?? 5_000_000,
    opts.allowNonFinite ?? false,
    opts.bigIntegers === 'refuse',
  );
  return reader.document();
}
