import type { Command } from 'commander';
import type { ReviewInputsAnswer } from '../../answers/assure.ts';
import type { StepOf } from '../../register/rec.ts';
import { managementReview } from '../../registers/management-review.ts';
import type { Client } from '../client.ts';
import { type Context, withConnection } from '../context.ts';
import { shown } from '../terminal.ts';

/** `aims review`: inputs of a management review, frozen, and drawn again by anybody who doubts them. */
export function addReviewCommand(context: Context, program: Command): void {
  const group = program
    .command('review')
    .helpGroup('Management review:')
    .description('Inputs of a management review (9.3.2), from the records.');
  const output = () =>
    program.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text');
  const prepare = withConnection(group.command('prepare'))
    .description('Count the inputs and freeze them into the review.')
    .argument('<review>', 'number of the review, such as MRV-0001')
    .addOption(output());
  prepare.action(async (review: string, o: { output: string }) => {
    const client = await context.client(prepare);
    await client.ask('POST :register/:ref/:step', {
      register: managementReview.name,
      ref: review,
      step: 'prepare' satisfies StepOf<typeof managementReview>,
    });
    tell(context, await read(client, review), o.output);
  });
  const inputs = withConnection(group.command('inputs'))
    .description(
      'Show the inputs, and draw them again at the same checkpoint. Exit code 1 when the records say something else.',
    )
    .argument('<review>', 'number of the review, such as MRV-0001')
    .addOption(output());
  inputs.action(async (review: string, o: { output: string }) => {
    const found = await read(await context.client(inputs), review);
    if (found.same === false) context.negative();
    tell(context, found, o.output);
  });
}

const read = (client: Client, ref: string) => client.ask('GET managementReview/:ref/inputs', { ref });

function tell(context: Context, found: ReviewInputsAnswer, output: string): void {
  const t = context.terminal;
  if (output === 'json') {
    t.json(found);
    return;
  }
  const drawn = found.frozen ?? found.redrawn;
  t.line(
    `${shown(found.ref)}: ${found.frozen ? 'frozen' : 'not frozen yet; as of now,'} at ${shown(drawn.at)}`,
  );
  for (const i of drawn.inputs) t.line(`${i.missing ? '!' : ' '} ${shown(i.input)}: ${shown(i.found)}`);
  if (found.same !== null)
    t.note(
      found.same
        ? 'Drawn again at that point, the records say the same.'
        : 'Drawn again at that point, the records say something else.',
    );
}
