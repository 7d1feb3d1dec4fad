import type { Statement } from '../db/database.ts';

/** Entries that name a key of the open log must be in it before it is ended: whoever trusts the old key comes to the new one by them. */
export const NO_KEY_WAITS: Statement = {
  text: `select 1 / (case when exists (select from outbox where organisation = (select present_organisation()) and record_id is null
      and position('"about":"key.rotate"' in convert_from(entry, 'UTF8')) > 0) then 0 else 1 end)`,
};

/** When somebody last signed after this moment, as `at`; null when nobody did. */
export const signedSince = (since: Date): Statement => ({
  text: 'select max(at) as at from checkpoint where organisation = (select present_organisation()) and at > $1',
  values: [since],
});

/** The first entry of a log that has no place yet: it waits under the number of its log, below nought. */
export const waitingFirst = (log: number): Statement => ({
  text: 'select entry from outbox where organisation = (select present_organisation()) and id = $1',
  values: [-log],
});

export const replaceUnsignedKey = (p: {
  number: number;
  lost: string;
  vkey: string;
  name: string;
  at: string;
  entry: string | null;
}): Statement => ({ text: 'select replace_unsigned_key($1::jsonb)', values: [JSON.stringify(p)] });

/** Waits for the batch that is under way, until the transaction ends. */
export const afterBatch = (organisation: number): Statement => ({
  text: 'select pg_advisory_xact_lock(42001, $1)',
  values: [organisation],
});

export const beginLog = (told: {
  at: string;
  entry: string | undefined;
  number: number;
  size: number;
  final: string;
  reason: string;
  next: { origin: string; root: string; vkey: string; key: string };
}): Statement => ({
  text: 'select begin_log($1::jsonb)',
  values: [JSON.stringify(told)],
});
