import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { Failure } from '../base/failure.ts';
import {
  bundlePath,
  openCheckpoint,
  TILE_WIDTH,
  tilePath,
  tileWidth,
  verifierFromVkey,
} from '../ledger/index.ts';
import type { Client } from './client.ts';
import { type Context, withConnection } from './context.ts';
import { reason, writeGiven } from './files.ts';
import { logPlace } from './log-place.ts';
import { CliError, shown } from './terminal.ts';

/**
 * `aims log download FOLDER`: the log as files at their C2SP tlog-tiles paths, for auditors and programs that are not ours
 * (`verifiers/`). The checkpoint is written last: a folder without one is a download that broke off.
 */
export function addDownload(context: Context, group: Command): void {
  const command = withConnection(group.command('download'))
    .description(
      'Download the whole log: checkpoint, key, every entry and the leaf hashes, at their C2SP paths. Any verifier of such logs can then check it offline.',
    )
    .argument('<folder>', 'where to; it must not hold a checkpoint yet')
    .option('--log <n>', 'which log, when the organisation had to begin a new one');
  command.action(async (folder: string, o: { log?: string }) => {
    if (existsSync(resolve(context.io.cwd, folder, 'checkpoint')))
      throw new CliError(
        `${folder} holds a log already. Give another folder, and keep this one: with its checkpoint a later rewriting of the log can be shown.`,
      );
    const client = await context.client(command);
    const log = await logPlace(client, o.log);
    const vkey = await client.text({ path: `${log}/vkey` });
    const checkpoint = await client.text({ path: `${log}/checkpoint` });
    const { origin, size } = signedHead(vkey.trim(), checkpoint);
    for (let n = 0; n * TILE_WIDTH < size; n++) {
      const width = tileWidth(0, n, size);
      for (const path of [bundlePath(n, width), tilePath(0, n, width)])
        await save(context, join(folder, path), await bytes(client, `${log}/${path}`));
    }
    await save(context, join(folder, 'vkey'), vkey);
    await save(context, join(folder, 'checkpoint'), checkpoint);
    context.terminal.line(shown(`${size} entries of ${origin} in ${folder}.`));
    context.terminal.note(
      'Nothing but the signature of the checkpoint was verified here; the key came from the server itself.',
    );
  });
}

function signedHead(vkey: string, checkpoint: string): { origin: string; size: number } {
  try {
    const key = verifierFromVkey(vkey);
    return openCheckpoint(checkpoint, key, key.name);
  } catch (error) {
    if (error instanceof Failure)
      throw new CliError(`The server's checkpoint is not sound: ${error.message}`);
    throw error;
  }
}

async function bytes(client: Client, path: string): Promise<Buffer> {
  const response = await client.response({ path });
  try {
    return Buffer.from(await response.arrayBuffer());
  } catch {
    throw new CliError(`${client.connection.url} broke off while the log was read.`);
  }
}

async function save(context: Context, path: string, data: string | Buffer): Promise<void> {
  try {
    await mkdir(dirname(resolve(context.io.cwd, path)), { recursive: true });
  } catch (error) {
    throw new CliError(`${dirname(path)} cannot be made: ${reason(error)}. Give another folder.`);
  }
  await writeGiven(context.io, path, data);
}
