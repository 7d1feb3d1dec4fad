import { need } from './findings.ts';

export type Json = Record<string, unknown>;

/** Bytes as text; a file that is not UTF-8 is refused rather than repaired. */
export function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    need(false, 'it is not UTF-8');
    return '';
  }
}

/** Reads a JSON object in which no name stands twice: programs would take one or the other. */
export function jsonObject(text: string, what: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    need(false, `${what} is not JSON`);
  }
  const twice = nameGivenTwice(text);
  need(twice === undefined, `"${twice}" stands twice in ${what}`);
  return asObject(value, what);
}

/** A line of a pack, written as `JSON.stringify` writes it: a number or a text spelt in another way would be read differently by another program. */
export function lineObject(bytes: Uint8Array): Json {
  const text = utf8(bytes);
  const value = jsonObject(text, 'the line');
  need(JSON.stringify(value) === text, 'the line is not spelt as packs are: it was written by hand');
  return value;
}

/** The first name that one object of a well-formed JSON text holds twice. */
function nameGivenTwice(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (const [token, name] of text.matchAll(
    /("[^"\\]*(?:\\.[^"\\]*)*")\s*:|"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g,
  )) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (name !== undefined) {
      const names = open.at(-1);
      const plain = name.includes('\\') ? String(JSON.parse(name)) : name.slice(1, -1);
      if (names?.has(plain)) return plain;
      names?.add(plain);
    }
  }
  return undefined;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown, what: string): Json {
  need(isObject(value), `${what} is not an object`);
  return value;
}

/** An object with exactly these names. */
export function exactly(value: unknown, names: string, what: string): Json {
  const object = asObject(value, what);
  const wanted = names.split(' ');
  const odd =
    wanted.find((n) => !Object.hasOwn(object, n)) ?? Object.keys(object).find((n) => !wanted.includes(n));
  need(
    odd === undefined,
    `${what} must hold ${names.replaceAll(' ', ', ')}; "${odd}" is missing or too many`,
  );
  return object;
}

export function asText(value: unknown, what: string): string {
  need(typeof value === 'string', `${what} is not a text`);
  return value;
}

export function asWhole(value: unknown, what: string): number {
  need(
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0,
    `${what} is not a whole number below 2^53`,
  );
  return value;
}

export function asList(value: unknown, what: string): unknown[] {
  need(Array.isArray(value), `${what} is not a list`);
  return value;
}

export const asTexts = (value: unknown, what: string): string[] =>
  asList(value, what).map((item) => asText(item, what));
