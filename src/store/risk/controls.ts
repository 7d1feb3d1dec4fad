import { newestAllowanceSql } from '../authority/newest.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** A test run that was withdrawn since it carried the word of the gate. */
export const gateWithdrawnSince = (id: string): Statement => ({
  text: `select t.ref, a.ref as allowance from (select d.* ${newestAllowanceSql(named.gateDecision.name, '$1', '(select present_organisation())')}) a
        join link k on k.organisation = a.organisation and k.to_id = $1 and k.from_register = $2 and k.name = ${named.testRun.link('release')}
        join record t on t.organisation = k.organisation and t.id = k.from_id and t.state = ${named.testRun.state('withdrawn')}
          and t.updated_at >= a.created_at and t."values"->>${named.testRun.field('subjectDigest')} = a."values"->>${named.gateDecision.field('subjectDigest')}
        where coalesce(a."values"->>${named.gateDecision.field('basis')}, '') not in ('emergency', 'useClearance') order by t.number limit 1`,
  values: [id, named.testRun.name],
  name: 'gate-withdrawn-since',
});

/** A row where somebody has a part or an appointment that lets them decide an emergency about these systems. */
export const mayBeOnCall = (
  systems: readonly string[],
  person: string,
  activities: readonly string[],
  today: string,
): Statement => ({
  text: `select 1 from record r where r.organisation = (select present_organisation()) and (
          (r.register = $1 and r.ref = any($2) and $3 in (r."values"->>${named.aiSystem.field('owner')}, r."values"->>${named.aiSystem.field('approver')}, r."values"->>${named.aiSystem.field('oversight')}))
          or (r.register = $4 and r.owner = $3 and r.state = ${named.responsibility.state('accepted')} and r."values"->>${named.responsibility.field('activity')} = any($7)
            and coalesce(r."values"->>${named.responsibility.field('endsOn')}, '9999') >= $5)
          or (r.register = $6 and r.ref = $3 and r."values"->${named.person.field('roles')} ?| array['topManagement', 'designatedManagement']
            and r.state <> ${named.person.state('departed')})) limit 1`,
  values: [
    named.aiSystem.name,
    systems,
    person,
    named.responsibility.name,
    today,
    named.person.name,
    activities,
  ],
  name: 'on-call',
});
