import type { Statement } from '../db/database.ts';

const COSIGNATURES = (
  log: string,
  size: string,
) => `(select coalesce(string_agg(c.line, '' order by c.vkey), '')
    from cosignature c where c.organisation = (select present_organisation()) and c.log = ${log} and c.size = ${size})`;

export const HEADS: Statement = {
  text: `select x.*, ${COSIGNATURES('x.number', 'x.size')} as cosignatures,
      (select json_agg(json_build_array(k.vkey, k.since, k.until) order by k.since, k.vkey) from log_key k
        where k.organisation = (select present_organisation()) and k.log = x.number) as keys
    from (select number, origin, size, root, checkpoint, true as open from log where organisation = (select present_organisation())
      union all select number, origin, size, root, checkpoint, false from former_log
        where organisation = (select present_organisation())) x order by x.number`,
  name: 'log-heads',
};

/** Witnesses that a policy suggests, in the order in which they were added. */
export const witnessesAsked: Statement = {
  text: `select vkey, url from witness where organisation = (select present_organisation()) and removed_at is null
        order by added_at, vkey`,
};

/** The newest checkpoint that covers an entry and that a witness has cosigned, as `note` with the cosignatures. */
export const logCosigned = (log: number, index: number): Statement => ({
  text: `select p.size, p.note || ${COSIGNATURES('p.log', 'p.size')} as note from checkpoint p
        where p.organisation = (select present_organisation()) and p.log = $1 and p.size > $2 and exists (select from cosignature c
          where c.organisation = p.organisation and c.log = p.log and c.size = p.size) order by p.size desc limit 1`,
  values: [log, index],
  name: 'log-cosigned',
});
