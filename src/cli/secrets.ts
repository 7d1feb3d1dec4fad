import type { Readable } from 'node:stream';
import { readStdin } from './files.ts';
import { CliError, type CliIo } from './terminal.ts';

interface PasswordOptions {
  password?: string;
  passwordStdin?: boolean;
}

type Terminal = Readable & { isTTY?: boolean; setRawMode?(on: boolean): unknown };

/** A password from the option, from standard input, or asked for without showing it. Never stored, never repeated. */
export async function passwordFrom(io: CliIo, o: PasswordOptions, question: string): Promise<string> {
  if (o.password !== undefined && o.passwordStdin)
    throw new CliError('Give --password or --password-stdin, not both.');
  if (o.password !== undefined) return nonEmpty(o.password);
  if (o.passwordStdin) return nonEmpty((await readStdin(io)).toString('utf8').replace(/\r?\n$/, ''));
  const terminal: Terminal = io.stdin;
  if (!terminal.isTTY || !terminal.setRawMode) {
    throw new CliError('A password is needed and nobody can be asked here; give it with --password-stdin.');
  }
  io.stderr.write(question);
  return nonEmpty(await readHidden(terminal, io));
}

function nonEmpty(password: string): string {
  if (password === '') throw new CliError('The password is empty.');
  return password;
}

/** One line from a terminal that does not echo it. */
async function readHidden(terminal: Terminal, io: CliIo): Promise<string> {
  terminal.setRawMode?.(true);
  terminal.resume();
  try {
    return await new Promise<string>((done, fail) => {
      let typed = '';
      const end = () => {
        terminal.off('data', take);
        terminal.off('end', end);
        done(typed);
      };
      const take = (chunk: Buffer | string) => {
        for (const c of chunk.toString()) {
          if (c === '\r' || c === '\n' || c === '\u0004') return end();
          if (c === '\u0003') {
            terminal.off('data', take);
            terminal.off('end', end);
            return fail(new CliError('Stopped.'));
          }
          typed = c === '\u007f' || c === '\b' ? typed.slice(0, -1) : typed + c;
        }
      };
      terminal.on('data', take);
      terminal.on('end', end);
    });
  } finally {
    terminal.setRawMode?.(false);
    terminal.pause();
    io.stderr.write('\n');
  }
}
