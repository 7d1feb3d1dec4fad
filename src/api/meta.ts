import { createHash } from 'node:crypto';
import { findOrganisation } from '../app/organisations.ts';
import { describeRegister, roleLabels } from '../register/describe.ts';
import { type Registry, STEPS } from '../register/register.ts';
import type { Actor } from '../register/who.ts';
import type { Call, Operation } from './operation.ts';

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
export function metaOperation(version: string): Operation {
  const described = describedFor();
  return {
    id: 'meta',
    method: 'GET',
    path: '/api/v1/:org/meta',
    tag: 'Organisation',
    summary: 'The organisation, who you are in it, and every register as data',
    access: 'member',
    mutates: false,
    handler: async (c: Call) => {
      const o = (await findOrganisation(c.app, c.params.org!))!;
      const { ref, name, kind, roles } = c.ask.actor;
      const own = JSON.stringify({
        organisation: { slug: o.slug, name: o.name, logPublic: o.logPublic, demo: o.demo },
        me: { ref, name, kind, roles },
        roles: roleLabels,
        steps: STEPS,
        version,
      });
      const registers = described(c.app.registry, c.ask.actor);
      // Weak: the same answer may be sent compressed or not.
      const etag = `W/"${digestOf(own + registers.digest)}"`;
      // Kept by the browser of this person alone, and asked after each time.
      c.reply.header('cache-control', 'private, no-cache').header('vary', 'cookie, authorization');
      c.reply.header('etag', etag);
      if (c.request.headers['if-none-match'] === etag) {
        c.reply.code(304);
        return undefined;
      }
      c.reply.header('content-type', 'application/json; charset=utf-8');
      return `${own.slice(0, -1)},"registers":${registers.text}}`;
    },
  };
}
