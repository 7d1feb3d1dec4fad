import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Those among these people who have departed. */
export const departedAmong = (refs: readonly string[]): Statement => ({
  text: `select ref from record where organisation = (select present_organisation()) and register = $1 and ref = any($2)
          and state = ${named.person.state('departed')}`,
  values: [named.person.name, refs],
  name: 'departed-among',
});

/** SQL of how many people an organisation has: those of the directory without guests, and not fewer than were told when it was made. */
export const PEOPLE = `greatest((select coalesce(o.size, 0) from organisation o where o.id = (select present_organisation())),
  (select count(*)::int from record p where p.organisation = (select present_organisation()) and p.register = ${named.person.register()}
    and p.state <> ${named.person.state('departed')} and coalesce(p."values"->>${named.person.field('guest')}, 'false') <> 'true'))`;

export const PEOPLE_COUNTED: Statement = { text: `select ${PEOPLE} as people`, name: 'people-counted' };

/** People by reference or address, in small letters. */
export const peopleNamed = (names: readonly string[]): Statement => ({
  text: `select ref, state, lower(trim("values"->>${named.person.field('email')})) as email from record
        where organisation = (select present_organisation()) and register = $1
          and (lower(ref) = any($2) or lower(trim("values"->>${named.person.field('email')})) = any($2))`,
  values: [named.person.name, names],
});
