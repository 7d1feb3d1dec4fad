import { type ReactNode, useId } from 'react';

export interface ControlIds {
  id: string;
  describedBy?: string;
  invalid: boolean;
}

interface LabelledProps {
  label: string;
  help?: string;
  error?: string;
  optional?: boolean;
  children: (ids: ControlIds) => ReactNode;
}

/** Label, control, help and error, tied together for assistive technology. */
export function Labelled({ label, help, error, optional, children }: LabelledProps) {
  const id = useId();
  const describedBy = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return (
    <div className="mb-3.5">
      <label htmlFor={id} className="mb-1 block font-semibold">
        {label}
        {optional && <span className="font-normal text-muted"> (optional)</span>}
      </label>
      {children({ id, describedBy, invalid: error !== undefined })}
      {help && (
        <p id={`${id}-help`} className="mt-1 text-[12.5px] text-muted">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="mt-1 text-[12.5px] font-medium text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

interface TextInputProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'email' | 'password' | 'date';
  autoComplete?: string;
  help?: string;
  error?: string;
  required?: boolean;
}

/** One labelled line of text. */
export function TextInput({ label, value, onChange, type = 'text', help, error, ...rest }: TextInputProps) {
  return (
    <Labelled label={label} help={help} error={error}>
      {({ id, describedBy, invalid }) => (
        <input
          id={id}
          className="input"
          type={type}
          value={value}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          onChange={(e) => onChange(e.target.value)}
          {...rest}
        />
      )}
    </Labelled>
  );
}
