import type { Statement } from '../db/database.ts';

export const STAMP_SERVICE: Statement = {
  text: `select url, chain, every, added_at from stamp_service where organisation = (select present_organisation())`,
  name: 'stamp-service',
};

const STAMP = `select t.log, t.size, t.queued_at, t.tries, t.tried_at, t.problem, t.url, t.chain, t.token, t.stamped_at, c.note
  from stamp t join checkpoint c on c.organisation = t.organisation and c.log = t.log and c.size = t.size
  where t.organisation = (select present_organisation())`;

export const keepStampService = (url: string, chain: string, every: string, now: Date): Statement => ({
  text: `insert into stamp_service (organisation, url, chain, every, added_at) values ((select present_organisation()), $1, $2, $3, $4)
          on conflict (organisation) do update set url = excluded.url, chain = excluded.chain, every = excluded.every,
            added_at = excluded.added_at`,
  values: [url, chain, every, now],
});

export const tryStampsAgain: Statement = {
  text: `update stamp set tries = 0, tried_at = null, problem = null where organisation = (select present_organisation()) and token is null`,
};

export const dropStampService: Statement = {
  text: `delete from stamp_service where organisation = (select present_organisation())`,
};

/** Stamps below one, the newest checkpoint first. */
export const stampsBelow = (below: { log: number; size: number } | undefined, limit: number): Statement => ({
  text: `${STAMP} and ($1::int is null or (t.log, t.size) < ($1, $2)) order by t.log desc, t.size desc limit $3`,
  values: [below?.log ?? null, below?.size ?? null, limit],
  name: 'stamp-list',
});

export const stampOf = (log: number, size: number): Statement => ({
  text: `${STAMP} and t.log = $1 and t.size = $2`,
  values: [log, size],
  name: 'stamp-one',
});
