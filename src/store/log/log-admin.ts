import type { Statement } from '../db/database.ts';

/**
 * Keeps the open log as it is until the transaction ends, or ends the transaction when another one is open by now. One after the other: a
 * key that is named twice at once would otherwise leave two that sign for good, and one of an ended log would be its newest.
 */
export const lockOpen = (number: number): Statement => ({
  text: 'select 1 / coalesce((select number from log where organisation = (select present_organisation()) and number = $1 for update), 0)',
  values: [number],
});

/** Keys of a log are in the order of their times: two clocks may disagree, the one named last is the newest. */
export const insertKey = (log: number, vkey: string, name: string, since: Date): Statement => ({
  text: `insert into log_key (organisation, log, vkey, name, since) values ((select present_organisation()), $1, $2, $3, greatest($4,
    (select max(since) + interval '1 millisecond' from log_key where organisation = (select present_organisation()) and log = $1)))`,
  values: [log, vkey, name, since],
});

/** Opens the log to everybody, or closes it. */
export const setPublic = (open: boolean): Statement => ({
  text: 'update organisation set log_public = $1 where id = (select present_organisation())',
  values: [open],
});

/** Digest of the read token; null when there is none. */
export const logToken: Statement = {
  text: 'select log_token from organisation where id = (select present_organisation())',
  name: 'log-token',
};

/** Digest of the read token; null takes it away. */
export const setLogToken = (digest: Buffer | null): Statement => ({
  text: 'update organisation set log_token = $1 where id = (select present_organisation())',
  values: [digest],
});

/** The key that signs for good does so until then. */
export const endOpenKey = (until: Date, log: number): Statement => ({
  text: `update log_key set until = $1 where organisation = (select present_organisation()) and log = $2 and until is null`,
  values: [until, log],
});
