import { durationSeconds, durationText } from '../../register/kinds.ts';
import { linksOf } from '../../register/rec.ts';
import { notCounted, saying, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { AroundSystem, GateInput, Of } from '../neighbourhood.ts';
import type { GatePolicy } from '../policy.ts';
import { dayOf, monthsBefore, named, plural, textOf } from '../reading.ts';
import type { GateCheck, NextStep } from '../result.ts';

/** There is an approved way back to a named target, rehearsed recently where the class asks for it. */
export function checkRollback(input: GateInput, policy: GatePolicy): GateCheck {
  const c = new Checking('rollback', 'Way back planned and rehearsed');
  const { rollbackPlan: plan, release } = input;
  if (!plan || !linksOf(release, 'rollbackPlan').includes(plan.ref)) {
    c.unknown(`${named(release)} has no rollback plan.`, [release.ref], {
      text: `Write a rollback plan, have it approved, and name it in ${release.ref}`,
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
    c.wrong(`${named(plan)} is a plan for another AI system, not for ${system.ref}.`, [plan.ref, system.ref]);
  const target = textOf(plan, 'target');
  if (target === undefined)
    c.unknown(`${named(plan)} names nothing to go back to.`, [plan.ref], {
      text: `Name the target of ${plan.ref}`,
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
  for (const r of notCounted(input, plan, w)) c.good(r.text, r.records);
  if (plan.state === 'approved' && by) {
    const back = target === undefined ? '' : `, back to ${target}`;
    c.good(`${saying(input, by, 'approved')} ${named(plan)}${back} (${by.ref}).`, [plan.ref, by.ref]);
    return;
  }
  const why =
    plan.state === 'approved'
      ? 'nobody other than its author has approved it as it is now'
      : `its state is ${plan.state}`;
  c.unknown(`${named(plan)} is not approved: ${why}.`, [plan.ref], {
    text: `Have ${plan.ref} approved by somebody other than its author`,
    ref: plan.ref,
    action: 'approve',
  });
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

/** What was rehearsed, as it stands in a sentence. */
const WHAT: Readonly<Record<DrillKind, string>> = {
  rollback: 'the rollback',
  stop: 'the stop',
  communication: 'telling people',
};

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
    c.wrong(
      `${named(failed)}, held on ${String(failed.values.heldOn)}, ${failure(plan, failed)}.`,
      [failed.ref, plan.ref],
      rehearse(input, plan, kind),
    );
  if (good) {
    c.good(
      `${named(good)}: ${WHAT[kind]} was rehearsed on ${String(good.values.heldOn)} in ${took(good) ?? 'an unknown time'}.`,
      [good.ref],
    );
    return;
  }
  for (const d of held) sayWhyNot(c, input, plan, d, months);
  c.unknown(
    `No verified and successful ${kind} drill of ${named(plan)} as it is now within ${plural(months, 'month')}.`,
    [plan.ref, ...held.map((d) => d.ref)],
    rehearse(input, plan, kind),
  );
}

/** Where a drill is on its way, the step is taken on it. */
function rehearse(input: AroundSystem, plan: Of<'rollbackPlan'>, kind: DrillKind): NextStep {
  const open = (state: Of<'drill'>['state']) =>
    input.drills.find(
      (d) =>
        d.state === state &&
        d.values.kind === kind &&
        linksOf(d, 'rollbackPlan').includes(plan.ref) &&
        failure(plan, d) === undefined,
    );
  const held = open('held');
  if (held) return { text: `Have ${held.ref} verified by somebody else`, ref: held.ref, action: 'verify' };
  const planned = open('planned');
  return planned
    ? { text: `Hold ${planned.ref} and have it verified by somebody else`, ref: planned.ref, action: 'hold' }
    : {
        text: `Hold a ${kind} drill of ${plan.ref} and have it verified by somebody else`,
        ref: plan.ref,
        create: 'drill',
      };
}

const took = (drill: Of<'drill'>): string | undefined => {
  const time = textOf(drill, 'duration');
  return time === undefined ? undefined : durationText(time);
};

/** How a drill failed, as the rest of a sentence; undefined when it did not. */
function failure(plan: Of<'rollbackPlan'>, drill: Of<'drill'>): string | undefined {
  if (drill.values.outcome === 'failed') return 'failed';
  const time = textOf(drill, 'duration');
  const most = textOf(plan, 'maxDuration');
  if (time !== undefined && most !== undefined && durationSeconds(time) > durationSeconds(most))
    return `took ${durationText(time)}; ${plan.ref} allows ${durationText(most)}`;
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
  const on = `${named(d)}, held on ${String(d.values.heldOn)},`;
  if (d.state !== 'verified') c.good(`${on} has not been verified.`, [d.ref]);
  else if (!verified(input, d))
    c.good(
      `${on} rehearsed ${plan.ref} as it was, or was not verified by somebody else: it does not count.`,
      [d.ref],
    );
  else c.good(`${on} is older than ${plural(months, 'month')}.`, [d.ref]);
}
