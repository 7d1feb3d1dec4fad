import type { RecordPage } from '../../answers/record.ts';
import type { Draft } from '../../answers/shape.ts';
import type { Register } from '../../register/register.ts';
import * as cell from '../../store/db/cells.ts';
import { type WayBack, waysBack } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { mayRead } from '../write/access.ts';

/** Ways back to a record from the registers that whoever asks may read. */
export const openWays = (app: App, ask: Asking, register: Register): WayBack[] =>
  waysBack(app.registry, register, (other) => mayRead(ask.actor, other));

/** Ways back to a record; those from registers that whoever asks may not read are not among them. */
export function inversesOf(
  app: App,
  ask: Asking,
  register: Register,
  rows: Record<string, unknown>[],
): RecordPage['inverses'] {
  const out: Draft<RecordPage['inverses']> = {};
  for (const i of app.registry.inversesOf(register.name)) {
    if (!mayRead(ask.actor, i.register)) continue;
    const mine = rows.filter((r) => r.register === i.register.name && r.name === i.link);
    const total = cell.maybe(cell.number)(mine[0]?.total) ?? 0;
    out[i.inverse] = {
      label: i.label,
      register: i.register.name,
      total,
      more: total > mine.length,
      items: mine.map((r) => ({
        ref: cell.text(r.ref),
        title: cell.text(r.title),
        state: cell.text(r.state),
      })),
    };
  }
  return out;
}
