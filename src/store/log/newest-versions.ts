import type { Statement } from '../db/database.ts';

/** The newest version of every record below an entry, with the digest of its entry. */
export const versionsBelow = (log: number, index: number): Statement => ({
  text: `select distinct on (record_id) record_id as id, version, 'sha256:' || encode(sha256(entry), 'hex') as digest from leaf
        where organisation = (select present_organisation()) and record_id is not null and (log < $1 or (log = $1 and index < $2))
        order by record_id, version desc`,
  values: [log, index],
});

/** Entries below an index that may be snapshots, the newest first: the bytes only narrow the search. */
export const snapshotsBelow = (log: number, below: number): Statement => ({
  text: `select index, entry from leaf where organisation = (select present_organisation()) and log = $1 and record_id is null
        and index < $2 and position($3::bytea in entry) > 0 order by index desc limit 50`,
  values: [log, below, Buffer.from('"snapshot":{')],
});
