/**
 * What people are told, kept as the id of a message with its parameters beside the English made from them, so that page, command line, mail and
 * document can say it in the reader's language later. Messages are ICU MessageFormat, of which this file reads arguments, plural and select: a
 * translation is another string under the same id. Decision 0032.
 */

/** One thing in a sentence: a reference, name, figure or day as it is; a list; or a sentence within the sentence. Never words that want translating. */
export type Param = string | number | Sentence | Items | Listing;

type Items = readonly (string | Sentence)[];

/** A list that is not joined with "and". `or` names choices, `comma` details, `sentences` parts that follow one another as sentences do. */
export interface Listing {
  readonly join: 'or' | 'orElse' | 'comma' | 'semicolon' | 'sentences';
  readonly items: Items;
}

export type Params = Readonly<Record<string, Param>>;

export interface Sentence {
  /** `area.name`: the key of a catalogue, or of a word in a register's declaration (`register.risk.one`). */
  readonly message: string;
  readonly params: Params;
  /** In English. */
  readonly text: string;
}

/** Splits what follows an opening brace at its closing one: what it holds, and the rest. */
type Block<
  T extends string,
  Held extends string = '',
  Open extends 0[] = [],
> = T extends `${infer L}}${infer R}`
  ? L extends `${infer A}{${infer B}`
    ? Block<`${B}}${R}`, `${Held}${A}{`, [...Open, 0]>
    : Open extends [0, ...infer Less extends 0[]]
      ? Block<R, `${Held}${L}}`, Less>
      : [`${Held}${L}`, R]
  : never;

/** Keys of a plural or select, and what stands in their braces. */
type Branches<T extends string> = T extends `${infer Key} {${infer R}`
  ? Block<R> extends [infer Inner extends string, infer Rest extends string]
    ? [{ key: Key extends ` ${infer K}` ? K : Key; inner: Inner }, ...Branches<Rest>]
    : []
  : [];

type Within<B> = B extends readonly [{ inner: infer I extends string }, ...infer Rest]
  ? ArgsOf<I> & Within<Rest>
  : unknown;

type Argument<T extends string> = T extends `${infer Name}, ${infer Kind}, ${infer B}`
  ? { readonly [K in Name]: Kind extends 'plural' ? number : Branches<B>[number]['key'] } & Within<
      Branches<B>
    >
  : { readonly [K in T]: Param };

type ArgsOf<T extends string> = T extends `${string}{${infer R}`
  ? Block<R> extends [infer Inner extends string, infer Rest extends string]
    ? Argument<Inner> & ArgsOf<Rest>
    : never
  : unknown;

/** The parameters that a message names, each with the type that it takes: what is missing or too much does not compile. */
export type ParamsOf<T extends string> = { readonly [K in keyof ArgsOf<T>]: ArgsOf<T>[K] };

/** What is passed after an id: nothing where the message has no parameters. */
export type Given<T extends string> = [keyof ArgsOf<T>] extends [never] ? [] : [params: ParamsOf<T>];

export type Say<M extends Readonly<Record<string, string>>> = <K extends keyof M & string>(
  id: K,
  ...given: Given<M[K]>
) => Sentence;

const areas = new Map<string, Readonly<Record<string, string>>>();

/** All messages of the parts that are loaded, by area: what a translation has to say. */
export const catalogues: ReadonlyMap<string, Readonly<Record<string, string>>> = areas;

/** Declares the messages of an area and gives what says them. Throws when the area has a catalogue already: ids are said once. */
export function catalogue<const M extends Readonly<Record<string, string>>>(
  area: string,
  messages: M,
): Say<M> {
  const render = declared(area, messages);
  function say<K extends keyof M & string>(id: K, ...given: Given<M[K]>): Sentence;
  function say(id: string, ...given: readonly unknown[]): Sentence {
    return render(id, given.find(areParams));
  }
  return say;
}

/** As `catalogue`, for what has checked ids and parameters by other types. */
export function declared(
  area: string,
  messages: Readonly<Record<string, string>>,
): (id: string, params?: Params) => Sentence {
  if (areas.has(area)) throw new Error(`messages of ${area} are declared twice`);
  areas.set(area, messages);
  const read = new Map<string, readonly Piece[]>();
  return (id, params = NONE) => {
    let pieces = read.get(id);
    if (!pieces) {
      pieces = piecesOf(messages[id] ?? id);
      read.set(id, pieces);
    }
    return { message: `${area}.${id}`, params, text: render(pieces, params) };
  };
}

const NONE: Params = {};

/** Only to tell parameters from what else is passed: the signature that is called has checked them. */
export const areParams = (given: unknown): given is Params =>
  typeof given === 'object' && given !== null && !Array.isArray(given);

/** What stands beside a sentence in an answer, for whoever renders it in another language. */
export interface Key {
  readonly message: string;
  readonly params: Params;
}

export const keyOf = ({ message, params }: Sentence): Key => ({ message, params });

/** A word of a declaration, such as what a register or a role is called: its English stands there, under this key. */
export const worded = (message: string, text: string): Sentence => ({ message, params: {}, text });

/** A message with its parameters in English. */
export const inEnglish = (message: string, params: Params): string => render(piecesOf(message), params);

type Piece =
  | string
  | { readonly name: string; readonly branches?: Readonly<Record<string, readonly Piece[]>> };

/** Throws on what is no message, or uses more of ICU than arguments, plural and select. */
export function piecesOf(message: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < message.length) {
    const open = message.indexOf('{', at);
    const end = open < 0 ? message.length : open;
    if (end > at) pieces.push(message.slice(at, end));
    if (open < 0) break;
    const close = closing(message, open);
    pieces.push(argument(message.slice(open + 1, close)));
    at = close + 1;
  }
  return pieces;
}

function closing(message: string, open: number): number {
  let depth = 0;
  for (let i = open; i < message.length; i++) {
    if (message[i] === '{') depth += 1;
    else if (message[i] === '}') depth -= 1;
    if (depth === 0) return i;
  }
  throw new Error(`no closing brace in: ${message}`);
}

function argument(inner: string): Piece {
  if (/^\w+$/.test(inner)) return { name: inner };
  const kind = /^(\w+), (plural|select), /.exec(inner);
  if (!kind) throw new Error(`neither an argument nor plural nor select: {${inner}}`);
  const branches: Record<string, readonly Piece[]> = {};
  for (let at = kind[0].length; at < inner.length; ) {
    const open = inner.indexOf('{', at);
    if (open < 0) throw new Error(`a branch without braces: {${inner}}`);
    const close = closing(inner, open);
    branches[inner.slice(at, open).trim()] = piecesOf(inner.slice(open + 1, close));
    at = close + 1;
  }
  if (!branches.other) throw new Error(`no branch for all others: {${inner}}`);
  return { name: kind[1]!, branches };
}

function render(pieces: readonly Piece[], params: Params): string {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else
      text += piece.branches
        ? render(chosen(piece.branches, params[piece.name]), params)
        : written(params[piece.name]);
  }
  return text;
}

const chosen = (branches: Readonly<Record<string, readonly Piece[]>>, value: Param | undefined) =>
  branches[`=${String(value)}`] ??
  ((typeof value === 'number' ? value === 1 && branches.one : branches[String(value)]) || branches.other!);

const JOINTS = { or: ' or ', comma: ', ', semicolon: '; ', sentences: ' ' } as const;

/** `a, b or c`: the last of several after the word. */
export const listed = (items: readonly string[], word: 'and' | 'or'): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;

function written(value: Param | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  if ('text' in value) return value.text;
  if (!('items' in value)) return listed(value.map(written), 'and');
  const items = value.items.map(written);
  return value.join === 'orElse' ? listed(items, 'or') : items.join(JOINTS[value.join]);
}

/** A parameter as it stands in an English sentence. */
export const writtenOut = (value: Param): string => written(value);
