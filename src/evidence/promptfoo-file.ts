/**
 * The parts of a promptfoo results file, version 2 (`results.table`) and 3 (`results.prompts`), brought to one shape.
 * Source: the JSON written by promptfoo 0.24 to 0.121 (`promptfoo eval -o x.json`, `promptfoo export eval`), and the
 * summary its node package returns, which has no configuration around it.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { arrayAt, has, indexAt, numberAt, objectAt, stringAt } from './reading.ts';

/** One row of a run as the file has it, with the types checked. */
export interface Row {
  /** JSON pointer of the row. */
  location: string;
  id: string | null;
  promptIdx: number | null;
  testIdx: number | null;
  success: boolean | null;
  /** 0 none, 1 an assertion failed, 2 an error; null in files older than that member. */
  failureReason: number | null;
  score: number | null;
  grading: JsonObject | null;
  /** The results of the assertions, those of assertion sets also listed flat after their parent. */
  components: JsonObject[];
  testCase: JsonObject | null;
  source: JsonObject;
}

/** A results file taken apart. Nothing is checked yet but the shape. */
export interface PromptfooFile {
  root: JsonObject;
  config: JsonObject | null;
  results: JsonObject;
  /** JSON pointer of `results`. */
  at: string;
  version: JsonValue | undefined;
  rows: Row[];
  /** Elements among the rows that are no objects: their JSON pointers. */
  notRows: string[];
  /** The prompt columns: one for each prompt and provider. Null when the file has none. */
  prompts: JsonObject[] | null;
  promptsAt: string;
  stats: JsonObject | null;
}

function objects(values: JsonValue[] | null): JsonObject[] | null {
  return values === null ? null : values.filter(isJsonObject);
}

function rowOf(source: JsonObject, location: string): Row {
  const grading = objectAt(source, 'gradingResult');
  return {
    location,
    id: stringAt(source, 'id'),
    promptIdx: indexAt(source, 'promptIdx'),
    testIdx: indexAt(source, 'testIdx'),
    success: typeof source.success === 'boolean' ? source.success : null,
    failureReason: numberAt(source, 'failureReason'),
    score: numberAt(source, 'score'),
    grading,
    components: objects(arrayAt(grading, 'componentResults')) ?? [],
    testCase: objectAt(source, 'testCase') ?? objectAt(source, 'test'),
    source,
  };
}

/** A cell of the version 2 table as a row. */
function rowOfCell(
  cell: JsonObject,
  test: JsonObject | null,
  place: [number, number],
  location: string,
): Row {
  const source = Object.assign(Object.create(null), cell, { success: cell.pass ?? null }) as JsonObject;
  if (source.response === undefined && cell.text !== undefined) {
    source.response = { output: cell.text };
  }
  const row = rowOf(source, location);
  return { ...row, testIdx: place[0], promptIdx: place[1], testCase: row.testCase ?? test };
}

/** The rows of `results.table.body`, for files that have a table and no list of rows. */
export function rowsOfTable(results: JsonObject, at: string): Row[] {
  const body = arrayAt(objectAt(results, 'table'), 'body') ?? [];
  return body.flatMap((line, testIdx) => {
    if (!isJsonObject(line)) return [];
    const cells = arrayAt(line, 'outputs') ?? [];
    return cells.flatMap((cell, promptIdx) => {
      const location = `${at}/table/body/${testIdx}/outputs/${promptIdx}`;
      return isJsonObject(cell)
        ? [rowOfCell(cell, objectAt(line, 'test'), [testIdx, promptIdx], location)]
        : [];
    });
  });
}

/** Whether this JSON is a promptfoo results file, judged by its shape; null when it is not. */
export function openPromptfoo(root: JsonValue): PromptfooFile | null {
  if (!isJsonObject(root)) return null;
  const inner = objectAt(root, 'results');
  if (inner !== null) {
    if (arrayAt(inner, 'results') === null && objectAt(inner, 'table') === null) return null;
    return takeApart(root, inner, '/results');
  }
  const bare = arrayAt(root, 'results') !== null && has(root, 'version') && has(root, 'stats');
  return bare ? takeApart(root, root, '') : null;
}

function takeApart(root: JsonObject, results: JsonObject, at: string): PromptfooFile {
  const list = arrayAt(results, 'results');
  const notRows: string[] = [];
  let rows = (list ?? []).flatMap((row, n) => {
    const location = `${at}/results/${n}`;
    if (isJsonObject(row)) return [rowOf(row, location)];
    notRows.push(location);
    return [];
  });
  if (list === null) rows = rowsOfTable(results, at);
  const head = objectAt(objectAt(results, 'table'), 'head');
  const inTable = arrayAt(results, 'prompts') === null && head !== null;
  return {
    root,
    config: at === '' ? null : objectAt(root, 'config'),
    results,
    at,
    version: results.version,
    rows,
    notRows,
    prompts: objects(arrayAt(inTable ? head : results, 'prompts')),
    promptsAt: inTable ? `${at}/table/head/prompts` : `${at}/prompts`,
    stats: objectAt(results, 'stats'),
  };
}

/** The type of the assertion a component is the result of, e.g. `contains`. */
export function assertionType(component: JsonObject): string | null {
  return stringAt(objectAt(component, 'assertion'), 'type');
}

function comparing(type: string | null): boolean {
  return type === 'select-best' || type === 'max-score';
}

/**
 * Whether outputs of several prompts were compared for this row. Older versions of the tool counted the row first and
 * changed it afterwards, so its summary may honestly differ.
 */
export function isCompared(row: Row): boolean {
  const asserts = objects(arrayAt(row.testCase, 'assert')) ?? [];
  return (
    (row.grading !== null && comparing(assertionType(row.grading))) ||
    row.components.some((component) => comparing(assertionType(component))) ||
    asserts.some((assertion) => comparing(stringAt(assertion, 'type')))
  );
}

/** Whether a person rated this row by hand in the tool's viewer; the rating replaces the verdict of the assertions. */
export function isHumanRated(row: Row): boolean {
  return row.components.some((component) => assertionType(component) === 'human');
}
