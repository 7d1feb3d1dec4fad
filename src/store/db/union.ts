import { hash } from 'node:crypto';
import type { Row, Statement } from './database.ts';

interface Union {
  text: string;
  name: string;
  of: readonly string[];
}

/** Unions that were made before, by the names of their statements; what other declarations make of these names is another union. */
const MADE = new Map<string, Union>();

/**
 * Several named statements as one, so that what does not depend on each other costs one: each row says in `source` which statement it came from (its place
 * in the list), and in `row` what that statement gave, as JSON: moments are texts there. The order of each statement's rows is kept.
 */
export function together(statements: readonly Statement[]): Statement {
  const key = statements.map((s) => s.name).join(' ');
  const before = MADE.get(key);
  const made = before && statements.every((s, i) => s.text === before.of[i]) ? before : unionOf(statements);
  MADE.set(key, made);
  return { text: made.text, name: made.name, values: statements.flatMap((s) => s.values ?? []) };
}

function unionOf(statements: readonly Statement[]): Union {
  let before = 0;
  const parts = statements.map((s, source) => {
    if (s.name === undefined)
      throw new Error(`a statement without a name is made one with others: ${s.text}`);
    const offset = before;
    before += s.values?.length ?? 0;
    const text = s.text.replace(/\$(\d+)/g, (_, n) => `$${Number(n) + offset}`);
    return `(select ${source} as source, to_jsonb(x) as row from (${text}) x)`;
  });
  const text = parts.join(' union all ');
  // A name may have 63 characters.
  return { text, name: `together-${hash('sha256', text).slice(0, 32)}`, of: statements.map((s) => s.text) };
}

/** What the statement at this place of the list gave. */
export const rowsOf = (rows: readonly Row[], source: number): Row[] =>
  rows.filter((r) => r.source === source).map((r) => r.row as Row);

/** Asks several statements as one; answers the rows of each, in their order. */
export async function askTogether(
  ask: (s: Statement) => Promise<Row[]>,
  statements: readonly Statement[],
): Promise<Row[][]> {
  const rows = await ask(together(statements));
  return statements.map((_, i) => rowsOf(rows, i));
}
