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
    const out = io.stdout as Writable & { isTTY?: boolean; columns?: number };
    this.interactive = out.isTTY === true;
    this.width = this.interactive ? (out.columns ?? 100) : 0;
    // https://no-color.org: any value but the empty one switches colour off.
    this.colour = pc.createColors(this.interactive && !io.env.NO_COLOR && io.env.TERM !== 'dumb');
  }

  /** A line on standard output. */
  line(text = ''): void {
    this.io.stdout.write(`${text}\n`);
  }

  /** A line on standard error: what is meant for the person and not for the next program. */
  note(text: string): void {
    this.io.stderr.write(`${text}\n`);
  }

  /** Indented JSON on standard output. */
  json(value: unknown): void {
    this.line(JSON.stringify(value, null, 2));
  }
}

/** What ends a command early: a sentence for standard error, and the exit code. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.error) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

// General category C other than what can be seen: control characters, and those that turn the direction of text.
const UNSAFE = /\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

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
