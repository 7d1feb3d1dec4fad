import { Failure } from '../../base/failure.ts';
import { hiddenFrom } from '../../register/values.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { accountableBeside, delegationBeside, ownerDeparted } from '../../store/govern/responsibilities.ts';
import { type Guarded, onAny, type Rule } from '../write/rule.ts';

/** Rules about responsibilities, concerns and comments that their declarations cannot say. */
export const governRules: readonly Rule[] = [
  onAny(registers.responsibility, 'here', held(demandPresent)),
  onAny(registers.responsibility, 'delegation', held(demandDelegation)),
  onAny(registers.responsibility, 'chain', held(demandNoChain)),
  onAny(registers.responsibility, 'accountable', held(demandOneAccountable)),
  onAny(registers.concern, 'concerned', demandNotConcerned),
];

type Responsibility = Registers['responsibility'];

const kindWords = (kind: string): string => kind.replace(/([A-Z])/g, (c) => ` ${c.toLowerCase()}`);

/** States of a responsibility in which nobody holds it. */
export const NOT_HELD: readonly string[] = ['ended', 'declined'];

/** Asked of those that somebody holds, or would. */
function held<T>(check: (g: Guarded<Responsibility>) => T) {
  return (g: Guarded<Responsibility>): T | undefined => {
    const { before, transition, register } = g;
    const to = transition ? register.transitions[transition].to : before?.state;
    return NOT_HELD.includes(to ?? '') ? undefined : check(g);
  };
}

/** Nobody who has departed is given something to do. */
async function demandPresent({
  app,
  ask,
  contents,
  before,
}: Guarded<Registers['responsibility']>): Promise<void> {
  const owner = contents.values.owner;
  if (typeof owner !== 'string' || (before && before.values.owner === owner && before.state === 'accepted'))
    return;
  const [rows] = await app.db.run(ask.actor.organisation, [ownerDeparted(owner)]);
  if (rows![0])
    throw new Failure(
      'INVALID',
      `${owner} has departed and can hold no responsibility; name somebody who is here.`,
      [{ path: '/owner', message: `${owner} has departed` }],
    );
}

/** Authority is lent by whoever has it, to somebody else, for at most a year. */
function demandDelegation({ ask, contents, before }: Guarded<Responsibility>): void {
  const { kind, owner, delegator, endsOn } = contents.values;
  if (kind !== 'delegation') return;
  const problems: { path: string; message: string }[] = [];
  const lends = before ? before.createdBy : ask.actor.ref;
  if (ask.actor.kind !== 'engine') {
    if (!delegator) problems.push({ path: '/delegator', message: 'is needed: whose authority is lent' });
    else if (delegator !== lends)
      throw new Failure(
        'NOT_ALLOWED',
        `Only ${delegator} can make this delegation. No one makes one for someone else.`,
        [{ path: '/delegator', message: `must be ${lends}, who makes it` }],
      );
  }
  if (owner !== undefined && owner === delegator)
    problems.push({ path: '/owner', message: 'nobody delegates to themselves' });
  if (!endsOn)
    problems.push({ path: '/endsOn', message: 'is needed: a delegation ends, at most a year ahead' });
  if (problems.length > 0)
    throw new Failure(
      'INVALID',
      `Delegation: ${problems[0]!.path.slice(1)} ${problems[0]!.message}.`,
      problems,
    );
}

/** What was lent is not lent on: neither by whoever holds it, nor to somebody who lends theirs. */
async function demandNoChain({
  app,
  ask,
  contents,
  before,
}: Guarded<Registers['responsibility']>): Promise<void> {
  if (contents.values.kind !== 'delegation') return;
  const today = app.clock.now().toISOString().slice(0, 10);
  const [rows] = await app.db.run(ask.actor.organisation, [
    delegationBeside(contents.values.delegator, contents.values.owner, before?.ref, today),
  ]);
  const other = rows![0];
  if (!other) return;
  throw new Failure(
    'CONFLICT',
    other.holds
      ? `${String(contents.values.delegator)} holds delegated authority themselves (${String(other.ref)}): what was lent is not lent on. End that delegation first.`
      : `${String(contents.values.owner)} has lent their own authority (${String(other.ref)}): delegations make no chains. Name somebody else.`,
    [{ path: other.holds ? '/delegator' : '/owner', message: `see ${String(other.ref)}` }],
  );
}

/** One person is accountable for an activity of a system: with two, nobody is. */
async function demandOneAccountable({
  app,
  ask,
  contents,
  before,
}: Guarded<Registers['responsibility']>): Promise<void> {
  const { kind, part, activity } = contents.values;
  if (kind !== 'raci' || part !== 'accountable' || typeof activity !== 'string') return;
  const systems = contents.links.systems ?? [];
  const [rows] = await app.db.run(ask.actor.organisation, [
    accountableBeside(activity, before?.ref, systems),
  ]);
  const other = rows![0];
  if (!other) return;
  const where = other.system ? String(other.system) : 'the whole organisation';
  throw new Failure(
    'CONFLICT',
    `${String(other.owner)} is accountable for ${kindWords(activity)} of ${where} already (${String(other.ref)}). One person is accountable for an activity: end that row, or change it, first.`,
    [{ path: '/part', message: `is taken by ${String(other.ref)}` }],
  );
}

/** A concern is kept from the people it is about, so none of them raises, handles or reshapes it. */
function demandNotConcerned({
  ask,
  register,
  contents,
  before,
  transition,
}: Guarded<Registers['concern']>): void {
  const concerned = hiddenFrom(register, contents.values) ?? [];
  if (concerned.includes(ask.actor.ref))
    throw new Failure(
      'OWN_WORK',
      `${before?.ref ?? 'A concern'} that is about yourself would be hidden from you at once: ask somebody else to name you in it.`,
      [{ path: `/${register.hiddenFrom}`, message: 'cannot hold the person who writes it' }],
    );
  const owner = contents.values.owner;
  if (transition !== 'close' && typeof owner === 'string' && concerned.includes(owner))
    throw new Failure('INVALID', `${owner} cannot handle a concern that is about them; name somebody else.`, [
      { path: '/owner', message: `${owner} is among those it is about` },
    ]);
}
