import type { App } from '../app/context.ts';
import { createOrganisation, findOrganisation, type Organisation } from '../app/people/organisations.ts';
import { createMember } from '../app/people/people.ts';
import { createRecord } from '../app/write/commit.ts';
import { fixedClock } from '../base/clock.ts';
import { messageOf } from '../base/thrown.ts';
import type { Actor, Role } from '../register/who.ts';
import { readManyStatement, toStored } from '../store/records/records.ts';
import { type DemoPerson, readHistory, readPeople } from './content.ts';
import { type Cast, momentsWritten, playStep } from './history.ts';

const SLUG = 'demo';
const NAME = 'ACME Retail';
/** Known to everybody: the demo is served on this machine only. */
const PASSWORD = 'openaims-demo';
/** The organisation and its people, a minute each, before the history. */
const BEGINNING = Date.parse('2026-10-05T07:00:00Z');
/** From this day the risk assessments are too old for the gate (12 months). */
const TOO_OLD = '2027-10-21';

/** Who can sign in to the demo, and the one password. Throws when the folder is not in order. */
export function demoAccess(folder: string): {
  people: { email: string; name: string; role: string }[];
  password: string;
} {
  const people = readPeople(folder).flatMap(({ account, email, name, role }) =>
    account && email ? [{ email, name, role }] : [],
  );
  return { people, password: PASSWORD };
}

/** How the history is played where it is watched. */
export interface Played {
  /** Stands at each step while it is played; one of its own unless told. */
  clock?: ReturnType<typeof fixedClock>;
  /** Told after each step of the history. */
  step?: (organisation: Organisation) => Promise<void>;
}

/**
 * Loads the demo organisation from `folder`, once: done before, it does nothing; broken off before, it goes on. The
 * history is staged: it is written with a clock of its own, while the checkpoints of the log carry the true time.
 */
export async function loadDemo(
  app: App,
  folder: string,
  out: (line: string) => void,
  played: Played = {},
): Promise<void> {
  const people = readPeople(folder);
  const history = readHistory(folder);
  const end = history.at(-1)!.at;
  const unfit = clockWarning(folder, app.clock.now());
  if (unfit) out(unfit);
  const clock = played.clock ?? fixedClock(new Date(BEGINNING).toISOString());
  const staged: App = { ...app, clock };
  const organisation = await theOrganisation(staged);
  const marks = [
    ...people.map(({ ref }, i) => ({ at: momentOf(i), ref })),
    ...history.map((s) => ({ at: s.at, ref: 'create' in s ? s.ref : undefined })),
  ];
  const done = await momentsWritten(app, organisation.id, marks);
  if (done.size === marks.length) return;
  const began = Date.now();
  out(
    done.size === 0 ? 'Loading the demo organisation…' : 'Going on with the demo, which was loaded in part…',
  );
  await addPeople(staged, clock.set, organisation, people, done);
  const cast = await castOf(app, organisation, people);
  for (const s of history) {
    if (done.has(s.at)) continue;
    clock.set(s.at);
    try {
      await playStep(staged, organisation, cast, folder, s);
      await played.step?.(organisation);
    } catch (error) {
      throw new Error(
        `the demo's history stops at ${s.place} (${s.at}, ${s.by}): ${messageOf(error)} Begin anew with an empty folder: --data DIR.`,
        { cause: error },
      );
    }
  }
  await app.sequencer.settle(organisation.id);
  out(
    `The demo organisation is there (${((Date.now() - began) / 1000).toFixed(1)} s). Its history from 2026-10-05 to ${end.slice(0, 10)} is staged: its clock was set.`,
  );
}

/** Why the tour would come out differently at this moment: before the history's end, or long after it. */
export function clockWarning(folder: string, at: Date): string | undefined {
  const now = at.toISOString();
  const end = readHistory(folder).at(-1)!.at;
  if (now < end)
    return `This machine's clock says ${now}; the demo's history goes on until ${end}. Until then nothing can be changed in it, for no log runs backwards, and the gate counts neither decisions nor tests dated later.`;
  if (now >= TOO_OLD)
    return `The demo's history ends on ${end.slice(0, 10)}. Its assessments are more than a year old by now: the gate says so, and the tour comes out differently.`;
  return undefined;
}

const momentOf = (i: number): string => new Date(BEGINNING + i * 60_000).toISOString();

async function theOrganisation(app: App): Promise<Organisation> {
  const found = await findOrganisation(app, SLUG);
  if (!found) return createOrganisation(app, { name: NAME, slug: SLUG, logPublic: true, demo: true });
  if (found.demo) return found;
  throw new Error(
    `this database has an organisation "${SLUG}" (${found.name}) of its own; start the demo with another folder: --data DIR`,
  );
}

/** Accounts first and side by side, since hashing a password takes its time; then the records, in their order. */
async function addPeople(
  app: App,
  setClock: (at: string) => void,
  organisation: Organisation,
  people: readonly DemoPerson[],
  done: ReadonlySet<string>,
): Promise<void> {
  const missing = people.map((p, i) => ({ ...p, at: momentOf(i) })).filter((p) => !done.has(p.at));
  const users = new Map(
    await Promise.all(
      missing.map(async ({ ref, account, email, name }) => {
        if (!account || !email) return [ref, undefined] as const;
        const made = await app.identity.openAccount({ email, name, password: PASSWORD, ip: '127.0.0.1' });
        return [ref, made.userId] as const;
      }),
    ),
  );
  for (const { at, ref, name, email, roles, manager } of missing) {
    setClock(at);
    const userId = users.get(ref);
    const { record } =
      userId && email
        ? await createMember(app, organisation, { name, email, roles, userId, manager })
        : await listPerson(app, organisation, people, { name, roles, manager });
    if (record.ref !== ref)
      throw new Error(
        `the demo's ${name} got the number ${record.ref} instead of ${ref}; begin anew with an empty folder: --data DIR`,
      );
  }
}

/** Somebody without an account is entered by the AIMS manager, as in any organisation. */
async function listPerson(
  app: App,
  organisation: Organisation,
  people: readonly DemoPerson[],
  input: Record<string, unknown>,
) {
  const cast = await castOf(app, organisation, people);
  const actor = [...cast.values()].find((a) => a.roles.includes('aimsManager'));
  if (!actor)
    throw new Error('demo/people.json: the AIMS manager must come before people without an account');
  return createRecord(app, { actor }, app.registry.get('person'), input);
}

/** Those who may act, made from their records. */
async function castOf(app: App, organisation: Organisation, people: readonly DemoPerson[]): Promise<Cast> {
  const [rows] = await app.db.run(organisation.id, [readManyStatement(people.map((p) => p.ref))]);
  const active = rows!.map(toStored).filter((r) => r.state === 'active');
  return new Map(
    active.map((r): [string, Actor] => [
      r.ref,
      {
        organisation: organisation.id,
        organisationSlug: organisation.slug,
        kind: 'person',
        ref: r.ref,
        name: String(r.values.name),
        roles: (r.values.roles as Role[] | undefined) ?? [],
      },
    ]),
  );
}
