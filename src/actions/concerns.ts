import * as z from 'zod';
import {
  concernCode,
  concernDoor,
  concernRaised,
  doorSet,
  followed,
  messageLeft,
} from '../answers/concerns.ts';
import { recordView } from '../answers/record.ts';
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
import { maybe } from './parts.ts';

const { concern } = registers;
const tag = 'Concerns';
const access = 'public';
/** Longest body that these doors read: text in any script, and little else. */
const most = 100_000;

const words = (max: number) =>
  z
    .string({ error: 'expected text' })
    .max(max, { error: `must have at most ${max} characters` })
    .refine((s) => s.trim() !== '', { error: 'must not be blank' })
    .refine((s) => !s.includes('\u0000') && s.isWellFormed(), {
      error: 'must not hold NUL or broken characters',
    });
const code = z.string({ error: 'expected text' }).max(100);

export const readDoor = defineAction({
  id: 'concerns.read',
  method: 'GET',
  path: 'concerns/door',
  tag,
  access,
  summary: 'Whether concerns are taken here without a name',
  answer: concernDoor,
});

export const raise = defineAction({
  id: 'concerns.raise',
  method: 'POST',
  path: 'concerns',
  tag,
  access,
  summary: 'Raise a concern without a name; answers a code to follow it by, once',
  most,
  body: z.strictObject({
    title: words(200).refine((s) => !/[\r\n]/.test(s), { error: 'must be one line' }),
    content: words(20_000),
  }),
  answer: concernRaised,
});

export const follow = defineAction({
  id: 'concerns.follow',
  method: 'POST',
  path: 'concerns/follow',
  tag,
  access,
  summary: 'State, answer and messages of the concern that a code belongs to',
  most,
  body: z.strictObject({ code }),
  answer: followed,
});

export const leaveMessage = defineAction({
  id: 'concerns.message',
  method: 'POST',
  path: 'concerns/message',
  tag,
  access,
  summary: 'A further message from the holder of the code',
  most,
  body: z.strictObject({ code, text: words(2_000) }),
  answer: messageLeft,
});

export const setDoor = defineAction({
  id: 'concerns.door',
  method: 'POST',
  path: 'concerns/door',
  tag,
  summary: 'Open or close the door for concerns without a name',
  writes: true,
  body: z.strictObject({
    open: z.boolean({ error: 'expected true or false' }),
    reason: maybe(z.string().max(5000)),
  }),
  answer: doorSet,
  command: {
    name: 'concerns',
    heading: 'Govern:',
    says: 'Open or close the door for concerns without a name.',
    takes: {
      open: { argument: true, as: 'open|close', means: { open: true, close: false }, says: 'what to do' },
      reason: { as: '--reason <text>', says: 'why, kept with the act' },
    },
    shows: (_, say) =>
      say.line(`Concerns without a name are ${say.given('open') === 'open' ? 'taken' : 'not taken'}.`),
  },
});

export const codeForOwn = defineAction({
  id: `${concern.name}.code`,
  method: 'POST',
  path: `${concern.name}/:ref/code`,
  tag,
  summary: 'A code to follow a concern by that you raised yourself; answered once',
  answer: concernCode,
});

export const reply = defineAction({
  id: `${concern.name}.reply`,
  method: 'POST',
  path: `${concern.name}/:ref/reply`,
  tag,
  summary: 'Write to the person who raised a concern',
  writes: true,
  body: z.strictObject({ text: words(2_000) }),
  answer: recordView,
});
