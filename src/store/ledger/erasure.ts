import type { Row, Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { type Also, notesAt } from '../records/write.ts';

/** One committed part of one version, and where its entry stands. */
export interface StoredPart {
  id: string;
  version: number;
  part: string;
  /** Number of the log the entry stands in, and its index there; null while it waits for its place. */
  log: number | null;
  index: number | null;
}

/** A part as the search through everything that was ever said sees it. */
export interface SaidPart extends StoredPart {
  ref: string;
  register: string;
  /** State and version of the record now. */
  state: string;
  present: number;
  value: unknown;
}

const HERE = 'organisation = (select present_organisation())';

const LEAF = `left join leaf f on f.organisation = c.organisation and f.record_id = c.record_id and f.version = c.version`;

/** What can still be erased of one record, oldest version first. */
export function partsStatement(id: string): Statement {
  return {
    text: `select c.record_id as id, c.version, c.part, f.log, f.index from content c ${LEAF}
      where c.${HERE} and c.record_id = $1 order by c.version, c.part`,
    values: [id],
  };
}

/** Parts of a record's versions with what they say, for finding out under which names a person was known. */
export function saidStatement(id: string, part: string): Statement {
  return {
    text: `select value from content where ${HERE} and record_id = $1 and part = $2`,
    values: [id, part],
  };
}

/** The next `limit` parts of the organisation after `after`, actors left out: they hold numbers and roles only. */
export function allPartsStatement(after: StoredPart | undefined, limit: number): Statement {
  return {
    text: `select c.record_id as id, r.ref, r.register, r.state, r.version as present, c.version, c.part, c.value, f.log, f.index
      from content c join record r on r.organisation = c.organisation and r.id = c.record_id ${LEAF}
      where c.${HERE} and c.part <> 'actor'
        and (c.record_id, c.version, c.part) > ($1::uuid, $2::int, $3::text)
      order by c.record_id, c.version, c.part limit $4`,
    values: [
      after?.id ?? '00000000-0000-0000-0000-000000000000',
      after?.version ?? 0,
      after?.part ?? '',
      limit,
    ],
  };
}

/** Origins of the organisation's logs by number, former ones too; `open` is the one that grows. */
export const ORIGINS: Statement = {
  text: `select number, origin, true as open from log where ${HERE}
    union all select number, origin, false from former_log where ${HERE} order by 1`,
};

/** What stays of a person: how often their number stands as author, and the evidence and keys they made. */
export function tracesStatement(ref: string, registers: { evidence: string; key: string }): Statement {
  return {
    text: `select (select count(*)::int from version where ${HERE} and actor = $1) as versions,
      (select coalesce(jsonb_agg(r.ref order by r.number), '[]') from record r where r.${HERE} and r.created_by = $1
        and r.register = $2) as evidence,
      (select coalesce(jsonb_agg(r.ref order by r.number), '[]') from record r where r.${HERE} and r.created_by = $1
        and r.register = $3 and r.state = ${named.apiKey.state('active')}) as keys`,
    values: [ref, registers.evidence, registers.key],
  };
}

/**
 * Deletes the parts and enters what says so, in the caller's transaction. Divides by zero (22012) when not exactly these parts were
 * there any more: somebody else was erasing, and what the entries say must be what happened.
 */
export function eraseStatement(parts: readonly StoredPart[], entries: readonly string[]): Also {
  return (at) => ({
    text: 'select 1 / (erase_parts($1::jsonb, $2::text[]) = $3)::int as as_planned',
    values: [JSON.stringify(parts.map((p) => [p.id, p.version, p.part])), notesAt(entries, at), parts.length],
  });
}

export const toPart = (row: Row): StoredPart => ({
  id: row.id as string,
  version: row.version as number,
  part: row.part as string,
  log: row.log as number | null,
  index: row.index as number | null,
});

export const toSaid = (row: Row): SaidPart => ({
  ...toPart(row),
  ref: row.ref as string,
  register: row.register as string,
  state: row.state as string,
  present: row.present as number,
  value: row.value,
});
