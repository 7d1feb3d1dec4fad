import type { Urgency, WorkItem, WorkKind } from '../answers/work.ts';
import { drillsAsked } from '../gate/checks/rollback.ts';
import { isRiskClass, policyFor, policyFrom } from '../gate/policy.ts';
import { monthsBefore } from '../gate/reading.ts';
import { transitionLabel } from '../register/describe.ts';
import { asList, type Register, type Registry } from '../register/register.ts';
import { whoText } from '../register/who.ts';
import { renewing, type WorkOf } from '../store/authority/work.ts';
import * as cell from '../store/cells.ts';
import type { Row } from '../store/database.ts';
import { iso, type Stored } from '../store/records.ts';
import { tellUse } from './in-use.ts';

type Make = (registry: Registry, w: WorkOf, row: Row, criteria: Stored | undefined) => Partial<WorkItem>[];

/** What stands for a reason that was not read, because nobody is shown it. */
export const UNTOLD = '';

/** How a row of each source reads as work. */
const MAKERS: Record<WorkKind, Make> = {
  due: dueItem,
  decisions: decisionItem,
  standing: standingItem,
  acknowledgements: (registry, _, r) => [
    {
      ...waiting(r),
      why: `Published ${r.since ? `on ${day(r.since)}` : 'since'}; you have not acknowledged this edition.`,
      next: { label: labelOf(registry.get(cell.text(r.register)), 'acknowledge'), transition: 'acknowledge' },
    },
  ],
  intervals: intervalItems,
  appointments: (registry, _, r) => [
    {
      ...waiting(r),
      due: cell.textOrNull(r.starts),
      why: `Offered to you on ${day(r.since)}${r.starts ? `, from ${cell.text(r.starts)}` : ''}; it holds once you accept.`,
      next: { label: labelOf(registry.get(cell.text(r.register)), 'accept'), transition: 'accept' },
    },
  ],
  mentions: (_registry, _w, r) => [
    {
      ...waiting(r),
      why: `${cell.textOrNull(r.by_name) ?? cell.text(r.by)} mentions you in ${cell.text(r.comment)} of ${day(r.since)}, which is not settled.`,
      next: { label: `Answer or settle ${cell.text(r.comment)}` },
    },
  ],
  concerns: concernItem,
  incidents: incidentItem,
  emergencies: emergencyItem,
  inUse: (_registry, _w, r) => [
    {
      urgency: 'soon',
      why:
        r.reasons === null
          ? UNTOLD
          : `${tellUse(r).why} Put it right, roll it back, or ship what replaces it.`,
      next: { label: 'See its gate' },
    },
  ],
};

/** What a row of a source asks of the person. */
export function toItems(
  registry: Registry,
  w: WorkOf,
  kind: WorkKind,
  row: Row,
  criteria: Stored | undefined,
): WorkItem[] {
  return MAKERS[kind](registry, w, row, criteria).map((part) => {
    const due = part.due ?? null;
    return {
      kind,
      ref: cell.text(row.ref),
      register: cell.text(row.register),
      title: cell.text(row.title),
      state: cell.text(row.state),
      why: '',
      since: null,
      next: { label: 'Open' },
      ...part,
      due,
      urgency: part.urgency ?? urgencyOf(due, w.today),
    };
  });
}

const day = (v: unknown): string => iso(v).slice(0, 10);
const waiting = (r: Row): Partial<WorkItem> => ({ since: r.since ? iso(r.since) : null });
const labelOf = (register: Register, name: string): string =>
  transitionLabel(name, register.transitions[name]?.label);

/** Whole days from one calendar day to another. */
const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

function urgencyOf(due: string | null, today: string): Urgency {
  if (due === null) return 'waiting';
  const left = daysBetween(today, due);
  return left < 0 ? 'overdue' : left <= 7 ? 'soon' : 'later';
}

/** `3 days ago`, `today`, `in 12 days`. */
function whenText(due: string, today: string): string {
  const left = daysBetween(today, due);
  if (left === 0) return 'today';
  const n = Math.abs(left);
  const days = n === 1 ? 'one day' : `${n} days`;
  return left < 0 ? `${days} ago` : `in ${days}`;
}

function dueItem(registry: Registry, w: WorkOf, r: Row): Partial<WorkItem>[] {
  const register = registry.get(cell.text(r.register));
  const due = cell.text(r.due);
  const days = cell.orNull(cell.object)(r.days) ?? {};
  const field = Object.entries(register.fields).find(([name, f]) => f.due && days[name] === due)?.[1];
  const label = field?.label ?? 'Due';
  return [{ due, why: `${label} ${due}, ${whenText(due, w.today)}; you own it.` }];
}

function decisionItem(registry: Registry, _w: WorkOf, r: Row): Partial<WorkItem>[] {
  const register = registry.get(cell.text(r.register));
  const step = cell.text(r.step);
  return [
    {
      ...waiting(r),
      why: `Waits for a decision since ${day(r.since)}: ${labelOf(register, step).toLowerCase()}, or not.`,
      next: { label: labelOf(register, step), transition: step },
    },
  ];
}

function standingItem(registry: Registry, w: WorkOf, r: Row): Partial<WorkItem>[] {
  const register = registry.get(cell.text(r.register));
  const steps = cell.texts(r.steps);
  const state = cell.text(r.state);
  const ways = renewing(register, state);
  const step = steps[0];
  const next = step
    ? { label: labelOf(register, step), transition: step }
    : {
        label: ways[0]
          ? `Ask ${whoText(asList(ways[0][1].by), register.whoLabels)} to ${labelOf(register, ways[0][0]).toLowerCase()} it`
          : 'Open',
      };
  const ends = cell.textOrNull(r.ends);
  if (r.standing === 'current')
    return [
      { due: ends, why: `The decision it rests on ends on ${ends}, ${whenText(ends!, w.today)}.`, next },
    ];
  const why =
    r.standing === 'ended'
      ? 'The decision it rests on has ended; nothing has taken its place.'
      : `It changed since it was decided on, last on ${day(r.updated_at)} or in what it covers: the decision no longer counts.`;
  return [{ since: iso(r.updated_at), why, next }];
}

function intervalItems(
  _registry: Registry,
  w: WorkOf,
  r: Row,
  criteria: Stored | undefined,
): Partial<WorkItem>[] {
  if (!isRiskClass(r.risk_class)) return [];
  const own = criteria && policyFrom(criteria, r.risk_class);
  const policy = policyFor(criteria, r.risk_class);
  const source = own ? criteria.ref : 'The policy that comes with the product';
  const drills = cell.orNull(cell.byName(cell.text))(r.drills) ?? {};
  // Leave to use what a vendor runs depends on neither.
  const ours = r.vendor_run ? [] : drillsAsked(policy);
  const looks: [string, string | null, number, string][] = [
    ...ours.map(({ kind, months }): [string, string | null, number, string] => [
      `successful, verified ${kind} drill`,
      drills[kind] ?? null,
      months,
      'Hold a drill',
    ]),
    ['concluded risk assessment', cell.textOrNull(r.assessment), policy.riskMonths, 'Assess again'],
    ['complete test run', cell.textOrNull(r.test), r.vendor_run ? 0 : policy.riskMonths, 'Test again'],
  ];
  return looks.flatMap(([what, newest, months, label]): Partial<WorkItem>[] => {
    if (months === 0) return [];
    const demand = `${source} asks for one within ${months === 1 ? 'a month' : `${months} months`} where the risk class is ${String(r.risk_class)}`;
    if (newest === null) return [{ why: `It is in use and has no ${what}; ${demand}.`, next: { label } }];
    const held = newest.slice(0, 10);
    // The same months the other way: a drill of 31 August lasts to the last day of February.
    const until = monthsBefore(held, -months);
    if (until >= w.today && daysBetween(w.today, until) > w.ahead) return [];
    const words =
      until < w.today ? `was due ${whenText(until, w.today)}` : `is due ${whenText(until, w.today)}`;
    return [
      { due: until, why: `The newest ${what} is of ${held}; the next ${words}: ${demand}.`, next: { label } },
    ];
  });
}

function concernItem(registry: Registry, w: WorkOf, r: Row): Partial<WorkItem>[] {
  const register = registry.get(cell.text(r.register));
  const due = cell.textOrNull(r.due);
  const step = r.mine ? 'answer' : 'examine';
  const whose = r.mine ? 'You handle it' : 'Nobody handles it yet';
  return [
    {
      ...waiting(r),
      due,
      why: `Raised on ${day(r.since)}. ${whose}${due ? `; to be answered by ${due}, ${whenText(due, w.today)}` : ''}.`,
      next: { label: labelOf(register, step), transition: step },
    },
  ];
}

function incidentItem(registry: Registry, w: WorkOf, r: Row): Partial<WorkItem>[] {
  const register = registry.get(cell.text(r.register));
  const due = cell.textOrNull(r.due);
  const told = r.reportable
    ? `It must be reported${due ? ` by ${due}, ${whenText(due, w.today)}` : ''}, and no message about it is recorded as sent.`
    : '';
  const free = r.free ? 'Nobody handles it yet.' : '';
  return [
    {
      ...waiting(r),
      due: r.reportable ? due : null,
      why: [`Recorded on ${day(r.since)}.`, free, told].filter(Boolean).join(' '),
      next: r.free
        ? { label: labelOf(register, 'handle'), transition: 'handle' }
        : { label: 'Report it, and link the message' },
    },
  ];
}

function emergencyItem(_registry: Registry, _w: WorkOf, r: Row): Partial<WorkItem>[] {
  const until = String(r.until);
  const reviewed = r.reviewed
    ? 'That it was decided has been reviewed'
    : 'That it was decided is still to be reviewed';
  const end = `${until.slice(0, 16).replace('T', ' ')} UTC`;
  return [
    {
      due: day(until),
      // It holds for hours, not for days: overdue from the minute on.
      urgency: r.over ? 'overdue' : 'soon',
      why: r.over
        ? `It is in use for ${String(r.system)} by an emergency decision that ended on ${end}. ${reviewed}; its own approvals it never had.`
        : `It is in use for ${String(r.system)} by an emergency decision that ends on ${end}. ${reviewed}.`,
      next: { label: 'Roll it back, or ship a release that the gate lets through by a ticket of its own' },
    },
  ];
}
