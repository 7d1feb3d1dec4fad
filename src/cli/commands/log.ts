import { type Command, InvalidArgumentError } from 'commander';
import { Failure } from '../../base/failure.ts';
import {
  type AuditResult,
  bundlePath,
  decodeBundle,
  LogAuditor,
  leafHash,
  openCheckpoint,
  TILE_WIDTH,
  tileWidth,
  verifierFromVkey,
} from '../../ledger/index.ts';
import { TreeHashes } from '../../pack/index.ts';
import type { Client } from '../client.ts';
import { type Context, withConnection } from '../context.ts';
import { readGiven } from '../files.ts';
import { RefusedRequest } from '../problem.ts';
import { compareSeen, forgetHint, rememberHead, type SeenVerdict } from '../seen-heads.ts';
import { CliError, shown } from '../terminal.ts';
import { addDownload } from './log-download.ts';
import { logPlace } from './log-place.ts';
import { addStampCommands } from './log-stamp.ts';
import { addSeenCommands } from './seen.ts';

/** `aims log checkpoint|entries|audit|download` and what else is done with a log. */
export function addLogCommands(context: Context, program: Command): void {
  const group = program
    .command('log')
    .helpGroup('Proofs and log:')
    .summary('The tamper-evident log')
    .description('The log in which every version of every record is entered.');
  addCheckpoint(context, group);
  addAudit(context, group);
  addDownload(context, group);
  addStampCommands(context, group);
  addSeenCommands(context, group);
}

function addCheckpoint(context: Context, group: Command): void {
  const command = withConnection(group.command('checkpoint')).description(
    'The signed head of the log (C2SP tlog-checkpoint). Keep it: with it a later rewriting of the log can be shown.',
  );
  command.action(async () => {
    const client = await context.client(command);
    context.terminal.file(await client.text({ path: `${await logPlace(client)}/checkpoint` }));
  });
}

function addAudit(context: Context, group: Command): void {
  const command = withConnection(group.command('audit'))
    .description(
      'Download every entry, rebuild the root and compare it with the signed head; check that the versions of each record follow one another. Exit code: 0 sound, 1 not, 2 error.',
    )
    .option(
      '--vkey <key>',
      "the log's public key, or a file that holds it; the server's own word unless given",
    )
    .option('--log <n>', 'which log, when the organisation had to begin a new one', wholeNumber)
    .option('--json', 'the result as JSON');
  command.action(async (o: { vkey?: string; json?: true; log?: string }) => {
    const client = await context.client(command);
    const log = await logPlace(client, o.log);
    const vkey =
      o.vkey === undefined ? await client.text({ path: `${log}/vkey` }) : await keyOf(context, o.vkey);
    const checkpoint = await client.text({ path: `${log}/checkpoint` });
    const hashes: Buffer[] = [];
    const result = await audit(client, log, vkey.trim(), checkpoint, hashes);
    const origin = checkpoint.split('\n')[0] ?? '';
    const tree = new TreeHashes(Buffer.concat(hashes));
    const seen = result.ok
      ? await compareSeen(context.io, { origin, size: tree.size, rootAt: (n) => tree.root(n) })
      : { compared: 0 };
    if (!result.ok || seen.problem !== undefined) context.negative();
    tell(context, result, origin, seen, o);
    if (result.ok && seen.problem === undefined) await rememberHead(context.io, checkpoint);
  });
}

/** `hashes` takes the hash of every entry. */
async function audit(
  client: Client,
  log: string,
  vkey: string,
  checkpoint: string,
  hashes: Buffer[],
): Promise<AuditResult> {
  const auditor = new LogAuditor({ checkpoint, vkey, histories: true });
  const size = signedSize(vkey, checkpoint);
  for (let n = 0; n * TILE_WIDTH < size; n++) {
    const width = tileWidth(0, n, size);
    let goesOn = true;
    for (const entry of await bundle(client, log, n, width)) {
      goesOn = goesOn && auditor.add(entry);
      hashes.push(leafHash(entry));
    }
    if (!goesOn) break;
  }
  return auditor.finish();
}

/** Size the trusted key signed; 0 when it signed nothing, then the auditor says why. */
function signedSize(vkey: string, checkpoint: string): number {
  try {
    const key = verifierFromVkey(vkey);
    return openCheckpoint(checkpoint, key, key.name).size;
  } catch (error) {
    if (error instanceof Failure) return 0;
    throw error;
  }
}

/** The first `width` entries of a bundle. A damaged or absent bundle gives what can be read: the auditor judges it. */
async function bundle(client: Client, log: string, n: number, width: number): Promise<Buffer[]> {
  const fetched = (w: number) => bytes(client, `${log}/${bundlePath(n, w)}`);
  const data = (await fetched(width)) ?? (width < TILE_WIDTH ? await fetched(TILE_WIDTH) : undefined);
  if (data === undefined) return [];
  try {
    return decodeBundle(data).slice(0, width);
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

async function bytes(client: Client, path: string): Promise<Buffer | undefined> {
  try {
    const response = await client.response({ path });
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof RefusedRequest && error.status === 404) return undefined;
    if (error instanceof CliError) throw error;
    throw new CliError(`${client.connection.url} broke off while the log was read.`);
  }
}

function tell(
  context: Context,
  r: AuditResult,
  origin: string,
  seen: SeenVerdict,
  o: { vkey?: string; json?: true },
): void {
  const t = context.terminal;
  const root = r.root.toString('base64');
  const keyFrom = o.vkey === undefined ? 'server' : 'caller';
  if (o.json) {
    const problem = r.problem ? { problem: r.problem } : {};
    t.json({ ok: r.ok && !seen.problem, origin, size: r.size, root, keyFrom, seen, ...problem });
    return;
  }
  if (r.ok && seen.problem !== undefined) {
    t.line(t.colour.red(shown(`Not sound: ${seen.problem}`)));
    t.note(shown(forgetHint(origin)));
  } else if (r.ok)
    t.line(t.colour.green(shown(`Sound: ${r.size} entries of ${origin} give the signed root ${root}.`)));
  else t.line(t.colour.red(shown(`Not sound: ${r.problem?.message ?? 'unknown'}`)));
  if (seen.compared > 0 && !seen.problem) t.line('The log continues what this computer saw of it before.');
  if (keyFrom === 'server')
    t.note(
      'The key came from the server itself; to rule out a log made anew, give the key you were handed: --vkey KEY',
    );
}

async function keyOf(context: Context, text: string): Promise<string> {
  if (/^\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(text)) return text;
  return (await readGiven(context.io, text)).bytes.toString('utf8');
}

function wholeNumber(text: string): string {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return text;
}
