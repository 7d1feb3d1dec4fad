import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

export const hazardsByCode = (codes: string[]): Statement => ({
  text: `select r.id, r.ref, r.register, r.number, r.version, r.state, r.title, r."values", r.derived, r.created_at, r.created_by,
      r.updated_at, r.updated_by, '{}'::jsonb as links from record r
    where r.organisation = (select present_organisation()) and r.register = $1 and r.unique_key = any($2)`,
  values: [named.hazard.name, codes],
  name: 'hazards-by-code',
});
