import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Lineage, LineageNode } from '../../../answers/components.ts';
import type { RecordPage } from '../../../answers/record.ts';
import type { RegisterMeta } from '../../../register/describe.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { StateBadge } from '../../kit/badge.tsx';
import { Failed, Loading, Nothing, Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';

/** Where components come from and what came from them: drawn in layers, and as a table that says the same. */
export function LineageTab({ register, record }: { register: RegisterMeta; record: RecordPage }) {
  const { base } = useOrganisation();
  const [asTable, setAsTable] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['lineage', base, record.ref, record.version],
    queryFn: ({ signal }) =>
      ask(base, 'GET :register/:ref/lineage', { register: register.name, ref: record.ref }, undefined, {
        signal,
      }),
  });
  if (error) return <Failed error={error} />;
  if (!data) return <Loading />;
  if (data.nodes.length === 0)
    return (
      <Nothing title="No components yet">
        What this is made of can be proposed from a file in the list of components.
      </Nothing>
    );
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-3">
        <p className="text-muted">Left: what it comes from. Right: what was made from it.</p>
        <button
          type="button"
          className="btn btn-small ml-auto"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          Show as a table
        </button>
      </div>
      {data.cut && (
        <Notice tone="warn">
          There is more than can be shown here: the nearest components are shown, the farthest are left out.
        </Notice>
      )}
      {asTable ? <Table data={data} /> : <Drawing data={data} root={record.ref} />}
    </div>
  );
}

const WIDTH = 220;
const HEIGHT = 76;
const GAP = { x: 56, y: 14 };

function Drawing({ data, root }: { data: Lineage; root: string }) {
  const columns = columnsOf(data);
  const places = new Map<string, { x: number; y: number }>();
  for (const [column, here] of columns.entries())
    for (const [row, n] of here.entries())
      places.set(n.ref, { x: column * (WIDTH + GAP.x), y: row * (HEIGHT + GAP.y) });
  const tallest = Math.max(...columns.map((here) => here.length));
  const size = {
    width: columns.length * (WIDTH + GAP.x) - GAP.x,
    height: tallest * (HEIGHT + GAP.y) - GAP.y,
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="overflow-auto rounded-md border border-line p-4" aria-label="Derivation" tabIndex={0}>
      <div className="relative" style={size}>
        <svg aria-hidden="true" className="absolute inset-0 text-muted" {...size}>
          {data.edges.map((e) => {
            const from = places.get(e.to)!;
            const to = places.get(e.from)!;
            const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
            const bend = Math.max(24, Math.abs(x2 - x1) / 2);
            return (
              <path
                key={`${e.from} ${e.to}`}
                d={`M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`}
                fill="none"
                stroke="currentColor"
                strokeWidth="1.5"
              />
            );
          })}
        </svg>
        <ul>
          {data.nodes.map((n) => {
            const { x, y } = places.get(n.ref)!;
            const from = data.edges.filter((e) => e.from === n.ref).map((e) => e.to);
            return (
              <li
                key={n.ref}
                className={`absolute overflow-hidden rounded-md border bg-surface px-2.5 py-1.5 text-[12.5px] ${n.ref === root ? 'border-accent' : 'border-line'}`}
                style={{ left: x, top: y, width: WIDTH, height: HEIGHT }}
              >
                <p className="truncate" title={n.title}>
                  <RefLink to={n.ref} title={n.title} />
                </p>
                <p className="truncate text-muted">{[n.kind, n.version].filter(Boolean).join(' ')}</p>
                <p className="truncate text-muted" title={n.rights ?? n.licence}>
                  {n.licence ?? 'no licence recorded'}
                  {n.digest ? ` · ${n.digest.slice(7, 19)}…` : ''}
                </p>
                {from.length > 0 && <span className="sr-only">derived from {from.join(', ')}</span>}
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}

/** Steps that a drawing puts beside each other, at most: a circle would go on for ever. */
const MOST_COLUMNS = 42;

/** Each component to the right of everything it comes from. */
function columnsOf(data: Lineage): LineageNode[][] {
  const column = new Map(data.nodes.map((n) => [n.ref, 0]));
  for (let changed = true, pass = 0; changed && pass < MOST_COLUMNS; pass++) {
    changed = false;
    for (const e of data.edges) {
      const after = (column.get(e.to) ?? 0) + 1;
      if (after >= MOST_COLUMNS || (column.get(e.from) ?? 0) >= after) continue;
      column.set(e.from, after);
      changed = true;
    }
  }
  const used = [...new Set(column.values())].sort((a, b) => a - b);
  return used.map((c) => data.nodes.filter((n) => column.get(n.ref) === c));
}

const stepText = (layer: number): string =>
  layer === 0 ? 'itself' : layer < 0 ? `comes from, ${-layer} back` : `made from it, ${layer} on`;

function Table({ data }: { data: Lineage }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="overflow-x-auto" aria-label="Derivation as a table" tabIndex={0}>
      <table className="w-full text-left text-[13px]">
        <thead className="text-muted">
          <tr>
            {[
              'Step',
              'Component',
              'State',
              'Kind',
              'Version',
              'Derived from',
              'Licence',
              'Rights and limits',
              'Digest',
            ].map((h) => (
              <th key={h} scope="col" className="py-1 pr-3 font-normal whitespace-nowrap">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.nodes.map((n) => (
            <tr key={n.ref} className="border-t border-line align-top">
              <td className="py-1.5 pr-3 whitespace-nowrap">{stepText(n.layer)}</td>
              <td className="py-1.5 pr-3">
                <RefLink to={n.ref} title={n.title} />
              </td>
              <td className="py-1.5 pr-3">
                <StateBadge state={n.state} />
              </td>
              <td className="py-1.5 pr-3">{n.kind}</td>
              <td className="py-1.5 pr-3">{n.version}</td>
              <td className="py-1.5 pr-3">
                {data.edges
                  .filter((e) => e.from === n.ref)
                  .map((e) => e.to)
                  .join(', ')}
              </td>
              <td className="py-1.5 pr-3">{n.licence}</td>
              <td className="max-w-72 py-1.5 pr-3 wrap-anywhere">{n.rights}</td>
              <td className="mono max-w-60 py-1.5 text-[11.5px]! wrap-anywhere">{n.digest}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
