import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type GateResult, verdictOf } from '../../gate/result.ts';
import { asList } from '../../register/register.ts';
import type { Client } from '../client.ts';
import { type Context, withConnection } from '../context.ts';
import { reason, writeGiven } from '../files.ts';
import { commandName, kebab } from '../names.ts';
import { CliError, shown } from '../terminal.ts';
import { type GateAnswer, gateText } from './gate-text.ts';
import { logPlace } from './log-place.ts';
import { computedAsOfOption, noteComputed } from './register-group.ts';

interface GateOptions {
  json?: true;
  preview?: true;
  save?: string;
  asOf?: string;
}

/** Files that `--save` writes, by what they are. */
interface Saved {
  attestation: string;
  disclosure: string;
  vkey: string;
  gateKey: string;
}

/** `aims gate RELEASE`: the one command a pipeline needs. Anything but a clear "allow" is not 0. */
export function addGateCommand(context: Context, program: Command): void {
  const command = program
    .command('gate')
    .helpGroup('Release gate:')
    .summary('Ask the release gate for its decision')
    .description(
      'Judge a release against the policy in force, record the decision and sign it. Exit code: 0 allow, 1 refuse or insufficient, 2 error; an error is never a pass.',
    )
    .argument('<release>', 'number of the release, such as REL-0002')
    .option('--json', 'the answer as JSON')
    .option('--preview', 'judge only: nothing is recorded or signed')
    .option('--save <folder>', 'write the signed statement, its proof and the public keys there');
  computedAsOfOption(withConnection(command));
  command.action(async (release: string, o: GateOptions) => {
    if (o.asOf !== undefined && !o.preview)
      command.error('error: --as-of looks back and decides nothing: give --preview too');
    if (o.preview && o.save !== undefined)
      command.error('error: --preview records nothing, so there is nothing to --save');
    const client = await context.client(command);
    // Before the decision is recorded: one that cannot be saved would be found out too late.
    if (o.save !== undefined) await makeFolder(context, o.save);
    const answer = o.preview
      ? await preview(context, client, release, o.asOf)
      : await decide(client, release);
    if (answer.result.verdict !== 'allow') context.negative();
    if (o.json) context.terminal.json(answer);
    else {
      const { url, org } = client.connection;
      const commandFor = (ref: string, action: string) => transitionCommand(context, ref, action);
      const saved = o.save !== undefined;
      context.terminal.line(gateText(context.terminal, answer, { url, org, saved, commandFor }));
    }
    if (o.save !== undefined) tellSaved(context, await save(context, client, answer, o.save));
  });
}

/** `aims release submit REL-0001`, when people can make that transition. */
function transitionCommand(context: Context, ref: string, action: string): string | undefined {
  const register = context.registry.ofRef(ref);
  const transition =
    register && Object.hasOwn(register.transitions, action) ? register.transitions[action] : undefined;
  if (!register || !transition || asList(transition.by).every((w) => w === 'engine')) return undefined;
  return `aims ${commandName(register)} ${kebab(action)} ${ref}`;
}

async function preview(
  context: Context,
  client: Client,
  release: string,
  asOf: string | undefined,
): Promise<GateAnswer> {
  const result = await client.ask('GET release/:ref/gate', { ref: release, asOf });
  noteComputed(context, result);
  return { result: checked(result, release) };
}

async function decide(client: Client, release: string): Promise<GateAnswer> {
  const answer = await client.ask('POST release/:ref/gate', { ref: release });
  checked(answer.result, release);
  if (typeof answer.decision?.ref !== 'string') throw unclear('it names no recorded decision');
  return answer;
}

/** A verdict counts only when it is one of the three and speaks of the release that was asked for. */
function checked(result: GateResult | undefined, release: string): GateResult {
  if (!result || !['allow', 'refuse', 'insufficient'].includes(result.verdict))
    throw unclear('it holds no verdict');
  if (result.release !== release)
    throw unclear(`it speaks of ${shown(result.release)}, not of ${shown(release)}`);
  const { checks, notChecked, system, policy } = result;
  const whole = [
    checks,
    notChecked,
    ...(Array.isArray(checks) ? checks.flatMap((c) => [c?.reasons, c?.next]) : []),
  ];
  if (!whole.every(Array.isArray) || !system || !policy) throw unclear('parts of it are missing');
  const follows = verdictOf(checks);
  if (result.verdict === 'allow' && follows !== 'allow')
    throw unclear(`it says allow, but its checks say ${follows}`);
  return result;
}

const unclear = (why: string) =>
  new CliError(`The server's answer cannot be relied on: ${why}. This is not a pass.`);

async function makeFolder(context: Context, folder: string): Promise<void> {
  try {
    await mkdir(resolve(context.io.cwd, folder), { recursive: true });
    await access(resolve(context.io.cwd, folder), constants.W_OK);
  } catch (error) {
    throw new CliError(
      `Nothing was asked of the gate: files cannot be saved to ${shown(folder)}: ${reason(error)}. Name a folder.`,
    );
  }
}

async function save(context: Context, client: Client, answer: GateAnswer, folder: string): Promise<Saved> {
  const { decision, files, result } = answer;
  if (!decision || !files) throw unclear('it names no files to save');
  const path = (name: string) => join(folder, name);
  const saved: Saved = {
    attestation: path(`${result.release}.vsa.dsse.json`),
    disclosure: path(`${decision.ref}.disclosure.json`),
    vkey: path('log.vkey'),
    gateKey: path('gate.pem'),
  };
  const log = `/log/${client.connection.org}`;
  const place = await logPlace(client);
  const from: [keyof Saved, string][] = [
    ['attestation', files.vsa],
    ['disclosure', files.proof],
    ['vkey', `${place}/vkey`],
    ['gateKey', `${log}/gate.pem`],
  ];
  for (const [what, source] of from)
    await writeGiven(context.io, saved[what], await client.text({ path: source }));
  return saved;
}

function tellSaved(context: Context, saved: Saved): void {
  const t = context.terminal;
  t.note(`Saved ${Object.values(saved).map(shown).join(', ')}.`);
  t.note('Verify later, without the server. Keep the two keys apart from the files, or fetch them anew:');
  t.note(`  aims verify ${shown(saved.attestation)} --gate-key ${shown(saved.gateKey)}`);
  t.note(`  aims verify ${shown(saved.disclosure)} --vkey ${shown(saved.vkey)}`);
}
