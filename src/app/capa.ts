import { firstDayOf } from '../authority/rules.ts';
import { unfitVerifier } from '../authority/rules-of-registers.ts';
import { Failure } from '../base/failure.ts';
import { type LinkOf, type Rec, recOf, stepAs } from '../register/rec.ts';
import { holds, whoText } from '../register/who.ts';
import { type Registers, registers } from '../registers/index.ts';
import * as cell from '../store/cells.ts';
import { named } from '../store/named.ts';
import { readStatement, toStoredWithRelations } from '../store/records.ts';
import { about } from './about.ts';
import type { Along, Guarded, Guards } from './guards.ts';

/** What corrective action demands beyond the declarations (10.2): decision 0015. */
export const capaGuards: Guards = {
  ...about(registers.action, guardAction),
  ...about(registers.nonconformity, guardNonconformity),
};

type Action = Registers['action'];
type Nonconformity = Registers['nonconformity'];

const today = (g: Guarded<Action>): string => g.app.clock.now().toISOString().slice(0, 10);

/** First day on which an action may be confirmed: long enough after it was done for its effect to show. Undefined until it was done. */
export function checkedFrom(
  values: Pick<Rec<Action>['values'], 'doneOn' | 'exposureDays'>,
): string | undefined {
  return firstDayOf(registers.action.transitions.confirm, values);
}

async function guardAction(g: Guarded<Action>): Promise<Along> {
  const { before, contents, transition } = g;
  if (!before) return {};
  const { values } = contents;
  const running = before.state === 'agreed' || before.state === 'done';
  const verifierChanged = running && values.verifier !== before.values.verifier && transition !== 'replan';
  if (verifierChanged && transition !== 'agree') demandVerifier(g);
  if (values.doneOn !== before.values.doneOn || transition === 'finish') demandDoneOn(g);
  if (transition === 'confirm') demandExposure(g);
  return transition === 'fail' ? reopening(g) : {};
}

/** The check is somebody else's than the owner's, and than of anybody who worked on the action. */
function demandVerifier({ ask, contents, before, transition }: Guarded<Action>): void {
  const { values } = contents;
  const { ref, state, authors } = before!;
  const refuse = (why: string) =>
    new Failure('OWN_WORK', `${ref}: ${why} Name somebody else to check whether it worked.`, [
      { path: '/verifier', message: why },
    ]);
  const why = unfitVerifier(values, ask.actor.ref, authors, transition ? 'agrees on' : 'changes');
  if (why) throw refuse(why);
  // Otherwise the owner could look for somebody whom the result pleases.
  if (!transition && !holds(ask.actor, 'aimsManager'))
    throw new Failure(
      'NOT_ALLOWED',
      `${ref} is ${state}: who checks it is changed by ${whoText(['aimsManager'])}.`,
      [{ path: '/verifier', message: 'is changed by an AIMS manager' }],
    );
}

function demandDoneOn(g: Guarded<Action>): void {
  const { contents, before } = g;
  const now = contents.values.doneOn ?? '';
  if (now > today(g))
    throw new Failure(
      'INVALID',
      `${before!.ref}: it cannot have been done on ${now}; today is ${today(g)}.`,
      [{ path: '/doneOn', message: `must not be after today, ${today(g)}` }],
    );
}

/** That it worked can be said only after the number of cases that was fixed when planning. That it did not work can be said at once: one case is enough. */
function demandExposure(g: Guarded<Action>): void {
  const { values } = g.contents;
  const { ref } = g.before!;
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
async function reopening({ app, ask, contents, before }: Guarded<Action>): Promise<Along> {
  const refs = contents.links.nonconformities ?? [];
  if (refs.length === 0) return {};
  const register = app.registry.of(registers.nonconformity);
  const back = register.transitions.fallBack;
  const [rows] = await app.db.run(ask.actor.organisation, [readStatement(register, refs)]);
  const intents = rows!
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
      reason: `${before!.ref} did not work.`,
    }));
  return { intents };
}

/** Where a nonconformity can come from. */
const ORIGINS = ['findings', 'incidents', 'concerns'] as const satisfies LinkOf<Nonconformity>[];

/** What it came from stays with it once it is analysed; more of the same cause may be added. */
function demandOrigin({ contents, before, register, transition }: Guarded<Nonconformity>): void {
  const to = transition ? register.transitions[transition].to : before!.state;
  if (before!.state === 'open' || to === 'open') return;
  const gone = ORIGINS.flatMap((name) =>
    (before!.links[name] ?? [])
      .filter((ref) => !(contents.links[name] ?? []).includes(ref))
      .map((ref) => ({ path: `/${name}`, message: `${ref} is what it came from` })),
  );
  if (gone.length === 0) return;
  throw new Failure(
    'WRONG_STATE',
    `${before!.ref} is ${before!.state}: ${gone.map((x) => x.message).join(', ')}. More can be added; to take one away, take the record back first (reopen).`,
    gone,
  );
}

const actionState = cell.oneOf(registers.action.states);

/** A nonconformity is closed when all that was to be done about it has worked, or was dropped with a reason. */
async function guardNonconformity(g: Guarded<Nonconformity>): Promise<void> {
  const { app, ask, contents, before, transition } = g;
  if (!before) return;
  if (ask.actor.kind !== 'engine') demandOrigin(g);
  if (transition !== 'close') return;
  const [rows] = await app.db.run(ask.actor.organisation, [
    {
      text: `select a.ref, a.title, a.state, exists (select from version v where v.organisation = a.organisation and v.record_id = a.id
            and v.state = ${named.action.state('ineffective')}) as failed
        from link k join record a on a.organisation = k.organisation and a.id = k.from_id
        where k.organisation = (select present_organisation()) and k.to_id = $1 and k.from_register = $2 and k.name = ${named.action.link('nonconformities')} order by a.number`,
      values: [before.id, registers.action.name],
      name: 'actions-of-nonconformity',
    },
  ]);
  const actions = rows!.map((r) => ({
    ref: cell.text(r.ref),
    state: actionState(r.state),
    failed: r.failed === true,
  }));
  const refuse = (why: string, problems: { path: string; message: string }[]) =>
    new Failure('REQUIREMENTS_MISSING', `${before.ref} cannot be closed yet: ${why}`, problems);
  if (actions.length === 0 && contents.values.kind === 'actual')
    throw refuse(
      'it has no action. Plan one that removes the cause, or plan one and drop it with the reason why none is needed.',
      [{ path: '/actions', message: 'at least one action is needed' }],
    );
  const open = actions.filter((a) => a.state !== 'effective' && a.state !== 'dropped');
  if (open.length > 0)
    throw refuse(
      `${open.map((a) => `${a.ref} is ${a.state}`).join(', ')}. Each action has to be found effective, or dropped with a reason.`,
      open.map((a) => ({ path: '/actions', message: `${a.ref} is ${a.state}` })),
    );
  const failed = actions.filter((a) => a.state === 'dropped' && a.failed);
  if (failed.length > 0 && !actions.some((a) => a.state === 'effective'))
    throw refuse(
      `${failed.map((a) => a.ref).join(', ')} did not work and was dropped, and nothing that worked took its place.`,
      failed.map((a) => ({ path: '/actions', message: `${a.ref} did not work` })),
    );
}
