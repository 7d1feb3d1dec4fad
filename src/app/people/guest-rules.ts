import { Failure } from '../../base/failure.ts';
import { changedNames } from '../../register/values.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { auditsOfOthers, guestNamed } from '../../store/people/guests.ts';
import { type Changed, type Guarded, onAny, onChange, onCreate, once, type Rule } from '../write/rule.ts';

/** Rules about people from outside, and about delegations. */
export const guestRules: readonly Rule[] = [
  onAny(registers.person, 'guest', demandGuest),
  onCreate(registers.audit, 'guest', demandNoGuest),
  onAny(registers.auditFinding, 'guest', demandNamed),
  onChange(registers.responsibility, 'asOffered', demandAsOffered),
];

/** Roles of the whole organisation that somebody from outside may hold. */
const OF_GUESTS = ['reader', 'auditor'];

/** Somebody from outside decides and audits what names them; they hold no authority of their own. */
function demandGuest({ contents }: Guarded<Registers['person']>): void {
  if (contents.values.guest !== true) return;
  const roles = contents.values.roles ?? [];
  const more = roles.filter((r) => !OF_GUESTS.includes(r));
  if (more.length > 0)
    throw new Failure(
      'INVALID',
      `A guest is a reader or an auditor and holds no other role, got ${more.join(', ')}. Name the guest as approver of an AI system, or as auditor of an audit, instead.`,
      [{ path: '/roles', message: 'a guest is a reader or an auditor' }],
    );
}

/** Whether whoever asks is a guest: asked once a request, and only of those who could be one. */
async function isGuest({ app, ask, besides }: Pick<Guarded, 'app' | 'ask' | 'besides'>): Promise<boolean> {
  if (ask.actor.kind !== 'person' || ask.actor.roles.some((r) => !OF_GUESTS.includes(r))) return false;
  return once(besides, 'guest', () =>
    app.db.run(ask.actor.organisation, [guestNamed(ask.actor.ref)]).then(([rows]) => rows!.length > 0),
  );
}

/** Whoever audits from outside is asked to. */
async function demandNoGuest(g: Guarded<Registers['audit']>): Promise<void> {
  if (await isGuest(g))
    throw new Failure(
      'NOT_ALLOWED',
      'A guest audits what they are asked to: an AIMS manager plans the audit and names the guest in it.',
    );
}

/** A guest says what they found in the audits that name them. */
async function demandNamed(g: Guarded<Registers['auditFinding']>): Promise<void> {
  if (!(await isGuest(g))) return;
  const refs = [...(g.contents.links.audit ?? []), ...(g.before?.links.audit ?? [])];
  const [rows] = await g.app.db.run(g.ask.actor.organisation, [auditsOfOthers(refs, g.ask.actor.ref)]);
  if (refs.length > 0 && rows!.length === 0) return;
  throw new Failure(
    'NOT_ALLOWED',
    `A guest records and closes findings of the audits that name them${rows!.length > 0 ? `, not of ${rows!.map((r) => String(r.ref)).join(', ')}` : ''}; ask the lead auditor.`,
    [{ path: `/${registers.audit.name}`, message: 'is not an audit that names you' }],
  );
}

/** A delegation is accepted as it was offered: otherwise the delegate could widen it in the act of accepting. */
function demandAsOffered({ contents, before, transition }: Changed<Registers['responsibility']>): void {
  if (transition === undefined || before.values.kind !== 'delegation') return;
  const changed = changedNames(before, contents);
  if (changed.length > 0)
    throw new Failure(
      'INVALID',
      `${before.ref} is a delegation, and you can only accept it as it stands. Ask the person who delegated it to change it.`,
      changed.map((n) => ({ path: `/values/${n}`, message: 'cannot be changed by this step' })),
    );
}
