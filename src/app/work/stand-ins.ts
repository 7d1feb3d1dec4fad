import type { Register, Transition } from '../../register/register.ts';
import type { Who } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { type Capacities, decisionsDue } from '../../store/authority/decisions-due.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { askTogether } from '../../store/db/union.ts';
import { personStatement } from '../../store/work/person.ts';
import type { App, Asking } from '../context.ts';
import { readPage } from '../read/query.ts';
import { toStandingIn } from '../write/circumstances.ts';
import type { Whose } from './rule.ts';

// What somebody may decide besides what is theirs: for whoever lent them their parts, and, asked from outside, for whoever is alone.

/** What waits for whoever lent their parts: never a role, and nobody's authorship. */
const LENT: Capacities = {
  name: 'decisions-lent',
  of: ({ name }, _t, by) =>
    name === registers.responsibility.name ? [] : by.filter((w) => w === 'owner' || w.includes('.')),
};

/** What a guest decides where there is one person: whatever nobody decides on their own work, about systems that name the guest as approver. */
const ASKED: Capacities = {
  name: 'decisions-asked',
  of: (register, t) => (t.separate && t.decision ? approversIn(register) : []),
};

const approversIn = (register: Register): Who[] =>
  register.name === registers.aiSystem.name
    ? ['self.approver']
    : Object.entries(register.links).flatMap(([name, l]): Who[] =>
        l.to === registers.aiSystem.name ? [`${name}.approver`] : [],
      );

/** So many of them are looked at: each is asked of the rule itself, as its page does. */
const MOST = 40;

/**
 * Rows of decisions that the person may take for others, beyond those that are theirs; `standing` is the row that says whom for. What is lent reaches some systems
 * alone, no own work of either, and nothing that is refused: all of that the rule says, and it is asked for each.
 */
export async function standInRows(
  app: App,
  ask: Asking,
  w: Whose,
  standing: Row,
  theirs: readonly Row[],
): Promise<Row[]> {
  const { delegations, guest } = toStandingIn(standing);
  const lenders = [...new Set(delegations.map((d) => d.from))];
  const sources = [
    ...lenders.map((from) => ({ from, whose: { ...w, person: { ...w.person, ref: from } }, as: LENT })),
    ...(guest ? [{ from: undefined, whose: w, as: ASKED }] : []),
  ];
  const found = await app.db.converse(ask.actor.organisation, (query) =>
    askTogether(query, [
      ...sources.map((s) => decisionsDue(app.registry, s.whose, s.as)),
      ...lenders.map(personStatement),
    ]),
  );
  const nameOf = new Map(found.slice(sources.length).map(([p]) => [p?.ref, p && cell.text(p.title)]));
  const key = (r: Row) => `${cell.text(r.ref)} ${cell.text(r.step)}`;
  const known = new Set(theirs.map(key));
  const out: Row[] = [];
  for (const [i, { from }] of sources.entries())
    for (const row of found[i]!.slice(0, MOST)) {
      if (known.has(key(row)) || out.length >= MOST) continue;
      const offer = await offered(app, { ...ask, actor: w.person }, row);
      if (!offer || offer.onBehalfOf !== from) continue;
      known.add(key(row));
      out.push({
        ...row,
        ...(from ? { for: { ref: from, name: nameOf.get(from) ?? from } } : { asked: true }),
      });
    }
  return out;
}

/** The step as the page of the record offers it to them. */
async function offered(app: App, ask: Asking, row: Row) {
  const register = app.registry.get(cell.text(row.register));
  const { may } = await readPage(app, ask, register, cell.text(row.ref));
  const finds = (t: Transition) => t.finds ?? [];
  return may.transitions.find(
    (o) =>
      o.name === row.step &&
      o.allowed &&
      o.missing.every((n) => finds(register.transitions[o.name]!).includes(n)),
  );
}
