import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Findings of an audit with their grade, newest last; those that were withdrawn say nothing about it. */
export const findingsOfAudit = (id: string, register: string): Statement => ({
  text: `select f.ref, f.state, f."values"->>${named.auditFinding.field('grade')} as grade from link k join record f on f.organisation = k.organisation and f.id = k.from_id
    where k.organisation = (select present_organisation()) and k.to_id = $1 and k.from_register = $2 and k.name = ${named.auditFinding.link('audit')}
      and not exists (select from version v where v.organisation = f.organisation and v.record_id = f.id and v.version = f.version
        and v.transition = ${named.auditFinding.step('withdraw')}) order by f.number`,
  values: [id, register],
  name: 'findings-of-audit',
});

/** Audits by reference with their states. */
export const auditStates = (register: string, refs: readonly string[]): Statement => ({
  text: `select r.ref, r.state, r.owner from record r where r.organisation = (select present_organisation()) and r.register = $1 and r.ref = any($2)`,
  values: [register, refs],
  name: 'audit-states',
});
