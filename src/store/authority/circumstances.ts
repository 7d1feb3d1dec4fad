import type { Clock } from '../../base/clock.ts';
import { onceFor } from '../../base/once-for.ts';
import type { Register, Registry } from '../../register/register.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import type { StoredWithRelations } from '../records/records.ts';
import { MEMBERS } from './alone.ts';
import { coveredRows } from './covers.ts';
import { newestCriteriaSql } from './newest.ts';

const HERE = 'organisation = (select present_organisation())';

/** Answers `people`, of MEMBERS. */
export const MEMBERS_STATEMENT: Statement = { text: `select ${MEMBERS} as people`, name: 'members' };

/**
 * A delegation lends what its delegator has: so it counts only when every word of it is the delegator's own, and the delegate has accepted it. It is
 * over when the day named begins.
 */
const delegations = (
  actor: string,
  today: string,
): string => `(select coalesce(jsonb_agg(jsonb_build_object('ref', d.ref, 'from', d."values"->>${named.responsibility.field('delegator')}, 'systems', (
      select coalesce(jsonb_agg(o.ref), '[]'::jsonb) from link k join record o on o.organisation = k.organisation and o.id = k.to_id
      where k.organisation = d.organisation and k.from_id = d.id and k.name = ${named.responsibility.link('systems')})) order by d.number), '[]'::jsonb)
    from record d join record p on p.organisation = d.organisation and p.ref = d."values"->>${named.responsibility.field('delegator')} and p.register = '${named.person.name}'
      and p.state <> ${named.person.state('departed')}
    where d.${HERE} and d.register = '${named.responsibility.name}' and d.owner = ${actor} and d.state = ${named.responsibility.state('accepted')}
      and d."values"->>${named.responsibility.field('kind')} = 'delegation' and p.ref <> ${actor}
      and coalesce(d."values"->>${named.responsibility.field('startsOn')}, '') <= ${today} and d."values"->>${named.responsibility.field('endsOn')} > ${today}
      and not exists (select from version v where v.organisation = d.organisation and v.record_id = d.id and v.transition is null
        and v.actor <> p.ref))`;

/** SQL of whether they are from outside. */
const guest = (actor: string): string =>
  `exists (select from record p where p.${HERE} and p.ref = ${actor} and p."values"->>${named.person.field('guest')} = 'true')`;

/** For whom somebody may decide besides themselves: a row, as `toStandingIn` reads it, where there may be anybody. */
export const standingInStatement = (actor: string, today: string): Statement => ({
  text: `select * from (select ${delegations('$1', '$2')} as delegations, ${guest('$1')} as guest) x where x.guest or x.delegations <> '[]'`,
  values: [actor, today],
  name: 'standing-in',
});

/** One statement for everything, whatever is asked. */
export function circumstancesStatement(
  at: { registry: Registry; clock: Clock },
  register: Register,
  record: Pick<StoredWithRelations, 'id'>,
  actor: string,
): Statement {
  const { text, work, decisions } = asked(at.registry)(register);
  return {
    text,
    values: [record.id, actor, at.clock.now().toISOString().slice(0, 10), work, decisions],
    name: `circumstances-${register.name}`,
  };
}

const asked = onceFor((registry: Registry) => onceFor((register: Register) => askedOf(registry, register)));

/** Its text, the steps that are work on the record, and those of all registers that are decisions. */
function askedOf(registry: Registry, register: Register) {
  const covered = coveredRows(registry, register, 's');
  const work = Object.entries(register.transitions)
    .filter(([, t]) => !t.decision)
    .map(([name]) => name);
  const decisions = registry.all.flatMap((r) =>
    Object.entries(r.transitions)
      .filter(([, t]) => t.decision)
      .map(([name]) => `${r.name}/${name}`),
  );
  const own = `v.organisation = s.organisation and v.record_id = s.id and (v.transition is null or v.transition = any($4))`;
  return {
    text: `select
      (select jsonb_build_object('ref', c.ref, 'state', c.state, 'mode', c."values"->>${named.criteria.field('mode')},
        'acceptAtLevel', c."values"->${named.criteria.field('acceptAtLevel')}) ${newestCriteriaSql(named.criteria.name)}) as criteria,
      ${MEMBERS} as people,
      (select coalesce(jsonb_agg(x.name), '[]'::jsonb) from (select p.title || ' (' || p.ref || ')' as name from record p where p.${HERE}
        and p.register = '${named.person.name}' and p.state = ${named.person.state('active')}
        and p."values"->${named.person.field('roles')} ? 'topManagement' order by p.number limit 5) x) as top,
      ${guest('$2')} as guest,
      ${delegations('$2', '$3')} as delegations,
      (select coalesce(jsonb_agg(jsonb_build_object('ref', o.ref, 'values', o."values" - array[${named.aiSystem.field('purpose', 'scopeReason')}]) order by o.ref), '[]'::jsonb)
        from record o where o.organisation = s.organisation and o.register = '${named.aiSystem.name}' and (o.id = s.id or o.id in (
          select k.to_id from link k where k.organisation = s.organisation and k.from_id = s.id))) as systems,
      greatest((select max(v.at) from version v where ${own}), ${
        covered
          ? `(select max(v.at) from (${covered}) t join version v on v.organisation = t.organisation and v.record_id = t.id
              and (v.transition is null or not (t.register || '/' || v.transition) = any($5)))`
          : '(select null::timestamptz where $5::text[] is null)'
      }) as changed_at,
      (select max(v.version) from version v where ${own}) as worked_version
      from record s where s.${HERE} and s.id = $1`,
    work,
    decisions,
  };
}
