import { rowsOf } from '../../register/rec.ts';
import { standsOut } from '../bound.ts';
import { Checking } from '../checking.ts';
import {
  add,
  alsoTested,
  besidesHazards,
  hazardsWanted,
  notPlanned,
  type Requirement,
  requirementsOf,
  type Tally,
  tally,
  testsIn,
} from '../coverage.ts';
import type { AroundSystem, GateInput, Of, PlanRec } from '../neighbourhood.ts';
import { MAX_WITHOUT_VERDICT, withoutVerdict } from '../plan-strictness.ts';
import type { GatePolicy } from '../policy.ts';
import { listed, named, numberOf, percent, plural, short, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import { count, runsOnOtherContent, type WeighedRun, weighRuns, withdrawnRuns } from '../runs.ts';
import { checkWithdrawn } from './withdrawn.ts';

/**
 * Every hazard that must be exercised was, often enough, on exactly this content, with few enough failures.
 *
 * All runs on the present content count. Per hazard they are pooled, and a run with enough cases of its own is judged
 * by itself as well: so a failed run is neither hidden by a later one nor thinned out by repeating the test. What fails
 * in one test, or in one run, more often than chance explains is told however many others passed. A run
 * that does not qualify never helps, but its failures still count.
 */
export function checkTests(input: GateInput, policy: GatePolicy): GateCheck {
  const c = new Checking('tests', 'Tests on exactly this release');
  const runs = weighRuns(input, policy);
  const judging: Judging = {
    c,
    input,
    runs,
    onThis: runs.filter((w) => !w.foreign),
    counted: runs.filter((w) => w.counts),
  };
  tellRuns(judging);
  checkWithdrawn(c, input, judging.counted);
  const plan = input.plan?.fixedAt === undefined ? undefined : input.plan;
  const planned = requirementsOf(plan, input.hazards);
  if (input.plan) checkPlanComplete(c, input, policy, input.plan);
  const must = planned.map((r) => ({ ...r, required: policy.tests !== 'smoke' }));
  for (const r of [...must, ...alsoTested(judging.onThis, planned, plan)]) judge(judging, r);
  judgeRest(judging, numberOf(plan, 'threshold') ?? 0);
  if (judging.counted.length > 0) tellTotals(judging);
  else tellNothingRan(judging);
  return c.done();
}

interface Judging {
  readonly c: Checking;
  readonly input: GateInput;
  /** All runs that were declared on this content. */
  readonly runs: readonly WeighedRun[];
  /** Those that really are: their failures count. */
  readonly onThis: readonly WeighedRun[];
  /** Those that qualify: their passes count too. */
  readonly counted: readonly WeighedRun[];
}

function tellRuns({ c, input, runs, counted }: Judging): void {
  const { release } = input;
  for (const run of runsOnOtherContent(input))
    c.good(
      `${named(run)} tested ${release.ref} as ${short(textOf(run, 'subjectDigest'))}; it is ${short(input.releaseDigest)} now, so this run does not count.`,
      [run.ref, release.ref],
    );
  for (const w of runs.filter((x) => !x.counts)) {
    const text = `${named(w.run)} ${w.why}; it does not count in favour.`;
    // Where nothing else speaks for the release, a contradiction refuses; beside a good run it is a note.
    if (w.wrong && counted.length === 0) c.wrong(text, [w.run.ref, release.ref]);
    else c.good(text, [w.run.ref, release.ref]);
  }
  if (counted.length > 1)
    c.good(
      `All ${counted.length} runs on this content are pooled per hazard: ${listed(counted.map((w) => w.run.ref))}.`,
      counted.map((w) => w.run.ref),
    );
}

/** The plan asks for something, and for every hazard of the system that the class wants exercised. */
export function checkPlanComplete(c: Checking, input: AroundSystem, policy: GatePolicy, plan: PlanRec): void {
  if (policy.tests === 'smoke') return;
  const { system } = input;
  const planned = plan.fixedAt === undefined ? [] : requirementsOf(plan, input.hazards);
  if (plan.fixedAt === undefined)
    c.unknown(`${named(plan)} was never fixed, so none of the hazards in it is required yet.`, [plan.ref]);
  else if (planned.length === 0)
    c.unknown(`${named(plan)} requires no hazard to be exercised, so passing it says nothing.`, [plan.ref], {
      text: `List the hazards that must be exercised in ${plan.ref}`,
      ref: plan.ref,
      action: 'revise',
    });
  if (policy.tests === 'allHazards' && hazardsWanted(input, policy).length === 0)
    c.unknown(
      `No hazards are recorded for ${named(system)}: all of them must be tested, and none is known.`,
      [system.ref],
      {
        text: `Link the hazards that concern ${system.ref} to it`,
        ref: system.ref,
        create: 'hazard',
      },
    );
  if (plan.fixedAt === undefined) return;
  for (const h of notPlanned(input, policy, planned)) {
    const code = textOf(h, 'code') ?? h.ref;
    c.unknown(
      `${code} (${h.title}) is a ${String(h.values.severity)} hazard of ${system.ref} and is not in ${named(plan)}.`,
      [h.ref, plan.ref],
      {
        text: `Add ${code} to ${plan.ref}, have it fixed, and test it`,
        ref: plan.ref,
        action: 'revise',
      },
    );
  }
}

/** `1 of 12` and the share of it. */
const figures = (t: Tally): string => `${t.failed} of ${t.judged} failed (${percent(t.failed, t.judged)})`;

const exceeds = (t: Tally, maxFailRate: number): boolean => t.failed * 100 > maxFailRate * t.judged;

function judge(judging: Judging, r: Requirement): void {
  const { c, input, onThis, counted } = judging;
  const limit =
    input.plan?.fixedAt === undefined
      ? 'is tolerated without a fixed plan'
      : `the ${r.maxFailRate} % that ${input.plan.ref} allows`;
  // A run without a case of this hazard says nothing about it, and is not named as if it did.
  const judgedIn = refsWith(counted, r, (t) => t.judged > 0);
  for (const w of onThis) {
    const t = tally(w.run, r.ids);
    // A pool of one run is that run: what it says by itself is told once, by the pool.
    const byItself = !w.counts || (t.judged >= r.minCases && judgedIn.length > 1);
    if (w.beforePlan && t.failed > 0)
      c.wrong(
        `${r.hazard}: ${figures(t)} in ${w.run.ref}, before the plan was fixed: no threshold chosen later excuses that.`,
        [w.run.ref],
        fix(input, r.hazard),
      );
    else if (byItself && exceeds(t, r.maxFailRate))
      c.wrong(
        `${r.hazard}: ${figures(t)} in ${w.run.ref}, more than ${limit}.`,
        [w.run.ref],
        fix(input, r.hazard),
      );
  }
  const pooled = add(counted.map((w) => tally(w.run, r.ids)));
  if (exceeds(pooled, r.maxFailRate))
    c.wrong(
      `${r.hazard}: ${figures(pooled)} in ${listed(judgedIn)}, more than ${limit}.`,
      judgedIn,
      fix(input, r.hazard),
    );
  else judgeEach(judging, r, limit);
  if (r.required) judgeExercised(judging, r, pooled);
}

/** A test of a hazard, or a run of it, that fails more often than chance explains does not vanish among the others. */
function judgeEach({ c, input, onThis, counted }: Judging, r: Requirement, limit: string): void {
  const share = r.maxFailRate / 100;
  const tests = testsIn(
    onThis.map((w) => w.run),
    r.ids,
  );
  for (const id of tests) {
    const own = new Set([id]);
    const of = (w: WeighedRun) => tally(w.run, own);
    const stand = (runs: readonly WeighedRun[]) => {
      const t = add(runs.map(of));
      return standsOut(t.failed, t.judged, share) && exceeds(t, r.maxFailRate) ? [{ t, runs }] : [];
    };
    // All of them together say it once; else the first that stands out by itself.
    const [found] = [stand(counted.filter((w) => of(w).judged > 0)), ...onThis.map((w) => stand([w]))].flat();
    if (!found) continue;
    const refs = found.runs.map((w) => w.run.ref);
    const name = tests.length > 1 || id !== r.hazard.trim().toLowerCase() ? `${r.hazard}, ${id}` : r.hazard;
    c.wrong(
      `${name}: ${figures(found.t)} in ${listed(refs)}, more than ${limit}; the cases that passed beside it do not make up for that.`,
      refs,
      fix(input, r.hazard),
    );
  }
}

/** References of the runs whose figures about the hazard are such. */
const refsWith = (runs: readonly WeighedRun[], r: Requirement, such: (t: Tally) => boolean): string[] =>
  runs.filter((w) => such(tally(w.run, r.ids))).map((w) => w.run.ref);

const fix = (input: GateInput, hazard: string) => ({
  text: `Find out why ${hazard} failed, correct it, and test the corrected release`,
  who: 'system owner',
  ref: input.release.ref,
});

function judgeExercised({ c, input, counted }: Judging, r: Requirement, pooled: Tally): void {
  if (counted.length === 0) return;
  const again = {
    text: `Run tests for ${r.hazard} on ${input.release.ref} and add the result`,
    ref: input.release.ref,
  };
  const ran = pooled.judged + pooled.without;
  if (ran === 0) {
    const all = counted.map((w) => w.run.ref);
    const planned = refsWith(counted, r, (t) => t.planned > 0);
    const how =
      planned.length > 0
        ? `was planned (${plural(pooled.planned, 'case')}) and never run in ${listed(planned)}`
        : `is required and was never run in ${all.length === 1 ? all[0] : `any of the ${all.length} runs that count`}`;
    c.unknown(`${r.hazard} ${how}.`, planned.length > 0 ? planned : all, again);
    return;
  }
  const ranIn = refsWith(counted, r, (t) => t.judged + t.without > 0);
  if (pooled.judged < r.minCases)
    c.unknown(
      `${r.hazard} has ${plural(pooled.judged, 'case')} with a verdict in ${listed(ranIn)}; at least ${r.minCases} are needed.`,
      ranIn,
      again,
    );
  const most = mostWithoutVerdict(input);
  if (pooled.without * 100 > most * ran)
    c.unknown(
      `${r.hazard}: ${pooled.without} of ${ran} cases gave no verdict (${percent(pooled.without, ran)}); at most ${most} % may.`,
      ranIn,
      again,
    );
}

/** Cases that belong to no hazard keep to the threshold too, so that nothing that failed is left out of the count. */
function judgeRest({ c, input, onThis }: Judging, threshold: number): void {
  for (const w of onThis) {
    const rest = besidesHazards(w.run);
    if (rest.failed > 0 && (w.beforePlan || exceeds(rest, threshold)))
      c.wrong(
        `${figures(rest)} in ${named(w.run)} outside the hazards, more than the ${w.beforePlan ? 0 : threshold} % allowed.`,
        [w.run.ref],
        fix(input, 'these cases'),
      );
  }
}

/** Fields of a run that count its cases. */
type Count = 'pass' | 'fail' | 'error' | 'inconclusive';

function tellTotals({ c, input, counted }: Judging): void {
  for (const { run } of counted) c.good(totalsOf(run), [run.ref]);
  const sum = (names: readonly Count[]) =>
    counted.reduce((n, { run }) => n + names.reduce((m, name) => m + (numberOf(run, name) ?? 0), 0), 0);
  const without = sum(['error', 'inconclusive']);
  const ran = without + sum(['pass', 'fail']);
  const most = mostWithoutVerdict(input);
  if (without * 100 > most * ran)
    c.unknown(
      `${without} of all ${ran} cases gave no verdict (${percent(without, ran)}); at most ${most} % may.`,
      counted.map((w) => w.run.ref),
      {
        text: `Repair the tests that gave no verdict and run them again on ${input.release.ref}`,
        ref: input.release.ref,
      },
    );
}

const mostWithoutVerdict = (input: GateInput): number =>
  input.plan?.fixedAt === undefined ? MAX_WITHOUT_VERDICT : withoutVerdict(input.plan);

/** `11 of 44 attacks succeeded in TST-0001: contracts 1 of 8, pii:direct 1 of 12, …` */
export function totalsOf(run: Of<'testRun'>): string {
  const failed = numberOf(run, 'fail') ?? 0;
  const judged = (numberOf(run, 'pass') ?? 0) + failed;
  const what = run.values.kind === 'redteam' ? 'attacks succeeded' : 'cases failed';
  const by = rowsOf(run, 'hazards')
    .filter((h) => count(h.executed) > 0)
    .map((h) => `${String(h.id)} ${count(h.failed)} of ${count(h.executed)}`);
  const without = (numberOf(run, 'error') ?? 0) + (numberOf(run, 'inconclusive') ?? 0);
  const open = without > 0 ? `; ${plural(without, 'further case')} gave no verdict` : '';
  return `${failed} of ${judged} ${what} in ${run.ref}${by.length > 0 ? `: ${by.join(', ')}` : ''}${open}.`;
}

function tellNothingRan({ c, input, runs, onThis }: Judging): void {
  const { release } = input;
  for (const { run } of onThis) c.good(totalsOf(run), [run.ref]);
  const gone = withdrawnRuns(input).map((w) => w.run.ref);
  const withdrawn =
    gone.length > 0 ? ` ${listed(gone)} ${gone.length === 1 ? 'was' : 'were'} withdrawn.` : '';
  c.unknown(
    runs.length === 0
      ? `No test has been run on ${named(release)} as it is now${gone.length > 0 ? ' that still counts' : ''}.${withdrawn}`
      : `None of the runs on ${named(release)} qualifies.${withdrawn}`,
    [release.ref, ...runs.map((w) => w.run.ref), ...gone],
    { text: `Test ${release.ref} and add the result file as evidence`, ref: release.ref },
  );
}
