import type { App } from '../src/app/context.ts';
import type { Organisation } from '../src/app/people/organisations.ts';
import { buildChange, type Intent } from '../src/app/write/change.ts';
import { freshContents, parseInput } from '../src/register/values.ts';
import { type Change, takeNumbers, write } from '../src/store/records/write.ts';

const DAY = 86_400_000;

/** People and AI systems that the measured records point to. */
export const PEOPLE = 200;
const SYSTEMS = 20;
/** Records in one writing statement. */
const BATCH = 500;
/** Batches under way at once: while the database writes one, the next is built. */
const LANES = 2;

/** In every second record: a search for it finds half of the register. */
export const COMMON_WORD = 'customer';
/** In one record of a thousand. */
export const RARE_WORD = 'zeppelin';

const WORDS =
  'model output wrong answer bias group data leak prompt injection vendor drift label score threshold review refund ' +
  'candidate language region outage latency fallback human oversight consent record training evaluation release'.split(
    ' ',
  );
const VOCABULARY = WORDS.split(/[ ,]+/);
const STATES: [string, number][] = [
  ['open', 60],
  ['assessed', 80],
  ['treated', 90],
  ['accepted', 95],
  ['closed', 100],
];

/** Numbers that look random and are the same in every run. */
export function repeatable(seed: number): (below: number) => number {
  let s = seed >>> 0;
  return (below) => {
    s = (Math.imul(s, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((s / 2 ** 32) * below);
  };
}

export const person = (n: number) => `PSN-${String(n).padStart(4, '0')}`;
const system = (n: number) => `SYS-${String(n).padStart(4, '0')}`;

/** The flat input of the n-th measured record, as somebody would send it. */
export function riskInput(n: number): Record<string, unknown> {
  const pick = repeatable(n * 7919 + 17);
  const words = (count: number) =>
    Array.from({ length: count }, () => VOCABULARY[pick(VOCABULARY.length)]!).join(' ');
  const rated = pick(10) > 0;
  return {
    title: `${words(5)} ${n}`,
    scenario: `${words(30)}${n % 2 === 0 ? ` ${COMMON_WORD}` : ''}${n % 1000 === 500 ? ` ${RARE_WORD}` : ''}.`,
    owner: person(1 + pick(PEOPLE)),
    ...(rated
      ? {
          likelihood: 1 + pick(5),
          impactOrganisation: 1 + pick(5),
          impactIndividuals: 1 + pick(5),
          impactSociety: 1 + pick(5),
        }
      : {}),
    treatment: ['modify', 'retain', 'avoid', 'share'][pick(4)],
    // Within the year that is allowed where no criteria say otherwise.
    reviewBy: new Date(Date.now() + (1 + 28 * pick(12) + pick(28)) * DAY).toISOString().slice(0, 10),
    systems: [...new Set([system(1 + pick(SYSTEMS)), system(1 + pick(SYSTEMS))])],
  };
}

function stateOf(n: number): string {
  const p = repeatable(n * 31 + 5)(100);
  return STATES.find(([, below]) => p < below)![0];
}

/** What would be stored for the n-th measured record, with salts, commitments and ledger entry. */
export function riskChange(app: App, n: number, number: number, at = app.clock.now()): Change {
  const register = app.registry.get('risk');
  return changeOf(app, at, register.name, riskInput(n), number, stateOf(n));
}

/** The n-th record of any register in a state, as it would be stored. */
export function changeOf(
  app: App,
  at: Date,
  name: string,
  input: Record<string, unknown>,
  number: number,
  state: string,
): Change {
  const register = app.registry.get(name);
  const intent: Intent = {
    register,
    before: { number },
    contents: freshContents(register, parseInput(register, input, 'engine')),
    state,
    act: 'import',
    actor: { ref: 'engine', as: 'engine' },
  };
  return buildChange(app, at, intent);
}

/** Writes changes built for one moment through the application's own writing statement; all or none. */
export const store = (app: App, o: Organisation, changes: Change[]) =>
  write(app.db, { organisation: o.id, actor: 'engine', changes });

/** Some 200 people, numbered from 1; the organisation must be new but for its first person. */
export async function fillPeople(app: App, o: Organisation): Promise<void> {
  const at = app.clock.now();
  const have = await takeNumbers(app.db, o.id, 'person', PEOPLE);
  const people = Array.from({ length: PEOPLE }, (_, i) =>
    changeOf(
      app,
      at,
      'person',
      { name: `Person ${have + i}`, email: `person${have + i}@bench.example`, roles: ['contributor'] },
      have + i,
      'listed',
    ),
  );
  await store(app, o, people);
}

/** People and AI systems, numbered from 1; the organisation must be new but for its first person. */
async function fillAround(app: App, o: Organisation): Promise<void> {
  await fillPeople(app, o);
  const at = app.clock.now();
  const first = await takeNumbers(app.db, o.id, 'aiSystem', SYSTEMS);
  const systems = Array.from({ length: SYSTEMS }, (_, i) =>
    changeOf(
      app,
      at,
      'aiSystem',
      { name: `System ${i}`, purpose: 'Answers', owner: person(1) },
      first + i,
      'draft',
    ),
  );
  await store(app, o, systems);
}

/**
 * Fills an organisation with `count` records of the register that is measured, through the application's writing
 * statement, waits until the log has taken them in, and lets the database count. Returns seconds for the writing.
 */
export async function fill(app: App, o: Organisation, count: number): Promise<number> {
  await fillAround(app, o);
  const began = performance.now();
  let done = 0;
  const lane = async () => {
    while (done < count) {
      const size = Math.min(BATCH, count - done);
      const from = done;
      done += size;
      const first = await takeNumbers(app.db, o.id, 'risk', size);
      const at = app.clock.now();
      await store(
        app,
        o,
        Array.from({ length: size }, (_, i) => riskChange(app, from + i, first + i, at)),
      );
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const seconds = (performance.now() - began) / 1000;
  app.sequencer.wake(o.id);
  await app.sequencer.settle(o.id);
  await app.db.freeErased();
  await app.db.refreshStatistics();
  return seconds;
}
