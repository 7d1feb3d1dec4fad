import type { Acknowledgements, Edition, EditionsView, ReadingCounts } from '../../answers/govern.ts';
import { Failure } from '../../base/failure.ts';
import { contentsAs } from '../../register/rec.ts';
import { notThere } from '../../register/said.ts';
import { slotsOf } from '../../register/slots.ts';
import { type Contents, contentsOf, materialDigest } from '../../register/values.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import {
  iso,
  readStatement,
  type StoredWithRelations,
  toStoredWithRelations,
} from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../read/query.ts';

/** A document with its publications, newest first. */
export interface Published {
  record: StoredWithRelations;
  editions: (Edition & { contents: Contents })[];
  /** The last publication, unless the document was withdrawn; while it is being revised, that edition stays in force. */
  inForce: (Edition & { contents: Contents }) | undefined;
}

/** Publications of the documents with these identities: a version that a publication made, or that was published from the start. */
const editionsStatement = (id: string): Statement => ({
  text: `select v.version, v.at, v.actor, count(*) over ()::int as total, (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c
        where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version) as parts
      from version v where v.organisation = (select present_organisation()) and v.record_id = $1 and v.state = ${named.document.state('published')}
        and (v.transition = ${named.document.step('publish')} or v.version = 1) order by v.version desc limit 200`,
  values: [id],
  name: 'editions',
});

const WITHDRAWN = 'withdrawn';

/** The document with its publications. Throws NOT_ALLOWED, NOT_FOUND. */
export async function readPublished(app: App, ask: Asking, ref: string): Promise<Published> {
  const register = app.registry.of(registers.document);
  demandRead(ask, register);
  return publishedOf(app, ask.actor.organisation, ref);
}

/** As `readPublished`, for whoever has been let in otherwise. */
export async function publishedOf(app: App, organisation: number, ref: string): Promise<Published> {
  const register = app.registry.of(registers.document);
  const [own] = await app.db.run(organisation, [readStatement(register, ref)]);
  if (!own![0]) throw notThere(register, ref);
  const record = toStoredWithRelations(own![0]);
  const [rows] = await app.db.run(organisation, [editionsStatement(record.id)]);
  const editions = rows!.map((row, i) => {
    const contents = contentsOf(cell.object(row.parts));
    return {
      edition: cell.number(row.total) - i,
      version: cell.number(row.version),
      digest: materialDigest(register, ref, contents),
      publishedAt: iso(row.at),
      publishedBy: cell.text(row.actor),
      contents,
    };
  });
  return { record, editions, inForce: record.state === WITHDRAWN ? undefined : editions[0] };
}

/** The edition in force, or WRONG_STATE saying why there is none. */
export function demandInForce(p: Published): NonNullable<Published['inForce']> {
  if (p.inForce) return p.inForce;
  throw new Failure(
    'WRONG_STATE',
    p.record.state === WITHDRAWN
      ? `${p.record.ref} is withdrawn: no edition of it is in force.`
      : `${p.record.ref} was never published: there is no edition to acknowledge yet. Approve and publish it first.`,
  );
}

/** The edition in force, what is being made of it, and every publication so far. */
export async function readEditions(app: App, ask: Asking, ref: string): Promise<EditionsView> {
  const { record, editions, inForce } = await readPublished(app, ask, ref);
  const text = (c: Contents) => {
    const { body, address, attachment } = documentOf(c).values;
    return {
      ...(body === undefined ? {} : { body }),
      ...(address === undefined ? {} : { address }),
      ...(attachment === undefined ? {} : { attachment }),
    };
  };
  const shown = ({ contents: _, ...e }: Published['editions'][number]): Edition => e;
  const digest = materialDigest(app.registry.of(registers.document), ref, record);
  const body = text(record).body;
  return {
    ref: record.ref,
    title: record.title,
    state: record.state,
    inForce: inForce
      ? {
          ...shown(inForce),
          title: String(inForce.contents.values.title ?? record.ref),
          ...text(inForce.contents),
        }
      : null,
    present: { version: record.version, digest, ...(body === undefined ? {} : { body }) },
    differs: inForce !== undefined && inForce.digest !== digest,
    reviewBy: typeof record.values.reviewBy === 'string' ? record.values.reviewBy : null,
    editions: editions.map(shown),
  };
}

/** Whom an edition is to be acknowledged by. */
export type Demanded = 'nobody' | 'everyone' | 'named';

export const demandedBy = (c: Contents): Demanded => {
  const v = documentOf(c).values.acknowledgedBy;
  return v === 'everyone' || v === 'named' ? v : 'nobody';
};

export interface AcknowledgementsQuery {
  /** Only those who have, or have not. */
  acknowledged?: boolean;
  after?: string;
  limit: number;
}

/**
 * SQL of people who are to acknowledge, with their decision about the edition: `p` and `d`. Whoever departed does not count. Parameters: $1
 * person, $2 decision, $3 the document in small letters, $4 digest, $5 named readers or null for everyone, $6 nobody at all.
 */
const READERS = (app: App): string => {
  const slots = slotsOf(app.slots, registers.decision);
  // Joined as a whole: asked of each person, it would read all decisions on the document as many times as there are people.
  return `from record p left join (select distinct on (a.${slots.by}) a.${slots.by} as person, a.ref, a.created_at, a."values" as v
      from record a where a.organisation = (select present_organisation()) and a.register = $2 and a.${slots.subject} = $3
        and a."values"->>${named.decision.field('kind')} = 'acknowledge' and a."values"->>${named.decision.field('subjectDigest')} = $4 order by a.${slots.by}, a.number desc) d on d.person = p.ref
    where p.organisation = (select present_organisation()) and p.register = $1 and p.state <> ${named.person.state('departed')} and not $6::boolean
      and ($5::text[] is null or p.ref = any($5))`;
};

/** Who has and who has not acknowledged the edition in force: counts over all, and a page of them by number. Three statements. */
export async function acknowledgements(
  app: App,
  ask: Asking,
  ref: string,
  q: AcknowledgementsQuery,
): Promise<Acknowledgements> {
  const published = await readPublished(app, ask, ref);
  const { contents, ...edition } = demandInForce(published);
  const demanded = demandedBy(contents);
  const values = readerValues(ref, edition.digest, contents);
  const from = READERS(app);
  const only = q.acknowledged === undefined ? '' : `and d.ref is ${q.acknowledged ? 'not ' : ''}null`;
  const [counts, rows, open] = await app.db.run(ask.actor.organisation, [
    { text: `select count(*)::int as total, count(d.ref)::int as acknowledged ${from}`, values },
    {
      text: `select p.ref, p.number, p.title, p.state, d.ref as decision, d.created_at as at, d.v ${from} ${only}
        and p.number > $7::int order by p.number limit $8::int`,
      values: [...values, afterNumber(q.after), q.limit + 1],
    },
    {
      text: `select count(*)::int as n from acknowledgement_link where organisation = (select present_organisation()) and document = $1
        and digest = $2 and used_at is null and withdrawn_at is null and expires_at > $3`,
      values: [published.record.id, edition.digest, app.clock.now()],
    },
  ]);
  const total = cell.number(counts![0]!.total);
  const acknowledged = cell.number(counts![0]!.acknowledged);
  const page = rows!.slice(0, q.limit);
  return {
    ref: published.record.ref,
    title: published.record.title,
    edition,
    demanded,
    total,
    acknowledged,
    missing: total - acknowledged,
    linksOpen: cell.number(open![0]!.n),
    items: page.map((r) => {
      const v = cell.orNull(cell.object)(r.v);
      const at = v && editionOf(published, Number(v.subjectVersion));
      return {
        person: cell.text(r.ref),
        name: cell.text(r.title),
        state: cell.text(r.state),
        acknowledged: v
          ? {
              decision: cell.text(r.decision),
              at: iso(r.at),
              ...(v.saidOn ? { saidOn: String(v.saidOn) } : {}),
              method: String(v.method),
              edition: at ?? edition.edition,
            }
          : null,
      };
    }),
    next: rows!.length > q.limit ? String(page.at(-1)!.number) : null,
  };
}

/** What a document or an edition of it says, with its types. */
const documentOf = (c: Contents) => contentsAs(registers.document, registers.document, c);

/** The parameters $1 to $6 of `READERS`. */
function readerValues(ref: string, digest: string, contents: Contents): unknown[] {
  const demanded = demandedBy(contents);
  const named = documentOf(contents).values.readers ?? [];
  return [
    registers.person.name,
    registers.decision.name,
    ref.toLowerCase(),
    digest,
    demanded === 'named' ? named : null,
    demanded === 'nobody',
  ];
}

/** Those who are still to acknowledge the edition in force: reference, name, e-mail, whether they can sign in. */
export async function stillToAcknowledge(
  app: App,
  organisation: number,
  ref: string,
  inForce: NonNullable<Published['inForce']>,
): Promise<{ ref: string; name: string; email: string | null; account: boolean }[]> {
  const [rows] = await app.db.run(organisation, [
    {
      text: `select p.ref, p.title, p.state, p."values"->>${named.person.field('email')} as email ${READERS(app)} and d.ref is null order by p.number`,
      values: readerValues(ref, inForce.digest, inForce.contents),
    },
  ]);
  return rows!.map((r) => ({
    ref: cell.text(r.ref),
    name: cell.text(r.title),
    email: cell.textOrNull(r.email),
    account: r.state === 'active',
  }));
}

/** The number of the edition that a version belongs to. */
const editionOf = (p: Published, version: number): number | undefined =>
  p.editions.find((e) => e.version === version)?.edition;

function afterNumber(after: string | undefined): number {
  if (after === undefined || after === '') return 0;
  if (/^\d{1,9}$/.test(after)) return Number(after);
  throw new Failure('BAD_INPUT', 'after: this is not a cursor of this list; begin again without it.', [
    { path: '/after', message: 'is not a cursor of this list' },
  ]);
}

/** Of every document in force that is to be acknowledged, by how many people it was. A page at a time; two statements a page. */
export async function readingCounts(
  app: App,
  ask: Asking,
  q: { after?: string; limit: number },
): Promise<ReadingCounts> {
  const register = app.registry.of(registers.document);
  demandRead(ask, register);
  const slots = slotsOf(app.slots, registers.decision);
  const [rows] = await app.db.run(ask.actor.organisation, [
    {
      text: `select r.ref, r.number, r.title, r."values"->>${named.document.field('kind')} as kind, e.version, e.parts from record r
          cross join lateral (select v.version, (select coalesce(jsonb_object_agg(c.part, c.value), '{}'::jsonb) from content c
              where c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version) as parts
            from version v where v.organisation = r.organisation and v.record_id = r.id and v.state = ${named.document.state('published')}
              and (v.transition = ${named.document.step('publish')} or v.version = 1) order by v.version desc limit 1) e
        where r.organisation = (select present_organisation()) and r.register = $1 and r.state <> ${named.document.state('withdrawn')} and r.number > $2::int
          and (e.parts->'values'->>${named.document.field('acknowledgedBy')}) in ('everyone', 'named') order by r.number limit $3::int`,
      values: [registers.document.name, afterNumber(q.after), q.limit + 1],
    },
  ]);
  const page = rows!.slice(0, q.limit).map((r) => {
    const contents = contentsOf(cell.object(r.parts));
    const demanded = demandedBy(contents);
    return {
      ref: cell.text(r.ref),
      number: cell.number(r.number),
      title: cell.text(r.title),
      kind: String(r.kind ?? ''),
      version: cell.number(r.version),
      demanded,
      digest: materialDigest(register, cell.text(r.ref), contents),
      readers: demanded === 'named' ? (documentOf(contents).values.readers ?? []) : null,
    };
  });
  const [counted] = await app.db.run(ask.actor.organisation, [
    {
      text: `with x as materialized (select * from jsonb_to_recordset($1::jsonb) as x(ref text, digest text, readers jsonb)),
          a as materialized (select distinct x.ref, d.${slots.by} as person from x join record d
            on d.organisation = (select present_organisation()) and d.register = $3 and d.${slots.subject} = lower(x.ref)
              and d."values"->>${named.decision.field('kind')} = 'acknowledge' and d."values"->>${named.decision.field('subjectDigest')} = x.digest)
        select x.ref, count(p.ref)::int as total, count(a.person)::int as acknowledged from x
          left join record p on p.organisation = (select present_organisation()) and p.register = $2 and p.state <> ${named.person.state('departed')}
            and (x.readers is null or x.readers = 'null'::jsonb or x.readers ? p.ref)
          left join a on a.ref = x.ref and a.person = p.ref group by x.ref`,
      values: [JSON.stringify(page), registers.person.name, registers.decision.name],
    },
  ]);
  const of = new Map(counted!.map((c) => [cell.text(c.ref), c]));
  return {
    items: page.map(({ number: _, digest: __, readers: ___, ...d }) => ({
      ...d,
      total: cell.maybe(cell.number)(of.get(d.ref)?.total) ?? 0,
      acknowledged: cell.maybe(cell.number)(of.get(d.ref)?.acknowledged) ?? 0,
    })),
    next: rows!.length > q.limit ? String(page.at(-1)!.number) : null,
  };
}
