import { createHash } from 'node:crypto';
import { Failure } from '../base/failure.ts';
import { type CoverRule, coversOf, FIRST_RULE, presentRule, ruleOf } from '../register/covering.ts';
import type { DecisionKind, Register } from '../register/register.ts';
import { slotsOf } from '../register/slots.ts';
import { type Contents, freshContents, materialDigest, parseInput } from '../register/values.ts';
import { type Actor, ROLES } from '../register/who.ts';
import { registers } from '../registers/index.ts';
import * as cell from '../store/cells.ts';
import { type Covered, coveredStatement, type DecisionPlace, toCovered } from '../store/covers.ts';
import type { Row, Statement } from '../store/database.ts';
import { named } from '../store/named.ts';
import { RECORD_SELECT, type Stored, toStored } from '../store/records.ts';
import type { App, Asking } from './context.ts';

/** A decision about to be recorded. */
export interface MadeDecision {
  register: Register;
  contents: Contents;
  subject: string;
  digest: string;
  kind: DecisionKind;
}

/** What something said about a record is bound to: its own material contents, and those of records beside it. */
export interface Bound {
  /** Over all of it. */
  digest: string;
  own: string;
  /** Null when nothing is covered by its register. */
  cover: string | null;
  covered: Covered[];
}

/** What decisions on a record are bound to now. */
export interface Binding extends Bound {
  /** The version of its register's rule about what decisions cover. */
  rule: number;
  /** The record with what it consists of: test runs and gate decisions are about that. */
  content: Bound;
  /** What a decision taken under another version of the rule is about. */
  under(rule: number): Bound;
}

/** What this decision would be bound to, were it taken now: by what its register covered when it was taken. */
export const boundBy = (b: Binding, d: Pick<Stored, 'values'>): Bound => b.under(ruleOf(d));

/** Is the decision about the record, and what it covers, as they are now? */
export const isAbout = (b: Binding, d: Pick<Stored, 'values'>): boolean =>
  d.values.subjectDigest === boundBy(b, d).digest;

/** Where decisions are kept. */
export const decisionPlace = (app: App): DecisionPlace => ({
  register: registers.decision.name,
  subject: slotsOf(app.slots, registers.decision).subject!,
});

/** Digest over covered records, as the database computes it too (`coverDigestSql`). */
export const coverDigest = (covered: readonly Pick<Covered, 'ref' | 'digest'>[]): string =>
  `sha256:${createHash('sha256')
    .update(
      [...covered]
        .sort((a, b) => (a.ref < b.ref ? -1 : 1))
        .map((c) => `${c.ref} ${c.digest}`)
        .join('\n'),
    )
    .digest('hex')}`;

/** What decisions on a record with these contents are bound to, the covered records, under whatever rule, being as given. */
export function bindingOf(
  register: Register,
  ref: string,
  contents: Contents,
  all: readonly Covered[],
): Binding {
  const own = materialDigest(register, ref, contents);
  const bound = (rule: CoverRule): Bound => {
    const covers = coversOf(register, rule);
    const covered = all.filter((c) => covers.includes(register.covers[c.by]!));
    const digests = Object.fromEntries(covered.map((c) => [c.ref, c.digest]));
    return {
      digest: covered.length > 0 ? materialDigest(register, ref, contents, digests) : own,
      own,
      cover: covers.length > 0 ? coverDigest(covered) : null,
      covered,
    };
  };
  const rule = presentRule(register);
  const present = bound(rule);
  const plain = register.covers.every((c) => !c.beside);
  return {
    ...present,
    rule,
    content: plain ? present : bound('content'),
    under: (n) => (n === rule ? present : bound(n)),
  };
}

/** What decisions on the record are bound to now. */
export async function presentBinding(
  app: App,
  organisation: number,
  register: Register,
  ref: string,
  contents: Contents,
): Promise<Binding> {
  const statement = coveredStatement(app.registry, [{ register, refs: [ref] }]);
  if (!statement) return bindingOf(register, ref, contents, []);
  const [rows] = await app.db.run(organisation, [statement]);
  return bindingOf(register, ref, contents, toCovered(rows!)[ref] ?? []);
}

/**
 * The contents of the decision record that goes with a transition: who, in which capacity, with which roles and appointments that day, over which
 * digests, until when.
 */
export async function decisionContents(
  app: App,
  ask: Asking,
  register: Register,
  before: Stored,
  contents: Contents,
  o: {
    kind: DecisionKind;
    version: number;
    role: string;
    reason?: string;
    until?: string;
    method: string;
  },
): Promise<MadeDecision> {
  const { actor } = ask;
  const covering = coveredStatement(app.registry, [{ register, refs: [before.ref] }]);
  const [appointed, covered] = await app.db.run(actor.organisation, [
    appointmentsStatement(actor.ref),
    ...(covering ? [covering] : []),
  ]);
  const binding = bindingOf(
    register,
    before.ref,
    contents,
    covered ? (toCovered(covered)[before.ref] ?? []) : [],
  );
  const decision = app.registry.of(registers.decision);
  const input = {
    kind: o.kind,
    subject: before.ref,
    subjectVersion: o.version,
    subjectDigest: binding.digest,
    ...(binding.rule > FIRST_RULE ? { rule: binding.rule } : {}),
    ownDigest: binding.own,
    ...(binding.cover ? { coverDigest: binding.cover } : {}),
    ...(binding.covered.length > 0
      ? { covered: binding.covered.map(({ ref, version, digest }) => ({ ref, version, digest })) }
      : {}),
    by: actor.ref,
    role: o.role,
    rolesHeld: actor.roles
      .map((r) => ROLES[r])
      .join(', ')
      .slice(0, 300),
    ...(appointed!.length > 0
      ? { appointment: appointed!.map(appointmentText).join('\n').slice(0, 2000) }
      : {}),
    ...(ask.onBehalfOf ? { onBehalfOf: ask.onBehalfOf } : {}),
    manner: ask.manner ?? 'single',
    method: o.method,
    ...(o.reason ? { reason: o.reason } : {}),
    ...(o.until ? { until: o.until } : {}),
  };
  const checked = freshContents(decision, parseInput(decision, input, 'engine'));
  return { register: decision, contents: checked, subject: before.ref, digest: binding.digest, kind: o.kind };
}

/** Appointments that a person has accepted and that have not ended. */
const appointmentsStatement = (person: string): Statement => ({
  text: `select r.ref, r.title, r."values"->>${named.responsibility.field('competence')} as needed, r."values"->>${named.responsibility.field('competenceShown')} as shown from record r
    where r.organisation = (select present_organisation()) and r.register = $1 and r.owner = $2 and r.state = ${named.responsibility.state('accepted')}
    order by r.number limit 20`,
  values: [registers.responsibility.name, person],
  name: 'appointments',
});

const appointmentText = (row: Row): string => {
  const short = (v: unknown) => String(v).replace(/\s+/g, ' ').slice(0, 200);
  const shown = row.shown
    ? `; competence shown: ${short(row.shown)}`
    : row.needed
      ? '; competence not shown'
      : '';
  return `${cell.text(row.ref)} ${short(row.title)}${shown}`;
};

/** Somebody whose decision counts towards a quorum. */
export interface Agreed {
  by: string;
  role: string;
  /** Who has spoken with it: the one who decided, and whoever had lent them their part. */
  voices: string[];
}

/** Decisions of the same kind on the same content that count today, one a person. */
export async function agreedSoFar(
  app: App,
  organisation: number,
  made: Pick<MadeDecision, 'subject' | 'kind'> & { binding: Binding; since: number },
): Promise<Agreed[]> {
  const [rows] = await app.db.run(organisation, [decisionsStatement(app, [made.subject])]);
  return agreedAmong(rows!.map(toStored), { ...made, today: app.clock.now().toISOString().slice(0, 10) });
}

/**
 * Those among the decisions on a record, newest first, that count. The last word of each person counts; one that has ended does not, nor one
 * from before the record was worked on again.
 */
export function agreedAmong(
  decisions: readonly Stored[],
  o: { binding: Binding; kind: DecisionKind; since: number; today: string },
): Agreed[] {
  const heard = new Set<string>();
  const out: Agreed[] = [];
  for (const d of decisions) {
    const by = String(d.values.by);
    const voices = [by, ...(d.values.onBehalfOf ? [String(d.values.onBehalfOf)] : [])];
    if (!isAbout(o.binding, d) || d.values.kind === 'acknowledge') continue;
    if (Number(d.values.subjectVersion) <= o.since || voices.some((v) => heard.has(v))) continue;
    for (const v of voices) heard.add(v);
    const over = d.values.until !== undefined && String(d.values.until) <= o.today;
    // Deciding alone is no approval, whatever the organisation is now.
    if (d.values.kind === o.kind && !over && d.values.manner !== 'alone')
      out.push({ by, role: String(d.values.role), voices });
  }
  return out;
}

/** Acknowledgements that are shown among the decisions on a record; all of them have a page of their own. */
const READ = 20;

/**
 * All decision records about the given subjects, newest first: one left out could be the refusal. Only of those who read something, which may be
 * thousands and refuse nothing, the newest come, and those of `by`.
 */
export function decisionsStatement(app: App, subjects: readonly string[], by = ''): Statement {
  const { subject, by: person } = slotsOf(app.slots, registers.decision);
  const of = (r: string) =>
    `${r}.organisation = (select present_organisation()) and ${r}.register = $1 and ${r}.${subject} = any($2)`;
  return {
    text: `select ${RECORD_SELECT} from record r where ${of('r')} and (r."values"->>${named.decision.field('kind')} <> 'acknowledge' or r.${person} = $3
        or r.number >= coalesce((select a.number from record a where ${of('a')} and a."values"->>${named.decision.field('kind')} = 'acknowledge'
          order by a.number desc offset ${READ - 1} limit 1), 0)) order by r.number desc`,
    values: [registers.decision.name, subjects.map((s) => s.toLowerCase()), by],
    name: 'decisions',
  };
}

/** The same person deciding the same thing on the same contents twice adds nothing; what they said last counts. */
export async function refuseSecondDecision(app: App, actor: Actor, made: MadeDecision): Promise<void> {
  const [rows] = await app.db.run(actor.organisation, [decisionsStatement(app, [made.subject], actor.ref)]);
  // Newest first: whoever refused after approving may approve again.
  const last = rows!
    .map(toStored)
    .find((d) => d.values.by === actor.ref && d.values.subjectDigest === made.digest);
  const same = last?.values.kind === made.kind ? last : undefined;
  const over =
    same?.values.until !== undefined &&
    String(same.values.until) <= app.clock.now().toISOString().slice(0, 10);
  if (same && !over)
    throw new Failure(
      'CONFLICT',
      `You already decided this: ${same.ref} (${made.kind}) stands for ${made.subject} as it is now.`,
    );
}
