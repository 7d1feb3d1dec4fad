import { type Command, InvalidArgumentError } from 'commander';
import type { Action } from '../actions/action.ts';
import type { Command as Declared, Piece, Say } from '../actions/command.ts';
import listedCommands from '../actions/commands.json' with { type: 'json' };
import type { Given, Listed } from '../actions/commands.ts';
import { GROUPS } from '../actions/groups.ts';
import { modules } from '../actions/modules.ts';
import { asOfComputed } from '../actions/params.ts';
import { inSentence, oneOf } from '../register/describe.ts';
import type { Register } from '../register/register.ts';
import { isComputed, noteComputed } from './commands/register-group.ts';
import { type Context, withConnection } from './context.ts';
import { commandName, kebab } from './names.ts';
import { allPages, isPage } from './pages.ts';
import { passwordFrom } from './secrets.ts';
import { textTable } from './show.ts';
import { shown, shownLines, type Terminal } from './terminal.ts';

/** A command that an action declares; without `made`, only its place in the help. */
export interface Derived extends Listed {
  readonly made?: { action: Action; command: Declared; given: readonly Given[] };
}

/** Every command that actions declare. Only those whose words stand in the line are loaded: schemas cost more than all the rest of a start. */
export async function derivedCommands(line?: readonly string[]): Promise<Derived[]> {
  const all: readonly Listed[] = listedCommands;
  return Promise.all(all.map((l) => (line === undefined || isIn(l, line) ? loaded(l) : l)));
}

const isIn = ({ name }: Listed, line: readonly string[]): boolean => {
  let at = 0;
  return name.split(' ').every((word) => {
    if (word === ':register') return true;
    at = line.indexOf(word, at) + 1;
    return at > 0;
  });
};

async function loaded(l: Listed): Promise<Derived> {
  const [file, { isAction, madeOf }] = await Promise.all([
    Object.entries(modules).find(([name]) => name === l.from)?.[1](),
    import('../actions/commands.ts'),
  ]);
  const action: unknown = Object.entries(file ?? {}).find(([name]) => name === l.action)?.[1];
  return isAction(action) ? { ...l, made: madeOf(action, l.name) } : l;
}

/** Adds commands that actions declare: those of registers to each register that has the action, of which the line names one. */
export function addDerived(
  context: Context,
  program: Command,
  commands: readonly Derived[],
  isNamed: (register: Register) => boolean,
): void {
  for (const derived of commands) {
    const { of } = derived;
    const registers = context.registry.all.filter((r) => (of ? of.split(' ').includes(r.name) : isNamed(r)));
    for (const register of derived.name.includes(':register') ? registers : [undefined])
      addCommand(context, program, derived, register);
  }
}

function addCommand(context: Context, program: Command, derived: Derived, register?: Register): void {
  const words = derived.name.replace(':register', register ? commandName(register) : '').split(' ');
  const group = words.slice(0, -1).reduce((at, _, i) => groupOf(at, words.slice(0, i + 1)), program);
  const say = (text: string) => (register ? said(text, register) : text);
  const command = group.command(words.at(-1)!).description(say(derived.says));
  if (derived.summary) command.summary(say(derived.summary));
  if (derived.heading) command.helpGroup(derived.heading);
  // A register may have fields of the other names: what all registers have takes the profile alone.
  if (register && !derived.of) command.option('--profile <name>', 'stored sign-in to use');
  else withConnection(command);
  const { made } = derived;
  if (!made) {
    if (derived.usage) command.arguments(derived.usage);
    return;
  }
  for (const given of made.given) addGiven(command, { ...given, says: say(given.says) });
  const { form } = made.command;
  if (form === 'json') command.option('--json', 'the answer as JSON');
  else if (form)
    command.addOption(
      command.createOption('--output <form>', 'form of the answer').choices([form, 'json']).default(form),
    );
  command.action((...args: unknown[]) => carryOut(context, command, made, register, args));
}

/** The group of these words; one that no register has is told by `GROUPS`. */
function groupOf(within: Command, words: readonly string[]): Command {
  const name = words.at(-1)!;
  const there = within.commands.find((c) => c.name() === name);
  if (there) return there;
  const { heading, summary, says = '' } = GROUPS[words.join(' ')] ?? {};
  const group = within.command(name).description(says);
  if (heading) group.helpGroup(heading);
  return summary ? group.summary(summary) : group;
}

const said = (text: string, { label, prefix }: Register): string =>
  text
    .replaceAll('{one}', label.one)
    .replaceAll('{many}', inSentence(label.many))
    .replaceAll('{aOne}', oneOf(label.one))
    .replaceAll('{prefix}', prefix);

function addGiven(command: Command, g: Given): void {
  const isMapped = typeof g.means === 'object' && g.means !== null;
  if (g.argument) {
    const argument = command.createArgument(`<${g.as ?? g.name}${g.words ? '...' : ''}>`, g.says);
    if (isMapped) argument.choices(Object.keys(g.means));
    command.addArgument(argument);
    return;
  }
  if (g.kind === 'password') {
    command
      .option('--password-stdin', 'read your password from standard input')
      .option('--password <password>', 'your password (others on this machine may see it; better be asked)');
    return;
  }
  const flags = g.as ?? (g.kind === 'flag' ? `--${kebab(g.name)}` : `--${kebab(g.name)} <${kebab(g.name)}>`);
  const option = command.createOption(flags, g.says);
  if (g.choices) option.choices([...g.choices]);
  if (g.kind === 'number') option.argParser(number);
  if (g.kind === 'list') option.argParser((text: string, before?: string[]) => [...(before ?? []), text]);
  if (g.unlessTold !== undefined) option.default(g.kind === 'number' ? number(g.unlessTold) : g.unlessTold);
  if (g.needed && g.unlessTold === undefined) option.makeOptionMandatory();
  command.addOption(option);
}

function number(text: string): number {
  const n = Number(text);
  if (text.trim() === '' || !Number.isFinite(n)) throw new InvalidArgumentError('Expected a number.');
  return n;
}

type Options = Record<string, unknown>;

async function carryOut(
  context: Context,
  command: Command,
  { action, command: declared, given }: NonNullable<Derived['made']>,
  register: Register | undefined,
  args: readonly unknown[],
): Promise<void> {
  const values = valuesOf(command, given, args);
  const client = await context.client(command);
  const asked: Options = register ? { register: register.name } : {};
  const sent: Options = {};
  for (const [name, value] of Object.entries(declared.sends ?? {}))
    (Object.hasOwn(action.query, name) ? asked : sent)[name] = value;
  for (const g of given) {
    if (g.goes === 'nowhere') continue;
    const value =
      g.kind === 'password'
        ? await passwordFrom(context.io, command.opts(), g.says)
        : sentFor(g, values.get(g.name));
    (g.goes === 'body' ? sent : asked)[g.name] = value;
  }
  const ask = (more: Options) => client.carryOut(action, { ...asked, ...more }, sent);
  const most = Object.hasOwn(action.query, 'limit') ? { limit: 200 } : {};
  const found = declared.pages
    ? await allPages(async (after) => demandPage(await ask({ ...most, after })))
    : await ask({});
  if (action.query.asOf === asOfComputed && isComputed(found)) noteComputed(context, found);
  if (declared.refuses?.(found)) context.negative();
  const o: Options = command.opts();
  if (o.json === true || o.output === 'json') context.terminal.json(declared.json?.(found) ?? found);
  else declared.shows(found, sayingOf(context, client.connection, values));
}

function valuesOf(command: Command, given: readonly Given[], args: readonly unknown[]): Map<string, unknown> {
  const o: Options = command.opts();
  const inLine = given.filter((g) => g.argument);
  return new Map(
    given.map((g) => {
      const at = inLine.indexOf(g);
      const option = command.options.find((x) => x.long === /--[\w-]+/.exec(g.as ?? '')?.[0]);
      return [g.name, at >= 0 ? args[at] : o[option?.attributeName() ?? g.name]];
    }),
  );
}

function sentFor(g: Given, value: unknown): unknown {
  if (g.means !== undefined && typeof g.means === 'object' && g.means !== null)
    return Object.entries(g.means).find(([word]) => word === value)?.[1];
  if (value === true && g.means !== undefined) return g.means;
  return Array.isArray(value) && g.words ? value.join(' ') : value;
}

function demandPage(answer: unknown) {
  if (isPage(answer)) return answer;
  throw new Error('the answer of an action that has pages is none');
}

export function sayingOf(
  context: Context,
  { url, org }: { url: string; org: string },
  values: ReadonlyMap<string, unknown> = new Map(),
): Say {
  const { terminal: t } = context;
  return {
    line: (...pieces) => t.line(pieces.map((p) => piece(t, p)).join('')),
    text: (text) => t.line(shownLines(text)),
    note: (text) => t.note(shown(text)),
    table: (head, rows) =>
      t.line(
        textTable(
          t,
          head,
          rows.map((row) => row.map(shown)),
        ),
      ),
    negative: () => context.negative(),
    here: { url, org },
    given: (name) => values.get(name),
  };
}

const COLOURS = { strong: 'bold', dim: 'dim', good: 'green', bad: 'red' } as const;
const piece = (t: Terminal, p: Piece): string =>
  typeof p === 'string' ? shown(p) : t.colour[COLOURS[p.as]](shown(p.text));
