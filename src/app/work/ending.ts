import { asList } from '../../register/register.ts';
import { admittedAs, holds } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { delegationsEnding, keysEnding } from '../../store/work/ending.ts';
import { isOpen } from './handing-out.ts';
import type { WorkRule } from './rule.ts';
import { next, stepNext, whenSaid, why } from './words.ts';

// What ends by itself, for whoever has to do something before: that of which somebody is the owner is told by its day (`due`).

export const keys: WorkRule = {
  kind: 'ending',
  statement: (w) => (isOpen(w, registers.apiKey) ? keysEnding(w, holds(w.person, 'aimsManager')) : undefined),
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
