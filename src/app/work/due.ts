import { worded } from '../../base/sentence.ts';
import { registers } from '../../registers/index.ts';
import { dueStatement } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { WorkRule } from './rule.ts';
import { next, whenSaid, why } from './words.ts';

/** Registers whose days are told by a rule of their own. */
const OWN_DAYS: readonly string[] = [registers.concern.name, registers.incident.name];

/** Days that the owner of a record has to keep. */
export const due: WorkRule = {
  kind: 'due',
  statement: (w) => dueStatement(w, OWN_DAYS),
  tells: (r, w) => {
    const register = w.app.registry.get(cell.text(r.register));
    const on = cell.text(r.due);
    const days = cell.orNull(cell.object)(r.days) ?? {};
    const [name, field] = Object.entries(register.fields).find(([n, f]) => f.due && days[n] === on) ?? [];
    const label = worded(`register.${register.name}.field.${name ?? 'due'}`, field?.label ?? 'Due');
    return [
      {
        rule: `${register.name}.due`,
        due: on,
        why: why('due', { field: label, due: on, when: whenSaid(on, w.today) }),
        next: { said: next('open') },
      },
    ];
  },
};
