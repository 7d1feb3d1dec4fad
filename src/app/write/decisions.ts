import { type Binding, bindingOf } from '../../authority/binding.ts';
import { FIRST_RULE } from '../../register/covering.ts';
import type { DecisionKind, Register } from '../../register/register.ts';
import { type Contents, contentsFrom, type Given } from '../../register/values.ts';
import { ROLES } from '../../register/who.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { coveredStatement, toCovered } from '../../store/authority/covers.ts';
import { appointmentsStatement } from '../../store/authority/decisions.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import type { Stored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';

/** A decision about to be recorded. */
export interface MadeDecision {
  register: Register;
  contents: Contents;
  subject: string;
  digest: string;
  kind: DecisionKind;
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

const appointmentText = (row: Row): string => {
  const short = (v: unknown) => String(v).replace(/\s+/g, ' ').slice(0, 200);
  const shown = row.shown
    ? `; competence shown: ${short(row.shown)}`
    : row.needed
      ? '; competence not shown'
      : '';
  return `${cell.text(row.ref)} ${short(row.title)}${shown}`;
};
