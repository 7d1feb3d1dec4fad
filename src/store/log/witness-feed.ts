import type { Row, Statement } from '../db/database.ts';

/** Witnesses that have not cosigned the newest checkpoint of the open log; `last` is the size they cosigned before it. */
const SELECT = `select w.vkey, w.url, l.number as log, l.size, l.checkpoint, coalesce(c.last, 0) as last
  from witness w join log l on l.organisation = w.organisation
  left join lateral (select max(c.size) as last from cosignature c
    where c.organisation = w.organisation and c.log = l.number and c.vkey = w.vkey) c on true
  where w.organisation = (select present_organisation()) and w.removed_at is null and l.checkpoint is not null and coalesce(c.last, 0) < l.size`;

export const BEHIND: Statement = { text: SELECT, name: 'witnesses-behind' };

export const oneBehind = (vkey: string): Statement => ({
  text: `${SELECT} and w.vkey = $1`,
  values: [vkey],
  name: 'witness-behind',
});

export const keep = (row: Row, cosigned: { line: string; at: Date }, now: Date): Statement[] => [
  {
    text: `insert into cosignature (organisation, log, size, vkey, line, at) values ((select present_organisation()), $1, $2, $3, $4, $5)
      on conflict do nothing`,
    values: [row.log, row.size, row.vkey, cosigned.line, cosigned.at],
    name: 'cosignature-keep',
  },
  {
    text: `update witness set size = $2, asked_at = $3, problem = null where organisation = (select present_organisation()) and vkey = $1`,
    values: [row.vkey, row.size, now],
    name: 'witness-answered',
  },
];

export const witnessFailed = (vkey: string, at: Date, problem: string): Statement => ({
  text: `update witness set asked_at = $2, problem = $3 where organisation = (select present_organisation()) and vkey = $1`,
  values: [vkey, at, problem],
  name: 'witness-failed',
});
