import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** What a person has to do with what is audited: why, by which record, when. */
export const CONFLICTS = ['author', 'decider', 'owner', 'responsible', 'lineManager'] as const;

/** Conflicts shown of a kind, for each auditor. */
export const CONFLICTS_SHOWN = 20;

export interface AuditedWork {
  /** The audit and its auditors. */
  audit: string;
  auditors: readonly string[];
  /** First and last day of the period audited. */
  from: string;
  to: string;
  /** Registers of auditing itself, and of what is nobody's work: not audited here. */
  exempt: readonly string[];
  decision: string;
  /** Typed column of the record that a decision is on. */
  decisionSubject: string;
  responsibility: string;
  person: string;
  /** Transitions (`risk.accept`) that are decisions: those are found in the decisions themselves. */
  deciding: readonly string[];
}

/**
 * What each auditor has to do with the systems and processes of an audit and everything linked to them, in one statement: made or changed it in
 * the period, decided on it, was named as responsible in one of its person fields, is responsible or accountable for it, or leads (at any
 * remove) somebody who owns it. An audit that names neither systems nor processes is one of everything.
 */
export function independenceStatement(w: AuditedWork): Statement {
  return {
    text: `with recursive audit as (select r.id from record r where r.organisation = (select present_organisation()) and r.ref = $1),
      scope as materialized (select k.to_id as id from link k, audit a where k.organisation = (select present_organisation())
        and k.from_id = a.id and k.name in (${named.audit.link('systems', 'processes')})),
      whole as (select not exists (select from scope) as everything),
      work as materialized (select r.id, r.ref, r.title, r.register, r.id in (select id from scope) or (select everything from whole) as itself
        from record r where r.organisation = (select present_organisation()) and not r.register = any($2) and r.register <> $3
          and r.register <> $4 and ((select everything from whole) or r.id in (select id from scope)
            or r.id in (select k.from_id from link k where k.organisation = (select present_organisation()) and k.to_id in (select id from scope)))),
      made as (select 'author' as why, v.actor as person, w.ref, w.title, coalesce(v.transition, v.act) as detail, min(v.at)::text as at
        from work w join version v on v.organisation = (select present_organisation()) and v.record_id = w.id
        where v.actor = any($5) and v.at >= $6::text::date and v.at < $7::text::date + 1 and (v.transition is null or not (w.register || '.' || v.transition) = any($8))
        group by 2, 3, 4, 5),
      decided as (select 'decider', d."values"->>${named.decision.field('by')}, w.ref, w.title, d."values"->>${named.decision.field('kind')}, d.created_at::text
        from work w join record d on d.organisation = (select present_organisation()) and d.register = $3 and d.${w.decisionSubject} = lower(w.ref)
        where d."values"->>${named.decision.field('by')} = any($5) and d.created_at >= $6::text::date and d.created_at < $7::text::date + 1),
      spans as materialized (select w.ref, w.title, w.itself, v.at, lead(v.at) over (partition by v.record_id order by v.version) as until, c.value as people
        from work w join version v on v.organisation = (select present_organisation()) and v.record_id = w.id
          left join content c on c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version and c.part = 'people'),
      named as (select p.value as person, s.ref, s.title, p.key as detail, bool_or(s.itself) as itself, min(s.at)::text as at
        from spans s cross join lateral jsonb_each(s.people) e(key, raw) cross join lateral (select e.key, e.raw #>> '{}' as value) p
        where jsonb_typeof(e.raw) = 'string' and p.value ~ '^PSN-[0-9]+$' and s.at < $7::text::date + 1 and (s.until is null or s.until >= $6::text::date)
        group by 1, 2, 3, 4),
      owned as (select 'owner', n.person, n.ref, n.title, n.detail, n.at from named n where n.person = any($5)),
      duties as materialized (select r."values"->>${named.responsibility.field('owner')} as person, r.ref, r.title, coalesce(r."values"->>${named.responsibility.field('part')}, r."values"->>${named.responsibility.field('kind')}) as detail, r.created_at::text as at
        from record r where r.organisation = (select present_organisation()) and r.register = $4 and r.state in (${named.responsibility.state('accepted', 'ended')})
          and coalesce(r."values"->>${named.responsibility.field('startsOn')}, '0') <= $7::text and coalesce(r."values"->>${named.responsibility.field('endsOn')}, '9999') >= $6::text
          and (r.state = ${named.responsibility.state('accepted')} or r.updated_at >= $6::text::date)
          and (exists (select from link k where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.responsibility.link('systems')} and k.to_id in (select id from scope))
            or (r."values"->>${named.responsibility.field('kind')} = 'raci' and r."values"->>${named.responsibility.field('part')} in ('responsible', 'accountable')
              and ((select everything from whole) or not exists (select from link k where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.responsibility.link('systems')}))))
          and (r."values"->>${named.responsibility.field('kind')} <> 'raci' or r."values"->>${named.responsibility.field('part')} in ('responsible', 'accountable'))),
      responsible as (select 'responsible', d.person, d.ref, d.title, d.detail, d.at from duties d where d.person = any($5)),
      led(auditor, person) as (select a.ref collate "C", a.ref collate "C" from unnest($5::text[]) a(ref)
        union select l.auditor, p.ref collate "C" from led l join record p on p.organisation = (select present_organisation()) and p.register = $9
          and p."values"->>${named.person.field('manager')} = l.person),
      leads as (select distinct 'lineManager', l.auditor, n.ref, n.title, n.detail || ' ' || n.person, n.at
        from led l join named n on n.person = l.person and n.itself and n.detail = 'owner' where l.auditor <> l.person
        union select 'lineManager', l.auditor, d.ref, d.title, d.detail || ' ' || d.person, d.at
        from led l join duties d on d.person = l.person where l.auditor <> l.person),
      found as (select * from made union all select * from decided union all select * from owned union all select * from responsible
        union all select * from leads)
      select x.* from (select f.*, count(*) over (partition by f.person, f.why)::int as total,
          row_number() over (partition by f.person, f.why order by f.ref, f.detail, f.at) as place from found f) x
      where x.place <= ${CONFLICTS_SHOWN} order by x.person, x.why, x.place`,
    values: [w.audit, w.exempt, w.decision, w.responsibility, w.auditors, w.from, w.to, w.deciding, w.person],
  };
}

/** Records of these references with their titles. */
export const titlesOf = (refs: readonly string[]): Statement => ({
  text: `select ref, title from record where organisation = (select present_organisation()) and ref = any($1)`,
  values: [refs],
});
