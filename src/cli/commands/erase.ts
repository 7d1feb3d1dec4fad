import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import type { Sent } from '../../actions/index.ts';
import type { ErasureView } from '../../answers/erasure.ts';
import { ERASURE_BASES, GROUPS } from '../../ledger/index.ts';
import { type Context, withConnection } from '../context.ts';
import { passwordFrom } from '../secrets.ts';
import { textTable } from '../show.ts';
import { CliError, shown } from '../terminal.ts';

interface EraseOptions {
  basis?: Sent<'POST erasure'>['basis'];
  reason?: string;
  preview?: true;
  yes?: true;
  json?: true;
  password?: string;
  passwordStdin?: boolean;
}

type What = Sent<'POST erasure/preview'>;

const THEN: Readonly<Record<string, string>> = {
  erase: 'erased too',
  ask: 'stays; --mentions erases it',
  edit: 'stays: present, edit the record first',
  locked: 'stays: present, and nobody edits this record any more',
};

/** `aims erase person` and `aims erase record`: shown first, asked, then done with a password. */
export function addEraseCommand(context: Context, program: Command): void {
  const group = program
    .command('erase')
    .helpGroup('Proofs and log:')
    .summary('Erase personal data for good')
    .description(
      'Erase values and their salts for good. Proofs of everything else go on holding; the log says what was erased, by whom and on which legal basis.',
    );
  const person = common(
    group.command('person').description('Everything that says who a person is, and their account.'),
  )
    .argument('<ref>', 'number of the person, such as PSN-0007')
    .option('--mentions', 'past versions of other records that mention the person, too');
  person.action((ref: string, o: EraseOptions & { mentions?: true }) =>
    run(context, person, o, { kind: 'person', ref, ...(o.mentions ? { mentions: true } : {}) }),
  );
  const record = common(
    group.command('record').description('Groups of fields in past versions of one record.'),
  )
    .argument('<ref>', 'number of the record, such as RSK-0003')
    .requiredOption('--groups <list>', `what to erase, with commas between: ${GROUPS.join(', ')}`)
    .option('--versions <first-last>', 'such as 1-4; all past ones unless told');
  record.action((ref: string, o: EraseOptions & { groups: string; versions?: string }) =>
    run(context, record, o, {
      kind: 'parts',
      ref,
      groups: o.groups.split(',').map(groupAs),
      ...(o.versions === undefined ? {} : { versions: range(o.versions) }),
    }),
  );
}

function common(command: Command): Command {
  return withConnection(
    command
      .addOption(
        new Option(
          '--basis <basis>',
          'legal basis: a letter of Article 17(1) GDPR, a retention period that ended, another law',
        ).choices(ERASURE_BASES),
      )
      .option('--reason <text>', 'why; it is kept, so no personal data in it')
      .option('--preview', 'say what would be done, and do nothing')
      .option('--yes', 'do it without asking')
      .option('--json', 'the answer as JSON')
      .option('--password-stdin', 'read your password from standard input')
      .option('--password <password>', 'your password (others on this machine may see it; better be asked)'),
  );
}

function groupAs(text: string) {
  const group = GROUPS.find((g) => g === text.trim());
  if (!group) throw new CliError(`--groups: expected ${GROUPS.join(', ')}; got ${shown(text)}.`);
  return group;
}

function range(text: string): [number, number] {
  const m = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text.trim());
  if (!m)
    throw new CliError(
      `--versions: expected one version or the first and the last, such as 1-4; got ${shown(text)}.`,
    );
  return [Number(m[1]), Number(m[2] ?? m[1])];
}

async function run(context: Context, command: Command, o: EraseOptions, what: What): Promise<void> {
  const { terminal, io } = context;
  // Chosen each time and never assumed: they are what the act is answered for with.
  const why = o.basis && o.reason?.trim() ? { basis: o.basis, reason: o.reason } : undefined;
  if (!o.preview && !why) command.error('error: --basis and --reason are needed; --preview needs neither');
  const client = await context.client(command);
  const shownFirst = await client.ask('POST erasure/preview', {}, what, LONG);
  if (o.preview || shownFirst.nothing || !why) {
    if (o.json) terminal.json(shownFirst);
    else tell(context, shownFirst, 'would be');
    return;
  }
  if (!o.yes) {
    tell(context, shownFirst, 'would be');
    await confirm(context, what.ref);
  }
  const password = await passwordFrom(io, o, `Your password, to erase from ${shown(what.ref)}: `);
  const done = await client.ask('POST erasure', {}, { ...what, ...why, password }, LONG);
  if (o.json) terminal.json(done);
  else if (done.nothing || o.yes) tell(context, done, 'was');
  if (!o.json && done.record) terminal.line(`Erased ${done.parts} parts; recorded as ${shown(done.record)}.`);
}

/** An erasure looks through every version. */
const LONG = { wait: 10 * 60_000 };

/** The number typed again: a yes is typed too easily for what cannot be undone. */
async function confirm(context: Context, ref: string): Promise<void> {
  const { io } = context;
  const input: typeof io.stdin & { isTTY?: boolean } = io.stdin;
  if (!input.isTTY)
    throw new CliError(
      'Nobody can be asked here whether to go on; look at it with --preview, then give --yes.',
    );
  const asking = createInterface({ input, output: io.stderr });
  try {
    const typed = await asking.question(`This cannot be undone. Type ${shown(ref)} to erase: `);
    if (typed.trim() !== ref) throw new CliError('Stopped; nothing was erased.');
  } finally {
    asking.close();
  }
}

function tell(context: Context, e: ErasureView, verb: 'would be' | 'was'): void {
  const t = context.terminal;
  if (e.nothing) t.line(`Nothing is left to erase of ${shown(e.ref)}.`);
  if (e.person && !e.nothing) {
    const { version, state, account, invitations } = e.person;
    if (version !== null)
      t.line(
        `${shown(e.ref)} ${verb === 'was' ? 'has' : 'would get'} version ${version} without personal data, ${shown(state)}.`,
      );
    if (account)
      t.line(
        `Account, password and sessions ${verb === 'was' ? 'are gone' : 'go'}, unless the account belongs to another organisation too.`,
      );
    if (invitations > 0) t.line(`Invitations that go: ${invitations}.`);
  }
  if (e.versions.length > 0) {
    t.line(
      `${e.parts === 1 ? `1 part ${verb}` : `${e.parts} parts ${verb === 'was' ? 'were' : 'would be'}`} erased, told by ${e.entries === 1 ? '1 log entry' : `${e.entries} log entries`}:`,
    );
    t.line(
      textTable(
        t,
        ['Record', 'Version', 'Groups', 'Entry'],
        e.versions.map((v) => [v.ref, v.version, v.groups.join(', '), v.entry ?? ''].map(shown)),
      ),
    );
  }
  if (e.mentions.length > 0) {
    t.line(`Mentioned in ${e.mentioned} ${e.mentioned === 1 ? 'place' : 'places'}:`);
    t.line(
      textTable(
        t,
        ['Record', 'Version', 'Group', 'Entry', 'What becomes of it'],
        e.mentions.map((m) => [m.ref, m.version, m.group, m.entry ?? '', THEN[m.then] ?? m.then].map(shown)),
      ),
    );
  }
  for (const s of e.stays) t.line(`- ${shown(s)}`);
}
