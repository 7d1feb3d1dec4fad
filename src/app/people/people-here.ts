import { Failure } from '../../base/failure.ts';
import type { Register } from '../../register/register.ts';
import { type Contents, peopleIn } from '../../register/values.ts';
import * as cell from '../../store/db/cells.ts';
import { departedAmong } from '../../store/people/people.ts';
import { heldBy } from '../../store/records/owned.ts';
import type { Rule } from '../write/rule.ts';

/** People who are newly given something to hold: those who hold it already stay as they are until it is handed over. */
export const newlyHolding = (
  register: Register,
  contents: Contents,
  before: Contents | undefined,
): { field: string; ref: string }[] =>
  heldBy(register).flatMap((field) => {
    const f = register.fields[field]!;
    const known = peopleIn(f, before?.values[field]);
    return peopleIn(f, contents.values[field])
      .filter((ref) => !known.includes(ref))
      .map((ref) => ({ field, ref }));
  });

export const hasDeparted = (ref: string): string => `${ref} has departed; name somebody who is here`;

/** Nobody who has departed is given anything: nothing would ever reach them, and leaving has handed over all they held. */
export const nobodyDeparted: Rule = {
  id: 'people.here',
  at: 'any',
  check: async ({ app, ask, register, contents, before, besides }) => {
    if (ask.actor.kind === 'engine' || besides.peopleLookedUp) return;
    const holding = newlyHolding(register, contents, before).filter((n) => n.ref !== ask.actor.ref);
    if (holding.length === 0) return;
    const [rows] = await app.db.run(ask.actor.organisation, [
      departedAmong([...new Set(holding.map((n) => n.ref))]),
    ]);
    const gone = new Set(rows!.map((r) => cell.text(r.ref)));
    const problems = holding
      .filter((n) => gone.has(n.ref))
      .map((n) => ({ path: `/${n.field}`, message: hasDeparted(n.ref) }));
    if (problems[0])
      throw new Failure(
        'INVALID',
        `${register.label.one}: ${problems[0].path.slice(1)}: ${problems[0].message}.`,
        problems,
      );
  },
};
