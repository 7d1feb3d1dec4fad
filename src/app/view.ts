import type { Stored } from '../store/records.ts';

/** A record as it leaves the application. */
export interface RecordView {
  ref: string;
  register: string;
  id: string;
  version: number;
  state: string;
  title: string;
  values: Record<string, unknown>;
  derived: Record<string, unknown>;
  links: Record<string, string[]>;
  createdAt: string;
  createdBy: string;
  updatedAt: string;
  updatedBy: string;
}

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
  };
}
