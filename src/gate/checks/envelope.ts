import type { Rec } from '../../register/rec.ts';
import { linksOf } from '../../register/rec.ts';
import { notCounted, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { GateInput, Of } from '../neighbourhood.ts';
import type { RiskClass } from '../policy.ts';
import { dayOf, daysAfter, listed, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import { checkRefusals } from './people.ts';

/** Longest life of an envelope in days, from its approval. */
export const ENVELOPE_DAYS: Readonly<Record<RiskClass, number>> = { minimal: 90, limited: 90, high: 30 };

/** What the system says that makes it another use: then what was approved beforehand was approved for something else. */
const USE = ['purpose', 'audience', 'riskClass', 'inScope', 'isoRoles'] as const;
const USE_WORD: Readonly<Record<(typeof USE)[number], string>> = {
  purpose: 'intended purpose',
  audience: 'audience',
  riskClass: 'risk class',
  inScope: 'coverage by the management system',
  isoRoles: 'our role',
};

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
  const c = new Checking('change', 'Inside an approved envelope');
  const approval = checkInForce(c, input, change, riskClass);
  checkUse(c, input, change);
  checkDifference(c, input, change, riskClass);
  const verdict = c.done();
  if (verdict.status !== 'passed' || !approval) {
    c.good(
      `Outside the envelope ${change.ref} a release is approved like any other, by a ticket of its own.`,
      [change.ref],
    );
    return { change: c.done() };
  }
  const p = new Checking('people', 'Approved by the right people');
  checkRefusals(p, input);
  p.good(
    `Let through without approvals of its own: ${nameOf(input, textOf(approval, 'by'))} approved the envelope ${named(change)} on ${dayOf(approval.createdAt)} (${approval.ref}); it ends on ${String(change.values.endsOn)}.`,
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
      `${named(change)} is an envelope for ${listed(linksOf(change, 'systems'))}, not for ${system.ref}.`,
      [change.ref, system.ref],
    );
  const requester = textOf(change, 'owner');
  const w = weigh(input, change, 'approve', requester === undefined ? [] : [requester]);
  for (const r of notCounted(input, change, w)) c.good(r.text, r.records);
  const approval = w.counted[0];
  if (change.state !== 'approved' || !approval) {
    const why =
      change.state === 'approved'
        ? 'nobody other than its requester and authors has approved it as it is now'
        : `its state is ${change.state}`;
    c.unknown(`The envelope ${named(change)} is not in force: ${why}.`, [change.ref], {
      text: `Have ${change.ref} approved, or give ${input.release.ref} a ticket of its own`,
      who: `approver of ${system.ref} or designated management`,
      ref: change.ref,
      action: change.state === 'draft' ? 'submit' : 'approve',
    });
    return undefined;
  }
  const renew = {
    text: `Make a new envelope, or give ${input.release.ref} a ticket of its own`,
    ref: change.ref,
  };
  const ends = textOf(change, 'endsOn');
  const latest = daysAfter(approval.createdAt, ENVELOPE_DAYS[riskClass]);
  if (ends === undefined) c.unknown(`The envelope ${named(change)} has no end.`, [change.ref], renew);
  else if (ends <= dayOf(input.now))
    c.unknown(`The envelope ${named(change)} ended on ${ends}.`, [change.ref], renew);
  else if (ends > latest)
    c.unknown(
      `The envelope ${named(change)} ends on ${ends}; for risk class ${riskClass} it may last ${ENVELOPE_DAYS[riskClass]} days from its approval, until ${latest}.`,
      [change.ref],
      renew,
    );
  else if (approval)
    c.good(`The envelope ${named(change)} is in force until ${ends} (${approval.ref}).`, [
      change.ref,
      approval.ref,
    ]);
  checkPlan(c, input, change);
  return approval;
}

function checkPlan(c: Checking, input: GateInput, change: Of<'change'>): void {
  const plan = linksOf(change, 'plan')[0];
  if (plan === undefined)
    c.unknown(
      `The envelope ${named(change)} names no verification plan, and inside it only tests decide.`,
      [change.ref],
      {
        text: `Name the plan in ${change.ref} and have it approved again`,
        ref: change.ref,
        action: 'revise',
      },
    );
  else if (!linksOf(input.release, 'plan').includes(plan))
    c.wrong(
      `${input.release.ref} is tested by ${listed(linksOf(input.release, 'plan')) || 'no plan'}; the envelope ${change.ref} asks for ${plan}.`,
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
      `The ${USE_WORD[field]} of ${named(input.system)} is another than when the envelope ${change.ref} was approved.`,
      [input.system.ref, change.ref],
      ticket(input),
    );
  }
}

const ticket = (input: GateInput) => ({
  text: `Give ${input.release.ref} a change ticket of its own and have it approved`,
  ref: input.release.ref,
});

function checkDifference(c: Checking, input: GateInput, change: Of<'change'>, riskClass: RiskClass): void {
  const { inUse, release } = input;
  if (!inUse) {
    c.unknown(
      `No release of ${named(input.system)} was let through before: an envelope is for changes to what is in use.`,
      [input.system.ref, release.ref],
      ticket(input),
    );
    return;
  }
  if (inUse.allowance.values.subjectDigest !== inUse.digest) {
    c.wrong(
      `${named(inUse.release)} is no longer what the gate let through (${inUse.allowance.ref}): what ${release.ref} differs in cannot be told.`,
      [inUse.release.ref, inUse.allowance.ref],
      ticket(input),
    );
    return;
  }
  const allowed = (Array.isArray(change.values.envelopeKinds) ? change.values.envelopeKinds : []).map(String);
  const kinds = riskClass === 'high' ? allowed.filter((k) => k === 'prompt') : allowed;
  if (kinds.length < allowed.length)
    c.good(
      `For risk class high an envelope holds prompts only; ${listed(allowed.filter((k) => k !== 'prompt'))} of ${change.ref} do not count.`,
      [change.ref],
    );
  const wanted = linksOf(release, 'components');
  const now = input.components.filter((x) => wanted.includes(x.ref));
  const before = inUse.components;
  const added = now.filter((x) => !before.some((b) => b.ref === x.ref));
  const gone = before.filter((b) => !now.some((x) => x.ref === b.ref));
  for (const x of [...added, ...gone]) {
    const kind = textOf(x, 'kind') ?? 'component';
    const deed = added.includes(x) ? 'is new' : 'is left out';
    if (!kinds.includes(kind))
      c.wrong(
        `${named(x)} ${deed} since ${inUse.release.ref}; it is a ${kind}, and the envelope ${change.ref} allows ${listed(kinds) || 'nothing'}.`,
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
        `${named(x)} is a new ${kind}, not a further version of one in ${inUse.release.ref}: that is outside every envelope.`,
        [x.ref, inUse.release.ref],
        ticket(input),
      );
  }
  const changed = [...added, ...gone].map((x) => x.ref);
  c.good(
    changed.length === 0
      ? `${release.ref} consists of the same components as ${inUse.release.ref}.`
      : `Since ${named(inUse.release)}, let through by ${inUse.allowance.ref}: ${listed(changed)}.`,
    [inUse.release.ref, inUse.allowance.ref, ...changed],
  );
}
