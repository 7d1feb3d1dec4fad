import type { FieldMeta, LinkMeta, RegisterMeta } from '../../register/describe.ts';

/** A field or a link, as forms see them: both are names with a value. */
export type Entry =
  | { name: string; field: FieldMeta; link?: undefined }
  | { name: string; link: LinkMeta; field?: undefined };

export type Flat = Record<string, unknown>;

/** Everything a person may enter, in the order of the declaration. */
export function entriesOf(register: RegisterMeta): Entry[] {
  const fields = register.fields
    .filter((f) => !f.engine)
    .map((field): Entry => ({ name: field.name, field }));
  const links = register.links.filter((l) => !l.engine).map((link): Entry => ({ name: link.name, link }));
  return [...fields, ...links];
}

export const labelOf = (entry: Entry): string => (entry.field ?? entry.link).label;

/** Must it be given to create a record? */
export const isRequired = (entry: Entry): boolean =>
  entry.field ? entry.field.required : entry.link.min > 0;

/** What is shown for a name in messages and in the history: its label, or the name in words. */
export function labelFor(register: RegisterMeta, name: string): string {
  const found =
    register.fields.find((f) => f.name === name) ??
    register.links.find((l) => l.name === name) ??
    register.derived.find((d) => d.name === name);
  return found?.label ?? name;
}

/** The references of a link, as its picker gives them. */
export const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((v) => typeof v === 'string') : [];

export function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

const same = (a: unknown, b: unknown): boolean =>
  (isEmpty(a) && isEmpty(b)) || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** What a new record is sent as: given values only. */
export function given(values: Flat): Flat {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => !isEmpty(v)));
}

/** What an edit is sent as: changed values only; null clears a field, an empty list clears a link. */
export function changes(before: Flat, after: Flat): Flat {
  const changed = Object.entries(after).filter(([name, v]) => !same(before[name], v));
  return Object.fromEntries(changed.map(([name, v]) => [name, isEmpty(v) && !Array.isArray(v) ? null : v]));
}
