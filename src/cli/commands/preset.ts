import { type Command, InvalidArgumentError } from 'commander';
import { criteriaPresets } from '../../registers/criteria-presets.ts';
import { type Context, withConnection } from '../context.ts';
import { shown } from '../terminal.ts';

const NAMES = criteriaPresets.map((p) => p.name);

/** `aims preset list`, `aims preset take small`, `aims ai-system requirements SYS-0001`. */
export function addPresetCommands(context: Context, program: Command): void {
  const group = program
    .command('preset')
    .helpGroup('Proportion:')
    .description('Starting criteria: how much is asked of an organisation of this size.');
  addTake(context, group);
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
