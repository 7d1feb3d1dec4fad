import type { Sentence } from '../../base/sentence.ts';
import type { EmergencyUse } from '../../facts/uses.ts';
import type { Rec } from '../../register/rec.ts';
import { linksOf } from '../../register/rec.ts';
import { isComparable, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import { dayOf, minuteOf, named, nameOf, short, textOf } from '../reading.ts';
import type { GateCheck, Step } from '../result.ts';
import type { AroundSystem, GateInput, Of } from '../surroundings.ts';
import { say } from '../words/emergency.ts';
import { title } from '../words/titles.ts';
import { role } from '../words/who.ts';
import { checkRefusals } from './people.ts';

/** An emergency holds so long from the moment one person decided. */
export const EMERGENCY_HOURS = 72;
/** Working days within which somebody else reviews it. */
export const REVIEW_DAYS = 5;

/** The ticket of a release is one of an emergency, for a release named by its digest. */
export const isEmergency = (change: Of<'change'> | undefined): change is Of<'change'> =>
  change?.values.kind === 'emergency' && textOf(change, 'releaseDigest') !== undefined;

/** The last day for the review: so many working days, Monday to Friday in UTC, after the decision. */
export function reviewBy(decidedAt: string): string {
  const d = new Date(decidedAt);
  for (let left = REVIEW_DAYS; left > 0; ) {
    d.setUTCDate(d.getUTCDate() + 1);
    if (d.getUTCDay() !== 0 && d.getUTCDay() !== 6) left -= 1;
  }
  return d.toISOString().slice(0, 10);
}

/** Until when an emergency decision lets something be in use, RFC 3339. */
export const emergencyEnd = (decidedAt: string): string =>
  new Date(Date.parse(decidedAt) + EMERGENCY_HOURS * 3_600_000).toISOString();

/** The decision of whoever was on call, on the ticket as it is now. */
export function emergencyDecision(input: GateInput, change: Of<'change'>): Rec | undefined {
  const requester = textOf(change, 'owner');
  return weigh(input, change, 'approve', requester === undefined ? [] : [requester]).counted[0];
}

/** One person on call decided, with a reason, for an incident, on exactly this digest, with a way back, less than 72 hours ago. */
export function checkEmergency(input: GateInput, change: Of<'change'>): GateCheck {
  const c = new Checking('emergency', title('emergency'));
  const { release, system } = input;
  checkRefusals(c, input);
  if (!linksOf(change, 'systems').includes(system.ref))
    c.wrong(say('otherSystem', { change: named(change), system: system.ref }), [change.ref, system.ref]);
  const exactly = change.values.releaseDigest === input.releaseDigest;
  if (!exactly && !isComparable(input, release))
    c.unknown(say('incomparable', { change: named(change), release: release.ref }), [
      change.ref,
      release.ref,
    ]);
  else if (!exactly)
    c.wrong(
      say('otherContent', {
        change: named(change),
        named: short(textOf(change, 'releaseDigest')),
        release: release.ref,
        digest: short(input.releaseDigest),
      }),
      [change.ref, release.ref],
      {
        ...say('reviseDigest', { change: change.ref, release: release.ref }),
        ref: change.ref,
        action: 'revise',
      },
    );
  if (!input.incident)
    c.unknown(say('noIncident', { change: named(change) }), [change.ref], {
      ...say('recordIncident', { change: change.ref }),
      ref: change.ref,
    });
  else
    c.good(say('forIncident', { change: named(change), incident: named(input.incident) }), [
      change.ref,
      input.incident.ref,
    ]);
  const back = textOf(change, 'rollback');
  if (back === undefined)
    c.unknown(say('noWayBack', { change: named(change) }), [change.ref], {
      ...say('sayHow', { change: change.ref }),
      ref: change.ref,
    });
  else c.good(say('wayBack', { how: back }), [change.ref]);
  checkDecision(c, input, change);
  return c.done();
}

function checkDecision(c: Checking, input: GateInput, change: Of<'change'>): void {
  const by = emergencyDecision(input, change);
  if (!['approved', 'implemented'].includes(change.state) || !by) {
    c.unknown(say('notApproved', { change: named(change), state: change.state }), [change.ref], {
      ...say('haveApproved', { change: change.ref }),
      who: role('onCall'),
      ref: change.ref,
      action: change.state === 'draft' ? 'submit' : 'approveEmergency',
    });
    return;
  }
  const end = emergencyEnd(by.createdAt);
  if (Date.parse(input.now) >= Date.parse(end))
    c.wrong(
      say('over', {
        by: nameOf(input, textOf(by, 'by')),
        at: minuteOf(by.createdAt),
        decision: by.ref,
        hours: EMERGENCY_HOURS,
        end: minuteOf(end),
      }),
      [change.ref, by.ref],
      {
        ...say('takeBackOrGate', { release: input.release.ref }),
        ref: input.release.ref,
      },
    );
  else
    c.good(
      say('decided', {
        by: nameOf(input, textOf(by, 'by')),
        at: minuteOf(by.createdAt),
        decision: by.ref,
        end: minuteOf(end),
        reviewBy: reviewBy(by.createdAt),
      }),
      [change.ref, by.ref],
    );
}

/** Earlier emergencies of the system, as they hold up the release. */
export function checkReviews(input: GateInput): GateCheck {
  const c = new Checking('reviews', title('reviews'));
  checkReviewed(c, input);
  checkEmergencyUse(c, input);
  return c.done();
}

/** Emergencies of the system whose day of review has passed hold up every further release. */
export function checkReviewed(c: Checking, input: AroundSystem): void {
  const { system } = input;
  const today = dayOf(input.now);
  const open = input.emergencies.filter((e) => linksOf(e, 'systems').includes(system.ref));
  for (const e of open) {
    const decidedAt = newestApproval(input, e);
    if (decidedAt === undefined) continue;
    const due = reviewBy(decidedAt);
    const next = {
      ...say('review', { change: e.ref }),
      who: role('otherThanDecided'),
      ref: e.ref,
      action: 'review',
    };
    if (due < today) c.wrong(say('reviewOverdue', { change: named(e), day: due }), [e.ref, system.ref], next);
    else c.good(say('reviewDue', { change: named(e), day: due }), [e.ref]);
  }
  if (open.length === 0) c.good(say('noneWaits', { system: named(system) }), [system.ref]);
  else
    c.good(
      say('waiting', { number: open.length }),
      open.map((e) => e.ref),
    );
}

/** When the emergency was approved, whatever became of the ticket's wording since. */
function newestApproval(input: AroundSystem, change: Of<'change'>): string | undefined {
  return input.decisions
    .filter((d) => d.values.subject === change.ref && d.values.kind === 'approve')
    .map((d) => d.createdAt)
    .sort()
    .at(-1);
}

/**
 * A release that is in use beyond its hours is told at every release of its system, and holds up the next emergency: otherwise one emergency after
 * the other would do without approvals for good. It cannot hold up what goes the usual way, because that is how it is replaced.
 */
function checkEmergencyUse(c: Checking, input: GateInput): void {
  const { release } = input;
  for (const e of input.emergencyUse ?? []) {
    if (e.release === release.ref || !isOver(input, e)) continue;
    const text = stillInUse(e);
    if (isEmergency(input.change) && linksOf(release, 'change').includes(input.change.ref))
      c.wrong(text, [e.release], takeBack(e));
    else c.good(say('toBeTakenBack', { use: text }), [e.release]);
  }
}

const isOver = (input: AroundSystem, e: EmergencyUse): boolean =>
  Date.parse(e.until) <= Date.parse(input.now);

const stillInUse = (e: EmergencyUse): Sentence =>
  say('stillInUse', { release: e.release, title: e.title, until: e.until });

const takeBack = (e: EmergencyUse): Step => ({
  ...say('takeBack', { release: e.release }),
  ref: e.release,
  action: 'rollBack',
});

/** One release that is in use by an emergency decision alone, asked by itself: it may be within its hours only. */
export function checkUseByEmergency(c: Checking, input: AroundSystem, e: EmergencyUse): void {
  if (isOver(input, e)) c.wrong(stillInUse(e), [e.release], takeBack(e));
  else c.good(say('inUse', { release: e.release, title: e.title, until: e.until }), [e.release]);
}
