import type { Registry } from '../../register/register.ts';
import { dueOf, hiddenFrom, materialDigest } from '../../register/values.ts';
import type { Owner } from '../db/owner.ts';
import { RECORD_SELECT, toStored } from './records.ts';

const PAGE = 500;

/**
 * Fills what follows from a record's contents and was not kept when it was written: the digest of what matters in it, the day on which something
 * is due. Safe to run in several processes at once.
 */
export async function settleMaterial(owner: Owner, registry: Registry): Promise<void> {
  for (;;) {
    const rows = await owner.ask({
      text: `select ${RECORD_SELECT}, r.organisation from record r where r.material is null limit ${PAGE}`,
    });
    const filled = rows.map((row) => {
      const r = toStored(row);
      const register = registry.find(r.register);
      return {
        organisation: row.organisation,
        id: r.id,
        version: r.version,
        material: register ? materialDigest(register, r.ref, r) : '',
        due: register ? dueOf(register, r.values, r.state) : null,
        hidden: register ? hiddenFrom(register, r.values) : null,
      };
    });
    await owner.ask({
      text: `update record r set material = x.material, due = x.due, hidden_from = x.hidden
        from jsonb_to_recordset($1::jsonb) as x(organisation int, id uuid, version int, material text, due date, hidden text[])
        where r.organisation = x.organisation and r.id = x.id and r.version = x.version and r.material is null`,
      values: [JSON.stringify(filled)],
    });
    if (rows.length < PAGE) return;
  }
}
