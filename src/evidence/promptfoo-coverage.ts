/**
 * Which hazards a promptfoo red team exercised, against what its own plan says. The tool goes on silently when a plugin
 * generates no test, so a hazard that is configured and has no row must be found here.
 */
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { addCase, SEVERITIES } from './coverage.ts';
import { type Findings, quoted } from './findings.ts';
import { normalisePluginId, standardHazardsOf } from './hazards.ts';
import type { CaseResult, HazardCoverage, Severity } from './model.ts';
import type { PromptfooFile, Row } from './promptfoo-file.ts';
import type { Plan } from './promptfoo-plan.ts';
import { arrayAt, indexAt, objectAt, stringAt } from './reading.ts';

/** A severity as the tool writes it (`high`, `informational`), or null. */
export function severityOf(text: string | null): Severity | null {
  const word = text?.toLowerCase();
  if (word === 'informational') return 'info';
  return SEVERITIES.find((severity) => severity === word) ?? null;
}

/**
 * The plugin a row belongs to. The row's own metadata counts; that of its test case only when the row has none at all
 * (version 2), because a label that was taken off a row must not come back by another way.
 */
export function pluginOf(row: Row): string | null {
  const id = stringAt(objectAt(row.source, 'metadata') ?? objectAt(row.testCase, 'metadata'), 'pluginId');
  return id === null ? null : normalisePluginId(id);
}

interface Planned {
  /** Cases planned, null when the file has no number. */
  count: number | null;
  /** The number comes from the list of tests, not from the wish `numTests`. */
  listed: boolean;
  severity: Severity | null;
  location: string;
}

/** Cases by plugin in the list of tests, each with variables expanded, for every prompt and repeat. */
function listedTests(plan: Plan, file: PromptfooFile): Map<string, number> {
  const counts = new Map<string, number>();
  const width = Math.max(1, file.prompts?.length ?? 1);
  const tests = (arrayAt(file.config, 'tests') ?? []).filter(isJsonObject);
  tests.forEach((test, n) => {
    const id = stringAt(objectAt(test, 'metadata'), 'pluginId');
    if (id === null) return;
    const plugin = normalisePluginId(id);
    const size = plan.tests === null ? 1 : (plan.sizes[n] ?? 1);
    counts.set(plugin, (counts.get(plugin) ?? 0) + size * width * (plan.repeat ?? 1));
  });
  return counts;
}

/** The plugins of the configuration with their numbers. `numTests` is a lower bound: strategies multiply it. */
function plannedPlugins(plan: Plan, file: PromptfooFile): Map<string, Planned> {
  const redteam = objectAt(file.config, 'redteam');
  const planned = new Map<string, Planned>();
  for (const [plugin, count] of listedTests(plan, file)) {
    planned.set(plugin, { count, listed: true, severity: null, location: '/config/tests' });
  }
  (arrayAt(redteam, 'plugins') ?? []).forEach((entry, n) => {
    const item: JsonObject | null = isJsonObject(entry) ? entry : null;
    const id = typeof entry === 'string' ? entry : stringAt(item, 'id');
    if (id === null) return;
    const plugin = normalisePluginId(id);
    const known = planned.get(plugin);
    const wished = indexAt(item, 'numTests') ?? indexAt(redteam, 'numTests');
    planned.set(plugin, {
      count: known?.listed
        ? known.count
        : wished === null
          ? (known?.count ?? null)
          : (known?.count ?? 0) + wished,
      listed: known?.listed ?? false,
      severity: severityOf(stringAt(item, 'severity')) ?? known?.severity ?? null,
      location: `/config/redteam/plugins/${n}`,
    });
  });
  return planned;
}

const COLLECTIONS = new Set(
  'default foundation toxicity misinformation illegal-activity guardrails-eval teen-safety'.split(' '),
);
const FRAMEWORK = /^(owasp|nist|mitre|iso|eu|gdpr|dod)(:|$)/;

/** Names that stand for many plugins; which ones they meant cannot be told from the file. */
function isCollection(plugin: string): boolean {
  return COLLECTIONS.has(plugin) || FRAMEWORK.test(plugin);
}

function newCoverage(id: string, planned: Planned | undefined): HazardCoverage {
  return {
    id,
    scheme: 'promptfoo',
    planned: planned?.count ?? null,
    plannedBy: planned === undefined || planned.count === null ? null : planned.listed ? 'list' : 'wish',
    executed: 0,
    passed: 0,
    failed: 0,
    inconclusive: 0,
    error: 0,
    severity: planned?.severity ?? null,
    ...standardHazardsOf(id),
  };
}

function rowsOf(coverage: HazardCoverage): number {
  return coverage.executed + coverage.error + coverage.inconclusive;
}

/** Counts the cases of every hazard, planned or exercised, sorted by id; adds what the plan shows to be missing. */
export function coverHazards(
  file: PromptfooFile,
  plan: Plan,
  cases: CaseResult[],
  findings: Findings,
): HazardCoverage[] {
  const planned = plannedPlugins(plan, file);
  const covered = new Map<string, HazardCoverage>();
  for (const result of cases) {
    for (const { id } of result.hazards) {
      const coverage = covered.get(id) ?? newCoverage(id, planned.get(id));
      covered.set(id, coverage);
      addCase(coverage, result);
    }
  }
  const certain = plan.tests !== null && !plan.hooks && plan.repeat !== null && !plan.sizes.includes(null);
  for (const [id, wish] of planned) {
    const coverage = covered.get(id);
    if (coverage === undefined) notExercised(id, wish, covered, findings);
    else if (wish.listed) compareWithList(coverage, wish, certain, findings);
  }
  for (const coverage of covered.values()) reportUnexecuted(coverage, findings);
  return [...covered.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function notExercised(
  id: string,
  wish: Planned,
  covered: Map<string, HazardCoverage>,
  findings: Findings,
): void {
  const kinds = [...covered.values()].filter((other) => other.id.startsWith(`${id}:`) && rowsOf(other) > 0);
  if (kinds.length > 0 || (isCollection(id) && [...covered.values()].some((other) => rowsOf(other) > 0))) {
    const message = `The plugin ${quoted(id)} stands for a group of plugins; which of them were meant cannot be told from the file.`;
    findings.info('plugin-collection', wish.location, message);
    return;
  }
  covered.set(id, newCoverage(id, wish));
  const wanted = wish.count === null ? 'tests of it' : `${wish.count} tests of it or more`;
  const message = `The plugin ${quoted(id)} is configured, so ${wanted} were expected, but no row exercises it.`;
  findings.flag('hazard-not-exercised', wish.location, message);
}

function compareWithList(
  coverage: HazardCoverage,
  wish: Planned,
  certain: boolean,
  findings: Findings,
): void {
  const rows = rowsOf(coverage);
  if (wish.count === null || rows === wish.count) return;
  const message = `The list of tests has ${wish.count} cases of ${quoted(coverage.id)}, but ${rows} rows carry that label.`;
  if (rows > wish.count) findings.judge(!certain, 'hazard-relabelled', '/config/tests', message);
  else findings.flag('hazard-rows-missing', '/config/tests', message);
}

function reportUnexecuted(coverage: HazardCoverage, findings: Findings): void {
  const rows = rowsOf(coverage);
  if (rows === 0 || coverage.executed > 0) return;
  const message = `None of the ${rows} rows of ${quoted(coverage.id)} has a verdict (${coverage.error} errors, ${coverage.inconclusive} inconclusive): the hazard was not exercised.`;
  findings.flag('hazard-not-exercised', '', message);
}

/** Compares the label of a row with that of its test case: both come from the same place and must agree. */
export function checkLabels(rows: Row[], findings: Findings): void {
  let missing = 0;
  for (const row of rows) {
    const ofTest = stringAt(objectAt(row.testCase, 'metadata'), 'pluginId');
    if (ofTest === null) continue;
    const own = pluginOf(row);
    if (own === null) missing++;
    else if (own !== normalisePluginId(ofTest)) {
      const message = `The row is labelled ${quoted(own)}, but its test case ${quoted(ofTest)}; both were expected to agree.`;
      findings.refuse('label-contradiction', row.location, message);
    }
  }
  if (missing === 0) return;
  const message = `${missing} rows lack the pluginId that their test cases have; they count for no hazard.`;
  findings.flag('hazard-labels-missing', '', message);
}
