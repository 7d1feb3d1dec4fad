import { type Problem, problem } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { catalogue, worded } from '../../base/sentence.ts';
import { isWhere } from '../../register/conditions.ts';
import type { Linked, Within } from '../../register/register.ts';
import { deedSaid } from '../../register/said.ts';
import * as cell from '../../store/db/cells.ts';
import { statesOf, statesOfThoseLinking } from '../../store/records/linked.ts';
import { mayRead } from './access.ts';
import { demandWithinCaps } from './caps.ts';
import { demandTrueClaims } from './claims.ts';
import type { Guarded, Rule } from './rule.ts';
import { demandShown } from './shown.ts';

/** What declarations say, and other records or the day tell: asked for every register. */
export const declaredRules: readonly Rule[] = [
  /** The records that a step asks for are in the states that it asks for (`linked`). */
  { id: 'declared.linked', at: 'changes', offered: true, check: demandLinked },
  /** What is linked anew is in no state in which nothing comes to it (`shut`). */
  { id: 'declared.shut', at: 'any', inWrite: (g) => joined(g).length > 0, check: demandOpen },
  /** What a day claims is possible: what happened lies behind, after what it belongs to (`claim`). */
  { id: 'declared.claimed', at: 'any', offered: true, check: demandTrueClaims },
  /** Nothing is looked at again, or ends, later than the criteria in force allow (`cap`). */
  { id: 'declared.capped', at: 'any', offered: true, check: demandWithinCaps },
  /** What says that something was done rests on evidence, records or readings that show it (`shown`). */
  { id: 'declared.shown', at: 'changes', offered: true, check: demandShown },
  /** A day lies between those that it has to (`within`). */
  { id: 'declared.within', at: 'any', offered: true, check: demandWithin },
];

const no = failures('declared', {
  linkedNotAll: ['REQUIREMENTS_MISSING', 'To {step}, all under "{via}" must be {states}: {found}. {next}'],
  linkedTooFew: [
    'REQUIREMENTS_MISSING',
    'To {step}, at least {number} under "{via}" must be {states}: {found}. {next}',
  ],
  shut: ['WRONG_STATE', '{found}: {next}'],
  notFrom: ['INVALID', '{what}: {day}: expected {first} or later, got {got}.'],
  notAfter: ['INVALID', '{what}: {day}: expected {last} or earlier, got {got}.'],
  notBetween: ['INVALID', '{what}: {day}: expected a day from {first} to {last}, got {got}.'],
});

const wrong = catalogue('declared.wrong', {
  state: '{ref} is {state}',
  none: 'there is none',
  kept: '{number, plural, one {one that is kept from you is} other {{number} that are kept from you are}} in another state',
  from: 'must be {first} or later',
  after: 'must be {last} or earlier',
  between: 'must be from {first} to {last}',
});

async function demandLinked(g: Guarded): Promise<void> {
  const { register, transition, before, contents } = g;
  const t = register.transitions[transition ?? ''];
  if (!before || !t?.linked) return;
  const there = new Map<string, Beside[]>();
  for (const asked of t.linked.filter((l) => isWhere(l.where, contents.values))) {
    const { via, states, atLeast, next } = asked;
    const found = there.get(via) ?? (await reached(g, asked));
    there.set(via, found);
    const others = found.filter((r) => !states.includes(r.state));
    const enough = found.length - others.length >= (atLeast ?? 0);
    if (atLeast === undefined ? others.length === 0 : enough) continue;
    const kept = others.filter((r) => r.kept).length;
    const told = [
      ...others.filter((r) => !r.kept).map(({ ref, state }) => wrong('state', { ref, state })),
      ...(kept > 0 ? [wrong('kept', { number: kept })] : []),
      ...(others.length === 0 ? [wrong('none')] : []),
    ];
    const params = {
      step: deedSaid(transition!, t, before.ref),
      via: labelOf(g, via),
      states: { join: 'or', items: states },
      found: { join: 'comma', items: told },
      next: worded(`register.${register.name}.step.${transition}.linked.${via}`, next),
    } as const;
    const problems = told.map(
      (said): Problem => problem(register.links[via] ? `/values/${via}` : `/${via}`, said),
    );
    if (atLeast === undefined) throw no('linkedNotAll', params, problems);
    throw no('linkedTooFew', { ...params, number: atLeast }, problems);
  }
}

/** What is linked anew by links that are shut to some. */
const joined = ({ register, contents, before }: Guarded) =>
  Object.entries(register.links).flatMap(([name, { to, shut }]) => {
    const refs = (contents.links[name] ?? []).filter((ref) => !before?.links[name]?.includes(ref));
    return shut && refs.length > 0 ? [{ name, to, shut, refs }] : [];
  });

async function demandOpen(g: Guarded): Promise<void> {
  const { app, ask, register } = g;
  if (ask.actor.kind === 'engine') return;
  for (const { name, to, shut, refs } of joined(g)) {
    const [rows] = await app.db.run(ask.actor.organisation, [statesOf(ask.actor.ref, to, refs)]);
    const told = rows!
      .map((r) => ({ ref: cell.text(r.ref), state: cell.text(r.state) }))
      .filter((r) => shut.states.includes(r.state))
      .map((r) => wrong('state', r));
    if (told.length === 0) continue;
    const next = worded(`register.${register.name}.link.${name}.shut`, shut.next);
    throw no(
      'shut',
      { found: { join: 'comma', items: told }, next },
      told.map((said) => problem(`/${name}`, said)),
    );
  }
}

/** A record that is asked for; `kept` from whoever asks: it counts, and is not named. */
interface Beside {
  ref: string;
  state: string;
  kept: boolean;
}

/** The records behind a link as the write would leave it, or those that link here: all of them, whoever sees them. */
async function reached(
  { app, ask, register, contents, before }: Guarded,
  { via }: Linked,
): Promise<Beside[]> {
  const { id, links } = before!;
  const { ref: person, organisation } = ask.actor;
  const link = register.links[via];
  const back = app.registry.inversesOf(register.name).find((i) => i.inverse === via);
  const [rows] = await app.db
    .as('')
    .run(organisation, [
      link
        ? statesOf(person, link.to, contents.links[via] ?? [], { id, link: via, sees: links[via] ?? [] })
        : statesOfThoseLinking(person, id, back!.register.name, back!.link),
    ]);
  const closed = !mayRead(ask.actor, link ? app.registry.get(link.to) : back!.register);
  return rows!.map((r) => ({
    ref: cell.text(r.ref),
    state: cell.text(r.state),
    kept: closed || r.hidden === true,
  }));
}

const labelOf = ({ app, register }: Guarded, via: string) =>
  worded(
    `register.${register.name}.link.${via}`,
    register.links[via]?.label ??
      app.registry.inversesOf(register.name).find((i) => i.inverse === via)?.label ??
      via,
  );

function demandWithin(g: Guarded): void {
  const { register, contents, before, transition } = g;
  for (const w of register.within) {
    const got = contents.values[w.day];
    if (typeof got !== 'string' || !isWhere(w.where, contents.values) || !isAsked(g, w)) continue;
    const first = typeof w.from === 'string' ? contents.values[w.from] : w.from && after(g, w.from);
    const last = w.to && after(g, w.to);
    const early = typeof first === 'string' && got < first;
    if (!early && !(last !== undefined && got > last)) continue;
    const day = worded(`register.${register.name}.field.${w.day}`, register.fields[w.day]!.label);
    const params = { what: before?.ref ?? register.label.one, day, got };
    const at = transition ? `/values/${w.day}` : `/${w.day}`;
    if (last === undefined && typeof first === 'string')
      throw no('notFrom', { ...params, first }, [problem(at, wrong('from', { first }))]);
    if (typeof first !== 'string')
      throw no('notAfter', { ...params, last: last! }, [problem(at, wrong('after', { last: last! }))]);
    throw no('notBetween', { ...params, first, last: last! }, [
      problem(at, wrong('between', { first, last: last! })),
    ]);
  }
}

/** What was stored so once stands in the way of nothing else. */
function isAsked(g: Guarded, { day, from, where, steps, drafts }: Within): boolean {
  const { before, contents, register, transition } = g;
  if (transition !== undefined && steps?.includes(transition)) return true;
  if (drafts && (!before || before.state === register.states[0])) return false;
  if (!before) return true;
  const names = [day, typeof from === 'string' ? from : day, where?.field ?? day];
  return names.some((n) => before.values[n] !== contents.values[n]);
}

/** The day so many days or years after today. */
function after({ app }: Guarded, o: { days: number } | { years: number }): string {
  const day = new Date(`${app.clock.now().toISOString().slice(0, 10)}T00:00:00Z`);
  if ('days' in o) day.setUTCDate(day.getUTCDate() + o.days);
  else day.setUTCFullYear(day.getUTCFullYear() + o.years);
  return day.toISOString().slice(0, 10);
}
