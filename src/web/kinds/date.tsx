import { controlOf, type Kind, orNothing } from './kind.ts';

/** A calendar day, written year first everywhere so that nobody swaps day and month. */
export const date: Kind = {
  Input: (p) => (
    <input
      {...controlOf(p)}
      type="date"
      value={String(p.value ?? '')}
      onChange={(e) => p.onChange(orNothing(e.target.value))}
    />
  ),
  Cell: ({ value }) => <span className="tabular-nums whitespace-nowrap">{String(value ?? '')}</span>,
  text: (value) => String(value ?? ''),
};
