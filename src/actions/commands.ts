import * as z from 'zod';
import type { Action } from './action.ts';
import type { Command, Take } from './command.ts';

/** A parameter of a command: how it is given, and where what was given goes. */
export interface Given extends Take {
  readonly name: string;
  readonly goes: 'path' | 'query' | 'body' | 'nowhere';
  readonly kind: 'text' | 'flag' | 'number' | 'list' | 'password';
  readonly choices?: readonly string[];
  readonly needed: boolean;
}

export const commandsOf = ({ command }: Action): readonly Command[] =>
  command === undefined ? [] : isMany(command) ? command : [command];
const isMany = (c: Command | readonly Command[]): c is readonly Command[] => Array.isArray(c);

/** A command of an action by its name, with how each of its parameters is given. */
export function madeOf(action: Action, name: string) {
  const command = commandsOf(action).find((c) => c.name === name)!;
  return { action, command, given: givenOf(action, command) };
}

/** What stands in the line without an option's name, as the help writes it. */
export const usage = (action: Action, command: Command): string =>
  givenOf(action, command)
    .filter((g) => g.argument)
    .map((g) => `<${g.as ?? g.name}${g.words ? '...' : ''}>`)
    .join(' ');

/** The parameters of a command, from what path, query and body of its action are. Throws where it names one that the action does not have. */
export function givenOf(action: Action, command: Command): Given[] {
  const inPath = [...action.path.matchAll(/:([A-Za-z]+)/g)].map((m) => m[1]);
  const body = action.body instanceof z.ZodObject ? action.body : undefined;
  return Object.entries(command.takes ?? {}).map(([name, told]): Given => {
    const take = typeof told === 'string' ? { says: told } : told;
    if (take.own) return { ...take, name, goes: 'nowhere', kind: 'flag', needed: false };
    if (inPath.includes(name))
      return { ...take, name, argument: true, goes: 'path', kind: 'text', needed: true };
    if (Object.hasOwn(action.query, name)) {
      const kind = take.means === undefined || take.argument ? 'text' : 'flag';
      return { ...take, name, goes: 'query', kind, needed: take.argument ?? false };
    }
    const schema = body?.shape[name];
    if (!(schema instanceof z.ZodType)) throw new Error(`${command.name}: ${action.id} takes no ${name}`);
    return {
      ...take,
      name,
      goes: 'body',
      needed: !schema.safeParse(undefined).success,
      ...kindOf(name, schema),
    };
  });
}

function kindOf(name: string, schema: z.ZodType): Pick<Given, 'kind' | 'choices'> {
  if (name === 'password') return { kind: 'password' };
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  // What may be left out may be null, too.
  const said = json.anyOf?.find((s) => s.type !== 'null') ?? json;
  const is = (...types: string[]) => types.some((t) => [said.type].flat().some((s) => s === t));
  if (is('boolean')) return { kind: 'flag' };
  if (is('number', 'integer')) return { kind: 'number' };
  if (is('array')) return { kind: 'list' };
  return said.enum ? { kind: 'text', choices: said.enum.map(String) } : { kind: 'text' };
}

/** A command as the list of all commands tells it, without its action being loaded. */
export interface Listed {
  readonly name: string;
  readonly says: string;
  readonly heading?: string;
  readonly summary?: string;
  /** What stands in the line without an option's name. */
  readonly usage: string;
  /** Names of the registers that have it, where `:register` stands in its name; with blanks between; all where none is named. */
  readonly of?: string;
  /** File and name of its action. */
  readonly from: string;
  readonly action: string;
}

/** The commands of a file of actions. */
export const listed = (from: string, file: object): Listed[] =>
  Object.entries(file).flatMap(([action, declared]) =>
    isAction(declared)
      ? commandsOf(declared).map((command) => ({
          name: command.name,
          says: command.says,
          ...(command.heading ? { heading: command.heading } : {}),
          ...(command.summary ? { summary: command.summary } : {}),
          usage: usage(declared, command),
          ...(declared.of ? { of: declared.of.map((r) => r.name).join(' ') } : {}),
          from,
          action,
        }))
      : [],
  );

export const isAction = (value: unknown): value is Action =>
  typeof value === 'object' && value !== null && 'id' in value && 'method' in value && 'answer' in value;
