import { Failure } from '../../base/failure.ts';
import { GATE_READS, gateInput, SYSTEM_READS, systemInput } from '../../gate/from-facts.ts';
import type { GateInput, SystemInput } from '../../gate/surroundings.ts';
import { notThere } from '../../register/said.ts';
import { registers } from '../../registers/index.ts';
import type { Head } from '../../store/ledger/sequencer.ts';
import type { App } from '../context.ts';
import { type Ask, readFacts, type When } from '../read/facts.ts';

/** Everything the gate looks at, of one moment. `head` is the published log that all of it was under before the reading began. */
export const readGate = (app: App, organisation: number, ref: string, head?: Head): Promise<GateInput> =>
  app.db.converse(organisation, (ask) => gateOf(app, ask, ref, { ...nowOf(app), log: head }), {
    snapshot: true,
  });

/** The same within a conversation that sees to it that all of it is of one moment. NOT_FOUND and CONFLICT where there is nothing to judge. */
export async function gateOf(app: App, ask: Ask, ref: string, when: When = nowOf(app)): Promise<GateInput> {
  const facts = await readFacts(app, ask, GATE_READS, { refs: [ref] }, when);
  const [release] = facts.subjects(registers.release);
  if (!release) throw notThere(registers.release, ref);
  const [system] = facts.linked(release, 'system');
  if (!system) throw new Failure('CONFLICT', `${release.ref} belongs to no AI system; link it to one first.`);
  return gateInput(facts, system);
}

/** A system and everything around it that the gate looks at whichever release it judges, in one snapshot. */
export const readSystem = (app: App, organisation: number, ref: string): Promise<SystemInput> =>
  app.db.converse(organisation, (ask) => systemOf(app, ask, ref), { snapshot: true });

export async function systemOf(
  app: App,
  ask: Ask,
  ref: string,
  when: When = nowOf(app),
): Promise<SystemInput> {
  const facts = await readFacts(app, ask, SYSTEM_READS, { refs: [ref] }, when);
  if (facts.subjects(registers.aiSystem).length === 0) throw notThere(registers.aiSystem, ref);
  return systemInput(facts);
}

const nowOf = (app: App): When => ({ now: app.clock.now().toISOString() });
