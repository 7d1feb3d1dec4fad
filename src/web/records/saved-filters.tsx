import { Popover } from '@base-ui/react/popover';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SavedFilter } from '../../answers/comments-and-bulk.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { ask } from '../api/client.ts';
import { queryClient, useOrganisation } from '../api/queries.ts';
import { filtersQuery } from '../api/work.ts';
import { Icon } from '../kit/icons.tsx';
import { TextInput } from '../kit/labelled.tsx';
import { Failed } from '../kit/notice.tsx';
import { say } from '../kit/toast.tsx';
import type { Search } from './filters.ts';

interface SavedProps {
  register: RegisterMeta;
  search: Search;
  onSearch: (search: Search) => void;
}

/** What of an address belongs to a question that is asked again. */
const questionOf = (search: Search): string =>
  new URLSearchParams(Object.entries(search).filter(([k]) => !['new', 'tab', 'asOf'].includes(k))).toString();

/** The filters somebody keeps for a register, and those that are shared: asked again with one press. */
export function SavedFilters({ register, search, onSearch }: SavedProps) {
  const { org, base, meta } = useOrganisation();
  const { data } = useQuery(filtersQuery(org, register.name));
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const [error, setError] = useState<unknown>();
  const question = questionOf(search);
  const mayShare = meta.me.roles.includes('aimsManager');
  const saved = data?.items ?? [];
  const again = () => queryClient.invalidateQueries({ queryKey: ['filters', org] });
  const attempt = async (deed: () => Promise<void>) => {
    setError(undefined);
    try {
      await deed();
      await again();
    } catch (e) {
      setError(e);
    }
  };
  const save = () =>
    attempt(async () => {
      await ask(
        base,
        'POST saved-filters',
        {},
        {
          name,
          register: register.name,
          query: question,
          ...(shared ? { shared } : {}),
        },
      );
      say(`Filter ${name} is kept`);
      setName('');
      setShared(false);
    });
  const remove = (f: SavedFilter) =>
    attempt(async () => {
      await ask(base, 'POST saved-filters/:id/remove', { id: f.id });
      say(`Filter ${f.name} is removed`);
    });
  const use = (f: SavedFilter) => {
    setOpen(false);
    onSearch(Object.fromEntries(new URLSearchParams(f.query)));
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="chip">
        Saved filters{saved.length > 0 && ` ${saved.length}`}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} className="z-30">
          <Popover.Popup className="popup w-80 p-3" aria-label="Saved filters">
            <ul className="mb-2">
              {saved.length === 0 && <li className="text-muted">None kept for {register.label.many} yet.</li>}
              {saved.map((f) => (
                <li key={f.id} className="flex items-center gap-1">
                  <button
                    type="button"
                    className="btn btn-quiet btn-small min-w-0 flex-1 justify-start!"
                    onClick={() => use(f)}
                  >
                    <span className="truncate">{f.name}</span>
                    {f.shared && (
                      <span className="font-normal text-muted">shared{!f.mine && ` by ${f.by.name}`}</span>
                    )}
                  </button>
                  {(f.mine || (f.shared && mayShare)) && (
                    <button
                      type="button"
                      className="btn btn-quiet btn-small"
                      aria-label={`Remove filter ${f.name}`}
                      onClick={() => remove(f)}
                    >
                      <Icon name="close" size={10} />
                    </button>
                  )}
                </li>
              ))}
            </ul>
            {question === '' ? (
              <p className="text-muted">Filter, search or sort the list to keep it under a name.</p>
            ) : (
              <form
                className="border-t border-line pt-2"
                onSubmit={(e) => {
                  e.preventDefault();
                  void save();
                }}
              >
                <TextInput label="Keep this list as" value={name} onChange={setName} />
                {mayShare && (
                  <label className="mb-2 flex items-center gap-2">
                    <input type="checkbox" checked={shared} onChange={(e) => setShared(e.target.checked)} />
                    For everybody
                  </label>
                )}
                <button type="submit" className="btn btn-primary btn-small" disabled={name.trim() === ''}>
                  Keep
                </button>
              </form>
            )}
            <Failed error={error} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
