/** A point as a person enters it: a time in their own zone, or a number of entries. */
export interface PointInput {
  time: string;
  entry: string;
}

export const NO_POINT: PointInput = { time: '', entry: '' };

const two = (n: number): string => String(n).padStart(2, '0');

/** What the controls show for a point of the address: `2027-03-31T12:00:00Z`, `2027-03-31` or `120`. */
export function inputOf(point: string | undefined): PointInput {
  if (!point) return NO_POINT;
  if (/^\d+$/.test(point)) return { time: '', entry: point };
  const at = new Date(point.length === 10 ? `${point}T23:59:59.999Z` : point);
  if (Number.isNaN(at.getTime())) return NO_POINT;
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return { time: `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`, entry: '' };
}

/** The point that was entered, as the address says it; undefined when nothing was. The number of entries goes before the time. */
export function pointOf(input: PointInput): string | undefined {
  const entry = input.entry.trim();
  if (entry !== '') return entry;
  if (input.time === '') return undefined;
  const at = new Date(input.time);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
