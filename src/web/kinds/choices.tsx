import { words } from '../kit/format.ts';
import type { Kind } from './kind.ts';

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** Any number of a few options. */
export const choices: Kind = {
  Input: (p) => {
    const chosen = listOf(p.value);
    const toggle = (option: string) =>
      p.onChange(chosen.includes(option) ? chosen.filter((o) => o !== option) : [...chosen, option]);
    return (
      <fieldset id={p.id} aria-describedby={p.describedBy} className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
        <legend className="sr-only">{p.field.label}</legend>
        {(p.field.options ?? []).map((o) => (
          <label key={o} className="flex items-center gap-2">
            <input type="checkbox" checked={chosen.includes(o)} onChange={() => toggle(o)} />
            {words(o)}
          </label>
        ))}
      </fieldset>
    );
  },
  Cell: ({ value }) => <span>{listOf(value).map(words).join(', ')}</span>,
  text: (value) => listOf(value).map(words).join(', '),
};
