import type { WitnessList, WitnessView } from '../../answers/log.ts';
import { deed } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { witnessFromVkey } from '../../ledger/index.ts';
import * as cell from '../../store/db/cells.ts';
import { dropWitness, keepWitness, openSize, witnessesListed } from '../../store/log/witnesses.ts';
import type { App, Asking } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';
import { demandKeeper, recordLogChange } from './log-admin.ts';

/** Most witnesses of one organisation: each is asked for every checkpoint, and each adds a line to it. */
export const MAX_WITNESSES = 16;

const MAX_ADDRESS = 2000;

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
  if (known?.url === url)
    throw new Failure('ALREADY_EXISTS', `The witness ${known.name} is asked at ${url} already.`);
  if (!known && items.length >= MAX_WITNESSES)
    throw new Failure('CONFLICT', `A log has at most ${MAX_WITNESSES} witnesses: remove one first.`);
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
  throw new Failure('NOT_FOUND', 'No witness with this key is asked; the list of witnesses has their keys.');
}

function demandWitnessKey(vkey: string): void {
  const bad = (message: string) => new Failure('INVALID', `vkey: ${message}.`, [{ path: '/vkey', message }]);
  if (vkey.length > 1200) throw bad('has at most 1200 characters');
  try {
    witnessFromVkey(vkey);
  } catch (error) {
    throw error instanceof Failure ? bad(error.message) : error;
  }
}

/** Everybody here can read the address, and requests go below it: no password, no query. */
function addressOf(app: App, text: string): string {
  const bad = (message: string) => new Failure('INVALID', `url: ${message}.`, [{ path: '/url', message }]);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw bad('expected an address such as https://witness.example.com');
  const refusal = app.outgoing.refusal(url.href);
  if (refusal !== undefined) throw bad(refusal);
  if (url.username || url.password)
    throw bad('must not carry a name or password; everybody here can read it');
  if (url.search || url.hash) throw bad('must not carry a part after ? or #');
  const address = url.href.replace(/\/(add-checkpoint\/?)?$/, '');
  if (address.length > MAX_ADDRESS) throw bad(`has at most ${MAX_ADDRESS} characters`);
  return address;
}
