import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import { Failure } from '../../base/failure.ts';
import { guard } from '../../intake/csv.ts';
import { IMPORT_FORMATS, type ImportFormat } from '../../intake/grid.ts';
import { kindOf } from '../../register/kinds.ts';
import type { Register } from '../../register/register.ts';
import { cursorAfter } from '../../store/records/cursors.ts';
import { listStatement, toPage } from '../../store/records/list.ts';
import type { Stored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { pagesThen } from '../read/as-of-query.ts';
import { atPoint } from '../read/earlier-state.ts';
import { demandRead } from '../write/access.ts';
import { emptied, inputNames } from './import-columns.ts';
import { saidEmpty, sayText } from './import-file.ts';

interface Sink {
  header(name: string, value: string): unknown;
}

/**
 * Streams a whole register, oldest first, a page at a time: memory does not grow with it. With `asOf`, the register as it was then, every
 * part checked against the log, and what was erased named beside each record.
 */
export async function exportRecords(
  app: App,
  ask: Asking,
  register: Register,
  format: string,
  reply: Sink,
  asOf?: string,
): Promise<Readable> {
  demandRead(ask, register);
  if (!isFormat(format))
    throw new Failure(
      'BAD_INPUT',
      `format: expected ${IMPORT_FORMATS.join(', ')}, got ${JSON.stringify(format.slice(0, 20))}.`,
      [{ path: '/format', message: `expected ${IMPORT_FORMATS.join(', ')}` }],
    );
  const point =
    asOf === undefined ? undefined : await atPoint(app, ask.actor.organisation, asOf, async (_, p) => p);
  const pages = point
    ? await begun(pagesThen(app, ask, register, point))
    : pagesOf(app, ask.actor.organisation, register);
  reply.header('content-type', MEDIA_TYPES[format]);
  const suffix = point ? `-as-of-${point.log}-${point.size}` : '';
  reply.header('content-disposition', `attachment; filename="${register.name}${suffix}.${format}"`);
  if (point) reply.header('as-of', `log=${point.log}, size=${point.size}, at="${point.at}"`);
  // Loaded when a workbook is asked for: most requests never need it.
  const { xlsxPieces } = format === 'xlsx' ? await import('./workbook.ts') : { xlsxPieces: undefined };
  const stream = Readable.from(
    xlsxPieces
      ? xlsxPieces(register, pages, { withErased: point !== undefined, at: app.clock.now() })
      : format === 'csv'
        ? csvLines(register, pages, point !== undefined)
        : jsonItems(register, pages),
  );
  // The head has been sent: whoever reads sees a broken connection, and only this line says why.
  return stream.on('error', (e) => app.log(`export of ${register.name} broke off: ${e.message}`));
}

export const MEDIA_TYPES: Readonly<Record<ImportFormat, `${string}/${string}`>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

const isFormat = (text: string): text is ImportFormat => IMPORT_FORMATS.some((f) => f === text);

/**
 * A record to be exported; of an earlier state also which of its parts were erased. Of one that is `unsaid` a table says that it is there, and no more.
 */
export type Exported = Stored & { erased?: readonly string[]; unsaid?: boolean };

/** Reads the first page before the head is sent: what cannot be answered is then refused in words. */
async function begun(pages: AsyncGenerator<Exported[]>): Promise<AsyncGenerator<Exported[]>> {
  const first = await pages.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* pages;
  })();
}

async function* pagesOf(app: App, organisation: number, register: Register): AsyncGenerator<Exported[]> {
  let after: string | undefined;
  const slots = app.slots.get(register.name)!;
  for (;;) {
    const q = { filters: [], sort: { name: 'number', descending: false }, limit: 200, after, total: false };
    const [rows] = await app.db.run(organisation, [listStatement(app.registry, register, slots, q)]);
    const page = toPage(rows!.slice(0, 200)).records;
    yield page;
    if (rows!.length <= 200) return;
    after = cursorAfter(q, { number: page.at(-1)!.number, sortKey: String(page.at(-1)!.number) });
  }
}

/** The flat form of a record, as `import` takes it. */
export function flatRecord(register: Register, r: Stored): Record<string, unknown> {
  const { fields, links } = inputNames(register);
  return {
    ref: r.ref,
    ...Object.fromEntries(
      fields.flatMap((f) =>
        r.values[f] !== undefined ? [[f, r.values[f]]] : emptied(register, f) ? [[f, null]] : [],
      ),
    ),
    ...Object.fromEntries(links.filter((l) => r.links[l]).map((l) => [l, r.links[l]])),
  };
}

async function* jsonItems(register: Register, pages: AsyncGenerator<Exported[]>): AsyncGenerator<string> {
  let first = true;
  yield '[';
  for await (const page of pages)
    for (const r of page) {
      const gone = r.erased && r.erased.length > 0 ? { $erased: r.erased } : {};
      const full = { ...flatRecord(register, r), ...engineValues(register, r), ...gone };
      yield `${first ? '\n' : ',\n'}${JSON.stringify(full)}`;
      first = false;
    }
  yield '\n]\n';
}

/** What people cannot set but readers of an export want; only for registers the engine writes. */
function engineValues(register: Register, r: Stored): Record<string, unknown> {
  if (!register.permissions.create.every((w) => w === 'engine')) return {};
  return { ...r.values, ...r.links, state: r.state };
}

/** A register as CSV, a page after the other; with all its columns unless told which. */
export async function* csvLines(
  register: Register,
  pages: AsyncGenerator<Exported[]>,
  withErased: boolean,
  only: (column: string) => boolean = () => true,
): AsyncGenerator<string> {
  const fields = Object.keys(register.fields).filter(only);
  const links = Object.keys(register.links).filter(only);
  const derived = Object.keys(register.derived).filter(only);
  const head = ['ref', ...fields, ...links, ...derived, 'state', 'version', 'createdAt', 'updatedAt'];
  if (withErased) head.push('$erased');
  // A lone CR is a line end to some readers.
  const options = { quoted_match: /\r/ };
  yield stringify([head], options);
  for await (const page of pages)
    yield stringify(
      page.map((r) =>
        r.unsaid
          ? head.map((_, i) => (i === 0 ? r.ref : ''))
          : [
              r.ref,
              ...fields.map((f) =>
                // What was erased was not left empty.
                r.values[f] === undefined && !withErased && emptied(register, f)
                  ? saidEmpty
                  : csvText(register, f, r.values[f]),
              ),
              ...links.map((l) => (r.links[l] ?? []).join('; ')),
              ...derived.map((d) => String(r.derived[d] ?? '')),
              r.state,
              String(r.version),
              r.createdAt,
              r.updatedAt,
              ...(withErased ? [(r.erased ?? []).join('; ')] : []),
            ],
      ),
      options,
    );
}

/** Text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers. */
function csvText(register: Register, name: string, value: unknown): string {
  const f = register.fields[name]!;
  const text = kindOf(f).text(value, f);
  return f.kind === 'number' || f.kind === 'score' ? text : guard(sayText(text));
}
