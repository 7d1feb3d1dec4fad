import type { Rec } from '../../register/rec.ts';
import { linksOf } from '../../register/rec.ts';
import { weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { GateInput, Of } from '../neighbourhood.ts';
import type { RiskClass } from '../policy.ts';
import { dayOf, daysAfter, named, nameOf, numberOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import { isWithdrawn } from '../runs.ts';

export const isClearance = (release: Of<'release'>): boolean => release.values.kind === 'useClearance';

/** Days within which a changed model is tested again; undefined: a note is enough. */
const RETEST_DAYS: Readonly<Record<RiskClass, number | undefined>> = {
  minimal: undefined,
  limited: 30,
  high: 5,
};

/** It says what is used for what, with which data, watched by whom, until when. */
export function checkUse(input: GateInput): GateCheck {
  const c = new Checking('use', 'Use of a vendor’s AI is described, watched and ends');
  const { release } = input;
  const on = { ref: release.ref };
  if (release.state === 'draft')
    c.unknown(`${named(release)} is still a draft.`, [release.ref], {
      text: `Submit ${release.ref}`,
      action: 'submitUse',
      ...on,
    });
  else if (['refused', 'withdrawn', 'rolledBack'].includes(release.state))
    c.wrong(
      `${named(release)} was ${release.state === 'rolledBack' ? 'taken back' : release.state}.`,
      [release.ref],
      {
        text: `Make a new use clearance, or revise ${release.ref}`,
        ...on,
      },
    );
  for (const [field, what] of [
    ['purpose', 'what it is used for'],
    ['dataClasses', 'which data may be entered'],
  ] as const)
    if (textOf(release, field) === undefined)
      c.unknown(`${named(release)} does not say ${what}.`, [release.ref], {
        text: `Say in ${release.ref} ${what}`,
        ...on,
      });
  const overseer = textOf(release, 'overseer');
  if (overseer === undefined || input.people[overseer]?.state === 'departed')
    c.unknown(
      overseer === undefined
        ? `${named(release)} names nobody who watches its use.`
        : `${nameOf(input, overseer)}, who was to watch the use, has left.`,
      [release.ref],
      { text: `Name the overseer of ${release.ref}`, ...on },
    );
  else c.good(`${nameOf(input, overseer)} watches the use.`, [release.ref]);
  checkEnd(c, input);
  c.good(
    'The vendor runs it: we can end our use, by accounts and contracts, but we cannot stop or roll back the service itself.',
    [release.ref],
  );
  return c.done();
}

function checkEnd(c: Checking, input: GateInput): void {
  const { release } = input;
  const until = textOf(release, 'useUntil');
  const latest = new Date(input.now);
  latest.setUTCFullYear(latest.getUTCFullYear() + 1);
  const most = latest.toISOString().slice(0, 10);
  const next = { text: `Give ${release.ref} an end between tomorrow and ${most}`, ref: release.ref };
  if (until === undefined) c.unknown(`${named(release)} has no end.`, [release.ref], next);
  else if (until <= dayOf(input.now)) c.wrong(`${named(release)} ended on ${until}.`, [release.ref], next);
  else if (until > most)
    c.wrong(
      `${named(release)} would last until ${until}; 12 months, until ${most}, are the most.`,
      [release.ref],
      next,
    );
  else c.good(`${named(release)} ends on ${until}.`, [release.ref]);
}

/** Whoever runs it was assessed, is approved as described now, and the next review is still to come. */
export function checkSupplier(input: GateInput): GateCheck {
  const c = new Checking('supplier', 'Vendor (supplier) assessed and approved');
  const { release } = input;
  const wanted = linksOf(release, 'supplier');
  const supplier = input.suppliers.find((s) => wanted.includes(s.ref));
  if (!supplier) {
    c.unknown(`${named(release)} names no vendor.`, [release.ref], {
      text: `Name the vendor in ${release.ref}`,
      ref: release.ref,
    });
    return c.done();
  }
  const owner = nameOf(input, textOf(supplier, 'owner'));
  if (supplier.state === 'ended')
    c.wrong(`The relation with ${named(supplier)} has ended.`, [supplier.ref], {
      text: `Resume ${supplier.ref} and assess it, or withdraw ${release.ref}`,
      who: owner,
      ref: supplier.ref,
      action: 'resume',
    });
  else {
    const by = weigh(input, supplier, 'approve').counted[0];
    if (supplier.state === 'approved' && by)
      c.good(`${nameOf(input, textOf(by, 'by'))} approved ${named(supplier)} (${by.ref}).`, [
        supplier.ref,
        by.ref,
      ]);
    else
      c.unknown(
        `${named(supplier)} is not approved as it is described now; its state is ${supplier.state}.`,
        [supplier.ref],
        {
          text: `Assess ${supplier.ref} and have it approved by somebody other than its author`,
          who: 'AIMS manager or designated management',
          ref: supplier.ref,
          action: supplier.state === 'approved' ? 'reassess' : 'approve',
        },
      );
    const next = textOf(supplier, 'nextReview');
    if (next === undefined || next < dayOf(input.now))
      c.unknown(
        next === undefined
          ? `${named(supplier)} has no day of review.`
          : `The review of ${named(supplier)} was due on ${next}.`,
        [supplier.ref],
        { text: `Assess ${supplier.ref} again`, who: owner, ref: supplier.ref, action: 'reassess' },
      );
    else
      c.good(
        `${named(supplier)} was assessed on ${String(supplier.values.assessedOn)}; the next review is on ${next}.`,
        [supplier.ref],
      );
  }
  return c.done();
}

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

/**
 * The vendor's model is the one that was cleared. When it was changed: a note where the class is minimal; a test on the present model within 30 days
 * where it is limited; where it is high within 5 days, and no new use before.
 */
export function checkVendorModel(input: GateInput, riskClass: RiskClass): GateCheck {
  const c = new Checking('vendorModel', 'Vendor’s model as cleared, or tested again');
  const { release, system } = input;
  const cleared = textOf(release, 'clearedModel');
  const served = textOf(system, 'servedModel');
  if (served === undefined || cleared === undefined) {
    const what =
      served === undefined
        ? `which model ${system.ref} is served by`
        : `for which model ${release.ref} was asked`;
    const text = `It is not recorded ${what}: a change of the vendor’s model would not be seen.`;
    if (riskClass === 'minimal') c.good(text, [system.ref, release.ref]);
    else
      c.unknown(text, [system.ref, release.ref], {
        text:
          served === undefined
            ? `Record the model in service of ${system.ref}`
            : `Say in ${release.ref} which model is cleared`,
        who: nameOf(input, textOf(system, 'owner')),
        ref: served === undefined ? system.ref : release.ref,
      });
    return c.done();
  }
  if (same(served, cleared)) {
    c.good(`${system.ref} is served by ${served}, as cleared.`, [system.ref, release.ref]);
    return c.done();
  }
  const since = input.servedSince ?? input.now;
  const text = `The vendor changed the model: ${served} instead of ${cleared}, recorded on ${dayOf(since)}.`;
  const days = RETEST_DAYS[riskClass];
  if (days === undefined) {
    c.good(`${text} For risk class minimal this note is enough.`, [system.ref, release.ref]);
    return c.done();
  }
  const retest = retestSince(input, since);
  if (retest) {
    c.good(`${text} ${named(retest)} tested it since without a failure beyond the plan.`, [
      system.ref,
      retest.ref,
    ]);
    return c.done();
  }
  const due = daysAfter(since, days);
  const next = {
    text: `Test ${served} and add the result to ${release.ref}, by ${due}`,
    who: nameOf(input, textOf(system, 'owner')),
    ref: release.ref,
  };
  const isNew = !['allowed', 'shipped'].includes(release.state);
  if (due < dayOf(input.now))
    c.wrong(`${text} It was to be tested again by ${due}.`, [system.ref, release.ref], next);
  else if (riskClass === 'high' && isNew)
    c.wrong(
      `${text} For risk class high there is no new use before it was tested.`,
      [system.ref, release.ref],
      next,
    );
  else c.good(`${text} It is to be tested again by ${due}.`, [system.ref, release.ref]);
  return c.done();
}

/** A complete run since then whose share of failures keeps to the plan; without a plan none may fail. */
function retestSince(input: GateInput, since: string): Rec | undefined {
  const most = input.plan?.fixedAt === undefined ? 0 : (numberOf(input.plan, 'threshold') ?? 0);
  return input.runs.find((r) => {
    if (isWithdrawn(input, r)) return false;
    const failed = numberOf(r, 'fail') ?? 0;
    const judged = failed + (numberOf(r, 'pass') ?? 0);
    return (
      r.values.status === 'complete' &&
      Date.parse(textOf(r, 'startedAt') ?? '') >= Date.parse(since) &&
      judged > 0 &&
      failed * 100 <= most * judged
    );
  });
}
