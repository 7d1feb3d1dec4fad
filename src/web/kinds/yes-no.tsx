import { controlOf, type Kind } from './kind.ts';

const ANSWERS: Record<string, boolean | null> = { '': null, yes: true, no: false };

/** Yes or no, and until somebody answers: not said. An unticked box would claim a "no" that nobody gave. */
export const yesNo: Kind = {
  Input: (p) => (
    <select
      {...controlOf(p)}
      value={p.value === true ? 'yes' : p.value === false ? 'no' : ''}
      onChange={(e) => p.onChange(ANSWERS[e.target.value] ?? null)}
    >
      <option value="">Not said</option>
      <option value="yes">Yes</option>
      <option value="no">No</option>
    </select>
  ),
  Cell: ({ value }) => <span>{yesNo.text(value)}</span>,
  text: (value) => (value === true ? 'Yes' : value === false ? 'No' : ''),
};
