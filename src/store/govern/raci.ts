import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

export const systemTitle = (system: string | undefined): Statement => ({
  text: `select ref, title from record where organisation = (select present_organisation()) and register = $1 and ref = $2`,
  values: [named.aiSystem.name, system ?? ''],
});

/** Who has which part, of one AI system, or of what holds for the whole organisation; the first `most`. */
export const responsibilitiesFor = (most: number, system: string | undefined): Statement => ({
  text: `select r.ref, r.title, r.state, r."values" as v, p.ref as person, p.title as name, p.state = ${named.person.state('departed')} as departed,
          (select count(*)::int from link e join record f on f.organisation = e.organisation and f.id = e.to_id and f.state <> ${named.evidence.state('withdrawn')}
            where e.organisation = r.organisation and e.from_id = r.id and e.name = ${named.responsibility.link('evidence')}) as evidence
        from record r join record p on p.organisation = r.organisation and p.register = $2 and p.ref = r.owner
        where r.organisation = (select present_organisation()) and r.register = $1 and r.state in (${named.responsibility.state('proposed', 'accepted')})
          and r."values"->>${named.responsibility.field('kind')} in ('raci', 'appointment')
          and (case when $3 = '' then not exists (select from link k where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.responsibility.link('systems')})
            else exists (select from link k join record s on s.organisation = k.organisation and s.id = k.to_id
              where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.responsibility.link('systems')} and s.ref = $3) end)
        order by r.number limit ${most}`,
  values: [named.responsibility.name, named.person.name, system ?? ''],
});
