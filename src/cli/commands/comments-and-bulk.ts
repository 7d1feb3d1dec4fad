import { addValueOptions, bodyFrom } from '../input.ts';
import { passwordFrom } from '../secrets.ts';
import { shown } from '../terminal.ts';
import { outputOption, type RegisterGroup, subCommand } from './register-group.ts';

/** `bulk` of a register. */
export function addBesideCommands(g: RegisterGroup): void {
  if (g.register.permissions.edit.some((w) => w !== 'engine') || g.meta.transitions.length > 0) addBulk(g);
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
