import { uniqueKey } from '../../register/unique-key.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Test runs of an evidence file. */
export const runsOfEvidence = (evidence: string): Statement => ({
  text: `select r.ref from link k join record r on r.organisation = k.organisation and r.id = k.from_id
        where k.organisation = (select present_organisation()) and k.to_id = $1 and k.from_register = $2 and k.name = ${named.testRun.link('evidence')} order by r.number`,
  values: [evidence, named.testRun.name],
  name: 'runs-of-evidence',
});

/**
 * What is here already of a file or a reference, by what occurs once of it, or of the run that a report tells: evidence first, each with the releases
 * that it is of.
 */
export const evidenceKnown = (once: string, run: string): Statement => ({
  text: `select r.ref, r.register, coalesce((select jsonb_agg(l.ref) from link k join record l on l.organisation = k.organisation and l.id = k.to_id
      where k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.testRun.link('release')}), '[]'::jsonb) as releases from record r
    where r.organisation = (select present_organisation()) and (r.register, r.unique_key) in (($1, $2), ($3, $4)) order by r.register limit 1`,
  values: [named.evidence.name, once, named.testRun.name, uniqueKey(run)],
  name: 'evidence-known',
});

/** Notes that the bytes of a file are kept. */
export const keepFile = (organisation: number, sha256: string, bytes: number, at: Date): Statement => ({
  text: 'insert into blob (organisation, sha256, bytes, at) values ($1, $2, $3, $4) on conflict do nothing',
  values: [organisation, sha256, bytes, at],
});
