import type { Admitted } from '../../authority/take.ts';
import { demandUnfixed } from '../../register/fixed.ts';
import type { Register } from '../../register/register.ts';
import { type Contents, changedNames, mergeContents } from '../../register/values.ts';
import type { StoredWithRelations } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { type Changing, keepingUnseen } from '../read/hidden.ts';
import { admitEdit } from './admission.ts';
import { refuseOwnLink } from './change.ts';
import type { Planned } from './plan.ts';
import type { Besides } from './rule.ts';
import { ruled } from './rules.ts';
import { demandKept } from './step-demands.ts';

/** The capacity as the entry commits to it: `owner`, `owner for PSN-0003`, `owner, alone`. */
export const capacityOf = (a: Admitted): string =>
  `${a.as}${a.onBehalfOf ? ` for ${a.onBehalfOf}` : ''}${a.manner ? `, ${a.manner}` : ''}`;

/** How an edit came. */
interface Coming extends Besides {
  reason?: string;
  /** A file may name records as they are, which whoever hands it in need not be able to edit. */
  fromFile?: boolean;
  /** Person who wrote it before it was brought here. */
  madeFor?: string;
}

/** Checks one edit of one record, by whatever door it came; undefined where it would change nothing. */
export async function planEdit(
  app: App,
  ask: Asking,
  register: Register,
  before: Changing,
  part: Partial<Contents>,
  { reason, fromFile, madeFor, ...besides }: Coming = {},
): Promise<Planned | undefined> {
  // Whoever may not edit it learns nothing of what is kept from them.
  const first = fromFile ? undefined : await admitEdit(app, ask, register, before);
  const contents = mergeContents(register, before, keepingUnseen(register, before, part));
  if (changedNames(before, contents).length === 0) return undefined;
  const admitted: Admitted<StoredWithRelations> = first ?? (await admitEdit(app, ask, register, before));
  demandUnfixed(register, before, contents);
  refuseOwnLink(register, before.ref, contents);
  demandKept(register, before, contents, before.state);
  const actor = { ref: ask.actor.ref, as: capacityOf(admitted), ...(madeFor ? { for: madeFor } : {}) };
  const act = fromFile ? ('import' as const) : ('edit' as const);
  return ruled(app, ask, { register, before, contents, state: before.state, act, actor, reason }, besides);
}
