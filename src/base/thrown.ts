/** What is known of something that was thrown: anything can be, so nothing of it is there for sure. */
export interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string;
  /** Of the system (`ENOENT`), the database (`23505`), or our own failures. */
  readonly code?: string;
  /** The call of the system that failed. */
  readonly syscall?: string;
  /** HTTP status, from libraries that answer with one. */
  readonly statusCode?: number;
  /** The line of a file in which reading it ended. */
  readonly lines?: number;
  readonly cause?: unknown;
}

/** Reads what was thrown without believing that it is an Error. */
export function thrown(what: unknown): Thrown {
  if (typeof what !== 'object' || what === null) return {};
  const text = (name: string): string | undefined => {
    const v: unknown = Reflect.get(what, name);
    return typeof v === 'string' ? v : undefined;
  };
  const number = (name: string): number | undefined => {
    const v: unknown = Reflect.get(what, name);
    return typeof v === 'number' ? v : undefined;
  };
  return {
    name: text('name'),
    message: text('message'),
    stack: text('stack'),
    code: text('code'),
    syscall: text('syscall'),
    statusCode: number('statusCode'),
    lines: number('lines'),
    cause: Reflect.get(what, 'cause'),
  };
}

export const codeOf = (what: unknown): string | undefined => thrown(what).code;

export const messageOf = (what: unknown): string => thrown(what).message ?? String(what);
