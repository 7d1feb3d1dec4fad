import { onceFor } from '../base/once-for.ts';
import type { Registry } from './register.ts';
import { type Actor, admittedAs } from './who.ts';

const known = onceFor((_: Registry) => new Map<string, readonly string[]>());

/** Names and prefixes of the registers that the actor may not read, as the database wants them. It is the same for all who hold the same roles, and asked by every request. */
export function closedTo(registry: Registry, actor: Actor): readonly string[] {
  const key = [actor.kind, ...actor.roles].join(' ');
  const closed =
    known(registry).get(key) ??
    registry.all
      .filter((r) => admittedAs(actor, r.permissions.read) === undefined)
      .flatMap((r) => [r.name, r.prefix]);
  known(registry).set(key, closed);
  return closed;
}
