import { useNavigate } from '@tanstack/react-router';
import { createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { RecordView, References } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { useOrganisation } from '../api/queries.ts';
import { Icon } from '../kit/icons.tsx';
import { Scroll } from '../kit/scroll.tsx';
import { useKeys } from '../shell/keys.ts';
import { alignsRight, ColumnCell } from './cell.tsx';
import { nextSort } from './filters.ts';

const features = tableFeatures({});
const helper = createColumnHelper<typeof features, RecordView>();

interface DataTableProps {
  register: RegisterMeta;
  records: RecordView[];
  references: References;
  total?: number;
  sort?: string;
  onSort: (sort: string | undefined) => void;
  more: boolean;
  loading: boolean;
  onMore: () => void;
  /** Rows that are selected; without it, none can be. */
  selection?: { refs: ReadonlySet<string>; most: number; onChange: (refs: ReadonlySet<string>) => void };
}

const ROW = 31;

/** A register's records in columns. Only the rows in sight exist; more are fetched when the end comes near. */
export function DataTable(props: DataTableProps) {
  const { register, records, references, sort, onSort, more, loading, onMore } = props;
  const columns = useMemo(() => columnsFor(register, references), [register, references]);
  const table = useTable({ features, columns, data: records });
  const scroller = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: records.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 16,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && !loading && last >= records.length - 20) onMore();
  }, [more, loading, last, records.length, onMore]);
  const active = useActiveRow(records, (i) => rows.scrollToIndex(i), scroller);
  const before = shown[0]?.start ?? 0;
  const after = rows.getTotalSize() - (shown.at(-1)?.end ?? 0);
  const model = table.getRowModel().rows;
  const sides = register.columns.map((c) => alignsRight(c, records[0]));
  return (
    <Scroll
      ref={scroller}
      label={`Table of ${register.label.many}`}
      className="min-h-0 flex-1 overflow-auto border-t border-line bg-surface"
    >
      <table className="grid-table" aria-rowcount={props.total ?? -1}>
        <thead className="sticky top-0 z-10">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {props.selection && <SelectAll selection={props.selection} records={records} />}
              {group.headers.map((header, i) => (
                <HeadCell
                  key={header.id}
                  id={header.id}
                  label={i === 0 ? 'Number' : (register.columns[i - 1]?.label ?? '')}
                  sortable={i === 0 || (register.columns[i - 1]?.sortable ?? false)}
                  right={i > 0 && (sides[i - 1] ?? false)}
                  sort={sort}
                  onSort={onSort}
                />
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {before > 0 && <Gap height={before} />}
          {shown.map((item) => {
            const row = model[item.index];
            if (!row) return null;
            return (
              <tr
                key={row.original.ref}
                data-index={item.index}
                ref={rows.measureElement}
                aria-rowindex={item.index + 2}
                className={item.index === active ? 'bg-accent-soft' : 'hover:bg-bg'}
              >
                {props.selection && <SelectRow selection={props.selection} record={row.original} />}
                {row.getAllCells().map((cell, i) => (
                  <td key={cell.id} className={i > 0 && sides[i - 1] ? 'num' : ''}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <Gap height={after} />}
        </tbody>
      </table>
      {loading && (
        <p role="status" className="p-2 text-center text-muted">
          Loading more…
        </p>
      )}
    </Scroll>
  );
}

type Selection = NonNullable<DataTableProps['selection']>;

function SelectAll({ selection, records }: { selection: Selection; records: RecordView[] }) {
  const offered = records.slice(0, selection.most);
  const all = offered.length > 0 && offered.every((r) => selection.refs.has(r.ref));
  return (
    <th scope="col" className="w-8">
      <input
        type="checkbox"
        aria-label={`Select ${offered.length === records.length ? 'all that are shown' : `the first ${offered.length}`}`}
        checked={all}
        onChange={() => selection.onChange(new Set(all ? [] : offered.map((r) => r.ref)))}
      />
    </th>
  );
}

function SelectRow({ selection, record }: { selection: Selection; record: RecordView }) {
  const chosen = selection.refs.has(record.ref);
  const toggle = () => {
    const next = new Set(selection.refs);
    if (!next.delete(record.ref)) next.add(record.ref);
    selection.onChange(next);
  };
  return (
    <td className="w-8">
      <input
        type="checkbox"
        aria-label={`Select ${record.ref}`}
        checked={chosen}
        disabled={!chosen && selection.refs.size >= selection.most}
        onChange={toggle}
      />
    </td>
  );
}

/** Room for the rows that are not in sight. */
const Gap = ({ height }: { height: number }) => (
  <tr>
    <td style={{ height, padding: 0, border: 0 }} />
  </tr>
);

function columnsFor(register: RegisterMeta, references: References) {
  const number = helper.accessor('ref', {
    id: 'number',
    header: 'Number',
    cell: ({ row }) => <RowLink record={row.original} />,
  });
  const rest = register.columns.map((column) =>
    helper.display({
      id: column.name,
      header: column.label,
      cell: ({ row }) =>
        column.name === register.title ? (
          <RowLink record={row.original} titled />
        ) : (
          <ColumnCell column={column} record={row.original} register={register} references={references} />
        ),
    }),
  );
  return helper.columns([number, ...rest]);
}

function RowLink({ record, titled = false }: { record: RecordView; titled?: boolean }) {
  const { org } = useOrganisation();
  const navigate = useNavigate();
  const to = {
    to: '/o/$org/$register/$ref',
    params: { org, register: record.register, ref: record.ref },
  } as const;
  const href = `#/o/${org}/${record.register}/${record.ref}`;
  return (
    <a
      href={href}
      className={titled ? 'block max-w-88 min-w-40 truncate font-medium text-ink' : 'ref'}
      title={titled ? record.title : undefined}
      data-row={titled ? undefined : record.ref}
      onClick={(e) => {
        if (e.metaKey || e.ctrlKey || e.shiftKey) return;
        e.preventDefault();
        navigate(to);
      }}
    >
      {titled ? record.title : record.ref}
    </a>
  );
}

interface HeadCellProps {
  id: string;
  label: string;
  sortable: boolean;
  right: boolean;
  sort?: string;
  onSort: (sort: string | undefined) => void;
}

function HeadCell({ id, label, sortable, right, sort, onSort }: HeadCellProps) {
  const up = sort === id;
  const down = sort === `-${id}`;
  return (
    <th
      scope="col"
      className={right ? 'num' : ''}
      aria-sort={up ? 'ascending' : down ? 'descending' : undefined}
    >
      {sortable ? (
        <button
          type="button"
          className="inline-flex items-center gap-1 font-semibold"
          onClick={() => onSort(nextSort(sort, id))}
        >
          {label}
          {(up || down) && <Icon name={up ? 'up' : 'down'} size={11} />}
        </button>
      ) : (
        label
      )}
    </th>
  );
}

/** The row that j, k and the arrow keys move; Enter opens it, because its link has the focus. */
function useActiveRow(
  records: RecordView[],
  show: (index: number) => void,
  scroller: React.RefObject<HTMLElement | null>,
) {
  const [active, setActive] = useState(-1);
  const move = (by: number) => {
    const next = Math.max(0, Math.min(records.length - 1, active + by));
    const ref = records[next]?.ref;
    if (!ref) return;
    setActive(next);
    show(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${ref}"]`)?.focus());
  };
  const down = () => move(1);
  const up = () => move(-1);
  useKeys(
    new Map([
      ['j', down],
      ['ArrowDown', down],
      ['k', up],
      ['ArrowUp', up],
    ]),
  );
  return active;
}
