import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId } from 'react';
import { getRecords } from '../../api/asked.ts';
import { useOrganisation } from '../../api/queries.ts';
import { useSearchText } from '../../kit/address.ts';

/** The AI system that a page is narrowed to, as its address says it. */
export const useSystem = (): string | undefined => useSearchText('system');

/** Narrows the page to one AI system. */
export function SystemFilter() {
  const { org, base, asOf } = useOrganisation();
  const system = useSystem();
  const id = useId();
  const navigate = useNavigate();
  const { data } = useQuery({
    queryKey: ['systems', org, asOf],
    queryFn: () => getRecords(base, 'aiSystem', { limit: 200, sort: 'name', asOf }),
  });
  const choose = (ref: string) =>
    navigate({
      to: '.',
      search: (s: Record<string, string>) => ({ ...s, system: ref }),
      replace: true,
    } as Parameters<typeof navigate>[0]);
  return (
    <div className="flex items-center gap-2">
      <label htmlFor={id} className="text-muted">
        AI system
      </label>
      <select
        id={id}
        className="input w-auto! max-w-60"
        value={system ?? ''}
        onChange={(e) => choose(e.target.value)}
      >
        <option value="">All</option>
        {data?.items.map((s) => (
          <option key={s.ref} value={s.ref}>
            {s.ref} {s.title}
          </option>
        ))}
      </select>
    </div>
  );
}
