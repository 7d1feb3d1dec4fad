import type { Sentence } from '../base/sentence.ts';
import type { Rec } from '../register/rec.ts';
import { linksOf, rowsOf } from '../register/rec.ts';
import { type GatePolicy, trustRank } from './policy.ts';
import { numberOf, short, textOf } from './reading.ts';
import type { GateInput, Of } from './surroundings.ts';
import { say } from './words/runs.ts';

/** What runs are weighed by: the release, and what was handed in for it. */
export type RunInput = Pick<GateInput, 'now' | 'release' | 'releaseDigest' | 'plan' | 'runs' | 'evidence'>;

/** A test run and whether it may speak for the release. */
export interface WeighedRun {
  readonly run: Of<'testRun'>;
  /** Whether its passed cases count. Its failed cases always do, unless it is foreign. */
  readonly counts: boolean;
  /** Why it does not count, as the rest of a sentence that begins with the run. */
  readonly why?: Sentence;
  /** The reason is a contradiction, not a gap. */
  readonly wrong: boolean;
  /** It started before the plan was fixed: no threshold was chosen yet that could excuse a failure. */
  readonly beforePlan: boolean;
  /** By its own words it tested something else: it speaks neither for this content nor against it. */
  readonly foreign: boolean;
}

/** Clocks of test machines may be ahead of ours by so much. */
const SKEW_MS = 5 * 60_000;

const received = (run: Of<'testRun'>): string => textOf(run, 'receivedAt') ?? run.createdAt;

/** Runs in the order they were received. */
function inOrder(runs: readonly Of<'testRun'>[]): Of<'testRun'>[] {
  return [...runs].sort(
    (a, b) => Date.parse(received(a)) - Date.parse(received(b)) || (a.ref < b.ref ? -1 : 1),
  );
}

const onThisRelease = (input: RunInput, run: Of<'testRun'>): boolean =>
  run.values.subjectDigest === input.releaseDigest;

/** The run, or the result file behind it, was withdrawn. */
export function isWithdrawn(input: Pick<RunInput, 'evidence'>, run: Of<'testRun'>): boolean {
  return run.state === 'withdrawn' || fileOf(input, run)?.state === 'withdrawn';
}

/** The result file that a run was counted from. */
export const fileOf = (input: Pick<RunInput, 'evidence'>, run: Of<'testRun'>): Of<'evidence'> | undefined =>
  input.evidence.find((e) => linksOf(run, 'evidence').includes(e.ref));

/** A run on the present content that was withdrawn. */
export interface WithdrawnRun {
  readonly run: Of<'testRun'>;
  /** RFC 3339. */
  readonly at: string;
  readonly by: string;
  /** Why it never spoke about this content: then nothing is missing without it. */
  readonly foreign?: Sentence;
}

/** Runs on the present content that were withdrawn: they count for nothing, and are told all the same. */
export function withdrawnRuns(input: RunInput): WithdrawnRun[] {
  const ordered = inOrder(input.runs);
  return ordered
    .filter((r) => onThisRelease(input, r) && isWithdrawn(input, r))
    .map((run) => {
      const file = fileOf(input, run);
      const last = file?.state === 'withdrawn' ? file : run;
      const foreign = elsewhere(input, ordered, run)?.why;
      return { run, at: last.updatedAt, by: last.updatedBy, ...(foreign ? { foreign } : {}) };
    });
}

/** Runs linked to the release that were made on other content: they speak neither for it nor against it. */
export function runsOnOtherContent(input: GateInput): Of<'testRun'>[] {
  return inOrder(input.runs).filter((r) => !onThisRelease(input, r));
}

/** Every run on exactly the present content of the release, weighed; withdrawn ones count for nothing and are not among them. */
export function weighRuns(input: RunInput, policy: GatePolicy): WeighedRun[] {
  const ordered = inOrder(input.runs);
  return ordered
    .filter((r) => onThisRelease(input, r) && !isWithdrawn(input, r))
    .map((run) => {
      const beforePlan = startedBeforePlan(input, run);
      const base = { run, counts: false, beforePlan, foreign: false };
      const obstacle =
        elsewhere(input, ordered, run) ?? contradiction(input, ordered, run) ?? gap(input, policy, run);
      if (obstacle) return { ...base, ...obstacle };
      if (beforePlan) return { ...base, wrong: true, why: say('beforePlan') };
      return { ...base, counts: true, wrong: false };
    });
}

function startedBeforePlan(input: RunInput, run: Of<'testRun'>): boolean {
  const fixedAt = input.plan?.fixedAt;
  const startedAt = textOf(run, 'startedAt');
  return fixedAt !== undefined && startedAt !== undefined && Date.parse(startedAt) <= Date.parse(fixedAt);
}

type Obstacle = { why: Sentence; wrong: boolean; foreign?: boolean };

/** The same tool run that was handed in earlier, under another number. */
function earlier(ordered: readonly Of<'testRun'>[], run: Of<'testRun'>): Rec | undefined {
  const id = textOf(run, 'toolRunId');
  const first = ordered.find(
    (r) => id !== undefined && textOf(r, 'toolRunId') === id && r.values.tool === run.values.tool,
  );
  return first && first.ref !== run.ref ? first : undefined;
}

/**
 * Replayed from other content, or on another version by the file's own words. Withdrawn runs are asked too: otherwise withdrawing one would let the
 * same result speak for content that it never saw.
 */
function elsewhere(
  input: RunInput,
  ordered: readonly Of<'testRun'>[],
  run: Of<'testRun'>,
): Obstacle | undefined {
  const first = earlier(ordered, run);
  if (first && first.values.subjectDigest !== run.values.subjectDigest)
    return {
      wrong: true,
      foreign: true,
      why: say('replayed', {
        toolRun: textOf(run, 'toolRunId')!,
        run: first.ref,
        digest: short(textOf(first, 'subjectDigest')),
      }),
    };
  const version = textOf(run, 'subjectVersion');
  const released = textOf(input.release, 'releaseVersion');
  if (version === undefined || version === released) return undefined;
  return {
    wrong: true,
    foreign: true,
    why:
      released === undefined
        ? say('otherThanUnknown', { version, release: input.release.ref })
        : say('otherVersion', { version, release: input.release.ref, present: released }),
  };
}

function contradiction(
  input: RunInput,
  ordered: readonly Of<'testRun'>[],
  run: Of<'testRun'>,
): Obstacle | undefined {
  const first = earlier(
    ordered.filter((r) => !isWithdrawn(input, r)),
    run,
  );
  // The same result handed in twice counts once; otherwise uploading it again would make up for missing cases.
  if (first)
    return {
      wrong: false,
      why: say('twice', { run: first.ref, toolRun: textOf(run, 'toolRunId')! }),
    };
  const startedAt = Date.parse(textOf(run, 'startedAt') ?? '');
  const latest = Math.min(Date.parse(received(run)), Date.parse(input.now)) + SKEW_MS;
  if (startedAt > latest)
    return { wrong: true, why: say('afterReceived', { at: textOf(run, 'startedAt')! }) };
  const refused = rowsOf(run, 'findings').find((f) => f.severity === 'refuse');
  if (refused)
    return {
      wrong: true,
      why: say('ruledOut', { finding: String(refused.message ?? refused.code) }),
    };
  const impossible = rowsOf(run, 'hazards').find((h) => count(h.failed) > count(h.executed));
  if (impossible) return { wrong: true, why: say('moreThanRan', { hazard: String(impossible.id) }) };
  return undefined;
}

function gap(input: RunInput, policy: GatePolicy, run: Of<'testRun'>): Obstacle | undefined {
  const no = (why: Sentence): Obstacle => ({ wrong: false, why });
  const status = textOf(run, 'status');
  if (status === undefined) return no(say('unknownCompleteness'));
  if (status !== 'complete') return no(say('incomplete', { status }));
  const file = fileOf(input, run);
  if (!file || textOf(file, 'file') === undefined) return no(say('noFile'));
  // The weaker of the two: a run cannot be more trusted than the file it was counted from.
  const trusts = [textOf(run, 'trust'), textOf(file, 'trust') ?? textOf(run, 'trust')].sort(
    (a, b) => trustRank(a) - trustRank(b),
  );
  if (trustRank(trusts[0]) < trustRank(policy.minTrust))
    return no(
      trusts[0] === undefined
        ? say('unknownTrust', { least: policy.minTrust })
        : say('lessTrust', { trust: trusts[0], least: policy.minTrust }),
    );
  if (textOf(run, 'startedAt') === undefined) return no(say('noStart'));
  if ((numberOf(run, 'pass') ?? 0) + (numberOf(run, 'fail') ?? 0) === 0) return no(say('noVerdict'));
  return undefined;
}

/** A count out of a table cell; absent and broken ones are 0. */
export const count = (v: unknown): number => (typeof v === 'number' && Number.isFinite(v) && v > 0 ? v : 0);
