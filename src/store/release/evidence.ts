import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Test runs of an evidence file. */
export const runsOfEvidence = (evidence: string): Statement => ({
  text: `select r.ref from link k join record r on r.organisation = k.organisation and r.id = k.from_id
        where k.organisation = (select present_organisation()) and k.to_id = $1 and k.from_register = $2 and k.name = ${named.testRun.link('evidence')} order by r.number`,
  values: [evidence, named.testRun.name],
  name: 'runs-of-evidence',
});

/** A file with these bytes, or a run of this number by its tool, that is here already. */
export const evidenceKnown = (sha256: string, run: string): Statement => ({
  text: `select r.ref, r.register, l.ref as release from record r
        left join link k on k.organisation = r.organisation and k.from_id = r.id and k.name = ${named.testRun.link('release')}
        left join record l on l.organisation = k.organisation and l.id = k.to_id
        where r.organisation = (select present_organisation()) and (r.register, r.unique_key) in (($1, $2), ($3, $4))
        order by r.register limit 1`,
  values: [named.evidence.name, `sha256:${sha256}`, named.testRun.name, run],
  name: 'evidence-known',
});

/** Notes that the bytes of a file are kept. */
export const keepFile = (organisation: number, sha256: string, bytes: number, at: Date): Statement => ({
  text: 'insert into blob (organisation, sha256, bytes, at) values ($1, $2, $3, $4) on conflict do nothing',
  values: [organisation, sha256, bytes, at],
});
