import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** A row where the person has departed. */
export const ownerDeparted = (owner: string): Statement => ({
  text: `select title from record where organisation = (select present_organisation()) and register = $1 and ref = $2 and state = ${named.person.state('departed')}`,
  values: [named.person.name, owner],
});

/** Another delegation of the two that would make a chain of this one. */
export const delegationBeside = (
  delegator: string | undefined,
  owner: string,
  ref: string | undefined,
  today: string,
): Statement => ({
  text: `select r.ref, r.owner = $2 as holds from record r where r.organisation = (select present_organisation()) and r.register = $1
        and r.state in (${named.responsibility.state('proposed', 'accepted')}) and r."values"->>${named.responsibility.field('kind')} = 'delegation' and r.ref <> $4
        and coalesce(r."values"->>${named.responsibility.field('endsOn')}, '9999') > $5 and (r.owner = $2 or r."values"->>${named.responsibility.field('delegator')} = $3) order by r.number limit 1`,
  values: [named.responsibility.name, delegator ?? '', owner, ref ?? '', today],
});

/** Who is accountable for an activity already, of these systems, or of none. */
export const accountableBeside = (
  activity: string,
  ref: string | undefined,
  systems: string[],
): Statement => ({
  text: `select r.ref, r.owner, s.ref as system from record r
          left join link k on k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.responsibility.link('systems')}
          left join record s on s.organisation = k.organisation and s.id = k.to_id
        where r.organisation = (select present_organisation()) and r.register = $1 and r.state in (${named.responsibility.state('proposed', 'accepted')})
          and r."values"->>${named.responsibility.field('kind')} = 'raci' and r."values"->>${named.responsibility.field('part')} = 'accountable' and r."values"->>${named.responsibility.field('activity')} = $2 and r.ref <> $3
          and (case when cardinality($4::text[]) = 0 then k.to_id is null else s.ref = any($4) end) order by r.number limit 1`,
  values: [named.responsibility.name, activity, ref ?? '', systems],
});
