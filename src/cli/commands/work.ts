import type { Command } from 'commander';
import type { WorkItem, WorkKind } from '../../answers/work.ts';
import { type Context, withConnection } from '../context.ts';
import { allPages } from '../pages.ts';
import { shown } from '../terminal.ts';

const form = (program: Command) =>
  program.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text');

/** `my-work`, `filters`, and what is asked of a person who leaves. */
export function addWorkCommands(context: Context, program: Command): void {
  addMyWork(context, program);
}

function itemLine(context: Context, i: WorkItem): string {
  const { colour } = context.terminal;
  return `${i.urgency.padEnd(8)} ${colour.bold(shown(i.ref))} ${shown(i.title)}\n         ${shown(i.why)} ${colour.dim(`-> ${shown(i.next.label)}`)}`;
}

function addMyWork(context: Context, program: Command): void {
  const command = withConnection(program.command('my-work'))
    .helpGroup('Work:')
    .summary('What is due, waits or no longer counts for you, and why')
    .description(
      'What is due, waits or no longer counts for you, and why; most urgent first. Computed from the records, so nothing is ticked off here.',
    )
    .option('--person <ref>', 'of somebody else: for an AIMS manager, and their line manager')
    .option('--kind <kind>', 'only one kind, such as due, decisions or mentions')
    .option('--week <week>', 'a letter for one week, such as 2027-W07 ("now": the present one)')
    .addOption(form(program));
  command.action(async (o: { person?: string; kind?: WorkKind; week?: string; output: string }) => {
    const client = await context.client(command);
    const t = context.terminal;
    if (o.week !== undefined) {
      const digest = await client.ask('GET my-work/digest', {
        person: o.person,
        week: o.week === 'now' ? undefined : o.week,
      });
      if (o.output === 'json') return t.json(digest);
      t.line(t.colour.bold(shown(digest.subject)));
      for (const i of [...digest.overdue, ...digest.dueThisWeek, ...digest.waiting])
        t.line(itemLine(context, i));
      if (digest.unnamed > 0) t.note(`${digest.unnamed} more are not named.`);
      return;
    }
    const work = await allPages((after) =>
      client.ask('GET my-work', { person: o.person, kind: o.kind, limit: 200, after }),
    );
    if (o.output === 'json') return t.json(work);
    const still = work.log?.still;
    if (still) t.line(t.colour.red(shown(`The log is not signed: ${still.text} ${still.next.text}`)));
    if (work.differing)
      t.line(
        t.colour.red(
          `${work.differing.total} records differ from their newest version. See: aims rows check`,
        ),
      );
    if (work.items.length === 0) return t.note('Nothing waits.');
    for (const i of work.items) t.line(itemLine(context, i));
    for (const c of work.cut) t.note(`Only the first ${c.listed} of kind ${shown(c.kind)} are listed.`);
  });
}
