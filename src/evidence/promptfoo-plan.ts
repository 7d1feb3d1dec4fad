/**
 * What a promptfoo run was meant to do, read from its configuration: how many cases, and which parts of the
 * configuration make that number uncertain (files that are not inside, filters, hooks).
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { PromptfooFile } from './promptfoo-file.ts';
import { arrayAt, has, indexAt, objectAt } from './reading.ts';

/** The plan of a run. */
export interface Plan {
  /** The test cases when all of them stand in the file itself, otherwise null. */
  tests: JsonObject[] | null;
  /** For each test how many rows its variables expand to for one prompt; null when that cannot be known. */
  sizes: (number | null)[];
  defaultTest: JsonObject | null;
  /** How often each case was run; null when the file does not say. */
  repeat: number | null;
  /** Names of filters that were set for this run. */
  filters: string[];
  /** Some tests name the prompts or providers they are for. */
  partialMatrix: boolean;
  /** A test threshold, or a function that computes the score, may stand above single assertions. */
  thresholds: boolean;
  scoring: boolean;
  /** Extension hooks can change tests and results in any way. */
  hooks: boolean;
}

/** How many values a variable expands to (promptfoo: a list whose first element is a string), null when unknown. */
function valuesOf(value: JsonValue | undefined): number | null {
  if (typeof value === 'string' && value.startsWith('file://')) return null;
  return Array.isArray(value) && typeof value[0] === 'string' ? value.length : 1;
}

function sizeOf(test: JsonObject, defaultTest: JsonObject | null): number | null {
  if (has(test, 'vars') && objectAt(test, 'vars') === null) return null;
  const options = { ...objectAt(defaultTest, 'options'), ...objectAt(test, 'options') };
  if (options.disableVarExpansion === true) return 1;
  if (options.transformVars !== undefined) return null;
  const vars = { ...objectAt(defaultTest, 'vars'), ...objectAt(test, 'vars') };
  let size = 1;
  for (const value of Object.values(vars)) {
    const values = valuesOf(value);
    if (values === null) return null;
    size *= values;
  }
  return size;
}

/** A test that stands in the file itself: an object that neither loads nor generates others. */
function isInline(test: JsonValue): test is JsonObject {
  return isJsonObject(test) && !('path' in test);
}

function inlineTests(config: JsonObject | null): JsonObject[] | null {
  const tests = arrayAt(config, 'tests');
  if (tests === null || tests.length === 0 || !tests.every(isInline)) return null;
  return isSet(config?.scenarios ?? null) ? null : tests;
}

const SELECTIONS = new Set(['testCaseIndices', 'testCaseSelection', 'providerSelection']);

function filtersIn(places: (JsonObject | null)[]): string[] {
  const names = places.flatMap((place) =>
    Object.entries(place ?? {})
      .filter(([key, value]) => (key.startsWith('filter') || SELECTIONS.has(key)) && isSet(value))
      .map(([key]) => key),
  );
  return [...new Set(names)];
}

function isSet(value: JsonValue): boolean {
  return value !== null && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
}

function namesTargets(test: JsonObject | null): boolean {
  return arrayAt(test, 'providers') !== null || arrayAt(test, 'prompts') !== null;
}

/** Reads the plan. Never fails: what cannot be known is null. */
export function readPlan(file: PromptfooFile): Plan {
  const { config, root, rows } = file;
  const defaultTest = objectAt(config, 'defaultTest');
  const elsewhere = typeof config?.defaultTest === 'string';
  const tests = elsewhere ? null : inlineTests(config);
  const options = [
    objectAt(root, 'runtimeOptions'),
    objectAt(config, 'evaluateOptions'),
    objectAt(config, 'commandLineOptions'),
  ];
  const all = [defaultTest, ...(tests ?? [])];
  const known = tests !== null;
  return {
    tests,
    sizes: (tests ?? []).map((test) => sizeOf(test, defaultTest)),
    defaultTest,
    repeat:
      options.map((place) => indexAt(place, 'repeat')).find((value) => value !== null && value > 0) ?? null,
    filters: filtersIn(options),
    partialMatrix: all.some(namesTargets) || rows.some((row) => namesTargets(row.testCase)),
    thresholds: !known || all.some((test) => has(test, 'threshold')),
    scoring: !known || all.some((test) => has(test, 'assertScoringFunction')),
    hooks: isSet(config?.extensions ?? null),
  };
}

/**
 * How many test rows (for one prompt) the plan makes: with variables expanded, or not (the tool can be told so by an
 * environment variable the file does not show). Null when it cannot be known. Repeats not counted.
 */
export function plannedTests(plan: Plan): { expanded: number; plain: number } | null {
  if (plan.tests === null || plan.hooks || plan.sizes.some((size) => size === null)) return null;
  return {
    expanded: plan.sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    plain: plan.tests.length,
  };
}
