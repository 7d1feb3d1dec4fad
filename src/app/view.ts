import type { Stored } from '../store/records.ts';

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
