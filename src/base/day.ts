// Calendar days, `YYYY-MM-DD`. People say the day that it is where they are; the program counts in UTC.

const HOUR = 3_600_000;

/** The day of a moment in UTC. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** The latest day that it is anywhere on Earth at a moment (UTC+14). */
export const latestDayOf = (at: Date): string => dayOf(new Date(at.getTime() + 14 * HOUR));

/** The earliest day that it is anywhere on Earth at a moment (UTC-12). */
export const earliestDayOf = (at: Date): string => dayOf(new Date(at.getTime() - 12 * HOUR));

/** The day so many months after a moment or day, in UTC: a day that the month does not have is its last. */
export function monthsAfter(moment: string, months: number): string {
  const d = new Date(moment);
  const first = new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(d.getUTCDate(), last));
  return dayOf(first);
}
