import type { Rec } from '../../register/rec.ts';
import { linksOf } from '../../register/rec.ts';
import { weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { RiskClass } from '../policy.ts';
import { dayOf, daysAfter, goneAs, named, nameOf, numberOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import { isWithdrawn } from '../runs.ts';
import type { GateInput, Of } from '../surroundings.ts';
import { say } from '../words/clearance.ts';
import { title } from '../words/titles.ts';
import { role } from '../words/who.ts';

export const isClearance = (release: Of<'release'>): boolean => release.values.kind === 'useClearance';

/** Days within which a changed model is tested again; undefined: a note is enough. */
const RETEST_DAYS: Readonly<Record<RiskClass, number | undefined>> = {
  minimal: undefined,
  limited: 30,
  high: 5,
};

/** It says what is used for what, with which data, watched by whom, until when. */
export function checkUse(input: GateInput): GateCheck {
  const c = new Checking('use', title('use'));
  const { release } = input;
  const on = { ref: release.ref };
  if (release.state === 'draft')
    c.unknown(say('draft', { release: named(release) }), [release.ref], {
      ...say('submit', { release: release.ref }),
      action: 'submitUse',
      ...on,
    });
  else if (['refused', 'withdrawn', 'rolledBack'].includes(release.state))
    c.wrong(say('gone', { release: named(release), state: goneAs(release.state) }), [release.ref], {
      ...say('makeNew', { release: release.ref }),
      ...on,
    });
  for (const field of ['purpose', 'dataClasses'] as const)
    if (textOf(release, field) === undefined)
      c.unknown(say(`${field}Missing`, { release: named(release) }), [release.ref], {
        ...say(field === 'purpose' ? 'sayPurpose' : 'sayDataClasses', { release: release.ref }),
        ...on,
      });
  const overseer = textOf(release, 'overseer');
  if (overseer === undefined || input.people[overseer]?.state === 'departed')
    c.unknown(
      overseer === undefined
        ? say('namesNobody', { release: named(release) })
        : say('overseerLeft', { person: nameOf(input, overseer) }),
      [release.ref],
      { ...say('nameOverseer', { release: release.ref }), ...on },
    );
  else c.good(say('watches', { person: nameOf(input, overseer) }), [release.ref]);
  checkEnd(c, input);
  c.good(say('vendorRuns'), [release.ref]);
  return c.done();
}

function checkEnd(c: Checking, input: GateInput): void {
  const { release } = input;
  const until = textOf(release, 'useUntil');
  const latest = new Date(input.now);
  latest.setUTCFullYear(latest.getUTCFullYear() + 1);
  const most = latest.toISOString().slice(0, 10);
  const next = { ...say('giveEnd', { release: release.ref, most }), ref: release.ref };
  if (until === undefined) c.unknown(say('noEnd', { release: named(release) }), [release.ref], next);
  else if (until <= dayOf(input.now))
    c.wrong(say('ended', { release: named(release), until }), [release.ref], next);
  else if (until > most)
    c.wrong(say('endsTooLate', { release: named(release), until, most }), [release.ref], next);
  else c.good(say('ends', { release: named(release), until }), [release.ref]);
}

/** Whoever runs it was assessed, is approved as described now, and the next review is still to come. */
export function checkSupplier(input: GateInput): GateCheck {
  const c = new Checking('supplier', title('supplier'));
  const { release } = input;
  const wanted = linksOf(release, 'supplier');
  const supplier = input.suppliers.find((s) => wanted.includes(s.ref));
  if (!supplier) {
    c.unknown(say('noVendor', { release: named(release) }), [release.ref], {
      ...say('nameVendor', { release: release.ref }),
      ref: release.ref,
    });
    return c.done();
  }
  const owner = nameOf(input, textOf(supplier, 'owner'));
  if (supplier.state === 'ended')
    c.wrong(say('relationEnded', { supplier: named(supplier) }), [supplier.ref], {
      ...say('resume', { supplier: supplier.ref, release: release.ref }),
      who: owner,
      ref: supplier.ref,
      action: 'resume',
    });
  else {
    const by = weigh(input, supplier, 'approve').counted[0];
    if (supplier.state === 'approved' && by)
      c.good(
        say('approved', { by: nameOf(input, textOf(by, 'by')), supplier: named(supplier), decision: by.ref }),
        [supplier.ref, by.ref],
      );
    else
      c.unknown(say('notApproved', { supplier: named(supplier), state: supplier.state }), [supplier.ref], {
        ...say('assess', { supplier: supplier.ref }),
        who: role('managerOrManagement'),
        ref: supplier.ref,
        action: supplier.state === 'approved' ? 'reassess' : 'approve',
      });
    const next = textOf(supplier, 'nextReview');
    if (next === undefined || next < dayOf(input.now))
      c.unknown(
        next === undefined
          ? say('noDayOfReview', { supplier: named(supplier) })
          : say('reviewWasDue', { supplier: named(supplier), day: next }),
        [supplier.ref],
        {
          ...say('assessAgain', { supplier: supplier.ref }),
          who: owner,
          ref: supplier.ref,
          action: 'reassess',
        },
      );
    else
      c.good(
        say('assessed', { supplier: named(supplier), assessedOn: String(supplier.values.assessedOn), next }),
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
  const c = new Checking('vendorModel', title('vendorModel'));
  const { release, system } = input;
  const cleared = textOf(release, 'clearedModel');
  const served = textOf(system, 'servedModel');
  if (served === undefined || cleared === undefined) {
    const text =
      served === undefined
        ? say('servedUnknown', { system: system.ref })
        : say('clearedUnknown', { release: release.ref });
    if (riskClass === 'minimal') c.good(text, [system.ref, release.ref]);
    else
      c.unknown(text, [system.ref, release.ref], {
        ...(served === undefined
          ? say('recordServed', { system: system.ref })
          : say('sayCleared', { release: release.ref })),
        who: nameOf(input, textOf(system, 'owner')),
        ref: served === undefined ? system.ref : release.ref,
      });
    return c.done();
  }
  if (same(served, cleared)) {
    c.good(say('asCleared', { system: system.ref, served }), [system.ref, release.ref]);
    return c.done();
  }
  const since = input.servedSince ?? input.now;
  const text = say('changedModel', { served, cleared, day: dayOf(since) });
  const days = RETEST_DAYS[riskClass];
  if (days === undefined) {
    c.good(say('noteIsEnough', { changed: text }), [system.ref, release.ref]);
    return c.done();
  }
  const retest = retestSince(input, since);
  if (retest) {
    c.good(say('retested', { changed: text, run: named(retest) }), [system.ref, retest.ref]);
    return c.done();
  }
  const due = daysAfter(since, days);
  const next = {
    ...say('testAgain', { served, release: release.ref, due }),
    who: nameOf(input, textOf(system, 'owner')),
    ref: release.ref,
  };
  const isNew = !['allowed', 'shipped'].includes(release.state);
  if (due < dayOf(input.now))
    c.wrong(say('testOverdue', { changed: text, due }), [system.ref, release.ref], next);
  else if (riskClass === 'high' && isNew)
    c.wrong(say('noNewUse', { changed: text }), [system.ref, release.ref], next);
  else c.good(say('testDue', { changed: text, due }), [system.ref, release.ref]);
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
