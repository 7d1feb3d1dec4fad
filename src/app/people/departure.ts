import type { Departed, HandedOver, Owned } from '../../answers/people.ts';
import type { Committed } from '../../answers/record.ts';
import { deed, mayNot } from '../../authority/refusal.ts';
import { Failure, type Problem, problem, problemSaid, refusedAt, withoutRef } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { catalogue, type Sentence } from '../../base/sentence.ts';
import { asList, type Register } from '../../register/register.ts';
import { admittedAs, holds, type Role, rolesIn } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { peopleStatement } from '../../store/people/departure.ts';
import { heldBy, keysMadeBy, ownedCounts, ownedPage, ownedToHandOver } from '../../store/records/owned.ts';
import { type StoredWithRelations, toStored } from '../../store/records/records.ts';
import { removeFiltersOf } from '../../store/records/saved-filters.ts';
import { type App, type Asking, asEngine } from '../context.ts';
import { anew } from '../write/anew.ts';
import { transitRecord } from '../write/commit.ts';
import { readRecord } from '../write/idempotent.ts';
import { carryOut, type Planned, together } from '../write/plan.ts';
import type { Besides } from '../write/rule.ts';
import { ruled } from '../write/rules.ts';
import { planKeys } from './departure-keys.ts';
import { countsText, DEPART, toCounts } from './departure-rules.ts';
import { takenOver } from './hand-over.ts';

const no = failures('handOver', {
  noPage: ['BAD_INPUT', 'after: expected the number of the last record of the page before.', '/after'],
  noRegister: ['INVALID', 'registers: there is no register {name}.', '/registers'],
  nothing: ['CONFLICT', '{ref} holds nothing; there is nothing to hand over.'],
  nothingNamed: ['CONFLICT', '{ref} holds nothing of what was named; there is nothing to hand over.'],
  notHeld: ['INVALID', 'refs: {refs} {count, plural, one {is} other {are}} not held by {ref}.'],
  tooMany: [
    'TOO_LARGE',
    '{ref} holds more than {most} records, the most that are handed over at once; hand them over register by register first (reassign).',
  ],
  notAll: ['CONFLICT', '{successor} cannot take over everything of {ref}; choose another successor.'],
  nobody: ['CONFLICT', 'Something of {ref} is taken over by nobody; name a successor.'],
  refused: [
    'CONFLICT',
    '{wrong} of {count} records cannot be taken over by {successor}; nothing was changed. First: {place}: {first}. Hand those over to somebody else first (reassign).',
  ],
  needsSuccessor: [
    'CONFLICT',
    '{ref} still owns, approves or looks after {count, plural, one {one record} other {{count} records}}: {held}. Name a successor who takes all of it over, or hand it over to several people first (reassign).',
    '/successor',
  ],
  ownSuccessor: [
    'INVALID',
    'successor: {person} is the person who hands over; name somebody else.',
    '/successor',
  ],
  strangeSuccessor: ['INVALID', 'successor: {person} is nobody of this organisation.', '/successor'],
  departedSuccessor: [
    'INVALID',
    'successor: {person} has departed; name somebody who is there.',
    '/successor',
  ],
});
const held = catalogue('held', {
  not: '{record} is not held by {ref}',
  hidden: 'must not be seen by the successor; name somebody else for it first (reassign)',
});

/** Most records that one hand-over takes: it is one transaction. */
export const HAND_OVER_MOST = 5_000;

/** Everything somebody owns, approves or looks after, as far as whoever asks may see it; a page of the records. */
export async function ownedBy(
  app: App,
  ask: Asking,
  ref: string,
  after: string | undefined,
  limit: number,
): Promise<Owned> {
  const person = await readRecord(app, ask, app.registry.of(registers.person), ref);
  if (person.ref !== ask.actor.ref && person.values.manager !== ask.actor.ref)
    demandHandOver(app, ask, deed('seeHeld'));
  const from = after === undefined ? undefined : placeOf(app, after);
  const [counts, rows, keys] = await app.db.run(ask.actor.organisation, [
    ownedCounts(app.registry, ref),
    ownedPage(app.registry, ref, from, limit + 1),
    keysMadeBy(app.registry.of(registers.apiKey), ref),
  ]);
  const held = toCounts(counts!);
  const page = rows!.slice(0, limit).map(toStored);
  return {
    person: ref,
    total: held.reduce((sum, c) => sum + c.count, 0),
    registers: held.map((c) => ({ ...c, label: app.registry.get(c.register).label.many })),
    items: page.map((r) => {
      const register = app.registry.get(r.register);
      const as = heldBy(register).filter((f) => [r.values[f]].flat().includes(ref));
      return {
        ref: r.ref,
        register: r.register,
        title: r.title,
        state: r.state,
        as: as.map((f) => register.fields[f]!.label),
      };
    }),
    next: rows!.length > limit ? page.at(-1)!.ref : null,
    keys: keys!.map(toStored).map((k) => ({ ref: k.ref, title: k.title, expires: String(k.values.expires) })),
  };
}

function placeOf(app: App, after: string): { register: string; number: number } {
  const register = /^[A-Z]{3}-\d{4,9}$/.test(after) ? app.registry.ofRef(after) : undefined;
  if (!register) throw no('noPage');
  return { register: register.name, number: Number(after.slice(4)) };
}

/** Whoever may let people leave may hand over what is theirs. */
function demandHandOver(app: App, ask: Asking, deed: Sentence): string {
  const register = app.registry.of(registers.person);
  const who = asList(register.transitions[DEPART]!.by);
  const as = admittedAs(ask.actor, who);
  if (!as) throw mayNot(deed, who, register.whoLabels);
  return as;
}

interface HandOver {
  planned: Planned[];
  told: HandedOver;
}

/** Hands over what somebody holds, or a part of it, without their leaving: all or none. */
export async function reassign(
  app: App,
  ask: Asking,
  ref: string,
  o: { successor: string; registers?: readonly string[]; refs?: readonly string[]; reason?: string },
): Promise<HandedOver> {
  const as = demandHandOver(app, ask, deed('handOver'));
  for (const name of o.registers ?? [])
    if (!app.registry.find(name)) throw no('noRegister', { name: JSON.stringify(name.slice(0, 60)) });
  const whole = { ...app, db: app.db.as('') };
  const reason = `${ref} hands over to ${o.successor}.${o.reason ? ` ${o.reason}` : ''}`;
  return anew(async () => {
    const only = { ...o, seenOnly: true };
    const { planned, told } = await planHandOver(app, ask, ref, o.successor, as, reason, only);
    if (planned.length === 0)
      throw o.refs || o.registers ? no('nothingNamed', { ref }) : no('nothing', { ref });
    return (await carryOut(whole, ask, together(planned), () => told)).kept;
  });
}

/**
 * Somebody leaves: everything they hold passes to the successor in the same transaction, or they stay. What is in the hands of nobody else
 * afterwards does not exist. API keys they made are kept or revoked as whoever asks says; unsaid is refused, because a leaver may know the secret.
 */
export async function depart(
  app: App,
  ask: Asking,
  ref: string,
  o: { values?: unknown; successor?: string; keys?: 'keep' | 'revoke'; reason?: string; expect?: number },
): Promise<Committed & Pick<Departed, 'handedOver' | 'keys'>> {
  const whole = { ...app, db: app.db.as('') };
  let told: HandedOver = { from: ref, to: null, total: 0, registers: [] };
  let keys: { kept: string[]; revoked: string[] } = { kept: [], revoked: [] };
  const reason = `${ref} departs${o.successor ? `; ${o.successor} takes over` : ''}.${o.reason ? ` ${o.reason}` : ''}`;
  const done = await transitRecord(
    whole,
    ask,
    app.registry.of(registers.person),
    ref,
    DEPART,
    { values: o.values, reason: o.reason, expect: o.expect },
    {
      besides: { handsOver: true },
      more: async () => {
        const as = demandHandOver(app, ask, deed('depart'));
        const over = await planHandOver(app, ask, ref, o.successor, as, reason, {});
        const made = await planKeys(app, ask, ref, o.keys, as, reason);
        told = over.told;
        keys = { kept: made.kept, revoked: made.revoked };
        const { records, cascade, judges } = together([...over.planned, ...made.planned]);
        return {
          also: [removeFiltersOf(ref)],
          cascade: [...records, ...cascade],
          judges,
          told: { handedOver: told, keys },
        };
      },
    },
  );
  return { ...done, handedOver: told, keys };
}

/**
 * The changes by which the successor takes over, each checked by the rules of its register. What whoever asks must not see passes on as well, to
 * somebody who may see it, and is never told.
 */
async function planHandOver(
  app: App,
  ask: Asking,
  ref: string,
  successor: string | undefined,
  as: string,
  reason: string,
  narrow: { registers?: readonly string[]; refs?: readonly string[]; seenOnly?: boolean },
): Promise<HandOver> {
  const organisation = ask.actor.organisation;
  const whole = { ...app, db: app.db.as('') };
  const asked = ownedToHandOver(app.registry, ref, { ...narrow, limit: HAND_OVER_MOST + 1 });
  const [all, people] = await whole.db.run(organisation, [asked, peopleStatement]);
  const [visible] = await app.db.run(organisation, [asked]);
  const seen = new Set(visible!.map((r) => cell.text(r.ref)));
  const rows = narrow.seenOnly ? visible : all;
  const strange = narrow.refs?.filter((r) => !seen.has(r)) ?? [];
  if (strange.length > 0)
    throw no(
      'notHeld',
      { refs: { join: 'comma', items: strange.slice(0, 10) }, count: strange.length, ref },
      strange
        .slice(0, 500)
        .map((r) =>
          problem(`/refs/${narrow.refs!.indexOf(r)}`, held('not', { record: r.slice(0, 40), ref })),
        ),
    );
  if (rows!.length > HAND_OVER_MOST) throw no('tooMany', { ref, most: HAND_OVER_MOST });
  const told = {
    from: ref,
    to: successor ?? null,
    total: seen.size,
    registers: toCounts(countRows(visible!)),
  };
  const known = new Map(
    people!.map((p) => [cell.text(p.ref), { state: cell.text(p.state), roles: rolesIn(p.roles) }]),
  );
  if (successor === undefined) {
    if (seen.size > 0) throw needsSuccessor(app, ref, told);
  } else demandSuccessor(app, ref, successor, known.get(successor)?.state);
  // It names no record: whoever asks must not learn of it.
  const elsewhere = () => (successor ? no('notAll', { successor, ref }) : no('nobody', { ref }));
  const problems: Problem[] = [];
  const planned: Planned[] = [];
  // That the successor is there was looked up once for all of them.
  const besides: Besides = { peopleLookedUp: true, known: new Map() };
  for (const row of rows!) {
    const before: StoredWithRelations = {
      ...toStored(row),
      digest: cell.text(row.digest),
      authors: [],
      worked: {},
      relations: { paths: {} },
    };
    const register = app.registry.get(before.register);
    const blind = cell.orNull(cell.texts)(row.hidden_from) ?? [];
    const to = recipient(
      register,
      successor,
      seen.has(before.ref) ? ask.actor.ref : undefined,
      blind,
      ref,
      known,
    );
    const taken = to === undefined ? undefined : takenOver(register, before, ref, to);
    if (!taken) {
      if (seen.has(before.ref)) problems.push(problem(before.ref, held('hidden')));
      else throw elsewhere();
      continue;
    }
    // What is hidden from whoever asks is not passed on by their word: rules about what they may do to it do not hold it back.
    const isSeen = seen.has(before.ref);
    const { contents, state, transition } = taken;
    const act = transition ? 'transition' : 'edit';
    const actor = { ref: ask.actor.ref, as };
    const intent = {
      register,
      before,
      contents,
      state,
      act,
      transition,
      actor,
      reason,
      takenOver: true,
    } as const;
    try {
      planned.push(await ruled(whole, isSeen ? ask : asEngine(ask), intent, besides));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!isSeen) throw elsewhere();
      problems.push(refusedAt(before.ref, error, withoutRef(before.ref, error.message)));
    }
  }
  if (problems.length > 0)
    throw no(
      'refused',
      {
        wrong: problems.length,
        count: seen.size,
        successor: successor ?? '',
        place: problems[0]!.path,
        first: problemSaid(problems[0]!),
      },
      problems.slice(0, 500),
    );
  return { planned, told };
}

/** Who takes a record over: the successor, unless it is hidden from them; then, where nobody who asks would know, a manager who may see it. */
function recipient(
  register: Register,
  successor: string | undefined,
  seenBy: string | undefined,
  blind: readonly string[],
  leaver: string,
  known: ReadonlyMap<string, { state: string; roles: Role[] }>,
): string | undefined {
  if (successor !== undefined && !blind.includes(successor)) return successor;
  if (seenBy !== undefined) return undefined;
  for (const [ref, p] of known) {
    if (ref === leaver || blind.includes(ref) || p.state !== 'active') continue;
    const actor = {
      organisation: 0,
      organisationSlug: '',
      kind: 'person' as const,
      ref,
      name: ref,
      roles: p.roles,
    };
    const manages = holds(actor, 'aimsManager') || holds(actor, 'designatedManagement');
    if (manages && admittedAs(actor, register.permissions.read)) return ref;
  }
  return undefined;
}

const countRows = (rows: readonly Record<string, unknown>[]): { register: string; n: number }[] => {
  const counts = new Map<string, number>();
  for (const r of rows) counts.set(cell.text(r.register), (counts.get(cell.text(r.register)) ?? 0) + 1);
  return [...counts].map(([register, n]) => ({ register, n }));
};

const needsSuccessor = (app: App, ref: string, told: HandedOver): Failure =>
  no('needsSuccessor', { ref, count: told.total, held: countsText(app.registry, told.registers) });

function demandSuccessor(app: App, ref: string, successor: string, state: string | undefined): void {
  const named = { person: successor.slice(0, 40) };
  if (successor === ref) throw no('ownSuccessor', named);
  if (state === undefined) throw no('strangeSuccessor', named);
  if (app.registry.of(registers.person).ended.includes(state)) throw no('departedSuccessor', named);
}
