import type { LinkOf } from '../../register/rec.ts';
import type { Registers } from '../../registers/index.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

const HERE = 'r.organisation = (select present_organisation())';

/** What a plan said when it was last fixed, and when that was. */
export const lastFixed = (id: string): Statement => ({
  text: `select c.value, v.at from version v join content c on c.organisation = v.organisation and c.record_id = v.record_id
      and c.version = v.version and c.part = 'values'
    where v.organisation = (select present_organisation()) and v.record_id = $1 and v.transition = ${named.verificationPlan.step('fix')} order by v.version desc limit 1`,
  values: [id],
  name: 'last-fixed',
});

/** What the plan of the newest release of these systems that was handed in said when it was last fixed; not this plan. */
export const fixedBeside = (id: string, systems: readonly string[]): Statement => ({
  text: `select c.value, v.at, p.ref, r.ref as release from record s
      join link ks on ks.organisation = s.organisation and ks.to_id = s.id and ks.from_register = $3 and ks.name = ${named.release.link('system')}
      join record r on r.organisation = ks.organisation and r.id = ks.from_id and r.state not in (${named.release.state('draft', 'withdrawn')})
      join link kp on kp.organisation = r.organisation and kp.from_id = r.id and kp.name = ${named.release.link('plan')}
      join record p on p.organisation = kp.organisation and p.id = kp.to_id and p.id <> $1
      join version v on v.organisation = p.organisation and v.record_id = p.id and v.transition = ${named.verificationPlan.step('fix')}
      join content c on c.organisation = v.organisation and c.record_id = v.record_id and c.version = v.version and c.part = 'values'
    where s.organisation = (select present_organisation()) and s.ref = any($2) order by r.number desc, v.version desc limit 1`,
  values: [id, systems, named.release.name],
  name: 'fixed-beside',
});

/** Approved tickets of these kinds that name a record by a link. */
export const ticketsFor = (
  id: string,
  link: LinkOf<Registers['change']>,
  kinds: readonly string[],
): Statement => ({
  text: `select r.ref from link k join record r on r.organisation = k.organisation and r.id = k.from_id
    where ${HERE} and k.to_id = $1 and k.from_register = $2 and k.name = $4 and r.state = ${named.change.state('approved')} and r."values"->>${named.change.field('kind')} = any($3)
    order by r.number desc limit 20`,
  values: [id, named.change.name, kinds, link],
  name: 'loosening-tickets',
});

/** Criteria approved under one of the tickets already. */
export const spentStatement = (refs: readonly string[], except: string): Statement => ({
  text: `select t.ref as ticket, r.ref from record t join link k on k.organisation = t.organisation and k.to_id = t.id and k.from_register = $2 and k.name = ${named.criteria.link('change')}
      join record r on r.organisation = k.organisation and r.id = k.from_id and r.state in (${named.criteria.state('approved', 'superseded')})
    where t.organisation = (select present_organisation()) and t.ref = any($1) and r.id <> $3`,
  values: [refs, named.criteria.name, except],
  name: 'spent-tickets',
});

/** What a system said when it was last in scope. */
export const lastSaidInScope = (id: string): Statement => ({
  text: `select c.value from version v join content c on c.organisation = v.organisation and c.record_id = v.record_id
          and c.version = v.version and c.part = 'values'
        where v.organisation = (select present_organisation()) and v.record_id = $1 and v.state = ${named.aiSystem.state('inScope')} order by v.version desc limit 1`,
  values: [id],
  name: 'last-in-scope',
});
