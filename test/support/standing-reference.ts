import { restingStates } from '../../src/register/decisions.ts';
import type { Registry } from '../../src/register/register.ts';
import { quote } from '../../src/store/authority/covers.ts';
import { WITHIN_APPETITE } from '../../src/store/authority/ruled.ts';
import {
  byPart,
  coverRows,
  OPEN,
  STEP_COLUMNS,
  sameAsNow,
  stepRow,
} from '../../src/store/authority/steps.ts';
import { inTurns, WAITING_COLUMNS, waitsAnew } from '../../src/store/authority/waiting.ts';
import { HERE, renewing, type WorkOf } from '../../src/store/authority/work.ts';
import type { Statement } from '../../src/store/db/database.ts';

/** What nobody keeps: the standing of everything that rests on decisions, computed on each reading. What is kept must say the same. */
export function standingComputed(registry: Registry, w: WorkOf): Statement {
  const resting = w.registers.flatMap((register) => {
    const states = [...restingStates(register)].filter((s) => !register.ended.includes(s));
    return states.length > 0 ? [{ register, name: register.name, states }] : [];
  });
  const steps = resting.flatMap(({ register, states }) =>
    states.flatMap((state) =>
      renewing(register, state).flatMap(([name, t]) => {
        return inTurns(registry, register, t).flatMap(({ by, ...waiting }) => {
          const row = stepRow(w.person, register, name, { ...t, by }, [state]);
          return row.role || byPart(row)
            ? [{ ...row, ...waiting, asked: t.decision !== undefined || !row.role || !byPart(row) }]
            : [];
        });
      }),
    ),
  );
  return {
    text: `select x.* from jsonb_to_recordset($3) as g(name text, states text[])
      cross join lateral (select r.ref, r.register, r.title, r.state, r.number, r.updated_at, r.standing, r.standing = 'current' as counts, r.ends, r.steps from (
          select r.*, d.standing, d.ends from (
            select r.*, o.steps from record r
              cross join lateral (select coalesce(array_agg(s.step order by s.n) filter (where s.open), '{}') as steps,
                  coalesce(bool_or(s.open and s.asked), false) as asked
                from (select s.n, s.step, s.asked, ${OPEN} and ${waitsAnew(w, '$5')} as open
                  from rows from (jsonb_to_recordset($4) as (${STEP_COLUMNS}, ${WAITING_COLUMNS}, asked boolean)) with ordinality
                    as s(${names(STEP_COLUMNS)}, ${names(WAITING_COLUMNS)}, asked, n)
                  where s.register = r.register and r.state = any(s.states)) s) o
              where ${HERE} and r.register = g.name and r.state = any(g.states) and (r.owner = $1 or o.asked) offset 0) r
            cross join lateral (select
                coalesce(max('current') filter (where d.same and d.present and not d.alone), max('alone') filter (where d.same and d.present),
                  max('ended') filter (where d.same), 'stale') as standing,
                case when not coalesce(bool_or(d.until is null) filter (where d.same and d.present), false)
                  then max(d.until) filter (where d.same and d.present) end as ends
              from (select d."values"->>'until' as until, d."values"->>'until' is null or d."values"->>'until' > $2 as present,
                  coalesce(d."values"->>'manner' = 'alone', false) as alone, ${sameAsNow('$5')} as same
                from record d where d.organisation = r.organisation and d.register = ${quote(w.place.register)}
                  and d.${w.place.subject} = lower(r.ref) and d."values"->>'kind' in ('approve', 'accept', 'waive')) d) d) r
        where (r.standing <> 'current' or r.ends <= ($2::date + ${w.ahead})::text) and not ${WITHIN_APPETITE}
        order by r.number limit ${w.most + 1}) x
      order by ends nulls first, updated_at, ref limit ${w.most + 1}`,
    values: [
      w.person.ref,
      w.today,
      JSON.stringify(resting.map(({ name, states }) => ({ name, states }))),
      JSON.stringify(steps),
      JSON.stringify(coverRows(registry)),
    ],
    name: 'work-standing-computed',
  };
}

const names = (columns: string): string =>
  columns
    .split(',')
    .map((c) => c.trim().split(' ')[0])
    .join(', ');
