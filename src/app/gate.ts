import { Failure } from '../base/failure.ts';
import { evaluateGate } from '../gate/evaluate.ts';
import type { GateResult } from '../gate/result.ts';
import type { App, Asking } from './context.ts';
import { RELEASE } from './names.ts';
import { readNeighbourhood } from './neighbourhood.ts';
import type { Organisation } from './organisations.ts';
import { demandRead } from './query.ts';

/** What the gate would decide now; nothing is recorded. */
export async function previewGate(app: App, ask: Asking, ref: string): Promise<GateResult> {
  demandRead(ask, app.registry.get(RELEASE));
  const head = await app.sequencer.settle(ask.actor.organisation);
  const { input } = await readNeighbourhood(app, ask.actor.organisation, ref, head);
  return evaluateGate(input);
}
export async function decideGate(_app: App, _ask: Asking, _o: Organisation, _ref: string): Promise<never> {
  throw new Failure('UNAVAILABLE', 'x');
}
export async function readAttestation(_app: App, _ask: Asking, _ref: string): Promise<never> {
  throw new Failure('UNAVAILABLE', 'x');
}
