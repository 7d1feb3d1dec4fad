import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { Failure } from '../../base/failure.ts';
import {
  bundlePath,
  openCheckpoint,
  TILE_WIDTH,
  tilePath,
  tileWidth,
  verifierFromVkey,
} from '../../ledger/index.ts';
import { TreeHashes } from '../../pack/index.ts';
import type { Client } from '../client.ts';
import { type Context, withConnection } from '../context.ts';
import { reason, writeGiven } from '../files.ts';
import { compareSeen, forgetHint, rememberHead } from '../seen-heads.ts';
import { CliError, EXIT, shown } from '../terminal.ts';
import { logPlace } from './log-place.ts';

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
    const { origin, size, root } = signedHead(vkey.trim(), checkpoint);
    const leaves: Buffer[] = [];
    for (let n = 0; n * TILE_WIDTH < size; n++) {
      const width = tileWidth(0, n, size);
      for (const path of [bundlePath(n, width), tilePath(0, n, width)]) {
        const data = await bytes(client, `${log}/${path}`);
        if (path === tilePath(0, n, width)) leaves.push(data);
        await save(context, join(folder, path), data);
      }
    }
    const tree = new TreeHashes(Buffer.concat(leaves));
    if (tree.size !== size || !tree.root().equals(root))
      throw new CliError(
        'The hashes that the server gave do not give the root of its checkpoint: the log is not sound. No checkpoint was saved.',
      );
    const seen = await compareSeen(context.io, { origin, size, rootAt: (n) => tree.root(n) });
    if (seen.problem !== undefined)
      throw new CliError(`${seen.problem}. No checkpoint was saved. ${forgetHint(origin)}`, EXIT.negative);
    await save(context, join(folder, 'vkey'), vkey);
    await save(context, join(folder, 'checkpoint'), checkpoint);
    context.terminal.line(shown(`${size} entries of ${origin} in ${folder}.`));
    if (seen.compared > 0) context.terminal.line('The log continues what this computer saw of it before.');
    await rememberHead(context.io, checkpoint);
    context.terminal.note(
      'Only the signature of the checkpoint and the hashes of the entries were verified here; the key came from the server itself.',
    );
  });
}

function signedHead(vkey: string, checkpoint: string): { origin: string; size: number; root: Buffer } {
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
