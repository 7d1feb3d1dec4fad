import { Failure } from '../../base/failure.ts';
import * as cell from '../db/cells.ts';
import type { Database, Statement } from '../db/database.ts';

/** Who asks, and under which key; the fingerprint is that of the whole request, its operation included. */
export interface AskedBefore {
  actor: string;
  key: string;
  fingerprint: string;
}

/**
 * Thrown by whatever was to be done when it was done before, under the same key and by the same request. It carries what was kept of it: numbers,
 * counts and states, since contents may be personal and must not outlive their erasure there.
 */
export class DoneBefore extends Error {
  constructor(readonly kept: unknown) {
    super('done before under this idempotency key');
  }
}

/** Throws DoneBefore where this request was carried out under its key, IDEMPOTENCY_MISMATCH where another was. */
export async function demandFirst(db: Database, organisation: number, asked: AskedBefore): Promise<void> {
  const [rows] = await db.run(organisation, [
    {
      text: `select fingerprint, result from idempotency where organisation = (select present_organisation()) and actor = $1 and key = $2`,
      values: [asked.actor, asked.key],
      name: 'asked-before',
    },
  ]);
  if (rows![0]) throw doneBefore(asked, cell.text(rows![0].fingerprint), rows![0].result);
}

export function doneBefore(asked: { fingerprint: string }, fingerprint: string, kept: unknown): Error {
  if (fingerprint === asked.fingerprint) return new DoneBefore(kept);
  return new Failure(
    'IDEMPOTENCY_MISMATCH',
    'This Idempotency-Key was used before with another request; take a new key for a new request.',
  );
}

/** Keeps what a request came to that had nothing to write. */
export const keepStatement = (asked: AskedBefore, kept: unknown, at: Date): Statement => ({
  text: `insert into idempotency (organisation, actor, key, fingerprint, result, at)
    values ((select present_organisation()), $1, $2, $3, $4::jsonb, $5) on conflict do nothing`,
  values: [asked.actor, asked.key, asked.fingerprint, JSON.stringify(kept), at],
});

/** What is kept of a write that is about one record. */
export interface Kept {
  record: { register: string; ref: string };
  decision?: string;
  unchanged?: true;
  /** What else was answered. */
  more?: Record<string, unknown>;
}

/** The same as it was stored; undefined where the answer itself was kept. */
export function toKept(kept: unknown): Kept | undefined {
  const { record, decision, unchanged, more } = cell.object(kept);
  if (typeof record !== 'object' || record === null || !('register' in record)) return undefined;
  return {
    record: cell.members({ register: cell.text, ref: cell.text })(record),
    ...(typeof decision === 'string' ? { decision } : {}),
    ...(unchanged === true ? { unchanged } : {}),
    ...(more === undefined ? {} : { more: cell.object(more) }),
  };
}
