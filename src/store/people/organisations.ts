import type { Statement } from '../db/database.ts';

/** Creates an organisation with its log, all or nothing; answers its `id`, null when the short name is taken. */
export const openOrganisation = (o: {
  slug: string;
  name: string;
  logPublic: boolean;
  demo: boolean;
  at: Date;
  size: number | undefined;
  origin: string;
  root: string;
  vkey: string;
  keyName: string;
  entry: string;
  firstRun: boolean;
}): Statement => ({ text: 'select create_organisation($1::jsonb) as id', values: [JSON.stringify(o)] });

export const organisationNamed = (slug: string): Statement => ({
  text: 'select id, slug, name, log_public, demo, origin, number from organisation_named($1)',
  values: [slug],
  name: 'organisation',
});

/** The short name of the present organisation. */
export const presentSlug: Statement = {
  text: 'select slug from organisation where id = (select present_organisation())',
};

/** Logs that were opened before keys were noted. */
export const logsWithoutKey: Statement = {
  text: `select o.id, o.slug, o.created_at, l.origin, l.number from organisation o join log l on l.organisation = o.id
    where not exists (select from log_key k where k.organisation = o.id)`,
};

export const noteKey = (k: {
  organisation: number;
  log: number;
  vkey: string;
  name: string;
  since: Date;
}): Statement => ({
  text: 'insert into log_key (organisation, log, vkey, name, since) values ($1, $2, $3, $4, $5) on conflict do nothing',
  values: [k.organisation, k.log, k.vkey, k.name, k.since],
});
