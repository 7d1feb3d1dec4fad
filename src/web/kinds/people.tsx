import { useOrganisation } from '../api/queries.ts';
import { PersonName } from '../kit/ref-link.tsx';
import { RecordPicker } from '../records/picker.tsx';
import type { InputProps, Kind } from './kind.ts';

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function PeopleInput(p: InputProps) {
  const { people } = useOrganisation();
  return (
    <RecordPicker
      id={p.id}
      describedBy={p.describedBy}
      invalid={p.invalid}
      register={people?.name ?? ''}
      value={listOf(p.value)}
      max={200}
      label={p.field.label}
      references={p.references}
      onChange={(refs) => p.onChange(refs.length > 0 ? refs : null)}
    />
  );
}

/** Several of the people directory. */
export const people: Kind = {
  Input: PeopleInput,
  Cell: ({ value, references }) => (
    <span>
      {listOf(value).map((ref, i) => (
        <span key={ref}>
          {i > 0 && ', '}
          <PersonName to={ref} references={references} />
        </span>
      ))}
    </span>
  ),
  text: (value, _field, references) =>
    listOf(value)
      .map((ref) => references?.[ref]?.title ?? ref)
      .join(', '),
};
