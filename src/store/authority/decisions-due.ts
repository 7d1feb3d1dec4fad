import { hash } from 'node:crypto';
import { restingStates } from '../../register/decisions.ts';
import { asList, type Register, type Registry, type Transition } from '../../register/register.ts';
import type { Who } from '../../register/who.ts';
import type { Statement } from '../db/database.ts';
import { decidesAlone, membersOnce } from './alone.ts';
import { byName, namingSql, ownedFor } from './naming.ts';
import { criteriaOnce } from './newest.ts';
import {
  type Asked,
  askedBy,
  byPart,
  coverRows,
  OWN_WORK,
  openByName,
  openToOthers,
  partOf,
  STEP_COLUMNS,
  stepRow,
  VERSIONS,
} from './steps.ts';
import { decided, inTurns, WAITING_COLUMNS, waitsNow } from './waiting.ts';
import { agrees, COLUMNS, HERE, madeFor, type WorkOf } from './work.ts';

/** Whoever is named by more than this has so much of what waits that it is found sooner by looking at that. */
const FEW = 100;

/** In which capacities the person is asked for, of those that a step admits: all of them, unless told. `name` says which, for all alike. */
export interface Capacities {
  readonly name: string;
  readonly of: (register: Register, t: Transition, by: readonly Who[]) => readonly Who[];
}

const ALL: Capacities = { name: 'decisions', of: (_register, _t, by) => by };

/** The statement, and what it is given of the registers and of the roles of a person. */
function made(registry: Registry, w: WorkOf, capacities: Capacities) {
  const rows = w.registers.flatMap((register) => {
    const resting = restingStates(register);
    return Object.entries(register.transitions).flatMap(([name, t]) => {
      const stays = asList(t.from).every((s) => s === t.to);
      if (!agrees(t) && !(t.decision === 'acknowledge' && !stays)) return [];
      // What has been decided is decided anew by other means; that somebody takes note of it is not what it rests on.
      const states = asList(t.from).filter((s) => t.decision === 'acknowledge' || !resting.has(s));
      const several = (t.quorum ?? 1) > 1 || (t.order?.length ?? 0) > 1;
      return inTurns(registry, register, t).flatMap(({ by: admitted, ...waiting }) => {
        const by = capacities.of(register, t, asList(admitted));
        const row = stepRow(w.person, register, name, { ...t, by }, states);
        if (states.length === 0 || !(row.role || byPart(row))) return [];
        return {
          ...row,
          ...waiting,
          // Ways into the state it is in now.
          ways: Object.keys(register.transitions).filter((n) => {
            const way = register.transitions[n]!;
            return !asList(way.from).every((s) => s === way.to);
          }),
          decision: t.decision,
          undecided: stays || several,
          unsettled: stays && !several,
          narrow: byName(register, row),
        };
      });
    });
  });
  const text = textOf(registry, w, askedBy(rows));
  return {
    text,
    name: `work-decisions-${hash('sha256', text).slice(0, 16)}`,
    rows: JSON.stringify(rows),
    covers: JSON.stringify(coverRows(registry)),
    owned: ownedFor(
      registry,
      rows.filter((r) => r.narrow),
    ),
  };
}

/**
 * Records that wait for a decision which the person may take now: in a state that does not rest on a decision yet, everything the step asks for
 * filled in, not their own work, not decided by them on the present content. Somebody named in the record is asked until they have
 * decided; who may by a role is asked until anybody has. One statement, which takes the records of each state in the order of their index, and stops where
 * there are enough. Where nothing but being named admits somebody, it begins from the few records that name them.
 */
export function decisionsDue(registry: Registry, w: WorkOf, capacities = ALL): Statement {
  const { text, name, rows, covers, owned } = madeFor(registry, w, capacities.name, () =>
    made(registry, w, capacities),
  );
  return { text, values: [w.person.ref, w.today, rows, covers, owned, w.now], name };
}

/** SQL of what the versions of record `r` tell: when it came into its state, and whether the person worked on it. They are read once, where it waits. */
const entered = `cross join lateral (select max(v.at) filter (where v.state = r.state and v.transition = any(s.ways)) as entered,
    coalesce(bool_or(s.separate and ${OWN_WORK}), false) as own from ${VERSIONS}) e`;

const MINE_NOT_DECIDED = `not (s.undecided and coalesce(bool_or((d.by = $1 or coalesce(d.for = $1, false)) and d.kind = s.decision), false))`;

function textOf(registry: Registry, w: WorkOf, asked: Asked): string {
  const enough = `limit ${w.most + 1}`;
  const alone = decidesAlone(registry, w.alone, { covers: '$4', now: '$6' });
  // What is asked of record `r`, besides its state.
  const waits = (open: string, settled: string, from: string, where = '') =>
    `(select ${COLUMNS}, coalesce(e.entered, r.created_at) as since, s.separate and e.own as alone
      from ${from} ${entered} where ${HERE}${where} and $2::text is not null and ${open} and (not (s.separate and e.own) or ${alone}) and ${waitsNow(w, asked)}
        and case when s.undecided or s.unsettled then (select ${MINE_NOT_DECIDED}${settled} from ${decided(w)}) else true end
      order by r.number ${enough}) x`;
  const step = `(select s.*, st.state from jsonb_to_recordset($3) as s(${STEP_COLUMNS}, ways text[], decision text, undecided boolean, unsettled boolean, narrow boolean, ${WAITING_COLUMNS})
      cross join unnest(s.states) as st(state)) s`;
  // Who decided last is cheaper to say than whether the person is named.
  const unsettled = ` and (not s.unsettled or not coalesce(bool_or(d.kind in ('approve', 'accept', 'waive')), false) or ${partOf(asked)})`;
  const text = `with mine as materialized (select n.* from (${namingSql('$5')}) n limit ${FEW + 1}),
    few as materialized (select count(*) <= ${FEW} as few from mine),
    steps as materialized (select s.*, s.narrow and f.few as from_names from ${step} cross join few f)
    select * from (
      select x.*, s.step from steps s
        cross join lateral ${waits(openToOthers(asked), unsettled, 'record r', ' and r.register = s.register and r.state = s.state')}
        where not s.from_names
      union all
      select x.*, s.step from steps s
        cross join lateral ${waits(
          openByName(asked),
          '',
          `(select m.number from mine m where m.register = s.register and m.field = any(s.fields)
            union select k.from_number from jsonb_to_recordset(s.linked) as w(link text, fields text[]) join mine m on m.field = any(w.fields)
              cross join lateral (select k.from_number from link k where k.organisation = (select present_organisation()) and k.to_id = m.id
                and k.from_register = s.register and k.name = w.link offset 0) k) c
            cross join lateral (select r.* from record r where r.organisation = (select present_organisation()) and r.register = s.register
              and (r.state, r.number) >= (s.state, c.number) and (r.state, r.number) <= (s.state, c.number) limit 1) r`,
        )}
        where s.from_names) x
    order by since, ref, step ${enough}`;
  return membersOnce(criteriaOnce(text));
}
