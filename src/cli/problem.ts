import type { Problem } from '../base/failure.ts';
import { member } from '../base/member.ts';
import { CliError, shown } from './terminal.ts';

/** A request the server answered with problem details (RFC 9457). */
export class RefusedRequest extends CliError {
  readonly status: number;
  readonly code: string;
  readonly problems: readonly Problem[];
  /** The body as it came, for `--json`. */
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    const problems = readProblems(member(body, 'problems'));
    const given = member(body, 'code');
    const code = typeof given === 'string' ? given : '';
    super(sentence(status, body, problems, code));
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

function sentence(status: number, body: unknown, problems: Problem[], code: string): string {
  const said = member(body, 'detail') ?? member(body, 'title');
  const detail = shown(said ?? `The server answered ${status} without saying why.`);
  const next = code === 'NOT_SIGNED_IN' ? ['Sign in with: aims login --email YOU@EXAMPLE.ORG'] : [];
  const id = member(body, 'requestId');
  const request = typeof id === 'string' && status >= 500 ? [`Request ${shown(id)}`] : [];
  return [detail, ...problemLines(problems), ...next, ...request].join('\n');
}

/** One line a problem: where, and what is wrong there. */
export function problemLines(problems: readonly Problem[]): string[] {
  return problems.map((p) => `  ${shown(p.path) || '(whole input)'}: ${shown(p.message)}`);
}
