import { chosenOf } from '../kit/chosen.ts';
import { durationText } from '../kit/format.ts';
import { controlOf, type Kind } from './kind.ts';

const UNITS = { minutes: 'M', hours: 'H', seconds: 'S' } as const;
type Unit = keyof typeof UNITS;
const UNIT_NAMES: readonly Unit[] = ['minutes', 'hours', 'seconds'];

function split(value: unknown): { amount: string; unit: Unit } | undefined {
  if (value === undefined || value === null || value === '') return { amount: '', unit: 'minutes' };
  const parts = /^PT(\d+)([HMS])$/.exec(String(value));
  if (!parts) return undefined;
  const unit = UNIT_NAMES.find((u) => UNITS[u] === parts[2]);
  return { amount: parts[1]!, unit: unit ?? 'minutes' };
}

/** A span of time, ISO 8601. Simple ones are entered as a number and a unit, others as they are written. */
export const duration: Kind = {
  Input: (p) => {
    const simple = split(p.value);
    if (!simple)
      return (
        <input
          {...controlOf(p)}
          value={String(p.value)}
          onChange={(e) => p.onChange(e.target.value || null)}
        />
      );
    const give = (amount: string, unit: Unit) =>
      p.onChange(amount === '' ? null : `PT${amount}${UNITS[unit]}`);
    return (
      <span className="flex gap-2">
        <input
          {...controlOf(p)}
          type="number"
          min={0}
          step={1}
          value={simple.amount}
          onChange={(e) => give(e.target.value.replace(/\D/g, ''), simple.unit)}
        />
        <select
          aria-label={`Unit of ${p.field.label}`}
          className="input"
          value={simple.unit}
          onChange={(e) => give(simple.amount || '0', chosenOf(UNIT_NAMES, e.target.value))}
        >
          {UNIT_NAMES.map((u) => (
            <option key={u}>{u}</option>
          ))}
        </select>
      </span>
    );
  },
  Cell: ({ value }) => <span className="tabular-nums whitespace-nowrap">{durationText(value ?? '')}</span>,
  text: (value) => durationText(value ?? ''),
};
