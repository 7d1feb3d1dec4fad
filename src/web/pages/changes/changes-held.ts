import type { Difference } from '../../../answers/log.ts';

/** What it takes of a difference. */
interface Told extends Pick<Difference, 'state'> {
  readonly changed: readonly Pick<Difference['changed'][number], 'name' | 'link' | 'from' | 'to'>[];
}

interface Held {
  state: string;
  values: Record<string, unknown>;
  links: Record<string, string[]>;
}

/** Both states of a difference, as far as they differ; no earlier one for what was created. */
export function heldOf(d: Told): { before: Held | undefined; after: Held } {
  const side = (which: 'from' | 'to', state: string): Held => ({
    state,
    values: Object.fromEntries(d.changed.filter((c) => !c.link).map((c) => [c.name, c[which]])),
    links: Object.fromEntries(
      d.changed.filter((c) => c.link).map((c) => [c.name, Array.isArray(c[which]) ? c[which] : []]),
    ),
  });
  return {
    before: d.state.from === null ? undefined : side('from', d.state.from),
    after: side('to', d.state.to),
  };
}
