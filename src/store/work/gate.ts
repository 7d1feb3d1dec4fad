import type { Registry } from '../../register/register.ts';
import { coveredListSql } from '../authority/covers.ts';
import { HERE, type WorkOf } from '../authority/work.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { RECORD_SELECT } from '../records/records.ts';

const RELEASE = named.release.register();

const HERE_O = 'o.organisation = (select present_organisation())';

/** So many of the newest words that the person was given by the gate are looked at. */
const WORDS = 200;

/** SQL of the numbers of the releases that may be theirs: they made it, asked the gate about it, or own its ticket. */
const THEIRS = `select o.number from record o where ${HERE_O} and o.register = ${RELEASE} and o.state = ${named.release.state('submitted')} and o.created_by = $1
  union select k.from_number from (select o.id from record o where ${HERE_O} and o.register = ${named.change.register()} and o.owner = $1 offset 0) t
    cross join lateral (select k.from_number from link k where k.organisation = (select present_organisation()) and k.to_id = t.id
      and k.from_register = ${RELEASE} and k.name = ${named.release.link('change')} offset 0) k
  union select x.number from (select o.id from record o where ${HERE_O} and o.register = ${named.gateDecision.register()} and o.created_by = $1
      and o."values"->>${named.gateDecision.field('verdict')} <> 'allow' order by o.number desc limit ${WORDS}) d
    cross join lateral (select k.to_id from link k where k.organisation = (select present_organisation()) and k.from_id = d.id
      and k.name = ${named.gateDecision.link('release')} offset 0) k
    cross join lateral (select o.number from record o where ${HERE_O} and o.id = k.to_id limit 1) x`;

/** Releases that wait and that the gate did not let through when it was asked last. */
export const notLetThrough = (registry: Registry, w: WorkOf): Statement => ({
  text: `select ${RECORD_SELECT}, d.ref as gate, d.created_at as judged, d.verdict, d.digest, d.checks, ${coveredListSql(registry, registry.get(named.release.name), 'r')} as covered
    from (${THEIRS}) c
      cross join lateral (select r.* from record r where r.organisation = (select present_organisation()) and r.register = ${RELEASE}
        and (r.state, r.number) >= (${named.release.state('submitted')}, c.number) and (r.state, r.number) <= (${named.release.state('submitted')}, c.number) limit 1) r
      cross join lateral (select o.ref, o.created_at, o."values"->>${named.gateDecision.field('verdict')} as verdict, o."values"->>${named.gateDecision.field('subjectDigest')} as digest,
          o."values"->${named.gateDecision.field('checks')} as checks
        from link k cross join lateral (select o.* from record o where o.organisation = k.organisation and o.register = ${named.gateDecision.register()} and o.number = k.from_number limit 1) o
        where k.organisation = r.organisation and k.to_id = r.id and k.from_register = ${named.gateDecision.register()} and k.name = ${named.gateDecision.link('release')}
        order by k.from_number desc limit 1) d
    where ${HERE} and $2::text is not null and d.verdict <> 'allow' order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today],
  name: 'work-gate',
});
