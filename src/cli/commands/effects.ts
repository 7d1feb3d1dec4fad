import type { Command } from 'commander';
import type { Because, Effects } from '../../answers/effects.ts';
import type { Register } from '../../register/register.ts';
import { aiSystem } from '../../registers/ai-system.ts';
import { change } from '../../registers/change.ts';
import { component } from '../../registers/component.ts';
import type { Context } from '../context.ts';
import { commandName } from '../names.ts';
import { shown } from '../terminal.ts';
import { computedAsOfOption, noteComputed } from './register-group.ts';

/** `effects` of whatever may change under others: what a change made stale, and what it would. */
export function addEffectsCommands(context: Context, program: Command): void {
  for (const register of [aiSystem, component, change]) {
    const group = program.commands.find((c) => c.name() === commandName(register));
    if (group) addEffects(context, group, register);
  }
}

function addEffects(context: Context, group: Command, register: Register): void {
  const command = group
    .command('effects')
    .description(`What this ${register.label.one} made stale and why; and what a change of it would.`)
    .option('--profile <name>', 'stored sign-in to use')
    .argument('<ref>', `number of the ${register.label.one}, such as ${register.prefix}-0001`)
    .option('--all', 'also what still holds and would become stale')
    .addOption(
      group.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text'),
    );
  computedAsOfOption(command);
  command.action(async (ref: string, o: { all?: boolean; output: string; asOf?: string }) => {
    const client = await context.client(command);
    const found = await client.ask('GET :register/:ref/effects', {
      register: register.name,
      ref,
      limit: 500,
      asOf: o.asOf,
    });
    noteComputed(context, found);
    if (o.output === 'json') return context.terminal.json(found);
    tell(context, found, o.all === true);
  });
}

function tell(context: Context, found: Effects, all: boolean): void {
  const t = context.terminal;
  const { stale, renewed, current } = found.counts;
  t.line(`${stale} stale, ${renewed} decided again since, ${current} would become stale by a change.`);
  for (const i of found.items) {
    if (i.status === 'current' && !all) continue;
    const of = i.release ? ` of ${shown(i.release)}` : '';
    t.line(`${t.colour.bold(shown(i.ref))} ${shown(i.title)}: ${shown(i.said)}${of}, ${shown(i.status)}`);
    for (const b of i.because) t.line(`  ${shown(b.ref)} ${shown(b.title)} ${reason(b)}`);
  }
  if (found.more) t.note('Not all of them are named; the counts are over all.');
  if (!found.complete) t.note('So much rests on this that not all of it was looked through.');
}

function reason(b: Because): string {
  if (b.from === null) return `is part of it since, in version ${b.to}`;
  if (b.to === null) return `is no longer part of it; it was relied on in version ${b.from}`;
  return `changed from version ${b.from} to ${b.to}: ${b.fields.map((f) => shown(f.label)).join(', ')}`;
}
