import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { addReadings } from '../app/assure/readings.ts';
import type { App, Asking } from '../app/context.ts';
import type { Organisation } from '../app/people/organisations.ts';
import { addEvidence } from '../app/release/evidence.ts';
import { decideGate } from '../app/release/gate.ts';
import { proposeStatement } from '../app/risk/statement-of-applicability.ts';
import { createRecord, editRecord, transitRecord } from '../app/write/commit.ts';
import type { Actor } from '../register/who.ts';
import { writtenAt } from '../store/records/versions-at.ts';
import type { DemoStep } from './content.ts';

/** Who may act, by reference. */
export type Cast = ReadonlyMap<string, Actor>;

/**
 * Carries out one step, as the person it names, by the way every request goes: permissions, separation of duties and
 * decisions are real. `app` carries the clock of the history. Throws when the step comes out otherwise than it says.
 */
export async function playStep(
  app: App,
  organisation: Organisation,
  cast: Cast,
  folder: string,
  s: DemoStep,
): Promise<void> {
  const actor = cast.get(s.by);
  if (!actor) throw new Error(`${s.by} has no account and cannot act`);
  // Nobody is there to enter a password while the history is loaded; demo/README.md says so.
  const ask: Asking = { actor, reauthenticate: async () => true };
  if ('create' in s) {
    const { record } = await createRecord(app, ask, app.registry.get(s.create), s.values);
    if (record.ref !== s.ref)
      throw new Error(`it got the number ${record.ref} instead of ${s.ref}: a number was lost before`);
  } else if ('edit' in s) {
    await editRecord(app, ask, registerOf(app, s.edit), s.edit, s.values);
  } else if ('do' in s) {
    const { values, reason, until } = s;
    await transitRecord(app, ask, registerOf(app, s.ref), s.ref, s.do, { values, reason, until });
  } else if ('evidence' in s) {
    const source = createReadStream(join(folder, 'evidence', s.evidence));
    const { release, title, claim } = s;
    await addEvidence(app, ask, source, { fileName: s.evidence, release, title, claim });
  } else if ('readings' in s) {
    await addReadings(
      app,
      ask,
      registerOf(app, s.readings),
      s.readings,
      Buffer.from(JSON.stringify(s.rows)),
      'json',
    );
  } else if ('statement' in s) {
    await proposeStatement(app, ask);
  } else {
    const { result } = await decideGate(app, ask, organisation, s.gate);
    if (result.verdict !== s.verdict) {
      const why = result.checks.filter((c) => c.status !== 'passed').flatMap((c) => c.reasons);
      throw new Error(
        `the gate says ${result.verdict}, expected ${s.verdict}: ${why.map((r) => r.text).join(' ')}`,
      );
    }
  }
}

function registerOf(app: App, ref: string) {
  const register = app.registry.ofRef(ref);
  if (!register) throw new Error(`${ref} is the number of no register`);
  return register;
}

/** A moment of the history, and the number of the record that is created at it, if one is. */
export interface Mark {
  readonly at: string;
  readonly ref?: string;
}

/**
 * Moments, among the given ones, at which something was written in the organisation. Throws when a record got another
 * number than it should have: a loading that was broken off at the wrong moment can lose one, and cannot go on.
 */
export async function momentsWritten(
  app: App,
  organisation: number,
  marks: readonly Mark[],
): Promise<Set<string>> {
  const [rows] = await app.db.run(organisation, [writtenAt(marks.map((m) => m.at))]);
  const written = new Map(rows!.map((r) => [(r.at as Date).toISOString(), r.refs as string[]]));
  for (const { at, ref } of marks) {
    const refs = written.get(at);
    if (ref && refs && !refs.includes(ref))
      throw new Error(
        `the demo was loaded in part, and ${refs.join(', ')} should be ${ref}; begin anew with an empty folder: --data DIR`,
      );
  }
  return new Set(written.keys());
}
