import type { Digest } from '../../answers/work.ts';
import { Failure } from '../../base/failure.ts';
import type { App, Asking } from '../context.ts';
import { allWork } from './my-work.ts';

/** Most items that one letter names. */
const NAMED = 50;
/** Weeks ahead that can be asked for: what is due is known, what will wait is not. */
const WEEKS_AHEAD = 4;

const DAY = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Monday of the ISO week that a day is in. */
const mondayOf = (ms: number): number => ms - ((new Date(ms).getUTCDay() + 6) % 7) * DAY;

/** `2027-W01` of a day: the week belongs to the year that its Thursday is in. */
export function isoWeek(day: string): string {
  const monday = mondayOf(Date.parse(day));
  const year = new Date(monday + 3 * DAY).getUTCFullYear();
  const first = mondayOf(Date.UTC(year, 0, 4));
  return `${year}-W${String(Math.round((monday - first) / (7 * DAY)) + 1).padStart(2, '0')}`;
}

/** First day of an ISO week; undefined when there is no such week. */
export function weekStart(week: string): string | undefined {
  const m = /^(\d{4})-W(\d{2})$/.exec(week);
  if (!m) return undefined;
  const start = dayOf(mondayOf(Date.UTC(Number(m[1]), 0, 4)) + (Number(m[2]) - 1) * 7 * DAY);
  return isoWeek(start) === week ? start : undefined;
}

/** The present week's work, or that of one of the next weeks: a past one is not known any more, because work is computed and not kept. */
export async function workDigest(
  app: App,
  ask: Asking,
  o: { person?: string; week?: string },
): Promise<Digest> {
  const now = app.clock.now().toISOString().slice(0, 10);
  const present = isoWeek(now);
  const week = o.week ?? present;
  const from = weekStart(week);
  if (!from)
    throw new Failure(
      'BAD_INPUT',
      `week: expected an ISO week such as ${present}, got ${JSON.stringify(week.slice(0, 20))}.`,
      [{ path: '/week', message: `expected a week such as ${present}` }],
    );
  const first = weekStart(present)!;
  const ahead = (Date.parse(from) - Date.parse(first)) / (7 * DAY);
  if (ahead < 0 || ahead > WEEKS_AHEAD)
    throw new Failure(
      'BAD_INPUT',
      `week: work is computed from the records as they are; it is known for ${present} and the ${WEEKS_AHEAD} weeks after it, not for ${week}.`,
      [{ path: '/week', message: `expected ${present} or one of the ${WEEKS_AHEAD} weeks after it` }],
    );
  const to = dayOf(Date.parse(from) + 6 * DAY);
  const work = await allWork(app, ask, o.person);
  const overdue = work.items.filter((i) => i.due !== null && (i.due < from || i.due < work.today));
  const dueThisWeek = work.items.filter(
    (i) => i.due !== null && i.due >= from && i.due >= work.today && i.due <= to,
  );
  const waiting = work.items.filter((i) => i.due === null);
  const named = [overdue, dueThisWeek, waiting].map((list) => list.slice(0, NAMED));
  const counts = { overdue: overdue.length, dueThisWeek: dueThisWeek.length, waiting: waiting.length };
  const all = counts.overdue + counts.dueThisWeek + counts.waiting;
  return {
    person: work.person,
    week,
    from,
    to,
    subject:
      all === 0
        ? `AIMS, week ${week}: nothing waits for you`
        : `AIMS, week ${week}: ${counts.overdue} overdue, ${counts.dueThisWeek} due, ${counts.waiting} waiting`,
    counts,
    overdue: named[0]!,
    dueThisWeek: named[1]!,
    waiting: named[2]!,
    unnamed: all - named.reduce((sum, list) => sum + list.length, 0),
    cut: work.cut,
  };
}
