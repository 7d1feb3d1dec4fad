import { isManagement, ofManagement } from '../authority/rules-of-registers.ts';
import { canonicalJson } from '../base/canonical.ts';
import { Failure } from '../base/failure.ts';
import { failed } from '../base/refusals.ts';
import type { As, ContentsOf, StepOf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import type { Contents } from '../register/values.ts';
import { holds, ROLES } from '../register/who.ts';
import { type Registers, registers } from '../registers/index.ts';
import { heldBy } from '../store/owned.ts';
import type { StoredWithRelations } from '../store/records.ts';
import type { Judge } from '../store/write.ts';
import { about } from './about.ts';
import { auditGuards } from './auditGuards.ts';
import { capaGuards } from './capa.ts';
import type { Intent } from './change.ts';
import { aloneHere } from './circumstances.ts';
import { commentGuards } from './comments.ts';
import type { App, Asking } from './context.ts';
import { controlGuards } from './control-guards.ts';
import { presentBinding } from './decisions.ts';
import { departureGuards } from './departureGuards.ts';
import { easingGuards } from './easing-guards.ts';
import { evidenceGuards } from './evidenceGuards.ts';
import { governGuards } from './govern-guards.ts';
import { guestGuards } from './guest-guards.ts';
import { changedBeside } from './in-write.ts';
import { lastInScope, looseningGuards } from './loosening.ts';
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
  /** One record, created by itself. */
  single?: boolean;
}

/** What a rule adds to what it lets pass. */
export interface Along {
  /** The record as it shall be stored: the rule filled in what only the engine writes. */
  contents?: Contents;
  /** What becomes of other records: it stands or falls with the record itself. */
  intents?: readonly Intent[];
  /** What the write rests on beside the record, asked in its transaction. What the rule itself read is asked again there without being named here. */
  judges?: readonly Judge[];
  /** The rule fills in what other records say, and as of when: that is not asked again. */
  ofItsMoment?: true;
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
  easingGuards,
];

/**
 * All rules about a register, one after the other; undefined when there is none. What they read of other records may be another thing by the time of the
 * write: where they read something, they are asked again in it (a judge of theirs, which whoever writes takes along).
 */
export function guardFor(register: Register): ((g: Guarded) => Promise<Along>) | undefined {
  const rules = ALL.flatMap((guards) => guards[register.name] ?? []);
  if (rules.length === 0 && heldBy(register).length === 0) return undefined;
  return async (g) => {
    if (!g.peopleLookedUp) await demandPeopleHere(g);
    let read = false;
    const db = g.app.db.listened(() => {
      read = true;
    });
    const along = await allOf(rules, { ...g, app: { ...g.app, db } });
    // What is created rests on nothing that was settled by others but where its rule says so: see `inWrite`.
    if (!read || !g.before || along.ofItsMoment) return along;
    return { ...along, judges: [judgeRules(rules, g, along), ...(along.judges ?? [])] };
  };
}

async function allOf(rules: readonly Guard[], g: Guarded): Promise<Along> {
  let contents = g.contents;
  let ofItsMoment = false;
  const intents: Intent[] = [];
  const judges: Judge[] = [];
  for (const rule of rules) {
    const more = await rule({ ...g, contents });
    if (!more) continue;
    contents = more.contents ?? contents;
    intents.push(...(more.intents ?? []));
    judges.push(...(more.judges ?? []));
    ofItsMoment ||= more.ofItsMoment === true;
  }
  return { contents, intents, judges, ...(ofItsMoment ? { ofItsMoment } : {}) };
}

/** The same rules, asked in the write: they refuse, or say what they said before; otherwise all of it is planned anew. */
const judgeRules =
  (rules: readonly Guard[], g: Guarded, before: Along): Judge =>
  async (within) => {
    const now = await allOf(rules, { ...g, app: { ...g.app, db: within(g.app.db) } });
    if (canonicalJson(saidBy(now)) !== canonicalJson(saidBy(before)))
      throw changedBeside(g.before?.ref ?? g.register.label.one);
  };

/** What rules make of a write: its contents, and which versions of which other records go along to what. */
const saidBy = ({ contents, intents }: Along) => ({
  contents: contents ?? null,
  intents: (intents ?? []).map(({ before, contents: c, state }) => ({
    record: 'ref' in before ? [before.ref, before.version] : [before.number],
    contents: c,
    state,
  })),
});

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
  if (out) throw failed(out);
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
 * Once a system was in scope, its owner does not choose who approves: otherwise they could name somebody for the
 * length of one approval and then go back to what was confirmed. Nobody names themselves. Reconsidered, it is still that system.
 */
async function guardSystem({ app, ask, contents, before }: Guarded<Registers['aiSystem']>): Promise<void> {
  if (ask.actor.kind === 'engine' || !before) return;
  const changed = (['owner', 'approver', 'oversight'] as const).filter(
    (field) => contents.values[field] !== before.values[field],
  );
  if (changed.length === 0) return;
  const inScope = before.state === 'inScope';
  if (!inScope && !(await lastInScope(app, ask, before.id))) return;
  for (const field of changed) {
    if (!holds(ask.actor, 'aimsManager') && !holds(ask.actor, 'designatedManagement'))
      throw new Failure(
        'NOT_ALLOWED',
        `${before.ref} ${inScope ? 'is' : 'was'} in scope: its ${field} is changed by an AIMS manager or designated management.`,
        [{ path: `/${field}`, message: 'is changed by an AIMS manager or designated management' }],
      );
    // Whoever is the only person here has nobody to ask; what the class asks of different people is for the gate.
    if (contents.values[field] === ask.actor.ref && !(await aloneHere(app, ask)))
      throw new Failure(
        'OWN_WORK',
        `Nobody makes themselves ${field} of ${before.ref}; ask another AIMS manager or designated management.`,
        [{ path: `/${field}`, message: 'cannot be the person who changes it' }],
      );
  }
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
    return { judges: [judgeShipping(app, ask.actor.organisation, before.ref)] };
  throw new Failure(
    'CONFLICT',
    `${before.ref} is no longer what the gate let through${allowed ? ` (${allowed.ref})` : ''}: a component has changed since. Revise and submit it, then ask the gate again.`,
  );
}
