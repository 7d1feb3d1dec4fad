import type { Listing, Sentence } from '../../base/sentence.ts';
import { rowsOf } from '../../register/rec.ts';
import { isComparable } from '../approvals.ts';
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
import { MAX_WITHOUT_VERDICT, withoutVerdict } from '../plan-strictness.ts';
import type { GatePolicy } from '../policy.ts';
import { named, numberOf, percent, short, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import { count, runsOnOtherContent, type WeighedRun, weighRuns, withdrawnRuns } from '../runs.ts';
import type { AroundSystem, GateInput, Of, PlanRec } from '../surroundings.ts';
import { say } from '../words/tests.ts';
import { title } from '../words/titles.ts';
import { role } from '../words/who.ts';
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
  const c = new Checking('tests', title('tests'));
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
    if (isComparable(input, release))
      c.good(
        say('otherContent', {
          run: named(run),
          release: release.ref,
          tested: short(textOf(run, 'subjectDigest')),
          digest: short(input.releaseDigest),
        }),
        [run.ref, release.ref],
      );
    else c.unknown(say('incomparable', { run: named(run), release: release.ref }), [run.ref, release.ref]);
  for (const w of runs.filter((x) => !x.counts)) {
    const text = say('doesNotCount', { run: named(w.run), why: w.why! });
    // Where nothing else speaks for the release, a contradiction refuses; beside a good run it is a note.
    if (w.wrong && counted.length === 0) c.wrong(text, [w.run.ref, release.ref]);
    else c.good(text, [w.run.ref, release.ref]);
  }
  if (counted.length > 1)
    c.good(
      say('pooled', { number: counted.length, runs: counted.map((w) => w.run.ref) }),
      counted.map((w) => w.run.ref),
    );
}

/** The plan asks for something, and for every hazard of the system that the class wants exercised. */
export function checkPlanComplete(c: Checking, input: AroundSystem, policy: GatePolicy, plan: PlanRec): void {
  if (policy.tests === 'smoke') return;
  const { system } = input;
  const planned = plan.fixedAt === undefined ? [] : requirementsOf(plan, input.hazards);
  if (plan.fixedAt === undefined) c.unknown(say('planNotFixed', { plan: named(plan) }), [plan.ref]);
  else if (planned.length === 0)
    c.unknown(say('planAsksNothing', { plan: named(plan) }), [plan.ref], {
      ...say('listHazards', { plan: plan.ref }),
      ref: plan.ref,
      action: 'revise',
    });
  if (policy.tests === 'allHazards' && hazardsWanted(input, policy).length === 0)
    c.unknown(say('noHazards', { system: named(system) }), [system.ref], {
      ...say('linkHazards', { system: system.ref }),
      ref: system.ref,
      create: 'hazard',
    });
  if (plan.fixedAt === undefined) return;
  for (const h of notPlanned(input, policy, planned)) {
    const code = textOf(h, 'code') ?? h.ref;
    c.unknown(
      say('notInPlan', {
        code,
        title: h.title,
        severity: String(h.values.severity),
        system: system.ref,
        plan: named(plan),
      }),
      [h.ref, plan.ref],
      {
        ...say('addToPlan', { code, plan: plan.ref }),
        ref: plan.ref,
        action: 'revise',
      },
    );
  }
}

/** `1 of 12` and the share of it. */
const figures = (t: Tally): Sentence =>
  say('share', { failed: t.failed, judged: t.judged, share: percent(t.failed, t.judged) });

const exceeds = (t: Tally, maxFailRate: number): boolean => t.failed * 100 > maxFailRate * t.judged;

function judge(judging: Judging, r: Requirement): void {
  const { c, input, onThis, counted } = judging;
  const limit =
    input.plan?.fixedAt === undefined
      ? say('withoutPlan')
      : say('allowed', { most: r.maxFailRate, plan: input.plan.ref });
  // A run without a case of this hazard says nothing about it, and is not named as if it did.
  const judgedIn = refsWith(counted, r, (t) => t.judged > 0);
  for (const w of onThis) {
    const t = tally(w.run, r.ids);
    // A pool of one run is that run: what it says by itself is told once, by the pool.
    const byItself = !w.counts || (t.judged >= r.minCases && judgedIn.length > 1);
    if (w.beforePlan && t.failed > 0)
      c.wrong(
        say('beforePlan', { hazard: r.hazard, figures: figures(t), run: w.run.ref }),
        [w.run.ref],
        fix(input, r.hazard),
      );
    else if (byItself && exceeds(t, r.maxFailRate))
      c.wrong(
        say('tooMany', { hazard: r.hazard, figures: figures(t), run: w.run.ref, limit }),
        [w.run.ref],
        fix(input, r.hazard),
      );
  }
  const pooled = add(counted.map((w) => tally(w.run, r.ids)));
  if (exceeds(pooled, r.maxFailRate))
    c.wrong(
      say('tooManyInAll', { hazard: r.hazard, figures: figures(pooled), runs: judgedIn, limit }),
      judgedIn,
      fix(input, r.hazard),
    );
  else judgeEach(judging, r, limit);
  if (r.required) judgeExercised(judging, r, pooled);
}

/** A test of a hazard, or a run of it, that fails more often than chance explains does not vanish among the others. */
function judgeEach({ c, input, onThis, counted }: Judging, r: Requirement, limit: Sentence): void {
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
    const name =
      tests.length > 1 || id !== r.hazard.trim().toLowerCase()
        ? say('ofTest', { hazard: r.hazard, test: id })
        : r.hazard;
    c.wrong(
      say('standsOut', { test: name, figures: figures(found.t), runs: refs, limit }),
      refs,
      fix(input, r.hazard),
    );
  }
}

/** References of the runs whose figures about the hazard are such. */
const refsWith = (runs: readonly WeighedRun[], r: Requirement, such: (t: Tally) => boolean): string[] =>
  runs.filter((w) => such(tally(w.run, r.ids))).map((w) => w.run.ref);

const fix = (input: GateInput, hazard: string | Sentence) => ({
  ...say('findOut', { hazard }),
  who: role('systemOwner'),
  ref: input.release.ref,
});

function judgeExercised({ c, input, counted }: Judging, r: Requirement, pooled: Tally): void {
  if (counted.length === 0) return;
  const again = {
    ...say('runTests', { hazard: r.hazard, release: input.release.ref }),
    ref: input.release.ref,
  };
  const ran = pooled.judged + pooled.without;
  if (ran === 0) {
    const all = counted.map((w) => w.run.ref);
    const planned = refsWith(counted, r, (t) => t.planned > 0);
    const how =
      planned.length > 0
        ? say('plannedNotRun', { hazard: r.hazard, cases: pooled.planned, runs: planned })
        : all.length === 1
          ? say('neverRun', { hazard: r.hazard, run: all[0]! })
          : say('neverRunInAny', { hazard: r.hazard, runs: all.length });
    c.unknown(how, planned.length > 0 ? planned : all, again);
    return;
  }
  const ranIn = refsWith(counted, r, (t) => t.judged + t.without > 0);
  if (pooled.judged < r.minCases)
    c.unknown(
      say('tooFewCases', { hazard: r.hazard, cases: pooled.judged, runs: ranIn, least: r.minCases }),
      ranIn,
      again,
    );
  const most = mostWithoutVerdict(input);
  if (pooled.without * 100 > most * ran)
    c.unknown(
      say('tooManyWithout', {
        hazard: r.hazard,
        without: pooled.without,
        ran,
        share: percent(pooled.without, ran),
        most,
      }),
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
        say('restTooMany', { figures: figures(rest), run: named(w.run), most: w.beforePlan ? 0 : threshold }),
        [w.run.ref],
        fix(input, say('theseCases')),
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
      say('allTooManyWithout', { without, ran, share: percent(without, ran), most }),
      counted.map((w) => w.run.ref),
      {
        ...say('repair', { release: input.release.ref }),
        ref: input.release.ref,
      },
    );
}

const mostWithoutVerdict = (input: GateInput): number =>
  input.plan?.fixedAt === undefined ? MAX_WITHOUT_VERDICT : withoutVerdict(input.plan);

/** `11 of 44 attacks succeeded in TST-0001: contracts 1 of 8, pii:direct 1 of 12, …` */
export function totalsOf(run: Of<'testRun'>): Sentence {
  const failed = numberOf(run, 'fail') ?? 0;
  const judged = (numberOf(run, 'pass') ?? 0) + failed;
  const figures = say(run.values.kind === 'redteam' ? 'attacks' : 'cases', { failed, judged, run: run.ref });
  const by = rowsOf(run, 'hazards')
    .filter((h) => count(h.executed) > 0)
    .map((h) =>
      say('byHazard', { hazard: String(h.id), failed: count(h.failed), judged: count(h.executed) }),
    );
  const without = (numberOf(run, 'error') ?? 0) + (numberOf(run, 'inconclusive') ?? 0);
  const hazards: Listing = { join: 'comma', items: by };
  if (by.length === 0)
    return without > 0 ? say('totalOpen', { figures, without }) : say('total', { figures });
  return without > 0
    ? say('totalByOpen', { figures, hazards, without })
    : say('totalBy', { figures, hazards });
}

function tellNothingRan({ c, input, runs, onThis }: Judging): void {
  const { release } = input;
  for (const { run } of onThis) c.good(totalsOf(run), [run.ref]);
  // Then nobody knows that none was run.
  if (!isComparable(input, release) && runsOnOtherContent(input).length > 0) return;
  const gone = withdrawnRuns(input).map((w) => w.run.ref);
  const on = { release: named(release) };
  const withdrawn = { ...on, withdrawn: gone.length, runs: gone };
  const noneRan =
    runs.length === 0
      ? gone.length > 0
        ? say('noneRunThatCounts', withdrawn)
        : say('noneRun', on)
      : gone.length > 0
        ? say('noneQualifiesOfThese', withdrawn)
        : say('noneQualifies', on);
  c.unknown(noneRan, [release.ref, ...runs.map((w) => w.run.ref), ...gone], {
    ...say('addResult', { release: release.ref }),
    ref: release.ref,
  });
}
