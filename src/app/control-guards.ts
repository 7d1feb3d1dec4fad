import { isFilled } from '../authority/own-right.ts';
import { Failure } from '../base/failure.ts';
import type { LinkOf } from '../register/rec.ts';
import { type Registers, registers } from '../registers/index.ts';
import { newestAllowanceSql } from '../store/authority/newest.ts';
import * as cell from '../store/cells.ts';
import { named } from '../store/named.ts';
import { RECORD_SELECT, readStatement, toRec, toStored } from '../store/records.ts';
import { versionsAtStatement } from '../store/versionsAt.ts';
import { about } from './about.ts';
import type { Guarded, Guards } from './guards.ts';
import { allowanceOf } from './shipping.ts';

/** Rules of the Control step that the declarations cannot say. */
export const controlGuards: Guards = {
  ...about(registers.release, guardRelease),
  ...about(registers.change, guardChange),
  ...about(registers.incident, guardIncident),
};

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

async function guardRelease(g: Guarded<Registers['release']>): Promise<void> {
  const { contents, before, transition } = g;
  const clearance = contents.values.kind === 'useClearance';
  const name = before?.ref ?? 'the release';
  if (before && before.state !== 'draft' && (before.values.kind === 'useClearance') !== clearance)
    refuse(
      `${name} is ${before.state}: its kind is changed only while it is a draft; revise it first.`,
      '/kind',
      'is changed only in a draft',
    );
  if (before?.state === 'submitted' && !transition && !clearance) {
    const lost = RELEASE_NEEDS.filter((n) => isFilled(before, n) && !isFilled(contents, n));
    if (lost.length > 0)
      throw new Failure(
        'REQUIREMENTS_MISSING',
        `Release: ${lost.join(', ')} cannot be emptied while it is submitted; change it, or take the record back first.`,
        lost.map((n) => ({ path: `/${n}`, message: 'is needed while the record is submitted' })),
      );
  }
  if (transition === 'ship' && before) await demandStillAllowed(g, before.id, name);
}

/** What was let through for a time is not put into use after it. */
async function demandStillAllowed(g: Guarded<Registers['release']>, id: string, name: string): Promise<void> {
  const { app, ask, contents } = g;
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
  { app, ask }: Guarded<Registers['release']>,
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

async function guardChange(g: Guarded<Registers['change']>): Promise<void> {
  const { contents, before, transition } = g;
  const { kind } = contents.values;
  const emergency = kind === 'emergency';
  const name = before?.ref ?? 'the ticket';
  if (transition === 'submit' && kind === 'envelope') demandEnvelope(g);
  const { onCall } = contents.values;
  const onCallMatters =
    transition === 'submit' || (before?.state === 'submitted' && onCall !== before.values.onCall);
  // An appointment that counted when the ticket was submitted may be over when it is decided.
  const decidesAsOnCall =
    transition === 'approveEmergency' && onCall === g.ask.actor.ref && (await wasSubmitted(g, name));
  if (emergency && (onCallMatters || decidesAsOnCall) && onCall) await demandOnCall(g, onCall);
  if (before && !emergency && (transition === 'implement' || transition === 'close'))
    await demandCarriedOut(g, before.ref);
}

async function wasSubmitted({ app, ask }: Guarded<Registers['change']>, name: string): Promise<boolean> {
  const [rows] = await app.db.run(ask.actor.organisation, [
    versionsAtStatement([{ ref: name, transition: 'submit' }]),
  ]);
  return rows!.length > 0;
}

/** States in which a release that a ticket covers still has its way to go. */
const UNDER_WAY = ['draft', 'submitted', 'allowed'];

/** What is said to be implemented is in use, or was given up; otherwise a ticket is done before its release is let through. */
async function demandCarriedOut({ app, ask, contents }: Guarded<Registers['change']>, name: string) {
  const refs = contents.links.releases ?? [];
  if (refs.length === 0) return;
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

function demandEnvelope({ app, contents, before }: Guarded<Registers['change']>): void {
  const missing = ['envelopeKinds', 'endsOn', 'plan'].filter((n) => !isFilled(contents, n));
  if (missing.length > 0)
    throw new Failure(
      'REQUIREMENTS_MISSING',
      `The envelope ${before?.ref ?? ''} needs the kinds of component it allows, its verification plan, and its end.`,
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
async function demandOnCall(
  { app, ask, contents }: Guarded<Registers['change']>,
  onCall: string,
): Promise<void> {
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
async function guardIncident({
  app,
  ask,
  contents,
  before,
  transition,
}: Guarded<Registers['incident']>): Promise<void> {
  if (transition !== 'close' || contents.values.reportable !== true) return;
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
    `${before?.ref ?? 'The incident'} must be reported, and ${why}: record what was told to whom and link it under "Told in"; then close it.`,
    [{ path: '/values/communications', message: 'a communication that was sent is needed' }],
  );
}
