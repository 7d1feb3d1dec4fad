import type { TableColumn } from '../../register/field.ts';
import { codeText, plural, words } from '../kit/format.ts';
import { Scroll } from '../kit/scroll.tsx';
import type { InputProps, Kind } from './kind.ts';

type Row = Record<string, unknown>;
const rowsOf = (value: unknown): Row[] => (Array.isArray(value) ? value : []);

function cellText(column: TableColumn, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (column.kind === 'yesNo') return value ? 'Yes' : 'No';
  if (column.code) return codeText(String(value));
  return column.kind === 'choice' ? words(String(value)) : String(value);
}

function CellInput(props: {
  column: TableColumn;
  name: string;
  value: unknown;
  onChange: (v: unknown) => void;
}) {
  const { column, name, value, onChange } = props;
  const text = value === null || value === undefined ? '' : String(value);
  if (column.kind === 'choice' || column.kind === 'yesNo') {
    const options = column.kind === 'yesNo' ? ['true', 'false'] : (column.options ?? []);
    const read = (v: string) => (v === '' ? null : column.kind === 'yesNo' ? v === 'true' : v);
    return (
      <select
        className="input"
        aria-label={name}
        value={text}
        onChange={(e) => onChange(read(e.target.value))}
      >
        <option value="" />
        {options.map((o) => (
          <option key={o} value={o}>
            {column.kind === 'yesNo' ? (o === 'true' ? 'Yes' : 'No') : words(o)}
          </option>
        ))}
      </select>
    );
  }
  const read = (v: string) => (v === '' ? null : column.kind === 'number' ? Number(v) : v);
  return (
    <input
      className="input min-w-24"
      aria-label={name}
      type={column.kind === 'number' ? 'number' : 'text'}
      step="any"
      value={text}
      onChange={(e) => onChange(read(e.target.value))}
    />
  );
}

function TableInput(p: InputProps) {
  const columns = Object.entries(p.field.columns ?? {});
  const rows = rowsOf(p.value);
  const put = (i: number, name: string, v: unknown) =>
    p.onChange(rows.map((row, at) => (at === i ? { ...row, [name]: v } : row)));
  const add = () => p.onChange([...rows, Object.fromEntries(columns.map(([name]) => [name, null]))]);
  const drop = (i: number) => p.onChange(rows.length === 1 ? null : rows.filter((_, at) => at !== i));
  return (
    <fieldset id={p.id} aria-describedby={p.describedBy} className="rounded-md border border-line p-2">
      <legend className="sr-only">{p.field.label}</legend>
      {rows.map((row, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity of their own
        <div key={i} className="mb-2 grid grid-cols-2 gap-2 border-b border-line pb-2 sm:grid-cols-3">
          {columns.map(([name, column]) => (
            <div key={name}>
              <span className="block text-[12px] text-muted" aria-hidden="true">
                {column.label}
              </span>
              <CellInput
                column={column}
                name={`${column.label}, row ${i + 1}`}
                value={row[name]}
                onChange={(v) => put(i, name, v)}
              />
            </div>
          ))}
          <button type="button" className="btn btn-small self-end" onClick={() => drop(i)}>
            Remove row {i + 1}
          </button>
        </div>
      ))}
      <button type="button" className="btn btn-small" onClick={add}>
        Add row
      </button>
    </fieldset>
  );
}

/** Rows of small typed cells. */
export const table: Kind = {
  Input: TableInput,
  Cell: ({ value, field, dense }) => {
    const rows = rowsOf(value);
    const columns = Object.entries(field?.columns ?? {});
    if (dense || columns.length === 0) return <span>{rows.length ? plural(rows.length, 'row') : ''}</span>;
    if (rows.length === 0) return null;
    return (
      <Scroll className="overflow-x-auto rounded-md border border-line" label={`${field?.label} rows`}>
        <table className="grid-table">
          <thead>
            <tr>
              {columns.map(([name, c]) => (
                <th key={name} scope="col" className={c.kind === 'number' ? 'num' : ''}>
                  {c.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity of their own
              <tr key={i}>
                {columns.map(([name, c]) => (
                  <td key={name} className={c.kind === 'number' ? 'num' : ''}>
                    {cellText(c, row[name])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    );
  },
  text: (value, field) =>
    rowsOf(value)
      .map((row) =>
        Object.entries(field?.columns ?? {})
          .map(([name, c]) => [c.label, cellText(c, row[name])])
          .filter(([, t]) => t !== '')
          .map(([label, t]) => `${label}: ${t}`)
          .join(' · '),
      )
      .join('\n'),
};
