import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Keys that end soon, or have ended and stand there: for whoever made one, and for AIMS managers. */
export const keysEnding = (w: WorkOf, all: boolean): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values"->>${named.apiKey.field('expires')} as ends from record r
    where ${HERE} and r.register = $3 and r.state = ${named.apiKey.state('active')} and r."values"->>${named.apiKey.field('expires')} <= ($2::date + ${w.ahead})::text
      and ($4 or r.created_by = $1) order by ends, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, named.apiKey.name, all],
  name: 'work-keys',
});

/** Delegations of the person that end soon, or are over; whoever acts for them is told as its owner. Begun from what names them. */
export const delegationsEnding = (w: WorkOf): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values"->>${named.responsibility.field('endsOn')} as ends,
      (select p.title || ' (' || p.ref || ')' from record p where p.organisation = r.organisation and p.ref = r.owner) as who from record r
    where ${HERE} and r.register = ${named.responsibility.register()} and r."values"->>${named.responsibility.field('delegator')} = $1
      and r.state = ${named.responsibility.state('accepted')} and r."values"->>${named.responsibility.field('kind')} = 'delegation'
      and r."values"->>${named.responsibility.field('endsOn')} <= ($2::date + ${w.ahead})::text order by ends, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today],
  name: 'work-delegations-ending',
});
