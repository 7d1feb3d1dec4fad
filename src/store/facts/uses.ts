import type { Row, Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { RECORD_SELECT, type Stored, toStored } from '../records/records.ts';
import type { UseNames } from '../release/in-use.ts';

/** SQL of whether a vendor runs the system: all its releases that were not withdrawn ask for leave to use it, and there are some. */
export const vendorRunSql = (release: string, system: string): string =>
  `(select coalesce(bool_and(o."values"->>${named.release.field('kind')} = 'useClearance'), false) from link u
    join record o on o.organisation = u.organisation and o.id = u.from_id and o.state <> ${named.release.state('withdrawn')}
    where u.organisation = ${system}.organisation and u.to_id = ${system}.id and u.from_register = '${release}' and u.name = ${named.release.link('system')})`;

/** Answers `vendor_run`, of a system by its number. */
export const vendorRunStatement = (n: UseNames, system: string): Statement => ({
  text: `select ${vendorRunSql(n.release, 's')} as vendor_run from record s where s.organisation = (select present_organisation()) and s.ref = $1`,
  values: [system],
  name: 'system-vendor-run',
});

/**
 * The release of the system of a release that was let through last and is allowed or in use, other than that one, with its allowance and its components.
 */
export const inUseStatement = (n: UseNames, judged: string): Statement => ({
  text: `with judged as materialized (select j.id, y.to_id as system from record j join link y on y.organisation = j.organisation and y.from_id = j.id
        and y.name = ${named.release.link('system')} where j.organisation = (select present_organisation()) and j.register = $2 and j.ref = $1 limit 1),
    pair as materialized (select o.id as let, g.id as allowance from judged join link s on s.organisation = (select present_organisation())
        and s.to_id = judged.system and s.from_register = $2 and s.name = ${named.release.link('system')} and s.from_id <> judged.id
        join record o on o.organisation = s.organisation and o.id = s.from_id and o.state in (${named.release.state('allowed', 'shipped')})
          and o."values"->>${named.release.field('kind')} is distinct from 'useClearance'
        join link k on k.organisation = o.organisation and k.to_id = o.id and k.from_register = $3 and k.name = ${named.gateDecision.link('release')}
        join record g on g.organisation = k.organisation and g.id = k.from_id and g."values"->>${named.gateDecision.field('verdict')} = 'allow'
      where coalesce(g."values"->>${named.gateDecision.field('basis')}, '') <> 'emergency'
      order by g.number desc limit 1),
    parts as materialized (select let as id from pair union all select allowance from pair
      union all select k.to_id from pair join link k on k.organisation = (select present_organisation()) and k.from_id = pair.let
        and k.name = ${named.release.link('components')})
    select ${RECORD_SELECT} from parts join record r on r.organisation = (select present_organisation()) and r.id = parts.id order by r.register, r.number`,
  values: [judged, n.release, n.gateDecision],
  name: 'facts-in-use',
});

export const toInUseRecords = (rows: readonly Row[]): Stored[] => rows.map(toStored);
