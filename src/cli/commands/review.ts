import type { Command } from 'commander';
import type { StepOf } from '../../register/rec.ts';
import { managementReview } from '../../registers/management-review.ts';
import { type Context, withConnection } from '../context.ts';
import { sayingOf } from '../derive.ts';

/** `aims review prepare`: the step, and then what `aims review inputs` tells. */
export function addReviewCommand(context: Context, program: Command): void {
  const group = program
    .command('review')
    .helpGroup('Management review:')
    .description('Inputs of a management review (9.3.2), from the records.');
  const prepare = withConnection(group.command('prepare'))
    .description('Count the inputs and freeze them into the review.')
    .argument('<review>', 'number of the review, such as MRV-0001')
    .addOption(
      program.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text'),
    );
  prepare.action(async (ref: string, o: { output: string }) => {
    const client = await context.client(prepare);
    const step = 'prepare' satisfies StepOf<typeof managementReview>;
    await client.ask('POST :register/:ref/:step', { register: managementReview.name, ref, step });
    const found = await client.ask('GET managementReview/:ref/inputs', { ref });
    if (o.output === 'json') return context.terminal.json(found);
    const { tellInputs } = await import('../../actions/assure.ts');
    tellInputs(found, sayingOf(context, client.connection));
  });
}
