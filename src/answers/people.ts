import { recordView } from './record.ts';
import { type Answer, list, number, object, text } from './shape.ts';

export const owned = object({
  person: text,
  total: number,
  registers: list(object({ register: text, label: text, count: number })),
  items: list(object({ ref: text, register: text, title: text, state: text, as: list(text) })),
  next: text.nullable(),
  keys: list(object({ ref: text, title: text, expires: text })).describe(
    'API keys they made that still work: the person who leaves may know the secret',
  ),
});
export type Owned = Answer<typeof owned>;

export const handOver = object({
  from: text,
  to: text.nullable(),
  total: number,
  registers: list(object({ register: text, count: number })),
});
export type HandedOver = Answer<typeof handOver>;

export const departed = recordView.extend({
  handedOver: handOver,
  keys: object({ kept: list(text), revoked: list(text) }),
});
export type Departed = Answer<typeof departed>;

export const invitedPerson = recordView.extend({
  invitation: object({ link: text.describe('Answered once') }),
});
export const createdKey = recordView.extend({ secret: text.describe('Answered once') });
