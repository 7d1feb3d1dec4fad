import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, JsonError, type JsonOptions, type JsonValue, parseJson } from './json.ts';

function refusal(input: string | Uint8Array, opts?: JsonOptions): JsonError {
  try {
    parseJson(input, opts);
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
  throw new Error(`accepted: ${String(input).slice(0, 60)}`);
}

/** The same value with ordinary objects, to compare with JSON.parse. */
function plain(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return value;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('parseJson', () => {
  it('reads what JSON.stringify writes, as JSON.parse does', () => {
    const forbidden = /__proto__|constructor/;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        fc.pre(!forbidden.test(text) && !/\d{16}/.test(text));
        const expected = JSON.parse(text) as unknown;
        expect(plain(parseJson(text))).toEqual(expected);
        expect(plain(parseJson(utf8(text)))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('accepts a text exactly when JSON.parse does, apart from the refusals of its own', () => {
    const own = new Set(['DUPLICATE_KEY', 'PROTO_KEY', 'NON_FINITE', 'LONE_SURROGATE', 'DEPTH']);
    const piece = fc.constantFrom(
      ...'{}[],:"\\ \n-+.eE019au/'.split(''),
      'true',
      'nul',
      'null',
      '\\u00e9',
      '"a"',
      '1e5',
      '-0',
      '\u0001',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const text = pieces.join('');
        let expected = true;
        try {
          JSON.parse(text);
        } catch {
          expected = false;
        }
        try {
          parseJson(text);
          expect(expected, text).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
          expect(!expected || own.has((error as JsonError).code), text).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['', 'EMPTY'],
    [' \n', 'EMPTY'],
    ['{"a":1} x', 'TRAILING_DATA'],
    ['{"a":1}{"a":1}', 'TRAILING_DATA'],
    ['{"a":1,"a":2}', 'DUPLICATE_KEY'],
    ['{"a":1,"\\u0061":2}', 'DUPLICATE_KEY'],
    ['{"__proto__":{"success":true}}', 'PROTO_KEY'],
    ['{"constructor":{"prototype":{"x":1}}}', 'PROTO_KEY'],
    ['[1e999]', 'NON_FINITE'],
    ['[-1e999]', 'NON_FINITE'],
    ['[NaN]', 'NON_FINITE'],
    ['[-Infinity]', 'NON_FINITE'],
    ['["\\ud800"]', 'LONE_SURROGATE'],
    ['["\\udc00\\ud800"]', 'LONE_SURROGATE'],
    ['["\ud800"]', 'LONE_SURROGATE'],
    ['[01]', 'SYNTAX'],
    ['[1,]', 'SYNTAX'],
    ["{'a':1}", 'SYNTAX'],
    ['[1] // done', 'TRAILING_DATA'],
    ['["a\nb"]', 'SYNTAX'],
    ['["\\x41"]', 'SYNTAX'],
    ['[tru', 'TRUNCATED'],
    ['[1e', 'TRUNCATED'],
    ['[1e+', 'TRUNCATED'],
    ['[-', 'TRUNCATED'],
    ['["\\', 'TRUNCATED'],
    ['["\\u00', 'TRUNCATED'],
    ['{"a', 'TRUNCATED'],
    ['{"a"', 'TRUNCATED'],
    ['{', 'TRUNCATED'],
  ])('refuses %j as %s', (text, code) => {
    expect(refusal(text).code).toBe(code);
  });

  it('says of every cut of a document that it was cut', () => {
    const text = '{"a":[1.5e-3,true,null,"\\u00e9\\n\\ud83d\\ude00ü"],"b":{"c":-0.25}}';
    const bytes = utf8(text);
    for (let end = 1; end < bytes.length; end++) {
      expect(refusal(bytes.subarray(0, end)).code, `cut at ${end}`).toBe('TRUNCATED');
    }
  });

  it('names the place of what it refuses', () => {
    const error = refusal('{\n  "a": [1, {"b/c": 1,\n "b/c": 2}]}');
    expect(error).toMatchObject({ code: 'DUPLICATE_KEY', line: 3, column: 2, pointer: '/a/1/b~1c' });
    expect(error.message).toContain('line 3, column 2');
  });

  it('limits depth while reading, so that a bomb costs no stack', () => {
    expect(refusal('['.repeat(1_000_000)).code).toBe('DEPTH');
    expect(refusal('{"a":'.repeat(100_000)).code).toBe('DEPTH');
    expect(parseJson(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeDefined();
    expect(refusal(`${'['.repeat(65)}${']'.repeat(65)}`).code).toBe('DEPTH');
    expect(refusal('['.repeat(9999), { maxDepth: 1e9 }).code).toBe('DEPTH');
  });

  it('limits size and number of members', () => {
    expect(refusal('[1,2,3]', { maxBytes: 6 }).code).toBe('TOO_LARGE');
    expect(refusal('[1,2,{"a":3}]', { maxKeys: 3 }).code).toBe('TOO_MANY_KEYS');
  });

  it('takes one byte order mark off and refuses other encodings by name', () => {
    expect(plain(parseJson(utf8('\ufeff{"a":1}')))).toEqual({ a: 1 });
    expect(refusal(utf8('\ufeff\ufeff{}')).code).toBe('SYNTAX');
    const little = Buffer.from('{"a":1}', 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const [bytes, name] of [
      [Buffer.concat([Buffer.from([0xff, 0xfe]), little]), 'UTF-16 (little-endian)'],
      [little, 'UTF-16 (little-endian, no byte order mark)'],
      [big, 'UTF-16 (big-endian, no byte order mark)'],
      [Buffer.concat([Buffer.from([0xfe, 0xff]), big]), 'UTF-16 (big-endian)'],
    ] as const) {
      const error = refusal(bytes);
      expect(error.code).toBe('ENCODING');
      expect(error.message).toContain(name);
      expect(error.message).toContain('PowerShell');
    }
  });

  it('names the first byte that is not UTF-8, also overlong forms and encoded surrogates', () => {
    for (const bad of [
      [0xff],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x28, 0xa1],
    ]) {
      const error = refusal(Buffer.concat([utf8('["é",\n"'), Buffer.from(bad), utf8('"]')]));
      expect(error).toMatchObject({ code: 'ENCODING', line: 2, column: 2 });
      expect(error.message).toContain('Byte 8 ');
    }
  });

  it('keeps integers beyond 2^53-1 as their digits, or refuses them', () => {
    expect(parseJson('[9007199254740991,9007199254740993,-1795458904927000001,1e20]')).toEqual([
      9007199254740991,
      '9007199254740993',
      '-1795458904927000001',
      1e20,
    ]);
    expect(refusal('[9007199254740993]', { bigIntegers: 'refuse' }).code).toBe('BIG_INTEGER');
  });

  it('takes non-finite numbers only when asked', () => {
    expect(parseJson('[NaN,-Infinity,1e999]', { allowNonFinite: true })).toEqual([
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('gives objects that inherit nothing', () => {
    const value = parseJson('{"toString":1,"constructor":"x"}') as Record<string, JsonValue>;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect('hasOwnProperty' in value).toBe(false);
    expect(value.toString).toBe(1);
  });
});
