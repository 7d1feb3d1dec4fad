import { hash } from 'node:crypto';
import { restingStates } from '../../register/decisions.ts';
import type { Register, Registry } from '../../register/register.ts';
import { type DecisionPlace, quote, recordOf } from '../authority/covers.ts';
import { coverRows, sameAsNow } from '../authority/steps.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/**
 * What the state of a record stands on, as it is kept: nothing of it depends on the day it is asked on. It is found behind the log, after the entries were
 * placed, and is exact when read: whoever reads leaves out what entries touched that were not looked at yet, and finds that anew (`KEPT`).
 */

/** SQL of the decisions on record `r`, as rows `d`. */
export const decisionsOn = (place: DecisionPlace): string =>
  `record d where d.organisation = r.organisation and d.register = ${quote(place.register)} and d.${place.subject} = lower(r.ref)`;

/** SQL of what is kept of record `r`, one row. `covers` is a parameter holding `coverRows`. */
export const heldSql = (place: DecisionPlace, covers: string): string =>
  `select max(d.until) filter (where d.same and not d.alone) as counts_until, max(d.until) filter (where d.same and d.alone) as alone_until
    from (select coalesce(d."values"->>${named.decision.field('until')}, 'infinity') collate "C" as until, coalesce(d."values"->>${named.decision.field('manner')} = 'alone', false) as alone,
        ${sameAsNow(covers)} as same
      from ${decisionsOn(place)} and d."values"->>${named.decision.field('kind')} in ('approve', 'accept', 'waive')) d`;

/** SQL of what a record stands on, by a row `k` of what is kept. `today` is a parameter holding a day. */
export const standingOn = (today: string): string =>
  `case when k.counts_until > ${today} then 'current' when k.alone_until > ${today} then 'alone'
    when coalesce(k.counts_until, k.alone_until) is not null then 'ended' else 'stale' end`;

/** SQL of the last day of that; null when it has no end, or is over. */
export const endsOn = (today: string): string =>
  `case when greatest(k.counts_until, k.alone_until) > ${today} then nullif(greatest(k.counts_until, k.alone_until), 'infinity') end`;

/** States of a register whose standing is asked about: those that rest on decisions and are not the end. */
export const keptStates = (register: Register): string[] =>
  [...restingStates(register)].filter((s) => !register.ended.includes(s));

/** The same of all registers, as rows for `RESTS`. */
export const restingRows = (registers: readonly Register[]): { name: string; states: string[] }[] =>
  registers.flatMap((r) => {
    const states = keptStates(r);
    return states.length > 0 ? [{ name: r.name, states }] : [];
  });

/** SQL of whether the state of record `r` rests on decisions. `resting` is a parameter holding `restingRows`. */
export const RESTS = (resting: string): string =>
  `exists (select from jsonb_to_recordset(${resting}) as g(name text, states text[]) where g.name = r.register and r.state = any(g.states))`;

/**
 * What decisions cover, read backwards: records of `of` are covered by decisions on records of `register` that link to them, or to what they link to by
 * `back`. Whatever version of the rule, state or kind: a record may have been covered until it was changed.
 */
export function backRows(registry: Registry): unknown[] {
  const rows = registry.all.flatMap((register) =>
    register.covers.map((c) => {
      const { to } = register.links[c.link]!;
      const back = c.inverse ? registry.inversesOf(to).find((i) => i.inverse === c.inverse)! : undefined;
      return {
        of: back?.register.name ?? to,
        register: register.name,
        link: c.link,
        back: back?.link ?? null,
      };
    }),
  );
  return [...new Map(rows.map((r) => [JSON.stringify(r), r])).values()];
}

/**
 * SQL of the records whose standing entries may have changed, as ids: what was written, what a decision is on, and whatever decisions are on that cover, or
 * covered before the write, what was written. Each link is looked up by what it leads to. `entries` names a query with organisation, record_id and version of entries; `backs` is a parameter holding
 * `backRows`. Links of before are read from the version before: what an erasure takes of them, it takes with all that is kept (`FORGET_STANDING`).
 */
export const touchedSql = (place: DecisionPlace, entries: string, backs: string): string =>
  `select distinct x.id from (
      select e.record_id as id from ${entries} e
      union all
      select s.id from ${entries} e ${recordOf('e', 'e.record_id', 'c')}
        cross join lateral (select o.id from record o where o.organisation = e.organisation and o.ref = c."values"->>${named.decision.field('subject')} limit 1) s
        where c.register = ${quote(place.register)}
      union all
      select k.from_id from ${entries} e ${recordOf('e', 'e.record_id', 'c')}
        join jsonb_to_recordset(${backs}) as v("of" text, register text, link text, back text) on v.of = c.register
        cross join lateral (select c.id where v.back is null
          union select b.to_id from link b where b.organisation = e.organisation and b.from_id = c.id and b.name = v.back
          union select s.id from content p cross join lateral jsonb_array_elements_text(p.value->v.back) f(ref)
            cross join lateral (select o.id from record o where o.organisation = e.organisation and o.ref = f.ref limit 1) s
            where p.organisation = e.organisation and p.record_id = c.id and p.version = e.version - 1 and p.part = 'links') t
        cross join lateral (select k.from_id from link k where k.organisation = e.organisation and k.to_id = t.id and k.from_register = v.register
          and k.name = v.link offset 0) k) x`;

/** SQL of whether what is kept up to head `h` is of log `l`, by these rules. `rules` is a parameter holding `StandingRules.digest`. */
export const holdsSql = (rules: string): string =>
  `(h.rules = ${rules} and h.leaf is not distinct from ${lastLeaf('h.log', 'h.size')})`;

/** SQL of the hash of the last entry before a place in the log. */
export const lastLeaf = (log: string, size: string): string =>
  `(select f.hash from leaf f where f.organisation = (select present_organisation()) and f.log = ${log} and f.index = ${size} - 1)`;

/** More entries than these are not looked at while somebody waits: then all is found as if nothing were kept. */
const MOST = 2_000;

/**
 * SQL of named queries for a statement that reads what is kept: `kept` has one row where it can be read, and none while all is still being found; `touched` has
 * the ids of what entries touched that were not looked at yet, placed or waiting. All of it is of the same moment as what the statement reads besides.
 */
export const keptQueries = (place: DecisionPlace, backs: string, rules: string): string =>
  `head as materialized (select h.organisation, h.log, h.size from standing_head h join log l on l.organisation = h.organisation
      where h.organisation = (select present_organisation()) and h.upto is null and ${holdsSql(rules)}),
    later as materialized (select x.* from (
        select o.organisation, o.record_id, o.version from outbox o where o.organisation = (select present_organisation()) and o.record_id is not null
        union all
        select h.organisation, f.record_id, f.version from head h cross join lateral (select f.record_id, f.version from leaf f
          where f.organisation = h.organisation and (f.log, f.index) >= (h.log, h.size) order by f.log, f.index limit ${MOST + 1}) f
          where f.record_id is not null) x
      where exists (select from head) limit ${MOST + 1}),
    kept as materialized (select h.organisation from head h where (select count(*) from later) <= ${MOST}),
    touched as materialized (${touchedSql(place, 'later', backs)} where exists (select from kept))`;

/** What the declarations say, as the parameters that the statements take. */
export interface StandingRules {
  covers: string;
  backs: string;
  resting: string;
  /** Digest of it, and of the statements: what another program kept does not hold. */
  digest: string;
}

const MADE = new WeakMap<Registry, StandingRules & { place: DecisionPlace }>();

export function standingRules(registry: Registry, place: DecisionPlace): StandingRules {
  const before = MADE.get(registry);
  if (before?.place.register === place.register && before.place.subject === place.subject) return before;
  const covers = JSON.stringify(coverRows(registry));
  const backs = JSON.stringify(backRows(registry));
  const resting = JSON.stringify(restingRows(registry.all));
  const found = [heldSql(place, '$1'), touchedSql(place, 'entries', '$1')];
  const digest = hash('sha256', [...found, covers, backs, resting].join('\n'));
  const made = { covers, backs, resting, digest, place };
  MADE.set(registry, made);
  return made;
}

/** What is kept follows from links that are erased: it is found anew from what is left. With the erasure, in its transaction. */
export const FORGET_STANDING: Statement = {
  text: 'delete from standing_head where organisation = (select present_organisation())',
};
