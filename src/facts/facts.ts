import type { Binding } from '../authority/binding.ts';
import { standingOn } from '../authority/standing.ts';
import type { Standing } from '../authority/weigh.ts';
import { restingStates } from '../register/decisions.ts';
import type { LinkOf, Rec } from '../register/rec.ts';
import { recLinked, recsOf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import type { Registers } from '../registers/index.ts';
import type { FactsPoint, Gathered, PersonFacts, Taken } from './gathered.ts';
import { backKey } from './reads.ts';
import type { Uses } from './uses.ts';

/** A rule asked for what it had not declared, or of a record that nothing led to: a fault of the program, never an empty answer. */
export class NotRead extends Error {
  constructor(what: string) {
    super(`${what} was not read; declare it in the reads of the rule`);
    this.name = 'NotRead';
  }
}

/** A record, as far as it is asked about. */
type Named = Pick<Rec, 'ref'>;

type Target<R extends Register, L extends LinkOf<R>, M> = R['links'][L]['to'] extends keyof M
  ? M[R['links'][L]['to']]
  : never;

const isRead = <K extends keyof Uses>(uses: object, name: K): uses is Pick<Uses, K> =>
  Object.hasOwn(uses, name);

/**
 * What a rule may look at, of the present or of a point: the same shape for one release, one system, or a whole register. Pure, so the same facts always
 * give the same answer. Nothing found is an empty list; nothing read throws `NotRead`.
 */
export class Facts<M = Registers> {
  private readonly g: Gathered;

  constructor(g: Gathered) {
    this.g = g;
  }

  /** RFC 3339 in UTC: the moment of the evaluation, or the one that is looked back at. */
  get now(): string {
    return this.g.now;
  }

  /** The day of it. */
  get today(): string {
    return this.g.now.slice(0, 10);
  }

  get point(): FactsPoint | undefined {
    return this.g.point;
  }

  get log(): Gathered['log'] {
    return this.g.log;
  }

  get criteria(): Rec<Registers['criteria']> | undefined {
    return this.g.criteria;
  }

  get onePerson(): boolean {
    return this.g.onePerson;
  }

  get people(): Readonly<Record<string, PersonFacts>> {
    return this.g.people;
  }

  /** The subjects of a register, in the order of their numbers. */
  subjects<R extends Register>(register: R): Rec<R>[] {
    return recsOf(
      register,
      this.g.subjects.flatMap((ref) => this.g.records.get(ref) ?? []),
    );
  }

  /** The one subject. Throws where there is not exactly one of this register. */
  subject<R extends Register>(register: R): Rec<R> {
    const [one, ...more] = this.subjects(register);
    if (!one || more.length > 0)
      throw new Error(`expected one ${register.name}, got ${more.length + (one ? 1 : 0)}`);
    return one;
  }

  /** The records that it names by a link, as far as they may be seen. */
  linked<R extends Register, L extends LinkOf<R>>(r: Rec<R>, link: L): Rec<Target<R, L, M> & Register>[] {
    return this.along<Target<R, L, M> & Register>(r, link);
  }

  /** The records of a register that link to it, by one link of theirs or by any. */
  back<R extends Register>(r: Named, from: R, by?: LinkOf<R>): Rec<R>[] {
    return this.along<R>(r, backKey(from, by));
  }

  /** Those of a narrowed way, by its name. */
  some<R extends Register>(r: Named, as: string, from: R): Rec<R>[] {
    return recsOf(from, this.along(r, as));
  }

  /** All decisions about it, newest first. */
  decisions(r: Named): readonly Rec<Registers['decision']>[] {
    return this.g.decisions.get(r.ref) ?? this.notRead(`decisions on ${r.ref}`);
  }

  /** Who worked on it (`PSN-` or `KEY-` references), with the first version that was their work. */
  authors(r: Named): Readonly<Record<string, number>> {
    return this.g.authors.get(r.ref) ?? this.notRead(`authors of ${r.ref}`);
  }

  /** What decisions on it are bound to now. */
  binding(r: Named): Binding {
    return this.g.bindings.get(r.ref) ?? this.notRead(`the binding of ${r.ref}`);
  }

  /**
   * What its state stands on; undefined in a state that rests on no decision, and where nobody can say any more, because contents of the record, of what
   * it covers or of a decision were erased since. `register` is its own.
   */
  standing(register: Register, r: Pick<Rec, 'ref' | 'state'>): Standing | undefined {
    if (!restingStates(register).has(r.state)) return undefined;
    const standing = standingOn(this.decisions(r), this.binding(r), this.today);
    return standing === 'stale' && !this.comparable(r) ? undefined : standing;
  }

  /**
   * Whether what was said about the record can still be compared with it: not where contents of it, of what is covered with it, or of one of `said` were erased since
   * the point. What was erased may be covered no longer: by what it says nobody can tell.
   */
  comparable(r: Named, said: readonly Rec<Registers['decision']>[] = this.decisions(r)): boolean {
    const looked = [r, ...this.binding(r).covered, ...said, ...said.flatMap((d) => d.values.covered ?? [])];
    return looked.every(({ ref }) => !this.g.erased.has(ref));
  }

  /** Every record of a register that a way led to, and the subjects, in the order of their numbers. */
  found<R extends Register>(register: R): Rec<R>[] {
    return recsOf(register, [...this.g.records.values()]);
  }

  /** How many records there are in all. */
  get size(): number {
    return this.g.records.size;
  }

  /** Whatever was weighed, by reference. */
  get weighed(): readonly Rec[] {
    return [...this.g.bindings.keys()].flatMap((ref) => this.g.records.get(ref) ?? []);
  }

  /** When a step was taken last; undefined where it never was. */
  taken(r: Named, step: string): Taken | undefined {
    const key = `${r.ref}/${step}`;
    return this.g.taken.has(key) ? this.g.taken.get(key) : this.notRead(`the step ${step} of ${r.ref}`);
  }

  /** Since when a field says what it says (RFC 3339); undefined where it is empty. */
  since(r: Named, field: string): string | undefined {
    const key = `${r.ref}/${field}`;
    return this.g.since.has(key)
      ? this.g.since.get(key)
      : this.notRead(`since when ${r.ref} has its ${field}`);
  }

  /** What a record said at a moment (RFC 3339); undefined where it was not there yet. */
  valuesAt(ref: string, at: string): Readonly<Record<string, unknown>> | undefined {
    const key = `${ref} ${at}`;
    return this.g.versions.has(key) ? this.g.versions.get(key) : this.notRead(`${ref} at ${at}`);
  }

  /** What allowances of the gate make of the subject. */
  use<K extends keyof Uses>(name: K): Uses[K] {
    const uses: object = this.g.uses;
    return isRead(uses, name) ? uses[name] : this.notRead(name);
  }

  private along<R extends Register>(r: Named, key: string): Rec<R>[] {
    const refs = this.g.ways.get(r.ref)?.get(key) ?? this.notRead(`${key} of ${r.ref}`);
    return refs.flatMap((ref) => {
      const found = this.g.records.get(ref);
      return found ? [recLinked<R>(found)] : [];
    });
  }

  private notRead(what: string): never {
    throw new NotRead(what);
  }
}
