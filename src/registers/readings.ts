import { engine, immaterial, table } from '../register/field.ts';

/**
 * Readings of an objective or a monitor. A version holds those handed in with it, one ledger entry a batch; all of them together are read from
 * the versions. Appending never touches what was approved, so the field is immaterial.
 */
export const readings = () =>
  immaterial(
    engine(
      table('Newest readings', {
        from: { label: 'Period from', kind: 'text' },
        to: { label: 'Period to', kind: 'text', required: true },
        value: { label: 'Value', kind: 'number', required: true },
        note: { label: 'Note', kind: 'text' },
      }),
    ),
  );

/** Is a value on the right side of its limit? Undefined while there is no value or limit. */
export function within(
  value: number | undefined,
  limit: number | undefined,
  direction: string | undefined,
): string | undefined {
  if (value === undefined || limit === undefined) return undefined;
  return (direction === 'atMost' ? value <= limit : value >= limit) ? 'yes' : 'no';
}
