import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** A row where somebody else holds the role of top management. */
export const topBeside = (top: string, ref: string): Statement => ({
  text: `select 1 from record where organisation = (select present_organisation()) and register = $1 and state = ${named.person.state('active')}
        and "values"->${named.person.field('roles')} ? $2 and ref <> $3 limit 1`,
  values: [named.person.name, top, ref],
});

/** Everybody, with what they may be handed. */
export const peopleStatement: Statement = {
  text: `select r.ref, r.state, r."values"->${named.person.field('roles')} as roles from record r where r.organisation = (select present_organisation())
    and r.register = '${named.person.name}' order by r.number`,
  name: 'hand-over-people',
};
