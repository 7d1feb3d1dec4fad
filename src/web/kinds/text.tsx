import { RefLink } from '../kit/refLink.tsx';
import { controlOf, type Kind, orNothing } from './kind.ts';

const REF = /^[A-Z]{3}-\d{4,}$/;

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
  Cell: ({ value, dense }) =>
    // A text that is nothing but the number of a record leads there.
    REF.test(String(value ?? '')) ? (
      <RefLink to={String(value)} />
    ) : (
      <span
        className={dense ? 'block max-w-72 truncate' : 'wrap-anywhere'}
        title={dense ? String(value ?? '') : undefined}
      >
        {String(value ?? '')}
      </span>
    ),
  text: (value) => String(value ?? ''),
};
