import type { Facts } from '../../facts/facts.ts';
import type { Reads } from '../../facts/reads.ts';
import { type As, type ContentsOf, contentsAs, recOf, type StepOf, stepAs } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import type { Contents } from '../../register/values.ts';
import type { Start } from '../../store/facts/walk.ts';
import { readStatement, type Stored, type StoredWithRelations, toRec } from '../../store/records/records.ts';
import type { Judge } from '../../store/records/write.ts';
import type { App, Asking } from '../context.ts';
import { readFacts } from '../read/facts.ts';
import type { Intended } from './plan.ts';

/** A record about to be stored: as it shall be, as it is, and by which transition. */
export interface Guarded<R extends Register = Register> {
  app: App;
  ask: Asking;
  register: R;
  contents: ContentsOf<R>;
  before?: As<R, StoredWithRelations>;
  transition?: StepOf<R>;
  /** Reason and end that came with a transition. */
  reason?: string;
  until?: string;
  besides: Besides;
}

/** One that is there already. */
export type Changed<R extends Register = Register> = Guarded<R> & { before: As<R, StoredWithRelations> };

/** What the plan says beside the record: what it looked up for many of them at once, and what it does in the same write. */
export interface Besides {
  /** That nobody named has departed was looked up for many records at once. */
  peopleLookedUp?: boolean;
  /** One record, created by itself. */
  single?: boolean;
  /** All that a leaver holds goes to others in the same write. */
  handsOver?: boolean;
  /** What rules ask again and again of one request: asked once. */
  known?: Map<string, Promise<boolean>>;
  /** Facts that rules read of many records at once, or of one again and again. */
  facts?: Map<string, Promise<Facts>>;
}

/** Facts that serve more than one question of a request: read when they are first wanted. */
export function factsOnce({ facts }: Besides, what: string, read: () => Promise<Facts>): Promise<Facts> {
  const there = facts?.get(what) ?? read();
  facts?.set(what, there);
  return there;
}

/** Something that does not change within a request: asked when it is first wanted. */
export function once({ known }: Besides, what: string, ask: () => Promise<boolean>): Promise<boolean> {
  const answer = known?.get(what) ?? ask();
  known?.set(what, answer);
  return answer;
}

/** What shall become of a record, as rules are asked about it; `number` where a new one has its own already. */
export interface Ruling extends Omit<Intended, 'before'> {
  before?: StoredWithRelations;
  number?: number;
}

/** What a rule adds to what it lets pass. */
export interface Along {
  /** The record as it shall be stored: the rule filled in what only the engine writes. */
  contents?: Contents;
  /** What becomes of other records: it stands or falls with the record itself. */
  cascade?: readonly Ruling[];
  /** What the write rests on beside the record, asked in its transaction. What the rule itself read is asked again there without being named here. */
  judges?: readonly Judge[];
  /** The rule fills in what other records say, and as of when: that is not asked again. */
  ofItsMoment?: true;
}

type Ruled = void | Along | Promise<void> | Promise<Along>;

/**
 * A rule about records that no declaration says. It throws; what it lets pass is stored. All doors ask the same list of them, in `rules.ts`.
 */
export interface Rule {
  /** Name of the register, and what it is about: `action.verifier`. */
  readonly id: string;
  /** The register; absent for a rule about all of them. */
  readonly register?: string;
  /** `any`: whenever a record is written. `changes`: whenever one that is there is. Otherwise what is done to it: created, edited, or one of these steps. */
  readonly at: 'any' | 'changes' | readonly string[];
  /** Whether it makes a new record rest on others: asked in its write then, and before where many are checked, so that each line is told its faults. */
  readonly inWrite?: (g: Guarded) => boolean;
  /** What it says of a step hangs on nothing that comes with the step: the page asks it too, and offers no step that would be refused. */
  readonly offered?: boolean;
  readonly check: (g: Guarded) => Ruled;
}

type Check<G> = (g: G) => Ruled;

/** A rule about every record of a register that is written, new or not. `inWrite`: what is new rests on others by it. */
export const onAny = <R extends Register>(
  register: R,
  about: string,
  check: Check<Guarded<R>>,
  o: Pick<Rule, 'inWrite' | 'offered'> = {},
): Rule => ({ ...named(register, about), ...o, at: 'any', check: (g) => check(typed(register, g)) });

/** A rule about new records of a register. */
export const onCreate = <R extends Register>(
  register: R,
  about: string,
  check: Check<Guarded<R>>,
  o: Pick<Rule, 'inWrite'> = {},
): Rule => ({ ...onAny(register, about, check, o), at: ['create'] });

/** A rule about records that are there, by edits and steps alike. */
export const onChange = <R extends Register>(
  register: R,
  about: string,
  check: Check<Changed<R>>,
  o: Pick<Rule, 'offered'> = {},
): Rule => ({
  ...named(register, about),
  ...o,
  at: 'changes',
  check: (g) => {
    const { before, ...all } = typed(register, g);
    return before && check({ ...all, before });
  },
});

/** A rule about these steps of a record, or its edits. */
export const onSteps = <R extends Register>(
  register: R,
  about: string,
  at: readonly ('edit' | StepOf<R>)[],
  check: Check<Changed<R>>,
  o: Pick<Rule, 'offered'> = {},
): Rule => ({ ...onChange(register, about, check, o), at });

const named = (register: Register, about: string) => ({
  id: `${register.name}.${about}`,
  register: register.name,
});

/** The same with the types of the register's declaration; what is no step of it (a batch of readings) is an edit to its rules. */
const typed = <R extends Register>(register: R, g: Guarded): Guarded<R> => ({
  ...g,
  register: g.app.registry.of(register),
  contents: contentsAs(register, g.register, g.contents),
  before: g.before && recOf(register, g.before),
  transition: g.register.transitions[g.transition ?? ''] && stepAs(register, g.transition!),
});

/** What a rule looks at around the record and those that the write would have it name, of one moment; begun at these. */
export const factsAround = (
  g: Pick<Guarded, 'app' | 'ask'>,
  reads: Reads,
  refs: readonly string[] = [],
): Promise<Facts> => factsFrom(g, reads, { refs });

/** The same, begun anywhere. */
export const factsFrom = (
  { app, ask }: Pick<Guarded, 'app' | 'ask'>,
  reads: Reads,
  start: Start,
): Promise<Facts> =>
  app.db.converse(ask.actor.organisation, (query) => readFacts(app, query, reads, start), {
    snapshot: true,
  });

/** Records of another register that a rule looks at, such as those behind a link as the write would leave it; as far as whoever asks may see them. */
export async function recordsOf<T extends Register>(
  { app, ask }: Pick<Guarded, 'app' | 'ask'>,
  register: T,
  refs: readonly string[] = [],
): Promise<As<T, Stored>[]> {
  if (refs.length === 0) return [];
  const [rows] = await app.db.run(ask.actor.organisation, [readStatement(app.registry.of(register), refs)]);
  return rows!.map(toRec(register));
}
