import type { References } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import { kindOf } from '../kinds/index.ts';
import { words } from '../kit/format.ts';
import { labelFor } from './entries.ts';

export interface Difference {
  name: string;
  label: string;
  before: string;
  after: string;
}

interface Held {
  state: string;
  values: Readonly<Record<string, unknown>>;
  links: Readonly<Record<string, readonly string[]>>;
}

/** A value as one text, as a person reads it. */
function textOf(
  register: RegisterMeta,
  held: Held | undefined,
  name: string,
  references?: References,
): string {
  if (!held) return '';
  const field = register.fields.find((f) => f.name === name);
  if (field) {
    const value = held.values[name];
    return value === null || value === undefined ? '' : kindOf(field.kind).text(value, field, references);
  }
  return (held.links[name] ?? [])
    .map((ref) => (references?.[ref] ? `${ref} ${references[ref].title}` : ref))
    .join(', ');
}

/** What differs between two versions, field by field, in the order of the declaration; the state comes first. */
export function differences(
  register: RegisterMeta,
  before: Held | undefined,
  after: Held,
  references?: References,
): Difference[] {
  const names = [...register.fields.map((f) => f.name), ...register.links.map((l) => l.name)];
  const found = names
    .map((name) => ({
      name,
      label: labelFor(register, name),
      before: textOf(register, before, name, references),
      after: textOf(register, after, name, references),
    }))
    .filter((d) => d.before !== d.after);
  if (before?.state === after.state) return found;
  const state = {
    name: 'state',
    label: 'State',
    before: before ? words(before.state) : '',
    after: words(after.state),
  };
  return [state, ...found];
}

/** Differences as removed and added lines; the words say it as well as the colours. */
export function DiffList({ list }: { list: Difference[] }) {
  if (list.length === 0) return <p className="text-muted">No field changed.</p>;
  return (
    <dl className="space-y-1">
      {list.map((d) => (
        <div key={d.name} className="grid gap-x-3 sm:grid-cols-[160px_minmax(0,1fr)]">
          <dt className="text-[12.5px] font-semibold">{d.label}</dt>
          <dd className="min-w-0">
            {d.before && (
              <del className="tone-bad prose-plain block rounded px-1.5 no-underline">
                <span className="sr-only">Was: </span>
                <span aria-hidden="true">− </span>
                {d.before}
              </del>
            )}
            {d.after && (
              <ins className="tone-ok prose-plain block rounded px-1.5 no-underline">
                <span className="sr-only">Now: </span>
                <span aria-hidden="true">+ </span>
                {d.after}
              </ins>
            )}
            {!d.after && <span className="text-muted">Cleared</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
