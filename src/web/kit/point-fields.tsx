import { Labelled } from './labelled.tsx';
import type { PointInput } from './point.ts';

interface PointFieldsProps {
  legend: string;
  help?: string;
  value: PointInput;
  onChange: (value: PointInput) => void;
}

/** A point of the log: a time, or a number of entries. Entering one empties the other. */
export function PointFields({ legend, help, value, onChange }: PointFieldsProps) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 font-semibold">{legend}</legend>
      {help && <p className="mb-2 text-muted">{help}</p>}
      <div className="grid gap-x-3 sm:grid-cols-2">
        <Labelled label="Time, in your time zone">
          {({ id }) => (
            <input
              id={id}
              className="input"
              type="datetime-local"
              step="1"
              value={value.time}
              onChange={(e) => onChange({ time: e.target.value, entry: '' })}
            />
          )}
        </Labelled>
        <Labelled label="Or number of ledger entries">
          {({ id }) => (
            <input
              id={id}
              className="input"
              type="number"
              inputMode="numeric"
              min="1"
              step="1"
              value={value.entry}
              onChange={(e) => onChange({ time: '', entry: e.target.value })}
            />
          )}
        </Labelled>
      </div>
    </fieldset>
  );
}
