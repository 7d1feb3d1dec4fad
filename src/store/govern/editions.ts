import { type Slots, slotsOf } from '../../register/slots.ts';
import type { Registers } from '../../registers/index.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Which typed columns the fields of each register have. */
interface Placed {
  slots: ReadonlyMap<string, Slots>;
}

const decisionSlots = (at: Placed) => slotsOf<Registers['decision']>(at.slots, named.decision);

/** Publications of the documents with these identities: a version that a publication made, or that was published from the start. */
export const editionsStatement = (id: string): Statement => ({
  text: `select v.version, v.at, v.actor, count(*) over ()::int as total, (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c
        where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version) as parts
      from version v where v.organisation = (select present_organisation()) and v.record_id = $1 and v.state = ${named.document.state('published')}
        and (v.transition = ${named.document.step('publish')} or v.version = 1) order by v.version desc limit 200`,
  values: [id],
  name: 'editions',
});

/** Who is to acknowledge an edition. */
export interface Readers {
  /** The document. */
  ref: string;
  /** Of what the edition says. */
  digest: string;
  /** Null: everyone. */
  named: readonly string[] | null;
  nobody: boolean;
}

/**
 * SQL of people who are to acknowledge, with their decision about the edition: `p` and `d`. Whoever departed does not count. Parameters: $1
 * person, $2 decision, $3 the document in small letters, $4 digest, $5 named readers or null for everyone, $6 nobody at all.
 */
const READERS = (at: Placed): string => {
  const slots = decisionSlots(at);
  // Joined as a whole: asked of each person, it would read all decisions on the document as many times as there are people.
  return `from record p left join (select distinct on (a.${slots.by}) a.${slots.by} as person, a.ref, a.created_at, a."values" as v
      from record a where a.organisation = (select present_organisation()) and a.register = $2 and a.${slots.subject} = $3
        and a."values"->>${named.decision.field('kind')} = 'acknowledge' and a."values"->>${named.decision.field('subjectDigest')} = $4 order by a.${slots.by}, a.number desc) d on d.person = p.ref
    where p.organisation = (select present_organisation()) and p.register = $1 and p.state <> ${named.person.state('departed')} and not $6::boolean
      and ($5::text[] is null or p.ref = any($5))`;
};

/** The parameters $1 to $6 of `READERS`. */
const readerValues = (r: Readers): unknown[] => [
  named.person.name,
  named.decision.name,
  r.ref.toLowerCase(),
  r.digest,
  r.named,
  r.nobody,
];

/** How many are to acknowledge an edition, and how many have. */
export const readersCounted = (at: Placed, r: Readers): Statement => ({
  text: `select count(*)::int as total, count(d.ref)::int as acknowledged ${READERS(at)}`,
  values: readerValues(r),
});

/** Those who are to acknowledge an edition, by number, with their decision; only those who have, or have not, where that is told. One more than is shown. */
export function readersPage(
  at: Placed,
  r: Readers,
  q: { acknowledged?: boolean; after: number; limit: number },
): Statement {
  const only = q.acknowledged === undefined ? '' : `and d.ref is ${q.acknowledged ? 'not ' : ''}null`;
  return {
    text: `select p.ref, p.number, p.title, p.state, d.ref as decision, d.created_at as at, d.v ${READERS(at)} ${only}
        and p.number > $7::int order by p.number limit $8::int`,
    values: [...readerValues(r), q.after, q.limit + 1],
  };
}

/** Those who are still to acknowledge an edition, with their addresses. */
export const readersMissing = (at: Placed, r: Readers): Statement => ({
  text: `select p.ref, p.title, p.state, p."values"->>${named.person.field('email')} as email ${READERS(at)} and d.ref is null order by p.number`,
  values: readerValues(r),
});

/** Links to an edition that could still be used. */
export const linksOpen = (document: string, digest: string, now: Date): Statement => ({
  text: `select count(*)::int as n from acknowledgement_link where organisation = (select present_organisation()) and document = $1
        and digest = $2 and used_at is null and withdrawn_at is null and expires_at > $3`,
  values: [document, digest, now],
});

/** Documents whose edition in force is to be acknowledged, with what it says; one more than is shown. */
export const documentsToRead = (after: number, limit: number): Statement => ({
  text: `select r.ref, r.number, r.title, r."values"->>${named.document.field('kind')} as kind, e.version, e.parts from record r
          cross join lateral (select v.version, (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c
              where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version) as parts
            from version v where v.organisation = r.organisation and v.record_id = r.id and v.state = ${named.document.state('published')}
              and (v.transition = ${named.document.step('publish')} or v.version = 1) order by v.version desc limit 1) e
        where r.organisation = (select present_organisation()) and r.register = $1 and r.state <> ${named.document.state('withdrawn')} and r.number > $2::int
          and (e.parts->'values'->>${named.document.field('acknowledgedBy')}) in ('everyone', 'named') order by r.number limit $3::int`,
  values: [named.document.name, after, limit + 1],
});

/** Of each of these editions, how many are to acknowledge it and how many have. */
export function readingsCounted(
  at: Placed,
  editions: readonly { ref: string; digest: string; readers: readonly string[] | null }[],
): Statement {
  const slots = decisionSlots(at);
  return {
    text: `with x as materialized (select * from jsonb_to_recordset($1::jsonb) as x(ref text, digest text, readers jsonb)),
          a as materialized (select distinct x.ref, d.${slots.by} as person from x join record d
            on d.organisation = (select present_organisation()) and d.register = $3 and d.${slots.subject} = lower(x.ref)
              and d."values"->>${named.decision.field('kind')} = 'acknowledge' and d."values"->>${named.decision.field('subjectDigest')} = x.digest)
        select x.ref, count(p.ref)::int as total, count(a.person)::int as acknowledged from x
          left join record p on p.organisation = (select present_organisation()) and p.register = $2 and p.state <> ${named.person.state('departed')}
            and (x.readers is null or x.readers = 'null'::jsonb or x.readers ? p.ref)
          left join a on a.ref = x.ref and a.person = p.ref group by x.ref`,
    values: [JSON.stringify(editions), named.person.name, named.decision.name],
  };
}

/** Which of these people have acknowledged what the edition says. */
export const acknowledgedStatement = (
  at: Placed,
  ref: string,
  edition: { digest: string },
  people: readonly string[],
): Statement => {
  const slots = decisionSlots(at);
  return {
    text: `select r.${slots.by} as person, min(r.ref) as ref from record r where r.organisation = (select present_organisation())
      and r.register = $1 and r.${slots.subject} = $2 and r."values"->>${named.decision.field('kind')} = 'acknowledge' and r."values"->>${named.decision.field('subjectDigest')} = $3
      and r.${slots.by} = any($4) group by 1`,
    values: [named.decision.name, ref.toLowerCase(), edition.digest, people],
  };
};
