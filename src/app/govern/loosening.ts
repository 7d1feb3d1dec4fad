import { aloneCounts } from '../../authority/alone.ts';
import { bindingOf } from '../../authority/binding.ts';
import type { Circumstances } from '../../authority/circumstances.ts';
import { criteriaInForce } from '../../authority/criteria.ts';
import { newestFirst, weigh } from '../../authority/weigh.ts';
import { Failure } from '../../base/failure.ts';
import { type Loosening, loosened, loosenedSystem, type SystemSays } from '../../gate/loosened.ts';
import { aboveCeiling, loosenedPlan, PLAN_TICKET_KINDS } from '../../gate/plan-strictness.ts';
import { policyFor } from '../../gate/policy.ts';
import {
  type As,
  type LinkOf,
  type Rec,
  recIf,
  recsOf,
  type StateOf,
  type StepOf,
} from '../../register/rec.ts';
import { ROLES } from '../../register/who.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { circumstancesStatement } from '../../store/authority/circumstances.ts';
import { decisionsStatement } from '../../store/authority/decisions.ts';
import { newestCriteria } from '../../store/authority/newest.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import {
  fixedBeside,
  lastFixed,
  lastSaidInScope,
  spentStatement,
  ticketsFor,
} from '../../store/govern/loosening.ts';
import {
  readStatement,
  type Stored,
  type StoredWithRelations,
  toStored,
  toStoredWithRelations,
} from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { toCircumstances } from '../write/circumstances.ts';
import { type Changed, onChange, onSteps, type Rule } from '../write/rule.ts';

/**
 * Whatever decides what is shown green is loosened by designated management with a change ticket, never by whoever edits. Tightening needs none.
 */
export const looseningRules: readonly Rule[] = [
  onSteps(registers.criteria, 'looser', ['approve'], demandCriteria, { offered: true }),
  onChange(registers.aiSystem, 'looser', demandSystem, { offered: true }),
  onSteps(registers.verificationPlan, 'looser', ['fix'], demandPlan, { offered: true }),
];

type Criteria = Registers['criteria'];
type System = Registers['aiSystem'];
type Plan = Registers['verificationPlan'];
type Ticket = Registers['change'];
type TicketKind = NonNullable<Rec<Ticket>['values']['kind']>;

/** The kind of change ticket under which something is asked less for. */
const TICKET_KIND = 'criteria' satisfies TicketKind;
/** Where criteria name their ticket. */
const TICKET_LINK: LinkOf<Criteria> = 'change';
const TICKET_PATH = `/${TICKET_LINK}`;

async function demandCriteria(g: Changed<Criteria>): Promise<void> {
  const { app, ask, register, contents, before } = g;
  const [rows, facts] = await app.db.run(ask.actor.organisation, [
    newestCriteria(registers.criteria.name),
    circumstancesStatement(app, register, before, ask.actor.ref),
  ]);
  const c = toCircumstances(facts![0]!);
  if (contents.values.mode === 'alone' && c.people !== 1)
    throw new Failure(
      'CONFLICT',
      `${before.ref} says that the organisation is one person, but more are listed in the directory. Choose small, or mark those from outside as guests.`,
      [{ path: '/mode', message: 'alone is for an organisation of one person' }],
    );
  const present = recIf(registers.criteria, rows![0] && toStored(rows![0]));
  if (!present) return;
  if (present.number > before.number)
    throw new Failure(
      'CONFLICT',
      `${present.ref} is newer than ${before.ref} and was approved already; make a new record of criteria instead.`,
    );
  const looser = loosened(present.values, contents.values);
  if (looser.length === 0) return;
  const cited = contents.links[TICKET_LINK] ?? [];
  const why = `${before.ref} asks for less than ${present.ref}: ${sentence(looser)}.`;
  if (cited.length === 0)
    throw refusal(
      why,
      `Open a change ticket of kind ${TICKET_KIND}, have designated management approve it, and link it in ${before.ref}.`,
      looser,
      TICKET_PATH,
    );
  await demandTicket(app, ask, c, cited, { why, looser, path: TICKET_PATH, subject: before });
}

/** Steps that bring a system into scope with the class it then has, or take it out. */
const SCOPE_STEPS: readonly StepOf<System>[] = ['include', 'exclude'];

async function demandSystem(g: Changed<System>): Promise<void> {
  const { app, ask, register, contents, before, transition } = g;
  if (ask.actor.kind === 'engine') return;
  const inScope = before.state === 'inScope';
  const decides = transition !== undefined && SCOPE_STEPS.includes(transition);
  if (!inScope && !decides) return;
  const after: SystemSays =
    transition === 'exclude' ? { ...contents.values, inScope: 'out' } : contents.values;
  // A system reconsidered and taken in again is still compared with what it was: otherwise that would be the way around.
  const was = inScope ? before.values : await lastInScope(app, ask, before.id);
  if (!was) return;
  const looser = loosenedSystem(was, {
    ...after,
    ...(transition === 'exclude' ? { riskClass: was.riskClass } : {}),
  });
  if (looser.length === 0) return;
  const [found] = await app.db.run(ask.actor.organisation, [ticketsFor(before.id, 'systems', [TICKET_KIND])]);
  const why = `${before.ref} would be asked for less: ${sentence(looser)}.`;
  const path = `/${looser[0]!.field}`;
  const refs = found!.map((r) => cell.text(r.ref));
  if (refs.length === 0)
    throw refusal(
      why,
      `Open a change ticket of kind ${TICKET_KIND} for ${before.ref} and have designated management approve it.`,
      looser,
      path,
    );
  const [facts, decided] = await app.db.run(ask.actor.organisation, [
    circumstancesStatement(app, register, before, ask.actor.ref),
    decisionsStatement(app, [before.ref]),
  ]);
  const confirmed = recsOf(registers.decision, decided!.map(toStored)).find(
    (d) => d.values.kind === 'approve',
  );
  const since = confirmed?.createdAt;
  await demandTicket(app, ask, toCircumstances(facts![0]!), refs, {
    why,
    looser,
    path,
    subject: before,
    since,
  });
}

/**
 * A plan is fixed within what the criteria allow any plan of the class, and not looser than it was fixed before without a ticket: otherwise the
 * threshold would be whatever lets the next release through.
 */
async function demandPlan(g: Changed<Plan>): Promise<void> {
  const { app, ask, register, contents, before } = g;
  const [criteria, systems, was, beside, found, facts] = await app.db.run(ask.actor.organisation, [
    newestCriteria(registers.criteria.name),
    readStatement(app.registry.of(registers.aiSystem), contents.links.system ?? []),
    lastFixed(before.id),
    fixedBeside(before.id, contents.links.system ?? []),
    ticketsFor(before.id, 'plan', PLAN_TICKET_KINDS),
    circumstancesStatement(app, register, before, ask.actor.ref),
  ]);
  const present = recIf(registers.criteria, criteria![0] && toStored(criteria![0]));
  const rules = criteriaInForce(present);
  const plan = { values: contents.values };
  for (const system of recsOf(registers.aiSystem, systems!.map(toStored))) {
    const above = aboveCeiling(plan, policyFor(rules, system.values.riskClass));
    if (above.length > 0)
      throw new Failure(
        'CONFLICT',
        `${before.ref} cannot be fixed: ${sentence(above)} (${rules?.ref ?? 'the policy that comes with the product'}). Make the plan stricter, or change the criteria.`,
        above.map((l) => ({ path: `/${l.field}`, message: l.text })),
      );
  }
  // A new plan stands in the place of the one that the system's releases were judged by until now: otherwise that would be the way around.
  const other = was![0] ? undefined : beside![0];
  const last = was![0] ?? other;
  if (!last) return;
  const looser = loosenedPlan({ values: cell.object(last.value) }, plan);
  if (looser.length === 0) return;
  const than = other
    ? `${cell.text(other.ref)}, by which ${cell.text(other.release)} is judged`
    : 'when it was last fixed';
  const why = `${before.ref} would be easier to pass than ${than}: ${sentence(looser)}.`;
  const path = `/${looser[0]!.field}`;
  const refs = found!.map((r) => cell.text(r.ref));
  if (refs.length === 0)
    throw refusal(
      why,
      `Open a change ticket of kind plan that names ${before.ref}, and have designated management approve it.`,
      looser,
      path,
    );
  await demandTicket(app, ask, toCircumstances(facts![0]!), refs, {
    why,
    looser,
    path,
    subject: before,
    ...(other ? {} : { since: cell.moment(last.at).toISOString() }),
    kinds: PLAN_TICKET_KINDS,
  });
}

/** What a system said of itself when it was last in scope; undefined when it never was, or that was erased. */
export async function lastInScope(app: App, ask: Asking, id: string): Promise<SystemSays | undefined> {
  const [rows] = await app.db.run(ask.actor.organisation, [lastSaidInScope(id)]);
  return cell.maybe(cell.object)(rows![0]?.value);
}

interface Wanted {
  why: string;
  looser: readonly Loosening[];
  path: string;
  /** What is loosened; a ticket that other criteria were approved under is spent. */
  subject: Stored;
  /** The ticket was approved after this: one from before a system was last confirmed is spent. */
  since?: string;
  /** Kinds that a ticket may be of; criteria unless told. */
  kinds?: readonly TicketKind[];
}

/** One of the tickets was approved by designated management, other than its requester, as it is now. */
async function demandTicket(
  app: App,
  ask: Asking,
  c: Circumstances,
  refs: readonly string[],
  w: Wanted,
): Promise<void> {
  const register = app.registry.of(registers.change);
  const [read, decided, spent] = await app.db.run(ask.actor.organisation, [
    readStatement(register, refs),
    decisionsStatement(app, refs),
    spentStatement(refs, w.subject.id),
  ]);
  const decisions = recsOf(registers.decision, decided!.map(toStored));
  const usedElsewhere = new Map(spent!.map((r: Row) => [cell.text(r.ticket), cell.text(r.ref)]));
  const faults = recsOf(registers.change, read!.map(toStoredWithRelations)).map((ticket) => {
    const { kind } = ticket.values;
    const kinds: readonly (TicketKind | undefined)[] = w.kinds ?? [TICKET_KIND];
    if (!kinds.includes(kind))
      return `${ticket.ref} is a ticket of kind ${kind}, not ${kinds.join(' or ')}; open one of that kind`;
    const used = usedElsewhere.get(ticket.ref);
    if (used) return `${ticket.ref} was for ${used}; open another ticket`;
    const agreed = agreedByManagement(app, c, ticket, decisions);
    if (agreed && w.since !== undefined && agreed.createdAt < w.since)
      return `${ticket.ref} was approved before ${w.subject.ref} was last decided on, and is spent; open another ticket`;
    return agreed
      ? undefined
      : `${ticket.ref} (${ticket.state}) has not been approved as it is now by designated management other than its requester; have it approved`;
  });
  if (faults.length > 0 && faults.some((f) => f === undefined)) return;
  throw refusal(
    w.why,
    `${faults.join('. ')}.`.replace(/^./, (x) => x.toUpperCase()),
    w.looser,
    w.path,
  );
}

type Decision = As<Registers['decision'], Stored>;

const AGREED: readonly StateOf<Ticket>[] = ['approved', 'implemented', 'closed'];
const MANAGEMENT = [ROLES.designatedManagement, ROLES.topManagement];

/** The newest approval of a ticket, as it is now, by management that neither worked on it before nor asked for it. */
function agreedByManagement(
  app: App,
  c: Circumstances,
  ticket: As<Ticket, StoredWithRelations>,
  decisions: readonly Decision[],
): Decision | undefined {
  if (!AGREED.includes(ticket.state)) return undefined;
  const { digest } = bindingOf(app.registry.of(registers.change), ticket.ref, ticket, []);
  const w = weigh(
    decisions.filter((d) => d.values.subject === ticket.ref),
    {
      kinds: ['approve'],
      about: (d) => d.values.subjectDigest === digest,
      today: app.clock.now().toISOString().slice(0, 10),
      barred: (person, d) =>
        person === ticket.values.owner ||
        (ticket.worked[person] ?? Infinity) < Number(d.values.subjectVersion),
    },
  );
  // In an organisation of one person everybody else is a guest who was asked, and that person is its management.
  const classes = c.systems.map((s) => s.values.riskClass);
  if (c.people === 1) {
    const alone = aloneCounts({ onePerson: true, mode: c.mode, classes }) ? w.alone : [];
    return newestFirst([...w.counts, ...alone])[0];
  }
  const held = (d: Stored) => String(d.values.rolesHeld ?? '').split(', ');
  return w.counts.find((d) => MANAGEMENT.some((role) => held(d).includes(role)));
}

const sentence = (looser: readonly Loosening[]): string => looser.map((l) => l.text).join('; ');

const refusal = (why: string, next: string, looser: readonly Loosening[], path: string): Failure =>
  new Failure('CONFLICT', `${why} ${next}`, [
    { path, message: next },
    ...looser.map((l) => ({ path: `/${l.field}`, message: l.text })),
  ]);
