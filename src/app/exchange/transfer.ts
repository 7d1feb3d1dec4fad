import { setImmediate as others } from 'node:timers/promises';
import type { ImportAnswer } from '../../answers/exchange.ts';
import { deed } from '../../authority/refusal.ts';
import { Failure, type Problem, refusedAt } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { formatOf, type ImportFormat } from '../../intake/grid.ts';
import type { Register } from '../../register/register.ts';
import { manySaid, notThere } from '../../register/said.ts';
import { type Contents, freshContents, parseInput } from '../../register/values.ts';
import { personPresent } from '../../store/exchange/imports.ts';
import { readStatement, type Stored, toStoredWithRelations } from '../../store/records/records.ts';
import { type App, type Asking, arrivalOf } from '../context.ts';
import { withUnseen } from '../read/hidden.ts';
import { faulty } from '../words/faulty.ts';
import { demandCreate, planCreate } from '../write/create.ts';
import { planEdit } from '../write/edit.ts';
import { carryOut, type Planned, together } from '../write/plan.ts';
import type { Besides } from '../write/rule.ts';
import { checkAccountable, checkReferences, checkUnique } from './import-checks.ts';
import { checkCircles } from './import-circles.ts';
import { importDuplicates } from './import-duplicates.ts';
import { resolveNames } from './import-names.ts';
import { type ImportRow, mappingOf, understand } from './import-rows.ts';

/** How a file is to be taken. */
export interface ImportOptions {
  format?: ImportFormat;
  dryRun: boolean;
  /** Sheet of a workbook; the first one that is shown unless told. */
  sheet?: string;
  /** JSON: which column becomes what. */
  mapping?: string;
  /** Person who wrote the records before they were brought here, where the file does not say so itself. */
  madeFor?: string;
}

const no = failures('import', {
  nobody: [
    'INVALID',
    'onBehalfOf: {ref} is nobody of the directory; expected a person such as PSN-0001.',
    '/onBehalfOf',
  ],
  twice: ['INVALID', '{ref} stands in the file twice.'],
});

/** From so many rows on the database's picture of its tables is made anew. */
const MANY = 500;

/** Faults of one row that are told; whoever has mended them sees the next ones. */
const FAULTS = 20;

/** Who may import; throws NOT_ALLOWED saying who. */
export const demandImport = (ask: Asking, register: Register): string =>
  demandCreate(ask, register, deed('import', { register: manySaid(register) }));

/**
 * Creates or updates many records from a file: rows with a `ref` update that record, others are created. Everything is
 * checked first and every fault is reported with its line; then all is stored in one transaction, or nothing.
 */
export async function importRecords(
  app: App,
  ask: Asking,
  register: Register,
  body: Buffer,
  o: ImportOptions,
): Promise<ImportAnswer> {
  const as = demandImport(ask, register);
  const { dryRun } = o;
  const mapping = mappingOf(register, o.mapping);
  const format = formatOf(body, o.format);
  const file = await app.intake.read('grid', arrivalOf(ask, body), { format, sheet: o.sheet });
  const { rows, headings, unmapped } = understand(register, file, mapping);
  await resolveNames(app, ask, register, rows);
  if (o.madeFor !== undefined) {
    await demandPersonKnown(app, ask, o.madeFor);
    for (const row of rows) row.madeFor ??= o.madeFor;
  }
  const problems: Problem[] = rows.flatMap((r) =>
    r.faults.map((f) => ({ path: `${r.place}, column ${f.path}`, message: f.message })),
  );
  const sound = rows.filter((r) => r.faults.length === 0);
  const plans = await planRows(app, ask, register, as, sound, problems);
  await checkReferences(app, ask, register, plans, problems);
  await checkUnique(app, ask, register, plans, problems);
  await checkCircles(app, ask, register, plans, problems);
  checkAccountable(register, plans, problems);
  const touched = plans.flatMap((p) => p.planned ?? []);
  const updated = plans.filter((p) => p.planned && p.before).length;
  const doubled = await importDuplicates(app, ask, register, plans);
  const told = inTheirWords(problems, headings);
  const answer: ImportAnswer = {
    rows: rows.length,
    created: touched.length - updated,
    updated,
    unchanged: plans.length - touched.length,
    dryRun,
    problems: told.slice(0, 500),
    ...(unmapped.length > 0 ? { unmapped } : {}),
    ...(doubled ? { duplicates: doubled.duplicates } : {}),
    ...(doubled?.more ? { moreDuplicates: doubled.more } : {}),
  };
  if (problems.length > 0) {
    if (dryRun) return answer;
    throw faulty('rows', rows.length, told);
  }
  if (dryRun) return answer;
  return storePlans(app, ask, touched, answer);
}

/** Problems in the order of the file, with its own headings for the columns. */
function inTheirWords(problems: Problem[], headings: Readonly<Record<string, string>>): Problem[] {
  const place = (p: Problem) => Number(/\d+/.exec(p.path)?.[0] ?? 0);
  return problems
    .map((p) => {
      const name = /, column (\S+)$/.exec(p.path)?.[1];
      const heading = name === undefined ? undefined : headings[name];
      return heading ? { ...p, path: `${p.path.slice(0, -name!.length)}${heading}` } : p;
    })
    .map((p) => ({ p, at: place(p) }))
    .sort((a, b) => a.at - b.at)
    .map(({ p }) => p);
}

async function demandPersonKnown(app: App, ask: Asking, ref: string): Promise<void> {
  const [rows] = await app.db.run(ask.actor.organisation, [personPresent(ref)]);
  if (rows!.length === 0) throw no('nobody', { ref: JSON.stringify(ref.slice(0, 40)) });
}

/** What becomes of one row. */
export interface Plan {
  place: string;
  madeFor?: string;
  before?: Stored & { digest: string };
  contents: Contents;
  /** Absent where the row changes nothing. */
  planned?: Planned;
}

async function planRows(
  app: App,
  ask: Asking,
  register: Register,
  as: string,
  rows: ImportRow[],
  problems: Problem[],
): Promise<Plan[]> {
  const plans: Plan[] = [];
  // That nobody named has departed is looked up for all rows at once.
  const coming: Besides = { peopleLookedUp: true, known: new Map() };
  const seen = new Set<string>();
  const named = [...new Set(rows.flatMap((r) => (r.ref ? [r.ref] : [])))];
  const [found] = await app.db.run(ask.actor.organisation, [readStatement(register, named)]);
  const before = await withUnseen(app, ask, register, found!.map(toStoredWithRelations));
  const existing = new Map(before.map((r) => [r.ref, r]));
  for (const [i, row] of rows.entries()) {
    // Checking ten thousand rows takes seconds; others get their turn in between.
    if (i % 100 === 99) await others();
    const { place, madeFor } = row;
    try {
      if (row.ref && seen.has(row.ref)) throw no('twice', { ref: row.ref });
      if (row.ref) seen.add(row.ref);
      if (row.ref) {
        const before = existing.get(row.ref);
        if (!before) throw notThere(register, row.ref);
        // Locked records stand in every export; as long as the file leaves them alone they are no fault.
        const part = parseInput(register, row.input, 'edit');
        const planned = await planEdit(app, ask, register, before, part, {
          ...coming,
          madeFor,
          fromFile: true,
        });
        plans.push({ place, madeFor, before, contents: planned?.intent.contents ?? before, planned });
      } else {
        const contents = freshContents(register, parseInput(register, row.input, 'create'));
        const planned = await planCreate(app, ask, register, contents, {
          ...coming,
          as,
          madeFor,
          act: 'import',
        });
        plans.push({ place, madeFor, contents: planned.intent.contents, planned });
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.problems.length === 0) problems.push(refusedAt(row.place, error));
      for (const p of error.problems.slice(0, FAULTS))
        problems.push({ ...p, path: `${row.place}, column ${p.path.slice(1).split('/')[0]}` });
    }
  }
  return plans;
}

async function storePlans(
  app: App,
  ask: Asking,
  plans: readonly Planned[],
  answer: ImportAnswer,
): Promise<ImportAnswer> {
  const plan = together(plans);
  // The answer holds counts, places and references only.
  await carryOut(app, ask, plan, () => answer);
  if (plan.records.length + plan.cascade.length >= MANY) await app.db.refreshStatistics();
  return answer;
}
