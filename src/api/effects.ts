import { readEffects } from '../app/effects.ts';
import type { Registry } from '../register/register.ts';
import { registers } from '../registers/index.ts';
import { AS_OF_COMPUTED, eitherWay, wholeNumber } from './listing.ts';
import { type Operation, single } from './operation.ts';

/** What a change made stale, asked of whatever may change: a component, an AI system, a ticket. */
export function effectOperations(registry: Registry): Operation[] {
  const of = {
    [registers.change.name]: 'What the components of a change ticket made stale, or would',
    [registers.component.name]: 'What changes of a component made stale, or would',
    [registers.aiSystem.name]: 'What around an AI system is stale, and why',
  };
  return Object.entries(of).flatMap(([name, summary]): Operation[] => {
    const register = registry.find(name);
    if (!register) return [];
    return [
      {
        id: `${name}.effects`,
        method: 'GET',
        path: `/api/v1/:org/${name}/:ref/effects`,
        tag: 'Change effects',
        summary,
        access: 'member',
        mutates: false,
        register,
        query: {
          limit: 'how many to name, 1 to 500; 200 unless told. The counts are over all',
          asOf: AS_OF_COMPUTED,
        },
        handler: (c) => {
          const limit = wholeNumber(single(c.query, 'limit') || '200', 'limit', 1, 500);
          return eitherWay(c, (app) => readEffects(app, c.ask, register, c.params.ref!, limit));
        },
      },
    ];
  });
}
