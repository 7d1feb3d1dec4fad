import { isRefusal } from '../../authority/own-right.ts';
import {
  type Admitted,
  type Answer,
  dependsOn,
  editDependsOn,
  mayEdit,
  mayTake,
} from '../../authority/take.ts';
import { failed } from '../../base/refusals.ts';
import type { Register, Transition } from '../../register/register.ts';
import type { Contents } from '../../register/values.ts';
import { decisionsStatement } from '../../store/authority/decisions.ts';
import { type Stored, type StoredWithRelations, toStored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { readCircumstances } from './circumstances.ts';
import { presentBinding } from './decisions.ts';

/** May whoever asks take this step, on the record as the step would leave it? Asks the database only for what the answer depends on. */
export async function admit(
  app: App,
  ask: Asking,
  register: Register,
  record: StoredWithRelations,
  name: string,
  t: Transition,
  contents: Contents = record,
): Promise<Answer<StoredWithRelations>> {
  const { actor } = ask;
  const on = dependsOn(actor, register, record, name, t);
  const circumstances = on.circumstances ? await readCircumstances(app, ask, register, record) : undefined;
  const decided = on.decided
    ? {
        decisions: await decisionsOn(app, ask, record.ref),
        binding: await presentBinding(app, actor.organisation, register, record.ref, contents),
      }
    : undefined;
  return mayTake(actor, register, name, record, { now: app.clock.now(), circumstances, decided, contents });
}

async function decisionsOn(app: App, { actor }: Asking, ref: string): Promise<Stored[]> {
  const [rows] = await app.db.run(actor.organisation, [decisionsStatement(app, [ref], actor.ref)]);
  return rows!.map(toStored);
}

/** May whoever asks edit the record, by their own right or by one lent to them? Throws why not. */
export async function admitEdit(
  app: App,
  ask: Asking,
  register: Register,
  record: StoredWithRelations,
): Promise<Admitted<StoredWithRelations>> {
  const c = editDependsOn(ask.actor, register, record)
    ? await readCircumstances(app, ask, register, record)
    : undefined;
  const answer = mayEdit(ask.actor, register, record, c);
  if (isRefusal(answer)) throw failed(answer);
  return answer;
}
