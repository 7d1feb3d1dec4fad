import type { Statement } from '../db/database.ts';

/** What is read of them: number, state, and whether they are hidden from `person`, $1, by name. */
const SAID = 'r.ref, r.state, r.number, coalesce($1 = any(r.hidden_from), false) as hidden';

/** These records of a register; `beside` also what a record links to by a link that somebody does not see. */
export const statesOf = (
  person: string,
  register: string,
  refs: readonly string[],
  beside?: { id: string; link: string; sees: readonly string[] },
): Statement => ({
  text: `select ${SAID} from record r where r.organisation = (select present_organisation()) and r.register = $2 and r.ref = any($3)
    union select ${SAID} from link k join record r on r.organisation = k.organisation and r.id = k.to_id
      where k.organisation = (select present_organisation()) and k.from_id = $4 and k.name = $5 and r.ref <> all($6) order by number`,
  values: [person, register, refs, beside?.id, beside?.link, beside?.sees],
  name: 'states-of',
});

/** The records that link to one by this link of their register. */
export const statesOfThoseLinking = (
  person: string,
  id: string,
  register: string,
  link: string,
): Statement => ({
  text: `select ${SAID} from link k join record r on r.organisation = k.organisation and r.id = k.from_id
    where k.organisation = (select present_organisation()) and k.to_id = $2 and k.from_register = $3 and k.name = $4 order by r.number`,
  values: [person, id, register, link],
  name: 'states-of-those-linking',
});

/** Since when records of a register are there: when they were entered, and the day that `origin`, a field of it, says. */
export const thereSince = (
  register: string,
  refs: readonly string[],
  origin: string | undefined,
): Statement => ({
  text: `select r.ref, r.created_at::text as created, r."values"->>($3::text) as origin from record r
    where r.organisation = (select present_organisation()) and r.register = $1 and r.ref = any($2) order by r.number`,
  values: [register, refs, origin ?? null],
  name: 'there-since',
});
