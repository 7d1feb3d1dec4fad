import { CommanderError } from 'commander';
import { Failure } from '../base/failure.ts';
import { thrown } from '../base/thrown.ts';
import { registry } from '../registers/index.ts';
import { Context } from './context.ts';
import { derivedCommands } from './derive.ts';
import { problemLines } from './problem.ts';
import { buildProgram } from './program.ts';
import { CliError, type CliIo, EXIT } from './terminal.ts';

export { type CliIo, EXIT } from './terminal.ts';

/**
 * Runs one command line (without the program's own name) and answers its exit code: 0 done or a positive verdict,
 * 1 a negative verdict, 2 an error. Never throws, never ends the process.
 */
export async function runCli(argv: string[], io: CliIo): Promise<number> {
  const context = new Context(io, registry);
  // A reader that closes early (`aims … | head`) is no error of ours.
  const ignore = () => {};
  io.stdout.on('error', ignore);
  io.stderr.on('error', ignore);
  try {
    const program = buildProgram(context, await derivedCommands(argv), argv);
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT.ok;
    }
    await program.parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return failed(context, error);
  } finally {
    io.stdout.off('error', ignore);
    io.stderr.off('error', ignore);
  }
}

function failed(context: Context, error: unknown): number {
  // Commander has written its message already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.error;
  const say = (text: string) => context.terminal.note(`${context.terminal.colour.red('error:')} ${text}`);
  if (error instanceof CliError) {
    say(error.message);
    return error.exitCode;
  }
  if (error instanceof Failure) say([error.message, ...problemLines(error.problems)].join('\n'));
  else
    say(
      `The command failed in a way nobody foresaw; please report it. ${thrown(error).stack ?? String(error)}`,
    );
  return EXIT.error;
}
