/**
 * What a cell of a sheet holds. `serial` is a day or a point in time as spreadsheets count it (days since 1899-12-30, without zone);
 * `fault` says why a cell holds nothing that could be taken.
 */
export type Cell = null | string | number | boolean | { serial: number } | { fault: string };

/** Cells that can be written: a day and a point in time get the look of one. */
export type WrittenCell = null | string | number | boolean | { day: string } | { moment: string };

const DAY = 86_400_000;
/** Day 0. Day 60 is a 29 February 1900 that never was, so earlier days are not counted alike everywhere. */
const EPOCH = Date.UTC(1899, 11, 30);
const FIRST = 61;
const LAST = 2_958_466;

/** `2027-03-31`, or a point in time in UTC, as a spreadsheet counts it; undefined for what it cannot count. */
export function serialOf(text: string): number | undefined {
  const at = Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text);
  const serial = (at - EPOCH) / DAY;
  return serial >= FIRST && serial < LAST ? serial : undefined;
}

/** The point in time that a spreadsheet means, to the millisecond; undefined for what is no date. */
export function momentOf(serial: number): string | undefined {
  if (!(serial >= FIRST && serial < LAST)) return undefined;
  return new Date(EPOCH + Math.round(serial * DAY)).toISOString();
}

/** The day that a spreadsheet means; undefined when it has a time of day as well. */
export const dayOf = (serial: number): string | undefined =>
  Number.isInteger(serial) ? momentOf(serial)?.slice(0, 10) : undefined;

/** 1 -> A, 27 -> AA. */
export function columnName(n: number): string {
  let name = '';
  for (let left = n; left > 0; left = Math.floor((left - 1) / 26))
    name = String.fromCharCode(65 + ((left - 1) % 26)) + name;
  return name;
}

/** Longest text that spreadsheets take in one cell, in UTF-16 units. */
export const CELL_TEXT = 32_767;
