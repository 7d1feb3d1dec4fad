import * as z from 'zod';
import { digestOf } from '../base/canonical.ts';
import { Failure, type Problem } from '../base/failure.ts';
import { isForRecord, requiredFor } from './conditions.ts';
import type { Field } from './field.ts';
import { kindOf } from './kinds.ts';
import type { FieldOf, LinkOf } from './rec.ts';
import { asList, type Register, type Transition } from './register.ts';
import { storedWords, titleWords } from './words.ts';

/** What a record says: fields by name, and links as references by name. */
export interface Contents {
  values: Record<string, unknown>;
  links: Record<string, string[]>;
}

const REF = /^[A-Z]{3}-\d{4,9}$/;
type Use = 'create' | 'edit' | 'engine';
const schemas = new WeakMap<Register, Map<Use, z.ZodType>>();

/** Schema of the flat input of a register; made once, when it is first needed. `edit` takes null to clear a field. */
export function schemaOf(register: Register, use: Use): z.ZodType {
  const known = schemas.get(register) ?? new Map<Use, z.ZodType>();
  schemas.set(register, known);
  const schema = known.get(use) ?? shape(register, use);
  known.set(use, schema);
  return schema;
}

function shape(register: Register, use: Use): z.ZodType {
  const members: Record<string, z.ZodType> = {};
  for (const [name, f] of Object.entries(register.fields)) {
    if (f.engine && use !== 'engine') continue;
    const s = kindOf(f)
      .schema(f)
      .meta({ title: f.label, ...(f.help ? { description: f.help } : {}) });
    members[name] =
      use === 'edit' ? s.nullable().optional() : f.required && f.defaultTo === undefined ? s : s.nullish();
  }
  for (const [name, l] of Object.entries(register.links)) {
    if (l.engine && use !== 'engine') continue;
    const s = z
      .array(z.string().regex(REF, { error: 'expected a reference such as SYS-0001' }), {
        error: 'expected a list of references',
      })
      .max(l.max, { error: l.max === 1 ? 'takes one reference' : `takes at most ${l.max} references` })
      .refine((a) => new Set(a).size === a.length, { error: 'names a record twice' })
      .meta({ title: l.label, ...(l.help ? { description: l.help } : {}) });
    const needed = l.min > 0 && !l.later;
    const counted = needed ? s.min(l.min, { error: `needs at least ${l.min}` }) : s;
    members[name] = use === 'edit' ? counted.optional() : needed ? counted : counted.optional();
  }
  return z.strictObject(members);
}

/** zod's issues as problems with a path into the input. */
export function problemsOf(error: z.ZodError, known: readonly string[]): Problem[] {
  // Made once: a body may hold a hundred thousand names that are not known.
  const unknown = `is not known here; known: ${known.join(', ')}`;
  return error.issues.flatMap((issue): Problem[] => {
    const at = `/${issue.path.map(String).join('/')}`;
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((k) => ({
        path: at === '/' ? `/${k}` : `${at}/${k}`,
        message: unknown,
      }));
    if (issue.code === 'invalid_type' && issue.input === undefined && issue.message.startsWith('expected'))
      return [{ path: at, message: `is missing; ${issue.message}` }];
    return [{ path: at, message: issue.message }];
  });
}

/** Checks flat input; splits it into values and links. Throws INVALID naming every wrong place. */
export function parseInput(register: Register, input: unknown, use: Use): Partial<Contents> {
  const result = schemaOf(register, use).safeParse(input, { reportInput: true });
  if (!result.success) {
    const names = [...Object.keys(register.fields), ...Object.keys(register.links)].filter(
      (n) => use === 'engine' || !(register.fields[n]?.engine || register.links[n]?.engine),
    );
    const problems = problemsOf(result.error, names);
    const first = problems[0]!;
    throw new Failure(
      'INVALID',
      `${register.label.one}: ${first.path.slice(1) || 'the body'} ${first.message}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''}.`,
      problems,
    );
  }
  const flat = result.data as Record<string, unknown>;
  const values: Record<string, unknown> = {};
  const links: Record<string, string[]> = {};
  for (const [name, v] of Object.entries(flat)) {
    if (v === undefined) continue;
    if (register.links[name]) links[name] = v as string[];
    else values[name] = v;
  }
  return { values, links };
}

/** An empty list of choices or people says what an absent one says: there is one way to say it, so that an export can say it too. */
const saysNothing = (f: Field, v: unknown): boolean =>
  v === null || ((f.kind === 'choices' || f.kind === 'people') && Array.isArray(v) && v.length === 0);

/** New contents: defaults filled in where nothing was said; what was said to be empty stays empty where that may be. */
/** What a record is made of, by the names of its declaration; values are checked as those that people give. */
export type Given<R extends Register> = { readonly [K in FieldOf<R> | LinkOf<R>]?: unknown };

/** Contents of a record that the program makes: a name that the declaration does not know does not compile. */
export const contentsFrom = <R extends Register>(register: R, given: Given<R>, use: Use): Contents =>
  freshContents(register, parseInput(register, given, use));

export function freshContents(register: Register, part: Partial<Contents>): Contents {
  const values: Record<string, unknown> = {};
  for (const [name, f] of Object.entries(register.fields)) {
    const said = part.values?.[name];
    const v = said === undefined || (said === null && f.required) ? f.defaultTo : said;
    if (v === undefined) continue;
    if (!saysNothing(f, v)) values[name] = v;
    else if (f.required) throw emptied(register, name);
  }
  const links: Record<string, string[]> = {};
  for (const name of Object.keys(register.links)) {
    const refs = part.links?.[name];
    if (refs && refs.length > 0) links[name] = [...refs].sort();
  }
  return { values, links };
}

const emptied = (register: Register, name: string) =>
  new Failure(
    'INVALID',
    `${register.label.one}: ${register.fields[name]!.label} cannot be emptied; it is needed from the start.`,
    [{ path: `/${name}`, message: 'cannot be emptied' }],
  );

/** Contents after an edit; null clears a field, an empty list a link. */
export function mergeContents(register: Register, before: Contents, part: Partial<Contents>): Contents {
  const values = { ...before.values };
  for (const [name, v] of Object.entries(part.values ?? {})) {
    if (saysNothing(register.fields[name]!, v)) {
      if (register.fields[name]!.required) throw emptied(register, name);
      delete values[name];
    } else values[name] = v;
  }
  const links = { ...before.links };
  for (const [name, refs] of Object.entries(part.links ?? {})) {
    if (refs.length === 0) delete links[name];
    else links[name] = [...refs].sort();
  }
  return { values, links };
}

/** Names of fields and links that differ between two contents. */
export function changedNames(a: Contents, b: Contents): string[] {
  const names = new Set([...Object.keys(a.values), ...Object.keys(b.values)]);
  const out = [...names].filter((n) => digestOf([a.values[n] ?? null]) !== digestOf([b.values[n] ?? null]));
  const linkNames = new Set([...Object.keys(a.links), ...Object.keys(b.links)]);
  return [...out, ...[...linkNames].filter((n) => (a.links[n] ?? []).join() !== (b.links[n] ?? []).join())];
}

/** People whom a field names. */
export const peopleIn = (f: Field, value: unknown): string[] =>
  (f.kind === 'person' || f.kind === 'people') && value ? ([value].flat() as string[]) : [];

/** The earliest day on which the owner has to act; null when nothing is due, or the record is over. */
export function dueOf(register: Register, values: Record<string, unknown>, state: string): string | null {
  if (register.ended.includes(state)) return null;
  const days = Object.entries(register.fields).flatMap(([name, f]) =>
    f.due && typeof values[name] === 'string' ? [values[name] as string] : [],
  );
  return days.sort()[0] ?? null;
}

/** Who must never see the record; null where everybody may who may read the register. */
export function hiddenFrom(register: Register, values: Record<string, unknown>): string[] | null {
  const people = register.hiddenFrom
    ? peopleIn(register.fields[register.hiddenFrom]!, values[register.hiddenFrom])
    : [];
  return people.length > 0 ? people : null;
}

/**
 * What a record in each state must have: whatever every way into that state asks for. A record never loses it while it stays there,
 * otherwise a state would say of it what is no longer so.
 */
export function demandedIn(
  register: Register,
  values?: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, ReadonlySet<string>> {
  // Of a record whose values are known, only the steps that are for it lead anywhere.
  const steps = Object.values(register.transitions)
    .filter((t) => values === undefined || isForRecord(t, undefined, values))
    .map((t) => ({ ...t, asks: values ? requiredFor(t, values) : (t.requires ?? []) }));
  const key = steps.map((t) => `${asList(t.from).join()}>${t.to}:${t.asks.join()}`).join(' ');
  const known = demanded.get(register) ?? new Map<string, Map<string, Set<string>>>();
  demanded.set(register, known);
  const found = known.get(key) ?? demandedBy(register.states, steps);
  known.set(key, found);
  return found;
}

interface Asks extends Pick<Transition, 'from' | 'to'> {
  asks: readonly string[];
}

function demandedBy(states: readonly string[], steps: readonly Asks[]): Map<string, Set<string>> {
  const all = steps.flatMap((t) => t.asks);
  // A state that no step leads to asks for nothing.
  const need = new Map(states.map((s, i) => [s, new Set(i > 0 && steps.some((t) => t.to === s) ? all : [])]));
  for (let shrunk = true; shrunk; ) {
    shrunk = false;
    for (const t of steps) {
      const ways = asList(t.from).map((s) => new Set([...need.get(s)!, ...t.asks]));
      for (const name of need.get(t.to)!)
        if (ways.some((way) => !way.has(name))) {
          need.get(t.to)!.delete(name);
          shrunk = true;
        }
    }
  }
  return need;
}

const demanded = new WeakMap<Register, Map<string, Map<string, Set<string>>>>();

export function derive(register: Register, values: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, fn] of Object.entries(register.derived)) {
    const v = fn(values);
    if (v !== undefined && !(typeof v === 'number' && !Number.isFinite(v))) out[name] = v;
  }
  return out;
}

export function titleOf(register: Register, values: Record<string, unknown>, ref: string): string {
  const t = values[register.title];
  return typeof t === 'string' && t.trim() ? t.slice(0, 300) : ref;
}

/** Words that search looks through, as `words.ts` cuts them. Person-like fields are left out: names are found in the directory. */
export function searchText(register: Register, ref: string, values: Record<string, unknown>): string {
  const words = Object.entries(register.fields).map(([name, f]) =>
    values[name] === undefined ? '' : kindOf(f).words(values[name]),
  );
  // RSK-0012 is found as RSK-12 too.
  const short = ref.replace(/-0+(?=\d)/, '-');
  const text = [ref, short, ...words].filter(Boolean).join(' ').slice(0, 100_000);
  return `${titleWords(titleOf(register, values, ref))} ${storedWords(text)}`;
}

/**
 * The parts of a version that are committed to apart, so that each can be erased without touching the others:
 * people, free text, the rest of the values, links.
 */
export function partsOf(register: Register, c: Contents): Record<string, unknown> {
  const parts: Record<string, Record<string, unknown>> = {};
  for (const [name, v] of Object.entries(c.values)) {
    const f = register.fields[name];
    const part = f?.personal ? 'people' : f?.kind === 'longText' ? 'text' : 'values';
    parts[part] = { ...parts[part], [name]: v };
  }
  if (Object.keys(c.links).length > 0) parts.links = c.links;
  return parts;
}

/** Field values and links from the parts of a version: the way back from `partsOf`. Parts that were erased say nothing. */
export function contentsOf(parts: Readonly<Record<string, unknown>>): Contents {
  const named = (part: string) => (parts[part] ?? {}) as Record<string, unknown>;
  return {
    values: { ...named('values'), ...named('people'), ...named('text') },
    links: (parts.links ?? {}) as Contents['links'],
  };
}

/** The part of a version that says who made it, in which capacity, and for whom. */
export interface ActorPart {
  readonly ref: string;
  readonly as?: string;
  readonly for?: string;
}

/** Undefined where the part was erased. */
export const actorOf = (parts: Readonly<Record<string, unknown>>): ActorPart | undefined =>
  typeof parts.actor === 'object' && parts.actor !== null ? (parts.actor as ActorPart) : undefined;

/**
 * Digest of what matters in a record: its material fields and links, and the digests of the records it covers.
 * An approval is bound to it; an immaterial change leaves it as it was.
 */
export function materialDigest(
  register: Register,
  ref: string,
  c: Contents,
  covered: Readonly<Record<string, string>> = {},
): string {
  const values = Object.fromEntries(Object.entries(c.values).filter(([n]) => register.fields[n]?.material));
  const links = Object.fromEntries(Object.entries(c.links).filter(([n]) => register.links[n]?.material));
  return digestOf({ register: register.name, ref, values, links, covered });
}
