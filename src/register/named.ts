import type { FieldOf, LinkOf, StateOf, StepOf } from './rec.ts';
import type { Register } from './register.ts';

/** Names of one register as the text of a statement has them: in quotation marks, several with commas between. */
export interface Names<R extends Register> {
  field(...names: FieldOf<R>[]): string;
  link(...names: LinkOf<R>[]): string;
  derived(...names: (keyof R['derived'] & string)[]): string;
  state(...names: StateOf<R>[]): string;
  step(...names: StepOf<R>[]): string;
  /** The register itself. */
  register(): string;
  /** Its name as a value of a statement, without quotation marks. */
  readonly name: R['name'];
}

const quoted = (...names: string[]): string =>
  names
    .map((name) => {
      if (!/^\w+$/.test(name)) throw new Error(`${name} is no name of a declaration`);
      return `'${name}'`;
    })
    .join(', ');

const QUOTED = { field: quoted, link: quoted, derived: quoted, state: quoted, step: quoted };
const OF: Record<string, typeof QUOTED & { register(): string; name: string }> = {};

function namesOf(register: string) {
  OF[register] ??= { ...QUOTED, register: () => quoted(register), name: register };
  return OF[register];
}

/**
 * The names of registers for the text of statements: `"values"->>${named.risk.field('level')}`. The compiler knows them, so a field, link, state
 * or step that is renamed in its declaration does not compile in a statement either. It needs the types of the registers alone.
 */
export const namedBy = <All extends object>(): {
  readonly [N in keyof All]: All[N] extends Register ? Names<All[N]> : never;
} => new Proxy({} as { [N in keyof All]: never }, { get: (_, name) => namesOf(String(name)) });
