import type { ReactNode } from 'react';
import type { References } from '../../answers/record.ts';
import type { FieldMeta } from '../../register/describe.ts';
import type { ControlIds } from '../kit/labelled.tsx';

export interface InputProps extends ControlIds {
  field: FieldMeta;
  /** Undefined or null when nothing is given yet. */
  value: unknown;
  onChange: (value: unknown) => void;
  references?: References;
  required?: boolean;
}

export interface CellProps {
  value: unknown;
  field?: FieldMeta;
  references?: References;
  /** In a table there is one line; on the record's own page there is room. */
  dense?: boolean;
}

/** How a kind of field is entered, shown, and written as text (for differences and screen readers). */
export interface Kind {
  Input: (props: InputProps) => ReactNode;
  Cell: (props: CellProps) => ReactNode;
  text: (value: unknown, field?: FieldMeta, references?: References) => string;
}

/** Attributes every plain control takes. */
export const controlOf = ({ id, describedBy, invalid, required }: InputProps) => ({
  id,
  'aria-describedby': describedBy,
  'aria-invalid': invalid || undefined,
  'aria-required': required || undefined,
  className: 'input',
});

/** An emptied control gives up its value rather than keeping an empty text. */
export const orNothing = (text: string): string | null => (text === '' ? null : text);
