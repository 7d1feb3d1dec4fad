import type { Admitted } from '../../authority/take.ts';
import { canonicalJson } from '../../base/canonical.ts';
import { Failure } from '../../base/failure.ts';
import type { Register, Transition } from '../../register/register.ts';
import type { Contents } from '../../register/values.ts';
import { rolesIn } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import {
  readStatement,
  type StoredWithRelations,
  toStoredWithRelations,
} from '../../store/records/records.ts';
import type { Judge } from '../../store/records/write.ts';
import type { App, Asking } from '../context.ts';
import { demand } from './access.ts';
import { admit } from './admission.ts';
import { changedBeside } from './anew.ts';
import { type Deciding, decide } from './deciding.ts';

type Decided = Awaited<ReturnType<typeof decide>>;

type By = Admitted<StoredWithRelations>;

/** A step about to be stored, and what the record would have been by what was given with it. */
interface Step extends Deciding {
  name: string;
  asked: Contents;
}

/**
 * Does the right to a step hang on other records, or what it decides on them? A part in a linked record, what somebody lent, the number of people here,
 * what a decision covers, who has decided already. The record itself is watched by its version.
 */
export const restsOnOthers = (a: By, t: Transition): boolean =>
  t.decision !== undefined ||
  a.onBehalfOf !== undefined ||
  a.manner !== undefined ||
  (a.as.includes('.') && !a.as.startsWith('self.'));

/** Asks in the write whether the step is still theirs, and whether its decision says what it said and brings what it brought. */
export const judgeStep =
  (app: App, ask: Asking, register: Register, d: Step, decided: Decided | undefined): Judge =>
  async (within) => {
    const here = { ...app, db: within(app.db) };
    const { ref, version } = d.admitted.record;
    const [rows] = await here.db.run(ask.actor.organisation, [readStatement(register, ref)]);
    const record = rows![0] && toStoredWithRelations(rows![0]);
    if (record?.version !== version) throw changedBeside(ref);
    const now = await askingNow({ ...app, db: within(app.db.as('')) }, ask);
    const admitted = demand(await admit(here, now, register, record, d.name, d.t, d.asked));
    const again = d.t.decision ? await decide(here, now, register, { ...d, admitted }) : undefined;
    // Nobody decides on what came after their word.
    if (again?.made.digest !== decided?.made.digest) throw changedMeanwhile(ref);
    if (canonicalJson(saidBy(admitted, again)) !== canonicalJson(saidBy(d.admitted, decided)))
      throw changedBeside(ref);
  };

/** The same request by the roles that its person has now: one that was taken from them a moment ago decides nothing. */
async function askingNow(app: App, ask: Asking): Promise<Asking> {
  if (ask.actor.kind !== 'person') return ask;
  const person = app.registry.of(registers.person);
  const [rows] = await app.db.run(ask.actor.organisation, [readStatement(person, ask.actor.ref)]);
  const found = rows![0] && toStoredWithRelations(rows![0]);
  const roles = found && !person.ended.includes(found.state) ? rolesIn(found.values.roles) : [];
  return { ...ask, actor: { ...ask.actor, roles } };
}

/** Not VERSION_MISMATCH, which would be tried again. */
export const changedMeanwhile = (ref: string): Failure =>
  new Failure(
    'CONFLICT',
    `${ref}, or what a decision on it covers, was changed by somebody else at this moment; read it again, then decide.`,
  );

const saidBy = ({ as, onBehalfOf, manner }: By, decided: Decided | undefined) => ({
  as,
  onBehalfOf: onBehalfOf ?? null,
  manner: manner ?? null,
  decided: decided ? { values: decided.made.contents.values, enough: decided.enough } : null,
});
