import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Links are known by the digest of their token alone. */
export const keepLinks = (k: {
  /** Identity of the document. */
  document: string;
  edition: number;
  digest: string;
  communication: string;
  expiresAt: Date;
  links: readonly { hash: string; person: string }[];
}): Statement => ({
  text: `insert into acknowledgement_link (organisation, token_hash, document, edition, digest, person, communication, expires_at)
    select (select present_organisation()), x.hash, $1, $2, $3, x.person, $4, $5 from unnest($6::text[], $7::text[]) as x(hash, person)`,
  values: [
    k.document,
    k.edition,
    k.digest,
    k.communication,
    k.expiresAt,
    k.links.map((l) => l.hash),
    k.links.map((l) => l.person),
  ],
});

/** Links to a document that could still be used now: all, or those of some people. */
export interface LinksOut {
  document: string;
  now: Date;
  people?: readonly string[];
}

const OUT = `organisation = (select present_organisation()) and document = $1 and used_at is null and withdrawn_at is null and expires_at > $2 and ($3::text[] is null or person = any($3))`;

/** How many are out, by the communication that gave them out. */
export const linksGivenOut = (l: LinksOut): Statement => ({
  text: `select communication, count(*)::int as n from acknowledgement_link where ${OUT} group by 1 order by 1 limit 100`,
  values: [l.document, l.now, l.people ?? null],
});

/** Withdraws those that these communications gave out. */
export const takeBackLinks = (l: LinksOut, communications: readonly string[]): Statement => ({
  text: `update acknowledgement_link set withdrawn_at = $2 where ${OUT} and communication = any($4)`,
  values: [l.document, l.now, l.people ?? null, communications],
});

/** What a link is for, when it can still be used, and whose it is. */
export const linkOf = (hash: string, now: Date): Statement => ({
  text: `select d.ref as document, l.digest, p.ref as person, p.title as name, p."values"->${named.person.field('roles')} as roles from acknowledgement_link l
          join record d on d.organisation = l.organisation and d.id = l.document
          join record p on p.organisation = l.organisation and p.ref = l.person and p.register = $3 and p.state <> ${named.person.state('departed')}
        where l.organisation = (select present_organisation()) and l.token_hash = $1 and l.used_at is null and l.withdrawn_at is null
          and l.expires_at > $2`,
  values: [hash, now, named.person.name],
  name: 'acknowledgement-link',
});

/** Uses a link, once: fails with AI020 when it was used meanwhile. */
export const spendLink = (hash: string, now: Date): Statement => ({
  text: 'select use_acknowledgement_link($1, $2)',
  values: [hash, now],
});
