import { controlOf, type Kind, orNothing } from './kind.ts';

/** One line of text. */
export const text: Kind = {
  Input: (p) => (
    <input
      {...controlOf(p)}
      type="text"
      maxLength={p.field.max}
      value={String(p.value ?? '')}
      onChange={(e) => p.onChange(orNothing(e.target.value))}
    />
  ),
  Cell: ({ value, dense }) => (
    <span
      className={dense ? 'block max-w-72 truncate' : 'wrap-anywhere'}
      title={dense ? String(value ?? '') : undefined}
    >
      {String(value ?? '')}
    </span>
  ),
  text: (value) => String(value ?? ''),
};
