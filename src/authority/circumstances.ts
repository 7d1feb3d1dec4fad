import type { Rec } from '../register/rec.ts';
import { recIf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import type { Relations } from '../register/who.ts';
import type { Mode } from '../registers/criteria-presets.ts';
import { registers } from '../registers/index.ts';
import { ALONE_CLASSES } from './alone.ts';

/** A record with what it knows about people: who is named in it, and who worked on it. */
export interface Subject extends Rec {
  readonly relations: Relations;
  readonly authors: readonly string[];
}

/** An accepted delegation that counts today: whose parts the actor may act in, for which systems (none: for all). */
export interface Delegation {
  ref: string;
  from: string;
  systems: string[];
}

/** What is asked about the organisation and a record only where the declaration alone gives no answer. */
export interface Circumstances {
  /** What the criteria in force say; where none are in force, nobody decides alone and one person decides. */
  mode: Mode | undefined;
  /** From which level on the criteria in force let top management alone accept a risk. */
  acceptAtLevel: number | undefined;
  /** Names of who holds top management, five at most. */
  top: string[];
  /** The newest criteria that were ever approved. */
  criteria: { ref: string; state: string } | undefined;
  /** People who belong to the organisation: not departed, not guests. Counted up to 2. */
  people: number;
  /** Whoever asks is one from outside. */
  guest: boolean;
  delegations: Delegation[];
  /** AI systems that the record is about, itself included where it is one. */
  systems: { ref: string; values: Readonly<Record<string, unknown>> }[];
  /** When what a decision on the record would be bound to last changed. */
  changedAt: Date;
  /** The last version that was work on the record; decisions before it are over. */
  workedVersion: number;
}

/** The mode that counts for a decision on this record: criteria about to be decided on speak for themselves while none are in force. */
export function modeFor(c: Circumstances, register: Register, record: Rec): Mode | undefined {
  const own =
    register.name === registers.criteria.name ? recIf(registers.criteria, record)?.values.mode : undefined;
  // Whoever leaves the stricter mode is still bound by it; whoever takes it is bound already.
  return own === 'larger' || c.mode === 'larger' ? 'larger' : (own ?? c.mode);
}

/** Systems of the record that need more than one pair of eyes, whatever the size of the organisation. */
export const highOf = (c: Circumstances): string[] =>
  c.systems.filter((s) => !ALONE_CLASSES.includes(String(s.values.riskClass))).map((s) => s.ref);

/** Delegations that reach this record. What says who answers for what is never handed on, so that no delegation is lent further. */
export function delegationsFor(register: Register, c: Circumstances): Delegation[] {
  if (register.name === registers.responsibility.name) return [];
  const concerned = c.systems.map((s) => s.ref);
  return c.delegations.filter(
    (d) =>
      d.systems.length === 0 || (concerned.length > 0 && concerned.every((ref) => d.systems.includes(ref))),
  );
}

/** The record with the delegate wherever it, or what it links to, names the delegator. Who wrote it stays who wrote it. */
export function standingIn<S extends Subject>(record: S, from: string, to: string): S {
  const { owner, author, paths } = record.relations;
  const instead = (refs: readonly string[]) => refs.map((p) => (p === from ? to : p));
  return {
    ...record,
    relations: {
      owner: owner === from ? to : owner,
      author,
      paths: Object.fromEntries(Object.entries(paths).map(([path, refs]) => [path, instead(refs)])),
    },
  };
}
