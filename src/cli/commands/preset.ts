import { type Command, InvalidArgumentError } from 'commander';
import { aiSystem } from '../../registers/ai-system.ts';
import { criteriaPresets } from '../../registers/criteria-presets.ts';
import { type Context, withConnection } from '../context.ts';
import { commandName } from '../names.ts';
import { shown } from '../terminal.ts';
import { computedAsOfOption, noteComputed } from './register-group.ts';

const NAMES = criteriaPresets.map((p) => p.name);

/** `aims preset list`, `aims preset take small`, `aims ai-system requirements SYS-0001`. */
export function addPresetCommands(context: Context, program: Command): void {
  const group = program
    .command('preset')
    .helpGroup('Proportion:')
    .description('Criteria to begin with: how much is asked of an organisation of this size.');
  addList(context, group);
  addTake(context, group);
  const name = commandName(aiSystem);
  addRequirements(context, program.commands.find((c) => c.name() === name) ?? program.command(name));
}

function addList(context: Context, group: Command): void {
  const list = withConnection(
    group.command('list').description('The presets, and which of them fits.'),
  ).option('--json', 'the answer as JSON');
  list.action(async (o: { json?: true }) => {
    const found = await (await context.client(list)).ask('GET presets', {});
    const t = context.terminal;
    if (o.json) return t.json(found);
    t.note(`${found.people} people; criteria in force: ${shown(found.inForce ?? 'none')}.`);
    for (const p of found.items) {
      t.line(`${shown(p.name)}${p.proposed ? ' (fits)' : ''}: ${shown(p.summary)}`);
      for (const l of p.looser) t.line(`  asks less: ${shown(l.text)}`);
    }
  });
}

function addTake(context: Context, group: Command): void {
  const take = withConnection(
    group.command('take').description('Make criteria from a preset and ask for their approval.'),
  )
    .argument('<name>', NAMES.join(', '), (text) => {
      if (!NAMES.some((n) => n === text))
        throw new InvalidArgumentError(`Expected one of ${NAMES.join(', ')}.`);
      return text;
    })
    .option('--title <text>', 'title; one is given unless told')
    .option('--owner <person>', 'owner, such as PSN-0001; you unless told')
    .option('--appetite <level>', 'risk appetite, 1 to 25; of the preset unless told', (text) => {
      const n = Number(text);
      if (!Number.isFinite(n)) throw new InvalidArgumentError('Expected a number from 1 to 25.');
      return n;
    })
    .option('--json', 'the answer as JSON');
  take.action(
    async (
      name: string,
      { json, ...answers }: { json?: true; title?: string; owner?: string; appetite?: number },
    ) => {
      const { title, owner, appetite } = answers;
      const client = await context.client(take);
      const done = await client.ask(
        'POST presets/:preset/take',
        { preset: name },
        { title, owner, appetite },
      );
      const t = context.terminal;
      if (json) return t.json(done);
      t.line(`${shown(done.ref)}: ${shown(done.state)}`);
      t.note(
        done.aloneFrom
          ? `You may decide it alone from ${shown(done.aloneFrom)}.`
          : done.asked.length > 0
            ? `It waits for ${done.asked.map((p) => shown(p.name)).join(' or ')}.`
            : 'Nobody else holds a role of management yet.',
      );
    },
  );
}

function addRequirements(context: Context, group: Command): void {
  const command = withConnection(
    group.command('requirements').description('What the risk class asks of a system, and what it does not.'),
  )
    .argument('<ref>', 'number of the AI system, such as SYS-0001')
    .option('--json', 'the answer as JSON');
  computedAsOfOption(command);
  command.action(async (ref: string, o: { json?: true; asOf?: string }) => {
    const client = await context.client(command);
    const found = await client.ask('GET aiSystem/:ref/requirements', { ref, asOf: o.asOf });
    noteComputed(context, found);
    const t = context.terminal;
    if (o.json) return t.json(found);
    t.note(
      `Class ${shown(found.riskClass ?? 'none, treated as high')}; criteria ${shown(found.criteria ?? 'none in force')}.`,
    );
    for (const i of found.items)
      t.line(
        `${i.status === 'notAsked' ? 'not asked' : i.status}: ${shown(i.title)}. ${shown(i.text)}${i.next ? ` Next: ${shown(i.next.text)}${i.next.who ? ` (${shown(i.next.who)})` : ''}.` : ''}`,
      );
    for (const e of found.eachRelease) t.line(`each release: ${shown(e.title)}. ${shown(e.asks)}`);
  });
}
