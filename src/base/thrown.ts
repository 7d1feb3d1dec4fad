/** What was thrown may be anything; these read it without believing that it is an Error. */

const memberOf = (thrown: unknown, name: string): unknown =>
  typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined;

/** Its code, as those of the system (`ENOENT`), the database (`23505`) and our own failures have one. */
export function codeOf(thrown: unknown): string | undefined {
  const code = memberOf(thrown, 'code');
  return typeof code === 'string' ? code : undefined;
}

export function messageOf(thrown: unknown): string {
  const message = memberOf(thrown, 'message');
  return typeof message === 'string' ? message : String(thrown);
}

/** What it says was thrown before it, if it says so. */
export const causeOf = (thrown: unknown): unknown => memberOf(thrown, 'cause');
