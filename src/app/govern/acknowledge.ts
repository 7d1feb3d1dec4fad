import type { Edition } from '../../answers/govern.ts';
import type { Committed } from '../../answers/record.ts';
import { ownStep } from '../../authority/own-right.ts';
import { sha256Hex } from '../../base/canonical.ts';
import { Failure } from '../../base/failure.ts';
import type { Given } from '../../register/values.ts';
import { type Contents, contentsFrom } from '../../register/values.ts';
import { type Actor, ROLES, type Role } from '../../register/who.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import { acknowledgedStatement } from '../../store/govern/editions.ts';
import type { App, Asking } from '../context.ts';
import { toView } from '../read/view.ts';
import { demand } from '../write/access.ts';
import { createChecked } from '../write/commit.ts';
import { demandInForce, readPublished } from './editions.ts';

/** How it is known that somebody read the edition. */
export interface Acknowledging {
  person: string;
  edition: Edition;
  subject: string;
  method: 'session' | 'link' | 'hrFile';
  rolesHeld?: string;
  /** Of a file: who handed it in, the day it names, its digest. */
  recordedBy?: string;
  saidOn?: string;
  source?: string;
  reason?: string;
}

/** The decision of somebody that they have read and understood an edition; bound to what that edition says. */
export function acknowledgementContents(app: App, a: Acknowledging): Contents {
  const decision = app.registry.of(registers.decision);
  const { person, edition, subject, ...rest } = a;
  const input: Given<Registers['decision']> = {
    kind: 'acknowledge',
    subject,
    subjectVersion: edition.version,
    subjectDigest: edition.digest,
    ownDigest: edition.digest,
    by: person,
    role: 'member',
    manner: a.method === 'hrFile' ? 'bulk' : 'single',
    ...rest,
  };
  return contentsFrom(decision, input, 'engine');
}

/** That this person acknowledged this text: once, whoever says it by which door at the same moment. */
export const acknowledgedOnce = (subject: string, edition: Pick<Edition, 'digest'>, person: string): string =>
  sha256Hex(['acknowledge', subject, edition.digest, person].join('\n'));

/** Was it refused because the same was stored a moment before? */
export const saidMeanwhile = (error: unknown): boolean =>
  error instanceof Failure && error.code === 'ALREADY_EXISTS';

/**
 * Somebody who is signed in acknowledges the edition in force, also while the next one is being written. A decision record, and no new version of
 * the document: what it says did not change, and thousands may read it in the same minute.
 */
export async function acknowledge(app: App, ask: Asking, ref: string, reason?: string): Promise<Committed> {
  const register = app.registry.of(registers.document);
  const published = await readPublished(app, ask, ref);
  const t = register.transitions.acknowledge!;
  const { record, inForce } = published;
  if (ask.actor.kind === 'apiKey' || !inForce) demand(ownStep(ask.actor, register, record, 'acknowledge', t));
  const edition = demandInForce(published);
  await refuseSecond(app, ask.actor, ref, edition);
  const contents = acknowledgementContents(app, {
    person: ask.actor.ref,
    edition,
    subject: ref,
    method: 'session',
    rolesHeld: rolesText(ask.actor.roles),
    ...(reason?.trim() ? { reason } : {}),
  });
  const once = acknowledgedOnce(ref, edition, ask.actor.ref);
  const made = await createChecked(app, ask, app.registry.of(registers.decision), contents, {
    as: 'member',
    once,
  }).catch(async (error: unknown) => {
    if (saidMeanwhile(error)) await refuseSecond(app, ask.actor, ref, edition);
    throw error;
  });
  return { record: toView(record), decision: made.record.ref };
}

/** Roles in words, as a decision keeps them. */
export const rolesText = (roles: readonly Role[]): string | undefined =>
  roles.length > 0
    ? roles
        .map((r) => ROLES[r] ?? r)
        .join(', ')
        .slice(0, 300)
    : undefined;

/** Nothing is gained by saying it twice of the same text. */
async function refuseSecond(app: App, actor: Actor, ref: string, edition: Edition): Promise<void> {
  const [rows] = await app.db.run(actor.organisation, [
    acknowledgedStatement(app, ref, edition, [actor.ref]),
  ]);
  if (rows![0])
    throw new Failure(
      'CONFLICT',
      `You already acknowledged ${ref} as it is in force: ${String(rows![0].ref)}.`,
    );
}
