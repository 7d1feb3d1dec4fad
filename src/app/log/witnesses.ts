import type { WitnessList, WitnessView } from '../../answers/log.ts';
import { deed } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { witnessFromVkey } from '../../ledger/index.ts';
import * as cell from '../../store/db/cells.ts';
import { dropWitness, keepWitness, openSize, witnessesListed } from '../../store/log/witnesses.ts';
import type { App, Asking } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';
import { demandKeeper, recordLogChange } from './log-admin.ts';
import { webAddress } from './web-address.ts';

/** Most witnesses of one organisation: each is asked for every checkpoint, and each adds a line to it. */
export const MAX_WITNESSES = 16;

const no = failures('witness', {
  asked: ['ALREADY_EXISTS', 'The witness {name} is asked at {url} already.'],
  many: ['CONFLICT', 'A log has at most {most} witnesses: remove one first.'],
  notAsked: ['NOT_FOUND', 'No witness with this key is asked; the list of witnesses has their keys.'],
  longKey: ['INVALID', 'vkey: has at most 1200 characters.', '/vkey'],
  badKey: ['INVALID', 'vkey: {why}.', '/vkey'],
});

/** The witnesses that are asked, in the order in which they were added. */
export async function listWitnesses(app: App, organisation: number): Promise<WitnessList> {
  const [rows, logs] = await app.db.run(organisation, [witnessesListed, openSize]);
  return {
    size: cell.number(logs![0]!.size),
    items: rows!.map((r) => ({
      name: cell.text(r.vkey).split('+')[0]!,
      vkey: cell.text(r.vkey),
      url: cell.text(r.url),
      addedAt: cell.moment(r.added_at).toISOString(),
      cosigned: r.size === null ? null : { size: cell.number(r.size), at: cell.moment(r.at).toISOString() },
      askedAt: cell.orNull(cell.moment)(r.asked_at)?.toISOString() ?? null,
      problem: cell.textOrNull(r.problem),
    })),
  };
}

/**
 * Has a witness asked to cosign every checkpoint from now on; the log says so. A known key with another address moves there. Fails INVALID
 * when the key is none of a witness or the address none to ask, ALREADY_EXISTS when nothing would change.
 */
export async function addWitness(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: { vkey: string; url: string; reason?: string },
): Promise<{ witness: WitnessView }> {
  const as = demandKeeper(ask, deed('addWitness'));
  const vkey = o.vkey.trim();
  demandWitnessKey(vkey);
  const url = addressOf(app, o.url);
  const { items } = await listWitnesses(app, organisation.id);
  const known = items.find((w) => w.vkey === vkey);
  if (known?.url === url) throw no('asked', { name: known.name, url });
  if (!known && items.length >= MAX_WITNESSES) throw no('many', { most: MAX_WITNESSES });
  const now = app.clock.now();
  const witness: WitnessView = {
    name: vkey.split('+')[0]!,
    vkey,
    addedAt: now.toISOString(),
    cosigned: null,
    askedAt: null,
    ...known,
    url,
    problem: null,
  };
  await recordLogChange(app, ask, organisation, {
    as,
    told: { witness },
    kind: 'witnessAdded',
    subject: vkey,
    reason: o.reason,
    detail: url,
    notes: [{ about: 'witness.add', vkey }],
    also: [keepWitness(vkey, url, now)],
  });
  return { witness };
}

/** Has a witness asked no more; the log says so. Cosignatures it gave stay. */
export async function removeWitness(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: { vkey: string; reason?: string },
): Promise<{ witness: null }> {
  const as = demandKeeper(ask, deed('removeWitness'));
  const vkey = o.vkey.trim();
  demandWitnessKey(vkey);
  const known = await demandWitness(app, organisation.id, vkey);
  await recordLogChange(app, ask, organisation, {
    as,
    kind: 'witnessRemoved',
    subject: vkey,
    reason: o.reason,
    detail: known.url,
    notes: [{ about: 'witness.remove', vkey }],
    also: [dropWitness(vkey, app.clock.now())],
  });
  return { witness: null };
}

async function demandWitness(app: App, organisation: number, vkey: string): Promise<WitnessView> {
  const found = (await listWitnesses(app, organisation)).items.find((w) => w.vkey === vkey);
  if (found) return found;
  throw no('notAsked');
}

function demandWitnessKey(vkey: string): void {
  if (vkey.length > 1200) throw no('longKey');
  try {
    witnessFromVkey(vkey);
  } catch (error) {
    throw error instanceof Failure ? no('badKey', { why: error.said ?? error.message }) : error;
  }
}

/** Requests go below it: no query. */
const addressOf = (app: App, text: string): string =>
  webAddress(app, text, {
    example: 'https://witness.example.com',
    query: false,
    shorten: (href) => href.replace(/\/(add-checkpoint\/?)?$/, ''),
  });
