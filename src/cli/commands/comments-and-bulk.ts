import { addValueOptions, bodyFrom } from '../input.ts';
import { allPages } from '../pages.ts';
import { passwordFrom } from '../secrets.ts';
import { shown, shownLines } from '../terminal.ts';
import { outputOption, type RegisterGroup, refArgument, subCommand } from './register-group.ts';

/** `comments`, `since-approval` and `bulk` of a register. */
export function addBesideCommands(g: RegisterGroup): void {
  addComments(g);
  addSince(g);
  if (g.register.permissions.edit.some((w) => w !== 'engine') || g.meta.transitions.length > 0) addBulk(g);
}

function addComments(g: RegisterGroup): void {
  const command = subCommand(g, 'comments', `What is said beside one ${g.register.label.one}, oldest first.`)
    .argument(...refArgument(g))
    .addOption(outputOption(g));
  command.action(async (ref: string, o: { output: string }) => {
    const client = await g.context.client(command);
    const found = await allPages((after) =>
      client.ask('GET :register/:ref/comments', { register: g.register.name, ref, limit: 200, after }),
    );
    const t = g.context.terminal;
    if (o.output === 'json') return t.json(found.items);
    for (const c of found.items)
      t.line(
        `${t.colour.bold(shown(c.ref))} ${shown(found.references[c.by]?.title ?? c.by)}, ${shown(c.at)}, ${shown(c.state)}\n${shownLines(c.content)}`,
      );
    if (found.items.length === 0) t.note('No comments yet.');
  });
}

/** Longest value shown in a line; JSON has all of it. */
const MOST = 100;

function valueText(v: unknown): string {
  if (v === null || v === undefined) return '(nothing)';
  const text = shown(typeof v === 'string' ? v : JSON.stringify(v));
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
}

function addSince(g: RegisterGroup): void {
  const command = subCommand(
    g,
    'since-approval',
    `Exactly what changed in one ${g.register.label.one}, and in what it covers, since the last approval.`,
  )
    .argument(...refArgument(g))
    .addOption(outputOption(g));
  command.action(async (ref: string, o: { output: string }) => {
    const client = await g.context.client(command);
    const since = await client.ask('GET :register/:ref/since-approval', { register: g.register.name, ref });
    const t = g.context.terminal;
    if (o.output === 'json') return t.json(since);
    const d = since.decision;
    if (!d) return t.note('It was never approved: all of it is new.');
    t.line(`${shown(d.ref)}: ${shown(d.kind)} by ${shown(d.by)}, ${shown(d.at)}, on version ${d.version}`);
    if (since.carriedForward)
      t.line(`Nothing material changed${d.current ? ': carried forward.' : '; the decision has ended.'}`);
    for (const c of since.notCovered)
      t.line(`A decision of now would cover ${shown(c.ref)} ${shown(c.title)} too; this one does not.`);
    for (const c of [since.record, ...since.covered]) {
      if (c.changed.length === 0 && c === since.record) continue;
      t.line(
        `${t.colour.bold(shown(c.ref))} ${shown(c.title)}: version ${c.from ?? 'none'} -> ${c.to ?? 'none'}`,
      );
      for (const v of c.changed)
        t.line(
          `  ${shown(v.label)}${v.material ? '' : ' (immaterial)'}: ${valueText(v.from)} -> ${valueText(v.to)}`,
        );
    }
  });
}

function addBulk(g: RegisterGroup): void {
  const { register, meta, context } = g;
  const steps = meta.transitions.map((t) => t.name);
  const command = subCommand(
    g,
    'bulk',
    `The same edit, or the same step, for up to 200 ${register.label.many}: all or none, and every refused one is named.`,
  )
    .argument('<refs...>', `their numbers, such as ${register.prefix}-0001 ${register.prefix}-0002`)
    .addOption(outputOption(g))
    .option('--reason <text>', 'why, kept with every new version');
  if (steps.length > 0)
    command
      .addOption(
        command.createOption('--step <name>', 'the step they take, instead of new values').choices(steps),
      )
      .option('--until <YYYY-MM-DD>', 'day on which the decisions end')
      .option('--password-stdin', 'read your password from standard input')
      .option('--password <password>', 'your password (others on this machine may see it; better be asked)');
  addValueOptions(command, meta, {
    needed: [],
    neededHeading: '',
    restHeading: 'New values:',
    prefixOf: (name) => context.registry.get(name).prefix,
  });
  command.action(async (refs: string[], o: Record<string, unknown>) => {
    const textIf = (v: unknown) => (typeof v === 'string' ? v : undefined);
    const values = await bodyFrom(context.io, register, meta, o);
    const step = meta.transitions.find((t) => t.name === o.step);
    if ((step === undefined) === (Object.keys(values).length === 0))
      command.error('error: give either new values or --step (see --help)');
    const client = await context.client(command);
    const password =
      step?.signed && client.connection.key === undefined
        ? await passwordFrom(
            context.io,
            o,
            `Your password, to sign "${step.label}" of ${refs.length} records: `,
          )
        : undefined;
    const done = await client.ask(
      'POST :register/bulk',
      { register: register.name },
      {
        refs,
        ...(step ? { transition: step.name } : { values }),
        reason: textIf(o.reason),
        until: textIf(o.until),
        password,
      },
    );
    const t = context.terminal;
    if (o.output === 'json') return t.json(done);
    for (const i of done.items)
      t.line(
        `${t.colour.bold(shown(i.ref))}: version ${shown(i.version)}, ${shown(i.state)}${i.decision ? `, decision ${shown(i.decision)}` : ''}`,
      );
    t.note(`${done.changed} changed, ${done.unchanged} unchanged.`);
  });
}
