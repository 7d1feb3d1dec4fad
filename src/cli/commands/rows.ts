import type { Command } from 'commander';
import { type Context, withConnection } from '../context.ts';
import { textTable } from '../show.ts';
import { shown } from '../terminal.ts';

/** `aims rows check|mend`: records that say otherwise than their newest version. */
export function addRowsCommands(context: Context, program: Command): void {
  const group = program
    .command('rows')
    .helpGroup('Proofs and log:')
    .summary('Records that differ from their newest version')
    .description(
      'Records as they stand beside what their newest version says, which is what the log vouches for.',
    );
  const check = withConnection(group.command('check'))
    .description(
      'Compare every record with its newest version. Exit code: 0 all agree, 1 some differ, 2 error.',
    )
    .option('--json', 'the answer as JSON');
  check.action(async (o: { json?: true }) => {
    const client = await context.client(check);
    const found = await client.ask('GET rows/differences', {});
    if (found.total > 0) context.negative();
    if (o.json) return context.terminal.json(found);
    const rows = found.items.map((i) => [i.ref, i.title, i.version, i.differs.join(', ')].map(shown));
    if (rows.length > 0)
      context.terminal.line(textTable(context.terminal, ['Record', 'Title', 'Version', 'Differs in'], rows));
    context.terminal.note(
      `${found.records} records compared, ${found.total} differ from their newest version.`,
    );
  });
  const mend = withConnection(group.command('mend'))
    .description(
      'Mend one of them by a new version: for top management and the AIMS manager. No version is changed.',
    )
    .argument('<ref>', 'number of the record')
    .addOption(
      group
        .createOption(
          '--keep <what>',
          'what is right: the record as it stands, or what its newest version says',
        )
        .choices(['row', 'version'])
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why, kept in the new version');
  mend.action(async (ref: string, o: { keep: 'row' | 'version'; reason: string }) => {
    const client = await context.client(mend);
    const { record } = await client.ask('POST rows/mend', {}, { ref, keep: o.keep, reason: o.reason });
    context.terminal.line(shown(`${record.ref}, version ${record.version}`));
  });
}
