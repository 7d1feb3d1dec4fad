import { controlOf, type Kind } from './kind.ts';

const read = (text: string): number | null => (text.trim() === '' ? null : Number(text));

/** A number with its unit. */
export const number: Kind = {
  Input: (p) => (
    <span className="flex items-center gap-2">
      <input
        {...controlOf(p)}
        type="number"
        step="any"
        min={p.field.min}
        max={p.field.max}
        value={p.value === undefined || p.value === null ? '' : String(p.value)}
        onChange={(e) => p.onChange(read(e.target.value))}
      />
      {p.field.unit && <span className="text-muted">{p.field.unit}</span>}
    </span>
  ),
  Cell: ({ value, field }) => <span className="tabular-nums">{number.text(value, field)}</span>,
  text: (value, field) =>
    typeof value === 'number'
      ? `${value.toLocaleString('en', { maximumFractionDigits: 6 })}${field?.unit ? ` ${field.unit}` : ''}`
      : String(value ?? ''),
};
