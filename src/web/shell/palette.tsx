import { Dialog } from '@base-ui/react/dialog';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { useState } from 'react';
import type { RecordView } from '../../answers/record.ts';
import { ask } from '../api/client.ts';
import { type Organisation, useOrganisation } from '../api/queries.ts';
import { chooseTheme, THEMES } from '../kit/theme.ts';
import { PAGES } from '../pages/index.ts';

type Found = Pick<RecordView, 'ref' | 'register' | 'title' | 'state'>;

const ITEM = 'flex cursor-default items-center gap-2 rounded px-2.5 py-1.5';

/**
 * Records that fit, best first, over all registers. Of an earlier state each register is asked for three; a register that refuses (no right to
 * read) is left out.
 */
async function findRecords(
  { base, meta, ofRef, asOf }: Organisation,
  words: string,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const exact = asOf && /^[A-Za-z]{3}-\d+$/.test(words) ? ofRef(words.toUpperCase()) : undefined;
  if (exact) {
    const asked = { register: exact.name, ref: words.toUpperCase(), asOf };
    return ask(base, 'GET :register/:ref', asked, undefined, { signal }).then(
      (record) => [record],
      () => [],
    );
  }
  if (!asOf) return (await ask(base, 'GET search', { q: words, limit: 30 }, undefined, { signal })).items;
  const pages = await Promise.all(
    meta.registers.map((r) =>
      ask(base, 'GET :register', { register: r.name, q: words, limit: 3, asOf }, undefined, { signal }).catch(
        () => ({ items: [] }),
      ),
    ),
  );
  return pages.flatMap((p) => p.items).slice(0, 30);
}

/** Jumps anywhere by typing: registers, records, actions. */
export function Palette({ onClose }: { onClose: () => void }) {
  const organisation = useOrganisation();
  const { org, meta, register, asOf } = organisation;
  const navigate = useNavigate();
  const [words, setWords] = useState('');
  const text = words.trim();
  const records = useQuery({
    queryKey: ['palette', org, text, asOf],
    enabled: text.length >= 2,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      await new Promise((done) => setTimeout(done, 180));
      return signal.aborted ? [] : findRecords(organisation, text, signal);
    },
  });
  const fits = (label: string) => label.toLowerCase().includes(text.toLowerCase());
  const go = (act: () => void) => () => {
    onClose();
    act();
  };
  const registers = meta.registers.filter((r) => fits(r.label.many) || fits(r.prefix));
  const creatable =
    text && !asOf
      ? meta.registers.filter((r) => r.mayCreate && !r.engineWritten && fits(`new ${r.label.one}`))
      : [];
  // What fitted the words before must not be under the Enter key now.
  const found = text.length >= 2 && !records.isPlaceholderData ? (records.data ?? []) : [];
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="popup fixed top-[10vh] left-1/2 z-50 w-[600px] max-w-[calc(100vw-24px)] -translate-x-1/2 overflow-hidden">
          <Dialog.Title className="sr-only">Search or jump to</Dialog.Title>
          <Command shouldFilter={false} label="Search or jump to">
            <Command.Input
              value={words}
              onValueChange={setWords}
              placeholder="Register, record title or number, action"
              className="w-full border-b border-line bg-transparent px-4 py-3 text-[15px] outline-none placeholder:text-muted"
            />
            <Command.List className="max-h-[56vh] overflow-y-auto p-1.5" label="Results">
              <Command.Empty className="px-3 py-4 text-muted">
                {records.isFetching ? 'Searching…' : 'No results.'}
              </Command.Empty>
              {registers.length > 0 && (
                <Command.Group heading="Registers">
                  {registers.map((r) => (
                    <Command.Item
                      key={r.name}
                      value={`register ${r.name}`}
                      className={ITEM}
                      onSelect={go(() =>
                        navigate({ to: '/o/$org/$register', params: { org, register: r.name } }),
                      )}
                    >
                      <span className="flex-1">{r.label.many}</span>
                      <span className="text-[12px] text-muted">{r.step}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              {found.length > 0 && (
                <Command.Group heading="Records">
                  {found.map((r) => (
                    <Command.Item
                      key={r.ref}
                      value={r.ref}
                      className={ITEM}
                      onSelect={go(() =>
                        navigate({
                          to: '/o/$org/$register/$ref',
                          params: { org, register: r.register, ref: r.ref },
                        }),
                      )}
                    >
                      <span className="ref text-muted">{r.ref}</span>
                      <span className="min-w-0 flex-1 truncate">{r.title}</span>
                      <span className="text-[12px] text-muted">{register(r.register)?.label.one}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              <Command.Group heading="Actions">
                {creatable.map((r) => (
                  <Command.Item
                    key={r.name}
                    value={`new ${r.name}`}
                    className={ITEM}
                    onSelect={go(() =>
                      navigate({
                        to: '/o/$org/$register',
                        params: { org, register: r.name },
                        search: { new: 'yes' },
                      }),
                    )}
                  >
                    New {r.label.one}
                  </Command.Item>
                ))}
                {fits('home') && (
                  <Command.Item
                    value="home"
                    className={ITEM}
                    onSelect={go(() => navigate({ to: '/o/$org', params: { org } }))}
                  >
                    Home
                  </Command.Item>
                )}
                {PAGES.filter((p) => fits(p.label)).map((p) => (
                  <Command.Item
                    key={p.to}
                    value={p.to}
                    className={ITEM}
                    onSelect={go(() => navigate({ to: p.to, params: { org } }))}
                  >
                    {p.label}
                  </Command.Item>
                ))}
                {fits('what changed differences') && (
                  <Command.Item
                    value="changes"
                    className={ITEM}
                    onSelect={go(() => navigate({ to: '/o/$org/changes', params: { org } }))}
                  >
                    What changed
                  </Command.Item>
                )}
                {fits('ledger verify') && (
                  <Command.Item
                    value="ledger"
                    className={ITEM}
                    onSelect={go(() => navigate({ to: '/o/$org/ledger', params: { org } }))}
                  >
                    Ledger: verify in this browser
                  </Command.Item>
                )}
                {THEMES.filter((t) => fits(`theme ${t}`)).map((t) => (
                  <Command.Item
                    key={t}
                    value={`theme ${t}`}
                    className={ITEM}
                    onSelect={go(() => chooseTheme(t))}
                  >
                    Theme: {t}
                  </Command.Item>
                ))}
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
