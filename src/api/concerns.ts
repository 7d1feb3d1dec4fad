import * as z from 'zod';
import {
  codeForOwn,
  concernDoor,
  followConcern,
  messageByCode,
  raiseAnonymously,
  replyToConcern,
  setConcernDoor,
} from '../app/concerns.ts';
import { findOrganisation } from '../app/organisations.ts';
import { Rate } from '../app/rate.ts';
import { Failure } from '../base/failure.ts';
import { registers } from '../registers/index.ts';
import { checked } from './body.ts';
import type { Call, Operation } from './operation.ts';

const BASE = '/api/v1/:org';

const words = (most: number) =>
  z
    .string({ error: 'expected text' })
    .max(most, { error: `must have at most ${most} characters` })
    .refine((s) => s.trim() !== '', { error: 'must not be blank' })
    .refine((s) => !s.includes('\u0000') && s.isWellFormed(), {
      error: 'must not hold NUL or broken characters',
    });

const raiseBody = z.strictObject({
  title: words(200).refine((s) => !/[\r\n]/.test(s), { error: 'must be one line' }),
  content: words(20_000),
});
const codeBody = z.strictObject({ code: z.string({ error: 'expected text' }).max(100) });
const messageBody = z.strictObject({
  code: z.string({ error: 'expected text' }).max(100),
  text: words(2_000),
});
const doorBody = z.strictObject({
  open: z.boolean({ error: 'expected true or false' }),
  reason: z.string().max(5000).nullish(),
});
const replyBody = z.strictObject({ text: words(2_000) });

/** Longest body that these doors read, in bytes: text in any script, and little else. */
const MOST_BYTES = 100_000;

const HOUR = 3_600_000;

/**
 * Concerns with and without a name. The public ones count requests by organisation, never by sender: of whoever writes, no address, no browser and
 * no time is kept, in memory neither.
 */
export function concernOperations(): Operation[] {
  const tag = 'Concerns';
  const rates = new Map<string, Rate>();
  const demandRate = (c: Call, what: string, most: number) => {
    const rate = rates.get(what) ?? new Rate(c.app.clock, most, HOUR);
    rates.set(what, rate);
    rate.demand(c.params.org!.slice(0, 64));
  };
  const small = (c: Call) => {
    if (Number(c.request.headers['content-length'] ?? 0) > MOST_BYTES)
      throw new Failure('TOO_LARGE', 'The body is larger than this address takes; nothing was stored.');
  };
  const organisationOf = (c: Call) => findOrganisation(c.app, c.params.org!);
  const open = { tag, access: 'public' as const, mutates: false };
  return [
    {
      ...open,
      id: 'concerns.read',
      method: 'GET',
      path: `${BASE}/concerns/door`,
      summary: 'Whether concerns are taken here without a name',
      handler: async (c) => concernDoor(c.app, await organisationOf(c)),
    },
    {
      ...open,
      id: 'concerns.raise',
      method: 'POST',
      path: `${BASE}/concerns`,
      summary: 'Raise a concern without a name; answers a code to follow it by, once',
      input: raiseBody,
      handler: async (c) => {
        small(c);
        const body = checked(raiseBody, c.body);
        demandRate(c, 'raise', 60);
        return raiseAnonymously(c.app, await organisationOf(c), body);
      },
    },
    {
      ...open,
      id: 'concerns.follow',
      method: 'POST',
      path: `${BASE}/concerns/follow`,
      summary: 'State, answer and messages of the concern that a code belongs to',
      input: codeBody,
      handler: async (c) => {
        small(c);
        const { code } = checked(codeBody, c.body);
        demandRate(c, 'follow', 1_000);
        return followConcern(c.app, await organisationOf(c), code);
      },
    },
    {
      ...open,
      id: 'concerns.message',
      method: 'POST',
      path: `${BASE}/concerns/message`,
      summary: 'A further message from whoever holds the code',
      input: messageBody,
      handler: async (c) => {
        small(c);
        const { code, text } = checked(messageBody, c.body);
        demandRate(c, 'message', 200);
        return messageByCode(c.app, await organisationOf(c), code, text);
      },
    },
    {
      id: 'concerns.door',
      method: 'POST',
      path: `${BASE}/concerns/door`,
      tag,
      summary: 'Open or close the door for concerns without a name',
      access: 'member',
      mutates: true,
      input: doorBody,
      handler: async (c) => {
        const { open: asked, reason } = checked(doorBody, c.body);
        const done = await setConcernDoor(c.app, c.ask, (await organisationOf(c))!, {
          open: asked,
          ...(reason ? { reason } : {}),
        });
        return { open: asked, logChange: done.record.ref };
      },
    },
    {
      id: `${registers.concern.name}.code`,
      method: 'POST',
      path: `${BASE}/${registers.concern.name}/:ref/code`,
      tag,
      summary: 'A code to follow a concern by that you raised yourself; answered once',
      access: 'member',
      mutates: false,
      body: 'none',
      handler: (c) => codeForOwn(c.app, c.ask, c.params.ref!),
    },
    {
      id: `${registers.concern.name}.reply`,
      method: 'POST',
      path: `${BASE}/${registers.concern.name}/:ref/reply`,
      tag,
      summary: 'Write to whoever raised a concern',
      access: 'member',
      mutates: true,
      input: replyBody,
      handler: async (c) => {
        const { text } = checked(replyBody, c.body);
        const done = await replyToConcern(c.app, c.ask, c.params.ref!, text);
        c.reply.header('etag', `"${done.record.version}"`);
        return done.record;
      },
    },
  ];
}
