/** Careful access to JSON that others wrote: a member of the wrong type reads as if it were absent. */
import { canonicalJson, sha256Hex } from '../base/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';

/** The object member `key`, or null. */
export function objectAt(object: JsonObject | null, key: string): JsonObject | null {
  const value = object?.[key];
  return isJsonObject(value) ? value : null;
}

/** The array member `key`, or null. */
export function arrayAt(object: JsonObject | null, key: string): JsonValue[] | null {
  const value = object?.[key];
  return Array.isArray(value) ? value : null;
}

/** The non-empty string member `key`, or null. */
export function stringAt(object: JsonObject | null, key: string): string | null {
  const value = object?.[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The number member `key`, or null. */
export function numberAt(object: JsonObject | null, key: string): number | null {
  const value = object?.[key];
  return typeof value === 'number' ? value : null;
}

/** The member `key` when it is a whole number from 0, or null. */
export function indexAt(object: JsonObject | null, key: string): number | null {
  const value = numberAt(object, key);
  return value !== null && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Whether the member `key` is present and not null. */
export function has(object: JsonObject | null, key: string): boolean {
  return object !== null && object[key] !== undefined && object[key] !== null;
}

/** SHA-256 (hex) of a value: of the text itself when it is a string, otherwise of its canonical JSON. */
export function digest(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  return sha256Hex(typeof value === 'string' ? value : canonicalJson(value));
}
