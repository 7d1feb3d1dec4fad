import type { Command } from 'commander';
import type { WorkItem, WorkKind } from '../../answers/work.ts';
import { person } from '../../registers/person.ts';
import { type Context, withConnection } from '../context.ts';
import { commandName } from '../names.ts';
import { allPages } from '../pages.ts';
import { shown } from '../terminal.ts';

const form = (program: Command) =>
  program.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text');

/** `my-work`, `filters`, and what is asked of a person who leaves. */
export function addWorkCommands(context: Context, program: Command): void {
  addMyWork(context, program);
  addFilters(context, program);
  const group = program.commands.find((c) => c.name() === commandName(person));
  if (!group) return;
  addOwned(context, group);
  addReassign(context, group);
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

function addFilters(context: Context, program: Command): void {
  const group = program
    .command('filters')
    .helpGroup('Work:')
    .description('Filters of lists that you keep, and shared ones.');
  const list = withConnection(group.command('list'))
    .description('The filters you keep, and those that are shared.')
    .option('--register <name>', 'only those of this register')
    .addOption(form(program));
  list.action(async (o: { register?: string; output: string }) => {
    const client = await context.client(list);
    const found = await client.ask('GET saved-filters', { register: o.register });
    const t = context.terminal;
    if (o.output === 'json') return t.json(found.items);
    for (const f of found.items)
      t.line(
        `${shown(f.id)}  ${t.colour.bold(shown(f.name))}  ${shown(f.register)}?${shown(f.query)}${f.shared ? `  (shared by ${shown(f.by.name)})` : ''}`,
      );
    if (found.items.length === 0) t.note('No filter is kept yet.');
    if (found.more) t.note('There are more than are listed; name a register.');
  });
  const save = withConnection(group.command('save'))
    .description('Keep the filter of a list under a name; the same name again replaces it.')
    .argument('<name>', 'what it is called')
    .requiredOption('--register <name>', 'the register it is for')
    .requiredOption('--query <parameters>', 'as the list takes them, such as "state=open&sort=-level"')
    .option('--shared', 'for everybody; for an AIMS manager');
  save.action(async (name: string, o: { register: string; query: string; shared?: true }) => {
    const client = await context.client(save);
    const saved = await client.ask(
      'POST saved-filters',
      {},
      { name, register: o.register, query: o.query, ...(o.shared ? { shared: true } : {}) },
    );
    context.terminal.line(`${shown(saved.id)} ${shown(saved.name)}: kept.`);
  });
  const remove = withConnection(group.command('remove'))
    .description('Remove a filter: one of yours, or as AIMS manager a shared one.')
    .argument('<id>', 'as `filters list` shows it');
  remove.action(async (id: string) => {
    const client = await context.client(remove);
    const done = await client.ask('POST saved-filters/:id/remove', { id });
    context.terminal.line(`${shown(done.removed)}: removed.`);
  });
}

function addOwned(context: Context, group: Command): void {
  const command = group
    .command('owned')
    .description('What somebody owns, approves or looks after, and the API keys they made.')
    .argument('<ref>', 'number of the person')
    .option('--profile <name>', 'stored sign-in to use')
    .addOption(form(group));
  command.action(async (ref: string, o: { output: string }) => {
    const client = await context.client(command);
    const owned = await allPages((after) => client.ask('GET person/:ref/owned', { ref, limit: 200, after }));
    const t = context.terminal;
    if (o.output === 'json') return t.json(owned);
    for (const i of owned.items)
      t.line(
        `${t.colour.bold(shown(i.ref))} ${shown(i.title)}, ${shown(i.state)}: ${i.as.map(shown).join(', ')}`,
      );
    for (const k of owned.keys)
      t.line(
        `${t.colour.bold(shown(k.ref))} ${shown(k.title)}: API key they made, works until ${shown(k.expires)}`,
      );
    t.note(
      owned.total === 0
        ? `${shown(ref)} holds nothing.`
        : `${owned.total} in all: ${owned.registers.map((r) => `${shown(r.label)} ${r.count}`).join(', ')}`,
    );
  });
}

function addReassign(context: Context, group: Command): void {
  const many = (text: string, before: string[] | undefined) => [...(before ?? []), text];
  const command = group
    .command('reassign')
    .description('Hand over what somebody holds, or a part of it, to somebody else; all or none.')
    .argument('<ref>', 'number of the person who hands over')
    .requiredOption('--successor <ref>', 'who takes over')
    .option('--register <name>', 'only records of this register; repeat it for more', many)
    .option('--record <ref>', 'only this record; repeat it for more', many)
    .option('--reason <text>', 'why, kept with every new version')
    .option('--profile <name>', 'stored sign-in to use')
    .addOption(form(group));
  command.action(
    async (
      ref: string,
      o: { successor: string; register?: string[]; record?: string[]; reason?: string; output: string },
    ) => {
      const client = await context.client(command);
      const done = await client.ask(
        'POST person/:ref/reassign',
        { ref },
        { successor: o.successor, registers: o.register, refs: o.record, reason: o.reason },
      );
      if (o.output === 'json') return context.terminal.json(done);
      context.terminal.line(
        `${done.total} ${done.total === 1 ? 'record' : 'records'} handed over to ${shown(done.to)}.`,
      );
    },
  );
}
