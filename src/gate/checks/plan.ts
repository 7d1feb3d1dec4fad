import type { Listing } from '../../base/sentence.ts';
import type { PlanBefore } from '../../facts/uses.ts';
import { linksOf } from '../../register/rec.ts';
import { ROLES } from '../../register/who.ts';
import { isComparable, mayBeAlone, notCounted, saying, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import { aboveCeiling, loosenedPlan } from '../plan-strictness.ts';
import type { GatePolicy } from '../policy.ts';
import { minuteOf, named, short } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import { weighRuns } from '../runs.ts';
import type { AroundSystem, GateInput, PlanRec } from '../surroundings.ts';
import { say } from '../words/plan.ts';
import { title } from '../words/titles.ts';
import { role } from '../words/who.ts';

/** The plan was fixed before the first run it judges, by somebody other than its author, and has not changed since. */
export function checkPlan(input: GateInput, policy: GatePolicy): GateCheck {
  const c = new Checking('plan', title('plan'));
  const { plan, release } = input;
  if (!plan || !linksOf(release, 'plan').includes(plan.ref)) {
    if (policy.tests === 'smoke' && !plan) c.good(say('notAsked'), [release.ref]);
    else c.unknown(say('none', { release: named(release) }), [release.ref], planWanted(release.ref));
    return c.done();
  }
  if (checkFixedPlan(c, input, policy, plan) && plan.fixedAt !== undefined)
    checkBeforeRuns(c, input, policy, plan, plan.fixedAt);
  return c.done();
}

/** The plan by itself, before any run. Answers whether it is fixed: only then is it known what it asks. */
export function checkFixedPlan(c: Checking, input: AroundSystem, policy: GatePolicy, plan: PlanRec): boolean {
  if (!linksOf(plan, 'system').includes(input.system.ref))
    c.wrong(say('otherSystem', { plan: named(plan), system: input.system.ref }), [
      plan.ref,
      input.system.ref,
    ]);
  if (plan.state !== 'fixed' || plan.fixedAt === undefined) {
    c.unknown(say('notFixed', { plan: named(plan), state: plan.state }), [plan.ref], {
      ...say('haveFixed', { plan: plan.ref }),
      who: role('ownerOrApprover', { system: input.system.ref }),
      ref: plan.ref,
      action: 'fix',
    });
    return false;
  }
  checkUnchanged(c, input, plan);
  for (const above of aboveCeiling(plan, policy))
    c.wrong(
      say('aboveCeiling', { plan: named(plan), what: above }),
      [plan.ref, ...(input.criteria ? [input.criteria.ref] : [])],
      {
        ...say('makeStricter', { plan: plan.ref }),
        who: role('ownerOrApprover', { system: input.system.ref }),
        ref: plan.ref,
        action: 'revise',
      },
    );
  for (const before of input.plansBefore ?? []) checkNotEased(c, input, plan, before);
  checkFixedByAnother(c, input, plan);
  return true;
}

const planWanted = (release: string) => ({
  ...say('write', { release }),
  ref: release,
});

function checkUnchanged(c: Checking, input: AroundSystem, plan: PlanRec): void {
  const present = input.digests[plan.ref];
  if (plan.erased && plan.erased.length > 0) {
    c.unknown(
      say('erasedSince', { plan: named(plan), erased: { join: 'comma', items: plan.erased } }),
      [plan.ref],
      { ...say('fixAgain', { plan: plan.ref }), ref: plan.ref },
    );
    return;
  }
  if (plan.planDigest === present && present !== undefined) return;
  if (plan.planDigest === undefined || present === undefined || !isComparable(input, plan))
    c.unknown(say('notKnown', { plan: named(plan) }), [plan.ref]);
  else
    c.wrong(
      say('changedSince', { plan: named(plan), was: short(plan.planDigest), is: short(present) }),
      [plan.ref],
      {
        ...say('fixAgain', { plan: plan.ref }),
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
  const whose =
    before.system === system.ref
      ? say('before', { plan: before.plan, release: before.release })
      : say('beforeElsewhere', { plan: before.plan, release: before.release, system: before.system });
  const looser = before.says ? loosenedPlan({ values: before.says }, plan) : [say('erased')];
  if (looser.length === 0) return;
  const what: Listing = { join: 'semicolon', items: looser };
  const records = [...new Set([plan.ref, before.plan, before.release])];
  const agreed = agreedEasing(input, plan, before);
  if (agreed) {
    c.good(
      say('easedByTicket', {
        plan: named(plan),
        before: whose,
        what,
        ticket: agreed.ticket,
        decision: agreed.decision,
      }),
      [...records, agreed.ticket, agreed.decision],
    );
    return;
  }
  c.wrong(say('eased', { plan: named(plan), before: whose, what }), records, {
    ...say('makeAsStrict', { plan: plan.ref }),
    who: role('ownerOrApprover', { system: system.ref }),
    ref: plan.ref,
    action: 'revise',
  });
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
  for (const r of notCounted(input, plan, w, 'fixed')) c.good(r, r.records);
  const by = w.counted[0];
  if (by) {
    c.good(
      say('fixed', {
        saying: saying(input, by, 'fixed'),
        plan: named(plan),
        minute: minuteOf(plan.fixedAt!),
        decision: by.ref,
      }),
      [by.ref, plan.ref],
    );
    return;
  }
  c.unknown(say('notFixedByAnother', { plan: named(plan) }), [plan.ref], {
    ...say('haveFixed', { plan: plan.ref }),
    who: role('ownerOrApprover', { system: input.system.ref }),
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
  const after = { plan: named(plan), minute: minuteOf(fixedAt), runs: early };
  if (weighed.some((w) => w.counts)) c.good(say('fixedAfterEarlierRuns', after), [plan.ref, ...early]);
  else
    c.wrong(say('fixedAfterRuns', after), [plan.ref, ...early], {
      ...say('testAgain', { release: input.release.ref, plan: plan.ref }),
      ref: input.release.ref,
    });
}
