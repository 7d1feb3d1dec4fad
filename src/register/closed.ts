import type { Registry } from './register.ts';
import { type Actor, admittedAs } from './who.ts';

/** Names and prefixes of the registers that the actor may not read, as the database wants them. */
export function closedTo(registry: Registry, actor: Actor): readonly string[] {
  return registry.all
    .filter((r) => admittedAs(actor, r.permissions.read) === undefined)
    .flatMap((r) => [r.name, r.prefix]);
}
