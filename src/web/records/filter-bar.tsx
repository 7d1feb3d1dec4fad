import { Popover } from '@base-ui/react/popover';
import { useState } from 'react';
import type { ColumnMeta, RegisterMeta } from '../../register/describe.ts';
import { useOrganisation } from '../api/queries.ts';
import { chosenOf } from '../kit/chosen.ts';
import { words } from '../kit/format.ts';
import { Icon } from '../kit/icons.tsx';
import {
  type Filter,
  filterable,
  filterKind,
  filtersOf,
  OPS,
  type Search,
  SIGNS,
  STANDING,
  STANDING_CHOICES,
  toggled,
  withFilter,
} from './filters.ts';
import { RecordPicker } from './picker.tsx';

interface BarProps {
  register: RegisterMeta;
  search: Search;
  onSearch: (search: Search) => void;
  /** The list is of an earlier state, of which it is not known what stood. */
  earlier?: boolean;
}

/** States as chips that are pressed, further filters as chips that are taken away. */
export function FilterBar({ register, search, onSearch, earlier = false }: BarProps) {
  const states = (search.state ?? '').split(',');
  const byStanding = register.standing && !earlier;
  const filters = filtersOf(search).filter(
    (f) => f.op !== '' || (f.name !== 'state' && !(byStanding && f.name === STANDING)),
  );
  const labelOf = (name: string) =>
    register.columns.find((c) => c.name === name)?.label ??
    register.links.find((l) => l.name === name)?.label ??
    register.inverses.find((i) => i.name === name)?.label ??
    words(name);
  return (
    <fieldset className="flex flex-wrap items-center gap-1.5" aria-label="Filters">
      {register.states.length > 1 &&
        register.states.map((s) => (
          <button
            key={s}
            type="button"
            className="chip"
            aria-pressed={states.includes(s)}
            onClick={() => onSearch(toggled(search, 'state', s))}
          >
            {words(s)}
          </button>
        ))}
      {byStanding && (
        <StandingFilter
          value={search[STANDING] ?? ''}
          onChange={(v) => onSearch(withFilter(search, { name: STANDING, op: '', values: v ? [v] : [] }))}
        />
      )}
      {filters.map((f) => (
        <span key={`${f.name}${f.op}`} className="chip chip-on">
          {labelOf(f.name)} {SIGNS[f.op]}{' '}
          {f.values.map((v) => (/^[A-Z]{3}-\d+$/.test(v) ? v : words(v))).join(' or ')}
          <button
            type="button"
            aria-label={`Remove filter ${labelOf(f.name)}`}
            onClick={() => onSearch(withFilter(search, { ...f, values: [] }))}
          >
            <Icon name="close" size={10} />
          </button>
        </span>
      ))}
      <AddFilter register={register} onAdd={(f) => onSearch(withFilter(search, f))} />
    </fieldset>
  );
}

/** Whether what was decided still counts, where states rest on decisions. */
function StandingFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const known = STANDING_CHOICES.some(([v]) => v === value);
  return (
    <select
      aria-label="Standing of decisions"
      className={value ? 'chip chip-on' : 'chip'}
      value={value}
      onChange={(e) => onChange(e.target.value)}
    >
      {STANDING_CHOICES.map(([v, label]) => (
        <option key={v} value={v}>
          {label}
        </option>
      ))}
      {!known && <option value={value}>{value.split(',').map(words).join(' or ')}</option>}
    </select>
  );
}

function AddFilter({ register, onAdd }: { register: RegisterMeta; onAdd: (filter: Filter) => void }) {
  const [open, setOpen] = useState(false);
  const columns = filterable(register);
  const [name, setName] = useState('');
  const column = columns.find((c) => c.name === name);
  if (columns.length === 0) return null;
  const add = (filter: Filter) => {
    onAdd(filter);
    setOpen(false);
    setName('');
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="chip">
        <Icon name="plus" size={11} /> Filter
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} align="start" className="z-40">
          <Popover.Popup className="popup w-72 p-3">
            <Popover.Title className="mb-2">Add a filter</Popover.Title>
            <select
              aria-label="Column"
              className="input mb-2"
              value={name}
              onChange={(e) => setName(e.target.value)}
            >
              <option value="">Column…</option>
              {columns.map((c) => (
                <option key={c.name} value={c.name}>
                  {c.label}
                </option>
              ))}
            </select>
            {column && <FilterValue key={name} column={column} register={register} onAdd={add} />}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface ValueProps {
  column: ColumnMeta;
  register: RegisterMeta;
  onAdd: (filter: Filter) => void;
}

function FilterValue({ column, register, onAdd }: ValueProps) {
  const kind = filterKind(column);
  const { people } = useOrganisation();
  const [op, setOp] = useState<Filter['op']>(kind === 'amount' ? 'gte' : '');
  const [value, setValue] = useState('');
  const field = register.fields.find((f) => f.name === column.name);
  const give = (v: string) => v !== '' && onAdd({ name: column.name, op, values: [v] });
  if (kind === 'choice' || kind === 'yesNo') {
    const options = kind === 'yesNo' ? ['true', 'false'] : (field?.options ?? []);
    return (
      <select aria-label="Value" className="input" value="" onChange={(e) => give(e.target.value)}>
        <option value="">Value…</option>
        {options.map((o) => (
          <option key={o} value={o}>
            {kind === 'yesNo' ? (o === 'true' ? 'Yes' : 'No') : words(o)}
          </option>
        ))}
      </select>
    );
  }
  if (kind === 'record') {
    const to = register.links.find((l) => l.name === column.name)?.to ?? people?.name ?? '';
    return (
      <>
        <label htmlFor="filter-record" className="mb-1 block text-muted">
          Record
        </label>
        <RecordPicker
          id="filter-record"
          label={column.label}
          register={to}
          value={[]}
          max={1}
          onChange={([ref]) => give(ref ?? '')}
        />
      </>
    );
  }
  return (
    <form
      className="flex gap-2"
      onSubmit={(e) => {
        e.preventDefault();
        give(value.trim());
      }}
    >
      {kind === 'amount' && (
        <select
          aria-label="Comparison"
          className="input w-28!"
          value={op}
          onChange={(e) => setOp(chosenOf(OPS, e.target.value))}
        >
          {OPS.map((o) => (
            <option key={o} value={o}>
              {SIGNS[o]}
            </option>
          ))}
        </select>
      )}
      <input
        aria-label="Value"
        className="input"
        type={
          column.kind === 'date' || column.kind === 'moment' ? 'date' : kind === 'amount' ? 'number' : 'text'
        }
        step="any"
        value={value}
        onChange={(e) => setValue(e.target.value)}
      />
      <button type="submit" className="btn">
        Add
      </button>
    </form>
  );
}
