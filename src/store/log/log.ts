import type { Statement } from '../db/database.ts';

export const logPending: Statement = {
  text: 'select count(*)::int as n from outbox where organisation = (select present_organisation())',
  name: 'log-pending',
};

export const logEntries = (before: number, limit: number, log: number): Statement => ({
  text: `select index, entry from leaf where organisation = (select present_organisation()) and log = $3 and index < $1
        order by index desc limit $2`,
  values: [before, limit, log],
  name: 'log-entries',
});

export const logWitnessed = (log: number): Statement => ({
  text: `select vkey, max(size) as size, max(at) as at from cosignature where organisation = (select present_organisation())
        and log = $1 group by vkey`,
  values: [log],
  name: 'log-witnessed',
});

export const leafOfVersion = (id: string, version: number): Statement => ({
  text: `select log, index, entry from leaf where organisation = (select present_organisation()) and record_id = $1 and version = $2`,
  values: [id, version],
});

export const partsOfVersion = (id: string, version: number): Statement => ({
  text: `select c.part, c.value, s.salt from content c join secret s using (organisation, record_id, version, part)
        where c.organisation = (select present_organisation()) and c.record_id = $1 and c.version = $2`,
  values: [id, version],
});

export const logBundle = (first: number, width: number, log: number): Statement => ({
  text: `select entry from leaf where organisation = (select present_organisation()) and log = $3 and index >= $1 and index < $2
        order by index`,
  values: [first, first + width, log],
  name: 'log-bundle',
});
