import { criteriaOnce, IN_FORCE } from '../authority/newest.ts';
import { ACCEPT_AT, ACCEPTED_LEVEL, APPETITE, RATED_BEFORE } from '../authority/ruled.ts';
import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** The level before treatment: what counts until somebody says that it was treated. */
const BEFORE = `(r.derived->>${named.risk.derived('level')})::numeric`;

/**
 * Who accepts: read once, and only where a risk asks for it; of each risk, whoever worked on it does not. From a level on, top management alone.
 */
const MANAGERS = `select p.ref, p.title, p.number, p."values"->${named.person.field('roles')} ? 'topManagement' as top from record p
  where p.organisation = (select present_organisation()) and p.register = ${named.person.register()} and p.state = ${named.person.state('active')}
    and p."values"->${named.person.field('roles')} ?| array['topManagement', 'designatedManagement'] order by p.number limit 20`;

const ACCEPTING = `(select jsonb_agg(m.title || ' (' || m.ref || ')' order by m.number) from (select m.* from managers m
    where (m.top or not x.reserved) and not exists (select from version v where v.organisation = r.organisation and v.record_id = r.id
      and v.actor = m.ref and (v.transition is null or v.transition = any($4))) order by m.number limit 5) m)`;

/** Risks that the person owns and that ask for something: not rated, rated by other scales, above the appetite and not treated, treated and still above. */
export const asking = (w: WorkOf): Statement => ({
  text: criteriaOnce(`with managers as materialized (${MANAGERS})
    select r.ref, r.register, r.title, r.state, r.number, r.updated_at as since, x.found, x.reserved, x.cited, ${IN_FORCE} as criteria, ${APPETITE} as appetite,
      case when r.state = ${named.risk.state('assessed')} then ${BEFORE} else ${ACCEPTED_LEVEL} end as level,
      coalesce(r."values"->>${named.risk.field('treatment')}, '') <> '' and r."values"->>${named.risk.field('reviewBy')} is not null as ready,
      case when x.found = 'treatedAbove' then ${ACCEPTING} end as people
    from record r
      cross join lateral (select ${RATED_BEFORE} as cited, coalesce(${ACCEPTED_LEVEL} >= ${ACCEPT_AT}, false) as reserved) c
      cross join lateral (select c.*, case when ${BEFORE} is null then 'unrated' when c.cited is not null then 'ratedBefore'
        when r.state = ${named.risk.state('assessed')} and ${BEFORE} > ${APPETITE} then 'untreated'
        when r.state = ${named.risk.state('treated')} and ${ACCEPTED_LEVEL} > ${APPETITE} then 'treatedAbove' end as found) x
    where ${HERE} and $2::text is not null and r.register = $3 and r.owner = $1 and r.state <> ${named.risk.state('closed')} and x.found is not null
    order by r.number limit ${w.most + 1}`),
  values: [w.person.ref, w.today, named.risk.name, ['assess', 'treat', 'close', 'reopen']],
  name: 'work-risks',
});
