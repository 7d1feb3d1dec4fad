import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { Failure } from '../../base/failure.ts';
import { parseNote } from '../../ledger/index.ts';
import { readChain, verifyStamp } from '../../timestamp/index.ts';
import type { Client } from '../client.ts';
import { type Context, withConnection } from '../context.ts';
import { readGiven, reason, writeGiven } from '../files.ts';
import { CliError, shown } from '../terminal.ts';

/** `aims log stamps set|fetch`. */
export function addStampCommands(context: Context, group: Command): void {
  const stamps = group
    .command('stamps')
    .summary('Time stamps of others on checkpoints')
    .description(
      'Time stamps (RFC 3161): an authority of your choice says when it saw a checkpoint, so that nobody can date the log back.',
    );
  addSet(context, stamps);
  addFetch(context, stamps);
}

function addSet(context: Context, group: Command): void {
  const command = withConnection(group.command('set'))
    .description('Have an authority stamp a checkpoint in each hour or day in which the log grew.')
    .argument('<address>', 'where the authority takes requests (RFC 3161 over HTTP)')
    .requiredOption(
      '--chain <file>',
      'its certificates in PEM, up to the root: what stamps are checked against',
    )
    .addOption(group.createOption('--every <interval>', 'how often').choices(['hour', 'day']).default('day'))
    .option('--reason <text>', 'why, for the record of it');
  command.action(async (url: string, o: { chain: string; every: 'hour' | 'day'; reason?: string }) => {
    const chain = (await readGiven(context.io, o.chain)).bytes.toString('utf8');
    const client = await context.client(command);
    const { service } = await client.ask(
      'POST log/stamps/service',
      {},
      { url, chain, every: o.every, ...(o.reason ? { reason: o.reason } : {}) },
    );
    context.terminal.line(shown(`Each ${service.every} in which the log grew is stamped by ${service.url}.`));
    for (const c of service.certificates)
      context.terminal.note(shown(`${c.name}, until ${c.until.slice(0, 10)}, SHA-256 ${c.sha256}`));
  });
}

function addFetch(context: Context, group: Command): void {
  const command = withConnection(group.command('fetch'))
    .description(
      'Check the stamp of one checkpoint, and keep it with everything that is needed to check it offline. Exit code: 0 it holds, 1 it does not, 2 error.',
    )
    .argument('<size>', 'size of the checkpoint', wholeNumber)
    .argument('[folder]', 'where to', '.')
    .option('--log <n>', 'number of the log; the open one unless told', wholeNumber)
    .option('--chain <file>', 'certificates you trust, in PEM; those the server names unless told');
  command.action(async (size: string, folder: string, o: { log?: string; chain?: string }) => {
    const own = o.chain === undefined ? undefined : await chainGiven(context, o.chain);
    const client = await context.client(command);
    const asked = { size, log: o.log };
    const stamp = await client.ask('GET log/stamps/:size', asked);
    if (stamp.chain === null)
      throw new CliError(
        shown(`This stamp is still waited for: ${stamp.problem ?? 'it was not asked for yet.'}`),
      );
    const token = await tokenOf(client, asked);
    const body = textOf(stamp.checkpoint);
    const verdict = verifyStamp({
      tsr: token,
      body,
      chainPem: own ?? stamp.chain,
      ...(own ? { morePem: stamp.chain } : {}),
    });
    const name = join(folder, `checkpoint-${stamp.log}-${stamp.size}`);
    await makeFolder(context, folder);
    await writeGiven(context.io, name, stamp.checkpoint);
    await writeGiven(context.io, `${name}.body`, body);
    await writeGiven(context.io, `${name}.tsr`, token);
    await writeGiven(context.io, `${name}.pem`, stamp.chain);
    const t = context.terminal;
    if (verdict.at)
      t.line(
        t.colour.green(
          shown(
            `Stamped at ${verdict.at.toISOString()} by ${verdict.by}, on the word of ${verdict.anchor?.name}.`,
          ),
        ),
      );
    else {
      context.negative();
      t.line(t.colour.red(shown(`The stamp does not hold: ${verdict.problem}`)));
    }
    // Trusted is what was given; what lies between comes from the server.
    const trusted = o.chain === undefined ? `${name}.pem` : `${o.chain} -untrusted ${name}.pem`;
    t.note(shown(`openssl ts -verify -data ${name}.body -in ${name}.tsr -CAfile ${trusted}`));
    if (!own)
      t.note(
        'The certificates came from the server itself; with those the authority publishes: --chain FILE',
      );
  });
}

/** Certificates in a file; a file without any says nothing against the stamp. */
async function chainGiven(context: Context, file: string): Promise<string> {
  const pem = (await readGiven(context.io, file)).bytes.toString('utf8');
  try {
    readChain(pem);
    return pem;
  } catch (error) {
    if (error instanceof Failure) throw new CliError(`${file}: ${error.message}.`);
    throw error;
  }
}

async function tokenOf(client: Client, asked: { size: string; log: string | undefined }): Promise<Buffer> {
  const response = await client.open('GET log/stamps/:size/token', asked);
  try {
    return Buffer.from(await response.arrayBuffer());
  } catch {
    throw new CliError(`${client.connection.url} broke off while the stamp was read.`);
  }
}

function textOf(checkpoint: string): string {
  try {
    return parseNote(checkpoint).text;
  } catch (error) {
    if (error instanceof Failure)
      throw new CliError(`The server's checkpoint cannot be read: ${error.message}.`);
    throw error;
  }
}

async function makeFolder(context: Context, folder: string): Promise<void> {
  try {
    await mkdir(resolve(context.io.cwd, folder), { recursive: true });
  } catch (error) {
    throw new CliError(`${folder} cannot be made: ${reason(error)}. Give another folder.`);
  }
}

function wholeNumber(text: string): string {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return text;
}
