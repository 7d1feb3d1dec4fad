import type { HomeRelease } from '../../answers/home.ts';
import * as cell from '../db/cells.ts';
import type { Row, Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { toldSql, type UseNames } from '../release/in-use.ts';

/** Most releases in use that the home page tells of; lists and my work have all. */
const TOLD = 50;

export interface Count {
  register: string;
  state: string;
  n: number;
}

/** What the home page shows. */
export interface Home {
  /** Number of entries of the organisation, and of its log, when this was read: every write of a record adds one. */
  marker: string;
  /** Records by register and state; undefined when the marker is the one that was asked with. */
  counts: Count[] | undefined;
  /** Those that are hidden from somebody, as far as the reader may see them. */
  hidden: Count[];
  releases: HomeRelease[];
  /** Rows of what is told of releases in use. */
  inUse: Row[];
  log: { size: number; pending: number };
}

const counted = (where: string): string =>
  `(select jsonb_agg(c) from (select register, state, count(*)::int as n from record
      where organisation = (select present_organisation()) and ${where} group by register, state) c)`;

/**
 * Records by register and state, the ten newest releases with their newest decision of the gate, and the head of the log. Counting looks at every record, so
 * it is left out where `known` says that nothing was written since. Records that are hidden from somebody are few, and counted for each reader.
 */
export const homeStatement = (n: UseNames, known: string): Statement => ({
  text: `with head as materialized (select number, size, (select count(*)::int from outbox o where o.organisation = log.organisation) as pending
      from log where organisation = (select present_organisation())),
    now as materialized (select coalesce((select number || ':' || (size + pending) from head), '') as marker)
    select (select marker from now) as marker,
    case when (select marker from now) = $3 then null else coalesce(${counted('hidden_from is null')}, '[]'::jsonb) end as counts,
    ${counted('hidden_from is not null')} as hidden,
    (select jsonb_agg(x) from (select r.ref, r.title, r.state,
        (select o.title from link l join record o on o.organisation = l.organisation and o.id = l.to_id
          where l.organisation = r.organisation and l.from_id = r.id and l.name = ${named.release.link('system')} limit 1) as system,
        g.verdict, g.ref as decision
      from record r left join lateral (select d."values"->>${named.gateDecision.field('verdict')} as verdict, d.ref from link k
          join record d on d.organisation = k.organisation and d.id = k.from_id
          where k.organisation = r.organisation and k.to_id = r.id and k.from_register = $2 and k.name = ${named.gateDecision.link('release')} order by d.number desc limit 1) g on true
      where r.organisation = (select present_organisation()) and r.register = $1 order by r.number desc limit 10) x) as releases,
    (select jsonb_agg(x) from (${toldSql(n, TOLD)}) x) as "inUse",
    (select jsonb_build_object('size', size, 'pending', pending) from head) as log`,
  values: [n.release, n.gateDecision, known],
  name: 'home',
});

/** The one row of it; an organisation without a record or a log has none of them. */
export function homeOf(rows: readonly Row[]): Home {
  const row = rows[0] as { [K in keyof Home]: Home[K] | null };
  return {
    marker: row.marker ?? '',
    counts: row.counts ?? undefined,
    hidden: row.hidden ?? [],
    releases: row.releases ?? [],
    inUse: row.inUse ?? [],
    log: row.log ?? { size: 0, pending: 0 },
  };
}

/** Rows of counts by register and state, of whichever moment. */
export const countsOf = (rows: readonly Row[]): Count[] =>
  rows.map((r) => ({ register: cell.text(r.register), state: cell.text(r.state), n: cell.number(r.n) }));

/** Words of the gate on these releases, oldest first. */
export const decisionsOfReleases = (releases: string[]): Statement => ({
  text: `select o.ref as release, d.ref from link k join record d on d.organisation = k.organisation and d.id = k.from_id
          join record o on o.organisation = k.organisation and o.id = k.to_id
        where k.organisation = (select present_organisation()) and k.name = ${named.gateDecision.link('release')} and k.from_register = $1 and o.ref = any($2)
        order by d.number`,
  values: [named.gateDecision.name, releases],
});
