import { words } from '../kit/format.ts';
import { controlOf, type Kind, orNothing } from './kind.ts';

/** One of a few options. */
export const choice: Kind = {
  Input: (p) => (
    <select
      {...controlOf(p)}
      value={String(p.value ?? '')}
      onChange={(e) => p.onChange(orNothing(e.target.value))}
    >
      <option value="">Choose…</option>
      {(p.field.options ?? []).map((o) => (
        <option key={o} value={o}>
          {words(o)}
        </option>
      ))}
    </select>
  ),
  Cell: ({ value }) => <span>{words(String(value ?? ''))}</span>,
  text: (value) => words(String(value ?? '')),
};
