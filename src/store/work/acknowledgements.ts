import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Documents that the person is to acknowledge and has not, in the edition in force. */
export const toAcknowledge = (w: WorkOf): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, (select max(v.at) from version v where v.organisation = r.organisation
      and v.record_id = r.id and v.transition = ${named.document.step('publish')}) as since
    from record r where ${HERE} and r.register = $3 and r.state = ${named.document.state('published')}
      and (r."values"->>${named.document.field('acknowledgedBy')} = 'everyone' or (r."values"->>${named.document.field('acknowledgedBy')} = 'named' and coalesce(r."values"->${named.document.field('readers')} ? $1, false)))
      and not exists (select from record d where d.organisation = r.organisation and d.register = $4 and d.${w.place.subject} = lower(r.ref)
        and d."values"->>${named.decision.field('kind')} = 'acknowledge' and d."values"->>${named.decision.field('by')} = $1 and d."values"->>${named.decision.field('subjectDigest')} = r.material)
      and $2::text is not null
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, named.document.name, named.decision.name],
  name: 'work-acknowledge',
});
