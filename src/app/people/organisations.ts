import { Failure } from '../../base/failure.ts';
import { emptyRoot, encodeEntry, ROWS_ENTERED } from '../../ledger/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Owner } from '../../store/db/owner.ts';
import {
  logsWithoutKey,
  noteKey,
  openOrganisation,
  organisationNamed,
} from '../../store/people/organisations.ts';
import type { App } from '../context.ts';
import type { KeyStore } from '../log/keys.ts';

/** An organisation of this installation. */
export interface Organisation {
  id: number;
  slug: string;
  name: string;
  logPublic: boolean;
  demo: boolean;
  origin: string;
  /** Which log of the organisation is open, from 1. */
  logNumber: number;
}

/** `ACME Retail Ltd.` -> `acme-retail-ltd`. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return slug || 'organisation';
}

/** Creates the organisation and opens its log; the log's first entry names its origin. All or nothing. */
export async function createOrganisation(
  app: App,
  o: {
    name: string;
    slug: string;
    logPublic: boolean;
    demo: boolean;
    size?: number;
    /** The organisation of the first run: one that was begun and broken off goes on. */
    firstRun?: boolean;
  },
): Promise<Organisation> {
  const host = new URL(app.baseUrl).hostname;
  const local = ['localhost', '127.0.0.1', '[::1]', '0.0.0.0'].includes(host);
  const origin = `${local ? `openaims-${app.keys.installation()}` : host}/log/${o.slug}`;
  const at = app.clock.now();
  const entry = encodeEntry({
    v: 1,
    type: 'log',
    at: at.toISOString(),
    act: 'open',
    origin,
    about: ROWS_ENTERED,
  });
  const keyName = `log-${o.slug}`;
  const vkey = await app.keys.makeLogKey(keyName, origin);
  const [row] = await app.db.across(
    openOrganisation({
      slug: o.slug,
      name: o.name,
      logPublic: o.logPublic,
      demo: o.demo,
      at,
      size: o.size,
      origin,
      root: emptyRoot().toString('hex'),
      vkey,
      keyName,
      entry: entry.toString('utf8'),
      firstRun: o.firstRun ?? false,
    }),
  );
  const id = cell.numberOrNull(row!.id);
  if (id === null)
    throw new Failure(
      'ALREADY_EXISTS',
      `There is already an organisation called ${o.slug}; choose another short name.`,
    );
  app.sequencer.wake(id);
  return { id, slug: o.slug, name: o.name, logPublic: o.logPublic, demo: o.demo, origin, logNumber: 1 };
}

/** By short name; undefined when there is none. */
export async function findOrganisation(app: App, slug: string): Promise<Organisation | undefined> {
  const [row] = await app.db.across(organisationNamed(slug));
  return row
    ? {
        id: cell.number(row.id),
        slug: cell.text(row.slug),
        name: cell.text(row.name),
        logPublic: cell.flag(row.log_public),
        demo: cell.flag(row.demo),
        origin: cell.text(row.origin),
        logNumber: cell.number(row.number),
      }
    : undefined;
}

/** Notes the key of every log that was opened before keys were noted: the file named after the organisation. */
export async function settleLogKeys(owner: Owner, keys: KeyStore): Promise<void> {
  const rows = await owner.ask(logsWithoutKey);
  for (const row of rows) {
    const name = `log-${row.slug}`;
    await owner.ask(
      noteKey({
        organisation: cell.number(row.id),
        log: cell.number(row.number),
        vkey: await keys.makeLogKey(name, cell.text(row.origin)),
        name,
        since: cell.moment(row.created_at),
      }),
    );
  }
}
