import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Incidents that must be reported and were not told to anybody yet; and, for those who hand them out, the ones that nobody handles. */
export const unreported = (w: WorkOf, free: boolean): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r.owner = $1 as mine, r."values"->>${named.incident.field('owner')} is null as free,
      r."values"->>${named.incident.field('reportBy')} as due, r.created_at as since, t.reportable
    from record r cross join lateral (select coalesce(r."values"->>${named.incident.field('reportBy')} is not null or r."values"->${named.incident.field('reportable')} = 'true', false)
        and not exists (select from link k join record m on m.organisation = k.organisation and m.id = k.to_id and m.register = $5 and m.state = ${named.communication.state('sent')}
          where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.incident.link('communications')}) as reportable) t
    where ${HERE} and r.register = $3 and r.state <> ${named.incident.state('closed')} and $2::text is not null
      and ((r.owner = $1 and t.reportable) or ($4 and r."values"->>${named.incident.field('owner')} is null))
    order by r.due nulls last, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, named.incident.name, free, named.communication.name],
  name: 'work-incidents',
});
