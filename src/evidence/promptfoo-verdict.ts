/**
 * The verdict of one promptfoo row, and whether the parts of the row contradict each other. The rules follow the
 * tool's evaluator: how assertion results become `success`, and how a broken grader is written down.
 */
import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { Findings } from './findings.ts';
import type { Verdict } from './model.ts';
import { assertionType, isCompared, isHumanRated, type Row } from './promptfoo-file.ts';
import type { Plan } from './promptfoo-plan.ts';
import { failedTrace } from './promptfoo-traces.ts';
import { arrayAt, has, numberAt, objectAt, stringAt } from './reading.ts';

/** What became of a row. */
export interface Judged {
  verdict: Verdict;
  /** The grader itself failed. */
  graderError: boolean;
}

function nested(component: JsonObject): JsonObject[] {
  return (arrayAt(component, 'componentResults') ?? []).filter(isJsonObject);
}

function sameResult(a: JsonObject | undefined, b: JsonObject): boolean {
  return a !== undefined && a.pass === b.pass && a.score === b.score && a.reason === b.reason;
}

/** The components that decide: the tool lists the children of an assertion set once more behind their parent. */
function topLevel(components: JsonObject[]): JsonObject[] {
  const top: JsonObject[] = [];
  for (let n = 0; n < components.length; n++) {
    const component = components[n] as JsonObject;
    top.push(component);
    const children = nested(component);
    const at = n;
    if (children.every((child, k) => sameResult(components[at + 1 + k], child))) n += children.length;
  }
  return top;
}

/** The single assertions, those inside sets included. */
function leaves(components: JsonObject[]): JsonObject[] {
  return components.flatMap((component) => {
    const children = nested(component);
    return children.length === 0 || crashed(component) ? [component] : leaves(children);
  });
}

function crashed(result: JsonObject | null): boolean {
  return objectAt(result, 'metadata')?.graderError === true;
}

/** Such a result gives a score and never decides: marked so, or with weight 0. */
function onlyMeasures(component: JsonObject): boolean {
  const assertion = objectAt(component, 'assertion');
  return assertion?.metricOnly === true || numberAt(assertion, 'weight') === 0;
}

/** An assertion that really judged and said no. */
function reallyFailed(component: JsonObject): boolean {
  return component.pass === false && !crashed(component) && !onlyMeasures(component);
}

/** Files older than `failureReason` tell an error only by an error text on a row nobody graded. */
function isError(row: Row): boolean {
  if (row.failureReason !== null) return row.failureReason === 2;
  return row.success === false && row.grading === null && has(row.source, 'error');
}

/** The target gave nothing: the tool passes such a row in a red team without asking a grader. */
function hasNoOutput(row: Row): boolean {
  const response = objectAt(row.source, 'response');
  return row.grading === null && response !== null && !has(response, 'output');
}

/** Whether a broken grader left this row without a judgement. */
function isUngraded(row: Row, thresholds: boolean): boolean {
  if (crashed(row.grading) || crashed(row.source)) return true;
  const single = leaves(topLevel(row.components));
  if (!single.some(crashed)) return false;
  // Another assertion said no: the row fails whatever the broken grader would have said, unless a threshold decides.
  const failed = row.success === false && single.some(reallyFailed);
  return !failed || thresholds;
}

/** Whether nothing but a person's word in the viewer says that the row passed: what the assertions said, they did not say. */
function onlyByHand(row: Row): boolean {
  if (!isHumanRated(row)) return false;
  const judged = leaves(topLevel(row.components)).filter((part) => assertionType(part) !== 'human');
  return judged.length === 0 || judged.some((part) => crashed(part) || reallyFailed(part));
}

/**
 * The verdict of a row. `success` must be a boolean (see checkRow). A turn that a grader found against the system makes the row a failure, whatever
 * came after it; a pass that nobody graded, or that a person set by hand against the assertions or without any, is no verdict.
 */
export function judge(row: Row): Judged {
  const ownThreshold = numberAt(row.testCase, 'threshold') !== null;
  const failedTurn = failedTrace(row) !== null;
  if (isError(row)) {
    const hidden = failedTurn || leaves(topLevel(row.components)).some(reallyFailed);
    return { verdict: hidden ? 'fail' : 'error', graderError: false };
  }
  if (failedTurn) return { verdict: 'fail', graderError: false };
  if (!isHumanRated(row) && isUngraded(row, ownThreshold))
    return { verdict: 'inconclusive', graderError: true };
  if (row.success === true && hasNoOutput(row)) return { verdict: 'inconclusive', graderError: false };
  const passed = row.success === true && row.grading?.pass !== false;
  if (passed && (row.grading === null || onlyByHand(row)))
    return { verdict: 'inconclusive', graderError: false };
  return { verdict: passed ? 'pass' : 'fail', graderError: false };
}

/** Why a row may be a success although one of its assertions failed; null when nothing explains it. */
function explanation(row: Row, plan: Plan): string | null {
  const threshold = numberAt(row.testCase, 'threshold') ?? numberAt(plan.defaultTest, 'threshold');
  if (has(row.testCase, 'assertScoringFunction') || has(plan.defaultTest, 'assertScoringFunction')) {
    return plan.scoring ? 'a scoring function decides' : null;
  }
  const score = numberAt(row.grading, 'score') ?? row.score;
  if (threshold !== null && plan.thresholds && score !== null && score >= threshold - 1e-9) {
    return `the score ${score} reaches the threshold ${threshold} of the test`;
  }
  const guard = row.components.some(
    (component) =>
      component.pass === false &&
      assertionType(component) === 'guardrails' &&
      stringAt(objectAt(objectAt(component, 'assertion'), 'config'), 'purpose') === 'redteam',
  );
  return guard ? 'a guardrail blocked the attack' : null;
}

function checkPass(row: Row, plan: Plan, findings: Findings): void {
  const where = row.location;
  if (isHumanRated(row)) {
    findings.flag(
      'human-rating',
      where,
      onlyByHand(row)
        ? 'A person rated this row as passed in the viewer, and no assertion says so; it is counted as no verdict.'
        : 'A person rated this row as passed in the viewer, as its assertions did.',
    );
    return;
  }
  if (row.failureReason === 1 || row.failureReason === 2) {
    const message = `The row says success, but its failureReason is ${row.failureReason}; 0 was expected.`;
    findings.refuse('row-contradiction', where, message);
  }
  if (row.grading?.pass === false) {
    const message =
      'The row says success, but its gradingResult says pass: false; both were expected to agree.';
    findings.judge(isCompared(row), 'row-contradiction', where, message);
    return;
  }
  if (row.grading === null && !hasNoOutput(row)) {
    findings.flag(
      'ungraded-pass',
      where,
      'The row says success, but holds no grading; nothing shows that it was judged, and it is counted as no verdict.',
    );
  }
  const failed = topLevel(row.components).filter((part) => part.pass === false && !onlyMeasures(part));
  if (failed.length === 0) return;
  const why = explanation(row, plan);
  const types = [...new Set(failed.map((part) => assertionType(part) ?? 'assert-set'))].join(', ');
  if (why === null) {
    const message = `The row says success, but ${failed.length} of its assertions failed (${types}) and no threshold explains it.`;
    findings.refuse('row-contradiction', where, message);
  } else {
    findings.info('passed-by-rule', where, `The row passes although an assertion failed (${types}): ${why}.`);
  }
}

const CRASH_REASONS =
  /^(custom function threw|python code execution failed|could not (extract|parse)|no (output|response)\b.*grad|api (call )?error|error:|grader\b.*(error|fail)|invalid (grader|grading))/i;

function checkFailure(row: Row, judged: Judged, findings: Findings): void {
  if (row.failureReason === 2 && judged.verdict === 'fail') {
    const message =
      'The row is recorded as an error, but an assertion was graded and failed; it is counted as a failure.';
    findings.flag('error-hides-failure', row.location, message);
  }
  if (judged.verdict !== 'fail' || row.failureReason === 2) return;
  const single = leaves(topLevel(row.components)).filter(reallyFailed);
  const suspicious =
    single.length > 0 && single.every((part) => CRASH_REASONS.test(stringAt(part, 'reason') ?? ''));
  if (suspicious) {
    const message =
      'The reason of this failure reads like a failure of the grader, not of the system tested.';
    findings.flag('possible-grader-error', row.location, message);
  }
  if (row.grading?.pass === true && single.length === 0) {
    const message =
      'The row says failure, but its gradingResult says pass: true; it is counted as a failure.';
    findings.flag('row-contradiction', row.location, message);
  }
}

/** Checks one row against itself. Contradictions in favour of the system tested refuse the file. */
export function checkRow(row: Row, judged: Judged, plan: Plan, findings: Findings): void {
  if (row.success === null) {
    findings.refuse('bad-row', row.location, 'The row has no boolean "success"; true or false was expected.');
    return;
  }
  if (row.failureReason !== null && ![0, 1, 2].includes(row.failureReason)) {
    const message = `The failureReason is ${row.failureReason}; 0 (none), 1 (assertion) or 2 (error) was expected.`;
    findings.refuse('bad-row', row.location, message);
  }
  const failed = failedTrace(row);
  if (failed !== null && row.success)
    findings.flag(
      'failed-turn',
      failed,
      'The row says success, but at one of its turns a grader found that the attack succeeded; it is counted as a failure.',
    );
  if (row.success) checkPass(row, plan, findings);
  else checkFailure(row, judged, findings);
}
