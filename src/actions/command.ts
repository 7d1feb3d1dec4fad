import type * as z from 'zod';
import type { Answer } from '../answers/shape.ts';
import type { Answers } from './action.ts';

/** A piece of a line: text, or text that stands out where colour is wanted. */
export type Piece = string | { readonly text: string; readonly as: 'strong' | 'dim' | 'good' | 'bad' };
export const strong = (text: string): Piece => ({ text, as: 'strong' });
export const dim = (text: string): Piece => ({ text, as: 'dim' });
export const good = (text: string): Piece => ({ text, as: 'good' });
export const bad = (text: string): Piece => ({ text, as: 'bad' });

/** Where a command tells what was answered. What comes from others is made safe to show there, not here. */
export interface Say {
  /** A line for the next program. */
  line(...pieces: Piece[]): void;
  /** Text of several lines. */
  text(text: string): void;
  /** A line for the person alone. */
  note(text: string): void;
  table(head: readonly string[], rows: readonly (readonly unknown[])[]): void;
  /** The verdict is negative: exit code 1. */
  negative(): void;
  /** The server and the organisation that were asked. */
  readonly here: { readonly url: string; readonly org: string };
  /** What was given for a parameter or for an option of the command alone; undefined where nothing was. */
  given(name: string): unknown;
}

/** How one parameter of path, query or body is given. Alone, a text is what the help says. */
export interface Take {
  readonly says: string;
  /** Stands in the line without an option's name. Names in the path always do. */
  readonly argument?: true;
  /** What the help writes in its place; the name unless told. Of an option all of it: `--owner <person>`, `-o, --out <file>`. */
  readonly as?: string;
  /** What is sent for what is given: of an option without a value, for its being there. */
  readonly means?: unknown;
  /** Given where nothing is told. */
  readonly unlessTold?: string;
  /** Several words, sent as one text. */
  readonly words?: true;
  /** Belongs to the command alone: it is not sent. */
  readonly own?: true;
}

/** The answer as `shows` reads it: text where it is no JSON, or where the command asks for text. */
type Shown<A extends Answers> = A extends z.ZodType ? Answer<A> : string;

/** How an action is a command. The line, its help, its options and the telling come from this; commands with a dialogue or files are written in `cli`. */
export interface Command<A extends Answers = Answers> {
  /** The words after `aims`. `:register` stands for each register that has the action. */
  readonly name: string;
  /** What the help says; `{one}`, `{many}` and `{aOne}` are names of the register. */
  readonly says: string;
  /** Heading in the list of all commands, of one that belongs to no group. */
  readonly heading?: string;
  /** In the list of all commands, where `says` is long. */
  readonly summary?: string;
  /** Parameters in the order of the help; what is not named is not asked for. */
  readonly takes?: Readonly<Record<string, string | Take>>;
  /** Always sent. */
  readonly sends?: Readonly<Record<string, unknown>>;
  /** How JSON is asked for: `--json`, or `--output` with the other form. Without it there is only the text. */
  readonly form?: 'json' | 'text' | 'table';
  /** All pages are asked for; what `items` has is put together. */
  readonly pages?: true;
  /** What JSON shows, where that is not the whole answer. */
  json?(found: Shown<A>): unknown;
  /** Looked at in every form: whether the verdict is negative. */
  refuses?(found: Shown<A>): boolean;
  shows(found: Shown<A>, say: Say): void;
}

/** `--as-of` of what is computed of the records. */
export const AS_OF_COMPUTED: Take = {
  as: '--as-of <point>',
  says: 'computed of the records as they were: a time (2027-03-31T12:00:00Z), a day (its end, UTC), or a size of the log',
};
