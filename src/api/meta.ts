import { createHash } from 'node:crypto';
import type { Meta } from '../answers/account.ts';
import { describeRegister, roleLabels } from '../register/describe.ts';
import { type Registry, STEPS } from '../register/register.ts';
import type { Actor } from '../register/who.ts';
import { type Asked, Raw } from './serve.ts';

type MetaCall = Pick<
  Asked<'meta', Record<never, never>, 'none'>,
  'app' | 'ask' | 'organisation' | 'request' | 'reply'
>;

/** A part of the answer as text, with its digest. */
interface Part {
  text: string;
  digest: string;
}

/** Sets of roles whose descriptions are kept; each is some 180 KB. Rarer ones are made anew. */
const KEPT = 16;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Every register as data, for people of these roles: made once, since nothing but an update of the program changes it. */
function describedFor(): (registry: Registry, actor: Actor) => Part {
  const kept = new Map<string, Part>();
  return (registry, actor) => {
    const key = `${actor.kind} ${[...actor.roles].sort().join()}`;
    const found = kept.get(key);
    if (found) return found;
    const text = JSON.stringify(registry.all.map((r) => describeRegister(registry, r, actor)));
    const made = { text, digest: digestOf(text) };
    if (kept.size < KEPT) kept.set(key, made);
    return made;
  };
}

/**
 * What a page must know before it can show anything. The answer is large and hardly ever changes: whoever has it asks with its digest
 * (`If-None-Match`) and is told that it still holds.
 */
export function metaAnswer(version: string) {
  const described = describedFor();
  return async ({ app, ask, organisation, request, reply }: MetaCall): Promise<Raw> => {
    const o = await organisation();
    const { ref, name, kind, roles } = ask.actor;
    const own = JSON.stringify({
      organisation: { slug: o.slug, name: o.name, logPublic: o.logPublic, demo: o.demo },
      me: { ref, name, kind, roles },
      roles: roleLabels,
      steps: STEPS,
      version,
    } satisfies Omit<Meta, 'registers'>);
    const registers = described(app.registry, ask.actor);
    // Weak: the same answer may be sent compressed or not.
    const etag = `W/"${digestOf(own + registers.digest)}"`;
    // Kept by the browser of this person alone, and asked after each time.
    reply.header('cache-control', 'private, no-cache').header('vary', 'cookie, authorization');
    reply.header('etag', etag);
    if (request.headers['if-none-match'] === etag) {
      reply.code(304);
      return new Raw(undefined);
    }
    reply.header('content-type', 'application/json; charset=utf-8');
    return new Raw(`${own.slice(0, -1)},"registers":${registers.text}}`);
  };
}
