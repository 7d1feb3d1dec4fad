import { registers } from '../../registers/index.ts';
import { HERE } from '../../store/authority/work.ts';
import type { Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import type { Whose, WorkRule } from './rule.ts';
import { day, sinceOf, stepNext, why } from './words.ts';

/** Documents that the person is to acknowledge and has not, in the edition in force. */
const toAcknowledge = (w: Whose): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, (select max(v.at) from version v where v.organisation = r.organisation
      and v.record_id = r.id and v.transition = ${named.document.step('publish')}) as since
    from record r where ${HERE} and r.register = $3 and r.state = ${named.document.state('published')}
      and (r."values"->>${named.document.field('acknowledgedBy')} = 'everyone' or (r."values"->>${named.document.field('acknowledgedBy')} = 'named' and coalesce(r."values"->${named.document.field('readers')} ? $1, false)))
      and not exists (select from record d where d.organisation = r.organisation and d.register = $4 and d.${w.place.subject} = lower(r.ref)
        and d."values"->>${named.decision.field('kind')} = 'acknowledge' and d."values"->>${named.decision.field('by')} = $1 and d."values"->>${named.decision.field('subjectDigest')} = r.material)
      and $2::text is not null
    order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.document.name, registers.decision.name],
  name: 'work-acknowledge',
});

export const acknowledgements: WorkRule = {
  kind: 'acknowledgements',
  statement: toAcknowledge,
  tells: (r) => [
    {
      rule: 'document.acknowledge',
      since: sinceOf(r),
      why: r.since ? why('acknowledge', { since: day(r.since) }) : why('acknowledgeSince'),
      next: stepNext(registers.document, 'acknowledge'),
    },
  ],
};
