import { type Binding, bindingOf } from '../../authority/binding.ts';
import { FIRST_RULE } from '../../register/covering.ts';
import type { DecisionKind, Register } from '../../register/register.ts';
import { slotsOf } from '../../register/slots.ts';
import { type Contents, contentsFrom, type Given } from '../../register/values.ts';
import { ROLES } from '../../register/who.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { coveredStatement, type DecisionPlace, toCovered } from '../../store/authority/covers.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row, Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import { RECORD_SELECT, type Stored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';

/** A decision about to be recorded. */
export interface MadeDecision {
  register: Register;
  contents: Contents;
  subject: string;
  digest: string;
  kind: DecisionKind;
}

/** Where decisions are kept. */
export const decisionPlace = (app: App): DecisionPlace => ({
  register: registers.decision.name,
  subject: slotsOf(app.slots, registers.decision).subject!,
});

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
  const input: Given<Registers['decision']> = {
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
  const checked = contentsFrom(decision, input, 'engine');
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
