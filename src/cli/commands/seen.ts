import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { forgetHeads, headOf, readSeen } from '../seen-heads.ts';
import { textTable } from '../show.ts';
import { CliError, shown } from '../terminal.ts';

/** `aims log seen` and `aims log forget`: what this computer remembers of logs. Both work offline. */
export function addSeenCommands(context: Context, group: Command): void {
  group
    .command('seen')
    .description(
      'The heads of logs that this computer verified before. Packs and downloads of these logs are compared with them; with --notes they are printed as signed, to show others.',
    )
    .option('--notes', 'the signed notes themselves')
    .action(async (o: { notes?: true }) => {
      const seen = await readSeen(context.io);
      const rows = [...seen.values()].flat().map((note) => ({ note, ...headOf(note)! }));
      if (o.notes)
        return context.terminal.json(rows.map(({ origin, size, note }) => ({ origin, size, note })));
      if (rows.length === 0) return context.terminal.note('No log was seen yet.');
      const cells = rows.map((r) => [r.origin, r.size, r.root.toString('base64')].map(shown));
      context.terminal.line(textTable(context.terminal, ['Log', 'Entries', 'Root'], cells));
    });
  group
    .command('forget')
    .description(
      'Forget what this computer saw of a log: the next pack or download of it is taken as it comes.',
    )
    .argument('[origin]', 'the log, as aims log seen names it')
    .option('--all', 'every log')
    .action(async (origin: string | undefined, o: { all?: true }) => {
      if ((origin === undefined) !== (o.all === true))
        throw new CliError('Name the log to forget, or give --all. List them with: aims log seen');
      const gone = await forgetHeads(context.io, origin);
      if (gone === 0 && origin !== undefined)
        throw new CliError(`No log ${origin} was seen. List them with: aims log seen`);
      context.terminal.line(
        shown(origin === undefined ? `Logs forgotten: ${gone}.` : `Forgotten: ${origin}.`),
      );
    });
}
