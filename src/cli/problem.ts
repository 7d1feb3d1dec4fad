import type { Problem } from '../base/failure.ts';
import { CliError, shown } from './terminal.ts';

/** A request the server answered with problem details (RFC 9457). */
export class RefusedRequest extends CliError {
  readonly status: number;
  readonly code: string;
  readonly problems: readonly Problem[];
  /** The body as it came, for `--json`. */
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    const b = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    const problems = readProblems(b.problems);
    const code = typeof b.code === 'string' ? b.code : '';
    super(sentence(status, b, problems, code));
    this.name = 'RefusedRequest';
    this.status = status;
    this.code = code;
    this.problems = problems;
    this.body = body;
  }
}

function readProblems(value: unknown): Problem[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((p): p is Record<string, unknown> => typeof p === 'object' && p !== null)
    .map((p) => ({ path: String(p.path ?? ''), message: String(p.message ?? '') }));
}

function sentence(status: number, b: Record<string, unknown>, problems: Problem[], code: string): string {
  const detail = shown(b.detail ?? b.title ?? `The server answered ${status} without saying why.`);
  const next = code === 'NOT_SIGNED_IN' ? ['Sign in with: aims login --email YOU@EXAMPLE.ORG'] : [];
  const request = typeof b.requestId === 'string' && status >= 500 ? [`Request ${shown(b.requestId)}`] : [];
  return [detail, ...problemLines(problems), ...next, ...request].join('\n');
}

/** One line a problem: where, and what is wrong there. */
export function problemLines(problems: readonly Problem[]): string[] {
  return problems.map((p) => `  ${shown(p.path) || '(whole input)'}: ${shown(p.message)}`);
}
