import type { Command } from 'commander';
import { type Context, withConnection } from '../context.ts';
import { shown } from '../terminal.ts';

/** `search`: words over all registers, the best first. */
export function addSearchCommand(context: Context, program: Command): void {
  const command = withConnection(
    program
      .command('search')
      .description(
        'Search all registers that you may read: a number first, then titles, then texts. Exit code: 0 some, 1 none, 2 error.',
      )
      .argument('<words...>', 'words, a number such as RSK-12, or "words in this order" in quotation marks'),
  )
    .option('--limit <n>', 'how many, 1 to 50', '20')
    .option('--after <n>', 'how many were seen already')
    .option('--json', 'the answer as JSON');
  command.action(async (words: string[], o: { limit: string; after?: string; json?: true }) => {
    const client = await context.client(command);
    const answer = await client.ask('GET search', { q: words.join(' '), limit: o.limit, after: o.after });
    const t = context.terminal;
    if (o.json) t.json(answer);
    else {
      for (const r of answer.items) {
        t.line(`${t.colour.bold(shown(r.ref))} ${shown(r.title)} (${shown(r.state)})`);
        if (r.around) t.line(`  ${shown(r.around)}`);
      }
      if (answer.items.length === 0) t.note('Nothing fits.');
      if (answer.next !== null) t.note(`There is more: --after ${answer.next}`);
    }
    if (answer.items.length === 0) context.negative();
  });
}
