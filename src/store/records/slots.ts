import type { Register, Registry } from '../../register/register.ts';
import { assignSlots, type Slots, slotValues } from '../../register/slots.ts';
import type { Owner } from '../db/owner.ts';

/**
 * Gives every sortable column of every register its typed slot, stores new assignments, and fills a slot that existing records do not have yet.
 * Safe to run in several processes at once: the lock lets one through at a time.
 */
export async function settleSlots(owner: Owner, registry: Registry): Promise<Map<string, Slots>> {
  const client = await owner.pool.connect();
  try {
    await client.query('select pg_advisory_lock(420012024)');
    const { rows } = await client.query<{ register: string; field: string; slot: string }>(
      'select register, field, slot from slot',
    );
    const all = new Map<string, Slots>();
    for (const register of registry.all) {
      const known = Object.fromEntries(
        rows.filter((r) => r.register === register.name).map((r) => [r.field, r.slot]),
      );
      const slots = assignSlots(register, known);
      const fresh = Object.entries(slots).filter(([field, slot]) => known[field] !== slot);
      if (fresh.length > 0) {
        await fillSlots(
          client,
          register,
          slots,
          fresh.map(([, slot]) => slot),
        );
        await client.query(
          `insert into slot (register, field, slot) select $1, * from unnest($2::text[], $3::text[])
           on conflict (register, field) do update set slot = excluded.slot`,
          [register.name, fresh.map(([f]) => f), fresh.map(([, s]) => s)],
        );
      }
      all.set(register.name, slots);
    }
    return all;
  } finally {
    await client.query('select pg_advisory_unlock(420012024)').catch(() => {});
    client.release();
  }
}

interface Asker {
  query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Computes new slots of records made before the column was declared, a thousand at a time. */
async function fillSlots(client: Asker, register: Register, slots: Slots, columns: string[]): Promise<void> {
  let organisation = 0;
  let number = 0;
  for (;;) {
    const { rows } = await client.query(
      `select organisation, id, number, "values", derived from record where register = $1 and (organisation, number) > ($2, $3)
       order by organisation, number limit 1000`,
      [register.name, organisation, number],
    );
    if (rows.length === 0) return;
    const values = rows.map((r) =>
      slotValues(register, slots, r.values as Record<string, unknown>, r.derived as Record<string, unknown>),
    );
    for (const c of columns) {
      const cast = c.startsWith('n') ? 'float8' : c.startsWith('d') ? 'timestamptz' : 'text';
      await client.query(
        `update record r set ${c} = x.v::${cast} from unnest($1::int[], $2::uuid[], $3::text[]) as x(o, id, v)
         where r.organisation = x.o and r.id = x.id`,
        [rows.map((r) => r.organisation), rows.map((r) => r.id), values.map((v) => String(v[c]))],
      );
    }
    organisation = rows.at(-1)!.organisation as number;
    number = rows.at(-1)!.number as number;
  }
}
