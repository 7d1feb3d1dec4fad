import type { Command } from 'commander';
import { describeRegister, type RegisterMeta } from '../register/describe.ts';
import type { Register } from '../register/register.ts';
import { whoText } from '../register/who.ts';
import type { Context } from './context.ts';
import { addExchangeCommands } from './exchange-commands.ts';
import { addHistoryCommands } from './history-commands.ts';
import { addValueOptions, bodyFrom } from './input.ts';
import { addListCommand } from './list-command.ts';
import { commandName, kebab } from './names.ts';
import type { References } from './show.ts';
import { type RecordDetail, type RecordView, recordText } from './show.ts';
import { shown } from './terminal.ts';
import { addTransitionCommands } from './transition-commands.ts';

/** A register and the command group that is being built for it. */
export interface RegisterGroup {
  context: Context;
  register: Register;
  meta: RegisterMeta;
  group: Command;
}

/** A sub-command of a register, with the options that all of them have. */
export function subCommand(g: RegisterGroup, name: string, description: string): Command {
  return g.group.command(name).description(description).option('--profile <name>', 'stored sign-in to use');
}

/** Number of a record as an argument: `RSK-0001`. */
export const refArgument = (g: RegisterGroup): [string, string] => [
  '<ref>',
  `number of the ${g.register.label.one}, such as ${g.register.prefix}-0001`,
];

/** Builds `aims <register> …` from the declaration: nothing here knows which register it has. */
export function addRegisterCommands(context: Context, program: Command, register: Register): Command {
  const meta = describeRegister(context.registry, register);
  const group = program
    .command(commandName(register))
    .summary(register.label.many)
    .description(`${register.label.many}. ${register.purpose}`)
    .helpGroup(`${register.step}:`)
    .addHelpText('after', () => clausesText(register));
  const g: RegisterGroup = { context, register, meta, group };
  addListCommand(g);
  addShow(g);
  if (!meta.engineWritten) addAdd(g);
  if (register.permissions.edit.some((w) => w !== 'engine')) addEdit(g);
  addTransitionCommands(g);
  addExchangeCommands(g);
  addHistoryCommands(g);
  return group;
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
  command.action(async (ref: string, o: { output: string }) => {
    const client = await g.context.client(command);
    const record = await client.json<RecordDetail>({ path: recordPath(g.register, ref) });
    showRecord(g, record, o.output);
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
    const record = await client.json<Answer>({ method: 'POST', path: register.name, json: body });
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
    `Change a ${register.label.one}. Who may: ${whoText(register.permissions.edit, register.whoLabels)}.`,
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
    const body = await bodyFrom(context.io, register, meta, o, (o.clear as string[] | undefined) ?? []);
    if (Object.keys(body).length === 0)
      command.error('error: nothing to change; give at least one value (see --help)');
    if (o.reason !== undefined) body.$reason = o.reason;
    const client = await context.client(command);
    const headers: Record<string, string> =
      o.ifVersion === undefined ? {} : { 'if-match': `"${String(o.ifVersion)}"` };
    const record = await client.json<Answer>({
      method: 'PATCH',
      path: recordPath(register, ref),
      json: body,
      headers,
    });
    showChange(g, record, String(o.output), 'changed');
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

/** `--output text|json` of a command that changes a record. */
export const outputOption = (g: RegisterGroup) =>
  g.group.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text');

/** Path of a record below the organisation. The reference is checked by the server and only made safe here. */
export const recordPath = (register: Register, ref: string): string =>
  `${register.name}/${encodeURIComponent(ref)}`;

/** A record as a change answers it; some registers answer a secret or a link besides, once. */
export interface Answer extends RecordView {
  secret?: unknown;
  invitation?: { link?: unknown };
  decision?: unknown;
  references?: References;
}

/** Tells what a change did. What is answered only once is printed here and can never be asked for again. */
export function showChange(g: RegisterGroup, r: Answer, output: string, did: string): void {
  const t = g.context.terminal;
  if (output === 'json') {
    t.json(r);
    return;
  }
  t.line(
    `${t.colour.bold(shown(r.ref))} ${shown(r.title)}: ${did}, version ${shown(r.version)}, ${shown(r.state)}.`,
  );
  const decision =
    typeof r.decision === 'string' ? r.decision : (r.decision as { ref?: unknown } | undefined)?.ref;
  if (decision !== undefined) t.line(`Decision: ${shown(decision)}`);
  if (typeof r.secret === 'string') t.line(`Secret, shown this once: ${shown(r.secret)}`);
  if (typeof r.invitation?.link === 'string')
    t.line(`Invitation link, shown this once: ${shown(r.invitation.link)}`);
}

function showRecord(g: RegisterGroup, r: RecordDetail, output: string): void {
  const t = g.context.terminal;
  if (output === 'json') t.json(r);
  else t.line(recordText(t, g.register, g.meta, r));
}
