import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

const COLUMNS = `r.ref, r.title, r.state, r."values"->>${named.component.field('componentVersion')} as version, r."values"->>${named.component.field('digest')} as digest`;
const HERE = 'r.organisation = (select present_organisation()) and r.register = $1';

/** The newest records of a register with what tells them apart. */
export const newestOf = (register: string, most: number): Statement => ({
  text: `select ${COLUMNS} from record r where ${HERE} order by r.number desc limit $2`,
  values: [register, most],
});

/** Those among all records of a register with one of these names or digests, found by the typed columns that it has for them. */
export function sameAs(
  register: string,
  slots: { title: string | undefined; digest: string | undefined },
  names: readonly string[],
  digests: readonly string[],
): Statement {
  const select = `select ${COLUMNS} from record r where ${HERE}`;
  const exact = [
    ...(slots.title ? [`${select} and r.${slots.title} = any($2)`] : []),
    ...(slots.digest ? [`${select} and r.${slots.digest} = any($3)`] : []),
  ];
  return {
    text: `select * from (${exact.join(' union ') || `${select} and false`}) x where $2::text[] is not null and $3::text[] is not null`,
    values: [register, names, digests],
  };
}
