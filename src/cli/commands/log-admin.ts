import type { Command } from 'commander';
import { type Context, withConnection } from '../context.ts';
import { passwordFrom } from '../secrets.ts';
import { CliError, shown } from '../terminal.ts';

interface Signed {
  reason?: string;
  password?: string;
  passwordStdin?: boolean;
}

/** `aims log public|private|token|rotate-key|new`: what the keepers of a log do to it. */
export function addLogAdmin(context: Context, group: Command): void {
  for (const [name, isPublic, text] of [
    [
      'public',
      true,
      'Open the log to everybody. It holds no personal data and no text, but says when what changed.',
    ],
    ['private', false, 'Close the log to all but members and holders of its read token.'],
  ] as const) {
    const command = plain(group, name, text);
    command.action(async (o: { reason?: string }) => {
      const client = await context.client(command);
      await client.ask('POST log/visibility', {}, { public: isPublic, reason: o.reason });
      context.terminal.line(`The log of ${shown(client.connection.org)} is ${name}.`);
    });
  }
  addToken(context, group);
  addRotation(context, group);
  addNew(context, group);
  addStanding(context, group);
}

function addStanding(context: Context, group: Command): void {
  const command = withConnection(group.command('status'))
    .description(
      'Whether the log is signed at this moment, what waits for its place in it, and what to do. Exit code: 0 signed, 1 not.',
    )
    .option('--json', 'the answer as JSON');
  command.action(async (o: { json?: true }) => {
    const client = await context.client(command);
    const standing = await client.ask('GET log/standing', {});
    if (!standing.signed) context.negative();
    if (o.json) return context.terminal.json(standing);
    const { still, waiting, waitingSince } = standing;
    const t = context.terminal;
    if (!still) t.line(t.colour.green('The log is signed.'));
    else {
      t.line(t.colour.red(shown(`The log is not signed: ${still.text}`)));
      t.line(shown(still.means.text));
      t.line(shown(still.next.text));
    }
    if (waiting > 0)
      t.line(
        shown(
          `${waiting} ${waiting === 1 ? 'entry waits' : 'entries wait'} for a place in it, the oldest of ${waitingSince}.`,
        ),
      );
  });
}

const plain = (group: Command, name: string, text: string): Command =>
  withConnection(group.command(name).description(text)).option('--reason <text>', 'why, kept with the act');

const signed = (group: Command, name: string, text: string): Command =>
  plain(group, name, `${text} You authenticate again.`)
    .option('--password-stdin', 'read your password from standard input')
    .option('--password <password>', 'your password (others on this machine may see it; better be asked)');

function addToken(context: Context, group: Command): void {
  const command = plain(
    group,
    'token',
    'Make the read token of a private log, in place of an earlier one; it is shown once. Send it as "Authorization: Bearer …".',
  ).option('--withdraw', 'end the token instead');
  command.action(async (o: { reason?: string; withdraw?: true }) => {
    const client = await context.client(command);
    const answer = await client.ask('POST log/token', {}, { reason: o.reason, withdraw: o.withdraw });
    if (!answer.token) return context.terminal.line('The read token is withdrawn.');
    context.terminal.line(shown(answer.token));
    context.terminal.note('Keep it: it is not shown again. It reads the log and nothing else.');
  });
}

function addRotation(context: Context, group: Command): void {
  const command = signed(
    group,
    'rotate-key',
    'Give the log a new key. For some days both keys sign, so that nobody who trusts the old one is left behind.',
  ).option('--overlap-days <n>', 'days for which the old key signs too, 1 to 365', '30');
  command.action(async (o: Signed & { overlapDays: string }) => {
    if (!/^\d{1,3}$/.test(o.overlapDays))
      throw new CliError('--overlap-days: expected a number from 1 to 365.');
    const client = await context.client(command);
    const password = await passwordFrom(context.io, o, 'Your password, to change the key of the log: ');
    const answer = await client.ask(
      'POST log/rotate-key',
      {},
      { overlapDays: Number(o.overlapDays), reason: o.reason, password },
    );
    context.terminal.line(shown(answer.vkey));
    context.terminal.note(
      shown(
        `Both keys sign until ${answer.until}. Hand out the new key before then, and copy the folder of keys into your backup.`,
      ),
    );
  });
}

function addNew(context: Context, group: Command): void {
  const command = signed(
    group,
    'new',
    'Freeze the log and continue in a new one, whose first entry names the last head of the old one. Only when the newest database or the key is lost, or the key is in other hands.',
  ).addOption(
    group
      .createOption('--because <cause>', 'what happened')
      .choices(['lost', 'compromised', 'keyLost'])
      .makeOptionMandatory(),
  );
  command.action(async (o: Signed & { because: 'lost' | 'compromised' | 'keyLost' }) => {
    const client = await context.client(command);
    const password = await passwordFrom(context.io, o, 'Your password, to begin a new log: ');
    const answer = await client.ask('POST log/new', {}, { because: o.because, reason: o.reason, password });
    context.terminal.line(shown(`${answer.origin}\n${answer.vkey}`));
    context.terminal.note('Hand this key to everybody who trusts the log, by a way that is not this server.');
  });
}
