/** The rows of a promptfoo file as cases. Texts are replaced by their digests. */
import type { JsonValue } from '../base/json.ts';
import { hazardRef } from './hazards.ts';
import type { CaseResult } from './model.ts';
import { pluginOf, severityOf } from './promptfoo-coverage.ts';
import type { PromptfooFile, Row } from './promptfoo-file.ts';
import { providerOf, type Whose } from './promptfoo-subjects.ts';
import { type Judged, judge } from './promptfoo-verdict.ts';
import { digest, has, objectAt, stringAt } from './reading.ts';

function inputOf(row: Row): JsonValue | undefined {
  const { prompt } = row.source;
  return typeof prompt === 'string' ? prompt : (objectAt(row.source, 'prompt')?.raw ?? prompt);
}

function outputOf(row: Row): JsonValue | undefined {
  const response = objectAt(row.source, 'response');
  return has(response, 'output') ? response?.output : row.source.output;
}

/** What makes two rows attempts at the same case: the same test for the same provider and prompt. */
function sameCase(row: Row, file: PromptfooFile): string {
  const vars = digest(row.source.vars ?? row.testCase?.vars);
  return JSON.stringify([
    row.promptIdx ?? providerOf(row, file.prompts)?.id ?? null,
    stringAt(row.testCase, 'description'),
    vars,
    digest(inputOf(row)),
    digest(row.testCase?.assert),
    digest(row.testCase?.metadata),
  ]);
}

/** Numbers the repeats of a case from 1 in the order the run had them. */
function attempts(file: PromptfooFile): Map<Row, number> {
  const order = [...file.rows].sort((a, b) => (a.testIdx ?? 0) - (b.testIdx ?? 0));
  const seen = new Map<string, number>();
  const numbers = new Map<Row, number>();
  for (const row of order) {
    const key = sameCase(row, file);
    const attempt = (seen.get(key) ?? 0) + 1;
    seen.set(key, attempt);
    numbers.set(row, attempt);
  }
  return numbers;
}

/** One case for each row, with the judgement it was made from. */
export function casesOf(
  file: PromptfooFile,
  whose: Whose,
): { row: Row; judged: Judged; result: CaseResult }[] {
  const attempt = attempts(file);
  return file.rows.map((row) => {
    const judged = judge(row);
    const plugin = pluginOf(row);
    const metadata = objectAt(row.source, 'metadata') ?? objectAt(row.testCase, 'metadata');
    const result: CaseResult = {
      caseId: row.id ?? `${row.testIdx ?? '?'}:${row.promptIdx ?? '?'}:${row.location}`,
      subject: whose.ofRow.get(row) ?? null,
      attempt: attempt.get(row) ?? 1,
      verdict: judged.verdict,
      score: row.score,
      hazards: plugin === null ? [] : [hazardRef(plugin)],
      severity: severityOf(stringAt(metadata, 'severity')),
      technique: stringAt(metadata, 'strategyId'),
      grader: { error: judged.graderError },
      location: row.location,
      inputSha256: digest(inputOf(row)),
      outputSha256: digest(outputOf(row)),
    };
    return { row, judged, result };
  });
}
