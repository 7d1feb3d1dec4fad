import type { Rec } from '../../register/rec.ts';
import { linksOf } from '../../register/rec.ts';
import { isComparable, notCounted, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { RiskClass } from '../policy.ts';
import { dayOf, daysAfter, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import type { GateInput, Of } from '../surroundings.ts';
import { say } from '../words/envelope.ts';
import { title } from '../words/titles.ts';
import { role } from '../words/who.ts';
import { checkRefusals } from './people.ts';

/** Longest life of an envelope in days, from its approval. */
export const ENVELOPE_DAYS: Readonly<Record<RiskClass, number>> = { minimal: 90, limited: 90, high: 30 };

/** What the system says that makes it another use: then what was approved beforehand was approved for something else. */
const USE = ['purpose', 'audience', 'riskClass', 'inScope', 'isoRoles'] as const;

/** The ticket of a release is an envelope: approved beforehand for changes of some kinds. */
export const isEnvelope = (change: Of<'change'> | undefined): change is Of<'change'> =>
  change?.values.kind === 'envelope';

/** The two checks that an envelope answers: its own, and that of the people, who agreed with it. */
export interface EnvelopeChecks {
  readonly change: GateCheck;
  /** Undefined when the release is outside: then people approve it as any other. */
  readonly people?: GateCheck;
}

/**
 * A release inside its envelope needs no approval of its own; only tests decide. Inside is what differs from the release in use in nothing but
 * components of the kinds allowed: prompts old or new, and further versions of what is in use already.
 */
export function checkEnvelope(input: GateInput, change: Of<'change'>, riskClass: RiskClass): EnvelopeChecks {
  const c = new Checking('change', title('envelope'));
  const approval = checkInForce(c, input, change, riskClass);
  checkUse(c, input, change);
  checkDifference(c, input, change, riskClass);
  const verdict = c.done();
  if (verdict.status !== 'passed' || !approval) {
    c.good(say('outside', { change: change.ref }), [change.ref]);
    return { change: c.done() };
  }
  const p = new Checking('people', title('people'));
  checkRefusals(p, input);
  p.good(
    say('without', {
      by: nameOf(input, textOf(approval, 'by')),
      change: named(change),
      day: dayOf(approval.createdAt),
      decision: approval.ref,
      ends: String(change.values.endsOn),
    }),
    [change.ref, approval.ref],
  );
  return { change: verdict, people: p.done() };
}

/** Approved as it is now by another than its requester, and not over. Gives the approval. */
function checkInForce(
  c: Checking,
  input: GateInput,
  change: Of<'change'>,
  riskClass: RiskClass,
): Rec | undefined {
  const { system } = input;
  if (!linksOf(change, 'systems').includes(system.ref))
    c.wrong(
      say('otherSystem', { change: named(change), systems: linksOf(change, 'systems'), system: system.ref }),
      [change.ref, system.ref],
    );
  const requester = textOf(change, 'owner');
  const w = weigh(input, change, 'approve', requester === undefined ? [] : [requester]);
  for (const r of notCounted(input, change, w)) c.good(r, r.records);
  const approval = w.counted[0];
  if (change.state !== 'approved' || !approval) {
    c.unknown(
      change.state === 'approved'
        ? say('notInForceAsItIs', { change: named(change) })
        : say('notInForce', { change: named(change), state: change.state }),
      [change.ref],
      {
        ...say('haveApproved', { change: change.ref, release: input.release.ref }),
        who: role('approverOrManagement', { system: system.ref }),
        ref: change.ref,
        action: change.state === 'draft' ? 'submit' : 'approve',
      },
    );
    return undefined;
  }
  const renew = {
    ...say('makeNew', { release: input.release.ref }),
    ref: change.ref,
  };
  const ends = textOf(change, 'endsOn');
  const latest = daysAfter(approval.createdAt, ENVELOPE_DAYS[riskClass]);
  if (ends === undefined) c.unknown(say('noEnd', { change: named(change) }), [change.ref], renew);
  else if (ends <= dayOf(input.now))
    c.unknown(say('ended', { change: named(change), ends }), [change.ref], renew);
  else if (ends > latest)
    c.unknown(
      say('tooLong', { change: named(change), ends, riskClass, days: ENVELOPE_DAYS[riskClass], latest }),
      [change.ref],
      renew,
    );
  else if (approval)
    c.good(say('inForce', { change: named(change), ends, decision: approval.ref }), [
      change.ref,
      approval.ref,
    ]);
  checkPlan(c, input, change);
  return approval;
}

function checkPlan(c: Checking, input: GateInput, change: Of<'change'>): void {
  const plan = linksOf(change, 'plan')[0];
  if (plan === undefined)
    c.unknown(say('noPlan', { change: named(change) }), [change.ref], {
      ...say('namePlan', { change: change.ref }),
      ref: change.ref,
      action: 'revise',
    });
  else if (!linksOf(input.release, 'plan').includes(plan))
    c.wrong(
      linksOf(input.release, 'plan').length > 0
        ? say('testedByOther', {
            release: input.release.ref,
            plans: linksOf(input.release, 'plan'),
            change: change.ref,
            plan,
          })
        : say('testedByNoPlan', { release: input.release.ref, change: change.ref, plan }),
      [input.release.ref, change.ref, plan],
    );
}

/** A new purpose or audience is outside: the envelope was approved for another use. */
function checkUse(c: Checking, input: GateInput, change: Of<'change'>): void {
  const then = input.systemThen;
  if (then === undefined) return;
  for (const field of USE) {
    if (JSON.stringify(then[field] ?? null) === JSON.stringify(input.system.values[field] ?? null)) continue;
    c.wrong(
      say('otherUse', {
        field: field === 'isoRoles' ? 'other' : field,
        system: named(input.system),
        change: change.ref,
      }),
      [input.system.ref, change.ref],
      ticket(input),
    );
  }
}

const ticket = (input: GateInput) => ({
  ...say('giveTicket', { release: input.release.ref }),
  ref: input.release.ref,
});

function checkDifference(c: Checking, input: GateInput, change: Of<'change'>, riskClass: RiskClass): void {
  const { inUse, release } = input;
  if (!inUse) {
    c.unknown(
      say('noneBefore', { system: named(input.system) }),
      [input.system.ref, release.ref],
      ticket(input),
    );
    return;
  }
  if (inUse.allowance.values.subjectDigest !== inUse.digest) {
    if (!isComparable(input, inUse.release)) {
      c.unknown(say('incomparable', { inUse: named(inUse.release), allowance: inUse.allowance.ref }), [
        inUse.release.ref,
        inUse.allowance.ref,
      ]);
      return;
    }
    c.wrong(
      say('changedSince', {
        inUse: named(inUse.release),
        allowance: inUse.allowance.ref,
        release: release.ref,
      }),
      [inUse.release.ref, inUse.allowance.ref],
      ticket(input),
    );
    return;
  }
  const allowed = (Array.isArray(change.values.envelopeKinds) ? change.values.envelopeKinds : []).map(String);
  const kinds = riskClass === 'high' ? allowed.filter((k) => k === 'prompt') : allowed;
  if (kinds.length < allowed.length)
    c.good(say('promptsOnly', { kinds: allowed.filter((k) => k !== 'prompt'), change: change.ref }), [
      change.ref,
    ]);
  const wanted = linksOf(release, 'components');
  const now = input.components.filter((x) => wanted.includes(x.ref));
  const before = inUse.components;
  const added = now.filter((x) => !before.some((b) => b.ref === x.ref));
  const gone = before.filter((b) => !now.some((x) => x.ref === b.ref));
  for (const x of [...added, ...gone]) {
    const kind = textOf(x, 'kind') ?? 'component';
    const deed = added.includes(x) ? 'new' : 'other';
    if (!kinds.includes(kind))
      c.wrong(
        say('kindNotAllowed', {
          component: named(x),
          deed,
          inUse: inUse.release.ref,
          kind,
          change: change.ref,
          number: kinds.length,
          kinds,
        }),
        [x.ref, inUse.release.ref, change.ref],
        ticket(input),
      );
  }
  for (const x of added) {
    const kind = textOf(x, 'kind') ?? 'component';
    if (!kinds.includes(kind) || kind === 'prompt') continue;
    const from = before.find((b) => linksOf(x, 'derivedFrom').includes(b.ref) && b.values.kind === kind);
    if (!from)
      c.wrong(
        say('newOfKind', { component: named(x), kind, inUse: inUse.release.ref }),
        [x.ref, inUse.release.ref],
        ticket(input),
      );
  }
  const changed = [...added, ...gone].map((x) => x.ref);
  c.good(
    changed.length === 0
      ? say('sameComponents', { release: release.ref, inUse: inUse.release.ref })
      : say('differs', { inUse: named(inUse.release), allowance: inUse.allowance.ref, changed }),
    [inUse.release.ref, inUse.allowance.ref, ...changed],
  );
}
