import { linksOf } from '../../register/rec.ts';
import { Checking } from '../checking.ts';
import type { AroundSystem, Of } from '../neighbourhood.ts';
import type { GatePolicy } from '../policy.ts';
import { dayOf, listed, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';

/** Somebody watches the system in use, with what its class demands: a named person, a metric, an event log besides. */
export function checkMonitoring(input: AroundSystem, policy: GatePolicy): GateCheck {
  const c = new Checking('monitoring', 'Watched and logged in use');
  const { system } = input;
  const running = input.monitors.filter(
    (m) => m.state === 'running' && linksOf(m, 'systems').includes(system.ref),
  );
  const kinds =
    policy.monitoring === 'both' ? ['metric', 'log'] : policy.monitoring === 'metric' ? ['metric'] : [];
  for (const kind of kinds) demandKind(c, input, running, kind);
  if (kinds.length === 0) checkOwner(c, input, running);
  for (const m of running)
    if (m.derived.withinLimit === 'no')
      c.good(
        `${named(m)}, up to ${textOf(m, 'latestOn') ?? 'an unknown day'}, is outside its limit: look at it before more goes into use.`,
        [m.ref],
      );
  return c.done();
}

const WORD: Readonly<Record<string, string>> = { metric: 'metric with a limit', log: 'event log' };

function demandKind(c: Checking, input: AroundSystem, running: readonly Of<'monitor'>[], kind: string): void {
  const { system } = input;
  const of = running.filter(
    (m) => m.values.kind === kind && (kind === 'log' || m.values.threshold !== undefined),
  );
  const today = dayOf(input.now);
  const current = of.filter((m) => (textOf(m, 'reviewBy') ?? '') >= today);
  if (current.length > 0)
    c.good(
      `${listed(current.map((m) => `${named(m)}, watched by ${nameOf(input, textOf(m, 'owner'))}`))}: ${WORD[kind]} of ${system.ref}.`,
      current.map((m) => m.ref),
    );
  else if (of.length > 0)
    c.unknown(
      `${listed(of.map((m) => `${named(m)}, to be reviewed by ${textOf(m, 'reviewBy') ?? 'an unknown day'}`))}: whether it still watches the right thing was not looked at since.`,
      of.map((m) => m.ref),
      { text: `Review ${of[0]!.ref}`, who: nameOf(input, textOf(of[0], 'owner')), ref: of[0]!.ref },
    );
  else
    c.unknown(`No ${WORD[kind]} of ${named(system)} is running.`, [system.ref], {
      text: `Set up and start a monitor of kind ${kind} for ${system.ref}`,
      who: nameOf(input, textOf(system, 'owner')),
      ref: system.ref,
      create: 'monitor',
    });
}

function checkOwner(c: Checking, input: AroundSystem, running: readonly Of<'monitor'>[]): void {
  const { system } = input;
  const ref = textOf(running[0], 'owner') ?? textOf(system, 'oversight') ?? textOf(system, 'owner');
  if (ref !== undefined && input.people[ref]?.state !== 'departed')
    c.good(`${nameOf(input, ref)} watches ${named(system)} in use.`, [
      system.ref,
      ...running.map((m) => m.ref),
    ]);
  else
    c.unknown(`Nobody is named who watches ${named(system)} in use.`, [system.ref], {
      text: `Name the owner of ${system.ref}`,
      ref: system.ref,
    });
}
