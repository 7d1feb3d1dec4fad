import type { Target } from '../../answers/exchange.ts';
import { humanise } from '../../register/describe.ts';
import type { Register } from '../../register/register.ts';

/** Names that a person may fill in. */
export const inputNames = (register: Register) => ({
  fields: Object.keys(register.fields).filter((n) => !register.fields[n]!.engine),
  links: Object.keys(register.links).filter((n) => !register.links[n]!.engine),
});

/** Would an import that does not name the field give it its usual value? Then its absence has to be said. */
export const emptied = (register: Register, name: string): boolean => {
  const f = register.fields[name]!;
  return f.defaultTo !== undefined && !f.required && !f.engine;
};

/** The column that says who wrote a record before it was brought here. */
export const MADE_FOR = '$onBehalfOf';

/** Everything a column can be imported as: the reference, fields, links, and for whom it was written. */
export function targetsOf(register: Register): Target[] {
  const { fields, links } = inputNames(register);
  return [
    { name: 'ref', label: 'Reference', required: false },
    ...fields.map((name) => {
      const f = register.fields[name]!;
      return { name, label: f.label, required: f.required && f.defaultTo === undefined };
    }),
    ...links.map((name) => {
      const l = register.links[name]!;
      return { name, label: l.label, required: l.min > 0 && !l.later };
    }),
    { name: MADE_FOR, label: 'Originally written by', required: false },
  ];
}

/** Columns that an export carries for the reader; they cannot be set. */
export function shownOnly(register: Register): { name: string; label: string }[] {
  const { fields, links } = inputNames(register);
  return [
    ...Object.entries(register.fields)
      .filter(([n]) => !fields.includes(n))
      .map(([name, f]) => ({ name, label: f.label })),
    ...Object.entries(register.links)
      .filter(([n]) => !links.includes(n))
      .map(([name, l]) => ({ name, label: l.label })),
    ...Object.keys(register.derived).map((name) => ({
      name,
      label: register.derivedLabels[name] ?? humanise(name),
    })),
    ...['state', 'version', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy', '$erased'].map((name) => ({
      name,
      label: humanise(name),
    })),
  ];
}

/** Letters and digits alone, in small: how headings are compared. */
export const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** What a heading means, and how that was found; `shown` is a column that an export carries for the reader only. */
export type Meaning = { to: string; how: 'name' | 'label' } | { to: null; how: 'shown' } | undefined;

const understood = new WeakMap<Register, (heading: string) => Meaning>();

/**
 * Understands headings of one register: names first, then labels, those of earlier versions too. What could mean two things means neither. Made once for a register, so that a
 * file costs as much as it has headings.
 */
export function headingsOf(register: Register): (heading: string) => Meaning {
  const known = understood.get(register) ?? headingsFrom(register);
  understood.set(register, known);
  return known;
}

function headingsFrom(register: Register): (heading: string) => Meaning {
  const targets = targetsOf(register);
  const shown = shownOnly(register);
  const names = new Set(targets.map((t) => t.name));
  const byName = onlyBy(targets, (t) => fold(t.name));
  const byLabel = onlyBy(targets, (t) => fold(t.label));
  const formerly = onlyBy(
    Object.entries(register.fields).flatMap(([name, f]) =>
      (f.formerly ?? []).map((label) => ({ name, label })),
    ),
    (t) => fold(t.label),
  );
  const shownNames = new Set(shown.map((s) => s.name));
  const shownWords = new Set(shown.flatMap((s) => [fold(s.name), fold(s.label)]));
  return (heading) => {
    const word = heading.trim();
    if (names.has(word)) return { to: word, how: 'name' };
    if (shownNames.has(word)) return { to: null, how: 'shown' };
    const folded = fold(word);
    if (folded === '') return undefined;
    const named = byName.get(folded);
    if (named) return { to: named, how: 'name' };
    const labelled = byLabel.get(folded) ?? formerly.get(folded);
    if (labelled) return { to: labelled, how: 'label' };
    return shownWords.has(folded) ? { to: null, how: 'shown' } : undefined;
  };
}

/** Names by a word of theirs that no other has. */
function onlyBy<T extends { name: string }>(
  targets: readonly T[],
  wordOf: (t: T) => string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const twice = new Set<string>();
  for (const t of targets) {
    const word = wordOf(t);
    if (found.has(word)) twice.add(word);
    found.set(word, t.name);
  }
  for (const word of twice) found.delete(word);
  return found;
}

/** Headings for people: the label where it leads back to the column, otherwise the name. */
export function headingFor(register: Register, name: string, label: string): string {
  const meaning = headingsOf(register)(label);
  if (meaning === undefined) return name;
  if (meaning.to === name) return label;
  return meaning.how === 'shown' && shownOnly(register).some((s) => s.name === name && s.label === label)
    ? label
    : name;
}

/** Words that people head such columns with. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  ref: ['id', 'number', 'no', 'nr', 'ref', 'key', 'recordnumber', 'referencenumber'],
  [MADE_FOR]: [
    'author',
    'writtenby',
    'originalauthor',
    'identifiedby',
    'raisedby',
    'reportedby',
    'createdby',
  ],
};
const TITLES = ['title', 'name', 'summary', 'subject', 'headline'];

const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .normalize('NFKC')
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((w) => w.length > 1 && !['the', 'of', 'a', 'and', 'or', 'by', 'is', 'it'].includes(w)),
  );

/** So many characters of a name are compared. */
const COMPARED = 200;

/** A name made ready to be compared with many others: its pairs of letters, each with how often it occurs. */
export interface Pairs {
  folded: string;
  size: number;
  counts: ReadonlyMap<string, number>;
}

export function pairsOf(text: string): Pairs {
  const folded = fold(text.slice(0, COMPARED));
  const counts = new Map<string, number>();
  for (let i = 0; i + 1 < folded.length; i++) {
    const pair = folded.slice(i, i + 2);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return { folded, size: Math.max(0, folded.length - 1), counts };
}

/** How alike two words or names are, 0 to 1: pairs of letters that both have. */
export function likeness(a: Pairs, b: Pairs): number {
  if (a.size === 0 || b.size === 0) return a.folded === b.folded && a.folded !== '' ? 1 : 0;
  const [few, many] = a.counts.size <= b.counts.size ? [a, b] : [b, a];
  let both = 0;
  for (const [pair, n] of few.counts) both += Math.min(n, many.counts.get(pair) ?? 0);
  return (2 * both) / (a.size + b.size);
}

/** A heading or a column made ready to be compared. */
interface Compared {
  pairs: Pairs;
  words: ReadonlySet<string>;
}

const comparedOf = (text: string): Compared => {
  const said = text.slice(0, COMPARED);
  return { pairs: pairsOf(said), words: wordsOf(said) };
};

/** How well a heading fits columns of a register, 0 to 1, where neither name nor label of one is it. */
export function nearnessIn(
  register: Register,
  targets: readonly Target[],
): (heading: string) => (target: Target) => number {
  const columns = new Map(targets.map((t) => [t.name, [comparedOf(t.name), comparedOf(t.label)]]));
  return (heading) => {
    const said = comparedOf(heading);
    const { folded } = said.pairs;
    return (target) => {
      if (ALIASES[target.name]?.includes(folded)) return 0.9;
      if (target.name === register.title && TITLES.includes(folded)) return 0.9;
      return Math.max(0, ...(columns.get(target.name) ?? []).map((column) => fits(said, column)));
    };
  };
}

function fits(said: Compared, column: Compared): number {
  const alike = likeness(said.pairs, column.pairs);
  const { words } = column;
  if (words.size === 0 || said.words.size === 0) return alike;
  const both = [...words].filter((w) => said.words.has(w)).length;
  // `Risk owner` is the owner, `Treatment due date` is what is due.
  return both === Math.min(words.size, said.words.size)
    ? Math.max(alike, 0.6 + 0.3 * (both / Math.max(words.size, said.words.size)))
    : alike;
}
