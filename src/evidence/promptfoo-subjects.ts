/** The providers of a promptfoo file as subjects, and which of them each row was run on. */
import type { JsonObject } from '../base/json.ts';
import { type CaseResult, countOf, type Subject, type TestedSubject } from './model.ts';
import type { PromptfooFile, Row } from './promptfoo-file.ts';
import { objectAt, stringAt } from './reading.ts';

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
export function providerOf(
  row: Row,
  prompts: JsonObject[] | null,
): { id: string; label: string | null } | null {
  const provider = row.source.provider;
  if (typeof provider === 'string' && provider !== '') return { id: provider, label: null };
  const object = objectAt(row.source, 'provider');
  const id = stringAt(object, 'id') ?? stringAt(object, 'label');
  if (id !== null) return { id, label: stringAt(object, 'label') };
  const column = row.promptIdx === null ? null : stringAt(prompts?.[row.promptIdx] ?? null, 'provider');
  return column === null ? null : { id: column, label: null };
}

/** What was tested, and the rows of each. */
export interface Whose {
  /** Each once, sorted by provider id. */
  subjects: Subject[];
  /** Index of the subject of a row; a row is absent when it cannot be told beyond doubt. */
  ofRow: Map<Row, number>;
  /** For each subject the part of the prompt columns that is its own. */
  shares: number[];
}

/** What tells a provider from others: its id and its label. */
function keyOf(row: Row, file: PromptfooFile): string | null {
  const provider = providerOf(row, file.prompts);
  return provider === null ? null : JSON.stringify([provider.id, provider.label]);
}

const fromKey = (key: string): Subject => subjectOf(...(JSON.parse(key) as [string, string | null]));

/** Providers of the rows; those of the columns when there is no row. */
function keysOf(file: PromptfooFile): string[] {
  const keys = new Set(file.rows.map((row) => keyOf(row, file)).filter((key) => key !== null));
  if (keys.size === 0) {
    for (const prompt of file.prompts ?? []) {
      const provider = stringAt(prompt, 'provider');
      if (provider !== null) keys.add(JSON.stringify([provider, null]));
    }
  }
  return [...keys].sort((a, b) => (a < b ? -1 : 1));
}

/**
 * The provider of each column, by the name the file has for it: the label or the id of the provider. A name that fits
 * two of the providers in the rows tells nothing, so the column is then absent.
 */
function columnsOf(file: PromptfooFile, keys: readonly string[]): Map<number, string> {
  const fitting = new Map<string, Set<string>>();
  for (const key of keys) {
    for (const name of JSON.parse(key) as [string, string | null]) {
      if (name !== null) fitting.set(name, (fitting.get(name) ?? new Set()).add(key));
    }
  }
  const columns = new Map<number, string>();
  (file.prompts ?? []).forEach((prompt, idx) => {
    const [key, another] = fitting.get(stringAt(prompt, 'provider') ?? '') ?? [];
    if (key !== undefined && another === undefined) columns.set(idx, key);
  });
  return columns;
}

/**
 * Tells the rows of several providers apart. The name in a row alone is not believed: a failure could be given to
 * another provider by changing it. Its column must bear it out.
 */
export function whoseRows(file: PromptfooFile): Whose {
  const keys = keysOf(file);
  const columns = columnsOf(file, keys);
  const numbers = new Map(keys.map((key, n) => [key, n]));
  const ofRow = new Map<Row, number>();
  for (const row of file.rows) {
    const key = keyOf(row, file);
    const sure = keys.length === 1 || (row.promptIdx !== null && columns.get(row.promptIdx) === key);
    const number = key === null ? undefined : numbers.get(key);
    if (number !== undefined && sure) ofRow.set(row, number);
  }
  return { subjects: keys.map(fromKey), ofRow, shares: sharesOf(file, keys, columns) };
}

function sharesOf(file: PromptfooFile, keys: readonly string[], columns: Map<number, string>): number[] {
  if (keys.length === 1) return [1];
  const width = Math.max(1, file.prompts?.length ?? 1);
  const own = new Map<string, number>();
  for (const key of columns.values()) own.set(key, (own.get(key) ?? 0) + 1);
  return keys.map((key) => (own.get(key) ?? 0) / width);
}

/** The subjects with the counts of their cases. */
export function subjectsOf({ subjects, shares }: Whose, cases: readonly CaseResult[]): TestedSubject[] {
  // One pass: a hostile file names another provider in each of a million rows.
  const own = subjects.map((): CaseResult[] => []);
  for (const one of cases) if (one.subject !== null) own[one.subject]?.push(one);
  return subjects.map((subject, n) => ({
    ...subject,
    counts: countOf(own[n] ?? []),
    share: shares[n] ?? 0,
  }));
}
