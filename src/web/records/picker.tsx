import { Combobox } from '@base-ui/react/combobox';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { References } from '../../answers/record.ts';
import { ask } from '../api/client.ts';
import { useOrganisation } from '../api/queries.ts';
import { Icon } from '../kit/icons.tsx';

interface Choice {
  ref: string;
  title: string;
}

interface PickerProps {
  id: string;
  label: string;
  /** Register whose records are offered. */
  register: string;
  value: string[];
  onChange: (refs: string[]) => void;
  max: number;
  references?: References;
  describedBy?: string;
  invalid?: boolean;
}

/** Records of a register whose words fit, newest first when nothing is typed. */
function useMatches(register: string, words: string, enabled: boolean) {
  const { base, org } = useOrganisation();
  return useQuery({
    queryKey: ['pick', org, register, words],
    enabled: enabled && register !== '',
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask(base, 'GET :register', { register, limit: 20, q: words }, undefined, { signal }),
  });
}

/** Picks records by typing a part of their title or number. */
export function RecordPicker(props: PickerProps) {
  const { id, label, register, value, onChange, max, references, describedBy, invalid } = props;
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState('');
  // The list opens inside the dialog around it, where assistive technology and clicks are let through.
  const [place, setPlace] = useState<HTMLElement | null>(null);
  const findPlace = useCallback((el: HTMLElement | null) => {
    if (el) setPlace(el.closest<HTMLElement>('[role="dialog"]'));
  }, []);
  const [known, setKnown] = useState<Record<string, string>>({});
  const matches = useMatches(register, words.trim(), open);
  const titled = (ref: string): Choice => ({ ref, title: known[ref] ?? references?.[ref]?.title ?? '' });
  const chosen = value.map(titled);
  const found = (matches.data?.items ?? []).map((r) => ({ ref: r.ref, title: r.title }));
  const items = [...found, ...chosen.filter((c) => !found.some((f) => f.ref === c.ref))];
  const choose = (next: Choice[]) => {
    const kept = max === 1 ? next.slice(-1) : next.slice(0, max);
    setKnown((was) => ({ ...was, ...Object.fromEntries(kept.map((c) => [c.ref, c.title])) }));
    setWords('');
    if (max === 1) setOpen(false);
    onChange(kept.map((c) => c.ref));
  };
  return (
    <Combobox.Root
      multiple
      items={items}
      filter={null}
      value={chosen}
      open={open}
      onOpenChange={setOpen}
      inputValue={words}
      onInputValueChange={setWords}
      onValueChange={(next, why) => {
        // Escape closes the list; it must not throw away what was chosen.
        if (why.reason !== 'escape-key') choose(next);
      }}
      itemToStringLabel={(c: Choice) => `${c.ref} ${c.title}`}
      isItemEqualToValue={(a: Choice, b: Choice) => a.ref === b.ref}
    >
      <Combobox.InputGroup
        ref={findPlace}
        className="input flex flex-wrap items-center gap-1 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent"
      >
        <Combobox.Chips
          className="flex w-full flex-wrap items-center gap-1"
          aria-label={chosen.length ? `Chosen: ${label}` : undefined}
        >
          {chosen.map((c) => (
            <Combobox.Chip
              key={c.ref}
              className="tone-plain flex items-center gap-1 rounded px-1.5"
              aria-label={`${c.ref} ${c.title}`}
            >
              <span className="ref">{c.ref}</span> {c.title}
              <Combobox.ChipRemove className="p-1" aria-label={`Remove ${c.ref}`}>
                <Icon name="close" size={10} />
              </Combobox.ChipRemove>
            </Combobox.Chip>
          ))}
          <Combobox.Input
            id={id}
            aria-label={label}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            placeholder={chosen.length ? '' : 'Type a name or number'}
            className="min-w-28 flex-1 bg-transparent outline-none placeholder:text-muted"
          />
        </Combobox.Chips>
      </Combobox.InputGroup>
      <Combobox.Portal container={place}>
        <Combobox.Positioner sideOffset={4} className="z-[70]">
          <Combobox.Popup className="popup max-h-72 w-(--anchor-width) overflow-y-auto py-1">
            <Combobox.Status className="px-3 text-muted">
              {matches.isError ? 'The records cannot be read.' : matches.isFetching ? 'Searching…' : null}
            </Combobox.Status>
            <Combobox.Empty className="px-3 text-muted">
              {matches.isFetched ? 'No results.' : null}
            </Combobox.Empty>
            <Combobox.List>
              {(c: Choice) => (
                <Combobox.Item
                  key={c.ref}
                  value={c}
                  className="flex cursor-default gap-2 px-3 py-1.5 outline-none data-highlighted:bg-accent-soft"
                >
                  <span className="ref text-muted">{c.ref}</span>
                  <span className="flex-1">{c.title}</span>
                  <Combobox.ItemIndicator>
                    <Icon name="check" />
                  </Combobox.ItemIndicator>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}
