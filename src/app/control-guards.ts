import { isFilled } from '../authority/own-right.ts';
import { Failure } from '../base/failure.ts';
import type { LinkOf } from '../register/rec.ts';
import { holds } from '../register/who.ts';
import { type Registers, registers } from '../registers/index.ts';
import { newestAllowanceSql } from '../store/authority/newest.ts';
import * as cell from '../store/cells.ts';
import { named } from '../store/named.ts';
import { RECORD_SELECT, readStatement, toRec, toStored } from '../store/records.ts';
import { versionsAtStatement } from '../store/versionsAt.ts';
import { aloneHere } from './circumstances.ts';
import { presentBinding } from './decisions.ts';
import { lastInScope } from './loosening.ts';
import { allowanceOf, judgeShipping } from './shipping.ts';
import { type Along, type Changed, onChange, onSteps, type Rule } from './write/rule.ts';

/** Rules of the Control step that the declarations cannot say. */
export const controlRules: readonly Rule[] = [
  onChange(registers.aiSystem, 'people', demandOthersName),
  onSteps(registers.release, 'unchanged', ['ship'], demandAllowed),
  onChange(registers.release, 'kind', demandKind),
  onSteps(registers.release, 'complete', ['edit'], demandComplete),
  onSteps(registers.release, 'stillAllowed', ['ship'], demandStillAllowed),
  onSteps(registers.change, 'envelope', ['submit'], demandEnvelope),
  onChange(registers.change, 'onCall', demandOnCall),
  onSteps(registers.change, 'carriedOut', ['implement', 'close'], demandCarriedOut),
  onSteps(registers.incident, 'told', ['close'], demandTold),
];

type Release = Registers['release'];
type Change = Registers['change'];

/** What a release must keep while it waits for the gate; a use clearance has none of it. */
const RELEASE_NEEDS: readonly LinkOf<Registers['release']>[] = [
  'components',
  'plan',
  'change',
  'rollbackPlan',
];

const refuse = (message: string, path: string, problem: string): never => {
  throw new Failure('CONFLICT', message, [{ path, message: problem }]);
};

/** What it is, it is from the time it is handed in. */
function demandKind({ contents, before }: Changed<Release>): void {
  const clearance = contents.values.kind === 'useClearance';
  if (before.state !== 'draft' && (before.values.kind === 'useClearance') !== clearance)
    refuse(
      `${before.ref} is ${before.state}: its kind is changed only while it is a draft; revise it first.`,
      '/kind',
      'is changed only in a draft',
    );
}

/** What it was handed in with, it keeps. */
function demandComplete({ contents, before }: Changed<Release>): void {
  if (before.state !== 'submitted' || contents.values.kind === 'useClearance') return;
  const lost = RELEASE_NEEDS.filter((n) => isFilled(before, n) && !isFilled(contents, n));
  if (lost.length > 0)
    throw new Failure(
      'REQUIREMENTS_MISSING',
      `Release: ${lost.join(', ')} cannot be emptied while it is submitted; change it, or take the record back first.`,
      lost.map((n) => ({ path: `/${n}`, message: 'is needed while the record is submitted' })),
    );
}

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
  const [rows] = await app.db.run(ask.actor.organisation, [
    {
      text: `select t.ref, a.ref as allowance from (select d.* ${newestAllowanceSql(registers.gateDecision.name, '$1', '(select present_organisation())')}) a
        join link k on k.organisation = a.organisation and k.to_id = $1 and k.from_register = $2 and k.name = ${named.testRun.link('release')}
        join record t on t.organisation = k.organisation and t.id = k.from_id and t.state = ${named.testRun.state('withdrawn')}
          and t.updated_at >= a.created_at and t."values"->>${named.testRun.field('subjectDigest')} = a."values"->>${named.gateDecision.field('subjectDigest')}
        where coalesce(a."values"->>${named.gateDecision.field('basis')}, '') not in ('emergency', 'useClearance') order by t.number limit 1`,
      values: [id, registers.testRun.name],
      name: 'gate-withdrawn-since',
    },
  ]);
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
  const [rows] = await app.db.run(ask.actor.organisation, [
    readStatement(app.registry.of(registers.release), refs),
  ]);
  // One that names another ticket goes its way under that.
  const open = rows!
    .map(toRec(registers.release))
    .filter((r) => UNDER_WAY.includes(r.state) && r.links.change?.includes(name));
  if (open.length > 0)
    throw new Failure(
      'REQUIREMENTS_MISSING',
      `${name} is not carried out yet: ${open.map((r) => `${r.ref} is ${r.state}`).join(', ')}. Put each release that it covers into use, or withdraw it.`,
      open.map((r) => ({ path: '/releases', message: `${r.ref} is ${r.state}` })),
    );
}

/** Days that an envelope may last at most; the gate holds it to fewer where the class is high. */
const ENVELOPE_DAYS = 90;

/** An envelope says what it allows, how it is tested, and until when. */
function demandEnvelope({ app, contents, before }: Changed<Change>): void {
  if (contents.values.kind !== 'envelope') return;
  const missing = ['envelopeKinds', 'endsOn', 'plan'].filter((n) => !isFilled(contents, n));
  if (missing.length > 0)
    throw new Failure(
      'REQUIREMENTS_MISSING',
      `The envelope ${before.ref} needs the kinds of component it allows, its verification plan, and its end.`,
      missing.map((n) => ({ path: `/values/${n}`, message: 'is needed for an envelope' })),
    );
  const now = app.clock.now();
  const latest = new Date(now.getTime() + ENVELOPE_DAYS * 86_400_000).toISOString().slice(0, 10);
  const end = String(contents.values.endsOn);
  if (end <= now.toISOString().slice(0, 10) || end > latest)
    throw new Failure('INVALID', `An envelope ends between tomorrow and ${latest}; got ${end}.`, [
      { path: '/endsOn', message: `must be between tomorrow and ${latest}` },
    ]);
}

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
  const [rows] = await app.db.run(ask.actor.organisation, [
    {
      text: `select 1 from record r where r.organisation = (select present_organisation()) and (
          (r.register = $1 and r.ref = any($2) and $3 in (r."values"->>${named.aiSystem.field('owner')}, r."values"->>${named.aiSystem.field('approver')}, r."values"->>${named.aiSystem.field('oversight')}))
          or (r.register = $4 and r.owner = $3 and r.state = ${named.responsibility.state('accepted')} and r."values"->>${named.responsibility.field('activity')} in ('release', 'incidents')
            and coalesce(r."values"->>${named.responsibility.field('endsOn')}, '9999') >= $5)
          or (r.register = $6 and r.ref = $3 and r."values"->${named.person.field('roles')} ?| array['topManagement', 'designatedManagement']
            and r.state <> ${named.person.state('departed')})) limit 1`,
      values: [
        registers.aiSystem.name,
        systems,
        onCall,
        registers.responsibility.name,
        today,
        registers.person.name,
      ],
      name: 'on-call',
    },
  ]);
  if (rows!.length === 0)
    throw new Failure(
      'INVALID',
      `${onCall} cannot be on call for ${systems.join(', ')}: only its owner, approver or oversight, management, or somebody who accepted an appointment for releases or incidents.`,
      [{ path: '/onCall', message: 'has no such part or appointment' }],
    );
}

/** An incident that must be reported is not closed before somebody was told. */
async function demandTold({ app, ask, contents, before }: Changed<Registers['incident']>): Promise<void> {
  if (contents.values.reportable !== true) return;
  const refs = contents.links.communications ?? [];
  const [rows] =
    refs.length === 0
      ? [[]]
      : await app.db.run(ask.actor.organisation, [
          {
            text: `select ${RECORD_SELECT} from record r where r.organisation = (select present_organisation()) and r.register = $1
              and r.ref = any($2)`,
            values: [registers.communication.name, refs],
            name: 'incident-told',
          },
        ]);
  if (rows!.map(toStored).some((c) => c.state === 'sent')) return;
  const why = refs.length === 0 ? 'no communication is linked' : `${refs.join(', ')} was not sent`;
  throw new Failure(
    'REQUIREMENTS_MISSING',
    `${before.ref} must be reported, and ${why}: record what was told to whom and link it under "Told in"; then close it.`,
    [{ path: '/values/communications', message: 'a communication that was sent is needed' }],
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

/** What is shipped is what the gate let through, and would let through now. */
async function demandAllowed({ app, ask, register, contents, before }: Changed<Release>): Promise<Along> {
  const allowed = await allowanceOf(app, ask.actor.organisation, before.id);
  const present = await presentBinding(app, ask.actor.organisation, register, before.ref, contents);
  if (allowed?.values.subjectDigest === present.content.digest)
    return { judges: [judgeShipping(app, ask.actor.organisation, before.ref)] };
  throw new Failure(
    'CONFLICT',
    `${before.ref} is no longer what the gate let through${allowed ? ` (${allowed.ref})` : ''}: a component has changed since. Revise and submit it, then ask the gate again.`,
  );
}
