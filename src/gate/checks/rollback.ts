import type { Sentence } from '../../base/sentence.ts';
import { durationSeconds, durationText } from '../../register/kinds.ts';
import { linksOf } from '../../register/rec.ts';
import { notCounted, saying, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { GatePolicy } from '../policy.ts';
import { dayOf, monthsBefore, named, textOf } from '../reading.ts';
import type { GateCheck, Step } from '../result.ts';
import type { AroundSystem, GateInput, Of } from '../surroundings.ts';
import { say } from '../words/rollback.ts';
import { title } from '../words/titles.ts';

/** There is an approved way back to a named target, rehearsed recently where the class asks for it. */
export function checkRollback(input: GateInput, policy: GatePolicy): GateCheck {
  const c = new Checking('rollback', title('rollback'));
  const { rollbackPlan: plan, release } = input;
  if (!plan || !linksOf(release, 'rollbackPlan').includes(plan.ref)) {
    c.unknown(say('none', { release: named(release) }), [release.ref], {
      ...say('write', { release: release.ref }),
      ref: release.ref,
    });
    return c.done();
  }
  checkWayBack(c, input, plan);
  for (const { kind, months } of drillsAsked(policy)) checkDrill(c, input, plan, kind, months);
  return c.done();
}

/** The plan by itself: for this system, to a named target, approved as it is now. */
export function checkWayBack(c: Checking, input: AroundSystem, plan: Of<'rollbackPlan'>): void {
  const { system } = input;
  if (!linksOf(plan, 'system').includes(system.ref))
    c.wrong(say('otherSystem', { plan: named(plan), system: system.ref }), [plan.ref, system.ref]);
  const target = textOf(plan, 'target');
  if (target === undefined)
    c.unknown(say('noTarget', { plan: named(plan) }), [plan.ref], {
      ...say('nameTarget', { plan: plan.ref }),
      ref: plan.ref,
    });
  checkApproved(c, input, plan, target);
}

function checkApproved(
  c: Checking,
  input: AroundSystem,
  plan: Of<'rollbackPlan'>,
  target: string | undefined,
): void {
  const w = weigh(input, plan, 'approve');
  const by = w.counted[0];
  for (const r of notCounted(input, plan, w)) c.good(r, r.records);
  if (plan.state === 'approved' && by) {
    c.good(
      target === undefined
        ? say('approved', { saying: saying(input, by, 'approved'), plan: named(plan), decision: by.ref })
        : say('approvedBackTo', {
            saying: saying(input, by, 'approved'),
            plan: named(plan),
            target,
            decision: by.ref,
          }),
      [plan.ref, by.ref],
    );
    return;
  }
  c.unknown(
    plan.state === 'approved'
      ? say('notApprovedAsItIs', { plan: named(plan) })
      : say('notApproved', { plan: named(plan), state: plan.state }),
    [plan.ref],
    {
      ...say('haveApproved', { plan: plan.ref }),
      ref: plan.ref,
      action: 'approve',
    },
  );
}

export type DrillKind = 'rollback' | 'stop' | 'communication';

/** The drills that a class asks for, and how many months each holds. */
export function drillsAsked(policy: GatePolicy): { kind: DrillKind; months: number }[] {
  // A class that wants one of these and no rollback drill still wants it to be recent: within a year.
  const months = policy.drillMonths || 12;
  return [
    ...(policy.drillMonths > 0 ? [{ kind: 'rollback' as const, months }] : []),
    ...(policy.stopDrill ? [{ kind: 'stop' as const, months }] : []),
    ...(policy.communicationDrill ? [{ kind: 'communication' as const, months }] : []),
  ];
}

/** The newest drill of the kind decides: an older success says nothing once a later rehearsal failed. */
export function checkDrill(
  c: Checking,
  input: AroundSystem,
  plan: Of<'rollbackPlan'>,
  kind: DrillKind,
  months: number,
): void {
  const today = dayOf(input.now);
  const held = input.drills
    .filter(
      (d) => d.values.kind === kind && linksOf(d, 'rollbackPlan').includes(plan.ref) && d.state !== 'planned',
    )
    .filter((d) => (textOf(d, 'heldOn') ?? '9') <= today)
    .sort((a, b) => (String(a.values.heldOn) < String(b.values.heldOn) ? 1 : -1));
  const failed = held.find((d) => failure(plan, d) !== undefined);
  const good = held.find((d) => succeeded(input, plan, d, monthsBefore(input.now, months)));
  if (failed && (!good || String(failed.values.heldOn) >= String(good.values.heldOn)))
    c.wrong(failure(plan, failed)!, [failed.ref, plan.ref], rehearse(input, plan, kind));
  if (good) {
    const rehearsed = {
      drill: named(good),
      kind: kind === 'communication' ? ('other' as const) : kind,
      day: String(good.values.heldOn),
    };
    c.good(
      took(good) === undefined
        ? say('rehearsedSometime', rehearsed)
        : say('rehearsed', { ...rehearsed, took: took(good)! }),
      [good.ref],
    );
    return;
  }
  for (const d of held) sayWhyNot(c, input, plan, d, months);
  c.unknown(
    say('noneOfKind', { kind, plan: named(plan), months }),
    [plan.ref, ...held.map((d) => d.ref)],
    rehearse(input, plan, kind),
  );
}

/** Where a drill is on its way, the step is taken on it. */
function rehearse(input: AroundSystem, plan: Of<'rollbackPlan'>, kind: DrillKind): Step {
  const open = (state: Of<'drill'>['state']) =>
    input.drills.find(
      (d) =>
        d.state === state &&
        d.values.kind === kind &&
        linksOf(d, 'rollbackPlan').includes(plan.ref) &&
        failure(plan, d) === undefined,
    );
  const held = open('held');
  if (held) return { ...say('haveVerified', { drill: held.ref }), ref: held.ref, action: 'verify' };
  const planned = open('planned');
  return planned
    ? { ...say('hold', { drill: planned.ref }), ref: planned.ref, action: 'hold' }
    : {
        ...say('holdNew', { kind, plan: plan.ref }),
        ref: plan.ref,
        create: 'drill',
      };
}

const took = (drill: Of<'drill'>): string | undefined => {
  const time = textOf(drill, 'duration');
  return time === undefined ? undefined : durationText(time);
};

/** How a drill failed; undefined when it did not. */
function failure(plan: Of<'rollbackPlan'>, drill: Of<'drill'>): Sentence | undefined {
  const on = { drill: named(drill), day: String(drill.values.heldOn) };
  if (drill.values.outcome === 'failed') return say('failed', on);
  const time = textOf(drill, 'duration');
  const most = textOf(plan, 'maxDuration');
  if (time !== undefined && most !== undefined && durationSeconds(time) > durationSeconds(most))
    return say('tookTooLong', {
      ...on,
      took: durationText(time),
      plan: plan.ref,
      most: durationText(most),
    });
  return undefined;
}

function succeeded(
  input: AroundSystem,
  plan: Of<'rollbackPlan'>,
  drill: Of<'drill'>,
  since: string,
): boolean {
  return (
    drill.state === 'verified' &&
    drill.values.outcome === 'succeeded' &&
    failure(plan, drill) === undefined &&
    String(drill.values.heldOn) >= since &&
    verified(input, drill)
  );
}

/** Verified by somebody who neither led nor recorded it. The digest of a drill covers the plan it rehearsed. */
function verified(input: AroundSystem, drill: Of<'drill'>): boolean {
  const lead = textOf(drill, 'owner');
  return weigh(input, drill, 'approve', lead === undefined ? [] : [lead]).counted.length > 0;
}

function sayWhyNot(
  c: Checking,
  input: AroundSystem,
  plan: Of<'rollbackPlan'>,
  d: Of<'drill'>,
  months: number,
): void {
  if (failure(plan, d) !== undefined) return;
  const on = { drill: named(d), day: String(d.values.heldOn) };
  if (d.state !== 'verified') c.good(say('notVerified', { ...on }), [d.ref]);
  else if (!verified(input, d)) c.good(say('ofOther', { ...on, plan: plan.ref }), [d.ref]);
  else c.good(say('tooOld', { ...on, months }), [d.ref]);
}
