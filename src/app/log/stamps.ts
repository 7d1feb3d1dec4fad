import type { StampPage, StampService, StampView } from '../../answers/log.ts';
import { deed } from '../../authority/refusal.ts';
import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import {
  dropStampService,
  keepStampService,
  STAMP_SERVICE,
  stampOf,
  stampsBelow,
  tryStampsAgain,
} from '../../store/log/stamps.ts';
import { anchorsOf, type Certificate, nameOf, readChain } from '../../timestamp/index.ts';
import type { App, Asking } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';
import { demandKeeper, recordLogChange } from './log-admin.ts';
import { nextTry } from './stamp-queue.ts';
import { webAddress } from './web-address.ts';

const no = failures('stamps', {
  noneValid: [
    'INVALID',
    "No certificate given as the authority's root is valid today; {roots}. Ask the authority for its present ones.",
    '/chain',
  ],
  noRoot: [
    'INVALID',
    "The certificates end with {last}, which {issuer} vouches for: add those above it, up to the authority's root.",
    '/chain',
  ],
  noneSet: ['CONFLICT', 'No time-stamping authority is set; there is nothing to end.'],
  noPage: ['BAD_INPUT', 'after: expected the "next" of the page before.', '/after'],
  noStamp: [
    'NOT_FOUND',
    'The checkpoint of size {size} in log {log} has no time stamp, and none waits; the list says which have.',
  ],
});
const stampSaid = catalogue('stamp', { root: '{name} until {day}' });

/** Names the authority from now on. What waits is tried with it at once. Answers what is set. */
export async function setStampService(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: { url: string; chain: string; every: 'hour' | 'day'; reason?: string },
): Promise<{ service: StampService }> {
  const as = demandKeeper(ask, deed('setStamps'));
  const url = addressOf(app, o.url);
  const certificates = readChain(o.chain);
  demandRoot(certificates);
  const now = app.clock.now();
  const valid = anchorsOf(certificates).filter((c) => c.from <= now && now <= c.until);
  if (valid.length === 0)
    throw no('noneValid', {
      roots: {
        join: 'comma',
        items: anchorsOf(certificates).map((c) =>
          stampSaid('root', { name: nameOf(c), day: c.until.toISOString().slice(0, 10) }),
        ),
      },
    });
  const chain = certificates.map((c) => c.x509.toString()).join('');
  const service = viewOf({ url, chain, every: o.every, added_at: now });
  await recordLogChange(app, ask, organisation, {
    as,
    kind: 'timeStamps',
    subject: url.slice(0, 1200),
    reason: o.reason,
    told: { service },
    detail: [
      `set: one stamp each ${o.every} in which the log grew`,
      ...service.certificates.map((c) => `certificate ${c.name}, SHA-256 ${c.sha256}`),
    ].join('\n'),
    notes: [{ about: 'stamps.set' }],
    also: [keepStampService(url, chain, o.every, now), tryStampsAgain],
  });
  return { service };
}

/**
 * Whoever checks a stamp without us needs the way up to a root: `openssl` takes no other certificate's word, and a signer's own certificate
 * would vouch for itself.
 */
function demandRoot(certificates: Certificate[]): void {
  const [top] = anchorsOf(certificates);
  if (top === undefined || top.issuer.equals(top.subject)) return;
  const issuer = top.x509.issuer.split('\n').reverse().join(', ').slice(0, 200);
  throw no('noRoot', { last: nameOf(top), issuer });
}

/** No more checkpoints are stamped; stamps that were had stay, those that wait go on waiting for an authority. */
export async function stopStamps(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: { reason?: string },
): Promise<{ service: null }> {
  const as = demandKeeper(ask, deed('endStamps'));
  const service = await stampService(app, organisation.id);
  if (!service) throw no('noneSet');
  await recordLogChange(app, ask, organisation, {
    as,
    kind: 'timeStamps',
    subject: service.url.slice(0, 1200),
    reason: o.reason,
    detail: 'off',
    notes: [{ about: 'stamps.off' }],
    also: [dropStampService],
  });
  return { service: null };
}

/** The authority, and the stamps, newest checkpoint first. `after` is `next` of the page before. */
export async function listStamps(
  app: App,
  organisation: number,
  o: { after?: string; limit: number },
): Promise<StampPage> {
  const after = o.after === undefined ? undefined : /^(\d{1,9})-(\d{1,15})$/.exec(o.after);
  if (after === null) throw no('noPage');
  const [services, rows] = await app.db.run(organisation, [
    STAMP_SERVICE,
    stampsBelow(after && { log: Number(after[1]), size: Number(after[2]) }, o.limit + 1),
  ]);
  const service = services![0] ? viewOf(services![0]) : null;
  const items = rows!.slice(0, o.limit).map((row) => toView(row, service !== null));
  const last = items.at(-1);
  return { service, items, next: rows!.length > o.limit && last ? `${last.log}-${last.size}` : null };
}

/** One stamp with its token and the certificates it was checked with. Throws NOT_FOUND. */
export async function readStamp(
  app: App,
  organisation: Organisation,
  size: number,
  log = organisation.logNumber,
): Promise<StampView & { chain: string | null; token: Buffer | null }> {
  const [services, rows] = await app.db.run(organisation.id, [STAMP_SERVICE, stampOf(log, size)]);
  const row = rows![0];
  if (!row) throw no('noStamp', { size, log });
  const view = toView(row, services!.length > 0);
  return { ...view, chain: cell.textOrNull(row.chain), token: cell.orNull(cell.bytes)(row.token) };
}

async function stampService(app: App, organisation: number): Promise<StampService | undefined> {
  const [rows] = await app.db.run(organisation, [STAMP_SERVICE]);
  return rows![0] && viewOf(rows![0]);
}

function viewOf(row: Row): StampService {
  const chain = cell.text(row.chain);
  return {
    url: cell.text(row.url),
    every: cell.oneOf(['hour', 'day'])(row.every),
    addedAt: cell.moment(row.added_at).toISOString(),
    chain,
    certificates: readChain(chain).map((c) => ({
      name: nameOf(c),
      sha256: c.x509.fingerprint256,
      until: c.until.toISOString(),
    })),
  };
}

function toView(row: Row, served: boolean): StampView {
  const triedAt = cell.orNull(cell.moment)(row.tried_at);
  const waits = row.token === null;
  return {
    log: cell.number(row.log),
    size: cell.number(row.size),
    checkpoint: cell.text(row.note),
    queuedAt: cell.moment(row.queued_at).toISOString(),
    stampedAt: cell.orNull(cell.moment)(row.stamped_at)?.toISOString() ?? null,
    url: cell.textOrNull(row.url),
    tries: cell.number(row.tries),
    triedAt: triedAt?.toISOString() ?? null,
    nextTry: waits && served && triedAt ? nextTry(cell.number(row.tries), triedAt).toISOString() : null,
    problem: waits && !served ? 'No time-stamping authority is set.' : cell.textOrNull(row.problem),
  };
}

const addressOf = (app: App, text: string): string =>
  webAddress(app, text, { example: 'https://stamps.example.com/tsa', query: true });
