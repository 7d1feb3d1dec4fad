import type { ReviewInput } from '../../answers/assure.ts';
import { registers } from '../../registers/index.ts';
import type { Period, Tally } from '../../store/assure/review-inputs.ts';

export interface Earlier {
  state: string;
  total: number;
  overdue: number;
  refs: string[];
}

export interface Risks {
  criteria: string | null;
  appetite: number | null;
  total: number;
  rated: number;
  above: number;
  aboveAccepted: number;
  accepted: number;
  stale: number;
}

interface Counted {
  tallies: readonly Tally[];
  earlier: readonly Earlier[];
  risks: Risks;
  period: Period;
  /** The review before. */
  previous: string | null;
}

/** An action in these states is over. */
const OVER = ['effective', 'dropped'];

/** The figures of a tally. */
type Figure = 'total' | 'fresh' | 'earlier' | 'changed' | 'overdue';

const sum = (all: readonly Tally[], what: Figure = 'total'): number => all.reduce((n, t) => n + t[what], 0);

const verb = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

/** `3 open, 1 closed`, in the order of the rows. */
function byName(all: readonly Tally[], name: (t: Tally) => string | null, what: Figure = 'total'): string {
  const found = new Map<string, number>();
  for (const t of all) {
    const key = name(t) ?? 'not said';
    found.set(key, (found.get(key) ?? 0) + t[what]);
  }
  return [...found]
    .filter(([, n]) => n > 0)
    .map(([key, n]) => `${n} ${key}`)
    .join(', ');
}

type Drawer = (
  c: Counted,
  of: (register: string, where?: (t: Tally) => boolean) => Tally[],
) => Omit<ReviewInput, 'input'>;

/** Nothing to count is never a good result: it says so, and somebody says why. */
const counted = (count: number, nothing: string, found: () => string): Omit<ReviewInput, 'input'> =>
  count === 0
    ? { found: `No data: ${nothing}`, count, missing: true }
    : { found: found(), count, missing: false };

/** ` in this period, 2 in the one before`: a trend needs both; without an earlier review there is none. */
const trend = (c: Counted, all: readonly Tally[]): string =>
  c.period.since === null
    ? ' so far (no review before, so no trend)'
    : ` since ${c.previous ?? c.period.since}${c.period.before === null ? '' : `, ${sum(all, 'earlier')} in as long a time before`}`;

/** The inputs that a review looks at (9.3.2), and those that it had better look at too, in the order they are shown. */
const INPUTS: Readonly<Record<string, Drawer>> = {
  'Actions of earlier reviews': (c) => {
    const total = c.earlier.reduce((n, e) => n + e.total, 0);
    return counted(total, 'no earlier review decided on an action that is linked to it.', () => {
      const open = c.earlier.filter((e) => !OVER.includes(e.state));
      const overdue = open.reduce((n, e) => n + e.overdue, 0);
      const states = c.earlier.map((e) => `${e.total} ${e.state}`).join(', ');
      const still = open
        .map(
          (e) =>
            `${e.state}: ${e.refs.join(', ')}${e.total > e.refs.length ? ` and ${e.total - e.refs.length} more` : ''}`,
        )
        .join('; ');
      return `Of ${verb(total, 'agreed action', 'actions')}: ${states}; ${overdue} overdue. ${still ? `Not over yet, ${still}.` : 'All are over.'}`;
    });
  },
  'External and internal issues': (c, of) =>
    changes(c, of(registers.contextIssue.name), 'context issue', 'context issues'),
  'Needs of interested parties': (c, of) =>
    changes(c, of(registers.interestedParty.name), 'interested party', 'interested parties'),
  'Nonconformities and corrective actions': (c, of) => {
    const all = of(registers.nonconformity.name);
    const corrective = of(registers.action.name, (t) => t.kind === 'corrective' || t.kind === 'preventive');
    return counted(sum(all), 'no nonconformity was ever recorded.', () => {
      const actions =
        corrective.length === 0
          ? 'No corrective or preventive action is recorded.'
          : `Of ${verb(sum(corrective), 'corrective or preventive action', 'corrective or preventive actions')}: ${byName(corrective, (t) => t.state)}; ${sum(corrective, 'overdue')} overdue.`;
      return `${sum(all, 'fresh')} found${trend(c, all)}. Of ${sum(all)} in all: ${byName(all, (t) => t.state)}. ${actions}`;
    });
  },
  'Monitoring and measurement': (_, of) => {
    const running = of(registers.monitor.name, (t) => t.state === 'running');
    const read = running.filter((t) => t.within !== null);
    return counted(
      sum(read),
      `none of ${verb(sum(running), 'running monitor', 'running monitors')} has a limit and a reading.`,
      () =>
        `Of ${verb(sum(running), 'running monitor', 'running monitors')}: ${sum(read.filter((t) => t.within === 'yes'))} within the limit, ${sum(read.filter((t) => t.within === 'no'))} outside, ${sum(running) - sum(read)} without limit or reading; ${sum(running, 'overdue')} overdue for review.`,
    );
  },
  Objectives: (_, of) => {
    const all = of(registers.objective.name, (t) => ['agreed', 'reached', 'missed'].includes(t.state));
    const read = all.filter((t) => t.within !== null || t.state !== 'agreed');
    const agreed = all.filter((t) => t.state === 'agreed');
    return counted(
      sum(read),
      `none of ${verb(sum(all), 'agreed objective', 'agreed objectives')} has a reading or a conclusion.`,
      () =>
        `Of ${verb(sum(all), 'agreed objective', 'agreed objectives')}: ${sum(agreed.filter((t) => t.within === 'yes'))} on target, ${sum(agreed.filter((t) => t.within === 'no'))} not, ${sum(agreed.filter((t) => t.within === null))} without reading, ${sum(all.filter((t) => t.state === 'reached'))} reached, ${sum(all.filter((t) => t.state === 'missed'))} missed; ${sum(all, 'overdue')} overdue.`,
    );
  },
  'Audit results': (c, of) => {
    const audits = of(registers.audit.name, (t) => t.kind !== 'programme');
    const over = audits.filter((t) => t.state === 'reported' || t.state === 'closed');
    const findings = of(registers.auditFinding.name);
    return counted(
      sum(over),
      `none of ${verb(sum(audits), 'audit', 'audits')} has a report.`,
      () =>
        `Of ${verb(sum(audits), 'audit', 'audits')}: ${byName(audits, (t) => t.state)}; ${sum(audits, 'overdue')} overdue. ${sum(findings, 'fresh')} findings${trend(c, findings)}. Of ${verb(sum(findings), 'finding', 'findings')} in all: ${byName(findings, (t) => t.kind) || 'none'}; ${sum(findings.filter((t) => t.state !== 'closed'))} not closed.`,
    );
  },
  'Opportunities for improvement': (_, of) => {
    const improvements = of(registers.action.name, (t) => t.kind === 'improvement');
    const findings = of(registers.auditFinding.name, (t) => t.kind === 'opportunity');
    const issues = of(registers.contextIssue.name, (t) => t.opportunity);
    const total = sum(improvements) + sum(findings) + sum(issues);
    return counted(
      total,
      'no improvement, no opportunity seen in an audit, no context issue that is one.',
      () =>
        `${verb(sum(improvements), 'improvement', 'improvements')}${improvements.length > 0 ? ` (${byName(improvements, (t) => t.state)})` : ''}, ${verb(sum(findings), 'opportunity', 'opportunities')} seen in audits, ${verb(sum(issues), 'context issue', 'context issues')} that are opportunities.`,
    );
  },
  Incidents: (c, of) => {
    const all = of(registers.incident.name);
    return counted(
      sum(all),
      'no incident was ever recorded.',
      () =>
        `${sum(all, 'fresh')} reported${trend(c, all)}. Of ${sum(all)} in all: ${byName(all, (t) => t.kind)}; ${sum(all.filter((t) => t.state !== 'closed'))} not closed.`,
    );
  },
  Concerns: (c, of) => {
    const all = of(registers.concern.name);
    return counted(
      sum(all),
      'no concern was ever raised.',
      () =>
        `${sum(all, 'fresh')} raised${trend(c, all)}. Of ${sum(all)} in all: ${byName(all, (t) => t.state)}.`,
    );
  },
  'Risks against the appetite': ({ risks: r }) =>
    r.appetite === null
      ? {
          found: 'No data: no criteria are in force, so there is no appetite.',
          count: r.total,
          missing: true,
        }
      : counted(
          r.rated,
          `none of ${verb(r.total, 'AI risk', 'AI risks')} that are not closed is rated.`,
          () =>
            `Of ${verb(r.rated, 'rated risk', 'rated risks')}: ${r.above} above the appetite of ${r.appetite} (${r.criteria}), ${r.aboveAccepted} of these accepted by a decision that still counts. ${r.total - r.rated} not rated.`,
        ),
  'Acceptances of risk': ({ risks: r }) =>
    counted(
      r.accepted,
      'no risk is accepted.',
      () =>
        `Of ${verb(r.accepted, 'acceptance', 'acceptances')}: ${r.stale} no longer count, because the end has come or something changed.`,
    ),
  'Releases at the gate': (c, of) => {
    const all = of(registers.gateDecision.name);
    return counted(
      sum(all),
      'the gate never decided on a release.',
      () =>
        `${sum(all, 'fresh')} decisions${trend(c, all)}${sum(all, 'fresh') > 0 ? `: ${byName(all, (t) => t.kind, 'fresh')}` : ''}. Of ${sum(all)} in all: ${byName(all, (t) => t.kind)}.`,
    );
  },
};

export const INPUT_NAMES: readonly string[] = Object.keys(INPUTS);

function changes(c: Counted, all: readonly Tally[], one: string, many: string): Omit<ReviewInput, 'input'> {
  return counted(
    sum(all),
    `no ${one} is recorded.`,
    () =>
      `Of ${verb(sum(all), one, many)}: ${sum(all, 'fresh')} new, ${sum(all, 'changed')} changed${c.period.since === null ? ' (no review before)' : ` since ${c.previous ?? c.period.since}`}; ${byName(all, (t) => t.state)}; ${sum(all, 'overdue')} overdue for review.`,
  );
}

/** The rows, in their order. */
export function inputsOf(c: Counted): ReviewInput[] {
  const of = (register: string, where: (t: Tally) => boolean = () => true) =>
    c.tallies.filter((t) => t.register === register && where(t));
  return Object.entries(INPUTS).map(([input, draw]) => {
    const row = draw(c, of);
    return { input, ...row, found: row.found.slice(0, 2000) };
  });
}
