const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a line that must be written as `JSON.stringify` writes it: a name given twice, or a number spelt in another way, would be read
 * differently by another program.
 */
export function jsonLine(bytes: Buffer): { value?: unknown; problem?: string } {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { problem: 'the line is not UTF-8' };
  }
  try {
    value = JSON.parse(text) as unknown;
    if (JSON.stringify(value) !== text)
      return {
        problem: 'the line is not spelt as packs are: a name stands twice, or it was written by hand',
      };
  } catch {
    return { problem: 'the line is not JSON' };
  }
  return { value };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True when an object has exactly these names. */
export const hasExactly = (value: Record<string, unknown>, names: readonly string[]): boolean => {
  const own = Object.keys(value);
  return own.length === names.length && names.every((name) => Object.hasOwn(value, name));
};
