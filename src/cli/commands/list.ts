import { InvalidArgumentError } from 'commander';
import type { RecordList, RecordView, References } from '../../answers/record.ts';
import { STANDINGS } from '../../register/decisions.ts';
import type { Client } from '../client.ts';
import { listCsv, listTable } from '../show.ts';
import type { RegisterGroup } from './register-group.ts';
import { asOfOption, noteAsOf, subCommand } from './register-group.ts';

interface ListOptions {
  asOf?: string;
  sort?: string;
  limit: number;
  all?: true;
  q?: string;
  filter?: Record<string, string>;
  standing?: string;
  output?: 'table' | 'json' | 'csv';
}

/** Most records the server gives at once. */
const PAGE = 200;

/** `list`: a table for a person, CSV for a pipe, JSON when asked for. */
export function addListCommand(g: RegisterGroup): void {
  const { register, meta, context } = g;
  const sortable = ['number', ...meta.columns.filter((c) => c.sortable).map((c) => c.name)];
  const filterable = meta.columns.filter((c) => c.filterable).map((c) => c.name);
  const command = subCommand(g, 'list', `List ${register.label.many}.`)
    .option('--sort <column>', `column to sort by, "-" before it for descending: ${sortable.join(', ')}`)
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .option('--all', 'every one')
    .option('--q <words>', 'words to search for')
    .option(
      '--filter <name=value>',
      `only these; also name.gte, .lte, .gt, .lt, .ne; repeat it. Names: ${filterable.join(', ')}`,
      addFilter,
    )
    .addOption(
      g.group
        .createOption('--output <form>', 'table (on a terminal), csv (elsewhere), or json, a list of records')
        .choices(['table', 'csv', 'json']),
    );
  if (meta.standing)
    command.option(
      '--standing <which>',
      `only those whose state rests on such decisions: ${STANDINGS.join(', ')}; several separated by commas`,
      standings,
    );
  asOfOption(command);
  command.action(async (o: ListOptions) => {
    const client = await context.client(command);
    const t = context.terminal;
    const page = await fetchList(client, register.name, o);
    const output = o.output ?? (t.interactive ? 'table' : 'csv');
    if (output === 'json') t.json(page.items);
    else if (output === 'csv') context.terminal.file(listCsv(register, meta.columns, page.items));
    else if (page.items.length > 0)
      t.line(listTable(t, register, meta.columns, page.items, page.references ?? {}));
    else t.note(`No ${register.label.many} ${o.q || o.filter || o.standing ? 'match' : 'yet'}.`);
    noteAsOf(context, page.asOf);
    // On standard error, in a pipe too: a list that is cut must not look whole.
    if (page.next !== null) t.note(`${page.items.length} of ${page.total ?? 'more'}; every one: --all`);
  });
}

async function fetchList(client: Client, register: string, o: ListOptions): Promise<RecordList> {
  const wanted = o.all ? Number.POSITIVE_INFINITY : o.limit;
  const items: RecordView[] = [];
  const references: References = {};
  let after: string | undefined;
  for (;;) {
    const page = await client.ask(
      'GET :register',
      {
        register,
        limit: Math.min(PAGE, wanted - items.length),
        sort: o.sort,
        q: o.q,
        after,
        asOf: o.asOf,
        total: items.length === 0 && !o.all ? 'true' : undefined,
      },
      undefined,
      { filters: { ...(o.standing ? { standing: o.standing } : {}), ...o.filter } },
    );
    items.push(...page.items);
    Object.assign(references, page.references);
    if (page.next === null || page.items.length === 0 || items.length >= wanted) {
      return {
        items,
        references,
        next: page.next,
        ...(page.asOf ? { asOf: page.asOf } : {}),
        ...(page.total !== undefined ? { total: page.total } : {}),
      };
    }
    after = page.next;
  }
}

function standings(text: string): string {
  const wrong = text.split(',').find((v) => !STANDINGS.some((s) => s === v));
  if (wrong === undefined) return text;
  throw new InvalidArgumentError(
    `Expected ${STANDINGS.join(', ')}; got ${JSON.stringify(wrong.slice(0, 40))}.`,
  );
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(text);
}

function addFilter(text: string, before: Record<string, string> | undefined): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected name=value, such as state=open or level.gte=10.');
  const name = text.slice(0, at);
  if (['limit', 'sort', 'q', 'after', 'asOf'].includes(name))
    throw new InvalidArgumentError(`Use --${{ after: 'all', asOf: 'as-of' }[name] ?? name} instead.`);
  if (before && Object.hasOwn(before, name))
    throw new InvalidArgumentError(`${name} is given twice; separate values by commas.`);
  return { ...before, [name]: text.slice(at + 1) };
}
