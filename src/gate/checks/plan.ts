import type { PlanBefore } from '../../facts/uses.ts';
import { linksOf } from '../../register/rec.ts';
import { ROLES } from '../../register/who.ts';
import { mayBeAlone, notCounted, saying, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { AroundSystem, GateInput, PlanRec } from '../neighbourhood.ts';
import { aboveCeiling, loosenedPlan } from '../plan-strictness.ts';
import type { GatePolicy } from '../policy.ts';
import { listed, minuteOf, named, short } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import { weighRuns } from '../runs.ts';

/** The plan was fixed before the first run it judges, by somebody other than its author, and has not changed since. */
export function checkPlan(input: GateInput, policy: GatePolicy): GateCheck {
  const c = new Checking('plan', 'Verification plan fixed before the tests');
  const { plan, release } = input;
  if (!plan || !linksOf(release, 'plan').includes(plan.ref)) {
    if (policy.tests === 'smoke' && !plan)
      c.good('No plan is asked of this risk class; without one, no failed case is tolerated.', [release.ref]);
    else c.unknown(`${named(release)} has no verification plan.`, [release.ref], planWanted(release.ref));
    return c.done();
  }
  if (checkFixedPlan(c, input, policy, plan) && plan.fixedAt !== undefined)
    checkBeforeRuns(c, input, policy, plan, plan.fixedAt);
  return c.done();
}

/** The plan by itself, before any run. Answers whether it is fixed: only then is it known what it asks. */
export function checkFixedPlan(c: Checking, input: AroundSystem, policy: GatePolicy, plan: PlanRec): boolean {
  if (!linksOf(plan, 'system').includes(input.system.ref))
    c.wrong(`${named(plan)} is a plan for another AI system, not for ${input.system.ref}.`, [
      plan.ref,
      input.system.ref,
    ]);
  if (plan.state !== 'fixed' || plan.fixedAt === undefined) {
    c.unknown(`${named(plan)} is not fixed: its state is ${plan.state}.`, [plan.ref], {
      text: `Have ${plan.ref} fixed by somebody other than its author`,
      who: `owner or approver of ${input.system.ref}`,
      ref: plan.ref,
      action: 'fix',
    });
    return false;
  }
  checkUnchanged(c, input, plan);
  for (const above of aboveCeiling(plan, policy))
    c.wrong(`By ${named(plan)} ${above.text}.`, [plan.ref, ...(input.criteria ? [input.criteria.ref] : [])], {
      text: `Make ${plan.ref} stricter and have it fixed again, then test again`,
      who: `owner or approver of ${input.system.ref}`,
      ref: plan.ref,
      action: 'revise',
    });
  for (const before of input.plansBefore ?? []) checkNotEased(c, input, plan, before);
  checkFixedByAnother(c, input, plan);
  return true;
}

const planWanted = (release: string) => ({
  text: `Write a verification plan, have it fixed, and name it in ${release}`,
  ref: release,
});

function checkUnchanged(c: Checking, input: AroundSystem, plan: PlanRec): void {
  const present = input.digests[plan.ref];
  if (plan.erased && plan.erased.length > 0) {
    c.unknown(
      `What ${named(plan)} said when it was fixed was erased since (${plan.erased.join(', ')}): it cannot be shown to be still the same.`,
      [plan.ref],
      { text: `Have ${plan.ref} fixed again, then test again`, ref: plan.ref },
    );
    return;
  }
  if (plan.planDigest === undefined || present === undefined)
    c.unknown(`It is not known whether ${named(plan)} is still what was fixed.`, [plan.ref]);
  else if (plan.planDigest !== present)
    c.wrong(
      `${named(plan)} was fixed as ${short(plan.planDigest)} and is now ${short(present)}: it changed after it was fixed.`,
      [plan.ref],
      {
        text: `Have ${plan.ref} fixed again, then test again`,
        ref: plan.ref,
      },
    );
}

/**
 * A plan is not easier to pass than the one that the release before was let through by, whenever it was written and whoever fixed it, but under a
 * ticket that management approved.
 */
function checkNotEased(c: Checking, input: AroundSystem, plan: PlanRec, before: PlanBefore): void {
  const { system } = input;
  const whose = `${before.plan}, by which ${before.release}${before.system === system.ref ? '' : ` of ${before.system}, which consists of the same,`} was let through`;
  const looser = before.says
    ? loosenedPlan({ values: before.says }, plan)
    : [{ text: 'what that said was erased' }];
  if (looser.length === 0) return;
  const what = looser.map((l) => l.text).join('; ');
  const records = [...new Set([plan.ref, before.plan, before.release])];
  const agreed = agreedEasing(input, plan, before);
  if (agreed) {
    c.good(
      `${named(plan)} is easier to pass than ${whose}: ${what}. ${agreed.ticket} allows that (${agreed.decision}).`,
      [...records, agreed.ticket, agreed.decision],
    );
    return;
  }
  c.wrong(
    `${named(plan)} is easier to pass than ${whose}: ${what}; no ticket that designated management approved allows that.`,
    records,
    {
      text: `Make ${plan.ref} as strict, or open a change ticket of kind plan that names it and have designated management approve it`,
      who: `owner or approver of ${system.ref}`,
      ref: plan.ref,
      action: 'revise',
    },
  );
}

const AGREED = ['approved', 'implemented', 'closed'];
const MANAGEMENT = [ROLES.designatedManagement, ROLES.topManagement];

/** The ticket under which the plan may be easier to pass, with the decision that counts; of the same plan one from before it was fixed then is spent. */
function agreedEasing(input: AroundSystem, plan: PlanRec, before: PlanBefore) {
  const since = before.plan === plan.ref ? Date.parse(before.fixedAt) : 0;
  for (const ticket of input.planTickets ?? []) {
    if (!AGREED.includes(ticket.state) || !linksOf(ticket, 'plan').includes(plan.ref)) continue;
    const by = weigh(input, ticket, 'approve', [String(ticket.values.owner)]).counted.find(
      (d) =>
        Date.parse(d.createdAt) >= since &&
        (mayBeAlone(input) ||
          MANAGEMENT.some((role) =>
            String(d.values.rolesHeld ?? '')
              .split(', ')
              .includes(role),
          )),
    );
    if (by) return { ticket: ticket.ref, decision: by.ref };
  }
  return undefined;
}

function checkFixedByAnother(c: Checking, input: AroundSystem, plan: PlanRec): void {
  const w = weigh(input, plan, 'approve');
  for (const r of notCounted(input, plan, w, 'fixed')) c.good(r.text, r.records);
  const by = w.counted[0];
  if (by) {
    c.good(`${saying(input, by, 'fixed')} ${named(plan)} at ${minuteOf(plan.fixedAt!)} (${by.ref}).`, [
      by.ref,
      plan.ref,
    ]);
    return;
  }
  c.unknown(`Nobody other than its author has fixed ${named(plan)} as it is now.`, [plan.ref], {
    text: `Have ${plan.ref} fixed by somebody other than its author`,
    who: `owner or approver of ${input.system.ref}`,
    ref: plan.ref,
    action: 'fix',
  });
}

function checkBeforeRuns(
  c: Checking,
  input: GateInput,
  policy: GatePolicy,
  plan: PlanRec,
  fixedAt: string,
): void {
  const weighed = weighRuns(input, policy).filter((w) => !w.foreign);
  const early = weighed.filter((w) => w.beforePlan).map((w) => w.run.ref);
  if (early.length === 0) return;
  const text = `${named(plan)} was fixed at ${minuteOf(fixedAt)}, after ${listed(early)} had started: a threshold chosen after the result counts for nothing.`;
  if (weighed.some((w) => w.counts)) c.good(`${text} Later runs are judged by it.`, [plan.ref, ...early]);
  else
    c.wrong(text, [plan.ref, ...early], {
      text: `Test ${input.release.ref} again, now that ${plan.ref} is fixed`,
      ref: input.release.ref,
    });
}
