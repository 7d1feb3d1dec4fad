import type { TransitionMeta } from '../../register/describe.ts';
import { asList } from '../../register/register.ts';
import { addValueOptions, bodyFrom } from '../input.ts';
import { kebab } from '../names.ts';
import { passwordFrom } from '../secrets.ts';
import { addExtraOptions, extraMembers } from './extra-options.ts';
import { outputOption, type RegisterGroup, refArgument, showChange, subCommand } from './register-group.ts';

/** A sub-command for each transition that a person or key can make. Those of the engine alone have none. */
export function addTransitionCommands(g: RegisterGroup): void {
  for (const t of g.meta.transitions) {
    const by = asList(g.register.transitions[t.name]!.by);
    if (by.some((w) => w !== 'engine')) addTransition(g, t);
  }
}

function addTransition(g: RegisterGroup, t: TransitionMeta): void {
  const { register, meta, context } = g;
  const command = subCommand(g, kebab(t.name), describe(t))
    .summary(`${t.label}: ${t.from.join(', ')} -> ${t.to}`)
    .argument(...refArgument(g))
    .addOption(outputOption(g));
  if (t.reason) command.requiredOption('--reason <text>', 'why; must be given');
  else command.option('--reason <text>', 'why, kept with the new version');
  if (t.until) command.requiredOption('--until <YYYY-MM-DD>', 'day on which it ends; must be given');
  else if (t.decision) command.option('--until <YYYY-MM-DD>', 'day on which the decision ends');
  addExtraOptions(command, register, t.name);
  if (t.signed) {
    command
      .option('--password-stdin', 'read your password from standard input')
      .option('--password <password>', 'your password (others on this machine may see it; better be asked)');
  }
  addValueOptions(command, meta, {
    needed: t.requires,
    neededHeading: 'Needed, here or before:',
    restHeading: 'Changed along with it:',
    prefixOf: (name) => context.registry.get(name).prefix,
  });
  command.action(async (ref: string, o: Record<string, unknown>) => {
    const values = await bodyFrom(context.io, register, meta, o);
    const client = await context.client(command);
    const signs = t.signed && client.connection.key === undefined;
    const password = signs
      ? await passwordFrom(context.io, o, `Your password, to sign "${t.label}" of ${ref}: `)
      : undefined;
    const record = await client.ask(
      'POST :register/:ref/:step',
      { register: register.name, ref, step: t.name },
      {
        ...(Object.keys(values).length > 0 ? { values } : {}),
        reason: o.reason,
        until: o.until,
        password,
        ...extraMembers(register, t.name, o),
      },
    );
    showChange(g, record, String(o.output), t.label.toLowerCase());
  });
}

function describe(t: TransitionMeta): string {
  const also = [
    t.signed ? 'You authenticate again.' : '',
    t.separate ? 'Not by the author of the present version: no one approves their own work.' : '',
    t.decision ? `Writes a decision (${t.decision}).` : '',
  ].filter(Boolean);
  return [`${t.label}: from ${t.from.join(' or ')} to ${t.to}. Who may: ${t.byText}.`, ...also].join(' ');
}
