import type { Statement } from './database.ts';

/** Number and state of these records of a register. */
export const statesOf = (register: string, refs: readonly string[]): Statement => ({
  text: `select ref, state from record where organisation = (select present_organisation()) and register = $1 and ref = any($2) order by number`,
  values: [register, refs],
  name: 'states-of',
});

/** Number and state of the records that link to one by this link of their register. */
export const statesOfThoseLinking = (id: string, register: string, link: string): Statement => ({
  text: `select r.ref, r.state from link k join record r on r.organisation = k.organisation and r.id = k.from_id
    where k.organisation = (select present_organisation()) and k.to_id = $1 and k.from_register = $2 and k.name = $3 order by r.number`,
  values: [id, register, link],
  name: 'states-of-those-linking',
});
