import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Records of a register that name a stored file, by their numbers; a page after the number `after`. */
export const filesStatement = (register: string, after: number, limit: number): Statement => ({
  text: `select ref, number, "values"->>${named.evidence.field('file')} as file from record
    where organisation = (select present_organisation()) and register = $1 and number > $2 and "values"->>${named.evidence.field('file')} is not null
    order by number limit $3`,
  values: [register, after, limit],
  name: 'stored-files',
});
