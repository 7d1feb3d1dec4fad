import { enteredName } from './claim.ts';
import { requiredFor } from './conditions.ts';
import { restingStates } from './decisions.ts';
import type { Field, FieldKind, TableColumn } from './field.ts';
import type { Register, Registry } from './register.ts';
import { asList } from './register.ts';
import { type Actor, admittedAs, ROLES, whoText } from './who.ts';

/** What the UI, the CLI and the reference docs know about a field. */
export interface FieldMeta {
  name: string;
  kind: FieldKind;
  label: string;
  help?: string;
  required: boolean;
  optional: boolean;
  engine: boolean;
  personal: boolean;
  due: boolean;
  max?: number;
  min?: number;
  unit?: string;
  options?: readonly string[];
  columns?: Readonly<Record<string, TableColumn>>;
  /** text: holds a name of the program; pages say it in words. */
  code?: boolean;
  defaultTo?: unknown;
  /** The field with the day on which it was entered, where that was later: told beside it, not as a fact of its own. */
  entered?: string;
}

export interface LinkMeta {
  name: string;
  to: string;
  label: string;
  help?: string;
  /** How many a new record has to have. */
  min: number;
  max: number;
  engine: boolean;
}

export interface TransitionMeta {
  name: string;
  label: string;
  from: readonly string[];
  to: string;
  byText: string;
  requires: readonly string[];
  /** Of those, what is given anew with every decision. */
  finds: readonly string[];
  signed: boolean;
  separate: boolean;
  decision?: string;
  reason: boolean;
  until: boolean;
  quorum: number;
}

export interface ColumnMeta {
  name: string;
  label: string;
  /** field kind, or `link`, `state`, `derived`. */
  kind: FieldKind | 'link' | 'state' | 'derived';
  sortable: boolean;
  filterable: boolean;
}

export interface RegisterMeta {
  name: string;
  prefix: string;
  step: string;
  label: { one: string; many: string };
  purpose: string;
  clauses: Readonly<Record<string, string>>;
  title: string;
  fields: readonly FieldMeta[];
  links: readonly LinkMeta[];
  inverses: readonly { name: string; label: string; register: string; link: string }[];
  derived: readonly { name: string; label: string }[];
  states: readonly string[];
  /** Some of its states rest on decisions: then lists can be filtered by `standing`. */
  standing: boolean;
  locked: readonly string[];
  ended: readonly string[];
  transitions: readonly TransitionMeta[];
  columns: readonly ColumnMeta[];
  /** Whether whoever asks may create a record here (relative rights are told per record). */
  mayCreate: boolean;
  /** No route creates it: the engine writes it. */
  engineWritten: boolean;
}

/** `reviewBy` -> `Review by`. */
export function humanise(name: string): string {
  const words = name.replace(/([A-Z])/g, (c) => ` ${c.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A label inside a sentence: `Releases` -> `releases`, but `AI risks` stays. */
export const inSentence = (label: string): string =>
  /^[A-Z][A-Z]/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1);

/** The same with its article: `a release`, `an AI risk`, `an action`. No label begins with a "u" or "h" that is not heard so. */
export const oneOf = (label: string): string => `${/^[aeio]/i.test(label) ? 'an' : 'a'} ${inSentence(label)}`;

export function transitionLabel(name: string, label?: string): string {
  return label ?? humanise(name);
}

/** A step on a record, inside a sentence: `approve RSK-0001`, but `take the step "Report as done" on ACT-0003`. */
export function stepOn(label: string, ref: string): string {
  return /\s/.test(label) ? `take the step "${label}" on ${ref}` : `${label.toLowerCase()} ${ref}`;
}

/** Labels inside a sentence, in quotation marks, for some of them are sentences with commas: `"Purpose" and "What changes, and why"`. */
export function labelled(labels: readonly string[]): string {
  const quoted = labels.map((l) => `"${l}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}

/** The columns of a register with their labels; number comes first. */
export function columnsOf(register: Register): ColumnMeta[] {
  const one = (name: string): ColumnMeta => {
    const field: Field | undefined = register.fields[name];
    if (field) {
      const simple = !['longText', 'table', 'choices', 'people', 'file'].includes(field.kind);
      return { name, label: field.label, kind: field.kind, sortable: simple, filterable: simple };
    }
    const link = register.links[name];
    if (link) return { name, label: link.label, kind: 'link', sortable: false, filterable: true };
    if (name === 'state') return { name, label: 'State', kind: 'state', sortable: true, filterable: true };
    if (name === 'updatedAt' || name === 'createdAt')
      return {
        name,
        label: humanise(name).replace(' at', ''),
        kind: 'moment',
        sortable: true,
        filterable: false,
      };
    return {
      name,
      label: register.derivedLabels[name] ?? humanise(name),
      kind: 'derived',
      sortable: true,
      filterable: true,
    };
  };
  return register.columns.map(one);
}

/** The whole declaration as data, for an actor (or for nobody: then `mayCreate` is false). */
export function describeRegister(registry: Registry, r: Register, actor?: Actor): RegisterMeta {
  return {
    name: r.name,
    prefix: r.prefix,
    step: r.step,
    label: r.label,
    purpose: r.purpose,
    clauses: r.clauses,
    title: r.title,
    fields: Object.entries(r.fields).map(([name, f]) => ({
      name,
      kind: f.kind,
      label: f.label,
      help: f.help,
      required: f.required,
      optional: f.optional,
      engine: f.engine,
      personal: f.personal,
      due: f.due,
      max: f.max,
      min: f.min,
      unit: f.unit,
      options: f.options,
      columns: f.columns,
      code: f.code,
      defaultTo: f.defaultTo,
      entered: f.claim?.is === 'happened' ? enteredName(name) : undefined,
    })),
    links: Object.entries(r.links).map(([name, l]) => ({
      name,
      to: l.to,
      label: l.label,
      help: l.help,
      min: l.later ? 0 : l.min,
      max: l.max,
      engine: l.engine,
    })),
    inverses: registry
      .inversesOf(r.name)
      .map((i) => ({ name: i.inverse, label: i.label, register: i.register.name, link: i.link })),
    derived: Object.keys(r.derived).map((name) => ({ name, label: r.derivedLabels[name] ?? humanise(name) })),
    states: r.states,
    standing: restingStates(r).size > 0,
    locked: r.locked,
    ended: r.ended,
    transitions: Object.entries(r.transitions).map(([name, t]) => ({
      name,
      label: transitionLabel(name, t.label),
      from: asList(t.from),
      to: t.to,
      byText: whoText(asList(t.by), r.whoLabels),
      requires: requiredFor(t),
      finds: t.finds ?? [],
      signed: t.signed ?? false,
      separate: t.separate ?? false,
      decision: t.decision,
      reason: t.reason ?? false,
      until: t.until !== undefined,
      quorum: Math.max(t.quorum ?? 1, t.order?.length ?? 1),
    })),
    columns: columnsOf(r),
    mayCreate: actor ? admittedAs(actor, r.permissions.create) !== undefined : false,
    engineWritten: r.permissions.create.every((w) => w === 'engine'),
  };
}

export const roleLabels: Readonly<Record<string, string>> = ROLES;
