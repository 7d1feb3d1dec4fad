import { Failure } from '../base/failure.ts';
import type { DecisionKind, Register } from '../register/register.ts';
import { type Contents, freshContents, materialDigest, parseInput } from '../register/values.ts';
import type { Actor } from '../register/who.ts';
import type { Statement } from '../store/database.ts';
import { RECORD_SELECT, readManyStatement, type Stored, toStored } from '../store/records.ts';
import type { App } from './context.ts';
import { DECISION } from './names.ts';

/** A decision about to be recorded. */
export interface MadeDecision {
  register: Register;
  contents: Contents;
  subject: string;
  digest: string;
  kind: DecisionKind;
}

/** Digest of a record's material contents and of the records it covers, as they are now. */
export async function presentDigest(
  app: App,
  organisation: number,
  register: Register,
  ref: string,
  contents: Contents,
): Promise<string> {
  const covered = register.covers.flatMap((l) => contents.links[l] ?? []);
  if (covered.length === 0) return materialDigest(register, ref, contents);
  const [rows] = await app.db.run(organisation, [readManyStatement(covered)]);
  return materialDigest(register, ref, contents, digestsOf(app, rows!.map(toStored)));
}

/** Own digests (nothing covered) of records, by reference. */
export function digestsOf(app: App, records: readonly Stored[]): Record<string, string> {
  return Object.fromEntries(
    records.map((r) => [r.ref, materialDigest(app.registry.get(r.register), r.ref, r)]),
  );
}

/** The contents of the decision record that goes with a transition: who, in which capacity, over which digest, until when. */
export async function decisionContents(
  app: App,
  actor: Actor,
  register: Register,
  before: Stored,
  contents: Contents,
  o: {
    kind: DecisionKind;
    transition: string;
    version: number;
    role: string;
    reason?: string;
    until?: string;
    method: string;
  },
): Promise<MadeDecision> {
  const digest = await presentDigest(app, actor.organisation, register, before.ref, contents);
  const decision = app.registry.get(DECISION);
  const input = {
    kind: o.kind,
    subject: before.ref,
    subjectVersion: o.version,
    subjectDigest: digest,
    by: actor.ref,
    role: o.role,
    method: o.method,
    ...(o.reason ? { reason: o.reason } : {}),
    ...(o.until ? { until: o.until } : {}),
  };
  const checked = freshContents(decision, parseInput(decision, input, 'engine'));
  return { register: decision, contents: checked, subject: before.ref, digest, kind: o.kind };
}

/** All decision records about the given subjects, newest first: one left out could be the refusal. */
export function decisionsStatement(app: App, subjects: readonly string[]): Statement {
  const slot = app.slots.get(DECISION)!.subject!;
  return {
    text: `select ${RECORD_SELECT} from record r where r.organisation = (select present_organisation()) and r.register = $1
      and r.${slot} = any($2) order by r.number desc`,
    values: [DECISION, subjects.map((s) => s.toLowerCase())],
    name: 'decisions',
  };
}

/** The same person deciding the same thing on the same contents twice adds nothing; what they said last counts. */
export async function refuseSecondDecision(app: App, actor: Actor, made: MadeDecision): Promise<void> {
  const [rows] = await app.db.run(actor.organisation, [decisionsStatement(app, [made.subject])]);
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
