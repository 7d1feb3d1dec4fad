import type { Command } from 'commander';
import type { ReadingsPage } from '../../answers/govern.ts';
import { document } from '../../registers/document.ts';
import { monitor } from '../../registers/monitor.ts';
import { objective } from '../../registers/objective.ts';
import { type Context, withConnection } from '../context.ts';
import { readGiven, writeGiven } from '../files.ts';
import { commandName } from '../names.ts';
import { problemLines } from '../problem.ts';
import { shown } from '../terminal.ts';

/** Commands of the Govern step beyond what every register has. */
export function addGovernCommands(context: Context, program: Command): void {
  const groupOf = (register: Parameters<typeof commandName>[0]) =>
    program.commands.find((c) => c.name() === commandName(register)) ??
    program.command(commandName(register));
  addDocumentCommands(context, groupOf(document));
  for (const register of [objective, monitor]) addReadings(context, groupOf(register), register.name);
  addRaci(context, program);
}

function addDocumentCommands(context: Context, group: Command): void {
  const { terminal: t } = context;
  const templates = withConnection(
    group.command('templates').description('What a document can be started from.'),
  );
  templates.action(async () => {
    const client = await context.client(templates);
    const { items } = await client.ask('GET :register/templates', { register: document.name });
    for (const i of items)
      t.line(`${shown(i.id).padEnd(26)} ${shown(i.title)} (${i.placeholders.length} to fill in)`);
  });
  const start = withConnection(
    group
      .command('start')
      .description('Start a document from a template.')
      .argument('<template>', 'its name, see templates'),
  )
    .option('--title <text>', 'title; that of the template unless given')
    .option('--owner <PSN-0001>', 'owner; yourself unless given');
  start.action(async (template: string, o: { title?: string; owner?: string }) => {
    const client = await context.client(start);
    const { title, owner } = o;
    const made = await client.ask(
      'POST :register/start',
      { register: document.name },
      { template, title, owner },
    );
    t.line(
      `${t.colour.bold(shown(made.ref))} ${shown(made.title)}: started. Fill in what stands in square brackets.`,
    );
  });
  addLinks(context, group);
  addAcknowledged(context, group);
}

function addLinks(context: Context, group: Command): void {
  const { terminal: t } = context;
  const links = withConnection(
    group
      .command('links')
      .description(
        'Make personal links to acknowledge the edition in force, for people without an account; nothing is mailed.',
      )
      .argument('<ref>', 'number of the document, such as DOC-0001'),
  )
    .option('-o, --out <file>', 'CSV to write: name, e-mail, link; the links are shown nowhere again')
    .option('--days <n>', 'days until they end, 1 to 90', '30')
    .option('--withdraw', 'instead, withdraw those that were not used yet');
  links.action(async (ref: string, o: { out?: string; days: string; withdraw?: true }) => {
    const client = await context.client(links);
    if (o.withdraw) {
      const { withdrawn } = await client.ask('POST document/:ref/links/withdraw', { ref }, {});
      return t.line(`${withdrawn} links withdrawn.`);
    }
    if (o.out === undefined) return links.error('error: give --out: the links are shown nowhere again');
    const csv = await client.words(
      'POST document/:ref/links',
      { ref, format: 'csv' },
      { days: Number(o.days) },
    );
    await writeGiven(context.io, o.out, csv);
    t.line(`Links written to ${shown(o.out)}.`);
  });
}

function addAcknowledged(context: Context, group: Command): void {
  const { terminal: t } = context;
  const file = withConnection(
    group
      .command('acknowledged-file')
      .description('Take over who has read it from a CSV (person, date, edition): all rows or none.')
      .argument('<ref>', 'number of the document, such as DOC-0001')
      .argument('<file>', 'file to read, "-" for standard input'),
  ).option('--dry-run', 'check everything, store nothing');
  file.action(async (ref: string, path: string, o: { dryRun?: true }) => {
    const { bytes } = await readGiven(context.io, path);
    const client = await context.client(file);
    const done = await client.ask(
      'POST document/:ref/acknowledgements/import',
      { ref, dryRun: o.dryRun },
      bytes,
      { type: 'text/csv; charset=utf-8', wait: 600_000 },
    );
    if (done.problems.length > 0) {
      context.negative();
      t.note(`Nothing was stored:\n${problemLines(done.problems).join('\n')}`);
    }
    t.line(
      `${done.rows} rows, ${done.recorded} ${o.dryRun ? 'to record' : 'recorded'}, ${done.unchanged} as before.`,
    );
  });
}

function addReadings(context: Context, group: Command, register: string): void {
  const { terminal: t } = context;
  const command = withConnection(
    group
      .command('readings')
      .description('Show the readings, or hand in a file of them: from, to, value, note; all rows or none.')
      .argument('<ref>', 'number of the record')
      .argument('[file]', 'CSV or JSON list, "-" for standard input (CSV)'),
  );
  command.action(async (ref: string, file?: string) => {
    const client = await context.client(command);
    if (file !== undefined) {
      const { bytes } = await readGiven(context.io, file);
      const json = /\.json$/i.test(file);
      const done = await client.ask(
        'POST :register/:ref/readings',
        { register, ref, format: json ? 'json' : 'csv' },
        bytes,
        { type: json ? 'application/json' : 'text/csv; charset=utf-8' },
      );
      return t.line(`${shown(done.ref)}: readings recorded, version ${done.version}.`);
    }
    let after: number | undefined;
    do {
      const page: ReadingsPage = await client.ask('GET :register/:ref/readings', {
        register,
        ref,
        limit: 200,
        after,
      });
      for (const b of page.items)
        for (const r of b.rows)
          t.line(
            `${r.from ? `${shown(r.from)} to ` : ''}${shown(r.to)}: ${r.value}${r.note ? `, ${shown(r.note)}` : ''} (recorded ${shown(b.recordedAt.slice(0, 10))})`,
          );
      after = page.next ?? undefined;
    } while (after !== undefined);
  });
}

function addRaci(context: Context, program: Command): void {
  const command = withConnection(
    program
      .command('raci')
      .helpGroup('Govern:')
      .description('The RACI matrix as CSV, with gaps and conflicts.'),
  ).option('--system <SYS-0001>', 'of this AI system; the whole organisation unless given');
  command.action(async (o: { system?: string }) => {
    const client = await context.client(command);
    const csv = await client.words('GET raci', { system: o.system, format: 'csv' });
    context.terminal.line(csv.trimEnd());
  });
}
