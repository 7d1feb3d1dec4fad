import { controlOf, type Kind, orNothing } from './kind.ts';

/** Several lines. Shown as written: Markdown is readable as it is, and never becomes markup. */
export const longText: Kind = {
  Input: (p) => (
    <textarea
      {...controlOf(p)}
      rows={4}
      maxLength={p.field.max}
      value={String(p.value ?? '')}
      onChange={(e) => p.onChange(orNothing(e.target.value))}
    />
  ),
  Cell: ({ value, dense }) =>
    dense ? (
      <span className="line-clamp-2 max-w-[44ch]">{String(value ?? '')}</span>
    ) : (
      <div className="prose-plain max-w-prose">{String(value ?? '')}</div>
    ),
  text: (value) => String(value ?? ''),
};
