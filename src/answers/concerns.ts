import * as z from 'zod';
import { type Answer, flag, list, object, text } from './shape.ts';

export const concernCode = object({ code: text });

export const concernDoor = object({ open: flag, organisation: text.optional() });

/** What whoever holds the code is told. */
export const followed = object({
  state: text.describe('`waiting` until it is entered; then the state of the concern'),
  title: text,
  answer: text.optional(),
  messages: list(
    object({
      from: z.enum(['raiser', 'handler']),
      text,
      waiting: z.literal(true).optional(),
    }),
  ).describe('`waiting`: not yet entered, and so not yet seen by anybody'),
  enteredAfter: text.optional().describe('When what waits is entered'),
});
export type Followed = Answer<typeof followed>;

export const messageLeft = object({ enteredAfter: text });

export const concernRaised = object({ code: text, enteredAfter: text });

export const doorSet = object({ open: flag, logChange: text });
