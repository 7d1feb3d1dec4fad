import type { Database } from '../db/database.ts';

/** Who asks, and under which key; the fingerprint is that of the whole request, its operation included. */
export interface AskedBefore {
  actor: string;
  key: string;
  fingerprint: string;
}

/**
 * What was stored under this idempotency key for this very request, if anything. The type is that of what the same operation stores: another
 * operation has another fingerprint.
 */
export async function earlierResult<T>(
  db: Database,
  organisation: number,
  asked: AskedBefore,
): Promise<T | undefined> {
  const [rows] = await db.run(organisation, [
    {
      text: `select result from idempotency where organisation = (select present_organisation()) and actor = $1 and key = $2
        and fingerprint = $3`,
      values: [asked.actor, asked.key, asked.fingerprint],
    },
  ]);
  return rows![0]?.result as T | undefined;
}
