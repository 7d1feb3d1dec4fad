import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Actions on a nonconformity: as they are, since when, and whether one was ever found not to have worked. */
export const actionsOfNonconformity = (id: string, actions: string): Statement => ({
  text: `select a.ref, a.state, exists (select from version v where v.organisation = a.organisation and v.record_id = a.id
        and v.state = ${named.action.state('ineffective')}) as failed,
      (select coalesce(max(v.at) filter (where v.transition is not null), min(v.at)) from version v
        where v.organisation = a.organisation and v.record_id = a.id) as since
    from link k join record a on a.organisation = k.organisation and a.id = k.from_id
    where k.organisation = (select present_organisation()) and k.to_id = $1 and k.from_register = $2 and k.name = ${named.action.link('nonconformities')} order by a.number`,
  values: [id, actions],
  name: 'actions-of-nonconformity',
});

/** When a record last left a state, as `at`; null when it never did. */
export const leftAfter = (id: string, state: string): Statement => ({
  text: `select min(n.at) as at from version n where n.organisation = (select present_organisation()) and n.record_id = $1 and n.version > (
      select max(v.version) from version v where v.organisation = n.organisation and v.record_id = $1 and v.state = $2)`,
  values: [id, state],
  name: 'left-after',
});
