import { asList } from '../../register/register.ts';
import { admittedAs, holds } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { HERE } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import { isOpen } from './handing-out.ts';
import type { Whose, WorkRule } from './rule.ts';
import { next, stepNext, whenSaid, why } from './words.ts';

// What ends by itself, for whoever has to do something before: that of which somebody is the owner is told by its day (`due`).

/** Keys that end soon, or have ended and stand there: for whoever made one, and for AIMS managers. */
const keysEnding = (w: Whose): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values"->>${named.apiKey.field('expires')} as ends from record r
    where ${HERE} and r.register = $3 and r.state = ${named.apiKey.state('active')} and r."values"->>${named.apiKey.field('expires')} <= ($2::date + ${w.ahead})::text
      and ($4 or r.created_by = $1) order by ends, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today, registers.apiKey.name, holds(w.person, 'aimsManager')],
  name: 'work-keys',
});

export const keys: WorkRule = {
  kind: 'ending',
  statement: (w) => (isOpen(w, registers.apiKey) ? keysEnding(w) : undefined),
  tells: (r, w) => {
    const ends = cell.text(r.ends);
    // It is good to the end of that day.
    const over = ends < w.today;
    const mayRevoke = admittedAs(w.person, asList(registers.apiKey.transitions.revoke.by)) !== undefined;
    const params = { ends, when: whenSaid(ends, w.today) };
    return [
      {
        rule: 'apiKey.ends',
        due: ends,
        why: over ? why('keyEnded', params) : why('keyEnds', params),
        next: over && mayRevoke ? stepNext(registers.apiKey, 'revoke') : { said: next('newKey') },
      },
    ];
  },
};

/** Delegations of the person that end soon, or are over; whoever acts for them is told as its owner. Begun from what names them. */
const delegationsEnding = (w: Whose): Statement => ({
  text: `select r.ref, r.register, r.title, r.state, r.number, r."values"->>${named.responsibility.field('endsOn')} as ends,
      (select p.title || ' (' || p.ref || ')' from record p where p.organisation = r.organisation and p.ref = r.owner) as who from record r
    where ${HERE} and r.register = ${named.responsibility.register()} and r."values"->>${named.responsibility.field('delegator')} = $1
      and r.state = ${named.responsibility.state('accepted')} and r."values"->>${named.responsibility.field('kind')} = 'delegation'
      and r."values"->>${named.responsibility.field('endsOn')} <= ($2::date + ${w.ahead})::text order by ends, r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today],
  name: 'work-delegations-ending',
});

export const delegations: WorkRule = {
  kind: 'ending',
  statement: (w) => (isOpen(w, registers.responsibility) ? delegationsEnding(w) : undefined),
  tells: (r, w) => {
    const ends = cell.text(r.ends);
    const params = { who: cell.text(r.who), ends, when: whenSaid(ends, w.today) };
    // It is over when that day begins.
    const over = ends <= w.today;
    return [
      {
        rule: 'responsibility.delegationEnds',
        due: ends,
        why: over ? why('delegationEnded', params) : why('delegationEnds', params),
        next: over ? stepNext(registers.responsibility, 'end') : { said: next('delegateAnew') },
      },
    ];
  },
};
