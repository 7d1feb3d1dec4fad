import { createHash } from 'node:crypto';
import type { Edition, MadeLinks, OpenLink } from '../../answers/govern.ts';
import { deed, mayNot } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { secretToken } from '../../base/random.ts';
import type { Sentence } from '../../base/sentence.ts';
import { codeOf } from '../../base/thrown.ts';
import { contentsFrom } from '../../register/values.ts';
import { type Actor, admittedAs, type Role, rolesIn } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import {
  keepLinks,
  linkOf,
  linksGivenOut,
  spendLink,
  takeBackLinks,
} from '../../store/govern/acknowledge-links.ts';
import { acknowledgedStatement } from '../../store/govern/editions.ts';
import { iso } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';
import { anew, changedBeside } from '../write/anew.ts';
import { createRuled, store } from '../write/commit.ts';
import { readRecord } from '../write/idempotent.ts';
import { carryOut, type Intended, type Planned, together } from '../write/plan.ts';
import { ruled } from '../write/rules.ts';
import { acknowledgedOnce, acknowledgementContents, rolesText, saidMeanwhile } from './acknowledge.ts';
import {
  demandedBy,
  demandInForce,
  type Published,
  publishedOf,
  readPublished,
  stillToAcknowledge,
} from './editions.ts';

/** Links made at once. */
const MOST_LINKS = 10_000;

/** Who may ask others to read a document. */
function demandSender(app: App, ask: Asking, p: Published, deed: Sentence): string {
  const who = app.registry.of(registers.document).transitions.publish!.by;
  const as = admittedAs(ask.actor, [who].flat(), p.record.relations);
  if (as) return as;
  throw mayNot(deed, [who].flat());
}

/**
 * Makes one personal link for each person who is still to acknowledge the edition in force and has no account. Links are answered once, for whoever
 * mails them; of each only a digest is kept. A communication record says that they were given out, in the same transaction.
 */
export async function makeLinks(
  app: App,
  ask: Asking,
  organisation: Organisation,
  ref: string,
  o: { people?: readonly string[]; days: number },
): Promise<MadeLinks> {
  const published = await readPublished(app, ask, ref);
  const as = demandSender(app, ask, published, deed('sendLinks', { ref }));
  const inForce = demandInForce(published);
  if (demandedBy(inForce.contents) === 'nobody')
    throw new Failure(
      'CONFLICT',
      `${ref} is to be acknowledged by nobody; say by whom in its next edition, then make links.`,
      [{ path: '/acknowledgedBy', message: 'is nobody' }],
    );
  const missing = await stillToAcknowledge(app, ask.actor.organisation, ref, inForce);
  const asked = o.people && new Set(o.people);
  if (asked) refuseOthers(asked, missing, ref);
  const wanted = missing.filter((p) => !asked || asked.has(p.ref));
  const mailed = wanted.filter((p) => p.email !== null && !p.account);
  if (mailed.length === 0)
    throw new Failure(
      'CONFLICT',
      `Nobody who is still to acknowledge ${ref} lacks an account and has an e-mail address; no link was made.`,
    );
  if (mailed.length > MOST_LINKS)
    throw new Failure('TOO_LARGE', `At most ${MOST_LINKS} links are made at once; name the people.`);
  const now = app.clock.now();
  const expiresAt = new Date(now.getTime() + o.days * 86_400_000);
  const links = mailed.map((p) => ({ ...p, token: secretToken(app.random) }));
  const register = app.registry.of(registers.communication);
  const contents = contentsFrom(
    register,
    {
      title: `Links to acknowledge ${ref}, edition ${inForce.edition}`,
      owner: ask.actor.kind === 'person' ? ask.actor.ref : String(published.record.values.owner),
      kind: 'awareness',
      audience: `${links.length} ${links.length === 1 ? 'person' : 'people'} without an account`,
      channel: 'A personal link by e-mail',
      content: `Personal links to read and acknowledge ${ref}, edition ${inForce.edition}. They end on ${expiresAt.toISOString().slice(0, 10)}.`,
    },
    'create',
  );
  const { record } = await createRuled(app, ask, register, contents, {
    as,
    also: (communication) => [
      keepLinks({
        document: published.record.id,
        edition: inForce.version,
        digest: inForce.digest,
        communication,
        expiresAt,
        links: links.map((l) => ({ hash: sha256(l.token), person: l.ref })),
      }),
    ],
  });
  return {
    communication: record.ref,
    expiresAt: expiresAt.toISOString(),
    edition: shownEdition(inForce),
    items: links.map((l) => ({
      person: l.ref,
      name: l.name,
      email: l.email!,
      link: `${app.baseUrl}/#/acknowledge?org=${organisation.slug}&token=${l.token}`,
    })),
    withoutEmail: wanted.filter((p) => p.email === null).map((p) => p.ref),
    withAccount: wanted.filter((p) => p.account).length,
  };
}

const shownEdition = ({ edition, version, digest, publishedAt, publishedBy }: Edition): Edition => ({
  edition,
  version,
  digest,
  publishedAt,
  publishedBy,
});

function refuseOthers(asked: ReadonlySet<string>, missing: readonly { ref: string }[], ref: string): void {
  const known = new Set(missing.map((p) => p.ref));
  const others = [...asked].filter((p) => !known.has(p));
  if (others.length > 0)
    throw new Failure(
      'INVALID',
      `${others.slice(0, 5).join(', ')}: not among those who are still to acknowledge ${ref}.`,
      others
        .slice(0, 50)
        .map((p) => ({ path: '/people', message: `${p.slice(0, 40)} is not still to acknowledge it` })),
    );
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Withdraws links that were not used; what gave them out gets a version that says so. Answers how many. */
export async function withdrawLinks(
  app: App,
  ask: Asking,
  ref: string,
  o: { people?: readonly string[]; reason?: string },
): Promise<Withdrawn> {
  // Some may be used at this moment: what is answered is what is withdrawn.
  return anew(() => withdrawn(app, ask, ref, o));
}

interface Withdrawn {
  withdrawn: number;
  communications: string[];
}

async function withdrawn(
  app: App,
  ask: Asking,
  ref: string,
  o: { people?: readonly string[]; reason?: string },
): Promise<Withdrawn> {
  const published = await readPublished(app, ask, ref);
  const as = demandSender(app, ask, published, deed('withdrawLinks', { ref }));
  const now = app.clock.now();
  const which = { document: published.record.id, now, people: o.people };
  const openNow = async (db: App['db']) => {
    const [rows] = await db.run(ask.actor.organisation, [linksGivenOut(which)]);
    if (rows!.length === 0)
      throw new Failure(
        'CONFLICT',
        `No link to ${ref} is out that could still be used; nothing was withdrawn.`,
      );
    return rows!;
  };
  const open = await openNow(app.db);
  const register = app.registry.of(registers.communication);
  const planned: Planned[] = [];
  for (const { communication } of open) {
    const before = await readRecord(app, ask, register, cell.text(communication));
    planned.push(
      await ruled(app, ask, {
        register,
        before,
        contents: before,
        state: before.state,
        act: 'edit',
        actor: { ref: ask.actor.ref, as },
        reason: o.reason?.trim() || 'Links that were not used were withdrawn.',
      }),
    );
  }
  const plan = together(planned);
  const counted = (rows: readonly Row[]) => rows.reduce((n, r) => n + cell.number(r.n), 0);
  const answer: Withdrawn = {
    withdrawn: counted(open),
    communications: open.map((r) => cell.text(r.communication)),
  };
  await carryOut(
    app,
    ask,
    {
      ...plan,
      also: [
        takeBackLinks(
          which,
          open.map((r) => cell.text(r.communication)),
        ),
      ],
      judges: [
        ...plan.judges,
        async (within) => {
          const now = await openNow(within(app.db));
          if (counted(now) !== answer.withdrawn) throw changedBeside(ref);
        },
      ],
    },
    () => answer,
  );
  return answer;
}

/** 32 random bytes as base64url; anything else is not looked up. */
const FORM = /^[A-Za-z0-9_-]{43}$/;

/** One answer for every link that opens nothing: it says nothing about people, documents or organisations. */
const nothing = () =>
  new Failure(
    'NOT_FOUND',
    'This link was used, has expired, was withdrawn, or is incomplete. Ask the sender for a new one.',
  );

interface FoundLink {
  person: { ref: string; name: string; roles: Role[] };
  published: Published;
  edition: NonNullable<Published['inForce']>;
}

/** What the link is for; NOT_FOUND, always in the same words, when it opens nothing (any more). */
async function findLink(app: App, organisation: Organisation | undefined, token: string): Promise<FoundLink> {
  if (!organisation || !FORM.test(token)) throw nothing();
  const [rows] = await app.db.run(organisation.id, [linkOf(sha256(token), app.clock.now())]);
  const row = rows![0];
  if (!row) throw nothing();
  const published = await publishedOf(app, organisation.id, cell.text(row.document));
  // Another edition says something else: this link is not for it.
  if (published.inForce?.digest !== row.digest) throw nothing();
  return {
    person: {
      ref: cell.text(row.person),
      name: cell.text(row.name),
      roles: rolesIn(row.roles),
    },
    published,
    edition: published.inForce!,
  };
}

/** What somebody with a link is shown: the text, and whose link it is. */
export async function openLink(
  app: App,
  organisation: Organisation | undefined,
  token: string,
): Promise<OpenLink> {
  const { person, edition } = await findLink(app, organisation, token);
  const { values } = edition.contents;
  return {
    organisation: organisation!.name,
    name: person.name,
    title: String(values.title ?? ''),
    edition: edition.edition,
    publishedAt: edition.publishedAt,
    ...(typeof values.body === 'string' ? { body: values.body } : {}),
    ...(typeof values.address === 'string' ? { address: values.address } : {}),
  };
}

/** Whoever holds the link acknowledges, once. Nothing else can be done with it. */
export async function acknowledgeByLink(
  app: App,
  organisation: Organisation | undefined,
  token: string,
): Promise<{ title: string; edition: number; at: string }> {
  const { person, published, edition } = await findLink(app, organisation, token);
  const actor: Actor = {
    organisation: organisation!.id,
    organisationSlug: organisation!.slug,
    kind: 'person',
    ref: person.ref,
    name: person.name,
    roles: [],
  };
  const subject = published.record.ref;
  const [already] = await app.db.run(actor.organisation, [
    acknowledgedStatement(app, subject, edition, [person.ref]),
  ]);
  const contents = acknowledgementContents(app, {
    person: person.ref,
    edition,
    subject,
    method: 'link',
    rolesHeld: rolesText(person.roles),
  });
  if (already![0]) throw nothing();
  const now = app.clock.now();
  const register = app.registry.of(registers.decision);
  const record: Intended = {
    register,
    contents,
    state: register.states[0]!,
    act: 'create',
    actor: { ref: person.ref, as: 'member' },
    once: acknowledgedOnce(subject, edition, person.ref),
  };
  try {
    await store(
      app,
      { actor },
      {
        records: [record],
        at: now,
        also: [spendLink(sha256(token), now)],
      },
    );
  } catch (error) {
    if (codeOf(error) === 'AI020' || saidMeanwhile(error)) throw nothing();
    throw error;
  }
  return { title: String(edition.contents.values.title ?? ''), edition: edition.edition, at: iso(now) };
}
