import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { systemRandom } from '../../base/random.ts';
import { witnessFromVkey } from '../../ledger/index.ts';
import type { Context } from '../context.ts';
import { textTable } from '../show.ts';
import { CliError, shown } from '../terminal.ts';

// Loaded only when a witness is meant: every other command starts without it.
const parts = () => import('../../witness/index.ts');

/** `aims witness init|add|list|run`: a witness of other organisations' logs. Needs no server. */
export function addWitnessCommand(context: Context, program: Command): void {
  const group = program
    .command('witness')
    .helpGroup('Proofs and log:')
    .summary("Be a witness of somebody's log")
    .description(
      'Be a witness: cosign the checkpoints of logs that others run (C2SP tlog-witness), so that they cannot rewrite them unseen. Needs no server and no sign-in.',
    );
  const command = (name: string, what: string) =>
    group.command(name).description(what).requiredOption('--data <folder>', 'folder of the witness');
  const folder = (o: { data: string }) => resolve(context.io.cwd, o.data);
  const t = context.terminal;

  command('init', 'Make the folder and the key of a witness; prints its verifier key.')
    .requiredOption('--name <name>', 'name of the witness, such as witness.example.org')
    .action((o: { data: string; name: string }) =>
      told(async () => {
        t.line(await (await parts()).initWitness(folder(o), o.name));
        t.note('Hand this key to the organisations whose logs you watch. The folder holds its private half.');
      }),
    );

  command('add', "Watch a log: trust its key. Takes a log's later keys, too; works beside a running witness.")
    .argument('<vkey>', "the log's public key, from GET /log/<organisation>/vkey")
    .action((vkey: string, o: { data: string }) =>
      told(async () => {
        const { origin, added } = await (await logsOf(folder(o))).add(vkey.trim());
        if (added === 'nothing') t.line(`${shown(origin)} was watched with this key already.`);
        else t.line(`Watching ${shown(origin)}${added === 'key' ? ' with a further key' : ''}.`);
      }),
    );

  command(
    'list',
    'The logs that are watched, and what was cosigned last. Exit code 1 when one of them contradicted itself.',
  ).action((o: { data: string }) =>
    told(async () => {
      const logs = await (await logsOf(folder(o))).list();
      const rows = logs.map((l) =>
        [l.size, l.origin, l.keys.length, l.forked ? 'CONTRADICTED ITSELF: see fork.note' : ''].map(shown),
      );
      t.line(textTable(t, ['Size', 'Log', 'Keys', ''], rows));
      if (logs.some((l) => l.forked)) context.negative();
    }),
  );

  command('run', 'Answer logs over HTTP until stopped. Speaks no TLS: put a proxy before it.')
    .option('--port <n>', 'port', portNumber, '42002')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .action((o: { data: string; port: string; host: string }) => told(() => serve(context, folder(o), o)));
}

async function serve(context: Context, folder: string, o: { port: string; host: string }): Promise<void> {
  const { Witness, serveWitness } = await parts();
  const t = context.terminal;
  const report = (line: string) => t.note(shown(line));
  // Before anything is announced: whoever then stops it at once must not kill it.
  const stopped = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done());
  });
  const witness = await Witness.open({ folder, clock: systemClock, random: systemRandom, report });
  try {
    const served = await serveWitness(witness, { host: o.host, port: Number(o.port), report });
    const host = o.host.includes(':') ? `[${o.host}]` : o.host;
    t.line(witness.vkey);
    t.line(`Listening on http://${host}:${served.port}/ . Stop with Ctrl-C.`);
    await stopped;
    await served.close();
  } finally {
    await witness.close();
  }
}

async function logsOf(folder: string) {
  const { LogFolder, readWitnessKey } = await parts();
  const { vkey } = await readWitnessKey(folder);
  return new LogFolder(folder, witnessFromVkey(vkey), systemRandom);
}

/** Errors of the system (no such folder, port in use) are the operator's, not faults of the program. */
async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure || error instanceof CliError || !(error instanceof Error && 'code' in error))
      throw error;
    throw new CliError(`The witness cannot go on: ${shown(error.message)}.`);
  }
}

function portNumber(text: string): string {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('Expected a port, 0 to 65535.');
  return text;
}
