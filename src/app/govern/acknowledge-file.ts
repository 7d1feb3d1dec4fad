import { createHash } from 'node:crypto';
import type { AcknowledgedFile, Edition } from '../../answers/govern.ts';
import { Failure, type Problem } from '../../base/failure.ts';
import { IMPORT_ROWS } from '../../intake/grid.ts';
import type { TableLine } from '../../intake/lines.ts';
import { admittedAs, type Role, whoText } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { acknowledgedStatement } from '../../store/govern/editions.ts';
import { peopleNamed } from '../../store/people/people.ts';
import { type App, type Asking, arrivalOf } from '../context.ts';
import { isDay } from '../exchange/csv-table.ts';
import { anew } from '../write/anew.ts';
import { carryOut, type Intended } from '../write/plan.ts';
import { acknowledgedOnce, acknowledgementContents, saidMeanwhile } from './acknowledge.ts';
import { demandInForce, type Published, readPublished } from './editions.ts';

/** Who may say of others that they have read something. */
const WHO: readonly Role[] = ['aimsManager'];

const COLUMNS = {
  person: { also: ['email', 'e-mail', 'number', 'ref'], required: true },
  date: { also: ['day', 'acknowledged on'], required: true },
  edition: {},
};

interface Planned {
  place: string;
  person: string;
  on: string;
  edition: Edition;
}

/**
 * Takes over from a file who has acknowledged which edition of a document, and when: columns person (e-mail or number), date, edition (the
 * edition in force unless given). Everything is checked first and every fault named with its line; then all is stored in one transaction, or
 * nothing. Each decision names the person, that a file said so, its digest, and who handed it in.
 */
export async function acknowledgeFromFile(
  app: App,
  ask: Asking,
  ref: string,
  body: Buffer,
  dryRun: boolean,
): Promise<AcknowledgedFile> {
  const as = admittedAs(ask.actor, WHO);
  if (!as || ask.actor.kind === 'apiKey')
    throw new Failure(
      'NOT_ALLOWED',
      `Only ${whoText(WHO)} can record for others that they have read ${ref}, signed in as a person.`,
    );
  const published = await readPublished(app, ask, ref);
  demandInForce(published);
  const lines = await app.intake.read('lines', arrivalOf(ask, body), { columns: COLUMNS, most: IMPORT_ROWS });
  const problems: Problem[] = [];
  const people = await peopleOf(app, ask, lines);
  const plans = planned(app, published, lines, people, problems);
  // Those who say it themselves at this moment are among those who had.
  return anew(
    () => taken(app, ask, { published, plans, problems, body, as, dryRun, rows: lines.length }),
    saidMeanwhile,
  );
}

interface Taking {
  published: Published;
  plans: readonly Planned[];
  problems: readonly Problem[];
  body: Buffer;
  as: string;
  dryRun: boolean;
  rows: number;
}

async function taken(app: App, ask: Asking, t: Taking): Promise<AcknowledgedFile> {
  const { published, plans, problems, body, as, dryRun, rows } = t;
  const fresh = await notYet(app, ask, published, plans);
  const answer: AcknowledgedFile = {
    rows,
    recorded: fresh.length,
    unchanged: plans.length - fresh.length,
    dryRun,
    problems: problems.slice(0, 500),
  };
  if (problems.length > 0) {
    if (dryRun) return answer;
    const wrong = new Set(problems.map((p) => p.path.split(',')[0])).size;
    throw new Failure(
      'INVALID',
      `${wrong} of ${rows} rows have a fault; nothing was stored. First: ${problems[0]!.path}: ${problems[0]!.message}.`,
      answer.problems,
    );
  }
  if (dryRun) return answer;
  const source = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  return stored(app, ask, published, fresh, as, source, answer);
}

async function stored(
  app: App,
  ask: Asking,
  published: Published,
  fresh: readonly Planned[],
  as: string,
  source: string,
  answer: AcknowledgedFile,
): Promise<AcknowledgedFile> {
  const register = app.registry.of(registers.decision);
  const records = fresh.map(
    (p): Intended => ({
      register,
      contents: acknowledgementContents(app, {
        person: p.person,
        edition: p.edition,
        subject: published.record.ref,
        method: 'hrFile',
        recordedBy: ask.actor.ref,
        saidOn: p.on,
        source,
      }),
      state: register.states[0]!,
      act: 'import',
      actor: { ref: ask.actor.ref, as },
      once: acknowledgedOnce(published.record.ref, p.edition, p.person),
    }),
  );
  return (await carryOut(app, ask, { records }, () => answer)).kept;
}

interface Known {
  ref: string;
  departed: boolean;
}

/** People by what the file calls them, in small letters: number or e-mail. One statement for the whole file. */
async function peopleOf(app: App, ask: Asking, lines: readonly TableLine[]): Promise<Map<string, Known[]>> {
  const names = [...new Set(lines.map((l) => l.cells.person!.toLowerCase()))];
  const [rows] = await app.db.run(ask.actor.organisation, [peopleNamed(names)]);
  const out = new Map<string, Known[]>();
  for (const r of rows!)
    for (const name of new Set([String(r.ref).toLowerCase(), String(r.email ?? '')]))
      if (name) {
        const one = { ref: cell.text(r.ref), departed: r.state === 'departed' };
        const same = out.get(name);
        if (same) same.push(one);
        else out.set(name, [one]);
      }
  return out;
}

function planned(
  app: App,
  published: Published,
  lines: readonly TableLine[],
  people: ReadonlyMap<string, Known[]>,
  problems: Problem[],
): Planned[] {
  const today = app.clock.now().toISOString().slice(0, 10);
  const seen = new Map<string, string>();
  const plans: Planned[] = [];
  for (const { place, cells } of lines) {
    const faults: Problem[] = [];
    const say = (column: string, message: string) =>
      faults.push({ path: `${place}, column ${column}`, message });
    const person = personOf(cells.person!, people, say);
    const edition = editionIn(published, cells.edition, say);
    const on = cells.date!;
    if (!isDay(on)) say('date', `expected a day such as 2027-03-31, got ${JSON.stringify(on.slice(0, 30))}`);
    else if (on > today) say('date', `${on} has not come yet; today is ${today}`);
    else if (edition && on < edition.publishedAt.slice(0, 10))
      say(
        'date',
        `edition ${edition.edition} was published on ${edition.publishedAt.slice(0, 10)}, after ${on}`,
      );
    const key = `${person} ${edition?.digest}`;
    const before = seen.get(key);
    if (person && edition && before) say('person', `stands in the file twice, see ${before}`);
    if (person && edition) seen.set(key, before ?? place);
    if (faults.length > 0) problems.push(...faults);
    else plans.push({ place, person: person!, on, edition: edition! });
  }
  return plans;
}

type Say = (column: string, message: string) => void;

function personOf(cell: string, people: ReadonlyMap<string, Known[]>, say: Say): string | undefined {
  const found = people.get(cell.toLowerCase()) ?? [];
  const shown = JSON.stringify(cell.slice(0, 100));
  if (cell === '') say('person', 'is empty; expected an e-mail address or a number such as PSN-0001');
  else if (found.length === 0) say('person', `nobody in the directory is ${shown}`);
  else if (found.length > 1)
    say('person', `${shown} is the address of several people; give a number such as PSN-0001`);
  else if (found[0]!.departed) say('person', `${found[0]!.ref} has departed`);
  else return found[0]!.ref;
  return undefined;
}

function editionIn(published: Published, cell: string | undefined, say: Say): Edition | undefined {
  if (!cell) return published.inForce;
  const found = published.editions.find((e) => String(e.edition) === cell);
  if (!found)
    say(
      'edition',
      `${published.record.ref} has no edition ${JSON.stringify(cell.slice(0, 20))}; it has 1 to ${published.editions[0]?.edition ?? 0}`,
    );
  return found;
}

/** Those who have not yet acknowledged what their edition says. */
async function notYet(app: App, ask: Asking, p: Published, plans: readonly Planned[]): Promise<Planned[]> {
  const editions = [...new Map(plans.map((x) => [x.edition.digest, x.edition])).values()];
  if (editions.length === 0) return [];
  const found = await app.db.run(
    ask.actor.organisation,
    editions.map((e) =>
      acknowledgedStatement(
        app,
        p.record.ref,
        e,
        plans.filter((x) => x.edition.digest === e.digest).map((x) => x.person),
      ),
    ),
  );
  const done = new Set(editions.flatMap((e, i) => found[i]!.map((r) => `${String(r.person)} ${e.digest}`)));
  return plans.filter((x) => !done.has(`${x.person} ${x.edition.digest}`));
}
