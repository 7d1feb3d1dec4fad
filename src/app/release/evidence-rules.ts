import { Failure } from '../../base/failure.ts';
import { type Registers, registers } from '../../registers/index.ts';
import {
  readStatement,
  type StoredWithRelations,
  toStoredWithRelations,
} from '../../store/records/records.ts';
import { runsOfEvidence } from '../../store/release/evidence.ts';
import type { App, Asking } from '../context.ts';
import { type Along, type Changed, onSteps, type Rule } from '../write/rule.ts';

/** What withdrawing evidence demands and takes along: decision 0017. */
export const evidenceRules: readonly Rule[] = [
  onSteps(registers.evidence, 'runs', ['withdraw'], withdrawRuns),
];

type Evidence = Registers['evidence'];

/** The test runs counted from a file are withdrawn in the same write, so that none of them speaks without it. */
async function withdrawRuns(g: Changed<Evidence>): Promise<Along> {
  const { before, ask, reason } = g;
  const register = g.app.registry.of(registers.testRun);
  const runs = (await runsOf(g, before.id)).filter((r) => r.state === 'recorded');
  demandSecondPerson(g, runs);
  return {
    cascade: runs.map((run) => ({
      register,
      before: run,
      contents: { values: run.values, links: run.links },
      state: register.transitions.withdraw!.to,
      act: 'transition' as const,
      transition: 'withdraw',
      actor: { ref: ask.actor.ref, as: 'engine' },
      ...(reason ? { reason } : {}),
    })),
  };
}

/** Deciding alone, where criteria allow it, never reaches as far as one's own failed result. */
function demandSecondPerson({ ask, before }: Changed<Evidence>, runs: readonly StoredWithRelations[]): void {
  const failed = runs.find((r) => Number(r.values.fail ?? 0) > 0);
  if (!failed || ask.actor.kind === 'engine' || !before.authors.includes(ask.actor.ref)) return;
  throw new Failure(
    'OWN_WORK',
    `${before.ref} is your own, and ${String(failed.values.fail)} cases failed in it (${failed.ref}): who handed in a failed result never withdraws it, not even where one person decides alone. Test again and add the result, or ask a guest.`,
  );
}

/** Test runs counted from a piece of evidence. */
export async function runsOf(
  { app, ask }: { app: App; ask: Asking },
  evidence: string,
): Promise<StoredWithRelations[]> {
  const { organisation } = ask.actor;
  const [found] = await app.db.run(organisation, [runsOfEvidence(evidence)]);
  const refs = found!.map((r) => String(r.ref));
  const [rows] = await app.db.run(organisation, [readStatement(app.registry.of(registers.testRun), refs)]);
  return rows!.map(toStoredWithRelations);
}
