import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import { Failure, type Problem } from '../base/failure.ts';
import { inSentence } from '../register/describe.ts';
import { kindOf } from '../register/kinds.ts';
import type { Register } from '../register/register.ts';
import {
  type Contents,
  changedNames,
  freshContents,
  mergeContents,
  parseInput,
  peopleIn,
} from '../register/values.ts';
import { admittedAs, whoText } from '../register/who.ts';
import { cursorAfter, listStatement, toPage } from '../store/list.ts';
import { readStatement, type Stored, toStoredWithRelations } from '../store/records.ts';
import { type Change, takeNumbers, write } from '../store/write.ts';
import { demand, mayEdit } from './access.ts';
import { atPoint, pagesThen } from './asOfQuery.ts';
import { buildChange } from './change.ts';
import { demandKept, earlierResult } from './commit.ts';
import type { App, Asking } from './context.ts';
import { guardFor } from './guards.ts';
import { keepingUnseen, withUnseen } from './hidden.ts';
import { csvRows, IMPORT_ROWS, type ImportRow, inputNames, jsonRows } from './importFile.ts';
import { PERSON } from './names.ts';
import { demandRead } from './query.ts';

export interface ImportAnswer {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  dryRun: boolean;
  problems: Problem[];
}

/**
 * Creates or updates many records from a file: rows with a `ref` update that record, others are created. Everything is
 * checked first and every fault is reported with its line; then all is stored in one transaction, or nothing.
 */
export async function importRecords(
  app: App,
  ask: Asking,
  register: Register,
  body: string,
  format: 'csv' | 'json',
  dryRun: boolean,
): Promise<ImportAnswer> {
  const as = admittedAs(ask.actor, register.permissions.create);
  if (!as)
    throw new Failure(
      'NOT_ALLOWED',
      `You may not import ${inSentence(register.label.many)}: that is for ${whoText(register.permissions.create, register.whoLabels)}.`,
    );
  const rows = format === 'csv' ? csvRows(register, body) : jsonRows(register, body);
  if (rows.length > IMPORT_ROWS)
    throw new Failure(
      'TOO_LARGE',
      `The file has more than ${IMPORT_ROWS} rows, the most that are imported at once. Split it.`,
    );
  const problems: Problem[] = [];
  const plans = await planRows(app, ask, register, rows, problems);
  await checkReferences(app, ask, register, plans, problems);
  await checkUnique(app, ask, register, plans, problems);
  const touched = plans.filter((p) => !p.unchanged);
  const answer: ImportAnswer = {
    rows: rows.length,
    created: touched.filter((p) => !p.before).length,
    updated: touched.filter((p) => p.before).length,
    unchanged: plans.length - touched.length,
    dryRun,
    problems: problems.slice(0, 500),
  };
  if (problems.length > 0) {
    if (dryRun) return answer;
    // Sent again after it was stored: what it made may be the very thing that is in its way now.
    const earlier = await earlierResult(app, ask);
    if (earlier) return earlier as ImportAnswer;
    throw new Failure(
      'INVALID',
      `${new Set(problems.map((x) => x.path.split(',')[0])).size} of ${rows.length} rows have a fault; nothing was stored. First: ${problems[0]!.path}: ${problems[0]!.message.replace(/\.$/, '')}.`,
      answer.problems,
    );
  }
  if (dryRun || touched.length === 0) return answer;
  return storePlans(app, ask, register, touched, as, answer);
}

interface Plan {
  place: string;
  before?: Stored & { digest: string };
  contents: Contents;
  unchanged: boolean;
}

async function planRows(
  app: App,
  ask: Asking,
  register: Register,
  rows: ImportRow[],
  problems: Problem[],
): Promise<Plan[]> {
  const plans: Plan[] = [];
  const seen = new Set<string>();
  const named = [...new Set(rows.flatMap((r) => (r.ref ? [r.ref] : [])))];
  const [found] = await app.db.run(ask.actor.organisation, [readStatement(register, named)]);
  const before = await withUnseen(app, ask.actor.organisation, register, found!.map(toStoredWithRelations));
  const existing = new Map(before.map((r) => [r.ref, r]));
  for (const row of rows) {
    try {
      if (row.ref && seen.has(row.ref))
        throw new Failure('INVALID', `${row.ref} stands in the file twice`, []);
      if (row.ref) seen.add(row.ref);
      if (row.ref) {
        const before = existing.get(row.ref);
        if (!before)
          throw new Failure(
            'NOT_FOUND',
            `there is no ${inSentence(register.label.one)} ${row.ref.slice(0, 40)}`,
          );
        const contents = mergeContents(
          register,
          before,
          keepingUnseen(register, before, parseInput(register, row.input, 'edit')),
        );
        const unchanged = changedNames(before, contents).length === 0;
        // Locked records stand in every export; as long as the file leaves them alone they are no fault.
        if (!unchanged) {
          demand(mayEdit(ask.actor, register, before));
          demandKept(register, before, contents, before.state);
          await guardFor(register)?.({ app, ask, register, contents, before });
        }
        plans.push({ place: row.place, before, contents, unchanged });
      } else {
        const clean = Object.fromEntries(Object.entries(row.input).filter(([, v]) => v !== null));
        const contents = freshContents(register, parseInput(register, clean, 'create'));
        await guardFor(register)?.({ app, ask, register, contents });
        plans.push({ place: row.place, contents, unchanged: false });
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.problems.length === 0) problems.push({ path: row.place, message: error.message });
      for (const p of error.problems)
        problems.push({ path: `${row.place}, column ${p.path.slice(1).split('/')[0]}`, message: p.message });
    }
  }
  return plans;
}

/** Every record and person named must exist: asked once for the whole file. */
async function checkReferences(
  app: App,
  ask: Asking,
  register: Register,
  plans: Plan[],
  problems: Problem[],
): Promise<void> {
  const wanted: { place: string; column: string; ref: string; to: string }[] = [];
  for (const p of plans) {
    for (const [name, f] of Object.entries(register.fields))
      for (const ref of peopleIn(f, p.contents.values[name]))
        wanted.push({ place: p.place, column: name, ref, to: PERSON });
    // What was linked before exists, also where whoever imports does not see it.
    for (const [name, refs] of Object.entries(p.contents.links))
      for (const ref of refs.filter((r) => !p.before?.links[name]?.includes(r)))
        wanted.push({ place: p.place, column: name, ref, to: register.links[name]!.to });
  }
  if (wanted.length === 0) return;
  const [rows] = await app.db.run(ask.actor.organisation, [
    {
      text: 'select ref, register from record where organisation = (select present_organisation()) and ref = any($1)',
      values: [[...new Set(wanted.map((w) => w.ref))]],
    },
  ]);
  const known = new Map(rows!.map((r) => [r.ref as string, r.register as string]));
  for (const w of wanted)
    if (known.get(w.ref) !== w.to)
      problems.push({ path: `${w.place}, column ${w.column}`, message: `${w.ref} does not exist` });
}

/** Values that may occur once: twice in the file, or already in the register. */
async function checkUnique(
  app: App,
  ask: Asking,
  register: Register,
  plans: Plan[],
  problems: Problem[],
): Promise<void> {
  const field = register.unique;
  if (!field) return;
  const key = (p: Plan) =>
    String(p.contents.values[field] ?? '')
      .normalize('NFKC')
      .toLowerCase()
      .slice(0, 300);
  const seen = new Map<string, string>();
  const fresh = plans.filter((p) => p.contents.values[field] !== undefined);
  for (const p of fresh) {
    const other = seen.get(key(p));
    if (other)
      problems.push({
        path: `${p.place}, column ${field}`,
        message: `stands in the file twice, see ${other}`,
      });
    seen.set(key(p), p.place);
  }
  if (seen.size === 0) return;
  const [rows] = await app.db.run(ask.actor.organisation, [
    {
      text: `select ref, unique_key from record where organisation = (select present_organisation()) and register = $1
        and unique_key = any($2)`,
      values: [register.name, [...seen.keys()]],
    },
  ]);
  const taken = new Map(rows!.map((r) => [r.unique_key as string, r.ref as string]));
  for (const p of fresh) {
    const by = taken.get(key(p));
    if (by && by !== p.before?.ref)
      problems.push({
        path: `${p.place}, column ${field}`,
        message: `is already that of ${by}; give its ref to update it`,
      });
  }
}

async function storePlans(
  app: App,
  ask: Asking,
  register: Register,
  plans: Plan[],
  as: string,
  answer: ImportAnswer,
): Promise<ImportAnswer> {
  const fresh = plans.filter((p) => !p.before).length;
  let next = fresh > 0 ? await takeNumbers(app.db, ask.actor.organisation, register.name, fresh) : 0;
  const at = app.clock.now();
  const changes: Change[] = plans.map((p) =>
    buildChange(app, at, {
      register,
      before: (p.before as never) ?? { number: next++ },
      contents: p.contents,
      state: p.before?.state ?? register.states[0]!,
      act: 'import',
      actor: { ref: ask.actor.ref, as },
    }),
  );
  app.sequencer.demandOpen(ask.actor.organisation);
  const { replay } = await write(app.db, {
    organisation: ask.actor.organisation,
    actor: ask.actor.ref,
    at,
    changes,
    // The answer holds counts only: no contents outlive their erasure in it.
    ...(ask.idempotency ? { idempotency: { ...ask.idempotency, result: answer } } : {}),
  });
  if (replay) return replay as ImportAnswer;
  app.sequencer.wake(ask.actor.organisation);
  return answer;
}

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
  if (format !== 'csv' && format !== 'json')
    throw new Failure(
      'BAD_INPUT',
      `format: expected csv or json, got ${JSON.stringify(format.slice(0, 20))}.`,
      [{ path: '/format', message: 'expected csv or json' }],
    );
  const point = asOf === undefined ? undefined : await atPoint(app, ask, asOf, async (_, p) => p);
  const pages = point
    ? await begun(pagesThen(app, ask.actor.organisation, register, point))
    : pagesOf(app, ask.actor.organisation, register);
  reply.header(
    'content-type',
    format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
  );
  const suffix = point ? `-as-of-${point.log}-${point.size}` : '';
  reply.header('content-disposition', `attachment; filename="${register.name}${suffix}.${format}"`);
  if (point) reply.header('as-of', `log=${point.log}, size=${point.size}, at="${point.at}"`);
  const stream = Readable.from(
    format === 'csv' ? csvLines(register, pages, point !== undefined) : jsonItems(register, pages),
  );
  // The head has been sent: whoever reads sees a broken connection, and only this line says why.
  return stream.on('error', (e) => app.log(`export of ${register.name} broke off: ${e.message}`));
}

/** A record to be exported; of an earlier state also which of its parts were erased. */
type Exported = Stored & { erased?: readonly string[] };

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
    ...Object.fromEntries(fields.filter((f) => r.values[f] !== undefined).map((f) => [f, r.values[f]])),
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

/** A register as CSV, a page after the other. */
export async function* csvLines(
  register: Register,
  pages: AsyncGenerator<Exported[]>,
  withErased: boolean,
): AsyncGenerator<string> {
  const fields = Object.keys(register.fields);
  const links = Object.keys(register.links);
  const derived = Object.keys(register.derived);
  const head = ['ref', ...fields, ...links, ...derived, 'state', 'version', 'createdAt', 'updatedAt'];
  if (withErased) head.push('$erased');
  yield stringify([head]);
  for await (const page of pages)
    yield stringify(
      page.map((r) => [
        r.ref,
        ...fields.map((f) =>
          guard(register.fields[f]!.kind, kindOf(register.fields[f]!).text(r.values[f], register.fields[f]!)),
        ),
        ...links.map((l) => (r.links[l] ?? []).join('; ')),
        ...derived.map((d) => String(r.derived[d] ?? '')),
        r.state,
        String(r.version),
        r.createdAt,
        r.updatedAt,
        ...(withErased ? [(r.erased ?? []).join('; ')] : []),
      ]),
    );
}

/** Text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers. */
const guard = (kind: string, text: string): string =>
  kind !== 'number' && kind !== 'score' && /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
