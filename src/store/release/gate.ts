import { newestAllowanceSql } from '../authority/newest.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { RECORD_SELECT } from '../records/records.ts';

/** Place in the log of the first version of a record. */
export const firstLeafOf = (id: string): Statement => ({
  text: `select index from leaf where organisation = (select present_organisation()) and record_id = $1 and version = 1`,
  values: [id],
});

export const aimsManagers: Statement = {
  text: `select r.ref from record r where r.organisation = (select present_organisation()) and r.register = $1
        and r.state <> ${named.person.state('departed')} and r."values"->${named.person.field('roles')} ? 'aimsManager' order by r.number limit 100`,
  values: [named.person.name],
  name: 'aims-managers',
};

/** The newest word of the gate that lets a release through. */
export const gateAllowance = (release: string): Statement => ({
  text: `select ${RECORD_SELECT} from (select d.* ${newestAllowanceSql(named.gateDecision.name, '$1', '(select present_organisation())')}) r`,
  values: [release],
  name: 'gate-allowance',
});
