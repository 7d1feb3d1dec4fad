import { controlOf, type Kind, orNothing } from './kind.ts';

/** A web address. Only http and https become links; anything else stays text. */
export const url: Kind = {
  Input: (p) => (
    <input
      {...controlOf(p)}
      type="url"
      maxLength={p.field.max}
      placeholder="https://"
      value={String(p.value ?? '')}
      onChange={(e) => p.onChange(orNothing(e.target.value))}
    />
  ),
  Cell: ({ value }) =>
    /^https?:\/\//i.test(String(value ?? '')) ? (
      <a href={String(value)} target="_blank" rel="noreferrer noopener" className="wrap-anywhere">
        {String(value)}
      </a>
    ) : (
      <span className="wrap-anywhere">{String(value ?? '')}</span>
    ),
  text: (value) => String(value ?? ''),
};
