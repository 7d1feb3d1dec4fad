import type { Readable, Writable } from 'node:stream';
import pc from 'picocolors';

/** Exit codes of every command; scripts rely on them. */
export const EXIT = {
  /** Done, or the verdict is positive. */
  ok: 0,
  /** The command worked and its verdict is negative: refused, insufficient, not verified. */
  negative: 1,
  /** It could not be carried out: wrong usage, no server, no permission, unreadable file. Never to be read as a pass. */
  error: 2,
} as const;

/** What each exit code means, for scripts; docs/reference/errors.md is made of it. */
export const EXIT_MEANS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'It was done, or the answer is positive: the gate allows, a proof or a pack verifies, no fault was found.',
  negative:
    'The command worked, and its answer is negative: the gate refuses or has too little, a proof or a pack does not verify, a file has faults.',
  error:
    'It could not be carried out: wrong usage, no server, not signed in, not allowed, a file that cannot be read. A pipeline must never take this for a pass.',
};

/** What the process gives the command line. Only the entry point reads the real environment. */
export interface CliIo {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  env: Record<string, string | undefined>;
  /** Folder that relative file names start from. */
  cwd: string;
  /** Home folder; profiles are kept in `.config/openaims` below it. */
  home: string;
}

type Colours = ReturnType<typeof pc.createColors>;

/** Writes to the two streams; knows whether a person is looking and whether colour is wanted. */
export class Terminal {
  /** True when standard output is a terminal. */
  readonly interactive: boolean;
  readonly colour: Colours;
  /** Columns of the terminal; 0 when it is none, then nothing is cut. */
  readonly width: number;
  private readonly io: CliIo;

  constructor(io: CliIo) {
    this.io = io;
    const out: Writable & { isTTY?: boolean; columns?: number } = io.stdout;
    this.interactive = out.isTTY === true;
    this.width = this.interactive ? (out.columns ?? 100) : 0;
    // https://no-color.org: any value but the empty one switches colour off.
    this.colour = pc.createColors(this.interactive && !io.env.NO_COLOR && io.env.TERM !== 'dumb');
  }

  /** A line on standard output. */
  line(text = ''): void {
    this.io.stdout.write(`${safe(text, this.colour.isColorSupported)}\n`);
  }

  /** A line on standard error: what is meant for the person and not for the next program. */
  note(text: string): void {
    this.io.stderr.write(`${safe(text, this.colour.isColorSupported)}\n`);
  }

  /** Indented JSON on standard output. */
  json(value: unknown): void {
    const text = JSON.stringify(value, null, 2).replace(UNSAFE, (c) => (c === '\n' ? c : escaped(c)));
    this.io.stdout.write(`${text}\n`);
  }

  /** A file that a command gives out as it is: byte for byte to another program, made safe where a person looks on. */
  file(text: string): void {
    this.io.stdout.write(this.interactive ? safe(text, false) : text);
  }
}

/** As JSON spells it: programs read the same text, and a terminal shows it as it is. */
const escaped = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');

/** What ends a command early: a sentence for standard error, and the exit code. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.error) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

// Control characters, halves of characters, those that turn the direction of text, end lines or are not to be seen.
const UNSAFE =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that colours are made of, as this program writes them
const COLOUR = /(\x1b\[(?:0|1|2|4|7|22|24|27|3[0-9]|4[0-9]|9[0-7])m)/;

/**
 * What may go to the terminal: text, line ends, and colours where they are wanted. The last wall: a place that forgot `shown` cannot repaint the
 * screen with a verdict either.
 */
const safe = (text: string, colours: boolean): string =>
  text
    .split(COLOUR)
    .map((part, i) =>
      i % 2 === 1 && colours ? part : part.replace(UNSAFE, (c) => (c === '\n' || c === '\t' ? c : '?')),
    )
    .join('');

/**
 * One line of text that is safe to show: control and direction characters become `?`. Titles, file names and
 * findings come from others; an escape sequence in them could rewrite the screen and fake a verdict.
 */
export function shown(text: unknown): string {
  return String(text ?? '')
    .replace(/[\r\n\t]+/g, ' ')
    .replace(UNSAFE, '?');
}

/** As `shown`, keeping line breaks. */
export function shownLines(text: unknown): string {
  return String(text ?? '')
    .split(/\r?\n/)
    .map(shown)
    .join('\n');
}
