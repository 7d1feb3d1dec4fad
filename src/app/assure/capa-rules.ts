import { refusal } from '../../authority/refusal.ts';
import { unfitVerifier } from '../../authority/rules-of-registers.ts';
import { Failure, problem } from '../../base/failure.ts';
import { failed } from '../../base/refusals.ts';
import { recOf, stepAs } from '../../register/rec.ts';
import { contentsOf } from '../../register/values.ts';
import { holds, whoText } from '../../register/who.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { actionsOfNonconformity, leftAfter } from '../../store/assure/capa.ts';
import * as cell from '../../store/db/cells.ts';
import {
  iso,
  readStatement,
  type StoredWithRelations,
  toStoredWithRelations,
} from '../../store/records/records.ts';
import { toVersionFound, versionsAtStatement, writersAfter } from '../../store/records/versions-at.ts';
import type { App, Asking } from '../context.ts';
import { aloneHere } from '../write/circumstances.ts';
import { type Along, type Changed, onChange, onSteps, type Rule } from '../write/rule.ts';

/** What corrective action demands beyond the declarations (10.2): decision 0015. */
export const capaRules: readonly Rule[] = [
  onChange(registers.action, 'verifier', demandVerifier),
  onSteps(registers.action, 'eased', ['agree'], demandNotEased, { offered: true }),
  onChange(registers.action, 'stillFor', demandStillFor),
  onSteps(registers.action, 'exposure', ['confirm'], demandExposure),
  onSteps(registers.action, 'reopens', ['fail'], reopening),
  onSteps(registers.nonconformity, 'cameBack', ['close'], demandAnew, { offered: true }),
];

type Action = Registers['action'];
type Nonconformity = Registers['nonconformity'];

/** The check is somebody else's than the owner's, and than of anybody who worked on the action; while it runs, it is changed by an AIMS manager. */
function demandVerifier({ ask, contents, before, transition }: Changed<Action>): void {
  const { values } = contents;
  const { ref, state, authors } = before;
  if (values.verifier === before.values.verifier || (state !== 'agreed' && state !== 'done')) return;
  if (transition === 'replan' || transition === 'agree') return;
  const why = unfitVerifier(values, ask.actor.ref, authors, transition ? 'agreesOnIt' : 'changesIt');
  if (why) throw failed(refusal('verifierUnfit', { ref, why }, [problem('/verifier', why)]));
  // Otherwise the owner could look for somebody whom the result pleases.
  if (!transition && !holds(ask.actor, 'aimsManager'))
    throw new Failure(
      'NOT_ALLOWED',
      `${ref} is ${state}: who checks it is changed by ${whoText(['aimsManager'])}.`,
      [{ path: '/verifier', message: 'is changed by an AIMS manager' }],
    );
}

/** In what an action that is agreed on again asks for less than it did; sentences without a full stop. */
export function easedAction(
  was: Readonly<Record<string, unknown>>,
  is: Readonly<Record<string, unknown>>,
): { field: string; text: string }[] {
  const number = (v: unknown) => (typeof v === 'number' ? v : 0);
  const fewer = (field: string, what: string) =>
    number(is[field]) < number(was[field])
      ? [{ field, text: `${what} ${number(is[field])}; before, ${number(was[field])}` }]
      : [];
  const other = (field: string, what: string) =>
    is[field] === was[field] ? [] : [{ field, text: `${what} is another` }];
  return [
    ...(String(is.dueOn ?? '') > String(was.dueOn ?? '')
      ? [{ field: 'dueOn', text: `it is due on ${String(is.dueOn)}; before, on ${String(was.dueOn)}` }]
      : []),
    ...fewer('exposureDays', 'days until it is checked:'),
    ...fewer('exposureCases', 'cases to look at:'),
    ...other('criterion', 'what counts as having worked'),
    ...other('plan', 'what is done'),
    ...other('kind', 'its kind'),
  ];
}

/** What was agreed on once is eased only with somebody who does not do it: planning anew would else be the way around. */
async function demandNotEased({ app, ask, contents, before }: Changed<Action>): Promise<void> {
  if (ask.actor.kind === 'engine') return;
  const { ref } = before;
  const [rows] = await app.db.run(ask.actor.organisation, [
    versionsAtStatement([{ ref, transition: 'agree' }]),
  ]);
  const last = rows![0] && toVersionFound(rows![0]);
  if (!last) return;
  const eased = easedAction(contentsOf(last.parts).values, contents.values);
  if (eased.length === 0 || (await aloneHere(app, ask))) return;
  const [wrote] = await app.db.run(ask.actor.organisation, [writersAfter(ref, last.version)]);
  if (contents.values.owner !== ask.actor.ref && !wrote!.some((r) => r.actor === ask.actor.ref)) return;
  throw new Failure(
    'OWN_WORK',
    `${ref} was agreed on before and would now ask for less: ${eased.map((e) => e.text).join('; ')}. Somebody who does not own it and did not change it since agrees: ${whoText(['aimsManager', 'designatedManagement'])}.`,
    eased.map((e) => ({ path: `/${e.field}`, message: e.text })),
  );
}

/** What an action was agreed on for waits for it: planned anew and taken off, one that failed or is open would hold nothing up any more. */
async function demandStillFor({ app, ask, contents, before }: Changed<Action>): Promise<void> {
  const { ref, links } = before;
  const gone = (links.nonconformities ?? []).filter((n) => !contents.links.nonconformities?.includes(n));
  if (gone.length === 0 || ask.actor.kind === 'engine') return;
  const [rows] = await app.db.run(ask.actor.organisation, [
    versionsAtStatement([{ ref, transition: 'agree' }]),
  ]);
  if (!rows![0]) return;
  throw new Failure(
    'WRONG_STATE',
    `${ref} was agreed on before, for ${gone.join(', ')}, and stays with it. If it is not needed, drop it with the reason (${whoText(['aimsManager', 'designatedManagement'])}).`,
    gone.map((n) => ({ path: '/nonconformities', message: `${n} waits for this action` })),
  );
}

/** That it worked can be said only after the number of cases that was fixed when planning. That it did not work can be said at once: one case is enough. */
function demandExposure({ contents: { values }, before: { ref } }: Changed<Action>): void {
  const needed = values.exposureCases ?? 0;
  const seen = values.casesSeen ?? 0;
  if (seen < needed)
    throw new Failure(
      'REQUIREMENTS_MISSING',
      `${ref}: ${needed} cases at least have to be looked at, as was agreed; ${seen} were. Look at more, then confirm.`,
      [{ path: '/values/casesSeen', message: `must be at least ${needed}` }],
    );
}

/** An action that did not work takes its nonconformities back to the beginning: the cause was another one. */
async function reopening({ app, ask, contents, before }: Changed<Action>): Promise<Along> {
  const refs = contents.links.nonconformities ?? [];
  if (refs.length === 0) return {};
  const register = app.registry.of(registers.nonconformity);
  const back = register.transitions.fallBack;
  const [rows] = await app.db.run(ask.actor.organisation, [readStatement(register, refs)]);
  const cascade = rows!
    .map((row) => recOf(register, toStoredWithRelations(row)))
    .filter((n) => [back.from].flat().includes(n.state))
    .map((n) => ({
      register,
      before: n,
      contents: { values: n.values, links: n.links },
      state: back.to,
      act: 'transition' as const,
      transition: stepAs(register, 'fallBack'),
      actor: { ref: ask.actor.ref, as: 'engine' },
      reason: `${before.ref} did not work.`,
    }));
  return { cascade };
}

const actionState = cell.oneOf(registers.action.states);

/** Its actions, each with since when it is as it is, and when it was last reopened after it had been closed. */
async function actionsOf(app: App, ask: Asking, before: StoredWithRelations) {
  const [rows, closings] = await app.db.run(ask.actor.organisation, [
    actionsOfNonconformity(before.id, registers.action.name),
    leftAfter(before.id, 'closed'),
  ]);
  return {
    actions: rows!.map((r) => ({
      ref: cell.text(r.ref),
      state: actionState(r.state),
      failed: r.failed === true,
      since: iso(r.since),
    })),
    reopened: closings![0]?.at === null || !closings![0] ? undefined : iso(closings![0].at),
  };
}

/** What came back after it was closed is not closed on what was found before, nor on an action that failed and was dropped. */
async function demandAnew({ app, ask, before }: Changed<Nonconformity>): Promise<void> {
  const { actions, reopened } = await actionsOf(app, ask, before);
  const refuse = (why: string, problems: { path: string; message: string }[]) =>
    new Failure('REQUIREMENTS_MISSING', `${before.ref} cannot be closed yet: ${why}`, problems);
  // It came back after it was closed: what was found before that day did not hold, and closes it no second time.
  if (reopened && actions.length > 0 && actions.every((a) => a.since < reopened))
    throw refuse(
      `it was reopened on ${reopened.slice(0, 10)}, after ${actions.map((a) => `${a.ref} was ${a.state}`).join(', ')}. Plan another action, or plan one and drop it with the reason why none is needed.`,
      actions.map((a) => ({ path: '/actions', message: `${a.ref} was ${a.state} before` })),
    );
  const failed = actions.filter((a) => a.state === 'dropped' && a.failed);
  if (failed.length > 0 && !actions.some((a) => a.state === 'effective'))
    throw refuse(
      `${failed.map((a) => a.ref).join(', ')} did not work and was dropped, and nothing that worked took its place.`,
      failed.map((a) => ({ path: '/actions', message: `${a.ref} did not work` })),
    );
}
