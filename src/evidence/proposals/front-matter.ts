import { isMap, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { messageOf } from '../../base/thrown.ts';
import type { Findings } from '../findings.ts';

/** Longest front matter that is read, in characters; nesting; values. */
const MOST = 262_144;
const DEPTH = 32;
const VALUES = 50_000;

/** A card taken apart: the metadata at its top, and the text below. */
export interface Card {
  meta: JsonObject | null;
  body: string;
}

/**
 * Splits a Markdown card. Only `---` alone on a line begins metadata, and it is YAML: a word after it names a language that some
 * readers would run, and is refused. Refusals and oddities are findings.
 */
export function readCard(text: string, findings: Findings): Card | undefined {
  const lines = /^(---[^\n]*)\n/.exec(text);
  if (!lines) return { meta: null, body: text };
  const first = lines[1]!.trimEnd();
  if (first !== '---') {
    findings.refuse(
      'front-matter',
      'line 1',
      'The metadata must begin with --- alone on the first line and be YAML; metadata in another language is never run.',
    );
    return undefined;
  }
  const rest = text.slice(lines[0].length);
  const end = /^(?:---|\.\.\.)[ \t]*\r?$/m.exec(rest);
  if (!end) {
    findings.refuse(
      'front-matter',
      'line 1',
      'The metadata that begins with --- has no end; a second line of --- was expected.',
    );
    return undefined;
  }
  const source = rest.slice(0, end.index);
  const body = rest.slice(end.index + end[0].length);
  if (source.length > MOST) {
    findings.refuse('too-large', 'front matter', `The metadata is longer than ${MOST} characters.`);
    return undefined;
  }
  const meta = readYaml(source, findings);
  return meta === undefined ? undefined : { meta, body };
}

function readYaml(source: string, findings: Findings): JsonObject | null | undefined {
  const refuse = (code: string, place: string, message: string) => {
    findings.refuse(code, place, message);
    return undefined;
  };
  // The reader of YAML calls itself for each level: what is nested deeper than anybody writes is refused before it.
  if (deepest(source) > 200) return refuse('too-deep', 'front matter', 'The metadata is nested too deeply.');
  const lineCounter = new LineCounter();
  try {
    const doc = parseDocument(source, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: true,
      merge: false,
      strict: true,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter,
    });
    const fault = doc.errors[0];
    if (fault) {
      const { line } = lineCounter.linePos(fault.pos[0]);
      return refuse(
        'not-yaml',
        `line ${line + 1}`,
        `The metadata is not YAML that can be read: ${fault.message.split('\n')[0]!.slice(0, 200)}`,
      );
    }
    if (doc.warnings.length > 0)
      findings.flag(
        'unknown-tag',
        'front matter',
        'The metadata uses types of its own (!); they are read as plain values.',
      );
    let values = 0;
    let keys = true;
    visit(doc, (_, node) => {
      values += 1;
      if (isPair(node) && !isScalar(node.key)) keys = false;
      return values > VALUES ? visit.BREAK : undefined;
    });
    if (values > VALUES)
      return refuse('too-large', 'front matter', `The metadata holds more than ${VALUES} values.`);
    if (!keys) return refuse('not-yaml', 'front matter', 'The metadata has a key that is not a word.');
    if (doc.contents === null) return null;
    if (!isMap(doc.contents))
      return refuse('not-yaml', 'front matter', 'The metadata is not a list of names with values.');
    const budget = { left: VALUES };
    return plain(doc.toJS({ maxAliasCount: 50 }), 'front matter', 0, budget, findings) as JsonObject;
  } catch (error) {
    if (error instanceof RangeError)
      return refuse('too-deep', 'front matter', 'The metadata is nested too deeply.');
    return refuse(
      'not-yaml',
      'front matter',
      `The metadata cannot be read: ${messageOf(error).slice(0, 120)}`,
    );
  }
}

/** How deep brackets or lines of a text are nested, at most. */
function deepest(source: string): number {
  let depth = 0;
  let most = 0;
  for (const c of source) {
    if (c === '[' || c === '{') most = Math.max(most, ++depth);
    else if ((c === ']' || c === '}') && depth > 0) depth -= 1;
  }
  let dashes = 0;
  for (const m of source.matchAll(/^[ \t]*((?:[-?:][ \t]+)*)/gm)) dashes = Math.max(dashes, m[0].length);
  return Math.max(most, Math.floor(dashes / 2));
}

/** The same as JSON has it: objects without prototype; what JSON cannot hold becomes nothing, and is told. */
function plain(
  value: unknown,
  place: string,
  depth: number,
  budget: { left: number },
  findings: Findings,
): JsonValue {
  budget.left -= 1;
  if (depth > DEPTH || budget.left < 0) throw new RangeError('too deep or too large');
  if (typeof value === 'number' && !Number.isFinite(value)) {
    findings.flag('not-a-number', place, 'A value is not a number (NaN or infinite); it is read as missing.');
    return null;
  }
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value))
    return value.map((v, i) => plain(v, `${place}/${i}`, depth + 1, budget, findings));
  if (typeof value === 'object' && value !== null) {
    const out = Object.create(null) as JsonObject;
    for (const [k, v] of Object.entries(value))
      out[k] = plain(v, `${place}/${k.slice(0, 60)}`, depth + 1, budget, findings);
    return out;
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
