import { earliestDayOf } from '../../base/day.ts';
import { Failure, problem } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';
import type { Role } from '../../register/who.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { reviewAttended } from '../../store/assure/review-inputs.ts';
import { type Along, type Changed, onSteps, type Rule } from '../write/rule.ts';
import { drawInputs } from './review.ts';

/** What a management review demands beyond its declaration (9.3): decision 0015. */
export const reviewRules: readonly Rule[] = [
  onSteps(registers.managementReview, 'inputs', ['prepare'], freezeInputs),
  onSteps(registers.managementReview, 'frozen', ['hold'], demandFrozenBefore, { offered: true }),
  onSteps(registers.managementReview, 'reasons', ['hold'], demandReasons),
  onSteps(registers.managementReview, 'held', ['hold'], demandHeld),
];

const no = failures('review', {
  heldBeforeInputs: [
    'INVALID',
    '{ref}: it was held on {heldOn}, before its inputs were frozen on {first}. Say the day on which it was held over them.',
  ],
});

const wrong = catalogue('review.wrong', { from: 'must be {first} or later' });

/** Its inputs are what is so when they are frozen; that is not asked again. */
async function freezeInputs({ app, ask, contents, before }: Changed<Review>): Promise<Along> {
  const { at, inputs } = await drawInputs(app, ask.actor.organisation, before.ref);
  return {
    contents: { ...contents, values: { ...contents.values, inputs, inputsAt: at } },
    ofItsMoment: true,
  };
}

type Review = Registers['managementReview'];

/** The input that a line of reasons names: it begins with it, then a colon or dash and some words. */
export function namedIn(reasons: string, input: string): boolean {
  const name = input.toLowerCase();
  return reasons.split(/\r?\n/).some((line) => {
    const text = line.trim().replace(/^[-*•]\s*/, '');
    return text.toLowerCase().startsWith(name) && /^\s*[:–—-]\s*\S.{2,}/.test(text.slice(name.length));
  });
}

/** An input without data is explained. */
function demandReasons(g: Changed<Review>): void {
  const { contents, before } = g;
  const inputs = contents.values.inputs ?? [];
  if (inputs.length === 0)
    throw new Failure('REQUIREMENTS_MISSING', `${before.ref} has no inputs yet: freeze them first.`, [
      { path: '/inputs', message: 'are not frozen yet' },
    ]);
  const reasons = String(contents.values.reasons ?? '');
  const unnamed = inputs.filter((i) => i.missing && !namedIn(reasons, i.input));
  if (unnamed.length > 0)
    throw new Failure(
      'REQUIREMENTS_MISSING',
      `${before.ref}: ${unnamed.length} ${unnamed.length === 1 ? 'input has' : 'inputs have'} no data, and the reasons do not say why. Write a line for each that begins with its name: ${unnamed.map((i) => `"${i.input}: …"`).join(', ')}.`,
      unnamed.map((i) => ({ path: '/values/reasons', message: `needs a line "${i.input}: …"` })),
    );
}

/** It is held over the inputs that were frozen for it, not before them. */
function demandFrozenBefore({ contents, before }: Changed<Review>): void {
  const { heldOn, inputsAt } = contents.values;
  const frozen = /\S+$/.exec(inputsAt ?? '')?.[0];
  if (!heldOn || !frozen || Number.isNaN(Date.parse(frozen))) return;
  const first = earliestDayOf(new Date(frozen));
  if (heldOn < first)
    throw no('heldBeforeInputs', { ref: before.ref, heldOn, first }, [
      problem('/values/heldOn', wrong('from', { first })),
    ]);
}

/** Top management was there. */
async function demandHeld(g: Changed<Review>): Promise<void> {
  const { app, ask, contents, before } = g;
  const { attendees = [] } = contents.values;
  const top: Role = 'topManagement';
  const [rows] = await app.db.run(ask.actor.organisation, [reviewAttended(attendees, top)]);
  if (rows!.length === 0)
    throw new Failure(
      'REQUIREMENTS_MISSING',
      `${before.ref}: nobody of top management was present, and it is their review (9.3.1). Name who was, or hold it again.`,
      [{ path: '/values/attendees', message: 'must name somebody of top management' }],
    );
}
