import type { Stored } from '../store/records.ts';
import type { Change } from '../store/write.ts';

/** A record as it leaves the application. */
export type RecordView = Omit<Stored, 'number'>;

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
