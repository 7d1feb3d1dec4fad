import type { RecordView } from '../../answers/record.ts';
import type { Stored } from '../../store/records/records.ts';
import type { Change } from '../../store/records/write.ts';

/** Only the named members leave: an internal one added later stays inside. */
export function toView(r: Stored): RecordView {
  return {
    ref: r.ref,
    register: r.register,
    id: r.id,
    version: r.version,
    state: r.state,
    title: r.title,
    values: r.values,
    derived: r.derived,
    links: r.links,
    createdAt: r.createdAt,
    createdBy: r.createdBy,
    updatedAt: r.updatedAt,
    updatedBy: r.updatedBy,
    ...(r.standing ? { standing: r.standing } : {}),
  };
}

/** The record cut to some of its fields, links and derived values; the database cuts what it reads of the present itself. */
export function onlyOf<V extends Pick<RecordView, 'values' | 'derived' | 'links'>>(
  view: V,
  only: readonly string[] | undefined,
): V {
  if (!only) return view;
  const cut = <T>(of: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(of).filter(([name]) => only.includes(name)));
  return { ...view, values: cut(view.values), derived: cut(view.derived), links: cut(view.links) };
}

/** The record as the write left it, without reading it again. */
export function writtenView(at: Date, actor: string, c: Change): RecordView {
  return {
    ref: c.ref,
    register: c.register,
    id: c.id,
    version: c.version,
    state: c.state,
    title: c.title,
    values: c.values,
    derived: c.derived,
    links: c.answer.links,
    createdAt: c.answer.createdAt ?? at.toISOString(),
    createdBy: c.answer.createdBy ?? actor,
    updatedAt: at.toISOString(),
    updatedBy: actor,
  };
}
