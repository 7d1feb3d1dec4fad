/**
 * Results files of promptfoo (an LLM evaluation and red-team tool), formats 2 and 3, as an inspection. The rows are the
 * evidence; totals, plan and metrics in the file only serve to notice what was changed or left out.
 */
import { type Findings, quoted } from './findings.ts';
import { type Content, countOf } from './model.ts';
import { casesOf } from './promptfoo-cases.ts';
import { checkLabels, coverHazards } from './promptfoo-coverage.ts';
import type { PromptfooFile } from './promptfoo-file.ts';
import { checkMatrix } from './promptfoo-matrix.ts';
import { readPlan } from './promptfoo-plan.ts';
import { subjectsOf, whoseRows } from './promptfoo-subjects.ts';
import { checkPromptMetrics, checkStats, checkTable } from './promptfoo-totals.ts';
import { checkRow } from './promptfoo-verdict.ts';
import { digest, has, numberAt, objectAt, stringAt } from './reading.ts';

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** The first release of the tool; no genuine run is older. */
const FIRST_RELEASE = Date.parse('2023-04-01T00:00:00Z');

/** An ISO 8601 instant with a zone as milliseconds, or null. */
function instant(text: string | null): number | null {
  if (text === null || !ISO.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

function timesOf(
  file: PromptfooFile,
  findings: Findings,
): { startedAt: string | null; endedAt: string | null } {
  const { timestamp } = file.results;
  const where = `${file.at}/timestamp`;
  const started = typeof timestamp === 'string' ? instant(timestamp) : null;
  if (started === null) {
    const got =
      typeof timestamp === 'string'
        ? quoted(timestamp)
        : has(file.results, 'timestamp')
          ? typeof timestamp
          : 'none';
    findings.flag('bad-timestamp', where, `A time like 2026-01-31T12:00:00Z was expected, but got ${got}.`);
    return { startedAt: null, endedAt: null };
  }
  const startedAt = new Date(started).toISOString();
  if (started < FIRST_RELEASE) {
    findings.flag('bad-timestamp', where, `The run claims to be of ${startedAt}, before the tool existed.`);
  }
  const metadata = objectAt(file.root, 'metadata');
  const exported = instant(stringAt(metadata, 'exportedAt'));
  if (has(metadata, 'exportedAt') && (exported === null || exported < started - 1000)) {
    const message = `exportedAt was expected to be a time after the start of the run (${startedAt}).`;
    findings.flag('bad-timestamp', '/metadata/exportedAt', message);
  }
  checkRunId(file, started, findings);
  const duration = numberAt(file.stats, 'durationMs');
  const ended = duration !== null && duration >= 0 && duration < 1e11 ? started + duration : null;
  return { startedAt, endedAt: ended === null ? null : new Date(ended).toISOString() };
}

/** The id of a run ends with the time it was created: `eval-anX-2026-11-23T18:08:44`. */
function checkRunId(file: PromptfooFile, started: number, findings: Findings): void {
  const id = stringAt(file.root, 'evalId');
  const part = /(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})/.exec(id ?? '')?.[1];
  const created = part === undefined ? null : instant(`${part}Z`);
  if (created === null || Math.abs(created - started) <= 26 * 3600_000) return;
  const message = `The run id ${quoted(id ?? '')} names another day than the timestamp ${new Date(started).toISOString()}.`;
  findings.flag('bad-timestamp', '/evalId', message);
}

function formatVersion(file: PromptfooFile, findings: Findings): string | null {
  const { version } = file;
  if (version === 2 || version === 3) return String(version);
  const where = `${file.at}/version`;
  if (version === undefined || version === null) {
    if (file.rows.length > 0 || file.notRows.length > 0) {
      const message =
        'The results state no version; 2 or 3 was expected. Export the run again with the tool.';
      findings.refuse('unsupported-version', where, message);
    }
    return null;
  }
  const got = typeof version === 'object' ? 'something else' : quoted(String(version));
  const message = `The version of the results is ${got}; 2 and 3 are read. Keep the file and ask for support of this version.`;
  findings.refuse('unsupported-version', where, message);
  return typeof version === 'object' ? null : String(version).slice(0, 40);
}

function checkShape(file: PromptfooFile, findings: Findings): void {
  for (const where of file.notRows) {
    findings.refuse('bad-row', where, 'An element of the results is no object; a row was expected.');
  }
  if (file.rows.length === 0) {
    const message = 'The file holds no rows: nothing ran, so it shows nothing about the system.';
    findings.flag('nothing-ran', `${file.at}/results`, message);
  } else if (file.config === null) {
    findings.flag(
      'no-plan',
      '',
      'The file has no configuration, so the rows cannot be compared with a plan.',
    );
  }
}

function tellCrashes(
  inspected: { graderErrors: number; silent: number; total: number },
  findings: Findings,
): void {
  const { graderErrors, silent, total } = inspected;
  if (graderErrors > 0) {
    const message = `In ${graderErrors} of ${total} rows the grader itself failed; they are inconclusive, whatever the tool recorded.`;
    findings.flag('grader-error', '', message);
  }
  if (silent > 0) {
    const message = `In ${silent} of ${total} rows the target gave no output and nothing was graded; they are inconclusive.`;
    findings.flag('no-output', '', message);
  }
}

/** Reads an opened promptfoo file. What is wrong with it goes to the findings; nothing is thrown for bad content. */
export function readPromptfoo(file: PromptfooFile, findings: Findings): Content {
  const version = formatVersion(file, findings);
  checkShape(file, findings);
  const plan = readPlan(file);
  const whose = whoseRows(file);
  const judgedRows = casesOf(file, whose);
  for (const { row, judged } of judgedRows) checkRow(row, judged, plan, findings);
  const reported = checkStats(file, findings);
  checkPromptMetrics(file, plan, findings);
  checkTable(file, findings);
  const complete = checkMatrix(file, plan, findings);
  checkLabels(file.rows, findings);
  const cases = judgedRows.map(({ result }) => result);
  const counts = countOf(cases);
  const graderErrors = cases.filter((result) => result.grader.error).length;
  tellCrashes({ graderErrors, silent: counts.inconclusive - graderErrors, total: counts.total }, findings);
  return {
    format: 'promptfoo.results',
    formatVersion: version,
    tool: { name: 'promptfoo', version: stringAt(objectAt(file.root, 'metadata'), 'promptfooVersion') },
    kind: cases.some((result) => result.hazards.length > 0) ? 'redteam' : 'eval',
    toolRunId: stringAt(file.root, 'evalId') ?? stringAt(file.root, 'id'),
    status: complete && counts.total > 0 ? 'complete' : 'incomplete',
    ...timesOf(file, findings),
    counts,
    reported,
    hazards: coverHazards(file, plan, cases, findings),
    subjects: subjectsOf(whose, cases),
    cases,
    config: { sha256: digest(file.config ?? undefined), description: stringAt(file.config, 'description') },
  };
}
