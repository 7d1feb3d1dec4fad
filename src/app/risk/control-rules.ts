import { Failure } from '../../base/failure.ts';
import type { Rec } from '../../register/rec.ts';
import { holds } from '../../register/who.ts';
import { type Registers, registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { versionsAtStatement } from '../../store/records/versions-at.ts';
import { gateWithdrawnSince, mayBeOnCall } from '../../store/risk/controls.ts';
import { lastInScope } from '../govern/loosening.ts';
import { allowanceOf, demandStillLetThrough } from '../release/shipping.ts';
import { aloneHere } from '../write/circumstances.ts';
import { presentBinding } from '../write/decisions.ts';
import { type Changed, onChange, onSteps, type Rule, recordsOf } from '../write/rule.ts';

/** Rules of the Control step that the declarations cannot say. */
export const controlRules: readonly Rule[] = [
  onChange(registers.aiSystem, 'people', demandOthersName),
  onSteps(registers.release, 'unchanged', ['ship'], demandAllowed, { offered: true }),
  onSteps(registers.release, 'stillAllowed', ['ship'], demandStillAllowed, { offered: true }),
  onSteps(
    registers.release,
    'letThrough',
    ['ship'],
    (g) => demandStillLetThrough(g.app, g.ask.actor.organisation, g.before.ref),
    { offered: true },
  ),
  onChange(registers.change, 'onCall', demandOnCall),
  onSteps(registers.change, 'carriedOut', ['implement', 'close'], demandCarriedOut, { offered: true }),
];

type Release = Registers['release'];
type Change = Registers['change'];

const refuse = (message: string, path: string, problem: string): never => {
  throw new Failure('CONFLICT', message, [{ path, message: problem }]);
};

/** What was let through for a time is not put into use after it. */
async function demandStillAllowed(g: Changed<Release>): Promise<void> {
  const { app, ask, contents } = g;
  const { id, ref: name } = g.before;
  const now = app.clock.now().toISOString();
  const until = contents.values.useUntil;
  if (contents.values.kind === 'useClearance' && typeof until === 'string' && until <= now.slice(0, 10))
    refuse(
      `${name} was cleared until ${until}, and that day has come; revise it and ask the gate again.`,
      '/useUntil',
      'has come',
    );
  await demandNothingWithdrawn(g, id, name);
  const allowance = await allowanceOf(app, ask.actor.organisation, id);
  const end = allowance?.values.allowedUntil;
  if (end && end <= now)
    refuse(
      `${name} was let through in an emergency until ${end} (${allowance.ref}); that is over. Bring it to the gate with a ticket of its own.`,
      '/state',
      `was allowed until ${end}`,
    );
}

/** A release that the gate let through on evidence that was withdrawn since is not what it let through. */
async function demandNothingWithdrawn(
  { app, ask }: Changed<Release>,
  id: string,
  name: string,
): Promise<void> {
  const [rows] = await app.db.run(ask.actor.organisation, [gateWithdrawnSince(id)]);
  if (rows![0])
    refuse(
      `${name} was let through by ${cell.text(rows![0].allowance)}, and evidence that it rested on was withdrawn since (${cell.text(rows![0].ref)}); revise and submit it, then ask the gate again.`,
      '/state',
      'rests on withdrawn evidence',
    );
}

async function wasSubmitted({ app, ask, before }: Changed<Change>): Promise<boolean> {
  const [rows] = await app.db.run(ask.actor.organisation, [
    versionsAtStatement([{ ref: before.ref, transition: 'submit' }]),
  ]);
  return rows!.length > 0;
}

/** States in which a release that a ticket covers still has its way to go. */
const UNDER_WAY = ['draft', 'submitted', 'allowed'];

/** What is said to be implemented is in use, or was given up; otherwise a ticket is done before its release is let through. */
async function demandCarriedOut({
  app,
  ask,
  contents,
  before: { ref: name },
}: Changed<Change>): Promise<void> {
  const refs = contents.links.releases ?? [];
  if (refs.length === 0 || contents.values.kind === 'emergency') return;
  // One that names another ticket goes its way under that.
  const open = (await recordsOf({ app, ask }, registers.release, refs)).filter(
    (r) => UNDER_WAY.includes(r.state) && r.links.change?.includes(name),
  );
  if (open.length > 0)
    throw new Failure(
      'REQUIREMENTS_MISSING',
      `${name} is not carried out yet: ${open.map((r) => `${r.ref} is ${r.state}`).join(', ')}. Put each release that it covers into use, or withdraw it.`,
      open.map((r) => ({ path: '/releases', message: `${r.ref} is ${r.state}` })),
    );
}

/** Activities whose appointment makes somebody fit to be on call. */
const ON_CALL_FOR: readonly NonNullable<Rec<Registers['responsibility']>['values']['activity']>[] = [
  'release',
  'incidents',
];

/** Whoever asks for an emergency does not choose just anybody to decide it. */
async function demandOnCall(g: Changed<Change>): Promise<void> {
  const { app, ask, contents, before, transition } = g;
  const { kind, onCall } = contents.values;
  if (kind !== 'emergency' || !onCall) return;
  const matters =
    transition === 'submit' || (before.state === 'submitted' && onCall !== before.values.onCall);
  // An appointment that counted when the ticket was submitted may be over when it is decided.
  const decides = transition === 'approveEmergency' && onCall === ask.actor.ref && (await wasSubmitted(g));
  if (!matters && !decides) return;
  const systems = contents.links.systems ?? [];
  const today = app.clock.now().toISOString().slice(0, 10);
  const [rows] = await app.db.run(ask.actor.organisation, [mayBeOnCall(systems, onCall, ON_CALL_FOR, today)]);
  if (rows!.length === 0)
    throw new Failure(
      'INVALID',
      `${onCall} cannot be on call for ${systems.join(', ')}: only its owner, approver or oversight, management, or somebody who accepted an appointment for releases or incidents.`,
      [{ path: '/onCall', message: 'has no such part or appointment' }],
    );
}

/**
 * Once a system was in scope, its owner does not choose who approves: otherwise they could name somebody for the
 * length of one approval and then go back to what was confirmed. Nobody names themselves. Reconsidered, it is still that system.
 */
async function demandOthersName({
  app,
  ask,
  contents,
  before,
}: Changed<Registers['aiSystem']>): Promise<void> {
  if (ask.actor.kind === 'engine') return;
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

/** What is shipped is what the gate let through. */
async function demandAllowed({ app, ask, register, contents, before }: Changed<Release>): Promise<void> {
  const allowed = await allowanceOf(app, ask.actor.organisation, before.id);
  const present = await presentBinding(app, ask.actor.organisation, register, before.ref, contents);
  if (allowed?.values.subjectDigest === present.content.digest) return;
  throw new Failure(
    'CONFLICT',
    `${before.ref} is no longer what the gate let through${allowed ? ` (${allowed.ref})` : ''}: a component has changed since. Revise and submit it, then ask the gate again.`,
  );
}
