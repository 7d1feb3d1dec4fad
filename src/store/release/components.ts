import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Suppliers by name (in the typed column `slot`), where only one has it. */
export const suppliersKnown = (slot: string, names: string[]): Statement => ({
  text: `select ${slot} as name, min(ref) as ref from record where organisation = (select present_organisation()) and register = $1
        and ${slot} = any($2) group by 1 having count(*) = 1`,
  values: [named.supplier.name, names],
});
