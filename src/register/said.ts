import { type Failure, problem } from '../base/failure.ts';
import { failures } from '../base/refusals.ts';
import { catalogue, type Listing, type Sentence, worded } from '../base/sentence.ts';
import { inSentence, oneOf, stepOn, transitionLabel } from './describe.ts';
import type { Register, Transition } from './register.ts';
import { type Who, whoText } from './who.ts';

// Words of the declarations as parts of sentences, each under the key of the place where its English stands.

/** Who may: roles, and parts in a record. */
export const whoSaid = (who: readonly Who[], names?: Readonly<Record<string, string>>): Listing => ({
  join: 'orElse',
  items: who.map((w) => worded(`who.${w}`, whoText([w], names))),
});

/** A step on a record: `accept RSK-0001`. */
export const deedSaid = (name: string, t: Transition, ref: string): Sentence => ({
  message: 'step.on',
  params: { step: name, ref },
  text: stepOn(transitionLabel(name, t.label), ref),
});

/** `risk`, inside a sentence. */
export const oneSaid = (register: Register): Sentence =>
  worded(`register.${register.name}.one`, inSentence(register.label.one));

/** `risks`, inside a sentence. */
export const manySaid = (register: Register): Sentence =>
  worded(`register.${register.name}.many`, inSentence(register.label.many));

const no = failures('record', { notThere: ['NOT_FOUND', 'There is no {register} {ref}.'] });
const wrong = catalogue('record.wrong', { number: 'expected the number of {one}, such as {example}' });

/**
 * What is thrown where a record is asked for that is not there; `at` is the place of the input that named it. Of what was asked as its number, no
 * more than a number's length is repeated.
 */
export const notThere = (register: Register, ref: string, at?: string): Failure =>
  no(
    'notThere',
    { register: oneSaid(register), ref: ref.slice(0, 40) },
    at === undefined
      ? []
      : [
          problem(
            at,
            wrong('number', {
              one: worded(`register.${register.name}.a`, oneOf(register.label.one)),
              example: `${register.prefix}-0001`,
            }),
          ),
        ],
  );
