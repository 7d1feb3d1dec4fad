import type { Sentence } from '../../base/sentence.ts';
import { quote, recordOf } from '../authority/covers.ts';
import { namingSql } from '../authority/naming.ts';
import { newestAllowanceSql } from '../authority/newest.ts';
import { HERE, type WorkOf } from '../authority/work.ts';
import * as cell from '../db/cells.ts';
import type { Row, Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { iso } from '../records/records.ts';

/** Names of the registers that say what is in use. */
export interface UseNames {
  release: string;
  gateDecision: string;
  system: string;
}

const VERDICTS = ['allow', 'refuse', 'insufficient'] as const;

/** A release in use, and by which word of the gate. */
export interface Use {
  release: string;
  system: string;
  allowance: string;
  basis: string;
}

/** What the gate would say of it now, as kept. */
export interface UseFinding {
  id: string;
  log: number;
  size: number;
  /** RFC 3339, as all times here. */
  judgedAt: string;
  /** From when on time alone may have changed it. */
  anewAt: string;
  verdict: (typeof VERDICTS)[number];
  reasons: readonly Sentence[];
}

/** SQL of the newest decision of the gate that let a release through. */
const allowances = (n: UseNames, release: string): string =>
  `select d.ref, d.number, coalesce(d."values"->>${named.gateDecision.field('basis')}, '') as basis ${newestAllowanceSql(n.gateDecision, release, 'r.organisation')}`;

const clears = (r: string): string =>
  `(${r}."values"->>${named.release.field('kind')} is not distinct from 'useClearance')`;

/**
 * SQL of the releases in use, from `from` on: `r`, its system `s`, its allowance `a`. Shipped, not rolled back, and not replaced by another release of
 * the system that the gate let through later. Leave to use what a vendor runs replaces no release of ours, nor the other way round.
 */
const inUse = (n: UseNames, join = '', from = 'record r'): string =>
  `from ${from} join link y on y.organisation = r.organisation and y.from_id = r.id and y.name = ${named.release.link('system')}
    ${recordOf('y', 'y.to_id', 's')}
    cross join lateral (${allowances(n, 'r.id')}) a ${join}
    where r.organisation = (select present_organisation()) and r.register = ${quote(n.release)} and r.state = ${named.release.state('shipped')}
      and not exists (select from link z ${shipped(n, 'z.from_number', 'o')} cross join lateral (${allowances(n, 'o.id')}) b
        where z.organisation = r.organisation and z.to_id = s.id and z.from_id <> r.id and z.from_register = ${quote(n.release)} and z.name = ${named.release.link('system')}
          and ${clears('o')} = ${clears('r')} and b.number > a.number)`;

/**
 * SQL of a join with the shipped release of this number, where it is one: looked up by its number. Two indexes hold shipped releases alone, by number and by who
 * made them; the planner, which expects one of them in all, takes either, and by the wrong one reads all of them for each. So its state is put in other words.
 */
const shipped = (n: UseNames, number: string, as: string): string =>
  `cross join lateral (select o.* from record o where o.organisation = (select present_organisation()) and o.number = ${number}
    and o.register = ${quote(n.release)} and o.state || '' = ${named.release.state('shipped')} limit 1) ${as}`;

const USE = 'r.ref as release, s.ref as system, a.ref as allowance, a.basis';

/** SQL of how many entries the organisation has, placed and waiting: every write of a record adds one. */
const PRESENT = `(select l.number as log, l.size + (select count(*) from outbox o where o.organisation = l.organisation) as size
    from log l where l.organisation = (select present_organisation()))`;

const FINDING = 'use_finding f on f.organisation = r.organisation and f.release_id = r.id';

/** SQL of the releases `r` that a page is about, looked up by its number $1: the release itself, or those of the AI system. */
const ofPage = (n: UseNames): string =>
  `(select x.organisation, x.id from record x where x.organisation = (select present_organisation()) and x.ref = $1
    union select l.organisation, l.from_id from record x join link l on l.organisation = x.organisation and l.to_id = x.id
      and l.from_register = ${quote(n.release)} and l.name = ${named.release.link('system')}
      where x.organisation = (select present_organisation()) and x.ref = $1) w ${recordOf('w', 'w.id', 'r')}`;

/** Where releases are listed, so many reasons of each are told: ten of each of fifty releases are read by nobody, and are most of what a page carries. */
const FIRST = 3;
const SOME = { reasons: `f.reasons[1:${FIRST}]`, unsaid: `greatest(cardinality(f.reasons) - ${FIRST}, 0)` };
const ALL = { reasons: 'f.reasons', unsaid: '0' };

/** SQL of what is told of the releases in use, from `from` on: those that the gate would not let through now, as it was found last. */
const told = (n: UseNames, more: string, { reasons, unsaid } = SOME, from?: string): string =>
  `select ${USE}, r.register, r.ref, r.title, r.state, r.number, f.verdict, ${reasons} as reasons, ${unsaid} as unsaid, f.judged_at as judged,
      not coalesce((f.log, f.size) = (select p.log, p.size from ${PRESENT} p), false) as older
    ${inUse(n, `join ${FINDING} and f.verdict <> 'allow'`, from)} ${more} order by r.number`;

/** The release by this number, where it is in use: looked up by it, and not among all in use. */
export const ownUseStatement = (n: UseNames, release: string): Statement => ({
  text: `select ${USE} ${inUse(
    n,
    '',
    '(select o.* from record o where o.organisation = (select present_organisation()) and o.ref = $1 limit 1) r',
  )}`,
  values: [release],
  name: 'use-of-release',
});

export const toUse: cell.Cell<Use> = cell.members({
  release: cell.text,
  system: cell.text,
  allowance: cell.text,
  basis: cell.text,
});

/** What is told of a release, or of those of an AI system, by its number. */
export const toldStatement = (n: UseNames, ref: string): Statement => ({
  text: told(n, '', ALL, ofPage(n)),
  values: [ref],
  name: 'uses-told',
});

/** The first of what is told of all releases: SQL of at most `most` rows for a statement of many parts. */
export const toldSql = (n: UseNames, most: number): string => `${told(n, '')} limit ${most}`;

/** SQL of the releases in use that may concern person $1, in the order of their numbers: by their system, by whom they name, and by who made them. */
const concerning = (n: UseNames): string => `(select o.* from (
      select k.from_number as number from mine m cross join lateral (select k.from_number from link k where k.organisation = (select present_organisation())
        and k.to_id = m.id and k.from_register = ${quote(n.release)} and k.name = ${named.release.link('system')} offset 0) k
      union select m.number from mine m where m.register = ${quote(n.release)}
      union select o.number from record o where o.organisation = (select present_organisation()) and o.register = ${quote(n.release)}
        and o.state = ${named.release.state('shipped')} and o.created_by = $1) c ${shipped(n, 'c.number', 'o')} order by o.number offset 0) r`;

/**
 * What is told to one person: whoever answers for the system, made the release, or watches the use of what a vendor runs, and AIMS managers. An
 * emergency is told by a source of its own. Begun from what names the person; AIMS managers are told of everything. Reasons, which are long, come with the
 * first in the order of their references that are shown.
 */
export const toldTo = (n: UseNames, w: WorkOf, manages: boolean): Statement => {
  const of = (more: string, from?: string) =>
    `select t.release, t.system, t.allowance, t.basis, t.register, t.ref, t.title, t.state, t.number, t.verdict, t.judged, t.older, t.unsaid,
        case when row_number() over (order by t.ref) <= $3 then to_jsonb(t.reasons) end as reasons
      from (${told(n, `and ${HERE} and a.basis <> 'emergency' and $2::text is not null${more}`, SOME, from)} limit ${w.most + 1}) t order by t.number`;
  if (manages) return { text: of(''), values: [w.person.ref, w.today, w.shown], name: 'work-in-use' };
  const text = `with mine as materialized (${namingSql('$4')})
    ${of(
      ` and (s.owner = $1 or r.created_by = $1
      or $1 in (s."values"->>${named.aiSystem.field('approver')}, s."values"->>${named.aiSystem.field('oversight')}, r."values"->>${named.release.field('overseer')}))`,
      concerning(n),
    )}`;
  return { text, values: [w.person.ref, w.today, w.shown, [n.system]], name: 'work-in-use-of' };
};

/** A reason as it is kept, with its id; of before they had any, its English alone. */
const reason: cell.Cell<string | Sentence> = (v) => {
  const kept = cell.text(v);
  return kept.startsWith('{"message":') ? cell.sentence(JSON.parse(kept)) : kept;
};

const readTold = cell.members({
  release: cell.text,
  title: cell.text,
  system: cell.text,
  allowance: cell.text,
  verdict: cell.oneOf(VERDICTS),
  reasons: cell.list(reason),
  unsaid: cell.number,
  older: cell.flag,
});

/** A release in use that the gate would not let through now. */
export type Told = ReturnType<typeof toTold>;

export const toTold = (row: Row) => ({ ...readTold(row), judgedAt: iso(row.judged) });

/** Releases in use that were not judged as things stand at `now`, beginning after a number, with how many entries there are. */
export const dueStatement = (n: UseNames, now: string, after: number, most: number): Statement => ({
  text: `select ${USE}, r.id, r.number, p.log, p.size ${inUse(n, `cross join ${PRESENT} p left join ${FINDING}`)}
      and r.number > $2 and (f.release_id is null or f.log <> p.log or f.size <> p.size or f.anew_at <= $1::timestamptz)
    order by r.number limit $3`,
  values: [now, after, most],
  name: 'uses-due',
});

const readDue = cell.members({ id: cell.text, number: cell.number, log: cell.number, size: cell.number });

export const toDue = (row: Row) => ({ ...toUse(row), ...readDue(row) });

/** Keeps findings: of two who judged the same release, the one who saw more stays. Those of releases that were rolled back go. */
export const keepStatements = (findings: readonly UseFinding[]): Statement[] => [
  {
    text: `insert into use_finding as f (organisation, release_id, log, size, judged_at, anew_at, verdict, reasons)
      select present_organisation(), x.id, x.log, x.size, x."judgedAt", x."anewAt", x.verdict, x.reasons
        from jsonb_to_recordset($1) as x(id uuid, log integer, size bigint, "judgedAt" timestamptz, "anewAt" timestamptz, verdict text, reasons text[])
      on conflict (organisation, release_id) do update set log = excluded.log, size = excluded.size, judged_at = excluded.judged_at,
        anew_at = excluded.anew_at, verdict = excluded.verdict, reasons = excluded.reasons
        where (excluded.log, excluded.size, excluded.judged_at) >= (f.log, f.size, f.judged_at)`,
    values: [
      JSON.stringify(findings.map((f) => ({ ...f, reasons: f.reasons.map((r) => JSON.stringify(r)) }))),
    ],
    name: 'keep-use-findings',
  },
  {
    text: `delete from use_finding f where f.organisation = (select present_organisation()) and not exists (select from record r
      where r.organisation = f.organisation and r.id = f.release_id and r.state = ${named.release.state('shipped')})`,
    name: 'drop-use-findings',
  },
];

/** What was found may quote what is erased: it is found anew from what is left. */
export const FORGET_FINDINGS: Statement = {
  text: 'delete from use_finding where organisation = (select present_organisation())',
};
