import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Context, withConnection } from '../context.ts';
import { saveWhole } from '../save.ts';
import { CliError, shown } from '../terminal.ts';

/** Making and sending a pack may take this long, in milliseconds: two hours. */
const LONG = 7_200_000;
const MIB = 1_048_576;

/** `aims export audit-pack`. */
export function addExportCommands(context: Context, program: Command): void {
  const group = program
    .command('export')
    .helpGroup('Proofs and log:')
    .description('Take records with their proofs out, for people outside.');
  const command = withConnection(group.command('audit-pack'))
    .description(
      'Everything an auditor needs in one ZIP: records with all versions, evidence, log, proofs, and programs to check it with. For: aims verify',
    )
    .option('--system <ref>', 'only the records around this AI system, such as SYS-0001')
    .option('--as-of <point>', 'as it was at a time, at the end of a day, or at a size of the log')
    .option('-o, --output <file>', 'file to write; named after organisation and day unless given');
  command.action(async (o: { system?: string; asOf?: string; output?: string }) => {
    const client = await context.client(command);
    demandFree(context, o.output);
    context.terminal.note('The pack is being made…');
    const response = await client.open('GET audit-pack', { system: o.system, asOf: o.asOf }, undefined, {
      wait: LONG,
    });
    const output = o.output ?? nameOf(response.headers.get('content-disposition'));
    demandFree(context, output);
    const bytes = await saveWhole(context, response, output);
    context.terminal.line(`${shown(output)}: ${(bytes / MIB).toFixed(1)} MiB.`);
    context.terminal.note(
      'It holds personal data and the salts of all commitments: hand it to the auditor only. Check it: aims verify FILE --vkey KEY',
    );
  });
}

function demandFree(context: Context, output: string | undefined): void {
  if (output !== undefined && existsSync(resolve(context.io.cwd, output)))
    throw new CliError(
      `${output} is there already. Give another name, and keep the older pack: it is proof too.`,
    );
}

/** The server's name for the file, if it is one that leads nowhere. */
function nameOf(disposition: string | null): string {
  return /filename="([A-Za-z0-9][A-Za-z0-9-]{0,150}\.zip)"/.exec(disposition ?? '')?.[1] ?? 'audit-pack.zip';
}
