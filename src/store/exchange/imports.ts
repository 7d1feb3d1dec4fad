import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Records of these references: which register each is of, and in what state. */
export const refsKnown = (refs: readonly string[]): Statement => ({
  text: 'select ref, register, state from record where organisation = (select present_organisation()) and ref = any($1)',
  values: [refs],
});

/** Records that hold these unique keys. */
export const keysTaken = (register: string, keys: string[]): Statement => ({
  text: `select ref, unique_key from record where organisation = (select present_organisation()) and register = $1
        and unique_key = any($2)`,
  values: [register, keys],
});

/** Records of a register by the word that a file names them by: their title (in its typed column, where it has one) or their unique key. */
export const recordsNamed = (slot: string | undefined, register: string, words: string[]): Statement => {
  const key = slot ? `r.${slot}` : 'left(lower(r.title), 200)';
  return {
    text: `select r.ref, ${key} as word from record r where r.organisation = (select present_organisation()) and r.register = $1
          and ${key} = any($2)
        union select r.ref, r.unique_key from record r where r.organisation = (select present_organisation()) and r.register = $1
          and r.unique_key = any($2)`,
    values: [register, words],
  };
};

export const personPresent = (ref: string): Statement => ({
  text: 'select 1 from record where organisation = (select present_organisation()) and ref = $1 and register = $2',
  values: [ref, named.person.name],
});
