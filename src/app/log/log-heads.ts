import { Failure } from '../../base/failure.ts';
import { formatPolicy, signersOf } from '../../ledger/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { HEADS, logCosigned, witnessesAsked } from '../../store/log/log-heads.ts';
import type { App } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';

/** One log of an organisation with its newest checkpoint. */
export interface LogHead {
  /** Which log, from 1. Its public address is `logPath`. */
  number: number;
  origin: string;
  size: number;
  root: Buffer;
  /** Signed note with the cosignatures that witnesses gave for it; null before the first batch. */
  checkpoint: string | null;
  /** The log that is signed on; the others are frozen and continued by the next one. */
  open: boolean;
  /** Keys that sign it or did, oldest first. */
  keys: { vkey: string; since: string; until: string | null }[];
}

/** Address of a log below the server's root. The first log keeps its address for good, whatever comes after it. */
export const logPath = (slug: string, number: number): string =>
  number === 1 ? `/log/${slug}` : `/log/${slug}/${number}`;

/** Every log of the organisation, oldest first; the last one is open. */
export async function logHeads(app: App, organisation: number): Promise<LogHead[]> {
  const [rows] = await app.db.run(organisation, [HEADS]);
  return rows!.map(toHead);
}

function toHead(row: Row): LogHead {
  const note = cell.textOrNull(row.checkpoint);
  return {
    number: cell.number(row.number),
    origin: cell.text(row.origin),
    size: cell.number(row.size),
    root: cell.bytes(row.root),
    checkpoint: note && note + cell.text(row.cosignatures),
    open: cell.flag(row.open),
    keys: (cell.orNull(cell.list(cell.list(cell.textOrNull)))(row.keys) ?? []).map(
      ([vkey, since, until]) => ({
        vkey: cell.text(vkey),
        since: new Date(cell.text(since)).toISOString(),
        until: until ? new Date(until).toISOString() : null,
      }),
    ),
  };
}

/** One log by number, the open one unless told. Throws NOT_FOUND. */
export async function logHead(app: App, organisation: Organisation, number?: number): Promise<LogHead> {
  const heads = await logHeads(app, organisation.id);
  const found = number === undefined ? heads.at(-1) : heads.find((h) => h.number === number);
  if (found) return found;
  throw new Failure('NOT_FOUND', `${organisation.slug} has no log ${number}; its newest is ${heads.length}.`);
}

/** The key to trust for a log: the newest that signed its checkpoint. One that was named a moment ago has signed nothing yet. */
export function signingKey(head: LogHead): string {
  const keys = head.keys.map((k) => k.vkey);
  return (signersOf(head.checkpoint ?? '', keys).at(-1) ?? keys.at(-1))!;
}

/**
 * The policy (C2SP tlog-policy) that this server suggests: the keys that may sign, every witness, and one of them as quorum. Whoever verifies
 * takes it as a draft: who must have cosigned is their own decision.
 */
export async function logPolicy(app: App, organisation: Organisation, head: LogHead): Promise<string> {
  const [rows] = await app.db.run(organisation.id, [witnessesAsked]);
  const now = app.clock.now().toISOString();
  const url = new URL(logPath(organisation.slug, head.number), app.baseUrl).href;
  const signing = head.keys.filter((k) => k.until === null || k.until > now);
  const witnesses = rows!.map((w, i) => ({
    name: `witness${i + 1}`,
    vkey: cell.text(w.vkey),
    url: cell.text(w.url),
  }));
  return formatPolicy({
    logs: (signing.length > 0 ? signing : head.keys.slice(-1)).map((k) => ({ vkey: k.vkey, url })),
    witnesses,
    groups:
      witnesses.length > 0
        ? [{ name: 'any-witness', threshold: 1, members: witnesses.map((w) => w.name) }]
        : [],
    quorum: witnesses.length > 0 ? 'any-witness' : 'none',
  });
}

/**
 * The newest checkpoint that covers an entry and that a witness has cosigned, or the newest of all. Somebody who trusts witnesses wants
 * the former; a checkpoint a moment older proves the same.
 */
export async function checkpointOver(
  app: App,
  organisation: number,
  head: LogHead,
  index: number,
): Promise<{ size: number; note: string }> {
  const [rows] = await app.db.run(organisation, [logCosigned(head.number, index)]);
  const cosigned = rows![0];
  if (cosigned) return { size: cell.number(cosigned.size), note: cell.text(cosigned.note) };
  return { size: head.size, note: head.checkpoint! };
}
