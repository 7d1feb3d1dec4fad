import type { Acknowledgements, Edition, EditionsView, ReadingCounts } from '../../answers/govern.ts';
import { Failure } from '../../base/failure.ts';
import { contentsAs } from '../../register/rec.ts';
import { notThere } from '../../register/said.ts';
import { type Contents, contentsOf, materialDigest } from '../../register/values.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import {
  documentsToRead,
  editionsStatement,
  linksOpen,
  type Readers,
  readersCounted,
  readersMissing,
  readersPage,
  readingsCounted,
} from '../../store/govern/editions.ts';
import {
  iso,
  readStatement,
  type StoredWithRelations,
  toStoredWithRelations,
} from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../write/access.ts';

/** A document with its publications, newest first. */
export interface Published {
  record: StoredWithRelations;
  editions: (Edition & { contents: Contents })[];
  /** The last publication, unless the document was withdrawn; while it is being revised, that edition stays in force. */
  inForce: (Edition & { contents: Contents }) | undefined;
}

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
  const readers = readersOf(ref, edition.digest, contents);
  const [counts, rows, open] = await app.db.run(ask.actor.organisation, [
    readersCounted(app, readers),
    readersPage(app, readers, { ...q, after: afterNumber(q.after) }),
    linksOpen(published.record.id, edition.digest, app.clock.now()),
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

/** Of whom an edition with this digest is to be acknowledged. */
function readersOf(ref: string, digest: string, contents: Contents): Readers {
  const demanded = demandedBy(contents);
  return {
    ref,
    digest,
    named: demanded === 'named' ? (documentOf(contents).values.readers ?? []) : null,
    nobody: demanded === 'nobody',
  };
}

/** Those who are still to acknowledge the edition in force: reference, name, e-mail, whether they can sign in. */
export async function stillToAcknowledge(
  app: App,
  organisation: number,
  ref: string,
  inForce: NonNullable<Published['inForce']>,
): Promise<{ ref: string; name: string; email: string | null; account: boolean }[]> {
  const [rows] = await app.db.run(organisation, [
    readersMissing(app, readersOf(ref, inForce.digest, inForce.contents)),
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
  const [rows] = await app.db.run(ask.actor.organisation, [documentsToRead(afterNumber(q.after), q.limit)]);
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
  const [counted] = await app.db.run(ask.actor.organisation, [readingsCounted(app, page)]);
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
