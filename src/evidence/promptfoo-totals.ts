/**
 * The totals a promptfoo file states, against its rows. A pass count is the easiest thing to change in such a file, so
 * every total is counted again; a difference refuses the file unless the tool itself is known to write it so.
 */
import type { JsonObject } from '../base/json.ts';
import { type Findings, quoted } from './findings.ts';
import type { Inspection } from './model.ts';
import { isCompared, isHumanRated, type PromptfooFile, type Row, rowsOfTable } from './promptfoo-file.ts';
import type { Plan } from './promptfoo-plan.ts';
import { arrayAt, numberAt, objectAt, stringAt } from './reading.ts';

interface Tally {
  pass: number;
  fail: number;
  error: number;
}

/** Counts rows as the tool counts them: by `success` and `failureReason` only. */
function tally(rows: Row[]): Tally {
  const pass = rows.filter((row) => row.success === true).length;
  const error = rows.filter((row) => row.success !== true && row.failureReason === 2).length;
  return { pass, error, fail: rows.length - pass - error };
}

/** Files that do not tell errors from failures are compared on the sum of both. */
function agrees(stated: Tally, counted: Tally, together: boolean): boolean {
  if (stated.pass !== counted.pass) return false;
  if (together) return stated.fail + stated.error === counted.fail + counted.error;
  return stated.fail === counted.fail && stated.error === counted.error;
}

function said(tallied: Tally): string {
  return `${tallied.pass} passed, ${tallied.fail} failed, ${tallied.error} errors`;
}

/** Comparing outputs turned passes into failures after they were counted (older versions of the tool). */
function explainedByComparison(stated: Tally, counted: Tally, rows: Row[]): boolean {
  const compared = rows.filter((row) => isCompared(row) && row.success === false).length;
  const moved = stated.pass - counted.pass;
  const sum = (t: Tally) => t.pass + t.fail + t.error;
  return moved > 0 && moved <= compared && sum(stated) === sum(counted);
}

function statedBy(stats: JsonObject | null, keys: [string, string, string]): Tally | null {
  const pass = numberAt(stats, keys[0]);
  const fail = numberAt(stats, keys[1]);
  if (pass === null || fail === null) return null;
  return { pass, fail, error: numberAt(stats, keys[2]) ?? 0 };
}

function lacksReasons(rows: Row[]): boolean {
  return rows.some((row) => row.failureReason === null);
}

/** Compares `results.stats` with the rows and gives back what it states. */
export function checkStats(file: PromptfooFile, findings: Findings): Inspection['reported'] {
  const { stats, rows, at } = file;
  const stated = statedBy(stats, ['successes', 'failures', 'errors']);
  if (stated === null) {
    if (rows.length > 0) {
      findings.flag(
        'no-summary',
        `${at}/stats`,
        'The file states no totals; successes and failures were expected.',
      );
    }
    return null;
  }
  const counted = tally(rows);
  const together = numberAt(stats, 'errors') === null || lacksReasons(rows);
  if (!agrees(stated, counted, together)) {
    const message = `The summary states ${said(stated)}, but the ${rows.length} rows have ${said(counted)}; both were expected to agree.`;
    findings.judge(explainedByComparison(stated, counted, rows), 'summary-mismatch', `${at}/stats`, message);
  }
  return stated;
}

/** Whether something may have changed rows after the tool counted them, so that finer totals need not agree. */
function touchedLater(rows: Row[], plan: Plan): boolean {
  return plan.hooks || rows.some((row) => isCompared(row) || isHumanRated(row));
}

/** Compares `prompts[].metrics` with the rows of each prompt. */
export function checkPromptMetrics(file: PromptfooFile, plan: Plan, findings: Findings): void {
  const { prompts, rows } = file;
  const measured = (prompts ?? []).map((prompt) => objectAt(prompt, 'metrics'));
  if (rows.length === 0 && measured.length === 0) return;
  if (measured.every((metrics) => metrics === null)) {
    const message = 'The prompts carry no metrics, so the rows cannot be compared with them.';
    findings.info('no-prompt-metrics', file.promptsAt, message);
    return;
  }
  if (rows.some((row) => row.promptIdx === null)) {
    checkSums(file, measured, findings);
    return;
  }
  const later = touchedLater(rows, plan);
  measured.forEach((metrics, idx) => {
    if (metrics === null) return;
    const own = rows.filter((row) => row.promptIdx === idx);
    checkOne(metrics, own, `${file.promptsAt}/${idx}/metrics`, later, findings);
  });
}

function countsOf(metrics: JsonObject | null): Tally | null {
  return statedBy(metrics, ['testPassCount', 'testFailCount', 'testErrorCount']);
}

/** Version 2 rows do not say which prompt they belong to: only the sums can be compared. */
function checkSums(file: PromptfooFile, measured: (JsonObject | null)[], findings: Findings): void {
  const stated: Tally = { pass: 0, fail: 0, error: 0 };
  for (const metrics of measured) {
    const counts = countsOf(metrics);
    if (counts === null) return;
    stated.pass += counts.pass;
    stated.fail += counts.fail;
    stated.error += counts.error;
  }
  const counted = tally(file.rows);
  if (agrees(stated, counted, true)) return;
  const message = `The prompts together state ${said(stated)}, but the rows have ${said(counted)}.`;
  const excused = explainedByComparison(stated, counted, file.rows) || tableWasRated(file);
  findings.judge(excused, 'metrics-mismatch', file.promptsAt, message);
}

function checkOne(metrics: JsonObject, rows: Row[], where: string, later: boolean, findings: Findings): void {
  const stated = countsOf(metrics);
  const counted = tally(rows);
  const together = numberAt(metrics, 'testErrorCount') === null || lacksReasons(rows);
  if (stated !== null && !agrees(stated, counted, together)) {
    const message = `The metrics of this prompt state ${said(stated)}, but its ${rows.length} rows have ${said(counted)}.`;
    findings.judge(explainedByComparison(stated, counted, rows), 'metrics-mismatch', where, message);
  }
  checkNamedScores(metrics, rows, where, later, findings);
  checkAssertions(metrics, rows, where, later, findings);
  checkScore(metrics, rows, where, later, findings);
}

/**
 * Whether the grading was left out of the export: the metrics then count what is not in the file any more. The tool
 * leaves out all of it or none, so a single row without grading explains nothing.
 */
function hasStripped(rows: Row[]): boolean {
  return rows.every((row) => row.grading === null);
}

/** Whether a graded row came without its assertions; a test that has none says so in its reason. */
function lacksDetail(rows: Row[]): boolean {
  return rows.some(
    ({ grading }) =>
      grading !== null && arrayAt(grading, 'componentResults') === null && grading.reason !== 'No assertions',
  );
}

/**
 * `namedScoresCount` counts a metric once for a row (before 0.95 or so) or once for each assertion that carries it
 * (later). Any number between is taken, so that every version passes and removed rows still show.
 */
function checkNamedScores(
  metrics: JsonObject,
  rows: Row[],
  where: string,
  later: boolean,
  findings: Findings,
): void {
  const stated = objectAt(metrics, 'namedScoresCount');
  if (stated === null) return;
  const bounds = new Map<string, { low: number; high: number }>();
  for (const row of rows) {
    for (const name of Object.keys(objectAt(row.source, 'namedScores') ?? {})) {
      const bound = bounds.get(name) ?? { low: 0, high: 0 };
      bound.low += 1;
      bound.high += Math.max(1, assertionsFor(row, name));
      bounds.set(name, bound);
    }
  }
  if (Object.keys(stated).length === 0 && bounds.size > 0 && objectAt(metrics, 'namedScores') !== null) {
    const message = 'The rows have named scores, but the prompt states no count of them.';
    findings.flag('named-scores-mismatch', `${where}/namedScoresCount`, message);
    return;
  }
  for (const name of new Set([...Object.keys(stated), ...bounds.keys()])) {
    const count = numberAt(stated, name) ?? 0;
    const { low, high } = bounds.get(name) ?? { low: 0, high: 0 };
    const top = (hasStripped(rows) || lacksDetail(rows)) && high > 0 ? Number.POSITIVE_INFINITY : high;
    if (count >= low && count <= top) continue;
    const expected = low === high ? `${low}` : `${low} to ${high}`;
    const message = `The metric ${quoted(name)} is stated to be counted ${count} times, but the rows have it ${expected} times: rows were removed or added.`;
    findings.judge(later, 'named-scores-mismatch', `${where}/namedScoresCount`, message);
  }
}

function assertionsFor(row: Row, name: string): number {
  return row.components.filter((component) => {
    const metric = stringAt(objectAt(component, 'assertion'), 'metric');
    return metric !== null && (metric === name || metric.includes('{{'));
  }).length;
}

function checkAssertions(
  metrics: JsonObject,
  rows: Row[],
  where: string,
  later: boolean,
  findings: Findings,
): void {
  const parts = rows.flatMap((row) => row.components);
  if (hasStripped(rows)) return;
  // Versions differ on whether results that only measure, and parents of assertion sets, are counted.
  const uneven = parts.some(
    (part) => arrayAt(part, 'componentResults') !== null || objectAt(part, 'assertion')?.metricOnly === true,
  );
  const passed = parts.filter((part) => part.pass === true).length;
  for (const [key, counted] of [
    ['assertPassCount', passed],
    ['assertFailCount', parts.length - passed],
  ] as const) {
    const stated = numberAt(metrics, key);
    if (stated === null || stated === counted) continue;
    const message = `${key} is ${stated}, but the rows have ${counted}; both were expected to agree.`;
    findings.judge(later || uneven || lacksDetail(rows), 'assertions-mismatch', `${where}/${key}`, message);
  }
}

function checkScore(
  metrics: JsonObject,
  rows: Row[],
  where: string,
  later: boolean,
  findings: Findings,
): void {
  const stated = numberAt(metrics, 'score');
  if (stated === null || rows.some((row) => row.score === null)) return;
  const sum = rows.reduce((total, row) => total + (row.score ?? 0), 0);
  if (Math.abs(sum - stated) <= 0.005 + 1e-9 * Math.abs(sum)) return;
  const message = `The score of this prompt is stated as ${stated}, but the scores of its rows add up to ${sum}.`;
  findings.judge(later, 'score-mismatch', `${where}/score`, message);
}

function tableWasRated(file: PromptfooFile): boolean {
  return rowsOfTable(file.results, file.at).some(isHumanRated);
}

/** Compares the table of a version 2 file with its list of rows: the file holds every result twice. */
export function checkTable(file: PromptfooFile, findings: Findings): void {
  if (objectAt(file.results, 'table') === null || arrayAt(file.results, 'results') === null) return;
  const cells = rowsOfTable(file.results, file.at);
  const inTable = tally(cells);
  const inRows = tally(file.rows);
  if (agrees(inTable, inRows, true)) return;
  const message = `The table has ${cells.length} outputs with ${inTable.pass} passed, but the list has ${file.rows.length} rows with ${inRows.pass} passed.`;
  const changed =
    cells.length === file.rows.length &&
    (tableWasRated(file) || cells.some(isCompared) || file.rows.some(isCompared));
  findings.judge(changed, 'table-mismatch', `${file.at}/table`, message);
}
