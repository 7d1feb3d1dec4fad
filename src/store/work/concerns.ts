import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Concerns that the person handles, and, for those who hand them out, the ones that nobody handles yet. */
export const handled = (w: WorkOf, free: boolean): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r.owner = $1 as mine, r."values"->>${named.concern.field('answerBy')} as due, r.created_at as since
    from record r where ${HERE} and r.register = $3 and r.state in (${named.concern.state('received', 'examining')}) and $2::text is not null
      and (r.owner = $1 or ($4 and r."values"->>${named.concern.field('owner')} is null))
    order by r.due nulls last, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, named.concern.name, free],
  name: 'work-concerns',
});
