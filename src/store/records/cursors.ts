import { Failure } from '../../base/failure.ts';
import type { ListQuery } from './list.ts';

/** Where a page of a list ends. */
export interface Cursor {
  /** sort name and direction, so that a cursor is never used with another order */
  s: string;
  v: string | number | null;
  n: number;
}

const encode = (c: Cursor) => Buffer.from(JSON.stringify(c)).toString('base64url');

/** The cursor in a text that came from outside; refused when it belongs to another list, order or state. */
export function decode(text: string, expected: string): Cursor {
  try {
    const c = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Cursor;
    const simple = c !== null && (typeof c.v === 'string' || typeof c.v === 'number' || c.v === null);
    if (simple && c.s === expected && Number.isSafeInteger(c.n) && Math.abs(c.n) < 2 ** 31) {
      if (typeof c.v === 'string' && (c.v.includes('\u0000') || c.v.length > 400)) throw new Error('value');
      return c;
    }
  } catch {
    // fall through to the one answer
  }
  throw new Failure(
    'BAD_INPUT',
    'after: this cursor does not belong to this list and order; begin again without it.',
    [{ path: '/after', message: 'is not a cursor of this list' }],
  );
}

/** The cursor after a row. */
export function cursorAfter(q: ListQuery, row: { number: number; sortKey: string | null }): string {
  return encode({ s: orderOf(q), v: row.sortKey, n: row.number });
}

/** The earlier state that a cursor was read in; undefined for one of the present, and for what is no cursor. */
export function pointOfCursor(after: string): { log: number; size: number } | undefined {
  try {
    const c = JSON.parse(Buffer.from(after, 'base64url').toString('utf8')) as Partial<Cursor> | null;
    const m = typeof c?.s === 'string' ? /@([1-9]\d{0,8}):([1-9]\d{0,14})$/.exec(c.s) : null;
    return m ? { log: Number(m[1]), size: Number(m[2]) } : undefined;
  } catch {
    return undefined;
  }
}

/** What a cursor belongs to: an order, and the state it was read in when that is not the present one. */
export const orderOf = (q: ListQuery): string =>
  `${q.sort.descending ? '-' : ''}${q.sort.name}${q.point ? `@${q.point.log}:${q.point.size}` : ''}`;
