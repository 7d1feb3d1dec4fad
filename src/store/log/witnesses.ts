import type { Statement } from '../db/database.ts';
import { OPEN_LOG } from '../ledger/tile-rows.ts';

/**
 * The cosignature lines for a checkpoint of this size, one row with `lines` (text[]); of the open log unless another one's number is
 * given. Removed witnesses' lines are among them: what they saw stays true. `cosignedNote` appends them to the checkpoint.
 */
export function cosignatureLines(size: number, log?: number): Statement {
  return {
    text: `select coalesce(array_agg(line order by vkey), '{}') as lines from cosignature
      where organisation = (select present_organisation()) and log = coalesce($2::int, ${OPEN_LOG}) and size = $1`,
    values: [size, log ?? null],
    name: 'cosignature-lines',
  };
}

export const witnessesListed: Statement = {
  text: `select w.vkey, w.url, w.added_at, w.asked_at, w.problem, c.size, c.at from witness w
        left join lateral (select size, at from cosignature c where c.organisation = w.organisation and c.log = ${OPEN_LOG}
          and c.vkey = w.vkey order by c.size desc limit 1) c on true
        where w.organisation = (select present_organisation()) and w.removed_at is null order by w.added_at, w.vkey`,
  name: 'witnesses',
};

export const openSize: Statement = {
  text: `select size from log where organisation = (select present_organisation())`,
  name: 'witnesses-log',
};

export const keepWitness = (vkey: string, url: string, now: Date): Statement => ({
  text: `insert into witness (organisation, vkey, url, added_at) values ((select present_organisation()), $1, $2, $3)
            on conflict (organisation, vkey) do update set url = excluded.url, removed_at = null, problem = null,
              added_at = case when witness.removed_at is null then witness.added_at else excluded.added_at end`,
  values: [vkey, url, now],
});

export const dropWitness = (vkey: string, now: Date): Statement => ({
  text: `update witness set removed_at = $2 where organisation = (select present_organisation()) and vkey = $1 and removed_at is null`,
  values: [vkey, now],
});
