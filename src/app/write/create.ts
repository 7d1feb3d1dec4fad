import { deed, mayNot } from '../../authority/refusal.ts';
import type { Sentence } from '../../base/sentence.ts';
import type { Register } from '../../register/register.ts';
import { manySaid } from '../../register/said.ts';
import type { Contents } from '../../register/values.ts';
import { admittedAs } from '../../register/who.ts';
import type { App, Asking } from '../context.ts';
import type { Planned } from './plan.ts';
import type { Besides } from './rule.ts';
import { ruled } from './rules.ts';

/** In which capacity whoever asks may make records of the register; throws NOT_ALLOWED saying who may. `said` when it is called something else. */
export function demandCreate(ask: Asking, register: Register, said?: Sentence): string {
  const as = admittedAs(ask.actor, register.permissions.create);
  if (as) return as;
  throw mayNot(
    said ?? deed('create', { register: manySaid(register) }),
    register.permissions.create,
    register.whoLabels,
  );
}

/** How a new record came. */
interface Coming extends Besides {
  as: string;
  act?: 'create' | 'import';
  state?: string;
  /** Taken already, where others of the same write name it. */
  number?: number;
  /** Person who wrote it before it was brought here. */
  madeFor?: string;
}

/** A new record from contents whose values were checked, by whatever door they came. */
export function planCreate(
  app: App,
  ask: Asking,
  register: Register,
  contents: Contents,
  { as, act = 'create', state = register.states[0]!, number, madeFor, ...besides }: Coming,
): Promise<Planned> {
  const actor = { ref: ask.actor.ref, as, ...(madeFor ? { for: madeFor } : {}) };
  return ruled(app, ask, { register, contents, state, act, actor, number }, besides);
}
