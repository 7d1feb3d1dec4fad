import { linksOf } from '../../register/rec.ts';
import { Checking } from '../checking.ts';
import type { GatePolicy } from '../policy.ts';
import { dayOf, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import type { AroundSystem, Of } from '../surroundings.ts';
import { say } from '../words/monitoring.ts';
import { title } from '../words/titles.ts';

/** Somebody watches the system in use, with what its class demands: a named person, a metric, an event log besides. */
export function checkMonitoring(input: AroundSystem, policy: GatePolicy): GateCheck {
  const c = new Checking('monitoring', title('monitoring'));
  const { system } = input;
  const running = input.monitors.filter(
    (m) => m.state === 'running' && linksOf(m, 'systems').includes(system.ref),
  );
  const kinds: ('metric' | 'other')[] =
    policy.monitoring === 'both' ? ['metric', 'other'] : policy.monitoring === 'metric' ? ['metric'] : [];
  for (const kind of kinds) demandKind(c, input, running, kind);
  if (kinds.length === 0) checkOwner(c, input, running);
  for (const m of running)
    if (m.derived.withinLimit === 'no')
      c.good(
        say('outsideLimit', {
          monitor: named(m),
          known: textOf(m, 'latestOn') === undefined ? 'other' : 'yes',
          day: textOf(m, 'latestOn') ?? '',
        }),
        [m.ref],
      );
  return c.done();
}

function demandKind(
  c: Checking,
  input: AroundSystem,
  running: readonly Of<'monitor'>[],
  kind: 'metric' | 'other',
): void {
  const { system } = input;
  const of = running.filter(
    (m) =>
      m.values.kind === (kind === 'metric' ? 'metric' : 'log') &&
      (kind !== 'metric' || m.values.threshold !== undefined),
  );
  const today = dayOf(input.now);
  const current = of.filter((m) => (textOf(m, 'reviewBy') ?? '') >= today);
  if (current.length > 0)
    c.good(
      say('running', {
        monitors: current.map((m) =>
          say('watchedBy', { monitor: named(m), person: nameOf(input, textOf(m, 'owner')) }),
        ),
        kind,
        system: system.ref,
      }),
      current.map((m) => m.ref),
    );
  else if (of.length > 0)
    c.unknown(
      say('reviewOverdue', {
        monitors: of.map((m) => {
          const day = textOf(m, 'reviewBy');
          return day === undefined
            ? say('toBeReviewedSometime', { monitor: named(m) })
            : say('toBeReviewed', { monitor: named(m), day });
        }),
      }),
      of.map((m) => m.ref),
      {
        ...say('review', { monitor: of[0]!.ref }),
        who: nameOf(input, textOf(of[0], 'owner')),
        ref: of[0]!.ref,
      },
    );
  else
    c.unknown(say('none', { kind, system: named(system) }), [system.ref], {
      ...say('setUp', { kind, system: system.ref }),
      who: nameOf(input, textOf(system, 'owner')),
      ref: system.ref,
      create: 'monitor',
    });
}

function checkOwner(c: Checking, input: AroundSystem, running: readonly Of<'monitor'>[]): void {
  const { system } = input;
  const ref = textOf(running[0], 'owner') ?? textOf(system, 'oversight') ?? textOf(system, 'owner');
  if (ref !== undefined && input.people[ref]?.state !== 'departed')
    c.good(say('watches', { person: nameOf(input, ref), system: named(system) }), [
      system.ref,
      ...running.map((m) => m.ref),
    ]);
  else
    c.unknown(say('nobodyWatches', { system: named(system) }), [system.ref], {
      ...say('nameOwner', { system: system.ref }),
      ref: system.ref,
    });
}
