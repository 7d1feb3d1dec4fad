import type { StartView } from '../../answers/govern.ts';
import type { Committed } from '../../answers/record.ts';
import { Failure } from '../../base/failure.ts';
import { placeholdersIn } from '../../register/placeholders.ts';
import type { Register } from '../../register/register.ts';
import { contentsFrom } from '../../register/values.ts';
import type { App, Asking } from '../context.ts';
import { createRuled } from './commit.ts';
import { demandCreate } from './create.ts';

export const startsOf = (register: Register): StartView[] =>
  register.starts.map((s) => ({ ...s, placeholders: placeholdersIn(String(s.values.body ?? '')) }));

/** Starts a record from one of the templates of its register. Owner is whoever asks, the title that of the template, unless told. */
export async function startRecord(
  app: App,
  ask: Asking,
  register: Register,
  o: { template: string; title?: string; owner?: string },
): Promise<Committed> {
  const as = demandCreate(ask, register);
  const start = register.starts.find((s) => s.id === o.template);
  if (!start)
    throw new Failure(
      'INVALID',
      `There is no template ${JSON.stringify(o.template.slice(0, 60))}; there are ${register.starts.map((s) => s.id).join(', ')}.`,
      [{ path: '/template', message: 'is not known' }],
    );
  const owner = o.owner ?? (ask.actor.kind === 'person' ? ask.actor.ref : undefined);
  const input = { ...start.values, [register.title]: o.title ?? start.title, ...(owner ? { owner } : {}) };
  const contents = contentsFrom(register, input, 'engine');
  return createRuled(app, ask, register, contents, { as });
}
