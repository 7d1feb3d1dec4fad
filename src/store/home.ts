import type { Row, Statement } from './database.ts';

/** A release as the home page shows it. */
export interface HomeRelease {
  ref: string;
  title: string;
  state: string;
  system: string | null;
  verdict: string | null;
  decision: string | null;
}

/** What the home page shows. */
export interface Home {
  counts: { register: string; state: string; n: number }[];
  releases: HomeRelease[];
  log: { size: number; pending: number };
}

/** Records by register and state, the ten newest releases with their newest decision of the gate, and the head of the log. */
export const homeStatement = (release: string, gateDecision: string): Statement => ({
  text: `select
    (select jsonb_agg(c) from (select register, state, count(*)::int as n from record
      where organisation = (select present_organisation()) group by register, state) c) as counts,
    (select jsonb_agg(x) from (select r.ref, r.title, r.state,
        (select o.title from link l join record o on o.organisation = l.organisation and o.id = l.to_id
          where l.organisation = r.organisation and l.from_id = r.id and l.name = 'system' limit 1) as system,
        g.verdict, g.ref as decision
      from record r left join lateral (select d."values"->>'verdict' as verdict, d.ref from link k
          join record d on d.organisation = k.organisation and d.id = k.from_id
          where k.organisation = r.organisation and k.to_id = r.id and k.from_register = $2 and k.name = 'release' order by d.number desc limit 1) g on true
      where r.organisation = (select present_organisation()) and r.register = $1 order by r.number desc limit 10) x) as releases,
    (select jsonb_build_object('size', size, 'pending',
        (select count(*)::int from outbox o where o.organisation = log.organisation))
      from log where organisation = (select present_organisation())) as log`,
  values: [release, gateDecision],
  name: 'home',
});

/** The one row of it; an organisation without a record or a log has none of them. */
export function homeOf(rows: readonly Row[]): Home {
  const row = rows[0] as { [K in keyof Home]: Home[K] | null };
  return {
    counts: row.counts ?? [],
    releases: row.releases ?? [],
    log: row.log ?? { size: 0, pending: 0 },
  };
}

/** Rows of counts by register and state, of whichever moment. */
export const countsOf = (rows: readonly Row[]): Home['counts'] =>
  rows.map((r) => ({ register: String(r.register), state: String(r.state), n: Number(r.n) }));
