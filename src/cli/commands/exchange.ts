import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../context.ts';
import { readGiven, reason } from '../files.ts';
import { problemLines } from '../problem.ts';
import { saveWhole } from '../save.ts';
import { CliError, shown } from '../terminal.ts';
import { asOfOption, type RegisterGroup, subCommand } from './register-group.ts';

/** How a new row is like something that is there. */
const ALIKE = { digest: 'the same bytes as', name: 'the same name as', near: 'a name like that of' };

interface ImportChoices {
  format?: string;
  map?: string[];
  sheet?: string;
  onBehalfOf?: string;
  dryRun?: true;
  output: string;
}

/** `Heading=field` as the server takes it; the last equals sign divides, since a heading may have one. */
function mappingOf(pairs: readonly string[] | undefined): string | undefined {
  if (!pairs) return undefined;
  return JSON.stringify(
    Object.fromEntries(
      pairs.map((pair) => {
        const at = pair.lastIndexOf('=');
        if (at < 1)
          throw new CliError(`--map ${pair}: expected Heading=field, or Heading= to leave the column out.`);
        return [pair.slice(0, at), pair.slice(at + 1) || null];
      }),
    ),
  );
}

/** A long transfer may take this long, in milliseconds: an hour. */
const LONG = 3_600_000;

/** `import`, `export`, `template`. */
export function addExchangeCommands(g: RegisterGroup): void {
  if (!g.meta.engineWritten) addImport(g);
  addExport(g);
  if (!g.meta.engineWritten) addTemplate(g);
}

function addImport(g: RegisterGroup): void {
  const { register, context } = g;
  const command = subCommand(
    g,
    'import',
    `Import ${register.label.many} from CSV, JSON or XLSX: all rows or none.`,
  )
    .argument('<file>', 'file to read, "-" for standard input')
    .addOption(
      g.group
        .createOption('--format <format>', 'unless the name of the file tells')
        .choices(['csv', 'json', 'xlsx']),
    )
    .option(
      '--map <heading=field...>',
      'what a column becomes; without a field it is left out: --map "Risk owner=owner" Remarks=',
    )
    .option('--sheet <name>', 'sheet of a workbook; the first one that is shown unless given')
    .option('--on-behalf-of <PSN-0001>', 'who wrote the records originally')
    .option('--dry-run', 'check everything, store nothing')
    .addOption(
      g.group.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text'),
    );
  command.action(async (file: string, o: ImportChoices) => {
    const { bytes } = await readGiven(context.io, file);
    const format = o.format ?? formatNamed(file);
    const client = await context.client(command);
    const report = await client.ask(
      'POST :register/import',
      {
        register: register.name,
        format,
        dryRun: o.dryRun,
        mapping: mappingOf(o.map),
        sheet: o.sheet,
        onBehalfOf: o.onBehalfOf,
      },
      bytes,
      { type: 'application/octet-stream', wait: LONG },
    );
    const problems = report.problems ?? [];
    if (problems.length > 0) context.negative();
    if (o.output === 'json') return context.terminal.json(report);
    const left = report.unmapped ?? [];
    if (left.length > 0) context.terminal.note(`Left out: ${left.map((h) => shown(h)).join(', ')}.`);
    for (const d of report.duplicates ?? [])
      context.terminal.note(`${d.place} may be there already: ${ALIKE[d.how]} ${d.like}.`);
    if (report.moreDuplicates)
      context.terminal.note(`${report.moreDuplicates} more rows may be there already.`);
    if (problems.length > 0)
      context.terminal.note(`Nothing was stored:\n${problemLines(problems).join('\n')}`);
    const done = report.dryRun ? 'Checked, nothing stored' : 'Imported';
    const counts = `${report.created} new, ${report.updated} changed, ${report.unchanged} as before`;
    context.terminal.line(
      problems.length > 0
        ? `${report.rows} rows, ${problems.length} problems.`
        : `${done}: ${report.rows} rows, ${counts}.`,
    );
  });
}

/** What the name of a file says that it is; the server looks into one of another name. */
const formatNamed = (file: string | undefined): string | undefined =>
  /\.(csv|json|xlsx)$/i.exec(file ?? '')?.[1]?.toLowerCase();

function addExport(g: RegisterGroup): void {
  const { register, context } = g;
  const command = subCommand(
    g,
    'export',
    `Export all ${register.label.many} in a form that can be imported again.`,
  )
    .addOption(
      g.group
        .createOption('--format <format>', 'unless the name of the file tells; csv for standard output')
        .choices(['csv', 'json', 'xlsx']),
    )
    .option('-o, --out <file>', 'file to write; standard output unless given');
  asOfOption(command);
  command.action(async (o: { format?: string; out?: string; asOf?: string }) => {
    const client = await context.client(command);
    const response = await client.open(
      'GET :register/export',
      { register: register.name, format: o.format ?? formatNamed(o.out) ?? 'csv', asOf: o.asOf },
      undefined,
      { wait: LONG },
    );
    await streamOut(context, response, o.out);
  });
}

function addTemplate(g: RegisterGroup): void {
  const { register, context } = g;
  const command = subCommand(
    g,
    'template',
    `A file to fill in and import, with the columns of ${register.label.many}.`,
  )
    .addOption(
      g.group
        .createOption('--format <format>', 'unless the name of the file tells; csv for standard output')
        .choices(['csv', 'xlsx']),
    )
    .option('-o, --out <file>', 'file to write; standard output unless given');
  command.action(async (o: { format?: string; out?: string }) => {
    const client = await context.client(command);
    await streamOut(
      context,
      await client.open(
        (o.format ?? formatNamed(o.out)) === 'xlsx'
          ? 'GET :register/template.xlsx'
          : 'GET :register/template.csv',
        {
          register: register.name,
        },
      ),
      o.out,
    );
  });
}

/** To a file whole or not at all; to standard output as it arrives, and what breaks off is an error. */
async function streamOut(context: Context, response: Response, out: string | undefined): Promise<void> {
  if (out !== undefined) {
    await saveWhole(context, response, out);
    return;
  }
  const body = Readable.fromWeb(
    (response.body ?? new Blob([]).stream()) as Parameters<typeof Readable.fromWeb>[0],
  );
  try {
    await pipeline(body, context.io.stdout, { end: false });
  } catch (error) {
    throw new CliError(`The transfer broke off (${reason(error)}); what was written is not complete.`);
  }
}
