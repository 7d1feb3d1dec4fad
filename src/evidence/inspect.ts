/** The one way into evidence files: bytes in, an inspection out. Pure; what a file is, is told by its content alone. */
import { sha256Hex } from '../base/canonical.ts';
import { JsonError, type JsonErrorCode, type JsonValue, parseJson } from '../base/json.ts';
import { Findings } from './findings.ts';
import { type Content, type Inspection, noCounts } from './model.ts';
import { readPromptfoo } from './promptfoo.ts';
import { openPromptfoo } from './promptfoo-file.ts';

/** Options of an inspection. */
export interface InspectOptions {
  /** Shown in messages only; the content decides what the file is. */
  fileName?: string;
  /** 64 MiB by default. */
  maxBytes?: number;
}

const CODES: Record<JsonErrorCode, string> = {
  EMPTY: 'empty-file',
  TRUNCATED: 'truncated',
  SYNTAX: 'not-json',
  TRAILING_DATA: 'not-json',
  DUPLICATE_KEY: 'duplicate-key',
  PROTO_KEY: 'forbidden-key',
  DEPTH: 'too-deep',
  NON_FINITE: 'non-finite-number',
  BIG_INTEGER: 'not-json',
  LONE_SURROGATE: 'encoding',
  ENCODING: 'encoding',
  TOO_LARGE: 'too-large',
  TOO_MANY_KEYS: 'too-large',
};

/** Codes of files that could not be read at all, as against files that were read and refused. */
const UNREADABLE = new Set([...Object.values(CODES), 'unknown-format', 'unreadable']);

const nothing = (): Content => ({
  format: null,
  formatVersion: null,
  tool: null,
  kind: 'eval',
  toolRunId: null,
  status: 'incomplete',
  startedAt: null,
  endedAt: null,
  counts: noCounts(),
  reported: null,
  hazards: [],
  subjects: [],
  cases: [],
  config: { sha256: null, description: null },
});

/** What the file may be instead of JSON, by its first characters; an empty string when there is no hint. */
function hint(bytes: Uint8Array, error: JsonError): string {
  const start = Buffer.from(bytes.subarray(0, 40)).toString('latin1').trimStart();
  if (start.startsWith('<')) return ' It looks like XML or HTML; export the run as JSON (-o results.json).';
  if (start.startsWith('PK')) return ' It looks like a ZIP archive; take the JSON file out of it.';
  if (error.code === 'TRAILING_DATA' && error.line > 1 && error.column === 1) {
    return ' It looks like JSON Lines, which lacks plan and totals; export the run as JSON (-o results.json).';
  }
  return /^[A-Za-z]\w*:/.test(start) ? ' It looks like YAML; export the run as JSON (-o results.json).' : '';
}

function readJson(bytes: Uint8Array, opts: InspectOptions, findings: Findings): JsonValue | undefined {
  try {
    return parseJson(bytes, opts.maxBytes === undefined ? {} : { maxBytes: opts.maxBytes });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const where = `line ${error.line}, column ${error.column}`;
    findings.refuse(CODES[error.code], where, `${error.message}${hint(bytes, error)}`);
    return undefined;
  }
}

function readContent(json: JsonValue, opts: InspectOptions, findings: Findings): Content {
  const file = openPromptfoo(json);
  if (file !== null) return readPromptfoo(file, findings);
  const name = opts.fileName === undefined ? 'The file' : `The file ${JSON.stringify(opts.fileName)}`;
  const message = `${name} is JSON, but not of a format that is read; a results file of promptfoo ("results" with its rows) was expected.`;
  findings.refuse('unknown-format', '', message);
  return nothing();
}

/**
 * Inspects an evidence file. Never throws for its content: a file that cannot be read or contradicts itself comes back
 * with `accepted: false` and the reasons as findings of severity `refuse`.
 */
export function inspectEvidence(bytes: Uint8Array, opts: InspectOptions = {}): Inspection {
  const findings = new Findings();
  let content = nothing();
  try {
    const json = readJson(bytes, opts, findings);
    if (json !== undefined) content = readContent(json, opts, findings);
  } catch (error) {
    // A fault of this reader must not take the service down, and must never let a file pass.
    const reason = error instanceof Error ? error.name : 'unknown';
    findings.refuse(
      'unreadable',
      '',
      `The reader could not make sense of the file (${reason}); please report it.`,
    );
    content = nothing();
  }
  return {
    accepted: !findings.refused,
    ...content,
    findings: findings.all(),
    sha256: sha256Hex(bytes),
    bytes: bytes.length,
  };
}

/** Whether the bytes could not even be read as a file of a known format (as against read and refused). */
export function couldNotBeRead(inspection: Inspection): boolean {
  return inspection.findings.some(({ severity, code }) => severity === 'refuse' && UNREADABLE.has(code));
}

/** The public JSON form of an inspection. Members are added at the end only; none is renamed or taken away. */
export function inspectionJson(inspection: Inspection) {
  const { format, formatVersion, tool, counts, reported, hazards, subjects, findings } = inspection;
  return {
    format,
    formatVersion,
    tool,
    counts,
    reported,
    hazards: hazards.map(({ id, planned, executed, failed }) => ({ id, planned, executed, failed })),
    subjects: subjects.map(({ role, name, version, provider }) => ({ role, name, version, provider })),
    findings: findings.map(({ code, severity, location, message }) => ({
      code,
      severity,
      location,
      message,
    })),
    accepted: inspection.accepted,
    kind: inspection.kind,
    status: inspection.status,
    sha256: inspection.sha256,
    toolRunId: inspection.toolRunId,
    startedAt: inspection.startedAt,
    endedAt: inspection.endedAt,
  };
}
