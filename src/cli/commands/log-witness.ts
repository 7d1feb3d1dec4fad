import type { Command } from 'commander';
import { type Context, withConnection } from '../context.ts';
import { textTable } from '../show.ts';
import { shown } from '../terminal.ts';

/** `aims log witness list|add|remove`: who cosigns the log. */
export function addLogWitness(context: Context, group: Command): void {
  const witness = group
    .command('witness')
    .description(
      'Witnesses of the log: others that cosign its checkpoints, so that it cannot be rewritten unseen.',
    );
  const t = context.terminal;

  const list = withConnection(
    witness.command('list').description('The witnesses, and what each cosigned last.'),
  ).addOption(
    group.createOption('--output <form>', 'form of the answer').choices(['table', 'json']).default('table'),
  );
  list.action(async (o: { output: string }) => {
    const client = await context.client(list);
    const found = await client.ask('GET log/witnesses', {});
    if (o.output === 'json') return t.json(found);
    if (found.items.length === 0)
      t.note('Unwitnessed: whoever runs this server could still rewrite the whole log.');
    const rows = found.items.map((w) =>
      [
        w.name,
        w.url,
        w.cosigned ? `${w.cosigned.size} of ${found.size}` : 'nothing',
        w.cosigned?.at ?? '',
        w.problem ?? '',
      ].map(shown),
    );
    if (rows.length > 0) t.line(textTable(t, ['Witness', 'Address', 'Cosigned', 'At', 'Problem'], rows));
  });

  const add = change(
    'add',
    'Have a witness asked to cosign every checkpoint. Hand its operator the key of your log first.',
  )
    .argument('<vkey>', "the witness's verifier key")
    .argument('<address>', 'its address, such as https://witness.example.org');
  add.action(async (vkey: string, url: string, o: { reason?: string }) => {
    const client = await context.client(add);
    const answer = await client.ask('POST log/witnesses', {}, { vkey, url, reason: o.reason });
    t.line(shown(`${answer.witness.name} is asked at ${answer.witness.url} from now on.`));
  });

  const remove = change('remove', 'Have a witness asked no more. What it cosigned stays.').argument(
    '<vkey>',
    "the witness's verifier key",
  );
  remove.action(async (vkey: string, o: { reason?: string }) => {
    const client = await context.client(remove);
    await client.ask('POST log/witnesses/remove', {}, { vkey, reason: o.reason });
    t.line('It is asked no more.');
  });

  function change(name: string, text: string): Command {
    return withConnection(witness.command(name).description(text)).option(
      '--reason <text>',
      'why, kept with the act',
    );
  }
}
