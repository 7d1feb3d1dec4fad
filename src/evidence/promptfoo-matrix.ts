/**
 * The rows of a promptfoo run as a matrix of tests and prompts. Every test is run with every prompt, tests are numbered
 * from 0 without gaps: a missing or doubled cell shows what was taken out of a file or put into it.
 */
import { canonicalJson } from '../base/canonical.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import { type Findings, quoted } from './findings.ts';
import { pluginOf } from './promptfoo-coverage.ts';
import type { PromptfooFile, Row } from './promptfoo-file.ts';
import { type Plan, plannedTests } from './promptfoo-plan.ts';
import { indexAt, objectAt, stringAt } from './reading.ts';

type Placed = Row & { promptIdx: number; testIdx: number };

/** Two columns that the tool itself cannot tell apart: the same prompt and provider twice. */
function hasTwinPrompts(file: PromptfooFile): boolean {
  const names = (file.prompts ?? []).map((prompt) =>
    JSON.stringify([stringAt(prompt, 'provider'), stringAt(prompt, 'id') ?? stringAt(prompt, 'raw')]),
  );
  return new Set(names).size < names.length;
}

function checkDoubles(file: PromptfooFile, placed: Placed[], twins: boolean, findings: Findings): void {
  const ids = new Map<string, string>();
  for (const row of file.rows) {
    if (row.id === null) continue;
    const first = ids.get(row.id);
    if (first === undefined) ids.set(row.id, row.location);
    else {
      const message = `The row has the same id as ${first} (${quoted(row.id)}); every row has an id of its own.`;
      findings.refuse('duplicate-row', row.location, message);
    }
  }
  const cells = new Map<string, string>();
  for (const row of placed) {
    const cell = `${row.testIdx}/${row.promptIdx}`;
    const first = cells.get(cell);
    if (first === undefined) cells.set(cell, row.location);
    else {
      const message = `The row is for test ${row.testIdx} and prompt ${row.promptIdx}, as ${first} is; one row was expected for each.`;
      findings.judge(twins, 'duplicate-row', row.location, message);
    }
  }
}

/** The numbers of empty cells, counted test by test, up to the last test that has any row. */
function holes(placed: Placed[], width: number, height: number): number[] {
  const present = new Set(placed.map((row) => row.testIdx * width + row.promptIdx));
  const empty: number[] = [];
  for (let cell = 0; cell < width * height && empty.length < 10_000; cell++) {
    if (!present.has(cell)) empty.push(cell);
  }
  return empty;
}

/**
 * Whether these empty cells are what a run leaves that was stopped: only among the last cells, as many as were
 * running at the same time, and with tests left to do.
 */
function looksStopped(
  empty: number[],
  cells: number,
  height: number,
  planned: number | null,
  file: PromptfooFile,
) {
  const running = indexAt(objectAt(file.root, 'runtimeOptions'), 'maxConcurrency') ?? 4;
  const reachedEnd = planned !== null && height >= planned;
  return !reachedEnd && empty.length < running && empty.every((cell) => cell >= cells - 2 * running);
}

/** The number of tests the plan expects with repeats, or null. */
function expectedTests(plan: Plan, height: number): { low: number; high: number; sure: boolean } | null {
  const planned = plannedTests(plan);
  if (planned === null) return null;
  const repeat = plan.repeat ?? Math.max(1, Math.floor(height / Math.max(1, planned.expanded)));
  return {
    low: Math.min(planned.plain, planned.expanded) * repeat,
    high: Math.max(planned.plain, planned.expanded) * repeat,
    sure: plan.repeat !== null,
  };
}

function checkHeight(rows: Row[], plan: Plan, height: number, findings: Findings): boolean {
  const expected = expectedTests(plan, height);
  if (expected === null || (height >= expected.low && height <= expected.high)) return true;
  const where = '/config/tests';
  const wanted =
    expected.low === expected.high
      ? `${expected.high}`
      : `${expected.low} to ${expected.high} (variables expanded)`;
  const got = `The plan has ${wanted} tests for each prompt, but the rows are of ${height} tests`;
  if (height > expected.high) {
    findings.judge(
      !expected.sure,
      'more-rows-than-plan',
      where,
      `${got}: rows were added, or the plan was changed.`,
    );
    return true;
  }
  const filtered = plan.filters.length > 0;
  const reason = filtered
    ? `the run was filtered (${plan.filters.join(', ')})`
    : 'it was filtered, stopped, or rows were removed';
  // A filter leaves no trace in most versions, so fewer rows alone prove nothing. A red team without a single hit and
  // with cases gone is what removing the hits leaves.
  const spotless = rows.some((row) => pluginOf(row) !== null) && rows.every((row) => row.success === true);
  const message = `${got}: ${reason}. The run is incomplete.`;
  findings.judge(filtered || !spotless, 'fewer-rows-than-plan', where, message);
  return false;
}

function mergedVars(test: JsonObject | null, defaultTest: JsonObject | null): string {
  const vars: Record<string, JsonValue> = { ...objectAt(defaultTest, 'vars'), ...objectAt(test, 'vars') };
  return canonicalJson(vars);
}

/** Finds rows that are copies: more rows with the variables of a planned case than the plan has such cases. */
function checkCopies(placed: Placed[], plan: Plan, height: number, findings: Findings): void {
  const { tests } = plan;
  if (tests === null || plan.hooks || plan.sizes.some((size) => size !== 1)) return;
  const repeat = plan.repeat ?? Math.max(1, Math.ceil(height / tests.length));
  const planned = new Map<string, number>();
  for (const test of tests) {
    const key = mergedVars(test, plan.defaultTest);
    planned.set(key, (planned.get(key) ?? 0) + repeat);
  }
  const used = new Map<string, number>();
  for (const row of placed) {
    if (objectAt(row.testCase, 'vars') === null) continue;
    const key = mergedVars(row.testCase, null);
    const allowed = planned.get(key);
    if (allowed === undefined) continue;
    const cell = `${row.promptIdx} ${key}`;
    const count = (used.get(cell) ?? 0) + 1;
    used.set(cell, count);
    if (count <= allowed) continue;
    const message = `The row has the variables of a case that is planned ${allowed} times for prompt ${row.promptIdx} and has that many rows already: it is a copy.`;
    findings.refuse('row-copied', row.location, message);
  }
}

/**
 * Checks the matrix of tests and prompts. Says whether the run is complete as far as the file can tell. Rows of version
 * 2 have no place in the matrix and are compared by number only.
 */
export function checkMatrix(file: PromptfooFile, plan: Plan, findings: Findings): boolean {
  const { rows } = file;
  const placed = rows.filter((row): row is Placed => row.promptIdx !== null && row.testIdx !== null);
  const twins = hasTwinPrompts(file);
  checkDoubles(file, placed, twins, findings);
  if (rows.length === 0) return false;
  if (placed.length < rows.length) return checkByNumber(file, plan, placed, findings);
  const width = file.prompts?.length || Math.max(...placed.map((row) => row.promptIdx)) + 1;
  const outside = placed.filter((row) => row.promptIdx >= width);
  for (const row of outside) {
    const message = `The row is for prompt ${row.promptIdx}, but the file has ${width} prompts.`;
    findings.refuse('unknown-prompt', row.location, message);
  }
  const height = placed.reduce((most, row) => Math.max(most, row.testIdx), 0) + 1;
  if (height * width > 50 * rows.length + 10_000) {
    const message = `The highest test number is ${height - 1}, far beyond the ${rows.length} rows.`;
    findings.refuse('rows-missing', `${file.at}/results`, message);
    return false;
  }
  const full = checkHoles(file, plan, placed, { width, height, twins }, findings);
  if (!twins) checkCopies(placed, plan, height, findings);
  return checkHeight(rows, plan, height, findings) && full;
}

function checkHoles(
  file: PromptfooFile,
  plan: Plan,
  placed: Placed[],
  matrix: { width: number; height: number; twins: boolean },
  findings: Findings,
): boolean {
  const { width, height, twins } = matrix;
  const empty = holes(placed, width, height);
  if (empty.length === 0) return true;
  const planned = plannedTests(plan)?.expanded ?? null;
  const stopped = looksStopped(empty, width * height, height, planned, file);
  const excused = stopped || twins || plan.partialMatrix || plan.hooks || plan.filters.length > 0;
  const tests = [...new Set(empty.map((cell) => Math.floor(cell / width)))];
  const named = `${tests.slice(0, 12).join(', ')}${tests.length > 12 ? ', …' : ''}`;
  const message = `${width * height} rows were expected (${height} tests with ${width} prompts), ${empty.length} are missing: tests ${named}.`;
  findings.judge(excused, 'rows-missing', `${file.at}/results`, message);
  return false;
}

/** Rows without places: only their number can be compared with the plan. */
function checkByNumber(file: PromptfooFile, plan: Plan, placed: Placed[], findings: Findings): boolean {
  if (file.version === 3 && placed.length > 0) {
    const message = `${file.rows.length - placed.length} rows do not say which test and prompt they are for.`;
    findings.flag('no-row-place', `${file.at}/results`, message);
  }
  const width = file.prompts?.length ?? 0;
  if (width === 0) return true;
  if (file.rows.length % width !== 0) {
    const message = `The file has ${file.rows.length} rows for ${width} prompts; the same number for each prompt was expected.`;
    findings.judge(
      plan.partialMatrix || plan.filters.length > 0 || plan.hooks,
      'rows-missing',
      `${file.at}/results`,
      message,
    );
    return false;
  }
  return checkHeight(file.rows, plan, file.rows.length / width, findings);
}
