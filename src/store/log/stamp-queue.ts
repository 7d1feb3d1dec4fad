import type { Row, Statement } from '../db/database.ts';

/** The present checkpoint, when the log grew since the newest stamp and the interval is over. */
export const enqueue = (now: Date): Statement => ({
  text: `insert into stamp (organisation, log, size, queued_at)
    select l.organisation, l.number, l.size, $1::timestamptz from log l join stamp_service s on s.organisation = l.organisation
      join checkpoint c on c.organisation = l.organisation and c.log = l.number and c.size = l.size
      where l.organisation = (select present_organisation()) and not exists (select from stamp t where t.organisation = l.organisation and t.log = l.number
        and (t.size >= l.size or t.queued_at > $1::timestamptz - case s.every when 'hour' then interval '1 hour' else interval '1 day' end))
    on conflict do nothing`,
  values: [now],
  name: 'stamp-enqueue',
});

export const OLDEST: Statement = {
  text: `select t.log, t.size, t.tries, t.tried_at, c.note, s.url, s.chain from stamp t
      join stamp_service s on s.organisation = t.organisation
      join checkpoint c on c.organisation = t.organisation and c.log = t.log and c.size = t.size
    where t.organisation = (select present_organisation()) and t.token is null order by t.log, t.size limit 1`,
  name: 'stamp-oldest',
};

const THIS = `organisation = (select present_organisation()) and log = $1 and size = $2 and token is null`;

export const claim = (row: Row, now: Date): Statement => ({
  text: `update stamp set tries = tries + 1, tried_at = $3 where ${THIS} and tries = $4 returning size`,
  values: [row.log, row.size, now, row.tries],
});

export const keep = (row: Row, had: { url: string; chain: string; token: Buffer; at: Date }): Statement => ({
  text: `update stamp set token = $3, url = $4, chain = $5, stamped_at = $6, problem = null where ${THIS}`,
  values: [row.log, row.size, had.token, had.url, had.chain, had.at],
});

export const fail = (row: Row, problem: string): Statement => ({
  text: `update stamp set problem = $3 where ${THIS}`,
  values: [row.log, row.size, problem],
});
