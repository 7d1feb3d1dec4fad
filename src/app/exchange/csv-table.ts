import { stringify } from 'csv-stringify/sync';

/** `2027-03-31`, a day that exists. */
export function isDay(text: string): boolean {
  if (!/^[1-9]\d{3}-\d{2}-\d{2}$/.test(text)) return false;
  const d = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(d.getTime()) && d.toISOString().slice(0, 10) === text;
}

/** Lines of text as CSV. A cell that a spreadsheet would run as a formula gets an apostrophe. */
export const csvText = (lines: readonly (readonly string[])[]): string =>
  stringify(lines.map((line) => line.map((cell) => (/^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell))));
