import { controlOf, type Kind } from './kind.ts';

/** A whole number from one to the top of its scale; the scale is shown, so that 4 of 5 is not read as 4 of 10. */
export const score: Kind = {
  Input: (p) => (
    <select
      {...controlOf(p)}
      value={p.value === undefined || p.value === null ? '' : String(p.value)}
      onChange={(e) => p.onChange(e.target.value === '' ? null : Number(e.target.value))}
    >
      <option value="">Not rated</option>
      {Array.from({ length: p.field.max ?? 5 }, (_, i) => i + 1).map((n) => (
        <option key={n} value={n}>
          {n} of {p.field.max ?? 5}
        </option>
      ))}
    </select>
  ),
  Cell: ({ value, field, dense }) => (
    <span className="tabular-nums">{dense ? String(value ?? '') : score.text(value, field)}</span>
  ),
  text: (value, field) => (typeof value === 'number' ? `${value} of ${field?.max ?? 5}` : ''),
};
