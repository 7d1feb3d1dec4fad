import { isManagement, ofManagement } from '../authority/rules-of-registers.ts';
import { Failure } from '../base/failure.ts';
import type { As, ContentsOf, StepOf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import type { Contents } from '../register/values.ts';
import { holds, ROLES } from '../register/who.ts';
import { type Registers, registers } from '../registers/index.ts';
import { heldBy } from '../store/owned.ts';
import type { StoredWithRelations } from '../store/records.ts';
import type { Judge } from '../store/write.ts';
import { about } from './about.ts';
import { refused } from './access.ts';
import { auditGuards } from './auditGuards.ts';
import { capaGuards } from './capa.ts';
import type { Intent } from './change.ts';
import { MEMBERS_STATEMENT } from './circumstances.ts';
import { commentGuards } from './comments.ts';
import type { App, Asking } from './context.ts';
import { controlGuards } from './control-guards.ts';
import { presentBinding } from './decisions.ts';
import { departureGuards } from './departureGuards.ts';
import { evidenceGuards } from './evidenceGuards.ts';
import { governGuards } from './govern-guards.ts';
import { guestGuards } from './guest-guards.ts';
import { looseningGuards } from './loosening.ts';
import { demandPeopleHere } from './peopleHere.ts';
import { reviewGuards } from './reviewGuards.ts';
import { riskGuards } from './risk/guards.ts';
import { allowanceOf, judgeShipping } from './shipping.ts';

/** A record about to be stored: as it shall be, as it is, and by which transition. */
export interface Guarded<R extends Register = Register> {
  app: App;
  ask: Asking;
  register: R;
  contents: ContentsOf<R>;
  before?: As<R, StoredWithRelations>;
  transition?: StepOf<R>;
  /** Reason and end that came with a transition. */
  reason?: string;
  until?: string;
  /** That nobody named has departed was looked up for many records at once. */
  peopleLookedUp?: boolean;
}

/** What a rule adds to what it lets pass. */
export interface Along {
  /** The record as it shall be stored: the rule filled in what only the engine writes. */
  contents?: Contents;
  /** What becomes of other records: it stands or falls with the record itself. */
  intents?: readonly Intent[];
  /** What the write rests on beside the record, asked once more in its transaction. */
  judges?: readonly Judge[];
}

/** A rule about one register that its declaration cannot say. It throws; what it lets pass is stored. */
export type Guard = (g: Guarded) => void | Promise<void> | Promise<Along>;

/** Rules by register; each part of the application that has some gives a list of its own. */
export type Guards = Readonly<Record<string, Guard>>;

const own: Guards = {
  ...about(registers.person, guardPerson),
  ...about(registers.apiKey, guardApiKey),
  ...about(registers.aiSystem, guardSystem),
  ...about(registers.release, guardRelease),
};

const ALL: readonly Guards[] = [
  own,
  capaGuards,
  auditGuards,
  reviewGuards,
  riskGuards,
  governGuards,
  controlGuards,
  looseningGuards,
  guestGuards,
  commentGuards,
  departureGuards,
  evidenceGuards,
];

/** All rules about a register, one after the other; undefined when there is none. */
export function guardFor(register: Register): ((g: Guarded) => Promise<Along>) | undefined {
  const rules = ALL.flatMap((guards) => guards[register.name] ?? []);
  if (rules.length === 0 && heldBy(register).length === 0) return undefined;
  return async (g) => {
    if (!g.peopleLookedUp) await demandPeopleHere(g);
    let contents = g.contents;
    const intents: Intent[] = [];
    const judges: Judge[] = [];
    for (const rule of rules) {
      const more = await rule({ ...g, contents });
      if (!more) continue;
      contents = more.contents ?? contents;
      intents.push(...(more.intents ?? []));
      judges.push(...(more.judges ?? []));
    }
    return { contents, intents, judges };
  };
}

/** Nobody changes their own roles, and only top management makes management. */
function guardPerson({ ask, contents, before }: Guarded<Registers['person']>): void {
  if (ask.actor.kind === 'engine') return;
  if (before && contents.values.manager === before.ref && before.values.manager !== before.ref)
    throw new Failure(
      'INVALID',
      `Person: manager: ${before.ref} cannot be their own line manager; name somebody else, or nobody.`,
      [{ path: '/manager', message: 'is the person themselves' }],
    );
  const now = contents.values.roles ?? [];
  const was = before?.values.roles ?? [];
  // As for the steps that open them to others: an address is where an invitation goes.
  if (before && contents.values.email !== before.values.email) demandNotManagement(ask, before);
  const touched = [...now.filter((r) => !was.includes(r)), ...was.filter((r) => !now.includes(r))];
  if (touched.length === 0) return;
  if (before?.ref === ask.actor.ref)
    throw new Failure(
      'OWN_WORK',
      'Nobody changes their own roles; ask another AIMS manager or top management.',
      [{ path: '/roles', message: 'cannot be changed by the person themselves' }],
    );
  for (const role of touched) {
    if (isManagement(role) && !holds(ask.actor, 'topManagement'))
      throw new Failure('NOT_ALLOWED', `Only top management grants or withdraws the role ${ROLES[role]}.`, [
        { path: '/roles', message: `${ROLES[role]} is granted by top management` },
      ]);
  }
}

function demandNotManagement(ask: Asking, before: As<Registers['person'], StoredWithRelations>): void {
  const out = ofManagement(ask.actor, before, '/email');
  if (out) throw refused(out);
}

/** A key ends, within a year. */
function guardApiKey({ app, contents, before }: Guarded<Registers['apiKey']>): void {
  // An edit must not stretch a key's life either.
  if (before && before.values.expires === contents.values.expires) return;
  const end = String(contents.values.expires);
  const today = app.clock.now();
  const limit = new Date(today.getTime() + 366 * 86_400_000).toISOString().slice(0, 10);
  if (end <= today.toISOString().slice(0, 10) || end > limit)
    throw new Failure('INVALID', `A key must end between tomorrow and ${limit}; got ${end}.`, [
      { path: '/expires', message: `must be between tomorrow and ${limit}` },
    ]);
}

/**
 * Once a system is in scope, its owner does not choose who approves: otherwise they could name somebody for the
 * length of one approval and then go back to what was confirmed. Nobody names themselves.
 */
async function guardSystem({ app, ask, contents, before }: Guarded<Registers['aiSystem']>): Promise<void> {
  if (ask.actor.kind === 'engine') return;
  if (before?.state !== 'inScope') return;
  for (const field of ['owner', 'approver', 'oversight'] as const) {
    const person = contents.values[field];
    if (person === before.values[field]) continue;
    if (!holds(ask.actor, 'aimsManager') && !holds(ask.actor, 'designatedManagement'))
      throw new Failure(
        'NOT_ALLOWED',
        `${before.ref} is in scope: its ${field} is changed by an AIMS manager or designated management.`,
        [{ path: `/${field}`, message: 'is changed by an AIMS manager or designated management' }],
      );
    // Whoever is the only person here has nobody to ask; what the class asks of different people is for the gate.
    if (person === ask.actor.ref && !(await aloneHere(app, ask)))
      throw new Failure(
        'OWN_WORK',
        `Nobody makes themselves ${field} of ${before.ref}; ask another AIMS manager or designated management.`,
        [{ path: `/${field}`, message: 'cannot be the person who changes it' }],
      );
  }
}

async function aloneHere(app: App, ask: Asking): Promise<boolean> {
  const [rows] = await app.db.run(ask.actor.organisation, [MEMBERS_STATEMENT]);
  return rows![0]!.people === 1;
}

/** What is shipped is what the gate let through, and would let through now. */
async function guardRelease({
  app,
  ask,
  register,
  contents,
  before,
  transition,
}: Guarded<Registers['release']>): Promise<Along> {
  if (transition !== 'ship' || !before) return {};
  const allowed = await allowanceOf(app, ask.actor.organisation, before.id);
  const present = await presentBinding(app, ask.actor.organisation, register, before.ref, contents);
  if (allowed?.values.subjectDigest === present.content.digest)
    return { judges: [judgeShipping(app, before.ref)] };
  throw new Failure(
    'CONFLICT',
    `${before.ref} is no longer what the gate let through${allowed ? ` (${allowed.ref})` : ''}: a component has changed since. Revise and submit it, then ask the gate again.`,
  );
}
