import type { Command } from 'commander';
import type { RecordPage } from '../../answers/record.ts';
import { describeRegister, oneOf } from '../../register/describe.ts';
import type { Register } from '../../register/register.ts';
import { whoText } from '../../register/who.ts';
import type { Context } from '../context.ts';
import { addValueOptions, bodyFrom } from '../input.ts';
import { commandName, kebab } from '../names.ts';
import { recordText } from '../show.ts';
import { shown } from '../terminal.ts';
import { addBesideCommands } from './comments-and-bulk.ts';
import { addExchangeCommands } from './exchange.ts';
import { addHistoryCommands } from './history.ts';
import { addListCommand } from './list.ts';
import {
  asOfOption,
  noteAsOf,
  outputOption,
  type RegisterGroup,
  refArgument,
  showChange,
  subCommand,
} from './register-group.ts';
import { addTransitionCommands } from './transition.ts';

/**
 * Builds `aims <register> …` from the declaration: nothing here knows which register it has. A register that the line does not name
 * gets its place in the help and no commands: deriving all of them took a third of the time of every command.
 */
export function addRegisterCommands(
  context: Context,
  program: Command,
  register: Register,
  named: boolean,
): void {
  const group = program
    .command(commandName(register))
    .summary(register.label.many)
    .description(`${register.label.many}. ${register.purpose}`)
    .helpGroup(`${register.step}:`)
    .addHelpText('after', () => clausesText(register));
  if (!named) return;
  const meta = describeRegister(context.registry, register);
  const g: RegisterGroup = { context, register, meta, group };
  addListCommand(g);
  addShow(g);
  if (!meta.engineWritten) addAdd(g);
  if (register.permissions.edit.some((w) => w !== 'engine')) addEdit(g);
  addTransitionCommands(g);
  addExchangeCommands(g);
  addHistoryCommands(g);
  addBesideCommands(g);
}

function clausesText(register: Register): string {
  const lines = Object.entries(register.clauses).map(([clause, what]) => `  ${clause.padEnd(8)} ${what}`);
  return `\nWhat it does for ISO/IEC 42001:\n${lines.join('\n')}`;
}

function addShow(g: RegisterGroup): void {
  const command = subCommand(
    g,
    'show',
    `Show one ${g.register.label.one} with its links, decisions and what may be done with it.`,
  )
    .argument(...refArgument(g))
    .addOption(
      g.group.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text'),
    );
  asOfOption(command);
  command.action(async (ref: string, o: { output: string; asOf?: string }) => {
    const client = await g.context.client(command);
    const record = await client.ask('GET :register/:ref', {
      register: g.register.name,
      ref,
      asOf: o.asOf,
    });
    showRecord(g, record, o.output);
    noteAsOf(g.context, record.asOf);
  });
}

function addAdd(g: RegisterGroup): void {
  const { register, meta, context } = g;
  const needed = [
    ...Object.entries(register.fields).filter(
      ([, f]) => f.required && !f.engine && f.defaultTo === undefined,
    ),
    ...Object.entries(register.links).filter(([, l]) => l.min > 0 && !l.later && !l.engine),
  ].map(([name]) => name);
  const command = subCommand(
    g,
    'add',
    `Record a new ${register.label.one}. Who may: ${whoText(register.permissions.create, register.whoLabels)}.`,
  ).addOption(outputOption(g));
  addValueOptions(command, meta, {
    needed,
    neededHeading: 'Needed:',
    restHeading: 'May wait:',
    prefixOf: (name) => context.registry.get(name).prefix,
  });
  command.action(async (o: Record<string, unknown>) => {
    const body = await bodyFrom(context.io, register, meta, o);
    const client = await context.client(command);
    const record = await client.ask('POST :register', { register: register.name }, body);
    showChange(g, record, String(o.output), 'recorded');
  });
}

function addEdit(g: RegisterGroup): void {
  const { register, meta, context } = g;
  const names = [...Object.keys(register.fields), ...Object.keys(register.links)].filter(
    (n) => !(register.fields[n]?.engine || register.links[n]?.engine),
  );
  const command = subCommand(
    g,
    'edit',
    `Change ${oneOf(register.label.one)}. Who may: ${whoText(register.permissions.edit, register.whoLabels)}.`,
  )
    .argument(...refArgument(g))
    .addOption(outputOption(g))
    .option('--reason <text>', 'why, kept with the new version')
    .option('--if-version <n>', 'only if the record still has this version')
    .addOption(clearOption(g, names));
  addValueOptions(command, meta, {
    needed: [],
    neededHeading: '',
    restHeading: 'New values:',
    prefixOf: (name) => context.registry.get(name).prefix,
  });
  command.action(async (ref: string, o: Record<string, unknown>) => {
    const body = await bodyFrom(
      context.io,
      register,
      meta,
      o,
      Array.isArray(o.clear) ? o.clear.map(String) : [],
    );
    if (Object.keys(body).length === 0)
      command.error('error: nothing to change; give at least one value (see --help)');
    if (o.reason !== undefined) body.$reason = o.reason;
    const client = await context.client(command);
    const headers: Record<string, string> =
      o.ifVersion === undefined ? {} : { 'if-match': `"${String(o.ifVersion)}"` };
    const record = await client.ask('PATCH :register/:ref', { register: register.name, ref }, body, {
      headers,
    });
    showChange(g, record, String(o.output), record.unchanged ? 'nothing to change' : 'changed');
  });
}

function clearOption(g: RegisterGroup, names: readonly string[]) {
  const known = names.map(kebab);
  const option = g.group.createOption('--clear <field>', 'make a field or link empty; repeat it for more');
  option.argChoices = [...known];
  return option.argParser((text: string, before: string[] | undefined) => {
    const at = known.indexOf(text);
    if (at < 0)
      throw g.group.error(
        `error: --clear: ${shown(text)} is not a field of ${g.register.label.many}; known: ${known.join(', ')}`,
      );
    return [...(before ?? []), names[at]!];
  });
}

function showRecord(g: RegisterGroup, r: RecordPage, output: string): void {
  const t = g.context.terminal;
  if (output === 'json') t.json(r);
  else t.line(recordText(t, g.register, g.meta, r));
}
