/** The rows of a promptfoo file as cases and the providers as subjects. Texts are replaced by their digests. */
import type { JsonObject, JsonValue } from '../base/json.ts';
import { hazardRef } from './hazards.ts';
import type { CaseResult, Subject } from './model.ts';
import { pluginOf, severityOf } from './promptfoo-coverage.ts';
import type { PromptfooFile, Row } from './promptfoo-file.ts';
import { type Judged, judge } from './promptfoo-verdict.ts';
import { digest, has, objectAt, stringAt } from './reading.ts';

const MODEL_PROVIDERS = new Set(
  (
    'openai anthropic azure azureopenai google vertex palm bedrock sagemaker mistral cohere groq ollama localai huggingface ' +
    'replicate openrouter togetherai fireworks deepseek xai perplexity cerebras cloudflare-ai databricks watsonx ai21 ' +
    'aimlapi github nscale hyperbolic cerebras llamafile vllm text-generation-webui jfrog snowflake voyage'
  ).split(/\s+/),
);

/** What a provider id says about the thing tested, e.g. `custom:bot@2.3.1` or `openai:gpt-4o-2024-08-06`. */
export function subjectOf(provider: string, label: string | null): Subject {
  const [, name = provider, version = null] = /^(.+)@(v?\d[\w.+-]*)$/.exec(provider) ?? [];
  const dated = /-(\d{4}-\d{2}-\d{2}|20\d{6})(?:-v\d+(?::\d+)?)?$/.exec(provider);
  return {
    role: MODEL_PROVIDERS.has(provider.split(':', 1)[0] ?? '') ? 'model' : 'system',
    name: label ?? name,
    version: version ?? dated?.[1] ?? null,
    provider,
  };
}

/** The provider of a row: an object with id and label, in old files a string; that of its column when it has none. */
function providerOf(row: Row, prompts: JsonObject[] | null): { id: string; label: string | null } | null {
  const provider = row.source.provider;
  if (typeof provider === 'string' && provider !== '') return { id: provider, label: null };
  const object = objectAt(row.source, 'provider');
  const id = stringAt(object, 'id') ?? stringAt(object, 'label');
  if (id !== null) return { id, label: stringAt(object, 'label') };
  const column = row.promptIdx === null ? null : stringAt(prompts?.[row.promptIdx] ?? null, 'provider');
  return column === null ? null : { id: column, label: null };
}

/** The things tested, each once, sorted by provider id. */
export function subjectsOf(file: PromptfooFile): Subject[] {
  const subjects = new Map<string, Subject>();
  const add = (id: string, label: string | null) => {
    const key = JSON.stringify([id, label]);
    if (!subjects.has(key)) subjects.set(key, subjectOf(id, label));
  };
  for (const row of file.rows) {
    const provider = providerOf(row, file.prompts);
    if (provider !== null) add(provider.id, provider.label);
  }
  if (subjects.size === 0) {
    for (const prompt of file.prompts ?? []) {
      const provider = stringAt(prompt, 'provider');
      if (provider !== null) add(provider, null);
    }
  }
  return [...subjects.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subject]) => subject);
}

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
export function casesOf(file: PromptfooFile): { row: Row; judged: Judged; result: CaseResult }[] {
  const attempt = attempts(file);
  return file.rows.map((row) => {
    const judged = judge(row);
    const plugin = pluginOf(row);
    const metadata = objectAt(row.source, 'metadata') ?? objectAt(row.testCase, 'metadata');
    const result: CaseResult = {
      caseId: row.id ?? `${row.testIdx ?? '?'}:${row.promptIdx ?? '?'}:${row.location}`,
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
