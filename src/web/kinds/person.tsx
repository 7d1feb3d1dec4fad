import { useOrganisation } from '../api/queries.ts';
import { PersonName } from '../kit/ref-link.tsx';
import { RecordPicker } from '../records/picker.tsx';
import type { InputProps, Kind } from './kind.ts';

function PersonInput(p: InputProps) {
  const { people } = useOrganisation();
  return (
    <RecordPicker
      id={p.id}
      describedBy={p.describedBy}
      invalid={p.invalid}
      register={people?.name ?? ''}
      value={p.value ? [String(p.value)] : []}
      max={1}
      label={p.field.label}
      references={p.references}
      onChange={(refs) => p.onChange(refs[0] ?? null)}
    />
  );
}

/** Somebody of the people directory. */
export const person: Kind = {
  Input: PersonInput,
  Cell: ({ value, references, dense }) =>
    value ? (
      <span className={dense ? 'whitespace-nowrap' : ''}>
        <PersonName to={String(value)} references={references} />
      </span>
    ) : null,
  text: (value, _field, references) => (value ? (references?.[String(value)]?.title ?? String(value)) : ''),
};
