import { Failure } from '../base/failure.ts';
import { emptyRoot, encodeEntry } from '../ledger/index.ts';
import type { App } from './context.ts';

/** An organisation of this installation. */
export interface Organisation {
  id: number;
  slug: string;
  name: string;
  logPublic: boolean;
  demo: boolean;
  origin: string;
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
  o: { name: string; slug: string; logPublic: boolean; demo: boolean },
): Promise<Organisation> {
  const host = new URL(app.baseUrl).hostname;
  const local = ['localhost', '127.0.0.1', '[::1]', '0.0.0.0'].includes(host);
  const origin = `${local ? `openaims-${app.keys.installation()}` : host}/log/${o.slug}`;
  const at = app.clock.now();
  const entry = encodeEntry({ v: 1, type: 'log', at: at.toISOString(), act: 'open', origin });
  const client = await app.db.pool.connect();
  try {
    await client.query('begin');
    const made = await client.query<{ id: number }>(
      `insert into organisation (slug, name, log_public, demo, created_at) values ($1, $2, $3, $4, $5)
       on conflict (slug) do nothing returning id`,
      [o.slug, o.name, o.logPublic, o.demo, at],
    );
    const id = made.rows[0]?.id;
    if (id === undefined)
      throw new Failure(
        'ALREADY_EXISTS',
        `There is already an organisation called ${o.slug}; choose another short name.`,
      );
    await client.query('insert into log (organisation, origin, size, root) values ($1, $2, 0, $3)', [
      id,
      origin,
      emptyRoot(),
    ]);
    await client.query('insert into outbox (organisation, entry) values ($1, $2)', [id, entry]);
    await client.query('commit');
    app.sequencer.wake(id);
    return { id, slug: o.slug, name: o.name, logPublic: o.logPublic, demo: o.demo, origin };
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/** By short name; undefined when there is none. */
export async function findOrganisation(app: App, slug: string): Promise<Organisation | undefined> {
  const [row] = await app.db.asOwner({
    text: `select o.id, o.slug, o.name, o.log_public, o.demo, l.origin from organisation o join log l on l.organisation = o.id
      where o.slug = $1`,
    values: [slug],
    name: 'organisation',
  });
  return row
    ? {
        id: row.id as number,
        slug: row.slug as string,
        name: row.name as string,
        logPublic: row.log_public as boolean,
        demo: row.demo as boolean,
        origin: row.origin as string,
      }
    : undefined;
}
