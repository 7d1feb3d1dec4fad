import { evaluateSystem } from '../../gate/evaluate-system.ts';
import type { Requirements } from '../../gate/requirement.ts';
import { registers } from '../../registers/index.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../write/access.ts';
import { readSystem } from './gate-facts.ts';

/** What the risk class of a system asks of it, and what not, with what is there: what the gate would ask, before there is a release. */
export async function readRequirements(app: App, ask: Asking, ref: string): Promise<Requirements> {
  demandRead(ask, app.registry.of(registers.aiSystem));
  return evaluateSystem(await readSystem(app, ask.actor.organisation, ref));
}
