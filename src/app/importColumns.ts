import { humanise } from '../register/describe.ts';
import type { Register } from '../register/register.ts';

/** Names that a person may fill in. */
export const inputNames = (register: Register) => ({
  fields: Object.keys(register.fields).filter((n) => !register.fields[n]!.engine),
  links: Object.keys(register.links).filter((n) => !register.links[n]!.engine),
});

/** The column that says who wrote a record before it was brought here. */
export const MADE_FOR = '$onBehalfOf';

/** What a column of a file can become. */
export interface Target {
  name: string;
  label: string;
  required: boolean;
}

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

/** Understands headings of one register: names first, then labels. What could mean two things means neither. */
export function headingsOf(register: Register): (heading: string) => Meaning {
  const targets = targetsOf(register);
  const shown = shownOnly(register);
  const only = (found: readonly { name: string }[]) => (found.length === 1 ? found[0]!.name : undefined);
  return (heading) => {
    const word = heading.trim();
    if (targets.some((t) => t.name === word)) return { to: word, how: 'name' };
    if (shown.some((s) => s.name === word)) return { to: null, how: 'shown' };
    const folded = fold(word);
    if (folded === '') return undefined;
    const byName = only(targets.filter((t) => fold(t.name) === folded));
    if (byName) return { to: byName, how: 'name' };
    const byLabel = only(targets.filter((t) => fold(t.label) === folded));
    if (byLabel) return { to: byLabel, how: 'label' };
    return shown.some((s) => fold(s.name) === folded || fold(s.label) === folded)
      ? { to: null, how: 'shown' }
      : undefined;
  };
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

const pairsOf = (text: string): string[] => {
  const t = fold(text);
  return Array.from({ length: Math.max(0, t.length - 1) }, (_, i) => t.slice(i, i + 2));
};

/** How alike two words or names are, 0 to 1: pairs of letters that both have. */
export function likeness(a: string, b: string): number {
  const left = pairsOf(a.slice(0, 200));
  const right = pairsOf(b.slice(0, 200));
  if (left.length === 0 || right.length === 0) return fold(a) === fold(b) && fold(a) !== '' ? 1 : 0;
  const counts = new Map<string, number>();
  for (const p of right) counts.set(p, (counts.get(p) ?? 0) + 1);
  let both = 0;
  for (const p of left) {
    const n = counts.get(p) ?? 0;
    if (n > 0) both += 1;
    counts.set(p, n - 1);
  }
  return (2 * both) / (left.length + right.length);
}

/** How well a heading fits a column, 0 to 1, where neither name nor label is it. */
export function nearness(register: Register, heading: string, target: Target): number {
  const folded = fold(heading);
  if (ALIASES[target.name]?.includes(folded)) return 0.9;
  if (target.name === register.title && TITLES.includes(folded)) return 0.9;
  const said = wordsOf(heading);
  let best = Math.max(likeness(heading, target.name), likeness(heading, target.label));
  for (const known of [wordsOf(target.name), wordsOf(target.label)]) {
    if (known.size === 0 || said.size === 0) continue;
    const both = [...known].filter((w) => said.has(w)).length;
    // `Risk owner` is the owner, `Treatment due date` is what is due.
    if (both === Math.min(known.size, said.size))
      best = Math.max(best, 0.6 + 0.3 * (both / Math.max(known.size, said.size)));
  }
  return best;
}
