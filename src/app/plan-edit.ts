import type { Admitted } from '../authority/take.ts';
import { demandUnfixed } from '../register/fixed.ts';
import type { Register } from '../register/register.ts';
import { type Contents, changedNames, mergeContents } from '../register/values.ts';
import type { StoredWithRelations } from '../store/records.ts';
import { admitEdit } from './admission.ts';
import type { App, Asking } from './context.ts';
import { type Along, guardFor } from './guards.ts';
import { type Changing, keepingUnseen } from './hidden.ts';
import { demandKept } from './stepDemands.ts';

/** An edit that was checked: what the record shall say, by whose right, and what goes along with it. */
export interface PlannedEdit extends Required<Pick<Along, 'intents' | 'judges'>> {
  contents: Contents;
  admitted: Admitted<StoredWithRelations>;
}

/**
 * Checks one edit of one record, by whatever door it came; undefined where it would change nothing. A file may name records as they are, which whoever
 * hands it in need not be able to edit (`fromFile`; that nobody named has departed is then looked up for all its rows at once).
 */
export async function planEdit(
  app: App,
  ask: Asking,
  register: Register,
  before: Changing,
  part: Partial<Contents>,
  o: { fromFile?: boolean } = {},
): Promise<PlannedEdit | undefined> {
  // Whoever may not edit it learns nothing of what is kept from them.
  const first = o.fromFile ? undefined : await admitEdit(app, ask, register, before);
  const merged = mergeContents(register, before, keepingUnseen(register, before, part));
  if (changedNames(before, merged).length === 0) return undefined;
  const admitted = first ?? (await admitEdit(app, ask, register, before));
  demandUnfixed(register, before, merged);
  demandKept(register, before, merged, before.state);
  const peopleLookedUp = o.fromFile === true;
  const ruled = await guardFor(register)?.({ app, ask, register, contents: merged, before, peopleLookedUp });
  return {
    contents: ruled?.contents ?? merged,
    admitted,
    intents: ruled?.intents ?? [],
    judges: ruled?.judges ?? [],
  };
}
