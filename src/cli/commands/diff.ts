import { type Command, InvalidArgumentError } from 'commander';
import type { Difference, Differences } from '../../answers/log.ts';
import { type Context, withConnection } from '../context.ts';
import { commandName } from '../names.ts';
import { allPages } from '../pages.ts';
import { shown } from '../terminal.ts';
import { noteAsOf } from './register-group.ts';

/** Longest value shown in a line; JSON has all of it. */
const MOST = 100;

/** `diff`: what was created and changed between two points of the log. */
export function addDiffCommand(context: Context, program: Command): void {
  const command = withConnection(program.command('diff'))
    .helpGroup('Ledger:')
    .description(
      'What was created and changed between two points, with both values, by whom and when; checked against the log.',
    )
    .requiredOption(
      '--from <point>',
      'a time (2027-03-31T12:00:00Z), a day (its end, UTC), or a size of the log',
    )
    .option('--to <point>', 'the same; the present unless given')
    .option('--register <name>', 'only this register', registerIn(context))
    .addOption(
      program.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text'),
    );
  command.action(async (o: { from: string; to?: string; register?: string; output: string }) => {
    const found = await allDifferences(context, command, o);
    const t = context.terminal;
    if (o.output === 'json') return t.json(found);
    noteAsOf(context, found.from);
    noteAsOf(context, found.to);
    if (found.items.length === 0) return t.note('Nothing was created or changed between them.');
    for (const c of found.counts) t.line(`${shown(c.label)}: ${c.created} created, ${c.changed} changed`);
    for (const d of found.items) t.line(`\n${differenceText(context, d)}`);
  });
}

/** Takes a register by its name or by the name of its command. */
const registerIn = (context: Context) => (text: string) => {
  const register = context.registry.all.find((r) => r.name === text || commandName(r) === text);
  if (!register)
    throw new InvalidArgumentError(`Expected one of ${context.registry.all.map(commandName).join(', ')}.`);
  return register.name;
};

async function allDifferences(
  context: Context,
  command: Command,
  o: { from: string; to?: string; register?: string },
): Promise<Differences> {
  const client = await context.client(command);
  const { from, to, register } = o;
  return allPages((after) =>
    // The cursor carries points and register.
    client.ask('GET differences', {
      ...(after === undefined ? { from, to, register } : { after }),
      limit: 200,
    }),
  );
}

function differenceText(context: Context, d: Difference): string {
  const { colour } = context.terminal;
  const value = (v: unknown): string => {
    if (v === null || v === undefined) return '(nothing)';
    const text = shown(typeof v === 'string' ? v : JSON.stringify(v));
    return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
  };
  const state =
    d.state.from === d.state.to ? shown(d.state.to) : `${value(d.state.from)} -> ${shown(d.state.to)}`;
  const lines = [
    `${colour.bold(`${shown(d.ref)} ${shown(d.title)}`)}: ${d.created ? 'created' : 'changed'}, ${state}`,
    ...d.changed.map((c) => `  ${shown(c.label)}: ${d.created ? '' : `${value(c.from)} -> `}${value(c.to)}`),
    ...d.versions.map(
      (v) =>
        `  ${colour.dim(`version ${v.version}, ${shown(v.transition ?? v.act)} by ${shown(v.actor.name)}, ${shown(v.at)}`)}`,
    ),
  ];
  if (d.versionsTotal > d.versions.length)
    lines.push(`  … ${d.versionsTotal - d.versions.length} older versions between`);
  const erased = [...new Set([...d.erased.from, ...d.erased.to])];
  if (erased.length > 0) lines.push(`  erased since: ${erased.map(shown).join(', ')}`);
  return lines.join('\n');
}
